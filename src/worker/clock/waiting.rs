//! How one thread waits: asleep until another wakes it, its time is up for real, or a signal comes.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;
use rustix::thread::futex;

use super::threads::{For, NEVER, Waiter, with};
use super::{SECOND, now, real};

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ended {
    /// What it was for has perhaps come.
    Woken,
    /// Its time is up.
    TimedOut,
    /// By a signal.
    Interrupted,
}

/// Waits for time or a semaphore. `is_there` says under the lock that there is nothing to wait for.
pub fn wait(what: For, deadline: i64, is_there: impl FnOnce() -> bool) -> Ended {
    let waiter = Waiter { what, deadline, woken: AtomicU32::new(0) };
    let waits = with(|threads| {
        let waits = !is_there();
        if waits {
            threads.wait(&waiter);
        }
        waits
    });
    if !waits {
        return Ended::Woken;
    }
    let interrupted = sleep(&waiter);
    with(|threads| threads.forget(&waiter));
    match () {
        () if waiter.woken.load(SeqCst) == 0 && interrupted => Ended::Interrupted,
        () if now() >= deadline => Ended::TimedOut,
        () => Ended::Woken,
    }
}

/// Sleeps until the waiter is woken or its time is up. True where a signal came before.
fn sleep(waiter: &Waiter) -> bool {
    while waiter.woken.load(SeqCst) == 0 {
        let left = waiter.deadline.saturating_sub(now());
        if left <= 0 {
            return false;
        }
        let time = (waiter.deadline != NEVER).then(|| timespec(left));
        match futex::wait(&waiter.woken, futex::Flags::PRIVATE, 0, time.as_ref()) {
            Err(Errno::INTR) => return true,
            _ => continue,
        }
    }
    false
}

fn timespec(nanoseconds: i64) -> futex::Timespec {
    futex::Timespec { tv_sec: nanoseconds / SECOND, tv_nsec: nanoseconds % SECOND }
}

/// Wakes who sleeps.
pub fn wake(woken: &AtomicU32) {
    let _ = futex::wake(woken, futex::Flags::PRIVATE, 1);
}

/// A descriptor that wakes everybody who waits for descriptors, to see who is meant.
static DOORBELL: OnceLock<OwnedFd> = OnceLock::new();

/// Makes it, out of the way of the run's own descriptors.
pub fn make_bell() -> std::io::Result<()> {
    let bell = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
    let _ = DOORBELL.set(crate::worker::own(bell)?);
    Ok(())
}

/// Whether there is one.
pub fn has_bell() -> bool {
    DOORBELL.get().is_some()
}

/// Wakes everybody who waits for descriptors.
pub fn ring() {
    if let Some(bell) = DOORBELL.get() {
        let _ = rustix::io::write(bell, &1_u64.to_ne_bytes());
    }
}

fn silence() {
    if let Some(bell) = DOORBELL.get() {
        let _ = rustix::io::read(bell, &mut [0_u8; 8]);
    }
}

/// Waits until one of the descriptors is ready, which is left to the caller to look at.
pub fn wait_for(fds: &[libc::pollfd], deadline: i64) -> Ended {
    let mut all = fds.to_vec();
    all.push(libc::pollfd {
        fd: DOORBELL.get().map_or(-1, AsRawFd::as_raw_fd),
        events: libc::POLLIN,
        revents: 0,
    });
    let mut own = fds.to_vec();
    let what = For::Descriptors(own.as_mut_ptr(), own.len());
    let waiter = Waiter { what, deadline, woken: AtomicU32::new(0) };
    with(|threads| threads.wait(&waiter));
    let ended = watch(&waiter, &mut all);
    with(|threads| threads.forget(&waiter));
    if waiter.woken.load(SeqCst) != 0 {
        silence();
    }
    ended
}

fn watch(waiter: &Waiter, all: &mut [libc::pollfd]) -> Ended {
    loop {
        if waiter.woken.load(SeqCst) != 0 || now() >= waiter.deadline {
            return Ended::TimedOut;
        }
        let left = waiter.deadline.saturating_sub(now());
        // Rounded up: who is woken too early would only wait again.
        let milliseconds =
            if waiter.deadline == NEVER { -1 } else { (left / 1_000_000 + 1).min(1 << 30) as i32 };
        // SAFETY: a slice that lives through the call.
        let count = unsafe { real::poll(all.as_mut_ptr(), all.len() as libc::nfds_t, milliseconds) };
        if count < 0 {
            return Ended::Interrupted;
        }
        let own = &all[..all.len() - 1];
        if own.iter().any(|fd| fd.revents != 0) {
            return Ended::Woken;
        }
    }
}

/// Whether one of the descriptors is ready now.
pub fn is_ready(fds: *mut libc::pollfd, count: usize) -> bool {
    // SAFETY: they belong to a thread that waits, which does not look at what is written to them.
    unsafe { real::poll(fds, count as libc::nfds_t, 0) != 0 }
}
