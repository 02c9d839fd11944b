//! The child side: a warm, single-threaded process that embeds CPython and forks one child per run. Where the
//! runs are to have another interpreter, each child starts that instead.
//!
//! It is the same executable as `verify`, started with a hidden subcommand. It never runs a
//! snippet's code itself; what runs it is a fork in a sandbox that is watched, bounded and swept up.

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
use std::io::{self, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use rustix::fs::{Mode, OFlags};
use rustix::process::{Resource, Rlimit, getpid, getrlimit, set_child_subreaper, setrlimit, setsid};

use crate::limits;
use crate::pythons;
use crate::run::protocol::{Answer, Greeting, Hello, Layer, Request, Setup, read_frame, write_frame};
use child::{Ended, Order, Run, Seats};
use other::Starter;
use sandbox::Sandbox;
use servers::Servers;

/// File descriptors from here on are verify's own: a snippet's first file is still number 3, and one that
/// closes all that it could have opened does not close these.
const OWN_DESCRIPTORS: i32 = limits::OPEN_FILES as i32 + 100;
/// Where they are on a system that allows no more than a few.
const FEW_DESCRIPTORS: i32 = 200;

/// Serves requests on standard input until it closes. Runs without a mount of their own have their folders
/// in `folder`, which is removed in the end. Errors are failures of verify itself.
pub fn serve(hash_seed: u32, layer: Layer, folder: Option<&Path>) -> anyhow::Result<()> {
    let served = serve_in(hash_seed, layer, folder.unwrap_or(Path::new("/tmp")));
    // Of runs nothing is left in it; whoever made it may have removed it already.
    let _ = folder.map(std::fs::remove_dir);
    served
}

fn serve_in(hash_seed: u32, layer: Layer, folder: &Path) -> anyhow::Result<()> {
    // A signal from the keyboard is for verify, which then closes the input: nothing is left half done.
    let _ = setsid();
    set_child_subreaper(getpid().into())?;
    allow_descriptors()?;
    let (requests, mut answers) = take_over_stdio().context("cannot set up the worker's pipes")?;
    let seats = Seats::reserve().context("cannot set up a run's descriptors")?;
    let mut reader = BufReader::new(&requests);
    let Some(setup) = read_frame(&mut reader)? else { return Ok(()) };
    let setup: Setup = serde_json::from_slice(&setup)?;
    if let Err(error) = sandbox::prepare(layer) {
        return send(&mut answers, &Greeting::Refused(format!("{error:#}")));
    }
    let python = match &setup.python {
        Some(other) => Python::Other(other),
        None => Python::Embedded(Box::new(interpreter::start(hash_seed, &setup.site)?)),
    };
    let files = python.files().iter().cloned().chain(setup.site.prefix()).collect::<Vec<_>>();
    let sandbox = match Sandbox::start(layer, &files, folder) {
        Ok(sandbox) => sandbox,
        Err(error) => return send(&mut answers, &Greeting::Refused(format!("{error:#}"))),
    };
    let sandboxed = crate::run::protocol::Sandbox { layer, lacks: sandbox.lacks() };
    let ready = Greeting::Ready(python.hello(sandboxed));
    let runner: Box<dyn Run + '_> = match python {
        Python::Embedded(interpreter) => {
            send(&mut answers, &ready)?;
            Box::new(interpreter.prepare(&setup, &seats, &sandbox)?)
        }
        Python::Other(other) => {
            let starter = match Starter::prepare(other, &setup.site, hash_seed, &seats, &sandbox, &requests) {
                Ok(starter) => starter,
                Err(error) => return send(&mut answers, &Greeting::Failed(format!("{error:#}"))),
            };
            send(&mut answers, &ready)?;
            Box::new(starter)
        }
    };
    let mut servers = Servers::start(&setup.servers, &sandbox, &requests);
    while let Some(request) = read_frame(&mut reader)? {
        let Request { timeout_ms, mut pages } = serde_json::from_slice(&request)?;
        let job = read_frame(&mut reader)?.context("a request without a job")?;
        for page in &mut pages {
            page.body = read_frame(&mut reader)?.context("a page without a body")?;
        }
        let order = Order { job: &job, pages: &pages, timeout: Duration::from_millis(timeout_ms) };
        answer(&child::run(&*runner, &sandbox, &mut servers, &seats, &order, &requests)?, &mut answers)?;
        // While nobody waits for them.
        servers.begin(&sandbox);
    }
    Ok(())
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

fn answer(ended: &Ended, to: &mut File) -> anyhow::Result<()> {
    let duration_ms = ended.duration.as_secs_f64() * 1000.0;
    send(to, &Answer { ending: ended.ending.clone(), duration_ms, lacking: ended.lacking.clone() })?;
    for bytes in [&ended.events, &ended.stdout, &ended.stderr] {
        write_frame(to, bytes)?;
    }
    Ok(())
}

fn send(to: &mut impl Write, message: &impl serde::Serialize) -> anyhow::Result<()> {
    Ok(write_frame(to, &serde_json::to_vec(message)?)?)
}

/// Raises the number of descriptors as far as it goes; each run gets a limit of its own.
fn allow_descriptors() -> io::Result<()> {
    let most = getrlimit(Resource::Nofile).maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most })?)
}

/// Moves the request pipes away from descriptors 0 and 1, which belong to the snippets.
fn take_over_stdio() -> io::Result<(File, File)> {
    let requests = own(rustix::stdio::stdin())?;
    let answers = own(rustix::stdio::stdout())?;
    let null = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    Ok((File::from(requests), File::from(answers)))
}

/// A duplicate out of the snippets' way, closed when another program is started.
fn own(descriptor: impl AsFd) -> io::Result<OwnedFd> {
    let from = |first| rustix::io::fcntl_dupfd_cloexec(&descriptor, first);
    Ok(from(OWN_DESCRIPTORS).or_else(|_| from(FEW_DESCRIPTORS))?)
}
