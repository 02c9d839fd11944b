//! An interpreter that does not look for packages at its start.
//!
//! Packages bring code along that Python runs when it finds them (`.pth` files, `sitecustomize`). Where they are
//! strangers', that is left to each run, inside of its sandbox: see `find_packages` in `runner/program.py`.

use std::path::Path;

use anyhow::bail;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::pythons::EMBEDDED;
use crate::run::protocol::{Site, minor};

/// Where `no_site` stands among `sys.flags`.
const NO_SITE: ffi::Py_ssize_t = 6;

/// The executable that the interpreter is started as.
pub fn program(site: &Site) -> &Path {
    match site {
        Site::Environment(python) => python,
        Site::Own | Site::Empty => Path::new(EMBEDDED),
    }
}

/// Makes an interpreter that was started without packages look as if it had them, but where they are its own.
pub fn prepare(py: Python<'_>, site: &Site) -> anyhow::Result<()> {
    if *site == Site::Own {
        return Ok(());
    }
    // Imported now, it looks for nothing.
    py.import("site")?;
    let sys = py.import("sys")?;
    let flags = sys.getattr("flags")?;
    anyhow::ensure!(flags.getattr("no_site")?.is_truthy()?, "CPython has looked for packages");
    let no = 0_i32.into_pyobject(py)?;
    // The interpreters that a snippet starts get this one's flags, and are to find packages.
    // SAFETY: `sys.flags` is a structure of more fields than that. It takes over the reference, and what it
    // had in that place is a small number, which is never freed.
    unsafe { ffi::PyStructSequence_SetItem(flags.as_ptr(), NO_SITE, no.into_ptr()) };
    anyhow::ensure!(!flags.getattr("no_site")?.is_truthy()?, "CPython keeps its flags elsewhere");
    site.prefix().map_or(Ok(()), |prefix| set_prefix(&sys, &prefix))
}

/// Modules that are imported before the first run take the prefix along.
fn set_prefix(sys: &Bound<'_, PyModule>, prefix: &Path) -> anyhow::Result<()> {
    let version = sys.getattr("version_info")?;
    let part = |name| version.getattr(name)?.extract::<u8>();
    let running: (u8, u8) = (part("major")?, part("minor")?);
    let other = made_for(prefix).filter(|made_for| *made_for != running);
    if let Some((major, minor)) = other {
        let (prefix, now) = (prefix.display(), running);
        bail!(
            "{prefix} is for Python {major}.{minor} and this is {}.{}: remove it to have it made again",
            now.0,
            now.1
        );
    }
    sys.setattr("prefix", prefix)?;
    Ok(sys.setattr("exec_prefix", prefix)?)
}

/// The version of Python that an environment's own file names. On another one it has no packages, and nothing
/// says so.
fn made_for(prefix: &Path) -> Option<(u8, u8)> {
    let text = std::fs::read_to_string(prefix.join("pyvenv.cfg")).ok()?;
    let mut values = text.lines().filter_map(|line| line.split_once('='));
    let (_, version) = values.find(|(key, _)| ["version", "version_info"].contains(&key.trim()))?;
    Some(minor(version.trim()))
}
