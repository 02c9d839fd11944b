//! What every reader makes of its source, whatever the source's format: headings, code blocks, directives, each
//! with its place.

use std::ops::Range;

use super::directive::Found;
use super::{Behind, Format, Output, Problem};

/// What a source consists of.
#[derive(Debug, Default)]
pub struct Structure {
    /// What it was read from.
    pub format: Format,
    /// In order.
    pub headings: Vec<Heading>,
    /// In order.
    pub code: Vec<CodeBlock>,
    /// Lines that are code and that nothing marks as code.
    pub stray: Vec<Region>,
    /// What the author tells verify, in order.
    pub directives: Vec<Found>,
    /// What is wrong with the source itself.
    pub problems: Vec<Problem>,
}

/// A heading. Its line counts from 1.
#[derive(Debug)]
pub struct Heading {
    /// From 1; the lower the level, the larger the section.
    pub level: usize,
    /// Its text without markup.
    pub text: String,
    /// The guide line.
    pub line: usize,
    /// The label that it gives its block, where the text does not make it.
    pub label: Option<String>,
}

impl Heading {
    /// A heading whose text makes its label.
    pub fn new(level: usize, text: String, line: usize) -> Heading {
        Heading { level, text, line, label: None }
    }
}

/// A fenced, indented or otherwise marked code block. Lines count from 1.
#[derive(Debug, Default)]
pub struct CodeBlock {
    /// The info string; `None` for an indented block.
    pub info: Option<String>,
    /// The line of the opening fence (of the code, for an indented block).
    pub opening: usize,
    /// The last line that belongs to the block, the closing fence included.
    pub closing: usize,
    /// The options of its directive, such as `:caption: shapes.py`.
    pub options: Vec<String>,
    /// The code's lines, containers and the fence's indentation removed.
    pub code: Vec<CodeLine>,
    /// What it shows of the block above it, where the format says so.
    pub output: Option<Output>,
    /// What is behind it, should it be a snippet.
    pub behind: Behind,
}

/// One line of a code block.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeLine {
    /// Its text without its end.
    pub text: String,
    /// Byte offset in the guide of the text's first character.
    pub at: usize,
}

impl CodeLine {
    /// What is left of the line behind its first `bytes`.
    pub fn without(&self, bytes: usize) -> CodeLine {
        CodeLine { text: self.text[bytes..].to_owned(), at: self.at + bytes }
    }

    /// The line with nothing on it.
    pub fn emptied(&self) -> CodeLine {
        CodeLine { text: String::new(), at: self.at }
    }

    /// How many bytes of blank it starts with.
    pub fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start_matches([' ', '\t']).len()
    }

    /// Whether there is nothing on it.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// A run of guide lines (from 1, both ends included) that are code outside any fence.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// First line.
    pub first: usize,
    /// Last line.
    pub last: usize,
    /// Whether it follows a fence line that was never closed: then it is that fence's code.
    pub fenced: bool,
}

/// The lines of a range of a text, each without its end.
pub fn lines_of(text: &str, range: Range<usize>) -> Vec<CodeLine> {
    let mut at = range.start;
    let line = |whole: &str| {
        let line = CodeLine { text: whole.trim_end_matches(['\n', '\r']).to_owned(), at };
        at += whole.len();
        line
    };
    text[range].split_inclusive('\n').map(line).collect()
}
