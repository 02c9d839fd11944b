//! A PID namespace for one run. With its first process all others in it die, however they tried to
//! get away.

use std::ffi::{c_int, c_void};
use std::os::fd::{AsFd, OwnedFd};

use anyhow::{Context, bail};
use rustix::event::pause;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, pidfd_open, pidfd_send_signal, set_parent_process_death_signal,
    waitpid,
};
use rustix::thread::{ThreadNameSpaceType, move_into_thread_name_spaces};

/// The first process uses next to nothing of it, more in builds without optimisation.
const STACK: usize = 64 << 10;

/// The namespace's first process. It shares this process's memory, so that no page table is copied for
/// it; all it does is to sleep until it is killed.
pub struct Init {
    pid: Pid,
    process: OwnedFd,
    _stack: Box<[u8]>,
}

impl Init {
    /// Makes a namespace. This process keeps its own.
    pub fn start() -> anyhow::Result<Init> {
        let mut stack = vec![0_u8; STACK].into_boxed_slice();
        let top = stack.as_mut_ptr_range().end;
        let flags = libc::CLONE_VM | libc::CLONE_FILES | libc::CLONE_NEWPID | libc::SIGCHLD;
        // SAFETY: `sleep` makes system calls only, on a stack of its own, which lives until the process
        // has been waited for: in `end`, or else for ever.
        let pid = unsafe { libc::clone(sleep, top.cast::<c_void>(), flags, std::ptr::null_mut()) };
        let error = std::io::Error::last_os_error();
        let Some(pid) = Pid::from_raw(pid).filter(|_| pid > 1) else {
            std::mem::forget(stack);
            bail!("no process namespace can be made: {error}");
        };
        let process = pidfd_open(pid, PidfdFlags::empty()).context("no descriptor for a process")?;
        Ok(Init { pid, process, _stack: stack })
    }

    /// Does something whose children are born into the namespace.
    pub fn adopt<T>(&self, own: &OwnedFd, fork: impl FnOnce() -> T) -> anyhow::Result<T> {
        let enter = |process: &OwnedFd| {
            move_into_thread_name_spaces(process.as_fd(), ThreadNameSpaceType::PROCESS_ID)
        };
        enter(&self.process).context("a run's process namespace cannot be entered")?;
        let done = fork();
        enter(own).context("the worker's own process namespace is gone")?;
        Ok(done)
    }

    /// Kills everything in the namespace; returns when nothing is left.
    pub fn end(self) -> anyhow::Result<()> {
        pidfd_send_signal(&self.process, Signal::KILL)?;
        waitpid(Some(self.pid), WaitOptions::empty())?;
        Ok(())
    }
}

/// Orphans are reaped by the kernel where nobody cares for them.
extern "C" fn sleep(_: *mut c_void) -> c_int {
    // SAFETY: a system call that touches no memory of ours.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    loop {
        pause();
    }
}
