//! One run: a fork in a place of its own, which leaves nothing behind.

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, OFlags, fcntl_setfl, memfd_create};
use rustix::pipe::{PipeFlags, pipe_with};

use super::fork::fork;
use super::interpreter::Interpreter;
use super::own;
use super::sandbox::Sandbox;
use super::watch::{Events, Watch};
use crate::limits;
use crate::run::protocol::Ending;

/// What is kept of each output stream, in bytes: a little more than is shown, which tells that there was
/// more.
const MAX_OUTPUT: u64 = limits::OUTPUT as u64 + (1 << 16);

/// The exit code of a run that did not come to its first statement.
pub const NOT_STARTED: i32 = 71;

/// What a run left.
pub struct Ended {
    /// How it ended.
    pub ending: Ending,
    /// Real time from fork to end.
    pub duration: Duration,
    /// What the runner sent.
    pub events: Vec<u8>,
    /// What was written to standard output.
    pub stdout: Vec<u8>,
    /// What was written to standard error.
    pub stderr: Vec<u8>,
}

/// What a run is given.
pub struct Order<'a> {
    /// The job, as JSON.
    pub job: &'a [u8],
    /// Real time that it may take.
    pub timeout: Duration,
    /// Whether waiting is simulated.
    pub virtual_time: bool,
}

/// Runs a job in a fork. It is ended when `requests` is closed at the other side. Errors are failures of
/// verify itself.
pub fn run(
    interpreter: &Interpreter,
    sandbox: &Sandbox,
    order: &Order<'_>,
    requests: &File,
) -> anyhow::Result<Ended> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    let ends = Ends { events: own(writer)?, outputs: [output("stdout")?, output("stderr")?] };
    let place = sandbox.place()?;
    let started = Instant::now();
    let child = place.fork(|| {
        fork(|| {
            let entered = ends.take().and_then(|()| place.enter(order.timeout));
            if let Err(error) = entered {
                // What it writes is the run's error output by now, if it came that far.
                eprintln!("the sandbox cannot be entered: {error:#}");
                return NOT_STARTED;
            }
            interpreter.run(order, &place, &ends)
        })
    })??;
    let Ends { events: writer, outputs } = ends;
    drop(writer);
    fcntl_setfl(&reader, OFlags::NONBLOCK)?;
    let mut events = Events::from(File::from(reader));
    let outputs = outputs.map(File::from);
    let ending = Watch::new(child, &mut events, outputs.each_ref(), &place, requests)?
        .until_the_end(started + order.timeout)?;
    let duration = started.elapsed();
    place.leave()?;
    let (events, [stdout, stderr]) = (events.all(), outputs.map(|file| kept(&file)));
    let not_started = ending == Ending::Exited(NOT_STARTED) && events.is_empty();
    let ending = if not_started { Ending::NotStarted } else { ending };
    Ok(Ended { ending, duration, events, stdout: stdout?, stderr: stderr? })
}

/// The descriptors over which a run speaks.
pub struct Ends {
    /// Where its events go.
    pub events: OwnedFd,
    /// Its standard output and error.
    pub outputs: [OwnedFd; 2],
}

impl Ends {
    /// Makes them this process's own, and closes every other descriptor that it has.
    fn take(&self) -> anyhow::Result<()> {
        let [stdout, stderr] = &self.outputs;
        rustix::stdio::dup2_stdout(stdout)?;
        rustix::stdio::dup2_stderr(stderr)?;
        let mut kept = [self.events.as_raw_fd(), stdout.as_raw_fd(), stderr.as_raw_fd()];
        kept.sort_unstable();
        let mut first = 3;
        for last in kept {
            close(first, last - 1);
            first = last + 1;
        }
        close(first, i32::MAX);
        Ok(())
    }
}

/// Closes descriptors that belong to the process this one is a copy of.
fn close(first: i32, last: i32) {
    if first <= last {
        // SAFETY: whoever owns one of them in this copy never comes to use it or to drop it.
        unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    }
}

/// A file in memory that is only ever appended to.
fn output(name: &str) -> anyhow::Result<OwnedFd> {
    let file = memfd_create(name, MemfdFlags::CLOEXEC)?;
    fcntl_setfl(&file, OFlags::APPEND)?;
    Ok(own(file)?)
}

fn kept(file: &File) -> anyhow::Result<Vec<u8>> {
    let mut bytes = vec![0; file.metadata()?.len().min(MAX_OUTPUT) as usize];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}
