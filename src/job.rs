//! What a run is asked for: the statements that run and the places that are looked at. The runner reads
//! it as JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::needs::{Database, Setup};

/// One run, as the runner in the child reads it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Job {
    /// The file name that tracebacks show: the guide's path.
    pub guide: String,
    /// What lies in its working folder.
    pub files: Vec<File>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// What is typed.
    pub stdin: Option<Arc<str>>,
    /// Databases to make in its working folder.
    pub sqlite: Vec<Database>,
    /// What runs first, in the same namespace.
    pub setup: Vec<Setup>,
    /// What runs, in order.
    pub units: Vec<Unit>,
    /// How many of them belong to earlier snippets.
    pub before: usize,
    /// Names to look for at the end.
    pub names: Vec<String>,
}

impl Job {
    /// Whether its code names a module, by its first part: else it hardly imports it.
    pub fn speaks_of(&self, module: &str) -> bool {
        let root = module.split('.').next().unwrap_or(module);
        let is_named =
            |code: &str| code.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == root);
        let texts = self.files.iter().filter_map(|file| match &file.body {
            Body::Text(text) => Some(text.as_str()),
            Body::Base64(_) => None,
        });
        let units = self.units.iter().map(|unit| unit.source.as_str());
        let setup = self.setup.iter().map(|setup| &*setup.code);
        units.chain(setup).chain(texts).any(is_named)
    }
}

/// A file that a run finds.
#[derive(Clone, Debug, Serialize)]
pub struct File {
    /// Its path, relative to where the snippet runs.
    pub path: String,
    /// What is in it.
    #[serde(flatten)]
    pub body: Body,
    /// Whether it can be run.
    pub executable: bool,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// A text.
    Text(String),
    /// Any bytes.
    Base64(String),
}

/// A top-level statement (several, where they share a line).
#[derive(Clone, Debug, Serialize)]
pub struct Unit {
    /// The guide line of its first line.
    pub line: usize,
    /// Its text.
    pub source: String,
    /// Whether expressions show their value, as at a prompt.
    pub interactive: bool,
    /// What is looked at while it runs.
    pub probes: Vec<Probe>,
}

/// A place whose values, exceptions or states are wanted. Lines are the guide's, columns are bytes
/// from 0 within the unit's line, as in Python's `ast`.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// Names the probe in the events.
    pub id: usize,
    /// `statement` or `expression`.
    pub part: Part,
    /// Where it starts.
    pub line: usize,
    /// Where it starts.
    pub column: usize,
    /// Where it ends.
    pub end_line: usize,
    /// Where it ends.
    pub end_column: usize,
    /// Whether the statement's own value is wanted.
    pub value: bool,
    /// Expressions (names, attributes) to read after it.
    pub after: Vec<String>,
    /// Expressions to evaluate after it, in a process of their own.
    pub evaluate: Vec<String>,
    /// Whether the state of the objects that it names is wanted, before and after.
    pub state: bool,
}

/// What a probe stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Part {
    Statement,
    Expression,
}
