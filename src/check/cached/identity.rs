//! What a check depends on before a guide is read: this program, this machine, how it is asked to check.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::check::Options;
use crate::config::Found;

/// What the system says about what processes may do here, and which system it is: a sandbox depends on it, and
/// so do programs that a snippet starts.
const SYSTEM: [&str; 7] = [
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/unprivileged_userns_clone",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    "/proc/sys/user/max_user_namespaces",
    "/proc/self/limits",
    "/etc/os-release",
    "/etc/timezone",
];

/// Of what it says about this process: what it may do.
const RIGHTS: [&str; 5] = ["Uid", "Cap", "NoNewPrivs", "Seccomp", "Cpus_allowed_list"];

/// What all entries of a check have in common.
pub struct Identity {
    /// This program and this machine.
    pub stamp: String,
    /// How a check is asked for.
    asked: String,
    /// Places in the report are told from here.
    here: PathBuf,
}

impl Identity {
    /// The error says what cannot be told.
    pub fn new(options: &Options) -> anyhow::Result<Identity> {
        let Options { pythons, timeout, isolation, virtual_time, snapshots, .. } = options;
        let here = std::env::current_dir()?;
        let isolation = format!("{isolation:?}");
        let asked = hash(&(pythons, timeout, isolation, virtual_time, snapshots, &here));
        Ok(Identity { stamp: stamp()?, asked, here })
    }

    /// The name of a guide's entry. None where there is no such file.
    pub fn name(&self, path: &Path) -> Option<String> {
        Some(format!("{}-{}", beginning(path)?, &hash(&(path, &self.asked))[..16]))
    }

    /// The state of a guide with its configuration.
    pub fn guide(&self, bytes: &[u8], config: &Found) -> Option<String> {
        let config = config.as_ref().ok()?.as_ref().map(|config| (&config.file, config.text()));
        Some(hash(&(blake3::hash(bytes).to_hex().as_str(), config, &self.here)))
    }
}

/// What the names of a guide's entries begin with, however it was checked. None where there is no such file.
pub fn beginning(path: &Path) -> Option<String> {
    Some(hash(&path.canonicalize().ok()?)[..32].to_owned())
}

/// A hash of plain data; of a path that is no text, of what it looks like.
pub fn hash(data: &impl Serialize) -> String {
    let text = serde_json::to_vec(data).unwrap_or_default();
    blake3::hash(&text).to_hex().to_string()
}

fn stamp() -> anyhow::Result<String> {
    let program = fs::metadata(std::env::current_exe()?)?;
    let program = (env!("CARGO_PKG_VERSION"), program.len(), program.mtime(), program.mtime_nsec());
    let zone = std::env::var_os("TZ").map(|zone| zone.to_string_lossy().into_owned());
    let local = fs::canonicalize("/etc/localtime").ok();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let is_right = |line: &&str| RIGHTS.iter().any(|right| line.starts_with(right));
    let rights: Vec<_> = status.lines().filter(is_right).collect();
    let system = SYSTEM.map(|path| fs::read_to_string(path).ok());
    Ok(hash(&(program, zone, local, rights, system)))
}
