//! A terminal of the test's own, with verify at it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

/// Nothing that is waited for takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program and the terminal that it has all to itself.
pub struct Terminal {
    emulator: File,
    /// Kept open, so that the terminal stays when the program has ended.
    programs: OwnedFd,
    child: Child,
    shown: String,
}

impl Terminal {
    /// Starts a command at a new terminal of so many columns.
    pub fn start(mut command: Command, columns: u16) -> io::Result<Terminal> {
        let emulator = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&emulator)?;
        unlockpt(&emulator)?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let programs = rustix::fs::open(ptsname(&emulator, Vec::new())?.as_c_str(), flags, Mode::empty())?;
        let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&programs, size)?;
        let end = || programs.try_clone();
        command.stdin(end()?).stdout(end()?).stderr(end()?);
        let own = programs.as_raw_fd();
        // SAFETY: only system calls between fork and exec.
        unsafe {
            command.pre_exec(move || {
                rustix::process::setsid()?;
                rustix::process::ioctl_tiocsctty(BorrowedFd::borrow_raw(own))?;
                Ok(())
            });
        }
        let child = command.spawn()?;
        Ok(Terminal { emulator: emulator.into(), programs, child, shown: String::new() })
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        self.emulator.write_all(keys.as_bytes()).expect("a terminal takes keys");
    }

    /// Waits until a text is shown; what was shown up to then, without colours.
    pub fn until(&mut self, text: &str) -> String {
        let started = Instant::now();
        loop {
            let plain = anstream::adapter::strip_str(&self.shown).to_string();
            if let Some(at) = plain.find(text) {
                // What follows is for the next one who waits.
                self.shown.clear();
                self.shown.push_str(&plain[at + text.len()..]);
                return plain[..at + text.len()].to_owned();
            }
            assert!(started.elapsed() < PATIENCE, "`{text}` is not shown, but: {plain}");
            self.read(Duration::from_millis(100));
        }
    }

    /// Everything that is shown from now on, as it is, until the program ends.
    pub fn rest(&mut self) -> (ExitStatus, String) {
        let started = Instant::now();
        loop {
            let ended = self.child.try_wait().expect("a child");
            while self.read(Duration::from_millis(20)) {}
            if let Some(status) = ended {
                return (status, std::mem::take(&mut self.shown));
            }
            assert!(started.elapsed() < PATIENCE, "it does not end, but shows: {}", self.shown);
        }
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).expect("the program runs");
    }

    /// Whether it echoes what is typed and hands it on line by line, as a shell leaves it.
    pub fn is_sane(&self) -> bool {
        let modes = tcgetattr(&self.programs).expect("a terminal");
        modes.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }

    fn read(&mut self, patience: Duration) -> bool {
        let waited = &mut [PollFd::from_borrowed_fd(self.emulator.as_fd(), PollFlags::IN)];
        let patience = Timespec::try_from(patience).expect("a short time");
        if poll(waited, Some(&patience)).unwrap_or(0) == 0 {
            return false;
        }
        let mut bytes = [0; 65536];
        let count = self.emulator.read(&mut bytes).unwrap_or(0);
        self.shown.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
