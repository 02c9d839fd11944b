//! What a run may take of the machine: the worker holds it to that, the judge names it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Real time of a run for which nobody says anything else.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest that can be asked for, in seconds.
pub const LONGEST_TIMEOUT: f64 = 86_400.0;

/// Address space of each process, in bytes.
pub const ADDRESS_SPACE: u64 = 4 << 30;
/// Memory of all processes of a run together, in bytes.
pub const MEMORY: u64 = 4 << 30;
/// One file, in bytes.
pub const FILE: u64 = 512 << 20;
/// All files of a run together, in bytes.
pub const FOLDER: u64 = 512 << 20;
/// Number of files in a run's folder.
pub const FILES: u64 = 100_000;
/// Open files of each process.
pub const OPEN_FILES: u64 = 1024;
/// Threads of all processes of a run together.
pub const THREADS: u64 = 1024;
/// Processes of a run at the same time.
pub const PROCESSES: usize = 128;
/// What is kept of standard output, and as much of standard error, in bytes.
pub const OUTPUT: usize = 1 << 20;
/// What may be written to either past Python's own streams, in bytes.
pub const RAW_OUTPUT: u64 = 256 << 20;
/// What the runner may report of a run, in bytes.
pub const EVENTS: usize = 64 << 20;
/// All that a snippet is given, in bytes: as JSON it may take six times as much, and a worker reads no more.
pub const GIVEN: u64 = 32 << 20;
/// Files, packages, databases, pages that are given at a time, of each kind.
pub const MOST_GIVEN: usize = 1000;
/// How long a run may sleep in its own time, in seconds.
pub const SLEEP: u64 = 3600;

/// Processor time of each process beside runs, in seconds: as long as a run could last.
pub const SERVER_SECONDS: u64 = LONGEST_TIMEOUT as u64;
/// Memory of a worker's servers together, and address space of each of their processes, in bytes.
pub const SERVER_MEMORY: u64 = 1 << 30;
/// Connections to servers and to pages at a time.
pub const CONNECTIONS: usize = 200;

/// A limit that a run went beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words say it, and `allowance` says how much")]
pub enum Limit {
    Memory,
    ProcessorTime,
    Processes,
    File,
    Folder,
    OpenFiles,
    Output,
    Events,
}

impl Limit {
    /// How much a snippet may have, in words.
    pub fn allowance(self) -> String {
        match self {
            Limit::Memory => format!("{} GiB of memory", MEMORY >> 30),
            Limit::ProcessorTime => "as many seconds of processor time as --timeout gives".to_owned(),
            Limit::Processes => format!("{PROCESSES} processes and {THREADS} threads at a time"),
            Limit::File => format!("{} MiB in a file", FILE >> 20),
            Limit::Folder => format!("{} MiB and {FILES} files in its folder", FOLDER >> 20),
            Limit::OpenFiles => format!("{OPEN_FILES} open files"),
            Limit::Output => format!("{} MiB of output", RAW_OUTPUT >> 20),
            Limit::Events => format!("{} MiB of reports to verify", EVENTS >> 20),
        }
    }
}
