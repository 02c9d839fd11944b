//! What a run may read: the interpreter with its packages, and what any program on the system reads.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Programs and libraries, with what they look up when they start. No other file of `/etc` is shown.
const SYSTEM: [&str; 30] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ca-certificates.conf",
    "/etc/debian_version",
    "/etc/gai.conf",
    "/etc/host.conf",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/magic",
    "/etc/mime.types",
    "/etc/os-release",
    "/etc/pki/tls",
    "/etc/protocols",
    "/etc/services",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/terminfo",
    "/etc/timezone",
    "/etc/ethertypes",
];

/// The paths that exist, none below another. `interpreter` is where its own files lie.
pub fn readable(interpreter: &[PathBuf]) -> Vec<PathBuf> {
    let system = SYSTEM.iter().map(PathBuf::from);
    let all: BTreeSet<_> = system
        .chain(interpreter.iter().cloned())
        .chain(loaded_libpython())
        .filter(|path| path.is_absolute() && path.as_path() != Path::new("/") && path.exists())
        .collect();
    // In order of their names a folder stands before what is in it.
    let mut kept: Vec<PathBuf> = Vec::new();
    for path in all {
        if !kept.iter().any(|above| path.starts_with(above)) {
            kept.push(path);
        }
    }
    kept
}

/// The shared library that this process has loaded: another program of the same interpreter needs it.
fn loaded_libpython() -> Vec<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let files = maps.lines().filter_map(|line| line.find('/').map(|at| &line[at..]));
    let found: BTreeSet<_> = files.filter(|file| file.contains("/libpython")).map(PathBuf::from).collect();
    found.into_iter().collect()
}
