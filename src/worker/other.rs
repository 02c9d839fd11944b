//! An interpreter that is not embedded: each run starts it anew, in its place in the sandbox, with the same
//! runner and the same protocol. Nothing of it runs in the worker.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::io::{FdFlags, fcntl_setfd};
use serde::Serialize;

use super::child::{self, NOT_STARTED, Order, Run, Seats};
use super::sandbox::{Place, Sandbox};
use super::servers::Servers;
use super::sources::{BOOT, LOADER, RUNNER};
use crate::pythons::Interpreter;
use crate::run::protocol::{Ending, Site};

/// Asks for the compiled runner.
const NO_JOB: &[u8] = b"null";
/// How long an interpreter may take to start.
const PATIENCE: Duration = Duration::from_secs(8);

/// Not the user's packages, no files beside the sources, no text held back, and one encoding for everybody: as
/// the embedded one is configured.
const OPTIONS: [&str; 6] = ["-s", "-B", "-u", "-X", "utf8", "-c"];

/// What each run of a worker begins with.
pub struct Starter<'a> {
    python: &'a Interpreter,
    site: &'a Site,
    hash_seed: u32,
    ends: [i32; 3],
    /// What all runs are given.
    common: Vec<u8>,
    /// The runner as the interpreter itself has compiled it: that takes longer than most runs.
    compiled: Vec<u8>,
}

/// What a run is given beside its job, as `boot.py` reads it.
#[derive(Serialize)]
struct Common<'a> {
    loader: &'a str,
    sources: &'a [(&'a str, &'a str)],
    ends: [i32; 3],
    sockets: bool,
    site: &'a str,
}

impl<'a> Starter<'a> {
    /// Makes everything ready that the worker's runs share. The error says that the interpreter does not start
    /// in the sandbox, or does not know the runner's Python.
    pub fn prepare(
        python: &'a Interpreter,
        site: &'a Site,
        hash_seed: u32,
        seats: &Seats,
        sandbox: &Sandbox,
        requests: &File,
    ) -> anyhow::Result<Starter<'a>> {
        let (ends, sockets) = (seats.numbers(), sandbox.has_sockets());
        // An environment's interpreter looks for its packages itself, in the sandbox.
        let own = if *site == Site::Empty { site } else { &Site::Own }.name();
        let common =
            serde_json::to_vec(&Common { loader: LOADER, sources: &RUNNER, ends, sockets, site: own })?;
        let starter = Starter { python, site, hash_seed, ends, common, compiled: Vec::new() };
        let order = Order { job: NO_JOB, pages: &[], timeout: PATIENCE };
        let ended = child::run(&starter, sandbox, &mut Servers::default(), seats, &order, requests)?;
        if ended.ending == Ending::Exited(0) && !ended.events.is_empty() {
            return Ok(Starter { compiled: ended.events, ..starter });
        }
        let said = String::from_utf8_lossy(&ended.stderr);
        let why =
            said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it ends before its first word");
        bail!("Python {} ({}) cannot run snippets: {why}", python.id, python.executable.display())
    }

    /// Starts the interpreter in this process. Comes back only if that fails.
    fn start(&self, job: &[u8], place: &Place<'_>) -> anyhow::Result<()> {
        rustix::stdio::dup2_stdin(&self.given(job, place)?)?;
        for end in self.ends {
            // SAFETY: the descriptor is this process's own and stays open.
            fcntl_setfd(unsafe { BorrowedFd::borrow_raw(end) }, FdFlags::empty())?;
        }
        let executable = self.executable();
        let error = Command::new(executable)
            .args((*self.site == Site::Empty).then_some("-S"))
            .args(OPTIONS)
            .arg(BOOT)
            .env("PYTHONHASHSEED", self.hash_seed.to_string())
            .exec();
        Err(error).with_context(|| format!("{} cannot be started", executable.display()))
    }

    fn executable(&self) -> &Path {
        match self.site {
            Site::Environment(python) => python,
            Site::Own | Site::Empty => &self.python.executable,
        }
    }

    /// A file without a name that holds what the run is given: what all are on the first line, its job on the
    /// second, then the compiled runner.
    fn given(&self, job: &[u8], place: &Place<'_>) -> anyhow::Result<File> {
        let path = place.folder().join("given");
        let mut file = File::options().read(true).write(true).create_new(true).open(&path)?;
        fs::remove_file(path)?;
        for part in [&self.common[..], b"\n", job, b"\n", &self.compiled] {
            file.write_all(part)?;
        }
        file.rewind()?;
        Ok(file)
    }
}

impl Run for Starter<'_> {
    fn run(&self, job: &[u8], place: &Place<'_>) -> i32 {
        if let Err(error) = self.start(job, place) {
            eprintln!("{error:#}");
        }
        NOT_STARTED
    }
}
