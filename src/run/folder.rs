//! A folder on the disk, for runs that have no mount of their own; removed whatever it has become.

use std::fs::{self, DirEntry, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The folder. It is removed when this is dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one inside of another.
    pub fn make(inside: &Path) -> io::Result<Folder> {
        Ok(Folder(tempfile::Builder::new().prefix("verify-").tempdir_in(inside)?.keep()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Bytes and number of files in it; what is beyond the two numbers is not counted any more.
    pub fn size(&self, most: (u64, u64)) -> (u64, u64) {
        let (mut bytes, mut files) = (0, 0);
        let mut waiting = vec![self.0.clone()];
        while let Some(folder) = waiting.pop().filter(|_| bytes <= most.0 && files <= most.1) {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            for it in entries.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?))) {
                files += 1;
                bytes += it.1.blocks() * 512;
                waiting.extend(Some(it.0).filter(|_| it.1.is_dir()));
            }
        }
        (bytes, files)
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
