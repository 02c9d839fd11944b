//! From paths to a [`Report`]: reads the guides, runs their snippets in parallel, judges them.

mod assemble;
pub mod companions;
mod document;
mod elsewhere;
mod merge;
mod parts;
mod pools;
mod progress;
mod requirements;
mod snippet;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use rayon::prelude::*;

use crate::config::Found;
use crate::environment::{self, Environments, Failure};
use crate::judge::{Code, Judged, Packages};
use crate::plan::Supply;
use crate::pythons::Interpreter;
use crate::report::{GuideReport, Python, Report, Summary, Tool};
use crate::run::protocol::Sandbox;
use crate::run::{Isolation, Observation, Pool, Settings, Site, Stem, Surroundings, World, interrupt};
use document::Prepared;
pub use document::{Document, bytes, configured, read};
use pools::Pools;
use progress::Progress;

/// Stack of the threads that work on syntax trees, in bytes; only what is used is taken.
pub const STACK: usize = 512 << 20;

/// What a check is asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only snippets of these blocks, or with these ids; all where it is empty.
    pub blocks: Vec<String>,
    /// The Pythons that run the snippets; the embedded one where it is empty.
    pub pythons: Vec<Interpreter>,
    /// Threads; one for each processor where it is `None`.
    pub jobs: Option<usize>,
    /// Real time for each run, whatever the configuration says about it.
    pub timeout: Option<Duration>,
    /// Whether packages that are not there may not be fetched.
    pub offline: bool,
    /// The sandbox of each run.
    pub isolation: Isolation,
    /// Whether waiting is simulated.
    pub virtual_time: bool,
    /// Whether outputs are compared with their snapshots.
    pub snapshots: bool,
    /// Whether progress may be shown on standard error.
    pub progress: bool,
}

impl Default for Options {
    /// A whole check of everything, which writes nothing.
    fn default() -> Options {
        Options {
            blocks: Vec::new(),
            pythons: Vec::new(),
            jobs: None,
            timeout: None,
            offline: false,
            isolation: Isolation::Best,
            virtual_time: true,
            snapshots: false,
            progress: false,
        }
    }
}

/// What became of one snippet.
#[derive(Default)]
pub struct Ran {
    supply: Supply,
    packages: Packages,
    judged: Judged,
    seen: Observation,
    /// Bytes of each stream that earlier snippets wrote.
    own_start: [usize; 2],
    /// Guide lines of the statements that ran to their end.
    passed_lines: HashSet<usize>,
    transcript: Option<crate::snapshot::Transcript>,
    error: Option<String>,
}

/// What became of a guide's snippets on one Python, each with its index, in order.
type RanOn = Vec<(usize, Ran)>;

/// Checks guides. Errors are failures of verify itself; what is wrong with one guide is in its report.
pub fn check(paths: &[(PathBuf, Found)], options: &Options) -> anyhow::Result<Report> {
    // It gets ready while the guides are read. Should it not start, whoever needs it is told.
    let stem = Stem::start(World::First, &settings(options, options.pythons.first()).setup());
    let read = |(path, config): &(PathBuf, Found)| (path.clone(), read(path, config));
    check_on(stem.ok(), &paths.iter().map(read).collect::<Vec<_>>(), options)
}

/// The same for guides that were read already, each under the path it goes by in the report.
pub fn check_documents(
    documents: &[(PathBuf, Result<Document, String>)],
    options: &Options,
) -> anyhow::Result<Report> {
    check_on(None, documents, options)
}

/// The same with a stem of the first Python's workers, where one was started already.
fn check_on(
    stem: Option<Stem>,
    documents: &[(PathBuf, Result<Document, String>)],
    options: &Options,
) -> anyhow::Result<Report> {
    let started = Instant::now();
    let readable: Vec<_> = documents.iter().filter_map(|(_, document)| document.as_ref().ok()).collect();
    check_labels(&readable, &options.blocks)?;
    let tasks: Vec<_> = tasks(&readable, options).collect();
    let progress = Progress::start(tasks.len() * options.pythons.len().max(1), options.progress);
    let environments = environment::cache_folder();
    let environments = environments.map(|at| Environments::new(at, options.offline, progress.teller()));
    let pools = pools(&readable, options, &environments);
    if let Some(stem) = stem {
        pools[0].plain().adopt(stem);
    }
    let threads =
        rayon::ThreadPoolBuilder::new().num_threads(options.jobs.unwrap_or(0)).stack_size(STACK).build()?;
    let (prepared, ran) = std::thread::scope(|scope| {
        // They start while the guides are prepared.
        let first = pools[0].plain();
        for (around, count) in workers(&readable, &tasks, threads.current_num_threads()) {
            first.announce(&around, count);
            for _ in 0..count {
                let around = around.clone();
                scope.spawn(move || first.warm_up(&around));
            }
        }
        if tasks.iter().any(|(guide, snippet)| is_false_on_purpose(readable[*guide], *snippet)) {
            pools.iter().for_each(|pools| pools.plain().expect(World::Second));
        }
        let prepared: Vec<_> = readable.iter().map(|document| Prepared::new(document)).collect();
        // One that does not work is told before everything has run on the others.
        pools[1..].iter().try_for_each(|pools| pools.plain().hello().map(drop))?;
        let ran = threads.install(|| run_all(&prepared, &tasks, options, &pools, &progress));
        anyhow::Ok((prepared, ran))
    })?;
    drop(progress);
    let pythons = pools.iter().map(|pools| python(pools.plain(), options));
    let pythons = pythons.collect::<anyhow::Result<Vec<_>>>()?;
    interrupt::check()?;
    let mut ran = prepared.iter().zip(ran);
    let guides = documents.iter().map(|(path, document)| match document {
        Ok(_) => {
            let (prepared, mut ran) = ran.next().expect("each readable guide has its runs");
            elsewhere::mark(prepared, &mut ran, &pythons);
            assemble::guide(prepared, &ran, &pythons, options)
        }
        Err(error) => GuideReport {
            path: path.to_string_lossy().into_owned(),
            error: Some(error.clone()),
            ..GuideReport::default()
        },
    });
    let guides = guides.collect();
    let tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
    let sandbox = weakest_sandbox(&pools)?;
    let environments = pools.iter().zip(&pythons).flat_map(|(pools, on)| pools.report(&on.id)).collect();
    let virtual_time = pythons.iter().all(|python| python.virtual_time);
    let summary = Summary::default();
    let mut report =
        Report { schema: 1, tool, pythons, environments, sandbox, virtual_time, guides, summary };
    report.count(started.elapsed().as_millis() as u64);
    Ok(report)
}

/// Pools for each Python.
fn pools<'a>(
    documents: &[&Document],
    options: &Options,
    environments: &'a Result<Environments, Failure>,
) -> Vec<Pools<'a>> {
    let preload = preload(documents, options);
    let of = |python| Settings { preload: preload.clone(), ..settings(options, python) };
    match options.pythons[..] {
        [] => vec![Pools::new(of(None), environments)],
        _ => options.pythons.iter().map(|python| Pools::new(of(Some(python)), environments)).collect(),
    }
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
fn weakest_sandbox(pools: &[Pools<'_>]) -> anyhow::Result<Sandbox> {
    let all = pools.iter().map(Pools::sandboxes).collect::<anyhow::Result<Vec<_>>>()?.concat();
    all.into_iter().rev().max_by_key(|sandbox| sandbox.lacks.len()).context("there is at least one Python")
}

/// A label that no guide has is a mistake of the command line.
fn check_labels(documents: &[&Document], labels: &[String]) -> anyhow::Result<()> {
    let known: BTreeSet<&str> = documents
        .iter()
        .flat_map(|document| document.guide.snippets.iter().flat_map(|s| [s.block.as_str(), s.id.as_str()]))
        .collect();
    match labels.iter().find(|label| !known.contains(label.as_str())) {
        Some(unknown) => {
            let known: Vec<_> = known.into_iter().collect();
            anyhow::bail!("no block or snippet is called `{unknown}`; there are: {}", known.join(", "))
        }
        None => Ok(()),
    }
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

/// Modules of the standard library that the chosen snippets import and that do nothing when imported.
fn preload(documents: &[&Document], options: &Options) -> Vec<String> {
    const NOT: [&str; 8] =
        ["this", "antigravity", "turtle", "tkinter", "idlelib", "turtledemo", "test", "lib2to3"];
    let mut modules = BTreeSet::new();
    for document in documents {
        let chosen = (0..document.codes.len()).filter(|index| is_chosen(document, *index, options));
        modules.extend(chosen.flat_map(|index| document.codes[index].imports()));
    }
    let root = |module: &String| module.split('.').next().unwrap_or_default().to_owned();
    let known = |module: &String| ruff_python_stdlib::sys::is_known_standard_library(14, &root(module));
    // A package's program is not imported but run.
    let is_program = |module: &String| module.ends_with("__main__");
    let harmless = |module: &String| !NOT.contains(&root(module).as_str()) && !is_program(module);
    modules.into_iter().filter(|module| known(module) && harmless(module)).collect()
}

/// Whether a snippet was asked for.
fn is_chosen(document: &Document, index: usize, options: &Options) -> bool {
    let snippet = &document.guide.snippets[document.guide.whole(index)];
    options.blocks.is_empty()
        || options.blocks.iter().any(|label| *label == snippet.block || *label == snippet.id)
}

/// Whether a snippet's author means to say something false, which will be looked at in both worlds.
fn is_false_on_purpose(document: &Document, index: usize) -> bool {
    let false_claim = Code::FalseClaim.name();
    document.guide.snippets[index].expects().any(|code| code == false_claim)
}

/// The snippets that are to run, each as the index of its guide and its own.
fn tasks(documents: &[&Document], options: &Options) -> impl Iterator<Item = (usize, usize)> {
    let wanted = |document: &Document, index: usize| {
        is_chosen(document, index, options) && document.guide.snippets[index].skipped().is_none()
    };
    documents.iter().enumerate().flat_map(move |(guide, document)| {
        (0..document.codes.len())
            .filter(move |index| wanted(document, *index))
            .map(move |index| (guide, index))
    })
}

/// How many workers begin that have no packages but the interpreter's own, and with what around them. Those with
/// servers take long to start, and one of them serves many runs.
fn workers(
    documents: &[&Document],
    tasks: &[(usize, usize)],
    threads: usize,
) -> HashMap<Surroundings, usize> {
    let mut counts = HashMap::new();
    for (guide, index) in tasks {
        if !documents[*guide].requirements[*index].is_empty() {
            continue;
        }
        let around = Surroundings::of(&documents[*guide].guide.snippets[*index].needs);
        let most = if around.services.is_empty() { threads } else { 1 };
        let count = counts.entry(around).or_insert(0);
        *count = most.min(*count + 1);
    }
    counts
}

/// Runs every chosen snippet of every guide on every Python. For each guide, and each Python, in order: what
/// became of its snippets.
fn run_all(
    guides: &[Prepared<'_>],
    tasks: &[(usize, usize)],
    options: &Options,
    pools: &[Pools<'_>],
    progress: &Progress,
) -> Vec<Vec<RanOn>> {
    // One Python after the other: the workers of a few are kept busy.
    let on = |python: usize| tasks.iter().map(move |(guide, snippet)| (python, *guide, *snippet));
    let tasks: Vec<_> = (0..pools.len()).flat_map(on).collect();
    let run = |(python, g, s): &(usize, usize, usize)| {
        let ran = snippet::run_or_say(&guides[*g], *s, &pools[*python], options);
        progress.one_done();
        (*python, *g, *s, ran)
    };
    // One at a time from the shared list: a slow snippet must not hold up those queued behind it.
    let done: Vec<_> = tasks.par_iter().with_max_len(1).map(run).collect();
    let on_each = || pools.iter().map(|_| Vec::new()).collect::<Vec<_>>();
    let mut by_guide: Vec<_> = guides.iter().map(|_| on_each()).collect();
    for (python, g, s, ran) in done {
        by_guide[g][python].push((s, ran));
    }
    by_guide
}
