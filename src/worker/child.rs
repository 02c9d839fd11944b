//! One run: a fork in a place of its own, which leaves nothing behind.

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, Mode, OFlags, fcntl_setfl, memfd_create};
use rustix::pipe::{PipeFlags, pipe_with};

use super::fork::{fork, keep_only};
use super::front::Front;
use super::own;
use super::sandbox::{Place, Sandbox};
use super::servers::Servers;
use super::watch::{Events, Watch};
use crate::limits;
use crate::run::protocol::{Ending, Lacking, Page};

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
    /// What was not there for it.
    pub lacking: Vec<Lacking>,
}

/// What each run of a worker begins with.
pub trait Run {
    /// Runs a job, as JSON, in this process, which must be a fork of its own in its place. Comes back, with an
    /// exit code, only if it cannot.
    fn run(&self, job: &[u8], place: &Place<'_>) -> i32;
}

/// What a run is given.
pub struct Order<'a> {
    /// The job, as JSON.
    pub job: &'a [u8],
    /// What other machines answer.
    pub pages: &'a [Page],
    /// Real time that it may take.
    pub timeout: Duration,
}

/// Runs a job in a fork. It is ended when `requests` is closed at the other side. Errors are failures of
/// verify itself.
pub fn run(
    runner: &dyn Run,
    sandbox: &Sandbox,
    servers: &mut Servers,
    seats: &Seats,
    order: &Order<'_>,
    requests: &File,
) -> anyhow::Result<Ended> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    let ends = Ends { events: own(writer)?, outputs: [output("stdout")?, output("stderr")?] };
    servers.wait(sandbox, requests);
    let mut lacking = servers.lacking();
    let mut place = sandbox.place()?;
    let mut front = Front::open(sandbox, servers, order.pages, &mut lacking)?;
    if let Some(front) = &front {
        place.outside = front.outside();
    }
    let started = Instant::now();
    let child = place.fork(|| {
        fork(|| {
            let entered = ends.take(seats).and_then(|()| place.enter(order.timeout));
            if let Err(error) = entered {
                // What it writes is the run's error output by now, if it came that far.
                eprintln!("the sandbox cannot be entered: {error:#}");
                return NOT_STARTED;
            }
            runner.run(order.job, &place)
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
    let notes = front.as_mut().map(Front::notes).unwrap_or_default();
    drop(front);
    if notes.used || !sandbox.is_apart() {
        servers.end();
    }
    lacking.extend(notes.unanswered.into_iter().map(Lacking::page));
    place.leave()?;
    let (events, [stdout, stderr]) = (events.all(), outputs.map(|file| kept(&file)));
    let not_started = ending == Ending::Exited(NOT_STARTED) && events.is_empty();
    let ending = if not_started { Ending::NotStarted } else { ending };
    Ok(Ended { ending, duration, events, stdout: stdout?, stderr: stderr?, lacking })
}

/// Numbers of descriptors that each run speaks over: those of its events, its standard output and error. The
/// runner knows them before there is a run.
pub struct Seats([OwnedFd; 3]);

impl Seats {
    /// Keeps the numbers from being given to anything else.
    pub fn reserve() -> anyhow::Result<Seats> {
        let null = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Seats([own(&null)?, own(&null)?, own(&null)?]))
    }

    /// The numbers.
    pub fn numbers(&self) -> [i32; 3] {
        self.0.each_ref().map(AsRawFd::as_raw_fd)
    }
}

/// What a run speaks over.
struct Ends {
    /// Where its events go.
    events: OwnedFd,
    /// Its standard output and error.
    outputs: [OwnedFd; 2],
}

impl Ends {
    /// Seats them in this process, which has no other descriptor then.
    fn take(&self, seats: &Seats) -> anyhow::Result<()> {
        let [stdout, stderr] = &self.outputs;
        rustix::stdio::dup2_stdout(stdout)?;
        rustix::stdio::dup2_stderr(stderr)?;
        let mut kept = seats.numbers();
        for (end, seat) in [&self.events, stdout, stderr].into_iter().zip(kept) {
            // SAFETY: the seat is this process's own, and whatever had its number is closed.
            if unsafe { libc::dup3(end.as_raw_fd(), seat, libc::O_CLOEXEC) } < 0 {
                return Err(std::io::Error::last_os_error().into());
            }
        }
        keep_only(&mut kept);
        Ok(())
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
