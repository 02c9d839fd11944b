//! What outlives a check: threads, warm workers, environments, and what runs have shown.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use anyhow::Context;

use super::cached::Keeper;
use super::chosen;
use super::pools::Pools;
use super::running::Running;
use super::source::{Held, Read, Sink, Source};
use super::{Options, STACK};
use crate::environment::{self, Environments, Failure};
use crate::pythons::Interpreter;
use crate::report::{Python, Report};
use crate::run::kept::Memory;
use crate::run::protocol::Sandbox;
use crate::run::{Cancel, Modules, Pool, Settings, Site, Stem, Store, World};

/// Checks guides again and again: what takes time to get ready is made once.
pub struct Session {
    pub(super) options: Options,
    pub(super) threads: rayon::ThreadPool,
    environments: Arc<Result<Environments, Failure>>,
    kept: Option<Arc<dyn Store>>,
    /// Keeps what became of each guide beyond the session.
    pub(super) keeper: Option<Arc<Keeper>>,
    /// What the first Python's workers grow from, until there are pools. It gets ready while the guides are read;
    /// should it not start, whoever needs it is told.
    stem: Mutex<Option<Stem>>,
    /// For each Python; made when they are first needed.
    pools: OnceLock<Vec<Pools>>,
}

impl Session {
    /// Only an interpreter is started, which gets ready meanwhile. What runs show is kept for as long as the session lasts: what would come out the
    /// same is not run again.
    pub fn new(options: Options) -> anyhow::Result<Session> {
        Session::storing(Some(Arc::new(Memory::default())), options)
    }

    /// The same for one check.
    pub fn once(options: Options) -> anyhow::Result<Session> {
        Session::storing(None, options)
    }

    /// The same, with what is kept of earlier ones, if anything is.
    pub(super) fn keeping(keeper: Option<&Arc<Keeper>>, options: Options) -> anyhow::Result<Session> {
        let session = Session::storing(keeper.map(|keeper| keeper.observations()), options)?;
        Ok(Session { keeper: keeper.cloned(), ..session })
    }

    fn storing(kept: Option<Arc<dyn Store>>, options: Options) -> anyhow::Result<Session> {
        let environments = environment::cache_folder().map(|at| Environments::new(at, options.offline));
        let threads = rayon::ThreadPoolBuilder::new().num_threads(options.jobs.unwrap_or_else(usual_jobs));
        let threads = threads.stack_size(STACK).build()?;
        let stem = Stem::start(World::First, &settings(&options, options.pythons.first()).setup()).ok();
        let (environments, stem, pools) = (Arc::new(environments), Mutex::new(stem), OnceLock::new());
        Ok(Session { options, threads, environments, kept, keeper: None, stem, pools })
    }

    /// Checks guides, each under the path it goes by in the report: all of them, or with `blocks` the snippets of
    /// these blocks or with these ids. What is wrong with a guide is in its report. The error is a failure of
    /// verify itself, or [`Cancelled`](crate::run::Cancelled): then what runs is ended at once, and the session can
    /// go on.
    pub fn check(
        &mut self,
        documents: &[(PathBuf, Read)],
        blocks: &[String],
        cancel: &Cancel,
    ) -> anyhow::Result<Report> {
        let started = Instant::now();
        let readable = documents.iter().filter_map(|(_, read)| read.as_deref().ok());
        chosen::check_labels(readable, blocks)?;
        let mut held = Held::default();
        let around = self.check_each(documents, blocks, cancel, &mut held)?;
        let mut report = around.with(held.reports());
        report.count(started.elapsed().as_millis() as u64);
        Ok(report)
    }

    /// Checks guides one after the other, as far as their reports are wanted: few are held at any time. What is
    /// returned says where they ran.
    pub fn check_each<S: Source + ?Sized>(
        &mut self,
        source: &S,
        blocks: &[String],
        cancel: &Cancel,
        sink: &mut dyn Sink,
    ) -> anyhow::Result<Report<()>> {
        if let Some(pools) = self.pools.get_mut() {
            pools.iter_mut().for_each(Pools::begin);
        }
        Running::new(self, source, blocks, cancel, sink).run()?;
        self.surroundings()
    }

    /// The workers of each Python.
    pub(super) fn pools(&self) -> &[Pools] {
        self.pools.get_or_init(|| {
            let pools = |python| {
                let settings = settings(&self.options, python);
                Pools::new(settings, Arc::clone(&self.environments), self.kept.clone())
            };
            let pools: Vec<_> = match self.options.pythons[..] {
                [] => vec![pools(None)],
                _ => self.options.pythons.iter().map(|python| pools(Some(python))).collect(),
            };
            if let Some(stem) = self.stem.lock().expect("no panic holds it").take() {
                pools[0].plain().adopt(stem);
            }
            pools
        })
    }

    /// Where packages are installed, if anywhere.
    pub(super) fn environments(&self) -> &Result<Environments, Failure> {
        &self.environments
    }

    /// The Pythons that run the snippets. Waits for them.
    pub(super) fn pythons(&self) -> anyhow::Result<Vec<Python>> {
        self.pools().iter().map(|pools| python(pools.plain(), &self.options)).collect()
    }

    fn surroundings(&self) -> anyhow::Result<Report<()>> {
        let pythons = self.pythons()?;
        let sandbox = weakest_sandbox(self.pools())?;
        let environments = self.pools().iter().zip(&pythons).flat_map(|(pools, on)| pools.report(&on.id));
        let environments = environments.collect();
        Ok(Report::new(pythons, environments, sandbox, ()))
    }
}

/// A run often waits for the system to put its processes and files away: three runs keep two processors busy.
fn usual_jobs() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
    (processors * 3).div_ceil(2)
}

/// How snippets run on a Python, whatever they import.
fn settings(options: &Options, python: Option<&Interpreter>) -> Settings {
    Settings {
        site: Site::Own,
        preload: Modules::default(),
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
