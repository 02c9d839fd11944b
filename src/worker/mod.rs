//! The child side: a warm, single-threaded process that embeds CPython and forks one child per run.
//!
//! It is the same executable as `verify`, started with a hidden subcommand. It never runs a
//! snippet's code itself; what runs it is a fork that is watched, bounded and swept up.

mod child;
mod interpreter;

use std::fs::File;
use std::io::{self, BufReader};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::Duration;

use anyhow::Context;
use rustix::fs::{Mode, OFlags};

use crate::run::protocol::{Answer, Request, read_frame, write_frame};

/// File descriptors from here on are verify's own, so that a snippet's first file is still number 3.
const OWN_DESCRIPTORS: i32 = 500;

/// Serves requests on standard input until it closes. Errors are failures of verify itself.
pub fn serve(hash_seed: u32) -> anyhow::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    rustix::process::set_child_subreaper(rustix::process::getpid().into())?;
    let (requests, mut answers) = take_over_stdio().context("cannot set up the worker's pipes")?;
    let not_for_runs = [requests.as_raw_fd(), answers.as_raw_fd()];
    let mut requests = BufReader::new(requests);
    let interpreter = interpreter::start(hash_seed)?;
    write_frame(&mut answers, &serde_json::to_vec(&interpreter.hello)?)?;
    while let Some(request) = read_frame(&mut requests)? {
        let request: Request<'_> = serde_json::from_slice(&request)?;
        let job = read_frame(&mut requests)?.context("a request without a job")?;
        interpreter.preload(&request.preload);
        let ended = child::run(&interpreter, &job, Duration::from_millis(request.timeout_ms), &not_for_runs)?;
        let answer = Answer { ending: ended.ending, duration_ms: ended.duration.as_secs_f64() * 1000.0 };
        write_frame(&mut answers, &serde_json::to_vec(&answer)?)?;
        for bytes in [ended.events, ended.stdout, ended.stderr] {
            write_frame(&mut answers, &bytes)?;
        }
    }
    Ok(())
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
    Ok(rustix::io::fcntl_dupfd_cloexec(descriptor, OWN_DESCRIPTORS)?)
}
