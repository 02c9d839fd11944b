//! Comments that are no claims, and what tells them from claims.

use super::lines::words;
use crate::guide::Snippet;
use crate::python::Comment;

/// A comment line that claims nothing.
#[derive(Clone, Debug)]
pub struct Remark {
    /// The index of its snippet.
    pub snippet: usize,
    /// Its guide line.
    pub line: usize,
    /// Its words.
    pub text: String,
    /// What tells it from a claim.
    pub why: Why,
}

/// What tells a comment from a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There are no words.
    Empty,
    /// It is longer than anything that anybody claims.
    TooLong,
    /// It talks to a tool or to the author, or it is a ruler.
    Aside,
    /// It numbers a step or a section.
    Numbered,
    /// It announces what the lines below it show.
    Announces,
    /// It ends with a colon: it leads to what follows.
    Introduces,
    /// It stands between the brackets of a statement.
    Inside,
    /// It stands beside nothing that has a value or does something.
    NoStatement,
    /// It stands apart from the statements that it could be about.
    Apart,
    /// It names an exception or a value where no statement could have one.
    NoValue,
    /// Its words are no value, and the statement shows nothing that they could be.
    NotShown,
}

impl Why {
    /// For a reader who expected a claim.
    pub fn reason(self) -> &'static str {
        match self {
            Why::Empty => "it has no words",
            Why::TooLong => "it is too long",
            Why::Aside => "it is for a tool or for the author, or a ruler",
            Why::Numbered => "it numbers a step or a section",
            Why::Announces => "it announces the lines below it",
            Why::Introduces => "it ends with a colon",
            Why::Inside => "it stands between the brackets of a statement",
            Why::NoStatement => "it stands beside nothing that has a value",
            Why::Apart => "it stands apart from what it could be about",
            Why::NoValue => "the statement has no value and raises nothing",
            Why::NotShown => "its words are no value, and the statement shows nothing",
        }
    }
}

impl Remark {
    /// A comment of a snippet.
    pub fn new(snippet: &Snippet, index: usize, comment: &Comment, why: Why) -> Remark {
        let text = words(comment).trim().to_owned();
        Remark { snippet: index, line: snippet.guide_line(comment.line), text, why }
    }
}
