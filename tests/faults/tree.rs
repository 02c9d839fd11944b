//! What stands in a folder, so that before and after can be compared.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Everything below a folder, with whatever can be changed about it.
#[derive(PartialEq)]
pub struct Tree(BTreeMap<PathBuf, Entry>);

#[derive(PartialEq)]
struct Entry {
    mode: u32,
    owner: u32,
    links: u64,
    content: Vec<u8>,
}

impl Tree {
    /// What is there now.
    pub fn of(folder: &Path) -> Tree {
        let mut entries = BTreeMap::new();
        add(folder, &mut entries);
        Tree(entries)
    }

    /// The paths at which another tree differs, each with how.
    pub fn differences(&self, later: &Tree) -> Vec<String> {
        let gone = self.0.keys().filter(|path| !later.0.contains_key(*path));
        let gone = gone.map(|path| format!("{} is gone", path.display()));
        let other = later.0.iter().filter_map(|(path, entry)| match self.0.get(path) {
            None => Some(format!("{} is new", path.display())),
            Some(before) => (before != entry).then(|| format!("{} was changed", path.display())),
        });
        gone.chain(other).take(5).collect()
    }
}

fn add(path: &Path, entries: &mut BTreeMap<PathBuf, Entry>) {
    let Ok(found) = path.symlink_metadata() else { return };
    let content = match found.file_type() {
        kind if kind.is_symlink() => {
            std::fs::read_link(path).map(|to| to.to_string_lossy().into_owned().into())
        }
        kind if kind.is_file() => std::fs::read(path),
        _ => Ok(Vec::new()),
    };
    // A folder's number of links counts the folders in it, which are looked at anyway.
    let links = if found.is_dir() { 0 } else { found.nlink() };
    let content = content.unwrap_or_default();
    entries.insert(path.to_owned(), Entry { mode: found.mode(), owner: found.uid(), links, content });
    if found.is_dir() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            add(&entry.path(), entries);
        }
    }
}

/// What in a folder has a word in its name.
pub fn marked(folder: &Path, mark: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().contains(mark))
        .map(|entry| entry.path())
        .collect()
}
