//! Programs that are waited for: within a time, and no longer than verify itself is wanted.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::failure::{Failure, Kind};
use crate::run::interrupt;

/// What an installation may take.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// What is kept of each output, in bytes.
const KEPT: u64 = 256 << 10;

/// What became of a program.
pub struct Done {
    /// Whether it says that it did its work.
    pub succeeded: bool,
    /// Its standard output, of which the end is kept.
    pub out: String,
    /// The same, with what it wrote to standard error behind it.
    pub said: String,
}

/// Runs a program to its end. A lock is handed down to it, so that it stays locked as long as the program runs,
/// even if verify does not.
pub fn run(mut command: Command, lock: Option<&File>) -> Result<Done, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(
            Kind::Other,
            format!("{program} cannot be run: {error}"),
            "look at what is installed there",
        )
    };
    let (mut out, mut errors) = outputs().map_err(|error| failed(&error))?;
    let lock = lock.map(File::try_clone).transpose().map_err(|error| failed(&error))?;
    let handed = |file: &File| file.try_clone().map(Stdio::from);
    command
        .stdin(lock.map_or_else(Stdio::null, Stdio::from))
        .stdout(handed(&out).map_err(|error| failed(&error))?)
        .stderr(handed(&errors).map_err(|error| failed(&error))?)
        // It is ended together with what it has started.
        .process_group(0);
    let mut child = command.spawn().map_err(|error| failed(&error))?;
    let ended = wait(&child);
    if ended.is_err() {
        end(&child);
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    ended?;
    let out = text(&mut out);
    Ok(Done { succeeded: status.success(), said: format!("{out}{}", text(&mut errors)), out })
}

fn outputs() -> std::io::Result<(File, File)> {
    Ok((tempfile::tempfile()?, tempfile::tempfile()?))
}

fn wait(child: &Child) -> Result<(), Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::new(Kind::Other, "an installer is lost", error.to_string());
    let pid = Pid::from_child(child);
    let process = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| failed(&error))?;
    let signal = interrupt::descriptor().map_err(|error| failed(&error))?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        check()?;
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let message = format!("the installer took more than {} minutes", PATIENCE.as_secs() / 60);
            return Err(Failure::new(Kind::TimedOut, message, "look at the network, or install less"));
        }
        let mut both =
            [PollFd::new(&process, PollFlags::IN), PollFd::from_borrowed_fd(signal, PollFlags::empty())];
        match poll(&mut both, Timespec::try_from(left).ok().as_ref()) {
            Ok(_) if both[0].revents().contains(PollFlags::IN) => return Ok(()),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(failed(&error)),
        }
    }
}

/// A failure if verify is to end.
pub fn check() -> Result<(), Failure> {
    interrupt::check().map_err(|_| Failure::new(Kind::Interrupted, "interrupted", "run verify again"))
}

fn end(child: &Child) {
    // Its group is called by its number. It was not waited for yet, so the number is nobody else's.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

fn text(file: &mut File) -> String {
    let length = file.metadata().map_or(0, |it| it.len());
    let mut bytes = Vec::new();
    let _ = file.seek(SeekFrom::Start(length.saturating_sub(KEPT)));
    let _ = file.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_outputs_are_kept() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let done = run(command, None).unwrap();
        assert_eq!((done.succeeded, done.out.as_str(), done.said.as_str()), (false, "one\n", "one\ntwo\n"));
    }

    #[test]
    fn a_program_that_is_not_there_is_a_failure() {
        let failure = run(Command::new("/no/such/program"), None).err().unwrap();
        assert!(failure.message.starts_with("/no/such/program cannot be run: No such file"), "{failure:?}");
    }

    #[test]
    fn a_lock_lasts_as_long_as_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = File::create(&path).unwrap();
        lock.lock().unwrap();
        let mut child = Command::new("sleep").arg("60").stdin(lock.try_clone().unwrap()).spawn().unwrap();
        drop(lock);
        let other = File::open(&path).unwrap();
        assert!(other.try_lock().is_err(), "the program holds it");
        child.kill().unwrap();
        child.wait().unwrap();
        // A process that another test is about to start may have it for a moment more.
        let since = Instant::now();
        while other.try_lock().is_err() {
            assert!(since.elapsed() < Duration::from_secs(10), "nobody holds it");
        }
    }
}
