//! A check of guides in files: which of them and what of each, what a cache knows of them, and where reports go.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::cached::{Keeper, Known};
use super::document::{Document, bytes, configured};
use super::shard::{Divided, Division, Durations, Share};
use super::since;
use super::source::{Opened, Read, Reported, Sink, Source, unreadable};
use super::{Options, Session, check_labels};
use crate::cache::Cache;
use crate::config::Found;
use crate::report::{GuideReport, Report};
use crate::run::Cancel;

/// What a check is of.
#[derive(Default)]
pub struct Wanted<'a> {
    /// The guides, each with the configuration that applies to it.
    pub guides: &'a [(PathBuf, Found)],
    /// Only the snippets of these blocks or with these ids; all where there are none.
    pub blocks: &'a [String],
    /// Only what changed since this revision.
    pub since: Option<&'a str>,
    /// Only the part with this number, of so many.
    pub shard: Option<(usize, usize)>,
    /// How long snippets took in an earlier run.
    pub durations: Durations,
}

/// Checks guides, with what a cache has, and keeps the rest in it. Reports go to the sink, what is returned is what
/// there is to say beside them. Errors are failures of verify itself.
pub fn check(
    wanted: &Wanted<'_>,
    options: Options,
    cache: Option<&Arc<Cache>>,
    sink: &mut dyn Sink,
) -> anyhow::Result<Report<()>> {
    let keeper = cache.map(|cache| Keeper::new(&options, cache)).transpose()?.map(Arc::new);
    let around = match wanted.since.is_some() || !wanted.blocks.is_empty() {
        true => check_snippets(wanted, options, keeper.as_ref(), sink),
        false => check_guides(wanted, options, keeper.as_ref(), sink),
    }?;
    if let Some(keeper) = keeper {
        keeper.finish();
    }
    Ok(around)
}

/// Which snippets are asked for is known only when all guides are read.
fn check_snippets(
    wanted: &Wanted<'_>,
    options: Options,
    keeper: Option<&Arc<Keeper>>,
    sink: &mut dyn Sink,
) -> anyhow::Result<Report<()>> {
    let timeout = options.timeout;
    // It begins to start an interpreter, which gets ready while the guides are read.
    let mut session = Session::keeping(keeper, options)?;
    let guides = wanted.guides.iter();
    let read = |(path, config): &(PathBuf, Found)| (path.clone(), read(path, config, keeper, false));
    let mut documents: Vec<_> = guides.map(read).collect();
    let since = wanted.since.map(|revision| since::changed(&mut documents, revision)).transpose()?;
    check_labels(documents.iter().filter_map(|(_, read)| read.as_deref().ok()), wanted.blocks)?;
    let divided = wanted.division(timeout).map(|division| division.of_documents(&documents));
    let shares = divided.as_ref().map(|divided| divided.shares.as_slice()).unwrap_or_default();
    let source: Vec<_> = documents
        .into_iter()
        .enumerate()
        .map(|(index, (path, read))| {
            let read = match shares.get(index) {
                Some(share) => share.of(read),
                None => Some(read),
            };
            (path, read)
        })
        .collect();
    let around =
        session.check_each(&Documents { wanted, documents: source }, wanted.blocks, &Cancel::new()?, sink)?;
    Ok(Report { since, shard: divided.map(|divided| divided.shard), ..around })
}

/// Guides are opened, and forgotten, one after the other.
fn check_guides(
    wanted: &Wanted<'_>,
    options: Options,
    keeper: Option<&Arc<Keeper>>,
    sink: &mut dyn Sink,
) -> anyhow::Result<Report<()>> {
    let read = |index: usize| {
        let (path, config) = &wanted.guides[index];
        super::read(path, config)
    };
    let divided = wanted.division(options.timeout).map(|division| division.of_files(wanted.guides, read));
    let is_own = |index: usize| divided.as_ref().is_none_or(|it| it.shares[index] == Share::Whole);
    // It begins to start an interpreter, which gets ready while the guides are looked up or read.
    let session = OnceLock::new();
    let begin = || session.get_or_init(|| Session::keeping(keeper, options.clone()));
    let known = keeper.map(|keeper| {
        keeper.known(wanted.guides, &is_own, &|| {
            begin();
        })
    });
    let mut files = Files { wanted, keeper, divided, known };
    let around = match files.told_without_running(sink)? {
        Some(around) => around,
        None => {
            begin();
            let mut session = session.into_inner().expect("it has begun")?;
            if let Some(known) = &mut files.known {
                known.is_on(|| session.pythons())?;
            }
            let around = session.check_each(&files, &[], &Cancel::new()?, sink)?;
            match &files.known {
                Some(known) => known.join(around),
                None => around,
            }
        }
    };
    Ok(Report { shard: files.divided.map(|divided| divided.shard), ..around })
}

/// Reads a guide. What becomes of it is kept; of a part only what its runs show.
fn read(path: &Path, config: &Found, keeper: Option<&Arc<Keeper>>, is_whole: bool) -> Read {
    let bytes = bytes(path)?;
    let state = keeper.and_then(|keeper| keeper.state(&bytes, config));
    let document = Document::new(path, bytes, configured(config)?)?;
    if let (Some(keeper), Some(state)) = (keeper, state) {
        keeper.expect(&document, state, is_whole);
    }
    Ok(Arc::new(document))
}

impl Wanted<'_> {
    fn division(&self, timeout: Option<std::time::Duration>) -> Option<Division<'_>> {
        let (index, count) = self.shard?;
        Some(Division { index, count, durations: &self.durations, blocks: self.blocks, timeout })
    }

    fn took(&self, index: usize, snippet: &str) -> Option<u64> {
        // The name is made only where somebody knows something.
        let known = (!self.durations.is_empty()).then(|| self.guides[index].0.to_string_lossy().into_owned());
        self.durations.get(&(known?, snippet.to_owned())).copied()
    }
}

/// Guides that are opened when it is their turn.
struct Files<'a> {
    wanted: &'a Wanted<'a>,
    keeper: Option<&'a Arc<Keeper>>,
    divided: Option<Divided>,
    /// What a cache knows.
    known: Option<Known>,
}

impl Files<'_> {
    fn share(&self, index: usize) -> &Share {
        self.divided.as_ref().map_or(&Share::Whole, |divided| &divided.shares[index])
    }

    fn path(&self, index: usize) -> &Path {
        &self.wanted.guides[index].0
    }

    /// What there is to say where every report is known: then no interpreter is needed. Those that are not to be had
    /// after all are left to a check.
    fn told_without_running(&mut self, sink: &mut dyn Sink) -> anyhow::Result<Option<Report<()>>> {
        let Some(known) = &self.known else { return Ok(None) };
        let Some(around) = known.around().filter(|_| (0..self.len()).all(|it| self.is_told(it))) else {
            return Ok(None);
        };
        for index in 0..self.len() {
            if sink.has_enough() {
                break;
            }
            crate::run::interrupt::check()?;
            let report = match self.share(index) {
                Share::Nothing => Some(elsewhere(self.path(index))),
                _ => known.report(index),
            };
            match report {
                Some(report) => {
                    sink.take(index, report)?;
                    known.is_told(index);
                }
                None => return Ok(None),
            }
        }
        Ok(Some(around))
    }
}

impl Source for Files<'_> {
    fn len(&self) -> usize {
        self.wanted.guides.len()
    }

    fn open(&self, index: usize) -> Opened {
        let (path, config) = &self.wanted.guides[index];
        let share = self.share(index);
        if let Some(known) = &self.known {
            if known.was_told(index) {
                return Opened::Done;
            }
            if let Some(report) = known.report(index) {
                return Opened::Told(report);
            }
        }
        match share {
            Share::Nothing => Opened::Told(elsewhere(path)),
            _ => opened(path, share.of(read(path, config, self.keeper, *share == Share::Whole))),
        }
    }

    fn is_told(&self, index: usize) -> bool {
        *self.share(index) == Share::Nothing || self.known.as_ref().is_some_and(|known| known.has(index))
    }

    fn longest(&self, index: usize) -> Option<u64> {
        self.known.as_ref().and_then(|known| known.longest(index))
    }

    fn took(&self, index: usize, snippet: &str) -> Option<u64> {
        self.wanted.took(index, snippet)
    }
}

/// Guides that were read, each if something of it is asked for.
struct Documents<'a> {
    wanted: &'a Wanted<'a>,
    documents: Vec<(PathBuf, Option<Read>)>,
}

impl Source for Documents<'_> {
    fn len(&self) -> usize {
        self.documents.len()
    }

    fn open(&self, index: usize) -> Opened {
        let (path, read) = &self.documents[index];
        opened(path, read.clone())
    }

    fn took(&self, index: usize, snippet: &str) -> Option<u64> {
        self.wanted.took(index, snippet)
    }
}

fn opened(path: &Path, read: Option<Read>) -> Opened {
    match read {
        Some(Ok(document)) => Opened::Read(document),
        Some(Err(error)) => Opened::Told(unreadable(&path.to_string_lossy(), &error).into()),
        None => Opened::Told(elsewhere(path)),
    }
}

/// A guide about which another part of the run says what there is to say.
fn elsewhere(path: &Path) -> Reported {
    GuideReport { path: path.to_string_lossy().into_owned(), ..GuideReport::default() }.into()
}
