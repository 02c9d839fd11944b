//! The file of a snapshot: a header between two lines of dashes, and what was shown.

use std::fs;
use std::path::{Path, PathBuf};

/// A reviewed snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// The snippet's id, and the version that it is for if it is not for all: `2.1@3.12`.
    pub name: String,
    /// What was shown.
    pub content: String,
    /// The Python that it was made with, `3.11`.
    pub python: String,
}

impl Accepted {
    /// The one for a version, else the one for all.
    pub fn find(folder: &Path, id: &str, version: (u8, u8)) -> Option<Accepted> {
        let own = format!("{id}@{}.{}", version.0, version.1);
        Accepted::read(folder, &own).or_else(|| Accepted::read(folder, id))
    }

    /// The one of a name; none if there is no such file or it is none of ours.
    pub fn read(folder: &Path, name: &str) -> Option<Accepted> {
        Accepted::parse(name, &fs::read_to_string(folder.join(format!("{name}.snap"))).ok()?)
    }

    /// Reads the text of a file, be it reviewed or pending.
    pub fn parse(name: &str, text: &str) -> Option<Accepted> {
        let (header, content) = text.strip_prefix("---\n")?.split_once("\n---\n")?;
        let python = header.lines().find_map(|line| line.trim().strip_prefix("python: "))?;
        let python = python.trim_matches('"').to_owned();
        Some(Accepted { name: name.to_owned(), content: content.trim_end().to_owned(), python })
    }
}

/// What is in a folder, in order; nothing where it cannot be read.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
