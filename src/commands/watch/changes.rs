//! What was saved, as far as a guide could depend on it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use notify_debouncer_full::DebouncedEvent;

/// What is to be looked at again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether that is everything, whatever was saved.
    everything: bool,
    paths: BTreeSet<PathBuf>,
}

impl Changes {
    /// As at the beginning.
    pub fn everything() -> Changes {
        Changes { everything: true, paths: BTreeSet::new() }
    }

    /// What some events are about. Whoever only reads changes nothing: least of all we, by checking.
    pub fn of(events: &[DebouncedEvent]) -> Changes {
        let events = events.iter().filter(|event| !event.kind.is_access());
        let mut changes = Changes::default();
        for event in events {
            changes.everything |= event.need_rescan();
            changes.paths.extend(event.paths.iter().filter(|path| !is_noise(path)).cloned());
        }
        changes
    }

    /// Whether there is nothing to look at.
    pub fn is_nothing(&self) -> bool {
        !self.everything && self.paths.is_empty()
    }

    /// Adds others.
    pub fn add(&mut self, others: Changes) {
        self.everything |= others.everything;
        self.paths.extend(others.paths);
    }

    /// Whether this is about one of these files alone.
    pub fn are_among(&self, files: &BTreeSet<PathBuf>) -> bool {
        !self.everything && self.paths.is_subset(files)
    }

    /// Whether something happened to a folder, or to one that it lies in.
    pub fn have_one_above(&self, folder: &Path) -> bool {
        folder.ancestors().any(|above| self.paths.contains(above))
    }

    /// Whether a file was saved.
    pub fn has(&self, file: &Path) -> bool {
        self.everything || self.paths.contains(file)
    }
}

/// Whether a file is one of ours (a pending snapshot), or one that an editor keeps beside what it edits.
fn is_noise(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let ends = [".snap.new", "~", ".swp", ".swx", ".tmp", ".bak"];
    name.starts_with(['.', '#']) || name == "4913" || ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use notify_debouncer_full::notify::Event;
    use notify_debouncer_full::notify::event::{
        AccessKind, CreateKind, EventKind, Flag, ModifyKind, RenameMode,
    };

    use super::*;

    fn changes(kind: EventKind, paths: &[&str]) -> Changes {
        let event = paths.iter().fold(Event::new(kind), |event, path| event.add_path(path.into()));
        Changes::of(&[DebouncedEvent::new(event, Instant::now())])
    }

    #[test]
    fn what_is_read_or_nobodys_guide_is_nothing() {
        let read = EventKind::Access(AccessKind::Any);
        let made = EventKind::Create(CreateKind::Any);
        assert!(changes(read, &["/a/guide.md"]).is_nothing());
        for noise in ["/a/1.1.snap.new", "/a/.guide.md.swp", "/a/guide.md~", "/a/4913", "/a/.#guide.md"] {
            assert!(changes(made, &[noise]).is_nothing(), "{noise}");
        }
        assert!(changes(made, &["/a/1.1.snap"]).has(Path::new("/a/1.1.snap")));
    }

    #[test]
    fn a_file_that_takes_anothers_place_is_that_one() {
        let renamed = EventKind::Modify(ModifyKind::Name(RenameMode::Both));
        let saved = changes(renamed, &["/a/.guide.md.123", "/a/guide.md"]);
        assert_eq!(saved.paths, [PathBuf::from("/a/guide.md")].into());
    }

    #[test]
    fn where_events_were_lost_everything_is_looked_at() {
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        let changes = Changes::of(&[DebouncedEvent::new(lost, Instant::now())]);
        assert!(
            !changes.is_nothing() && changes.has(Path::new("/any")) && !changes.are_among(&BTreeSet::new())
        );
    }
}
