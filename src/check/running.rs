//! One check under way: threads take guides and their snippets from a queue and hand finished reports on.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::Scope;

use super::chosen::{self, Chosen};
use super::document::Document;
use super::opened::{Open, Task};
use super::pools::Pools;
use super::progress::Progress;
use super::queue::{Guard, Queue, Work};
use super::source::{Opened, Reported, Sink, Source};
use super::{RanOn, Session, assemble, elsewhere, snippet};
use crate::run::{Cancel, World, interrupt};

/// A check under way.
pub struct Running<'a, S: ?Sized> {
    session: &'a Session,
    source: &'a S,
    blocks: &'a [String],
    cancel: &'a Cancel,
    sink: Mutex<&'a mut dyn Sink>,
    queue: Queue<Task>,
    progress: Progress,
    /// Whether a guide was opened that is to be run.
    has_begun: AtomicBool,
    /// What kept verify itself from going on.
    failure: Mutex<Option<anyhow::Error>>,
}

impl<'a, S: Source + ?Sized> Running<'a, S> {
    /// A check that has not begun.
    pub fn new(
        session: &'a Session,
        source: &'a S,
        blocks: &'a [String],
        cancel: &'a Cancel,
        sink: &'a mut dyn Sink,
    ) -> Running<'a, S> {
        let progress = Progress::start(source.len(), session.options.progress);
        let (queue, sink) = (Queue::new(order(source)), Mutex::new(sink));
        let (has_begun, failure) = Default::default();
        Running { session, source, blocks, cancel, sink, queue, progress, has_begun, failure }
    }

    /// Does all of it. The error is a failure of verify itself, or says that nobody waits any more.
    pub fn run(self) -> anyhow::Result<()> {
        if let Ok(environments) = self.session.environments() {
            environments.tell(self.progress.teller());
        }
        std::thread::scope(|scope| self.session.threads.broadcast(|_| self.work(scope)));
        interrupt::check()?;
        self.cancel.check()?;
        self.failure.into_inner().expect("no panic holds it").map_or(Ok(()), Err)
    }

    fn work<'s>(&'s self, scope: &'s Scope<'s, '_>) {
        let _guard = Guard(&self.queue);
        while let Some(work) = self.queue.next() {
            match work {
                _ if self.is_over() => self.queue.end(),
                Work::Open(index) => self.open(index, scope),
                Work::Run(task) => self.run_task(&task),
            }
        }
    }

    /// Whether nobody waits for reports any more.
    fn is_over(&self) -> bool {
        interrupt::check().is_err() || self.cancel.check().is_err()
    }

    fn open<'s>(&'s self, index: usize, scope: &'s Scope<'s, '_>) {
        match self.source.open(index) {
            Opened::Told(report) => {
                self.hand_on(index, report);
                self.queue.finished();
            }
            Opened::Done => self.queue.finished(),
            Opened::Read(document) => self.begin(index, document, scope),
        }
    }

    fn begin<'s>(&'s self, index: usize, document: Arc<Document>, scope: &'s Scope<'s, '_>) {
        let chosen = Chosen::new(&document, self.blocks);
        let pools = self.session.pools();
        let modules = chosen::preload(&document, &chosen);
        pools.iter().for_each(|pools| pools.preload(&modules));
        if chosen::is_false_on_purpose(&document, &chosen) {
            pools.iter().for_each(|pools| pools.plain().expect(World::Second));
        }
        let is_first = !self.has_begun.swap(true, SeqCst);
        if is_first {
            self.warm_up(&document, &chosen, scope);
        }
        let open = Arc::new(Open::new(index, document, chosen, pools.len()));
        if is_first && let Err(error) = pools[1..].iter().try_for_each(|it| it.plain().hello().map(drop)) {
            // One that does not work is told before everything has run on the others.
            return self.fail(error);
        }
        let tasks = open.tasks(|id| self.source.took(index, id));
        self.progress.expect(tasks.len());
        // Asked before others can have done them all: who does the last one finishes the guide.
        match tasks.is_empty() {
            true => self.finish(&open, open.nothing()),
            false => self.queue.opened(tasks),
        }
    }

    /// Workers start while the first guide is prepared.
    fn warm_up<'s>(&'s self, document: &Document, chosen: &Chosen, scope: &'s Scope<'s, '_>) {
        let first = self.session.pools()[0].plain();
        for (around, count) in chosen::workers(document, chosen, self.session.threads.current_num_threads()) {
            for _ in 0..first.announce(&around, count) {
                let around = around.clone();
                scope.spawn(move || first.warm_up(&around));
            }
        }
    }

    fn run_task(&self, task: &Task) {
        let Task { guide, python, snippet, .. } = task;
        let prepared = guide.prepared();
        let ran = self.progress.count(&prepared.document.title(*snippet), || {
            let Session { options, .. } = self.session;
            snippet::run_or_say(prepared, *snippet, self.pools_of(*python), options, self.cancel)
        });
        if let Some(ran) = guide.take(*python, *snippet, ran) {
            self.finish(guide, ran);
        }
    }

    fn pools_of(&self, python: usize) -> &Pools {
        &self.session.pools()[python]
    }

    /// Everything of a guide has run.
    fn finish(&self, open: &Open, mut ran: Vec<RanOn>) {
        if self.is_over() {
            return self.queue.end();
        }
        let Session { options, keeper, .. } = self.session;
        let pythons = match self.session.pythons() {
            Ok(pythons) => pythons,
            Err(error) => return self.fail(error),
        };
        let prepared = open.prepared();
        elsewhere::mark(prepared, &mut ran, &pythons);
        let report = assemble::guide(prepared, &ran, &pythons, options);
        if let Some(keeper) = keeper {
            keeper.keep(&report, &ran, &pythons, self.session.pools());
        }
        self.hand_on(open.index, report.into());
        self.queue.finished();
    }

    fn hand_on(&self, index: usize, report: Reported) {
        let mut sink = self.sink.lock().expect("no panic holds it");
        if sink.has_enough() {
            return;
        }
        match self.progress.aside(|| sink.take(index, report)) {
            Ok(()) if sink.has_enough() => self.queue.end(),
            Ok(()) => {}
            Err(error) => self.fail(error),
        }
    }

    fn fail(&self, error: anyhow::Error) {
        self.failure.lock().expect("no panic holds it").get_or_insert(error);
        self.queue.end();
    }
}

/// In the order in which they were given, but for those that are to be run among many that are not, and those that
/// are known to take long: they would be waited for when all else is done.
fn order<S: Source + ?Sized>(source: &S) -> Vec<usize> {
    /// In microseconds.
    const LONG: u64 = 1_000_000;
    let mut all: Vec<_> = (0..source.len()).collect();
    let long = |index: usize| source.longest(index).unwrap_or(0).saturating_sub(LONG);
    all.sort_by_cached_key(|index| (source.is_told(*index), std::cmp::Reverse(long(*index)), *index));
    all
}
