//! Layer A, once for each worker: namespaces of its own, with a root that holds next to nothing.

use std::fs;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use anyhow::{Context, bail};
use rustix::pipe::pipe;
use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, getegid, geteuid, getpid, set_parent_process_death_signal, waitpid,
};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::identity::{User, root_can_change};
use crate::worker::fork::{fork, keep_only};

const NAMESPACES: UnshareFlags = UnshareFlags::NEWNS
    .union(UnshareFlags::NEWNET)
    .union(UnshareFlags::NEWIPC)
    .union(UnshareFlags::NEWPID)
    .union(UnshareFlags::NEWUTS);

/// Moves this process, which must have one thread, into namespaces of its own; only a copy of it comes
/// back. A process namespace of the worker's own is the one that it can come back to from those of its runs.
pub fn enter(user: &User) -> anyhow::Result<()> {
    enter_users(user).context("no user namespace")?;
    raise_loopback().context("no loopback network")?;
    rustix::system::sethostname(b"localhost")?;
    go_on_in_a_copy()
}

/// Only its children are in a new process namespace; this process waits for the first of them.
fn go_on_in_a_copy() -> anyhow::Result<()> {
    // SAFETY: this process has one thread, and the copy goes on as it would have.
    let pid = unsafe { libc::fork() };
    match Pid::from_raw(pid) {
        None => Ok(set_parent_process_death_signal(Some(Signal::KILL))?),
        Some(copy) if pid > 1 => stand_by(copy),
        _ => bail!("the system refuses another process"),
    }
}

/// Ends as the worker ends. Its line is the worker's alone.
fn stand_by(worker: Pid) -> ! {
    keep_only(&mut []);
    let ended = waitpid(Some(worker), WaitOptions::empty()).ok().flatten();
    let code = ended.and_then(|(_, status)| status.exit_status()).unwrap_or(1);
    // SAFETY: no exit handlers: what they would put in order is the copy's.
    unsafe { libc::_exit(code) }
}

/// Unshares, in a user namespace of its own where that is possible; root can do without.
fn enter_users(user: &User) -> anyhow::Result<()> {
    let maps = Maps::of(user)?;
    let me = getpid();
    let (mut wait, mut go) = pipe().map(|(wait, go)| (fs::File::from(wait), fs::File::from(go)))?;
    let helper = fork(|| {
        // SAFETY: this copy of the writing end is used by nobody. Nothing comes, and nobody holds the pipe
        // open then, where the namespace could not be made.
        unsafe { libc::close(go.as_raw_fd()) };
        let is_made = wait.read_exact(&mut [0]).is_ok();
        i32::from(is_made && maps.write(me).is_err())
    })?;
    // SAFETY: this process has one thread.
    let unshared = unsafe { unshare_unsafe(NAMESPACES | UnshareFlags::NEWUSER) };
    if unshared.is_ok() {
        go.write_all(&[1])?;
    }
    drop(go);
    let mapped = waitpid(Some(helper), WaitOptions::empty())?;
    match unshared {
        Ok(()) if mapped.and_then(|(_, status)| WaitStatus::exit_status(status)) == Some(0) => Ok(()),
        Ok(()) => bail!("its users cannot be mapped"),
        // SAFETY: as above.
        Err(_) if geteuid().is_root() => Ok(unsafe { unshare_unsafe(NAMESPACES) }?),
        Err(error) => Err(error.into()),
    }
}

/// Which users of a new namespace are which outside of it: all keep their numbers.
struct Maps {
    users: String,
    groups: String,
    /// Who is not root may map itself only, and then gives up changing groups.
    is_single: bool,
}

impl Maps {
    fn of(user: &User) -> anyhow::Result<Maps> {
        if root_can_change() {
            let same = |file: &str| fs::read_to_string(file).map(|map| identity(&map));
            let (users, groups) = (same("/proc/self/uid_map")?, same("/proc/self/gid_map")?);
            return Ok(Maps { users, groups, is_single: false });
        }
        let line = |inside: u32, own: u32| format!("{inside} {own} 1\n");
        let users = line(user.uid, geteuid().as_raw());
        Ok(Maps { users, groups: line(user.gid, getegid().as_raw()), is_single: true })
    }

    fn write(&self, process: Pid) -> std::io::Result<()> {
        let process = process.as_raw_pid();
        let write = |file: &str, text: &str| fs::write(format!("/proc/{process}/{file}"), text);
        if self.is_single {
            write("setgroups", "deny")?;
        }
        write("gid_map", &self.groups)?;
        write("uid_map", &self.users)
    }
}

/// A map under which the ranges of this namespace are themselves in one below it.
fn identity(map: &str) -> String {
    let line = |line: &str| {
        let mut parts = line.split_whitespace();
        let (inside, count) = (parts.next()?, parts.nth(1)?);
        Some(format!("{inside} {inside} {count}\n"))
    };
    map.lines().filter_map(line).collect()
}

/// Switches the network device on that a new network namespace has.
pub fn raise_loopback() -> anyhow::Result<()> {
    // SAFETY: a new descriptor that nobody else owns, and a structure as the request wants it, with a
    // name that ends in a zero.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        if socket < 0 {
            return Err(std::io::Error::last_os_error().into());
        }
        let socket = OwnedFd::from_raw_fd(socket);
        let mut device: libc::ifreq = std::mem::zeroed();
        device.ifr_name[..2].copy_from_slice(&[b'l' as libc::c_char, b'o' as libc::c_char]);
        device.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        if libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const device) != 0 {
            return Err(std::io::Error::last_os_error().into());
        }
    }
    Ok(())
}

/// Whether connections that earlier runs have made still take ports.
pub fn loopback_is_used() -> bool {
    let state = fs::read_to_string("/proc/net/sockstat").unwrap_or_default();
    let tcp = state.lines().find(|line| line.starts_with("TCP:")).unwrap_or_default();
    let numbers = tcp.split_whitespace().skip(1).collect::<Vec<_>>();
    numbers.chunks(2).any(|pair| ["inuse", "orphan", "tw"].contains(&pair[0]) && pair.get(1) != Some(&"0"))
}

/// A fresh network for the next run.
pub fn renew_network() -> anyhow::Result<()> {
    // SAFETY: this process has one thread.
    unsafe { unshare_unsafe(UnshareFlags::NEWNET) }?;
    raise_loopback()
}
