//! Checks that take from a cache what would come out the same: whole reports of guides where nothing has changed that
//! they depend on, else what their runs have shown.
//!
//! An entry belongs to one guide, checked in one way. Its first part says when its report holds, the second is the
//! report, the third is what its runs have shown. A report that holds needs no interpreter, and nobody reads the guide.

mod depends;
mod identity;
mod keeper;
mod whole;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Document, Options, Session, bytes, configured};
use crate::cache::{Cache, Entry};
use crate::config::Found;
use crate::moment;
use crate::report::{EnvironmentReport, GuideReport, Python, Report};
use crate::run::Cancel;
use crate::run::kept::{Kept, Key};
use crate::run::protocol::Sandbox;
use depends::{Dependency, Looked};
use identity::Identity;
pub use identity::beginning;
pub use keeper::Keeper;

/// The parts of an entry.
const HEAD: usize = 0;
const REPORT: usize = 1;
const RUNS: usize = 2;

/// When the report of an entry holds, and what a report of several guides says beside it.
#[derive(Serialize, Deserialize)]
struct Head {
    /// What the runs depend on whatever the guide says: this program, this machine.
    stamp: String,
    /// The guide with its configuration. Nothing where only the runs are kept.
    guide: Option<String>,
    /// What else is among the files, and how that was.
    depends: Vec<(Dependency, String)>,
    /// The day that it is right on, if not on any.
    day: Option<String>,
    facts: Facts,
}

/// What is said about the interpreters that a guide ran on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Facts {
    pythons: Vec<Python>,
    environments: Vec<EnvironmentReport>,
    sandbox: Option<Sandbox>,
}

/// A guide that is asked about.
struct Asked<'a> {
    path: &'a Path,
    config: &'a Found,
    identity: &'a Identity,
}

/// What a cache knows about a guide.
#[derive(Default)]
struct Known {
    /// Its report, if that holds.
    whole: Option<(GuideReport, Facts)>,
    /// What its runs have shown.
    runs: Vec<(Key, Kept)>,
}

/// Checks guides as [`check`](super::check()) does, with what a cache has, and keeps the rest in it.
pub fn check(guides: &[(PathBuf, Found)], options: Options, cache: &Arc<Cache>) -> anyhow::Result<Report> {
    let started = Instant::now();
    let keeper = Arc::new(Keeper::new(Identity::new(&options)?, Arc::clone(cache), options.snapshots));
    let looked = Looked::default();
    let look = |(path, config): &(PathBuf, Found)| {
        let asked = Asked { path, config, identity: keeper.identity() };
        asked.known(&looked, cache).unwrap_or_default()
    };
    let mut known: Vec<_> = guides.par_iter().map(look).collect();
    if !agree(&known) {
        known.iter_mut().for_each(|known| known.whole = None);
    }
    let mut rest = check_rest(guides, &mut known, &options, &keeper)?;
    if rest.as_ref().is_some_and(|rest| known.iter().any(|known| !known.is_on(&rest.pythons))) {
        // What is known is about other interpreters under the same names.
        known.iter_mut().for_each(|known| known.whole = None);
        rest = check_rest(guides, &mut known, &options, &keeper)?;
    }
    keeper.finish();
    let mut report = together(known, rest);
    report.count(started.elapsed().as_millis() as u64);
    Ok(report)
}

/// Whether what is known is about the same interpreters.
fn agree(known: &[Known]) -> bool {
    let first = known.iter().find_map(|known| known.whole.as_ref());
    first.is_none_or(|(_, facts)| known.iter().all(|known| known.is_on(&facts.pythons)))
}

impl Known {
    fn is_on(&self, pythons: &[Python]) -> bool {
        self.whole.as_ref().is_none_or(|(_, facts)| facts.pythons == pythons)
    }
}

/// The report on those guides whose report is not known, if there are any.
fn check_rest(
    guides: &[(PathBuf, Found)],
    known: &mut [Known],
    options: &Options,
    keeper: &Arc<Keeper>,
) -> anyhow::Result<Option<Report>> {
    if !guides.is_empty() && known.iter().all(|known| known.whole.is_some()) {
        return Ok(None);
    }
    // It begins to start an interpreter, which gets ready while the guides are read.
    let mut session = Session::with(Arc::clone(keeper), options.clone())?;
    let rest = guides.iter().zip(known).filter(|(_, known)| known.whole.is_none());
    let documents: Vec<_> = rest
        .map(|((path, config), known)| {
            let document = read(path, config, std::mem::take(&mut known.runs), keeper);
            (path.clone(), document)
        })
        .collect();
    session.check(&documents, &[], &Cancel::new()?).map(Some)
}

/// Reads a guide whose report will be kept.
fn read(path: &Path, config: &Found, runs: Vec<(Key, Kept)>, keeper: &Keeper) -> Result<Document, String> {
    let bytes = bytes(path)?;
    let state = keeper.identity().guide(&bytes, config);
    let document = Document::new(path, bytes, configured(config)?)?;
    if let Some(state) = state {
        keeper.expect(&document, state, runs);
    }
    Ok(document)
}

/// The report on all guides, in their order.
fn together(known: Vec<Known>, rest: Option<Report>) -> Report {
    let mut facts = Facts::default();
    let mut since = None;
    let mut fresh = Vec::new().into_iter();
    if let Some(Report { pythons, environments, sandbox, guides, since: of_rest, .. }) = rest {
        facts = Facts { pythons, environments, sandbox: Some(sandbox) };
        fresh = guides.into_iter();
        since = of_rest;
    }
    let mut guides = Vec::new();
    for known in known {
        match known.whole {
            Some((report, more)) => {
                facts.join(more);
                guides.push(report);
            }
            None => guides.extend(fresh.next()),
        }
    }
    let Facts { pythons, environments, sandbox } = facts;
    let sandbox = sandbox.expect("whoever ran a guide has said where");
    Report { since, ..Report::new(pythons, environments, sandbox, guides) }
}

impl Facts {
    /// Adds what is true of another guide.
    fn join(&mut self, other: Facts) {
        if self.pythons.is_empty() {
            self.pythons = other.pythons;
        }
        for environment in other.environments {
            if !self.environments.contains(&environment) {
                self.environments.push(environment);
            }
        }
        let place = |it: &EnvironmentReport| self.pythons.iter().position(|on| on.id == it.python);
        self.environments.sort_by_cached_key(|it| (place(it), it.packages.clone()));
        // The one that lacks most.
        let lacks = |sandbox: &Option<Sandbox>| sandbox.as_ref().map(|sandbox| sandbox.lacks.len());
        if lacks(&other.sandbox) > lacks(&self.sandbox) {
            self.sandbox = other.sandbox;
        }
    }
}

impl Asked<'_> {
    /// What a cache knows about the guide. None where there is no entry that is whole.
    fn known(&self, looked: &Looked, cache: &Cache) -> Option<Known> {
        let entry = cache.entry(&self.identity.name(self.path)?)?;
        let head: Head = serde_json::from_slice(&entry.part(HEAD)?).ok()?;
        if head.stamp != self.identity.stamp {
            return None;
        }
        entry.touch();
        let whole = self.whole(&entry, &head, looked).map(|report| (report, head.facts));
        let runs = || serde_json::from_slice(&entry.part(RUNS)?).ok();
        let runs = if whole.is_some() { None } else { runs() };
        Some(Known { whole, runs: runs.unwrap_or_default() })
    }

    /// The report, if nothing has changed that it depends on.
    fn whole(&self, entry: &Entry, head: &Head, looked: &Looked) -> Option<GuideReport> {
        let state = self.identity.guide(&bytes(self.path).ok()?, self.config)?;
        let is_today = head.day.as_ref().is_none_or(|day| *day == moment::day());
        let is_as_it_was = |(it, state): &(Dependency, String)| looked.state(it).as_ref() == Some(state);
        let holds = head.guide.as_ref() == Some(&state) && is_today && head.depends.iter().all(is_as_it_was);
        if !holds { None } else { whole::read(&entry.part(REPORT)?) }
    }
}
