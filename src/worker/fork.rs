//! Forks of a process that has, or will have, an interpreter in it.

use anyhow::Context;
use rustix::process::Pid;

/// Forks as CPython's own `os.fork` does. `in_child` gives the child's exit code, if it comes back at all.
pub fn fork(in_child: impl FnOnce() -> i32) -> anyhow::Result<Pid> {
    // SAFETY: this process has one thread, holds the GIL, and tells CPython before and after.
    unsafe {
        pyo3::ffi::PyOS_BeforeFork();
        let child = plain(|| {
            pyo3::ffi::PyOS_AfterFork_Child();
            in_child()
        });
        pyo3::ffi::PyOS_AfterFork_Parent();
        child
    }
}

/// The same where no interpreter has been started yet.
pub fn plain(in_child: impl FnOnce() -> i32) -> anyhow::Result<Pid> {
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
