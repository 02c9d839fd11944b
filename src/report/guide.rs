//! What is reported on one guide.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Summary;
use crate::claims::{Certainty, Form, Kind};
use crate::judge::{Code, Decision, Severity};
use crate::needs::Lack;

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
        self.count().exit_code(usize::from(self.error.is_some()), strict)
    }

    pub(super) fn count_into(&self, sum: &mut Summary) {
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

impl FindingReport {
    /// The Pythons on which it was found, in brackets, where it was not on all of so many.
    pub fn only_on(&self, pythons: usize) -> String {
        match self.pythons.len() < pythons && !self.pythons.is_empty() {
            true => format!(" (on {})", self.pythons.join(", ")),
            false => String::new(),
        }
    }
}
