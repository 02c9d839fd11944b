//! What outlives a check: threads, warm workers, environments, and what runs have shown.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use rayon::prelude::*;

use super::cached::Keeper;
use super::chosen::{self, Chosen};
use super::document::{Document, Prepared};
use super::pools::Pools;
use super::progress::Progress;
use super::{Options, RanOn, STACK, assemble, elsewhere, snippet};
use crate::environment::{self, Environments, Failure};
use crate::pythons::Interpreter;
use crate::report::{GuideReport, Python, Report};
use crate::run::kept::Memory;
use crate::run::protocol::Sandbox;
use crate::run::{Cancel, Pool, Settings, Site, Stem, Store, World, interrupt};

/// Checks guides again and again: what takes time to get ready is made once.
pub struct Session {
    options: Options,
    threads: rayon::ThreadPool,
    environments: Arc<Result<Environments, Failure>>,
    kept: Option<Arc<dyn Store>>,
    /// Keeps what became of each guide beyond the session.
    keeper: Option<Arc<Keeper>>,
    /// What the first Python's workers grow from, until there are pools. It gets ready while the guides are read;
    /// should it not start, whoever needs it is told.
    stem: Option<Stem>,
    /// For each Python; none before the first check, whose snippets tell what workers import ahead.
    pools: Vec<Pools>,
}

impl Session {
    /// Only an interpreter is started, which gets ready meanwhile. What runs show is kept for as long as the session lasts: what would come out the
    /// same is not run again.
    pub fn new(options: Options) -> anyhow::Result<Session> {
        Session::keeping(Some(Arc::new(Memory::default())), options)
    }

    /// The same for one check.
    pub fn once(options: Options) -> anyhow::Result<Session> {
        Session::keeping(None, options)
    }

    /// The same, with what is kept of earlier ones.
    pub(super) fn with(keeper: Arc<Keeper>, options: Options) -> anyhow::Result<Session> {
        let session = Session::keeping(Some(keeper.observations()), options)?;
        Ok(Session { keeper: Some(keeper), ..session })
    }

    fn keeping(kept: Option<Arc<dyn Store>>, options: Options) -> anyhow::Result<Session> {
        let environments = environment::cache_folder().map(|at| Environments::new(at, options.offline));
        let threads = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.unwrap_or(0));
        let threads = threads.stack_size(STACK).build()?;
        let stem = Stem::start(World::First, &settings(&options, options.pythons.first()).setup()).ok();
        let (environments, pools) = (Arc::new(environments), Vec::new());
        Ok(Session { options, threads, environments, kept, keeper: None, stem, pools })
    }

    /// Checks guides, each under the path it goes by in the report: all of them, or with `blocks` the snippets of
    /// these blocks or with these ids. What is wrong with a guide is in its report. The error is a failure of
    /// verify itself, or [`Cancelled`](crate::run::Cancelled): then what runs is ended at once, and the session can
    /// go on.
    pub fn check(
        &mut self,
        documents: &[(PathBuf, Result<Document, String>)],
        blocks: &[String],
        cancel: &Cancel,
    ) -> anyhow::Result<Report> {
        chosen::check_labels(&readable(documents), blocks)?;
        self.check_some(documents, blocks, cancel)
    }

    /// The same for some of the guides that were asked for: a label may be one of others.
    pub(super) fn check_some(
        &mut self,
        documents: &[(PathBuf, Result<Document, String>)],
        blocks: &[String],
        cancel: &Cancel,
    ) -> anyhow::Result<Report> {
        let started = Instant::now();
        let readable = readable(documents);
        let asked: Vec<_> = readable.into_iter().map(|it| (it, Chosen::new(it, blocks))).collect();
        self.make_pools(&asked);
        self.pools.iter_mut().for_each(Pools::begin);
        let (prepared, ran) = self.run(&asked, cancel)?;
        let pythons = self.pythons()?;
        interrupt::check()?;
        cancel.check()?;
        let mut ran = prepared.iter().zip(ran);
        let guides = documents.iter().map(|(path, document)| match document {
            Ok(_) => {
                let (prepared, mut ran) = ran.next().expect("each readable guide has its runs");
                elsewhere::mark(prepared, &mut ran, &pythons);
                let report = assemble::guide(prepared, &ran, &pythons, &self.options);
                if let Some(keeper) = &self.keeper {
                    keeper.keep(&report, &ran, &pythons, &self.pools);
                }
                report
            }
            Err(error) => GuideReport {
                path: path.to_string_lossy().into_owned(),
                error: Some(error.clone()),
                ..GuideReport::default()
            },
        });
        let guides = guides.collect();
        let mut report = self.report(pythons, guides)?;
        report.count(started.elapsed().as_millis() as u64);
        Ok(report)
    }

    fn make_pools(&mut self, asked: &[(&Document, Chosen)]) {
        if !self.pools.is_empty() {
            return;
        }
        let preload = chosen::preload(asked);
        let pools = |python| {
            let settings = Settings { preload: preload.clone(), ..settings(&self.options, python) };
            Pools::new(settings, Arc::clone(&self.environments), self.kept.clone())
        };
        self.pools = match self.options.pythons[..] {
            [] => vec![pools(None)],
            _ => self.options.pythons.iter().map(|python| pools(Some(python))).collect(),
        };
        if let Some(stem) = self.stem.take() {
            self.pools[0].plain().adopt(stem);
        }
    }

    /// Runs what is asked for. For each guide: its names, and what became of its snippets on each Python.
    fn run<'a>(
        &self,
        asked: &'a [(&Document, Chosen)],
        cancel: &Cancel,
    ) -> anyhow::Result<(Vec<Prepared<'a>>, Vec<Vec<RanOn>>)> {
        let tasks = chosen::tasks(asked);
        let progress = Progress::start(tasks.len() * self.pools.len(), self.options.progress);
        if let Ok(environments) = &*self.environments {
            environments.tell(progress.teller());
        }
        std::thread::scope(|scope| {
            // They start while the guides are prepared.
            let first = self.pools[0].plain();
            for (around, count) in chosen::workers(asked, &tasks, self.threads.current_num_threads()) {
                for _ in 0..first.announce(&around, count) {
                    let around = around.clone();
                    scope.spawn(move || first.warm_up(&around));
                }
            }
            if chosen::is_false_on_purpose(asked, &tasks) {
                self.pools.iter().for_each(|pools| pools.plain().expect(World::Second));
            }
            let prepared: Vec<_> = asked.iter().map(|(it, chosen)| Prepared::new(it, chosen)).collect();
            // One that does not work is told before everything has run on the others.
            self.pools[1..].iter().try_for_each(|pools| pools.plain().hello().map(drop))?;
            let ran = self.threads.install(|| self.run_all(&prepared, &tasks, &progress, cancel));
            Ok((prepared, ran))
        })
    }

    /// Runs every chosen snippet of every guide on every Python. For each guide, and each Python, in order: what
    /// became of its snippets.
    fn run_all(
        &self,
        guides: &[Prepared<'_>],
        tasks: &[(usize, usize)],
        progress: &Progress,
        cancel: &Cancel,
    ) -> Vec<Vec<RanOn>> {
        // One Python after the other: the workers of a few are kept busy.
        let on = |python: usize| tasks.iter().map(move |(guide, snippet)| (python, *guide, *snippet));
        let tasks: Vec<_> = (0..self.pools.len()).flat_map(on).collect();
        let run = |(python, g, s): &(usize, usize, usize)| {
            let pools = &self.pools[*python];
            let ran = progress.count(&guides[*g].document.title(*s), || {
                snippet::run_or_say(&guides[*g], *s, pools, &self.options, cancel)
            });
            (*python, *g, *s, ran)
        };
        // One at a time from the shared list: a slow snippet must not hold up those queued behind it.
        let done: Vec<_> = tasks.par_iter().with_max_len(1).map(run).collect();
        let on_each = || self.pools.iter().map(|_| Vec::new()).collect::<Vec<_>>();
        let mut by_guide: Vec<_> = guides.iter().map(|_| on_each()).collect();
        for (python, g, s, ran) in done {
            by_guide[g][python].push((s, ran));
        }
        by_guide
    }

    fn pythons(&self) -> anyhow::Result<Vec<Python>> {
        self.pools.iter().map(|pools| python(pools.plain(), &self.options)).collect()
    }

    fn report(&self, pythons: Vec<Python>, guides: Vec<GuideReport>) -> anyhow::Result<Report> {
        let sandbox = weakest_sandbox(&self.pools)?;
        let environments =
            self.pools.iter().zip(&pythons).flat_map(|(pools, on)| pools.report(&on.id)).collect();
        Ok(Report::new(pythons, environments, sandbox, guides))
    }
}

/// Those that could be read.
pub(super) fn readable(documents: &[(PathBuf, Result<Document, String>)]) -> Vec<&Document> {
    documents.iter().filter_map(|(_, document)| document.as_ref().ok()).collect()
}

/// How snippets run on a Python, whatever they import.
fn settings(options: &Options, python: Option<&Interpreter>) -> Settings {
    Settings {
        site: Site::Own,
        preload: Vec::new(),
        isolation: options.isolation,
        virtual_time: options.virtual_time,
        python: python.filter(|python| !python.is_embedded).cloned(),
    }
}

/// The sandbox that lacks most. On one machine all are the same.
pub(super) fn weakest_sandbox(pools: &[Pools]) -> anyhow::Result<Sandbox> {
    let all = pools.iter().map(Pools::sandboxes).collect::<anyhow::Result<Vec<_>>>()?.concat();
    all.into_iter().rev().max_by_key(|sandbox| sandbox.lacks.len()).context("there is at least one Python")
}

fn python(pool: &Pool, options: &Options) -> anyhow::Result<Python> {
    let hello = pool.hello()?;
    let other = pool.python();
    Ok(Python {
        id: other.map_or(&hello.version, |python| &python.id).clone(),
        version: hello.version.clone(),
        implementation: hello.implementation.clone(),
        path: hello.path.clone(),
        embedded: other.is_none(),
        virtual_time: options.virtual_time && other.is_none(),
    })
}
