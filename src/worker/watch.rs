//! Watches one run until it ends or has to be ended.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, WaitStatus, kill_process, pidfd_open, waitpid};

use super::sandbox::Place;
use super::{clock, family};
use crate::limits::{self, Limit};
use crate::run::protocol::Ending;

/// How often it is looked at what a run takes. What ends before is never looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How long a run whose time is up may take to say where it is.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// What a run sends while it lasts.
pub struct Events {
    pipe: File,
    bytes: Vec<u8>,
}

impl Events {
    /// Those that come through a pipe, which does not block.
    pub fn from(pipe: File) -> Events {
        Events { pipe, bytes: Vec::new() }
    }

    /// Takes what has come.
    fn drain(&mut self) {
        let mut buffer = [0; 1 << 16];
        while self.bytes.len() <= limits::EVENTS {
            match self.pipe.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(count) => self.bytes.extend_from_slice(&buffer[..count]),
            }
        }
    }

    /// Everything that came; done when nobody can send any more.
    pub fn all(mut self) -> Vec<u8> {
        self.drain();
        self.bytes
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Happened {
    Ended,
    Abandoned,
    Nothing,
}

/// A run under way.
pub struct Watch<'a> {
    child: Pid,
    process: OwnedFd,
    events: &'a mut Events,
    outputs: [&'a File; 2],
    place: &'a Place<'a>,
    /// Closed by who asked for the run when nobody wants it any more.
    requests: &'a File,
}

impl<'a> Watch<'a> {
    /// Watches a process that sends events.
    pub fn new(
        child: Pid,
        events: &'a mut Events,
        outputs: [&'a File; 2],
        place: &'a Place<'a>,
        requests: &'a File,
    ) -> anyhow::Result<Watch<'a>> {
        let process = pidfd_open(child, PidfdFlags::empty())?;
        Ok(Watch { child, process, events, outputs, place, requests })
    }

    /// Reads events until the process ends or has to be ended. A background process that keeps the
    /// pipe open does not hold up a finished run.
    pub fn until_the_end(&mut self, deadline: Instant) -> anyhow::Result<Ending> {
        let mut next_look = Instant::now() + LOOK;
        loop {
            let now = Instant::now();
            if now >= deadline {
                return self.end(Ending::TimedOut);
            }
            match self.wait(deadline.min(next_look).saturating_duration_since(now))? {
                Happened::Ended => return self.status(),
                // Nobody wants to know any more.
                Happened::Abandoned => return self.end(Ending::Lost),
                Happened::Nothing => {}
            }
            if self.events.bytes.len() > limits::EVENTS {
                return self.end(Ending::Over(Limit::Events));
            }
            let look = Instant::now();
            if look >= next_look {
                if let Some(limit) = self.over() {
                    return self.end(Ending::Over(limit));
                }
                // Where there is much to look at, that must not take the machine from the run.
                next_look = Instant::now() + LOOK.max(look.elapsed() * 10);
            }
        }
    }

    /// Waits for events or the end.
    fn wait(&mut self, left: Duration) -> anyhow::Result<Happened> {
        let mut all = [
            PollFd::new(&self.process, PollFlags::IN),
            PollFd::from_borrowed_fd(self.events.pipe.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.requests.as_fd(), PollFlags::empty()),
        ];
        match poll(&mut all, Some(&Timespec::try_from(left)?)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [ended, events, requests] = [&all[0], &all[1], &all[2]].map(PollFd::revents);
        if events.contains(PollFlags::IN) {
            self.events.drain();
        } else if events.contains(PollFlags::HUP) && ended.is_empty() {
            // Every writer is gone but the process is not: do not spin.
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(match () {
            () if ended.contains(PollFlags::IN) => Happened::Ended,
            () if requests.contains(PollFlags::HUP) => Happened::Abandoned,
            () => Happened::Nothing,
        })
    }

    /// A limit that no rlimit holds: on all processes together, and on what is written.
    fn over(&self) -> Option<Limit> {
        let processes = self.place.processes();
        let written = |file: &&File| file.metadata().map_or(0, |it| it.len());
        match () {
            () if processes.len() > limits::PROCESSES => Some(Limit::Processes),
            () if family::are_beyond(&processes, limits::MEMORY) => Some(Limit::Memory),
            () if self.place.is_full() => Some(Limit::Folder),
            () if self.outputs.iter().map(written).any(|size| size > limits::RAW_OUTPUT) => {
                Some(Limit::Output)
            }
            () => None,
        }
    }

    /// Ends the process. Before that it may say where it stands: the runner dumps a traceback.
    fn end(&mut self, ending: Ending) -> anyhow::Result<Ending> {
        let _ = kill_process(self.child, Signal::USR2);
        let until = Instant::now() + LAST_WORDS;
        let mut pause = LAST_WORDS;
        while Instant::now() < until {
            let heard = self.events.bytes.len();
            if self.wait(pause)? != Happened::Nothing || self.events.bytes.len() == heard {
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
        (_, Some(libc::SIGXCPU)) => Ending::Over(Limit::ProcessorTime),
        (_, Some(clock::SLEPT_TOO_LONG)) => Ending::Slept,
        (Some(code), _) => Ending::Exited(code),
        (_, Some(signal)) => Ending::Signalled(signal),
        _ => Ending::Exited(-1),
    }
}
