//! What is handed to a reader or a program: one [`Report`], and a file for each format of it.
//! Nothing here computes.

mod concise;
pub mod explained;
mod fingerprint;
mod folders;
mod format;
mod full;
mod github;
mod gitlab;
pub mod html;
mod json;
mod junit;
mod markdown;
mod place;
mod sarif;
pub mod summary;

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::claims::{Certainty, Form, Kind};
use crate::judge::{Code, Decision, Severity};
use crate::needs::Lack;
use crate::run::protocol::Sandbox;
pub use folders::Folders;
pub use format::{Destination, Format, Style};

/// The version of the JSON report.
pub const SCHEMA: u32 = 1;

/// Everything that a run of verify found. Lines and columns count from 1, both ends inclusive;
/// columns are code points. Fields are the JSON report's.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the report's fields are described with its format in docs/report.md")]
pub struct Report {
    pub schema: u32,
    pub tool: Tool,
    pub pythons: Vec<Python>,
    pub environments: Vec<EnvironmentReport>,
    pub sandbox: Sandbox,
    /// Whether waiting was simulated on all of them.
    pub virtual_time: bool,
    /// What was left out because it has not changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// Which part of a run that was divided this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// How many guides were not checked, since one before them is wrong.
    #[serde(default, skip_serializing_if = "is_none_left")]
    pub left_out: usize,
    pub guides: Vec<GuideReport>,
    pub summary: Summary,
}

/// Only what changed since a revision was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Since {
    pub revision: String,
    /// How many snippets there are, changed or not.
    pub snippets: usize,
}

/// One part of a run that was divided. All parts name all guides, and each snippet is in one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Shard {
    /// From 1.
    pub index: usize,
    pub count: usize,
    /// A digest of what is in which part, and of what was asked for: parts of one run have the same.
    pub plan: String,
}

/// The program that made the report.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Tool {
    pub name: String,
    pub version: String,
}

/// An interpreter that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Python {
    pub id: String,
    pub version: String,
    pub implementation: String,
    pub path: String,
    pub embedded: bool,
    /// Whether waiting was simulated on it.
    pub virtual_time: bool,
}

/// What was installed for snippets of one Python. Those that ask for nothing are not mentioned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct EnvironmentReport {
    pub python: String,
    pub packages: Vec<String>,
    /// Where it is; nowhere if it could not be made.
    pub path: Option<String>,
    /// Why it could not be made.
    pub error: Option<String>,
    pub help: Option<String>,
    /// The last lines of what installs.
    pub said: Vec<String>,
}

/// One guide.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct GuideReport {
    pub path: String,
    /// Why it could not be checked.
    pub error: Option<String>,
    /// What all that it says comes from: the file, the companions, the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    pub snippets: Vec<SnippetReport>,
    pub claims: Vec<ClaimReport>,
    /// Comments that are no claims.
    #[serde(skip)]
    pub remarks: Vec<RemarkReport>,
    pub findings: Vec<FindingReport>,
    /// The guide's text, for the formats that show it; empty where it is not to be had any more.
    #[serde(skip)]
    pub text: String,
    /// Its companions by their paths, with their texts.
    #[serde(skip)]
    pub companions: BTreeMap<String, String>,
}

impl GuideReport {
    /// The path and the text of a file that it speaks of: the guide, or one of its companions.
    pub fn file<'a>(&'a self, companion: Option<&'a String>) -> (&'a str, &'a str) {
        match companion {
            Some(path) => (path, self.companions.get(path).map_or("", String::as_str)),
            None => (&self.path, &self.text),
        }
    }

    /// Counts everything in it.
    pub fn count(&self) -> Summary {
        let mut sum = Summary::default();
        self.count_into(&mut sum);
        sum
    }

    /// What the exit code would be of a run of this guide alone.
    pub fn exit_code(&self, strict: bool) -> u8 {
        if self.error.is_some() {
            return 2;
        }
        let sum = self.count();
        u8::from(sum.errors > 0 || (strict && (sum.warnings > 0 || sum.undecided > 0)))
    }

    fn count_into(&self, sum: &mut Summary) {
        sum.guides += 1;
        sum.snippets += self.snippets.len();
        sum.claims += self.claims.len();
        for claim in &self.claims {
            match claim.decision() {
                Decision::Holds => sum.holds += 1,
                Decision::False => sum.false_ += 1,
                Decision::Undecided | Decision::Remark => sum.undecided += 1,
            }
        }
        for finding in &self.findings {
            match (finding.expected, finding.severity) {
                (true, _) => sum.expected += 1,
                (false, Severity::Error) => sum.errors += 1,
                (false, Severity::Warning) => sum.warnings += 1,
                (false, Severity::Info) => {}
            }
            sum.unverified += usize::from(finding.code == Code::Unverified);
        }
    }
}

/// One snippet.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct SnippetReport {
    pub id: String,
    pub block: String,
    pub headings: Vec<String>,
    pub lines: (usize, usize),
    pub fenced: bool,
    pub needs: Vec<String>,
    pub runs: Vec<Run>,
}

/// One run of a snippet.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Run {
    pub python: String,
    pub status: Status,
    pub reason: Option<String>,
    pub line: Option<usize>,
    /// First and last lines of statements that were never started.
    #[serde(default)]
    pub not_run: Vec<(usize, usize)>,
    pub stdout: String,
    pub stderr: String,
    pub truncated: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub printed: Vec<Printed>,
    pub duration_ms: f64,
}

/// What one line of a snippet printed to one stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Printed {
    pub line: usize,
    pub stream: Stream,
    pub text: String,
    /// Whether it printed more than is kept here.
    pub truncated: bool,
}

/// Where something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Stream {
    Stdout,
    Stderr,
}

/// How a run ended; of several troubles the first in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "see Report")]
pub enum Status {
    Invalid,
    Skipped,
    Crashed,
    TimedOut,
    Blocked,
    Raised,
    Ran,
}

/// One claim.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct ClaimReport {
    pub id: String,
    /// The companion in which it stands, if not in the guide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub lines: (usize, usize),
    pub snippet: String,
    pub kind: Kind,
    pub form: Form,
    pub certainty: Certainty,
    pub text: String,
    pub expected: String,
    pub subject: Option<Subject>,
    /// Whether an arrow, a keyword or a header introduces it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub marked: bool,
    pub verdicts: Vec<VerdictReport>,
}

/// A comment that is no claim.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "see Report")]
pub struct RemarkReport {
    pub file: Option<String>,
    pub line: usize,
    pub text: String,
    /// What tells it from a claim.
    pub why: Cow<'static, str>,
}

impl ClaimReport {
    /// What it counts as: false if it is false on any Python, holds if it holds on one and is undecided on
    /// none that it is for.
    pub fn decision(&self) -> Decision {
        let on = |decision| self.verdicts.iter().any(|verdict| verdict.verdict == decision);
        let in_doubt =
            |verdict: &VerdictReport| verdict.verdict == Decision::Undecided && !verdict.is_for_others();
        match () {
            () if on(Decision::False) => Decision::False,
            () if on(Decision::Holds) && !self.verdicts.iter().any(in_doubt) => Decision::Holds,
            () => Decision::Undecided,
        }
    }
}

impl VerdictReport {
    /// Whether the claim, or its code, is for other versions than this Python's.
    fn is_for_others(&self) -> bool {
        let reason = self.reason.as_deref().unwrap_or_default();
        ["other version", "needs interpreter"].iter().any(|word| reason.starts_with(word))
    }
}

/// What a claim is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Subject {
    pub lines: (usize, usize),
    pub code: String,
}

/// A verdict on one Python.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct VerdictReport {
    pub python: String,
    pub verdict: Decision,
    pub actual: Option<String>,
    pub reason: Option<String>,
}

/// One finding.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct FindingReport {
    pub code: Code,
    pub severity: Severity,
    /// The companion in which it stands, if not in the guide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    pub expected: bool,
    /// Why it is expected, in the author's words.
    pub reason: Option<String>,
    pub message: String,
    pub help: String,
    pub snippet: Option<String>,
    pub claim: Option<String>,
    pub pythons: Vec<String>,
    pub related: Vec<Related>,
    pub fix: Option<Fix>,
    /// What would have to be supplied.
    #[serde(skip)]
    pub lack: Option<Lack>,
    /// A few words for the place itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Bytes of the text of its file, end exclusive.
    #[serde(skip)]
    pub span: (usize, usize),
}

/// Another line that matters to a finding.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Related {
    /// The companion in which it stands, if not in the guide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    pub line: usize,
    pub message: String,
}

/// A replacement that mends the guide.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Fix {
    pub range: Range,
    pub replacement: String,
    /// The same range in the text of its file, which has no byte order mark.
    #[serde(skip)]
    pub span: (usize, usize),
}

/// Bytes of the guide's file, end exclusive.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Range {
    pub start: usize,
    pub end: usize,
}

/// Counts over all guides. What was expected counts under `expected` alone.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "see Report")]
pub struct Summary {
    pub guides: usize,
    pub snippets: usize,
    pub unverified: usize,
    pub claims: usize,
    pub holds: usize,
    #[serde(rename = "false")]
    pub false_: usize,
    pub undecided: usize,
    pub errors: usize,
    pub warnings: usize,
    pub expected: usize,
    pub duration_ms: u64,
}

impl Report {
    /// What a whole check of guides found; nothing is counted yet.
    pub fn new(
        pythons: Vec<Python>,
        environments: Vec<EnvironmentReport>,
        sandbox: Sandbox,
        guides: Vec<GuideReport>,
    ) -> Report {
        Report {
            schema: SCHEMA,
            tool: Tool { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() },
            virtual_time: pythons.iter().all(|python| python.virtual_time),
            pythons,
            environments,
            sandbox,
            since: None,
            shard: None,
            left_out: 0,
            guides,
            summary: Summary::default(),
        }
    }

    /// The JSON schema of the report, for programs that read it.
    pub fn schema() -> Schema {
        schemars::schema_for!(Report)
    }

    /// The Pythons on which something was found, in brackets, where it was not on all.
    pub fn only_on(&self, finding: &FindingReport) -> String {
        match finding.pythons.len() < self.pythons.len() && !finding.pythons.is_empty() {
            true => format!(" (on {})", finding.pythons.join(", ")),
            false => String::new(),
        }
    }

    /// Counts everything; `duration_ms` is real time.
    pub fn count(&mut self, duration_ms: u64) {
        let mut sum = Summary { duration_ms, ..Summary::default() };
        self.guides.iter().for_each(|guide| guide.count_into(&mut sum));
        self.summary = sum;
    }

    /// The exit code: 2 where a guide could not be checked, else 1 where something is wrong, else 0.
    /// `strict` counts warnings and undecided claims as wrong.
    pub fn exit_code(&self, strict: bool) -> u8 {
        self.guides.iter().map(|guide| guide.exit_code(strict)).max().unwrap_or(0)
    }
}

fn is_none_left(left_out: &usize) -> bool {
    *left_out == 0
}
