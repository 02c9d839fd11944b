//! The child side: a stem, a single-threaded process that embeds CPython; workers, forks of it that enter a
//! sandbox; and runs, forks of these. Where the runs are to have another interpreter, each starts that instead.
//!
//! A stem is the same executable as `verify`, started with a hidden subcommand. Neither it nor a worker ever
//! runs a snippet's code; what runs it is a fork in a sandbox that is watched, bounded and swept up.

mod child;
mod clock;
mod family;
mod fork;
mod front;
mod interpreter;
mod other;
mod sandbox;
mod servers;
mod shared;
mod site;
mod sources;
mod watch;

use std::fs::File;
use std::io::{self, BufReader};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use rustix::fs::{Mode, OFlags};
use rustix::process::{
    PidfdFlags, Resource, Rlimit, WaitOptions, getpid, getrlimit, pidfd_open, set_child_subreaper, setrlimit,
    setsid, wait,
};

use crate::limits;
use crate::pythons;
use crate::run::passing;
use crate::run::protocol::{Answer, Greeting, Hello, Request, Setup, Start, read_frame, write_frame};
use child::{Ended, Order, Run, Seats};
use fork::{fork, keep_only};
use other::Starter;
use sandbox::Sandbox;
use servers::Servers;

/// File descriptors from here on are verify's own: a snippet's first file is still number 3, and one that
/// closes all that it could have opened does not close these.
const OWN_DESCRIPTORS: i32 = limits::OPEN_FILES as i32 + 100;
/// Where they are on a system that allows no more than a few.
const FEW_DESCRIPTORS: i32 = 200;

/// Serves as a stem: makes a worker whenever one is asked for on standard input, until that closes and its
/// workers have ended. Errors are failures of verify itself.
pub fn serve(hash_seed: u32) -> anyhow::Result<()> {
    // A signal from the keyboard is for verify, which then closes the lines: nothing is left half done.
    let _ = setsid();
    allow_descriptors()?;
    let mut line = take_over_stdin().context("cannot set up a stem's line")?;
    let seats = Seats::reserve().context("cannot set up a run's descriptors")?;
    let Some(setup) = read_frame(&mut line)? else { return Ok(()) };
    let setup: Setup = serde_json::from_slice(&setup)?;
    let python = match &setup.python {
        Some(other) => Python::Other(other),
        None => Python::Embedded(Box::new(interpreter::start(hash_seed, &setup.site)?)),
    };
    let stem = Stem { hash_seed, setup: &setup, python, seats };
    while let Some(end) = passing::receive(&line)? {
        let start = read_frame(&mut line)?.context("a worker's line without its start")?;
        let start: Start = serde_json::from_slice(&start)?;
        stem.preload(&start.preload);
        let worker = fork(|| stem.worker(end, &start))?;
        passing::send(&line, pidfd_open(worker, PidfdFlags::empty())?.as_fd())?;
        // Those that have ended.
        while matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {}
    }
    while wait(WaitOptions::empty()).is_ok() {}
    Ok(())
}

/// What all workers of a stem begin with.
struct Stem<'a> {
    hash_seed: u32,
    setup: &'a Setup,
    python: Python<'a>,
    seats: Seats,
}

impl Stem<'_> {
    fn preload(&self, modules: &[String]) {
        if let Python::Embedded(interpreter) = &self.python {
            interpreter.preload(modules);
        }
    }

    /// Goes on as a worker, in a fork that has no descriptor of the stem's or of another worker's. Gives its exit
    /// code.
    fn worker(&self, line: OwnedFd, start: &Start) -> i32 {
        let served = own(line).map_err(anyhow::Error::from).and_then(|line| {
            let mut kept = self.seats.numbers().to_vec();
            kept.push(line.as_raw_fd());
            keep_only(&mut kept);
            self.serve(&File::from(line), start)
        });
        // Of runs nothing is left in it; whoever made it may have removed it already.
        let _ = start.folder.as_ref().map(std::fs::remove_dir);
        match served {
            Ok(()) => 0,
            // Nobody waits for its answer any more.
            Err(error) if is_closed(&error) => 0,
            Err(error) => {
                eprintln!("verify: {error:#}");
                2
            }
        }
    }

    /// Serves requests on a line until it closes.
    fn serve(&self, line: &File, start: &Start) -> anyhow::Result<()> {
        let Stem { hash_seed, setup, python, seats } = self;
        set_child_subreaper(getpid().into())?;
        if let Err(error) = sandbox::prepare(start.layer) {
            return send(line, &Greeting::Refused(format!("{error:#}")));
        }
        let files = python.files().iter().cloned().chain(setup.site.prefix()).collect::<Vec<_>>();
        let folder = start.folder.as_deref().unwrap_or(Path::new("/tmp"));
        let sandbox = match Sandbox::start(start.layer, &files, folder) {
            Ok(sandbox) => sandbox,
            Err(error) => return send(line, &Greeting::Refused(format!("{error:#}"))),
        };
        let sandboxed = crate::run::protocol::Sandbox { layer: start.layer, lacks: sandbox.lacks() };
        let ready = Greeting::Ready(python.hello(sandboxed));
        let runner: Box<dyn Run + '_> = match python {
            Python::Embedded(interpreter) => {
                send(line, &ready)?;
                Box::new(interpreter.prepare(setup, seats, &sandbox)?)
            }
            Python::Other(other) => {
                let starter = match Starter::prepare(other, &setup.site, *hash_seed, seats, &sandbox, line) {
                    Ok(starter) => starter,
                    Err(error) => return send(line, &Greeting::Failed(format!("{error:#}"))),
                };
                send(line, &ready)?;
                Box::new(starter)
            }
        };
        let mut servers = Servers::start(&start.servers, &sandbox, line);
        let mut reader = BufReader::new(line);
        while let Some(request) = read_frame(&mut reader)? {
            let Request { timeout_ms, preload, mut pages } = serde_json::from_slice(&request)?;
            let job = read_frame(&mut reader)?.context("a request without a job")?;
            for page in &mut pages {
                page.body = read_frame(&mut reader)?.context("a page without a body")?;
            }
            self.preload(&preload);
            let order = Order { job: &job, pages: &pages, timeout: Duration::from_millis(timeout_ms) };
            answer(&child::run(&*runner, &sandbox, &mut servers, seats, &order, line)?, line)?;
            // While nobody waits for them.
            servers.begin(&sandbox);
        }
        Ok(())
    }
}

/// The interpreter that a worker's runs have.
enum Python<'a> {
    /// The one in this process.
    Embedded(Box<interpreter::Interpreter>),
    /// One that each run starts.
    Other(&'a pythons::Interpreter),
}

impl Python<'_> {
    fn files(&self) -> &[PathBuf] {
        match self {
            Python::Embedded(interpreter) => &interpreter.files,
            Python::Other(other) => &other.files,
        }
    }

    fn hello(&self, sandbox: crate::run::protocol::Sandbox) -> Hello {
        let files = self.files().to_vec();
        match self {
            Python::Embedded(interpreter) => Hello {
                version: interpreter.version.clone(),
                implementation: "CPython".to_owned(),
                path: interpreter.executable.clone(),
                sandbox,
                files,
            },
            Python::Other(other) => Hello {
                version: other.version.clone(),
                implementation: other.implementation.clone(),
                path: other.executable.to_string_lossy().into_owned(),
                sandbox,
                files,
            },
        }
    }
}

fn answer(ended: &Ended, mut to: &File) -> anyhow::Result<()> {
    let duration_ms = ended.duration.as_secs_f64() * 1000.0;
    send(to, &Answer { ending: ended.ending.clone(), duration_ms, lacking: ended.lacking.clone() })?;
    for bytes in [&ended.events, &ended.stdout, &ended.stderr] {
        write_frame(&mut to, bytes)?;
    }
    Ok(())
}

fn is_closed(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn send(mut to: &File, message: &impl serde::Serialize) -> anyhow::Result<()> {
    Ok(write_frame(&mut to, &serde_json::to_vec(message)?)?)
}

/// Raises the number of descriptors as far as it goes; each run gets a limit of its own.
fn allow_descriptors() -> io::Result<()> {
    let most = getrlimit(Resource::Nofile).maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most })?)
}

/// Moves the line away from descriptor 0, which belongs to the snippets.
fn take_over_stdin() -> io::Result<UnixStream> {
    let line = own(rustix::stdio::stdin())?;
    let null = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(&null)?;
    Ok(UnixStream::from(line))
}

/// A duplicate out of the snippets' way, closed when another program is started.
fn own(descriptor: impl AsFd) -> io::Result<OwnedFd> {
    let from = |first| rustix::io::fcntl_dupfd_cloexec(&descriptor, first);
    Ok(from(OWN_DESCRIPTORS).or_else(|_| from(FEW_DESCRIPTORS))?)
}
