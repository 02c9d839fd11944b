//! Counts over guides as they come.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{GuideReport, Summary};

/// What was counted so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    folders: BTreeMap<PathBuf, Folder>,
}

/// Counts over the guides of one folder.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// Over those that were checked.
    pub summary: Summary,
    /// How many could not be.
    pub unread: usize,
}

impl Folder {
    /// Whether there is nothing to say about it.
    pub fn is_clean(&self) -> bool {
        self.summary.errors + self.summary.warnings + self.unread == 0
    }
}

impl Tally {
    /// Counts another guide.
    pub fn add(&mut self, guide: &GuideReport) {
        let counts = self.of(Path::new(&guide.path));
        guide.count_into(&mut counts.summary);
        counts.unread += usize::from(guide.error.is_some());
    }

    /// The same for one that was checked and is counted already.
    pub fn add_counted(&mut self, guide: &Path, summary: &Summary) {
        self.of(guide).summary.add(summary);
    }

    fn of(&mut self, guide: &Path) -> &mut Folder {
        let folder = guide.parent().unwrap_or(Path::new(""));
        // The name is copied only where it is new.
        if !self.folders.contains_key(folder) {
            self.folders.insert(folder.to_owned(), Folder::default());
        }
        self.folders.get_mut(folder).expect("it was just put there")
    }

    /// Folders with what is in them.
    pub fn folders(&self) -> &BTreeMap<PathBuf, Folder> {
        &self.folders
    }

    /// How many guides could not be checked.
    pub fn unread(&self) -> usize {
        self.folders.values().map(|folder| folder.unread).sum()
    }

    /// All together; `duration_ms` is real time.
    pub fn summary(&self, duration_ms: u64) -> Summary {
        let mut sum = Summary { duration_ms, ..Summary::default() };
        self.folders.values().for_each(|folder| sum.add(&folder.summary));
        sum
    }
}

impl Summary {
    fn add(&mut self, other: &Summary) {
        self.guides += other.guides;
        self.snippets += other.snippets;
        self.unverified += other.unverified;
        self.claims += other.claims;
        self.holds += other.holds;
        self.false_ += other.false_;
        self.undecided += other.undecided;
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.expected += other.expected;
    }
}
