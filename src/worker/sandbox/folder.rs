//! A folder on the disk for one run, where there is no mount of its own; removed whatever it has become.

use std::fs::{self, DirEntry, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::identity::User;

/// The folder. It is removed when this is dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one that belongs to a user.
    pub fn make(owner: Option<&User>) -> anyhow::Result<Folder> {
        let made = tempfile::Builder::new().prefix("verify-").tempdir();
        let folder = Folder(made.context("cannot make a folder for a run")?.keep());
        fs::create_dir(folder.0.join(".shm"))?;
        if let Some(User { uid, gid }) = owner {
            chown(&folder.0, Some(*uid), Some(*gid))?;
        }
        Ok(folder)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if fs::remove_dir_all(&self.0).is_err() {
            // A snippet took rights away, or made a tree deeper than there are file descriptors.
            let _ = flatten(&self.0).and_then(|()| fs::remove_dir_all(&self.0));
        }
    }
}

/// Brings every folder below `top` up to it, with the right to be removed. No path gets long.
fn flatten(top: &Path) -> io::Result<()> {
    open_up(top)?;
    let mut count = 0;
    let mut waiting = folders_in(top)?;
    while let Some(folder) = waiting.pop() {
        open_up(&folder)?;
        for inner in folders_in(&folder)? {
            open_up(&inner)?;
            let up = top.join(format!(".verify-{count}"));
            count += 1;
            fs::rename(&inner, &up)?;
            waiting.push(up);
        }
    }
    Ok(())
}

fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// The folders in a folder; links to folders are none.
fn folders_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_folder = |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    Ok(entries.iter().filter(|entry| is_folder(entry)).map(DirEntry::path).collect())
}
