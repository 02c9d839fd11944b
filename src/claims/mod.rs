//! What a guide says its code does: comments, output fences and sessions, recognised by their shape
//! and understood without looking at any result.
//!
//! Recognising (where a claim stands and what it is about: [`attach`], [`target`], [`shown`]) and
//! understanding (what it says: [`understand`], [`effect`], [`version`]) are two steps.

mod attach;
mod blocks;
mod commented;
mod docstring;
mod effect;
mod exception;
mod header;
mod in_comment;
mod lines;
mod notebook;
mod parts;
mod place;
mod remark;
mod restated;
mod sentence;
mod shape;
mod shown;
mod target;
mod understand;
mod version;
mod vocabulary;
mod words;

pub use effect::{Change, Effect};
pub use remark::{Remark, Why};
pub use shape::{is_constructor, respelled};
pub use target::Target;
pub use version::shown_since;
pub use vocabulary::is_builtin_type;
pub use words::{PLACE_AND_TIME, THOUSANDS};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::guide::Guide;
use crate::python::{Code, Versions};
use attach::Habits;
use vocabulary::Vocabulary;

/// Something the guide says its code does.
#[derive(Clone, Debug)]
pub struct Claim {
    /// `L<line>`, and `.2` for a second one on that line.
    pub id: String,
    /// First and last guide line that state it.
    pub lines: (usize, usize),
    /// Index of the snippet it belongs to.
    pub snippet: usize,
    /// What it says, by kind.
    pub kind: Kind,
    /// Where it stands.
    pub form: Form,
    /// Whether its shape alone makes it a claim.
    pub certainty: Certainty,
    /// The author's words.
    pub text: String,
    /// What should be seen, as the author shows it.
    pub expected: String,
    /// Guide bytes of the words that state it.
    pub span: (usize, usize),
    /// What it is about; where there are several, any of them may be meant.
    pub targets: Vec<Target>,
    /// What it says.
    pub meaning: Meaning,
    /// Whether an arrow, a keyword or a header introduces it.
    pub marked: bool,
    /// Whether the author says that it may differ.
    pub hedged: bool,
    /// The Python versions for which it is said.
    pub versions: Option<Versions>,
}

impl Claim {
    /// The line of a `for` that this claim's statement stands in, of its snippet, where `target` is that `for`: it
    /// is about what happens when the loop goes on, not about the rest of the body.
    pub fn head_around(&self, target: &Target) -> Option<usize> {
        let added = matches!(self.meaning, Meaning::Raises(_)) && self.form == Form::Trailing;
        let is_it = added && target.compound && self.targets.len() > 1;
        is_it.then_some(target.lines.0)
    }

    /// What other words in this claim's place would mean, so that a rewritten claim can be held against
    /// what it was rewritten to.
    pub fn reread(&self, words: &str) -> impl Iterator<Item = Meaning> {
        let named = matches!(self.meaning, Meaning::Names(_) | Meaning::Evaluates { .. });
        let target = self.targets.first();
        let known = &Vocabulary::of_anything();
        let context = understand::Context {
            prints: target.is_some_and(|target| target.prints),
            shows: target.is_some_and(|target| target.shows),
            has_value: target.is_some_and(|target| target.has_value),
            is_constant: false,
            own_line: self.form != Form::Trailing,
            names: &|_| named,
            known,
        };
        understand::understand(words, &context).into_iter().flatten().map(|understood| understood.meaning)
    }
}

/// Kinds of claims, as in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the report's own words")]
pub enum Kind {
    Value,
    Stdout,
    Expression,
    Raises,
    Effect,
    Version,
    Restated,
}

/// Where a claim stands, as in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the report's own words")]
pub enum Form {
    Trailing,
    Below,
    Above,
    Header,
    InComment,
    Prose,
    Doctest,
    OutputFence,
    Uncommented,
}

impl Certainty {
    /// What makes a comment a claim of this certainty, where an arrow, a keyword or a header introduces it or not.
    pub fn basis(self, marked: bool) -> &'static str {
        match (self, marked) {
            (Certainty::Explicit, true) => "by its mark",
            (Certainty::Explicit, false) => "by its shape",
            (Certainty::Implied, _) => "if it matches",
        }
    }
}

impl Kind {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Value => "value",
            Kind::Stdout => "stdout",
            Kind::Expression => "expression",
            Kind::Raises => "raises",
            Kind::Effect => "effect",
            Kind::Version => "version",
            Kind::Restated => "restated",
        }
    }
}

impl Form {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Form::Trailing => "trailing",
            Form::Below => "below",
            Form::Above => "above",
            Form::Header => "header",
            Form::InComment => "in-comment",
            Form::Prose => "prose",
            Form::Doctest => "doctest",
            Form::OutputFence => "output-fence",
            Form::Uncommented => "uncommented",
        }
    }
}

/// How sure we are that it is a claim at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// By its shape.
    Explicit,
    /// It merely could be one: a remark unless it (nearly) matches.
    Implied,
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// The subject's value or output is shown; any of these readings may be meant.
    Shows(Vec<String>),
    /// One line of several that the statements above printed: the one at this place from the end.
    ShowsLine {
        /// The line.
        text: String,
        /// How many lines of the same list follow it.
        from_end: usize,
    },
    /// The subject prints nothing.
    Silent,
    /// After the subject, each of these expressions has this value.
    Names(Vec<(String, String)>),
    /// An expression, evaluated right there.
    Evaluates {
        /// The expression.
        code: String,
        /// What it does.
        says: Says,
    },
    /// The subject raises an exception.
    Raises(Exception),
    /// The subject changes something.
    Effect(Effect),
    /// The subject needs certain versions of Python.
    Version(Versions),
    /// Repeats what the claim with this id says.
    Restates(String),
}

/// What an expression in a comment does.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// Its output.
    Prints(String),
    /// Its value.
    Equals(String),
    /// Its exception.
    Raises(Exception),
}

/// An exception as an author names it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Exception {
    /// Its class; any where the author says only that it fails.
    pub name: Option<String>,
    /// Its message.
    pub message: Option<String>,
    /// What is printed before it, where a fence shows both.
    pub printed: Option<String>,
}

/// Reads all claims of a guide, in reading order, and the comments that are none. `codes` are its snippets' codes,
/// parsed.
pub fn read(guide: &Guide, codes: &[Code]) -> (Vec<Claim>, Vec<Remark>) {
    let (mut claims, mut remarks) = (Vec::new(), Vec::new());
    let known = &Vocabulary::of(codes);
    let habits = Habits { known, shows_by_hashes: codes.iter().any(lines::shows_by_hashes) };
    for (index, code) in codes.iter().enumerate() {
        let of_comments = attach::claims(guide, index, code, &habits);
        claims.extend(of_comments.0);
        remarks.extend(of_comments.1);
        claims.extend(shown::doctests(guide, index, code, known));
        claims.extend(docstring::claims(guide, index, code, known));
    }
    claims.extend(shown::output_fences(guide, codes, known));
    claims.extend(restated::claims(guide, codes, &claims));
    claims.sort_by_key(|claim| claim.span);
    name(guide, &mut claims);
    (claims, remarks)
}

/// Gives each claim its id by its first line, in a companion by that line of its own file. A restated claim refers
/// to the other by its place.
fn name(guide: &Guide, claims: &mut [Claim]) {
    let mut before = None;
    let mut count = 0;
    for claim in claims.iter_mut() {
        let (file, line) = guide.place(claim.lines.0);
        let companion = file.map(|_| claim.snippet);
        count = if before == Some((companion, line)) { count + 1 } else { 1 };
        before = Some((companion, line));
        let number = if count > 1 { format!(".{count}") } else { String::new() };
        claim.id = match companion {
            None => format!("L{line}{number}"),
            Some(snippet) => format!("{}.L{line}{number}", guide.snippets[snippet].id),
        };
    }
    let ids: std::collections::HashMap<_, _> =
        claims.iter().map(|claim| (restated::key(claim.span), claim.id.clone())).collect();
    for claim in claims {
        if let Meaning::Restates(key) = &mut claim.meaning
            && let Some(id) = ids.get(key)
        {
            key.clone_from(id);
        }
    }
}
