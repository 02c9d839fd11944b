//! What is to be done next: guides are opened as long as there is little else to do, and what they bring is taken the
//! most urgent first. So few guides are held at any time, however many there are.

use std::collections::{BinaryHeap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard};

/// Tasks that are ready before no further guide is opened: among so many the most urgent is found.
const AHEAD: usize = 64;
/// Guides that are open at the same time.
const MOST_OPEN: usize = 64;

/// The work of a check, for as many threads as take it.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    /// Guides that are yet to be opened.
    closed: VecDeque<usize>,
    /// Guides that are open, with those that are being opened.
    open: usize,
    ready: BinaryHeap<T>,
    is_over: bool,
}

/// A piece of work.
#[derive(Debug, PartialEq, Eq)]
pub enum Work<T> {
    /// A guide is to be opened, then [`Queue::opened`] or [`Queue::finished`] called.
    Open(usize),
    /// A task of an open guide.
    Run(T),
}

impl<T: Ord> Queue<T> {
    /// Work on guides in this order.
    pub fn new(guides: impl IntoIterator<Item = usize>) -> Queue<T> {
        let (closed, ready) = (guides.into_iter().collect(), BinaryHeap::new());
        let state = Mutex::new(State { closed, open: 0, ready, is_over: false });
        Queue { state, changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().expect("no panic holds it")
    }

    /// The next piece of work, when there is one. None when all is done.
    pub fn next(&self) -> Option<Work<T>> {
        let mut state = self.lock();
        loop {
            if state.is_over {
                return None;
            }
            let has_room = state.open < MOST_OPEN && state.ready.len() < AHEAD;
            if let Some(guide) = has_room.then(|| state.closed.pop_front()).flatten() {
                state.open += 1;
                return Some(Work::Open(guide));
            }
            if let Some(task) = state.ready.pop() {
                return Some(Work::Run(task));
            }
            if state.open == 0 {
                return None;
            }
            state = self.changed.wait(state).expect("no panic holds it");
        }
    }

    /// A guide has brought tasks.
    pub fn opened(&self, tasks: impl IntoIterator<Item = T>) {
        self.lock().ready.extend(tasks);
        self.changed.notify_all();
    }

    /// Everything of an open guide is done.
    pub fn finished(&self) {
        self.lock().open -= 1;
        self.changed.notify_all();
    }

    /// Nothing is to be done any more.
    pub fn end(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }
}

/// Ends the work where a thread panics: the others would wait for what it had taken.
pub struct Guard<'a, T: Ord>(pub &'a Queue<T>);

impl<T: Ord> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_is_first_and_guides_are_opened_in_order() {
        let queue = Queue::new([7, 8]);
        assert_eq!(queue.next(), Some(Work::Open(7)));
        queue.opened([1, 3]);
        assert_eq!(queue.next(), Some(Work::Open(8)));
        queue.opened([2]);
        assert_eq!([queue.next(), queue.next(), queue.next()].map(Option::unwrap), [3, 2, 1].map(Work::Run));
        queue.finished();
        queue.finished();
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn few_guides_are_open() {
        let queue = Queue::new(0..1000);
        let mut most = 0;
        let mut open = 0;
        while let Some(work) = queue.next() {
            match work {
                Work::Open(guide) => {
                    open += 1;
                    queue.opened((0..10).map(|task| (guide, task)));
                }
                Work::Run((_, 0)) => {
                    open -= 1;
                    queue.finished();
                }
                Work::Run(_) => {}
            }
            most = most.max(open);
        }
        assert!(most <= MOST_OPEN, "{most}");
    }

    #[test]
    fn what_is_over_wakes_those_who_wait() {
        let queue: Queue<usize> = Queue::new([0]);
        assert_eq!(queue.next(), Some(Work::Open(0)));
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| queue.next());
            queue.end();
            assert_eq!(waits.join().unwrap(), None);
        });
    }
}
