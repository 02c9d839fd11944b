//! Forks of a process that has one thread, and has or will have an interpreter in it.

use std::os::fd::RawFd;

use anyhow::Context;
use rustix::process::Pid;

/// Forks. `in_child` gives the child's exit code, if it comes back at all.
///
/// CPython is not told: with one thread, which goes on in the child, none of its locks is held by somebody who
/// is gone. What its own `os.fork` does beyond that (see `PyOS_AfterFork_Child`) takes longer than most runs.
/// Of the functions that modules register for a fork the standard library's only free locks, but for a few
/// that the runner calls itself.
pub fn fork(in_child: impl FnOnce() -> i32) -> anyhow::Result<Pid> {
    // SAFETY: this process has one thread; the child leaves without the exit handlers of the process that it
    // is a copy of.
    let pid = unsafe {
        let pid = libc::fork();
        if pid == 0 {
            libc::_exit(in_child());
        }
        pid
    };
    // A failed fork gives -1, which as a target of kill would mean everybody.
    Pid::from_raw(pid).filter(|_| pid > 1).context("the system refuses another process")
}

/// Closes, in a fork, the descriptors of the process that it is a copy of: all but the standard ones and these.
pub fn keep_only(kept: &mut [RawFd]) {
    kept.sort_unstable();
    let mut first = 3;
    for last in kept.iter().copied() {
        close(first, last - 1);
        first = last + 1;
    }
    close(first, RawFd::MAX);
}

fn close(first: RawFd, last: RawFd) {
    if first <= last {
        // SAFETY: whoever owns one of them in this copy never comes to use it or to drop it.
        unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    }
}
