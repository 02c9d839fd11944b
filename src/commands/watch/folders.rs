//! Which folders are watched: not files, since editors put new ones in their place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

use anyhow::Context;
use notify_debouncer_full::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{Debouncer, RecommendedCache, new_debouncer};

use super::Message;
use super::changes::Changes;
use crate::check::{Read, companions};
use crate::config::Found;
use crate::needs::Content;

/// How long it must be quiet before something counts as saved: editors write in several steps.
const QUIET: Duration = Duration::from_millis(40);

/// Folders that are watched.
pub struct Folders {
    watcher: Debouncer<RecommendedWatcher, RecommendedCache>,
    watched: BTreeSet<PathBuf>,
}

impl Folders {
    /// None yet. What is saved in them becomes a message.
    pub fn new(messages: Sender<Message>) -> anyhow::Result<Folders> {
        let tell = move |result: notify_debouncer_full::DebounceEventResult| {
            let changes = match result {
                Ok(events) => Changes::of(&events),
                Err(_) => Changes::everything(),
            };
            if !changes.is_nothing() {
                let _ = messages.send(Message::Saved(changes));
            }
        };
        let watcher = new_debouncer(QUIET, None, tell).context("cannot watch folders")?;
        Ok(Folders { watcher, watched: BTreeSet::new() })
    }

    /// Watches these, too. The error names one that cannot be watched, and hinders no other.
    pub fn watch(&mut self, wanted: BTreeSet<PathBuf>, changes: &Changes) -> anyhow::Result<()> {
        let mut failed = Ok(());
        // What was removed and made again is another folder.
        let is_watched = |folder: &PathBuf| self.watched.contains(folder) && !changes.have_one_above(folder);
        let new: Vec<_> = wanted.into_iter().filter(|folder| !is_watched(folder)).collect();
        for folder in new {
            if self.watched.contains(&folder) {
                let _ = self.watcher.unwatch(&folder);
            }
            match self.watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => drop(self.watched.insert(folder)),
                Err(_) if !folder.is_dir() => {}
                Err(error) => {
                    failed = Err(error).with_context(|| format!("cannot watch {}", folder.display()))
                }
            }
        }
        failed
    }
}

/// The folders on which guides depend: where they are or could come to be, and all of a project that has a
/// configuration, but what .gitignore names.
pub fn around(given: &[PathBuf], guides: &[(PathBuf, Found)]) -> BTreeSet<PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let mut folders = BTreeSet::new();
    let mut roots: BTreeSet<PathBuf> =
        given.iter().filter(|path| path.is_dir()).filter_map(|path| real(path)).collect();
    for (path, config) in guides {
        folders.extend(real(path).and_then(|path| path.parent().map(Path::to_owned)));
        folders.extend(path.parent().map(or_here).and_then(real));
        match config {
            Ok(Some(config)) => roots.extend(real(&config.folder)),
            // The wrong one may be in any folder above.
            Err(_) => folders.extend(above(path, Path::new("/"))),
            Ok(None) => {
                // One may come to be.
                folders.extend(above(path, &here));
                folders.extend(nearest(&companions::folder(&path.to_string_lossy(), None)));
            }
        }
    }
    roots.iter().for_each(|root| folders.extend(below(root)));
    folders
}

/// The folders of what a guide's snippets are given, be they inside of a project or not.
pub fn of_files(documents: &[(PathBuf, Read)]) -> BTreeSet<PathBuf> {
    let readable = documents.iter().filter_map(|(_, document)| document.as_ref().ok());
    let needs = readable.flat_map(|document| &document.guide.snippets).map(|snippet| &snippet.needs);
    let given = needs.flat_map(|needs| {
        let files = needs.files.iter().map(|file| &file.content);
        files.chain(needs.http.iter().map(|page| &page.body))
    });
    let folders = given.flat_map(|content| match content {
        Content::From(path) if path.is_dir() => below(path),
        Content::From(path) => path.parent().map(Path::to_owned).into_iter().collect(),
        Content::Inline(_) => Vec::new(),
    });
    folders.collect()
}

/// A path without links.
pub fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// Where something is, whether it is there or not.
pub fn place_of(path: &Path) -> PathBuf {
    let parent = or_here(path.parent().unwrap_or(path));
    match (parent.canonicalize(), path.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    }
}

fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// The folders above a guide, up to one of them.
fn above(path: &Path, top: &Path) -> Vec<PathBuf> {
    let place = place_of(path);
    place.ancestors().skip(1).filter(|folder| folder.starts_with(top)).map(Path::to_owned).collect()
}

/// A folder, or the nearest one above it that there is.
fn nearest(folder: &Path) -> Option<PathBuf> {
    let whole = std::path::absolute(folder).ok()?;
    whole.ancestors().find(|folder| folder.is_dir()).and_then(real)
}

/// A folder with those below it.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = ignore::WalkBuilder::new(folder).build().flatten();
    entries
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_dir()))
        .map(|it| it.into_path())
        .collect()
}
