//! From paths to a [`Report`]: reads the guides, runs their snippets in parallel, judges them.

mod assemble;
pub mod cached;
mod chosen;
pub mod companions;
mod document;
mod elsewhere;
mod files;
mod ground;
mod merge;
mod opened;
mod parts;
mod pools;
mod printed;
mod progress;
mod queue;
mod requirements;
mod restored;
mod running;
mod session;
mod shard;
mod since;
mod snippet;
mod source;
mod surroundings;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::config::Found;
use crate::judge::{Judged, Packages};
use crate::plan::Supply;
use crate::pythons::Interpreter;
use crate::report::{Printed, Report};
use crate::run::kept::Key;
use crate::run::{Cancel, Isolation, Observation};
pub use chosen::{Chosen, check_labels};
pub use document::{Document, Part, bytes, configured, read};
pub use files::{Wanted, check as check_files};
pub use restored::restore;
pub use session::Session;
pub use shard::{Durations, durations};
pub use source::{Held, Read, Reported, Sink};
pub use surroundings::add_surroundings;

/// Stack of the threads that work on syntax trees, in bytes; only what is used is taken.
pub const STACK: usize = 512 << 20;

/// What a check is asked to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The Pythons that run the snippets; the embedded one where it is empty.
    pub pythons: Vec<Interpreter>,
    /// Threads; three for every two processors where it is `None`.
    pub jobs: Option<usize>,
    /// Real time for each run, whatever the configuration says about it.
    pub timeout: Option<Duration>,
    /// Whether packages that are not there may not be fetched.
    pub offline: bool,
    /// The sandbox of each run.
    pub isolation: Isolation,
    /// Whether waiting is simulated.
    pub virtual_time: bool,
    /// Whether outputs are compared with their snapshots.
    pub snapshots: bool,
    /// Whether progress may be shown on standard error.
    pub progress: bool,
}

impl Default for Options {
    /// A whole check of everything, which writes nothing.
    fn default() -> Options {
        Options {
            pythons: Vec::new(),
            jobs: None,
            timeout: None,
            offline: false,
            isolation: Isolation::Best,
            virtual_time: true,
            snapshots: false,
            progress: false,
        }
    }
}

/// What became of one snippet.
#[derive(Default)]
pub struct Ran {
    supply: Supply,
    packages: Packages,
    judged: Judged,
    seen: Observation,
    /// Bytes of each stream that earlier snippets wrote.
    own_start: [usize; 2],
    printed: Vec<Printed>,
    /// Guide lines of the statements that ran to their end.
    passed_lines: HashSet<usize>,
    /// Guide lines of the statements that were started.
    started_lines: HashSet<usize>,
    transcript: Option<crate::snapshot::Transcript>,
    error: Option<String>,
    /// What its runs are kept under, each; nothing where one is not kept.
    kept: Vec<Option<Key>>,
}

/// What became of a guide's snippets on one Python, each with its index, in order.
type RanOn = Vec<(usize, Ran)>;

/// Checks guides once: all of them, or with `blocks` the snippets of these blocks or with these ids. Errors are
/// failures of verify itself; what is wrong with one guide is in its report.
pub fn check(guides: &[(PathBuf, Found)], blocks: &[String], options: Options) -> anyhow::Result<Report> {
    let started = Instant::now();
    let mut held = Held::default();
    let around = check_files(&Wanted { guides, blocks, ..Wanted::default() }, options, None, &mut held)?;
    let mut report = around.with(held.reports());
    report.count(started.elapsed().as_millis() as u64);
    Ok(report)
}

/// The same for guides that were read already, each under the path it goes by in the report.
pub fn check_documents(
    documents: &[(PathBuf, Read)],
    blocks: &[String],
    options: Options,
) -> anyhow::Result<Report> {
    Session::once(options)?.check(documents, blocks, &Cancel::new()?)
}
