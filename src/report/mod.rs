//! What is handed to a reader or a program: one [`Report`], and a file for each format of it.
//! Nothing here computes.
//!
//! The reports on guides may be too many to be held: a format takes them one after the other, from wherever they are.

mod concise;
pub mod explained;
mod fingerprint;
mod folders;
mod format;
mod full;
mod github;
mod gitlab;
mod guide;
mod guides;
pub mod html;
mod json;
mod junit;
mod live;
mod markdown;
mod place;
mod sarif;
pub mod stored;
pub mod summary;
mod tally;

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::run::protocol::Sandbox;
pub use folders::Folders;
pub use format::{Destination, Format, Style};
pub use guide::{
    ClaimReport, FindingReport, Fix, GuideReport, Printed, Range, Related, RemarkReport, Run, SnippetReport,
    Status, Stream, Subject, VerdictReport,
};
pub use guides::{Guides, Spool};
pub use live::Live;
pub use tally::Tally;

/// The version of the JSON report.
pub const SCHEMA: u32 = 1;

/// Everything that a run of verify found. Lines and columns count from 1, both ends inclusive;
/// columns are code points. Fields are the JSON report's.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Report")]
#[expect(missing_docs, reason = "the report's fields are described with its format in docs/report.md")]
pub struct Report<G: ?Sized = Vec<GuideReport>> {
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
    pub summary: Summary,
    /// What is counted beside the summary.
    #[serde(skip)]
    pub tally: Tally,
    // The last, so that they may be anywhere: see `AnyReport`.
    pub guides: G,
}

/// A report whose guides are wherever they are.
pub type AnyReport = Report<dyn Guides>;

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
    /// A digest of the files of all guides: parts of one run have the same.
    #[serde(default)]
    pub guides: String,
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

impl Summary {
    /// The exit code of a run in which so many guides could not be checked.
    pub(crate) fn exit_code(&self, unread: usize, strict: bool) -> u8 {
        match unread {
            0 => u8::from(self.errors > 0 || (strict && (self.warnings > 0 || self.undecided > 0))),
            _ => 2,
        }
    }
}

impl<G> Report<G> {
    /// What a whole check of guides found; nothing is counted yet.
    pub fn new(
        pythons: Vec<Python>,
        environments: Vec<EnvironmentReport>,
        sandbox: Sandbox,
        guides: G,
    ) -> Report<G> {
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
            summary: Summary::default(),
            tally: Tally::default(),
            guides,
        }
    }

    /// The same with its guides elsewhere.
    pub fn with<H>(self, guides: H) -> Report<H> {
        let Report { schema, tool, pythons, environments, sandbox, virtual_time, since, shard, .. } = self;
        let Report { left_out, summary, tally, .. } = self;
        Report {
            schema,
            tool,
            pythons,
            environments,
            sandbox,
            virtual_time,
            since,
            shard,
            left_out,
            summary,
            tally,
            guides,
        }
    }
}

impl Report {
    /// The JSON schema of the report, for programs that read it.
    pub fn schema() -> Schema {
        schemars::schema_for!(Report)
    }

    /// Counts everything; `duration_ms` is real time.
    pub fn count(&mut self, duration_ms: u64) {
        self.tally = Tally::default();
        self.guides.iter().for_each(|guide| self.tally.add(guide));
        self.summary = self.tally.summary(duration_ms);
    }
}

impl<G: ?Sized> Report<G> {
    /// The exit code: 2 where a guide could not be checked, else 1 where something is wrong, else 0.
    /// `strict` counts warnings and undecided claims as wrong.
    pub fn exit_code(&self, strict: bool) -> u8 {
        self.summary.exit_code(self.tally.unread(), strict)
    }

    /// The Pythons on which something was found, in brackets, where it was not on all.
    pub fn only_on(&self, finding: &FindingReport) -> String {
        finding.only_on(self.pythons.len())
    }
}

fn is_none_left(left_out: &usize) -> bool {
    *left_out == 0
}
