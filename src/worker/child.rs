//! One run: a fork that is watched until it ends or its time is up, and leaves nothing behind.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, OFlags, fcntl_setfl, memfd_create};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, WaitOptions, WaitStatus, getpid, kill_process, pidfd_open,
    setrlimit, wait, waitpid,
};

use super::interpreter::Interpreter;
use super::own;
use crate::run::protocol::Ending;

/// A run's events beyond this size end it, in bytes.
const MAX_EVENTS: usize = 64 << 20;
/// What is kept of each output stream, in bytes. The runner stops writing a little beyond.
const MAX_OUTPUT: u64 = (1 << 20) + (1 << 16);
/// How long a run whose time is up may take to say where it is.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// How long its descendants may take to die.
const SWEEP: Duration = Duration::from_secs(5);

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

/// Runs a job in a fork, which gets none of the descriptors `not_for_runs`. Errors are failures of verify
/// itself.
pub fn run(
    interpreter: &Interpreter,
    job: &[u8],
    timeout: Duration,
    not_for_runs: &[i32],
) -> anyhow::Result<Ended> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    let (reader, writer) = (own(reader)?, own(writer)?);
    let (stdout, stderr) = (output("stdout")?, output("stderr")?);
    let started = Instant::now();
    let child = fork(|| {
        for descriptor in not_for_runs.iter().chain([&reader.as_raw_fd()]) {
            // SAFETY: this process never uses them: it ends inside `interpreter.run`.
            unsafe { libc::close(*descriptor) };
        }
        enter(&stdout, &stderr).expect("the run's own descriptors");
        interpreter.run(job, writer.as_raw_fd(), stdout.as_raw_fd(), stderr.as_raw_fd())
    })?;
    drop(writer);
    fcntl_setfl(&reader, OFlags::NONBLOCK)?;
    let mut watch = Watch { child, pipe: File::from(reader), events: Vec::new() };
    let ending = watch.until_the_end(started + timeout)?;
    let duration = started.elapsed();
    sweep();
    watch.drain();
    Ok(Ended { ending, duration, events: watch.events, stdout: kept(stdout)?, stderr: kept(stderr)? })
}

/// A file in memory that is only ever appended to.
fn output(name: &str) -> anyhow::Result<OwnedFd> {
    let file = memfd_create(name, MemfdFlags::CLOEXEC)?;
    fcntl_setfl(&file, OFlags::APPEND)?;
    Ok(own(file)?)
}

fn kept(file: OwnedFd) -> anyhow::Result<Vec<u8>> {
    let file = File::from(file);
    let mut bytes = vec![0; file.metadata()?.len().min(MAX_OUTPUT) as usize];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// Forks as CPython's own `os.fork` does. `in_child` never returns.
fn fork(in_child: impl FnOnce()) -> anyhow::Result<Pid> {
    // SAFETY: this process has one thread, holds the GIL, and tells CPython before and after.
    let pid = unsafe {
        pyo3::ffi::PyOS_BeforeFork();
        let pid = libc::fork();
        match pid {
            0 => pyo3::ffi::PyOS_AfterFork_Child(),
            _ => pyo3::ffi::PyOS_AfterFork_Parent(),
        }
        pid
    };
    if pid == 0 {
        in_child();
        std::process::abort();
    }
    // A failed fork gives -1, which as a target of kill would mean everybody.
    Pid::from_raw(pid).filter(|_| pid > 1).context("the system refuses another process")
}

/// Makes the fork a process of its own: session, descriptors, limits.
fn enter(stdout: &OwnedFd, stderr: &OwnedFd) -> std::io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    rustix::process::setsid()?;
    rustix::stdio::dup2_stdout(stdout)?;
    rustix::stdio::dup2_stderr(stderr)?;
    let limit =
        |resource, most: u64| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    limit(Resource::Core, 0)?;
    limit(Resource::As, 4 << 30)?;
    limit(Resource::Fsize, 1 << 30)?;
    limit(Resource::Nofile, 1024)?;
    Ok(())
}

struct Watch {
    child: Pid,
    pipe: File,
    events: Vec<u8>,
}

impl Watch {
    /// Reads events until the process ends or has to be ended. A background process that keeps the
    /// pipe open does not hold up a finished run.
    fn until_the_end(&mut self, deadline: Instant) -> anyhow::Result<Ending> {
        let process = pidfd_open(self.child, PidfdFlags::empty())?;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return self.end(Ending::TimedOut, &process);
            }
            if self.wait(&process, left)? {
                return self.status();
            }
            if self.events.len() > MAX_EVENTS {
                return self.end(Ending::Flooded, &process);
            }
        }
    }

    /// Waits for events or the end. True at the end.
    fn wait(&mut self, process: &OwnedFd, left: Duration) -> anyhow::Result<bool> {
        let mut both =
            [PollFd::new(process, PollFlags::IN), PollFd::from_borrowed_fd(self.pipe.as_fd(), PollFlags::IN)];
        match poll(&mut both, Some(&Timespec::try_from(left)?)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let (ended, events) = (both[0].revents(), both[1].revents());
        if events.contains(PollFlags::IN) {
            self.drain();
        } else if events.contains(PollFlags::HUP) && ended.is_empty() {
            // Every writer is gone but the process is not: do not spin.
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(ended.contains(PollFlags::IN))
    }

    fn drain(&mut self) {
        let mut buffer = [0; 1 << 16];
        while self.events.len() <= MAX_EVENTS {
            match self.pipe.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(count) => self.events.extend_from_slice(&buffer[..count]),
            }
        }
    }

    /// Ends the process. Before that it may say where it stands: the runner dumps a traceback.
    fn end(&mut self, ending: Ending, process: &OwnedFd) -> anyhow::Result<Ending> {
        let _ = kill_process(self.child, Signal::USR2);
        let until = Instant::now() + LAST_WORDS;
        let mut pause = LAST_WORDS;
        while Instant::now() < until {
            let heard = self.events.len();
            if self.wait(process, pause)? || self.events.len() == heard {
                break;
            }
            // The traceback comes in pieces: listen a moment longer after each.
            pause = Duration::from_millis(5);
        }
        let _ = kill_process(self.child, Signal::KILL);
        waitpid(Some(self.child), WaitOptions::empty())?;
        Ok(ending)
    }

    fn status(&self) -> anyhow::Result<Ending> {
        let (_, status) =
            waitpid(Some(self.child), WaitOptions::empty())?.context("the run's process is gone")?;
        Ok(ending_of(status))
    }
}

fn ending_of(status: WaitStatus) -> Ending {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Ending::Exited(code),
        (_, Some(signal)) => Ending::Signalled(signal),
        _ => Ending::Exited(-1),
    }
}

/// Kills whatever the run left: as their subreaper this process is the parent of every orphan.
fn sweep() {
    let until = Instant::now() + SWEEP;
    while Instant::now() < until {
        for child in children() {
            let _ = kill_process(child, Signal::KILL);
        }
        match wait(WaitOptions::NOHANG) {
            Err(_) => return,
            Ok(Some(_)) => {}
            Ok(None) => std::thread::sleep(Duration::from_micros(200)),
        }
    }
}

fn children() -> Vec<Pid> {
    let me = getpid().as_raw_nonzero();
    let list = std::fs::read_to_string(format!("/proc/{me}/task/{me}/children")).unwrap_or_default();
    let pids = list.split_whitespace().filter_map(|pid| pid.parse().ok());
    pids.filter(|pid| *pid > 1).filter_map(Pid::from_raw).collect()
}
