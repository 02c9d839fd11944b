//! A guide while its snippets run.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use self_cell::self_cell;

use super::chosen::{self, Chosen};
use super::document::{Document, Prepared};
use super::{Ran, RanOn};

/// What the names are those of.
struct Asked {
    document: Arc<Document>,
    chosen: Chosen,
}

self_cell!(
    /// A guide together with what is looked up in it.
    struct Names {
        owner: Asked,
        #[covariant]
        dependent: Prepared,
    }
);

/// A guide whose snippets run.
pub struct Open {
    /// Its place among all guides.
    pub index: usize,
    names: Names,
    /// What became of its snippets, for each Python.
    ran: Mutex<Vec<RanOn>>,
    /// How many runs are to come.
    left: AtomicUsize,
}

/// A snippet of an open guide that is to run on one of the Pythons. Those that take longest are the most urgent,
/// then those that come first.
pub struct Task {
    /// How long it took, in microseconds, as far as that is known.
    pub took: u64,
    /// The guide.
    pub guide: Arc<Open>,
    /// The place of the Python.
    pub python: usize,
    /// The place of the snippet.
    pub snippet: usize,
}

impl Task {
    fn urgency(&self) -> (u64, Reverse<(usize, usize, usize)>) {
        (self.took, Reverse((self.guide.index, self.python, self.snippet)))
    }
}

impl Ord for Task {
    fn cmp(&self, other: &Task) -> std::cmp::Ordering {
        self.urgency().cmp(&other.urgency())
    }
}

impl PartialOrd for Task {
    fn partial_cmp(&self, other: &Task) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Task {
    fn eq(&self, other: &Task) -> bool {
        self.urgency() == other.urgency()
    }
}

impl Eq for Task {}

impl Open {
    /// Looks all names up.
    pub fn new(index: usize, document: Arc<Document>, chosen: Chosen, pythons: usize) -> Open {
        let left = pythons * chosen::tasks(&document, &chosen).count();
        let names = Names::new(Asked { document, chosen }, |it| Prepared::new(&it.document, &it.chosen));
        let ran = Mutex::new((0..pythons).map(|_| RanOn::new()).collect());
        Open { index, names, ran, left: AtomicUsize::new(left) }
    }

    /// The guide with its names.
    pub fn prepared(&self) -> &Prepared<'_> {
        self.names.borrow_dependent()
    }

    /// What is to run on each Python: one after the other, so that the workers of a few are kept busy.
    pub fn tasks(self: &Arc<Open>, took: impl Fn(&str) -> Option<u64>) -> Vec<Task> {
        let Asked { document, chosen } = self.names.borrow_owner();
        let pythons = self.ran.lock().expect("no panic holds it").len();
        let on = |python: usize| chosen::tasks(document, chosen).map(move |snippet| (python, snippet));
        let task = |(python, snippet): (usize, usize)| {
            let took = took(&document.guide.snippets[snippet].id).unwrap_or(0);
            Task { took, guide: Arc::clone(self), python, snippet }
        };
        (0..pythons).flat_map(on).map(task).collect()
    }

    /// Takes what became of a snippet. Gives what became of all when it was the last.
    pub fn take(&self, python: usize, snippet: usize, ran: Ran) -> Option<Vec<RanOn>> {
        let mut all = self.ran.lock().expect("no panic holds it");
        all[python].push((snippet, ran));
        (self.left.fetch_sub(1, SeqCst) == 1).then(|| sorted(std::mem::take(&mut *all)))
    }

    /// What became of its snippets where none is to run.
    pub fn nothing(&self) -> Vec<RanOn> {
        std::mem::take(&mut *self.ran.lock().expect("no panic holds it"))
    }
}

fn sorted(mut all: Vec<RanOn>) -> Vec<RanOn> {
    all.iter_mut().for_each(|ran| ran.sort_by_key(|(snippet, _)| *snippet));
    all
}
