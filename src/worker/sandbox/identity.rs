//! Who a run is: an ordinary user without any privilege, held to its limits.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::process::{DumpableBehavior, Gid, Resource, Rlimit, Uid, getegid, geteuid, getrlimit, setrlimit};
use rustix::thread::{
    CapabilitySet, CapabilitySets, remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
    set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

use crate::limits;

/// Nobody, on every Linux.
const NOBODY: u32 = 65534;

/// A user and its group.
#[derive(Clone, Copy, Debug)]
pub struct User {
    /// Number of the user.
    pub uid: u32,
    /// Number of the group.
    pub gid: u32,
}

impl User {
    /// Whose rights a run gets: nobody's where root may give them and nobody can read the files, else those of
    /// who runs verify.
    pub fn of_runs(files: &[PathBuf]) -> User {
        let reachable = files.iter().all(|file| file.ancestors().skip(1).all(is_open_to_all));
        match root_can_change() && reachable {
            true => User { uid: NOBODY, gid: NOBODY },
            false => User { uid: geteuid().as_raw(), gid: getegid().as_raw() },
        }
    }

    /// The same inside of a user namespace, in which root that cannot be nobody can at least be called so.
    pub fn of_namespaced_runs() -> User {
        match geteuid().is_root() {
            true => User { uid: NOBODY, gid: NOBODY },
            false => User::of_runs(&[]),
        }
    }

    /// Whether it is who runs verify.
    pub fn is_own(&self) -> bool {
        geteuid().as_raw() == self.uid
    }

    /// Makes this process theirs. What root held before is gone, its other groups too.
    pub fn become_it(&self) -> rustix::io::Result<()> {
        if !self.is_own() {
            let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
            set_thread_groups(&[])?;
            set_thread_res_gid(gid, gid, gid)?;
            set_thread_res_uid(uid, uid, uid)?;
        }
        // A process that changed its user could not look at itself in /proc any more.
        rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable)
    }
}

/// Whether this is root, with the right to become nobody: a user namespace may not know nobody.
pub fn root_can_change() -> bool {
    let knows = |file: &str| {
        let map = std::fs::read_to_string(file).unwrap_or_default();
        let numbers =
            |line: &str| line.split_whitespace().map(|part| part.parse().unwrap_or(0)).collect::<Vec<u64>>();
        map.lines()
            .map(numbers)
            .any(|line| line.len() == 3 && u64::from(NOBODY).wrapping_sub(line[0]) < line[2])
    };
    let capabilities =
        rustix::thread::capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.effective);
    geteuid().is_root()
        && capabilities.contains(CapabilitySet::SETUID | CapabilitySet::SETGID)
        && knows("/proc/self/uid_map")
        && knows("/proc/self/gid_map")
}

fn is_open_to_all(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|it| it.permissions().mode() & 0o001 != 0)
}

/// Takes the means to ever get a capability, which takes one: to be done before the user is changed.
pub fn drop_bounding_set() {
    for capability in CapabilitySet::all().iter() {
        // One that this kernel does not know is not there to be dropped.
        let _ = remove_capability_from_bounding_set(capability);
    }
}

/// Gives up every capability, for good.
pub fn drop_capabilities() -> rustix::io::Result<()> {
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    set_no_new_privs(true)
}

/// Sets the limits of each process, where there are none that are narrower. `seconds` of processor time;
/// `threads` of this user in all, where that can be limited.
pub fn limit(seconds: u64, threads: Option<u64>) -> rustix::io::Result<()> {
    let set = |resource, most| {
        let most = Some(getrlimit(resource).maximum.map_or(most, |narrower| narrower.min(most)));
        setrlimit(resource, Rlimit { current: most, maximum: most })
    };
    set(Resource::Core, 0)?;
    set(Resource::As, limits::ADDRESS_SPACE)?;
    set(Resource::Fsize, limits::FILE)?;
    set(Resource::Nofile, limits::OPEN_FILES)?;
    set(Resource::Msgqueue, 0)?;
    set(Resource::Memlock, 1 << 20)?;
    if let Some(threads) = threads {
        set(Resource::Nproc, threads)?;
    }
    set(Resource::Cpu, seconds + 1)?;
    // First a signal that says why, a second later the one that cannot be ignored.
    let maximum = getrlimit(Resource::Cpu).maximum;
    let current = Some(maximum.map_or(seconds, |most| seconds.min(most)));
    setrlimit(Resource::Cpu, Rlimit { current, maximum })
}
