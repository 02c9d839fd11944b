//! Where guides come from and where their reports go, one after the other.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::Document;
use crate::report::GuideReport;
use crate::report::stored::{self, Stored};

/// A guide that was read. The error says what is wrong with the file.
pub type Read = Result<Arc<Document>, String>;

/// A guide that was opened.
pub enum Opened {
    /// It is to be run.
    Read(Arc<Document>),
    /// What there is to say about it is known.
    Told(Reported),
    /// That was handed on already.
    Done,
}

/// The report on a guide.
pub enum Reported {
    /// As it was made.
    Made(Box<GuideReport>),
    /// As it was stored.
    Stored(Stored),
}

impl Reported {
    /// The report itself. The error says that what was stored is none.
    pub fn read(self) -> io::Result<GuideReport> {
        match self {
            Reported::Made(report) => Ok(*report),
            Reported::Stored(stored) => stored::read(&stored.bytes),
        }
    }
}

impl From<GuideReport> for Reported {
    fn from(report: GuideReport) -> Reported {
        Reported::Made(Box::new(report))
    }
}

/// Guides that are to be checked. They are opened from several threads.
pub trait Source: Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Opens one of them; each is opened once.
    fn open(&self, index: usize) -> Opened;

    /// Whether what there is to say about one of them is known, so that nothing is run.
    fn is_told(&self, _index: usize) -> bool {
        false
    }

    /// How long the longest of its snippets took last time, in microseconds, where that is known.
    fn longest(&self, _index: usize) -> Option<u64> {
        None
    }

    /// How long one of its snippets took, which goes by this id.
    fn took(&self, _index: usize, _snippet: &str) -> Option<u64> {
        None
    }
}

/// Where reports on guides go.
pub trait Sink: Send {
    /// Takes the report on one of the guides. They come in any order.
    fn take(&mut self, index: usize, report: Reported) -> anyhow::Result<()>;

    /// Whether no other is wanted.
    fn has_enough(&self) -> bool {
        false
    }
}

/// The report on a guide that could not be read.
pub fn unreadable(path: &str, error: &str) -> GuideReport {
    GuideReport { path: path.to_owned(), error: Some(error.to_owned()), ..GuideReport::default() }
}

/// Guides that were read already, each with the path that it goes by in the report.
impl Source for [(PathBuf, Read)] {
    fn len(&self) -> usize {
        self.len()
    }

    fn open(&self, index: usize) -> Opened {
        let (path, read) = &self[index];
        match read {
            Ok(document) => Opened::Read(Arc::clone(document)),
            Err(error) => Opened::Told(unreadable(&path.to_string_lossy(), error).into()),
        }
    }
}

/// Reports that are held, in the order of the guides.
#[derive(Default)]
pub struct Held(Vec<Option<GuideReport>>);

impl Held {
    /// All that have come.
    pub fn reports(self) -> Vec<GuideReport> {
        self.0.into_iter().flatten().collect()
    }
}

impl Sink for Held {
    fn take(&mut self, index: usize, report: Reported) -> anyhow::Result<()> {
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        self.0[index] = Some(report.read()?);
        Ok(())
    }
}
