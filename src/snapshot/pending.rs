//! Snapshots that wait for review: what they say, and what becomes of them.
//!
//! What is accepted is written by insta, so that its own tools would have written the same.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::file::{Accepted, entries};
use super::transcript::false_claim;
use crate::whole;

/// What the name of a pending snapshot ends with.
const ENDING: &str = ".snap.new";

/// The pending snapshots of a folder, in order.
pub fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let is_pending = |path: &PathBuf| path.is_file() && path.to_str().is_some_and(|p| p.ends_with(ENDING));
    entries(folder).into_iter().filter(is_pending).collect()
}

/// Those of a folder and of all folders below it.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let folders = entries(folder).into_iter().filter(|path| path.is_dir() && !path.is_symlink());
    in_folder(folder).into_iter().chain(folders.flat_map(|folder| below(&folder))).collect()
}

/// The snapshot's name: the snippet's id, and the version that it is for if it is not for all.
pub fn name(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.strip_suffix(ENDING).unwrap_or(name)
}

/// A snapshot that waits for review, as it was read.
pub struct Pending {
    /// Its file.
    pub path: PathBuf,
    bytes: Vec<u8>,
    /// What it says; none where the file is damaged.
    pub new: Option<Accepted>,
    /// What was reviewed before: its own, else that of all versions.
    pub old: Option<Accepted>,
}

/// Why a pending snapshot stays as it is.
#[derive(Debug)]
pub enum Refused {
    /// Somebody else has accepted or rejected it.
    Gone,
    /// It is not what was read: a check has written it anew.
    Changed,
    /// It is no snapshot.
    Damaged,
    /// A file could not be written or removed.
    Failed(String),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Refused::Gone => "somebody else has decided it",
            Refused::Changed => "it has changed since it was read: look at it again",
            Refused::Damaged => "it is damaged: reject it, and check the guide again",
            Refused::Failed(why) => why,
        })
    }
}

impl Pending {
    /// Reads one. The error says why that cannot be done.
    pub fn read(path: &Path) -> Result<Pending, Refused> {
        let bytes = fs::read(path).map_err(|error| failed(path, "read", &error))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let name = name(path);
        let new = std::str::from_utf8(&bytes).ok().and_then(|text| Accepted::parse(name, text));
        let of_all = || Accepted::read(folder, name.split('@').next()?);
        let old = Accepted::read(folder, name).or_else(of_all);
        Ok(Pending { path: path.to_owned(), bytes, new, old })
    }

    /// The snippet's id, and the version that it is for if it is not for all.
    pub fn name(&self) -> &str {
        name(&self.path)
    }

    /// The file that it becomes.
    pub fn target(&self) -> PathBuf {
        self.path.with_file_name(format!("{}.snap", self.name()))
    }

    /// The claims in it that are false: what each says, and what was observed.
    pub fn false_claims(&self) -> impl Iterator<Item = (&str, &str)> {
        let content = self.new.as_ref().map_or("", |new| &new.content);
        content.lines().filter_map(false_claim)
    }

    /// Makes it the reviewed snapshot, to the byte as `cargo insta accept` does.
    pub fn accept(&self) -> Result<(), Refused> {
        self.still_there()?;
        if self.new.is_none() {
            return Err(Refused::Damaged);
        }
        let aside = tempfile::tempdir().map_err(|error| failed(&self.target(), "write", &error))?;
        let aside = aside.path().join("accepted.snap");
        // It reads the file once more: of what was compared, not of what may be there by now.
        let copy = aside.with_extension("snap.new");
        let written = fs::write(&copy, &self.bytes).map_err(Into::into);
        written
            .and_then(|()| insta::Snapshot::from_file(&copy)?.save(&aside))
            .map_err(|_| Refused::Damaged)?;
        let target = self.target();
        let replace = || -> std::io::Result<()> {
            let mut file = whole::beside(&target)?;
            file.write_all(&fs::read(&aside)?)?;
            file.persist(&target)?;
            Ok(())
        };
        replace().map_err(|error| failed(&target, "write", &error))?;
        self.remove()
    }

    /// Takes it away; what was reviewed before stays.
    pub fn reject(&self) -> Result<(), Refused> {
        self.still_there()?;
        self.remove()
    }

    fn still_there(&self) -> Result<(), Refused> {
        match fs::read(&self.path) {
            Ok(bytes) if bytes == self.bytes => Ok(()),
            Ok(_) => Err(Refused::Changed),
            Err(error) => Err(failed(&self.path, "read", &error)),
        }
    }

    fn remove(&self) -> Result<(), Refused> {
        match fs::remove_file(&self.path) {
            // Whoever was faster took away the same.
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(&self.path, "remove", &error)),
            _ => Ok(()),
        }
    }
}

fn failed(path: &Path, what: &str, error: &std::io::Error) -> Refused {
    match error.kind() {
        ErrorKind::NotFound if what == "read" => Refused::Gone,
        _ => Refused::Failed(format!("cannot {what} {}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = "---\nsource: src/x.rs\nassertion_line: 9\ninfo:\n  python: \"3.11\"\n---\n\
                       >>> f()  # 2\n1\n    # false: 2 | observed: 1\n";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn pending(folder: &tempfile::TempDir) -> Pending {
        let found = in_folder(folder.path());
        assert_eq!(found.len(), 1);
        Pending::read(&found[0]).unwrap()
    }

    #[test]
    fn what_is_accepted_loses_what_only_reviewers_need() {
        let folder = folder(&[("4.1.snap.new", NEW)]);
        let pending = pending(&folder);
        assert_eq!(pending.name(), "4.1");
        assert_eq!(pending.false_claims().collect::<Vec<_>>(), [("2", "1")]);
        pending.accept().unwrap();
        let accepted = fs::read_to_string(folder.path().join("4.1.snap")).unwrap();
        assert_eq!(accepted, NEW.replace("assertion_line: 9\n", ""));
        assert!(!pending.path.exists());
    }

    #[test]
    fn a_version_is_compared_with_that_of_all() {
        let all = NEW.replace("observed: 1", "observed: 3");
        let folder = folder(&[("4.1@3.9.snap.new", NEW), ("4.1.snap", &all)]);
        let pending = pending(&folder);
        assert!(pending.old.as_ref().is_some_and(|old| old.content.ends_with("observed: 3")));
        pending.accept().unwrap();
        assert!(folder.path().join("4.1@3.9.snap").exists());
        assert_eq!(fs::read_to_string(folder.path().join("4.1.snap")).unwrap(), all);
    }

    #[test]
    fn what_was_not_seen_is_not_decided() {
        let folder = folder(&[("4.1.snap.new", NEW)]);
        let seen = pending(&folder);
        fs::write(&seen.path, NEW.replace("observed: 1", "observed: 5")).unwrap();
        assert!(matches!(seen.accept(), Err(Refused::Changed)));
        assert!(matches!(seen.reject(), Err(Refused::Changed)));
        assert!(seen.path.exists() && !seen.target().exists());
        fs::remove_file(&seen.path).unwrap();
        assert!(matches!(seen.accept(), Err(Refused::Gone)));
    }

    #[test]
    fn a_damaged_one_can_only_be_rejected() {
        for damaged in ["", "no header", "---\ninfo:\n  python: \"3.11\"\n", "---\nsource: x\n---\n1\n"] {
            let folder = folder(&[("4.1.snap.new", damaged)]);
            let pending = pending(&folder);
            assert!(matches!(pending.accept(), Err(Refused::Damaged)), "{damaged:?}");
            pending.reject().unwrap();
            assert!(in_folder(folder.path()).is_empty());
        }
    }

    #[test]
    fn what_cannot_be_written_is_named_and_stays() {
        let folder = folder(&[("4.1.snap.new", NEW)]);
        let pending = pending(&folder);
        fs::create_dir(pending.target()).unwrap();
        fs::write(pending.target().join("in the way"), "").unwrap();
        let refused = pending.accept().unwrap_err().to_string();
        assert!(refused.starts_with("cannot write") && refused.contains("4.1.snap"), "{refused}");
        assert!(pending.path.exists());
    }
}
