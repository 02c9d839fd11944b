//! What an interpreter's modules and packages are known by, without reading them: when they were changed.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use blake3::Hasher;

/// A folder of somebody's own code is not larger; where one is, nobody knows whether it has changed.
const MOST: usize = 20_000;

/// How files are.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// A hash of all that is looked at.
    pub hash: String,
    /// When the last of them was changed.
    pub newest: SystemTime,
}

/// The state of the places in which an interpreter looks for modules. An installer makes a file or a folder in one of
/// these, or changes one that is there. A place that is neither the interpreter's own nor one where packages are
/// installed is where somebody works on a package: all that is in it counts. None where that is too much.
pub fn state(places: &[PathBuf]) -> Option<State> {
    let places: BTreeSet<_> = places.iter().collect();
    let mut seen = Seen { hash: Hasher::new(), newest: SystemTime::UNIX_EPOCH, left: MOST };
    for place in &places {
        let is_around = places.iter().any(|other| *other != *place && other.starts_with(place));
        seen.place(place, !is_around && is_worked_on(place))?;
    }
    Some(State { hash: seen.hash.finalize().to_hex().to_string(), newest: seen.newest })
}

fn is_worked_on(place: &Path) -> bool {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let usual = ["site-packages", "dist-packages", "lib-dynload"].contains(&&*name);
    !usual && !["python", "pypy"].iter().any(|start| name.starts_with(start))
}

struct Seen {
    hash: Hasher,
    newest: SystemTime,
    left: usize,
}

impl Seen {
    /// Looks at a place, and at what is in it: to the ground with `deep`.
    fn place(&mut self, path: &Path, deep: bool) -> Option<()> {
        let about = path.metadata().ok();
        self.note(path, about.as_ref());
        if about.is_some_and(|about| about.is_dir()) {
            self.folder(path, deep)?;
        }
        Some(())
    }

    fn folder(&mut self, path: &Path, deep: bool) -> Option<()> {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let mut entries: Vec<_> = entries.map(|entry| entry.path()).collect();
        entries.sort();
        for entry in entries {
            self.left = self.left.checked_sub(1)?;
            // Where a link leads counts in its own place.
            let about = entry.symlink_metadata().ok();
            let name = entry.file_name().unwrap_or_default();
            // Python writes what it has compiled when it likes.
            if name == "__pycache__" {
                continue;
            }
            self.note(&entry, about.as_ref());
            if deep && about.is_some_and(|about| about.is_dir()) {
                self.folder(&entry, deep)?;
            }
        }
        Some(())
    }

    fn note(&mut self, path: &Path, about: Option<&Metadata>) {
        let when = about.map(|about| (about.len(), about.mtime(), about.mtime_nsec()));
        self.hash.update(format!("{path:?} {when:?}\n").as_bytes());
        if let Some(changed) = about.and_then(|about| about.modified().ok()) {
            self.newest = self.newest.max(changed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_and_what_is_worked_on_shows() {
        let place = tempfile::tempdir().unwrap();
        let (packages, own) = (place.path().join("lib/site-packages"), place.path().join("src"));
        fs::create_dir_all(packages.join("six")).unwrap();
        fs::create_dir_all(own.join("app/deep")).unwrap();
        let places = [packages.clone(), own.clone(), place.path().join("python3.zip")];
        let mut before = state(&places).unwrap();
        let mut changes = |what: &str| {
            let after = state(&places).unwrap();
            let changes = after.hash != before.hash;
            assert!(!changes || after.newest >= before.newest, "{what}");
            before = after;
            changes
        };
        fs::create_dir(packages.join("other")).unwrap();
        assert!(changes("a package comes"));
        fs::write(own.join("app/deep/code.py"), "x = 1").unwrap();
        assert!(changes("a file comes"));
        fs::write(own.join("app/deep/code.py"), "x = 11").unwrap();
        assert!(changes("a file is edited"));
        fs::write(&places[2], "").unwrap();
        assert!(changes("a place comes"));
        assert!(!changes("nothing"));
    }

    #[test]
    fn too_much_is_not_looked_through() {
        let place = tempfile::tempdir().unwrap();
        (0..=MOST).for_each(|number| fs::write(place.path().join(number.to_string()), "").unwrap());
        assert_eq!(state(&[place.path().to_owned()]), None);
    }
}
