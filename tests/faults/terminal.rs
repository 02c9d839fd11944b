//! The terminal that verify is started from, though it writes its report elsewhere.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcgetwinsize, tcsetattr};

/// Both ends: the emulator's, and that of the programs.
pub struct Terminal {
    emulator: OwnedFd,
    programs: OwnedFd,
    before: String,
}

impl Terminal {
    /// A new one, which hands on each key at once.
    pub fn new() -> io::Result<Terminal> {
        let emulator = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&emulator)?;
        unlockpt(&emulator)?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let programs = rustix::fs::open(ptsname(&emulator, Vec::new())?.as_c_str(), flags, Mode::empty())?;
        let mut modes = tcgetattr(&programs)?;
        modes.make_raw();
        tcsetattr(&programs, OptionalActions::Now, &modes)?;
        let mut terminal = Terminal { emulator, programs, before: String::new() };
        terminal.before = terminal.state()?;
        Ok(terminal)
    }

    /// What a started program needs to know to be controlled by it.
    pub fn for_others(&self) -> RawFd {
        self.programs.as_raw_fd()
    }

    /// Makes it the controlling terminal of this process, which was just forked.
    pub fn control(programs: RawFd) -> io::Result<()> {
        rustix::process::setsid()?;
        // SAFETY: whoever forked this process keeps it open.
        rustix::process::ioctl_tiocsctty(unsafe { BorrowedFd::borrow_raw(programs) })?;
        Ok(())
    }

    /// What happened to it although nobody has any business with it.
    pub fn wrongs(&self) -> io::Result<Option<String>> {
        let now = self.state()?;
        let same = now == self.before;
        Ok((!same).then(|| format!("the terminal was touched: it was {}, it is {now}", self.before)))
    }

    /// Its size and modes; how much was typed into it, and how much was written to it.
    fn state(&self) -> io::Result<String> {
        let (size, modes) = (tcgetwinsize(&self.programs)?, tcgetattr(&self.programs)?);
        let typed = rustix::io::ioctl_fionread(&self.programs)?;
        let written = rustix::io::ioctl_fionread(&self.emulator)?;
        let modes = (modes.input_modes, modes.output_modes, modes.control_modes, modes.local_modes);
        Ok(format!("{}x{} {modes:?}, {typed} typed, {written} written", size.ws_col, size.ws_row))
    }
}
