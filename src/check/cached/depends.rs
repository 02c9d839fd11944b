//! What a guide's report depends on beside the guide and its configuration, and how that is now.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use blake3::Hasher;
use serde::{Deserialize, Serialize};

use super::identity::hash;
use crate::check::{Document, companions, ground};
use crate::config::{Named, named};
use crate::environment::Requirements;
use crate::limits;
use crate::run::packages;

/// What a report depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dependency {
    /// A file, or a folder with all that is in it and may be given to a snippet.
    Content(PathBuf),
    /// Files of a folder whose names end so.
    Listed(PathBuf, String),
    /// What a requirements file lists, with those that it includes from below a folder.
    Requirements(PathBuf, PathBuf),
    /// The places of an interpreter's modules.
    Packages(Vec<PathBuf>),
}

/// Snapshots that wait for review are written by the check itself.
const PENDING: &str = ".snap.new";

/// Those of a guide.
pub fn of(document: &Document, snapshots: bool) -> Vec<Dependency> {
    let guide = &document.guide;
    let config = document.config.as_deref();
    let listed = |folder: &Path, ending: &str| Dependency::Listed(folder.to_owned(), ending.to_owned());
    let mut found = vec![listed(&companions::folder(&guide.path, config), companions::ENDING)];
    found.extend(ground::looked_for(guide).into_iter().map(Dependency::Content));
    let Some(config) = config else { return found };
    let Named { files, requirements } = named(config, guide);
    found.extend(files.into_iter().map(Dependency::Content));
    let folder = &config.folder;
    found.extend(requirements.into_iter().map(|file| Dependency::Requirements(file, folder.clone())));
    if snapshots && config.keeps(&guide.path) {
        let folder = config.snapshot_folder(&guide.path);
        found.extend([listed(&folder, ".snap"), listed(&folder, PENDING)]);
    }
    found
}

impl Dependency {
    /// Whether the check itself writes it.
    pub fn is_written(&self) -> bool {
        matches!(self, Dependency::Listed(_, ending) if ending == PENDING)
    }
}

/// What was looked at already.
#[derive(Default)]
pub struct Looked(Mutex<HashMap<Dependency, Option<String>>>);

impl Looked {
    /// How a dependency is; none where that cannot be told.
    pub fn state(&self, dependency: &Dependency) -> Option<String> {
        if let Some(known) = self.0.lock().expect("no panic holds it").get(dependency) {
            return known.clone();
        }
        let state = state(dependency).map(|(state, _)| state);
        self.0.lock().expect("no panic holds it").insert(dependency.clone(), state.clone());
        state
    }
}

/// How a dependency is, if it was the same for a while before a moment: what is changed meanwhile may have been read
/// before.
pub fn settled(dependency: &Dependency, before: SystemTime) -> Option<String> {
    /// Clocks of files stand still for so long.
    const TICK: Duration = Duration::from_millis(10);
    let (state, changed) = state(dependency)?;
    (changed + TICK < before).then_some(state)
}

/// How a dependency is, and when that was changed last.
pub fn state(dependency: &Dependency) -> Option<(String, SystemTime)> {
    let mut seen = Seen { hash: Hasher::new(), newest: SystemTime::UNIX_EPOCH, left: limits::GIVEN + 1 };
    match dependency {
        Dependency::Content(path) => seen.content(path)?,
        Dependency::Listed(folder, ending) => seen.listed(folder, ending)?,
        Dependency::Requirements(file, folder) => {
            let mut lists = Requirements::default();
            let read = lists.add_file(file, folder);
            return Some((hash(&(lists, read)), SystemTime::UNIX_EPOCH));
        }
        Dependency::Packages(places) => {
            let state = packages::state(places)?;
            return Some((state.hash, state.newest));
        }
    }
    Some((seen.hash.finalize().to_hex().to_string(), seen.newest))
}

struct Seen {
    hash: Hasher,
    newest: SystemTime,
    /// Bytes that may still be read.
    left: u64,
}

impl Seen {
    /// A file, or a folder as a snippet would get it.
    fn content(&mut self, path: &Path) -> Option<()> {
        let real = path.canonicalize().ok();
        self.hash.update(format!("{real:?}\n").as_bytes());
        if !path.is_dir() {
            return self.file(path);
        }
        let mut walk = ignore::WalkBuilder::new(path);
        walk.standard_filters(false).hidden(true).follow_links(false).sort_by_file_path(Path::cmp);
        for entry in walk.build() {
            let entry = entry.ok()?;
            match entry.file_type().is_some_and(|kind| kind.is_dir()) {
                true => self.note(entry.path()),
                false => self.file(entry.path())?,
            }
        }
        Some(())
    }

    /// Whatever is in a folder under a name that ends so.
    fn listed(&mut self, folder: &Path, ending: &str) -> Option<()> {
        let real = folder.canonicalize().ok();
        self.hash.update(format!("{real:?}\n").as_bytes());
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let is_listed = |path: &PathBuf| path.to_string_lossy().ends_with(ending);
        let mut entries: Vec<_> = entries.map(|entry| entry.path()).filter(is_listed).collect();
        entries.sort();
        entries.iter().try_for_each(|entry| self.file(entry))
    }

    /// What kind of file it is, and what is in it if it is one that can be read.
    fn file(&mut self, path: &Path) -> Option<()> {
        self.note(path);
        let Some(about) = fs::metadata(path).ok().filter(|about| about.is_file()) else { return Some(()) };
        self.hash.update(&[u8::from(about.permissions().mode() & 0o111 != 0)]);
        let mut bytes = Vec::new();
        let read = fs::File::open(path).and_then(|file| file.take(self.left).read_to_end(&mut bytes));
        self.left = self.left.checked_sub(bytes.len() as u64).filter(|left| *left > 0)?;
        self.hash.update(format!("{:?}", read.ok()).as_bytes());
        self.hash.update(blake3::hash(&bytes).as_bytes());
        Some(())
    }

    fn note(&mut self, path: &Path) {
        let about = fs::symlink_metadata(path).ok();
        let kind = about.as_ref().map(|about| about.mode() & libc::S_IFMT);
        self.hash.update(format!("{path:?} {kind:?}\n").as_bytes());
        for about in about.into_iter().chain(fs::metadata(path).ok()) {
            let changed = Duration::new(about.ctime().max(0) as u64, about.ctime_nsec().max(0) as u32);
            self.newest = self.newest.max(SystemTime::UNIX_EPOCH + changed);
        }
    }
}
