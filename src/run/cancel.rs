//! Giving up what nobody waits for any more, while verify itself goes on.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};

/// A wish that can be uttered once, from any thread. Its clones are the same wish.
#[derive(Clone, Debug)]
pub struct Cancel(Arc<OwnedFd>);

impl Cancel {
    /// Nobody wishes it yet.
    pub fn new() -> io::Result<Cancel> {
        Ok(Cancel(Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)))
    }

    /// Runs that go on are ended, and none begins.
    pub fn cancel(&self) {
        // It fails only where it was said more often than can be counted.
        let _ = rustix::io::write(&*self.0, &1_u64.to_ne_bytes());
    }

    /// An error, [`Cancelled`], if it was wished.
    pub fn check(&self) -> anyhow::Result<()> {
        let mut event = [PollFd::new(&*self.0, PollFlags::IN)];
        let said = poll(&mut event, Some(&Timespec::default()))?;
        if said > 0 { Err(Cancelled.into()) } else { Ok(()) }
    }

    /// A descriptor that can be read once it was wished.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The error of what was given up because somebody wished it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cancelled")
    }
}

impl std::error::Error for Cancelled {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_the_same_wish() {
        let wish = Cancel::new().unwrap();
        assert!(wish.check().is_ok());
        wish.clone().cancel();
        assert!(wish.check().unwrap_err().is::<Cancelled>());
        assert!(wish.check().is_err(), "it stays said");
    }
}
