//! What a run left, put in order: the facts that the judge works on.

mod events;
mod parts;

pub use events::observation;

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::kept::Key;
use super::protocol::{Ending, Lacking};
use crate::value::Value;

/// What happened in one run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Observation {
    /// The day of the run in the ways that programs write it.
    pub today: Vec<String>,
    /// How the process ended.
    pub ending: Option<Ending>,
    /// Whether the runner came to its own end.
    pub done: bool,
    /// Real time, in milliseconds.
    pub duration_ms: f64,
    /// Bytes written to standard output and standard error, up to the limit.
    pub output: [Vec<u8>; 2],
    /// Whether more was written than is kept.
    pub truncated: bool,
    /// What happened to each unit that was started.
    pub units: BTreeMap<usize, UnitSeen>,
    /// Every execution of each probe's place, in order.
    pub probes: BTreeMap<usize, Vec<Execution>>,
    /// Which guide lines caused the output from a byte on, innermost first.
    pub marks: Vec<Mark>,
    /// The step before the first unit that did not come to a good end.
    pub setup: Option<SetupSeen>,
    /// Units that tried to reach another machine, and which.
    pub network: Vec<(usize, String)>,
    /// Units that went for a server on this machine, and its port.
    pub servers: Vec<(usize, u16)>,
    /// What was to be around it and was not there.
    pub lacking: Vec<Lacking>,
    /// Whether earlier snippets had changed what every snippet takes for granted: builtins, the streams.
    pub tampered: bool,
    /// The looked-for names that exist at the end.
    pub names: HashSet<String>,
    /// Guide lines of the traceback dumped at a crash or timeout, innermost first.
    pub last_lines: Vec<usize>,
    /// What it is kept under; nothing where it is not kept.
    #[serde(skip)]
    pub kept: Option<Key>,
}

/// A step before the first unit: code that runs first, or a database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetupSeen {
    /// Where it is written.
    pub place: String,
    /// The database that it makes.
    pub database: Option<String>,
    /// The line of its text at which it failed.
    pub line: Option<usize>,
    /// The exception, where it came to that.
    pub failure: Option<Failure>,
}

/// A unit that was started.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct UnitSeen {
    /// Bytes of each stream at its start.
    pub start: [usize; 2],
    /// Bytes of each stream at its end, if it came to it.
    pub end: Option<[usize; 2]>,
    /// The exception that left it.
    pub failure: Option<Failure>,
}

/// From a byte of a stream on, these guide lines caused the output.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mark {
    /// 0 for standard output, 1 for standard error.
    #[serde(rename = "s")]
    pub stream: usize,
    /// Guide lines on the stack, innermost first.
    #[serde(rename = "l")]
    pub lines: Vec<usize>,
    /// Bytes written to each stream before.
    #[serde(rename = "o")]
    pub at: [usize; 2],
}

/// One execution of the place that a probe stands on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Execution {
    /// Bytes of each stream at its start.
    pub start: [usize; 2],
    /// Bytes of each stream at its end, if it came to it.
    pub end: Option<[usize; 2]>,
    /// Values, each with its role: `value`, `assigned`, `returned`, `yielded`, `test`, `item`, `after:x`.
    pub values: Vec<Seen>,
    /// The exception that left it.
    pub caught: Option<Failure>,
    /// The state of the objects it names, before.
    pub before: Vec<Fact>,
    /// The same, after.
    pub after: Vec<Fact>,
    /// Expressions of claims, evaluated after it.
    pub evaluated: Vec<Evaluated>,
}

/// A value that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Where it was seen.
    #[serde(default)]
    pub role: String,
    /// The value, taken apart.
    #[serde(rename = "v")]
    pub value: Value,
    /// Its `repr`.
    pub repr: String,
    /// Its `str`, where that differs.
    pub str: Option<String>,
    /// An iterator's items.
    #[serde(default)]
    pub contents: Option<Vec<Value>>,
}

impl Seen {
    /// Whether its `repr` fails: then two of them look the same, whatever they are.
    pub fn is_unspeakable(&self) -> bool {
        self.repr.starts_with("<repr raised ")
    }
}

/// A fact about an object's state: path, kind, items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact(pub String, pub String, pub Vec<String>);

/// What became of an expression of a claim.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evaluated {
    /// The expression.
    pub code: String,
    /// What it printed.
    pub out: String,
    /// Its value.
    pub fact: Option<Seen>,
    /// Its exception.
    #[serde(rename = "e")]
    pub failure: Option<Failure>,
}

/// An exception. Lines are the guide's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Its class's name.
    #[serde(rename = "type")]
    pub kind: String,
    /// The names of its class and all its bases.
    pub bases: Vec<String>,
    /// `str` of it.
    pub message: String,
    /// The name that was not found (`NameError`, `ImportError`).
    pub name: Option<String>,
    /// The file that was not found (`OSError`).
    pub filename: Option<String>,
    /// The line of a `SyntaxError`.
    pub syntax_line: Option<usize>,
    /// Its class's name and those of the exceptions it came from.
    pub chain: Vec<String>,
    /// The guide's lines in its traceback, outermost first.
    pub lines: Vec<usize>,
    /// The line of the running statement.
    pub line: Option<usize>,
    /// The files of packages that were being imported when it came, outermost first.
    #[serde(default)]
    pub importing: Vec<String>,
    /// The module that another exception, from which it came, did not find.
    #[serde(default)]
    pub lacking: Option<String>,
}

impl Failure {
    /// Whether its class is or derives from one of that name.
    pub fn is_a(&self, class: &str) -> bool {
        let last = class.rsplit('.').next().unwrap_or(class);
        self.bases.iter().any(|base| base == last)
    }

    /// The last line of its traceback, without where this machine keeps a module.
    pub fn headline(&self) -> String {
        let path = self.message.rfind(" (/").filter(|_| self.kind == "ImportError");
        match &self.message[..path.unwrap_or(self.message.len())] {
            "" => self.kind.clone(),
            message => format!("{}: {message}", self.kind),
        }
    }
}

impl Observation {
    /// The text of a stream (0 or 1) between two offsets.
    pub fn text(&self, stream: usize, from: usize, to: usize) -> String {
        let bytes = &self.output[stream];
        let to = to.min(bytes.len());
        String::from_utf8_lossy(&bytes[from.min(to)..to]).into_owned()
    }

    /// The last lines of that text, at most so many.
    pub fn last_lines_of(&self, stream: usize, from: usize, to: usize, most: usize) -> String {
        let to = to.min(self.output[stream].len());
        let bytes = &self.output[stream][from.min(to)..to];
        let ends = (0..bytes.len().saturating_sub(1)).rev().filter(|at| bytes[*at] == b'\n');
        let start = ends.take(most).nth(most.saturating_sub(1)).map_or(0, |end| end + 1);
        String::from_utf8_lossy(&bytes[start..]).into_owned()
    }

    /// What that text ends with behind its last line end.
    pub fn begun_line(&self, stream: usize, from: usize, to: usize) -> String {
        let to = to.min(self.output[stream].len());
        let bytes = &self.output[stream][from.min(to)..to];
        let start = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        String::from_utf8_lossy(&bytes[start..]).into_owned()
    }

    /// The last unit that was started.
    pub fn last_unit(&self) -> Option<usize> {
        self.units.keys().next_back().copied()
    }
}
