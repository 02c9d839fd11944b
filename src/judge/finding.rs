//! What an author should look at, and the codes it goes by.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fix::Fix;
use crate::needs::Lack;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The guide is wrong here.
    Error,
    /// The guide's reader may stumble here.
    Warning,
    /// Good to know.
    Info,
}

macro_rules! codes {
    ($($variant:ident = $name:literal, $severity:ident;)*) => {
        /// The kinds of findings, under their names in reports and directives.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is explained in docs/findings.md under its name")]
        pub enum Code { $($variant),* }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// Its name: `false-claim`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }

            /// How much it matters where nothing lessens it.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),* }
            }
        }
    };
}

codes! {
    FalseClaim = "false-claim", Error;
    RestatedClaim = "restated-claim", Error;
    Raises = "raises", Error;
    UseBeforeDefinition = "use-before-definition", Error;
    UndefinedName = "undefined-name", Error;
    HiddenDependency = "hidden-dependency", Warning;
    CodeOutsideFence = "code-outside-fence", Error;
    UnclosedFence = "unclosed-fence", Error;
    SyntaxError = "syntax-error", Error;
    MissingFile = "missing-file", Warning;
    MissingPackage = "missing-package", Warning;
    DeadPackage = "dead-package", Error;
    NeedsNetwork = "needs-network", Warning;
    NeedsService = "needs-service", Warning;
    NeedsInput = "needs-input", Warning;
    NeedsInterpreter = "needs-interpreter", Warning;
    Timeout = "timeout", Error;
    Crash = "crash", Error;
    Limit = "limit", Error;
    OutsideAccess = "outside-access", Warning;
    VersionClaim = "version-claim", Error;
    SnapshotChanged = "snapshot-changed", Error;
    SnapshotNew = "snapshot-new", Warning;
    SnapshotOrphan = "snapshot-orphan", Warning;
    CompanionOrphan = "companion-orphan", Warning;
    UnmetExpectation = "unmet-expectation", Error;
    BadDirective = "bad-directive", Error;
    BadSetup = "bad-setup", Error;
    UnlabelledPython = "unlabelled-python", Info;
    NotebookCommand = "notebook-command", Info;
    Unverified = "unverified", Info;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = Code::ALL.iter().find(|code| code.name() == name).copied();
        known.ok_or_else(|| D::Error::custom(format!("no finding has the code `{name}`")))
    }
}

/// Any word: there may be more codes one day.
impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        json_schema!({
            "description": "The kind of a finding; `verify explain` lists all. There may be more one day.",
            "type": "string",
            "examples": names,
        })
    }
}

/// One finding, at guide bytes.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its kind.
    pub code: Code,
    /// How much it matters here.
    pub severity: Severity,
    /// Guide bytes, end exclusive.
    pub span: (usize, usize),
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// A few words for the place itself.
    pub label: String,
    /// Index of the snippet.
    pub snippet: Option<usize>,
    /// Id of the claim.
    pub claim: Option<String>,
    /// Other guide lines that matter, each with why.
    pub related: Vec<(usize, String)>,
    /// Where a directive expects it: why, in the author's words.
    pub expected: Option<String>,
    /// What to write instead.
    pub fix: Option<Fix>,
    /// What would have to be supplied.
    pub lack: Option<Lack>,
    /// The Pythons on which it was found, by their places among those that were tried.
    pub pythons: Vec<usize>,
}

impl Finding {
    /// A finding of its code's own severity.
    pub fn new(
        code: Code,
        span: (usize, usize),
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        Finding {
            code,
            severity: code.severity(),
            span,
            message: message.into(),
            help: help.into(),
            label: String::new(),
            snippet: None,
            claim: None,
            related: Vec::new(),
            expected: None,
            fix: None,
            lack: None,
            pythons: Vec::new(),
        }
    }

    /// The same, with words for the place.
    pub fn label(mut self, label: impl Into<String>) -> Finding {
        self.label = label.into();
        self
    }

    /// The same, of another severity.
    pub fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }

    /// The same, in a snippet.
    pub fn in_snippet(mut self, snippet: usize) -> Finding {
        self.snippet = Some(snippet);
        self
    }

    /// The same, found on these Pythons.
    pub fn on(mut self, pythons: impl IntoIterator<Item = usize>) -> Finding {
        self.pythons = pythons.into_iter().collect();
        self
    }

    /// The same, with another line that matters.
    pub fn related(mut self, line: usize, why: impl Into<String>) -> Finding {
        self.related.push((line, why.into()));
        self
    }
}
