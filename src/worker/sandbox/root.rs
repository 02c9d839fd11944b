//! The root that a run sees: what it may read, mounted read-only, a few devices, and nothing else.

use std::ffi::CStr;
use std::fs;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rustix::fs::CWD;
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags, mount, mount_change,
    move_mount, open_tree, unmount,
};
use rustix::process::{chdir, pivot_root};

use super::identity::User;

/// Where the new root is put together: a folder that every system has. What lies in it stays reachable,
/// since everything that is shown is taken hold of before.
const BUILD_AT: &str = "/tmp";
const DEVICES: [&str; 6] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"];
const LINKS: [(&str, &str); 6] = [
    ("/proc/self/fd", "/dev/fd"),
    ("/proc/self/fd/0", "/dev/stdin"),
    ("/proc/self/fd/1", "/dev/stdout"),
    ("/proc/self/fd/2", "/dev/stderr"),
    ("pts/ptmx", "/dev/ptmx"),
    (HOSTS, "/etc/hosts"),
];
/// What the worker can change from run to run, and a run cannot.
const CHANGING: &str = "/etc/verify";
/// Names of machines.
const HOSTS: &str = "/etc/verify/hosts";
/// Who vouches for those machines; the runner has programs believe it where it is.
const AUTHORITY: &str = "/etc/verify/authority.pem";
const LOCAL: &str = "127.0.0.1 localhost\n::1 localhost\n";

/// Moves this process, which must have a mount namespace of its own, into a new root. `readable` is what
/// it goes on to see; `own` is left for each run to mount its own folder.
pub fn enter(readable: &[PathBuf], own: &Path, user: &User) -> anyhow::Result<()> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .context("mounts cannot be kept private")?;
    let shown: Vec<_> = readable.iter().map(|path| Shown::hold(path)).collect::<Result<_, _>>()?;
    let devices = DEVICES.iter().map(Path::new).filter(|path| path.exists());
    let devices: Vec<_> = devices.map(|path| Ok((path, hold(path)?))).collect::<anyhow::Result<_>>()?;
    let processes = hold(Path::new("/proc"))?;
    let options = c"mode=0755,size=1m";
    mount("verify", BUILD_AT, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, options)
        .context("a new root cannot be mounted")?;
    for shown in &shown {
        shown.put()?;
    }
    for (path, device) in &devices {
        put(device, path, false)?;
    }
    // The kernel mounts a fresh /proc only where one is to be seen already.
    put(&processes, Path::new("/proc"), true)?;
    furnish(own, user)?;
    chdir(BUILD_AT)?;
    pivot_root(".", ".").context("the root cannot be changed")?;
    unmount(".", UnmountFlags::DETACH).context("the old root cannot be left")?;
    chdir("/")?;
    set_read_only(CWD, c"/", 0)
}

/// Something that the new root shows: as it is, or a link to where it really lies.
enum Shown<'a> {
    Tree { path: &'a Path, tree: OwnedFd, is_folder: bool },
    Link { path: &'a Path, to: PathBuf },
}

impl Shown<'_> {
    fn hold(path: &Path) -> anyhow::Result<Shown<'_>> {
        if let Ok(to) = fs::read_link(path) {
            return Ok(Shown::Link { path, to });
        }
        let tree = hold(path)?;
        set_read_only(&tree, c"", libc::AT_RECURSIVE)?;
        // Where the new root is put together nothing can be looked up any more.
        Ok(Shown::Tree { path, tree, is_folder: path.is_dir() })
    }

    fn put(&self) -> anyhow::Result<()> {
        match self {
            Shown::Tree { path, tree, is_folder } => put(tree, path, *is_folder),
            Shown::Link { path, to } => link(to, path),
        }
    }
}

/// A copy of the mounts at and below a path, attached nowhere yet.
fn hold(path: &Path) -> anyhow::Result<OwnedFd> {
    const COPY: OpenTreeFlags = OpenTreeFlags::OPEN_TREE_CLONE
        .union(OpenTreeFlags::OPEN_TREE_CLOEXEC)
        .union(OpenTreeFlags::AT_RECURSIVE);
    open_tree(CWD, path, COPY).with_context(|| format!("{} cannot be shown", path.display()))
}

/// Forbids writing to a mount, and in it programs with rights of their own.
fn set_read_only(mount: impl AsFd, path: &CStr, flags: i32) -> anyhow::Result<()> {
    // SAFETY: all zeros is a value of this plain structure.
    let mut change: libc::mount_attr = unsafe { std::mem::zeroed() };
    change.attr_set = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
    // SAFETY: the descriptor, the path and the structure live through the call, and the size is theirs.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_fd().as_raw_fd(),
            path.as_ptr(),
            libc::AT_EMPTY_PATH | flags,
            &raw const change,
            size_of_val(&change),
        )
    };
    if done != 0 {
        bail!("a mount cannot be made read-only: {}", std::io::Error::last_os_error());
    }
    Ok(())
}

/// Where a path of the new root lies while it is put together.
fn built(path: &Path) -> PathBuf {
    Path::new(BUILD_AT).join(path.strip_prefix("/").unwrap_or(path))
}

fn put(tree: &OwnedFd, path: &Path, is_folder: bool) -> anyhow::Result<()> {
    let at = built(path);
    let made = match is_folder {
        true => fs::create_dir_all(&at),
        false => folder_of(&at).and_then(|()| fs::write(&at, "")),
    };
    made.and_then(|()| Ok(move_mount(tree, "", CWD, at.as_path(), MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?))
        .with_context(|| format!("{} cannot be mounted", path.display()))
}

fn link(to: &Path, path: &Path) -> anyhow::Result<()> {
    let at = built(path);
    folder_of(&at)
        .and_then(|()| symlink(to, &at))
        .with_context(|| format!("{} cannot be linked", path.display()))
}

fn folder_of(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))
}

/// What programs look for beside their own files.
fn furnish(own: &Path, user: &User) -> anyhow::Result<()> {
    for (to, path) in LINKS {
        link(Path::new(to), Path::new(path))?;
    }
    link(&own.join(".shm"), Path::new("/dev/shm"))?;
    for folder in [own, Path::new(CHANGING), Path::new("/dev/pts")] {
        fs::create_dir_all(built(folder))?;
    }
    mount(
        "names",
        built(Path::new(CHANGING)),
        "tmpfs",
        MountFlags::NOSUID | MountFlags::NODEV,
        c"mode=0755,size=64k",
    )
    .context("names of machines cannot be kept")?;
    fs::write(built(Path::new(HOSTS)), LOCAL)?;
    let pts = built(Path::new("/dev/pts"));
    let options = c"newinstance,ptmxmode=0666,mode=0600";
    mount("devpts", &pts, "devpts", MountFlags::NOSUID | MountFlags::NOEXEC, options)
        .context("terminals cannot be mounted")?;
    let User { uid, gid } = user;
    for (path, text) in [
        ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n".to_owned()),
        (
            "/etc/passwd",
            format!("root:x:0:0::/:\nreader:x:{uid}:{gid}:reader:{}/work:/bin/sh\n", own.display()),
        ),
        ("/etc/group", format!("root:x:0:\nreader:x:{gid}:\n")),
    ] {
        let at = built(Path::new(path));
        folder_of(&at).and_then(|()| fs::write(&at, text)).with_context(|| format!("no {path}"))?;
    }
    Ok(())
}

/// From now on these names lead to an address, beside those that every machine knows. Who speaks in secret
/// there has this authority to vouch for it.
pub fn name<'n>(
    names: impl IntoIterator<Item = &'n str>,
    address: IpAddr,
    authority: Option<&str>,
) -> std::io::Result<()> {
    match authority {
        Some(authority) => fs::write(AUTHORITY, authority)?,
        None => drop(fs::remove_file(AUTHORITY)),
    }
    let lines = names.into_iter().map(|name| format!("{address} {name}\n"));
    fs::write(HOSTS, [LOCAL.to_owned()].into_iter().chain(lines).collect::<String>())
}
