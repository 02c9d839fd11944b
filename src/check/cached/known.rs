//! What a cache knows about guides whose reports still hold.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use blake3::Hash;
use rayon::prelude::*;

use super::depends::{Dependency, Looked};
use super::identity::Identity;
use super::{Facts, HEAD, Head, REPORT};
use crate::cache::Cache;
use crate::check::bytes;
use crate::check::source::Reported;
use crate::config::Found;
use crate::moment;
use crate::report::stored::Stored;
use crate::report::{Python, Report, Summary};

/// What is known before any guide is read. A report is taken from the cache when it is its turn.
pub struct Known {
    cache: std::sync::Arc<Cache>,
    guides: Vec<Guide>,
    /// What is said about interpreters: most guides ran on the same.
    facts: Vec<Facts>,
    told: Mutex<Vec<bool>>,
}

/// What is known about one guide.
#[derive(Default)]
struct Guide {
    /// Its report, if that holds.
    whole: Option<Whole>,
    /// How long the longest of its snippets took, in microseconds.
    longest: Option<u64>,
}

/// A report that holds.
struct Whole {
    /// Its entry, and how that looked.
    name: String,
    head: Hash,
    /// What is counted in it.
    summary: Summary,
}

impl Known {
    /// Looks all guides up of which the whole is asked for. The first that is not known is told at once.
    pub(super) fn new(
        identity: &Identity,
        cache: &std::sync::Arc<Cache>,
        guides: &[(PathBuf, Found)],
        is_own: &(dyn Fn(usize) -> bool + Sync),
        on_unknown: &(dyn Fn() + Sync),
    ) -> Known {
        let looked = Looked::default();
        let look = |(index, (path, config)): (usize, &(PathBuf, Found))| {
            let asked = Asked { identity, cache, path, config };
            let head = is_own(index).then(|| asked.head(&looked)).flatten();
            if is_own(index) && head.as_ref().is_none_or(|(_, whole)| whole.is_none()) {
                on_unknown();
            }
            head
        };
        let heads: Vec<_> = guides.par_iter().enumerate().map(look).collect();
        let mut facts: Vec<Facts> = Vec::new();
        let guide = |head: Option<(Head, Option<(String, Hash)>)>| {
            let Some((Head { longest, summary, facts: own, .. }, whole)) = head else {
                return Guide::default();
            };
            if whole.is_some() && !facts.contains(&own) {
                facts.push(own);
            }
            Guide { whole: whole.map(|(name, head)| Whole { name, head, summary }), longest }
        };
        let known: Vec<_> = heads.into_iter().map(guide).collect();
        let told = Mutex::new(vec![false; known.len()]);
        let mut known = Known { cache: std::sync::Arc::clone(cache), guides: known, facts, told };
        if !known.facts.windows(2).all(|two| two[0].pythons == two[1].pythons) {
            known.forget();
        }
        known
    }

    fn forget(&mut self) {
        self.guides.iter_mut().for_each(|guide| guide.whole = None);
        self.facts.clear();
    }

    /// Whether the report on a guide is known.
    pub fn has(&self, index: usize) -> bool {
        self.guides[index].whole.is_some()
    }

    /// How long the longest snippet of a guide took, in microseconds.
    pub fn longest(&self, index: usize) -> Option<u64> {
        self.guides[index].longest
    }

    /// The report on a guide; none where it is not known, or not to be had any more.
    pub fn report(&self, index: usize) -> Option<Reported> {
        let Whole { name, head, summary, .. } = self.guides[index].whole.as_ref()?;
        // Somebody else may have put another one there meanwhile.
        let entry = self.cache.entry(name).filter(|entry| entry.hash(HEAD) == *head)?;
        Some(Reported::Stored(Stored { summary: summary.clone(), bytes: entry.part(REPORT)? }))
    }

    /// A report was handed on.
    pub fn is_told(&self, index: usize) {
        self.told.lock().expect("no panic holds it")[index] = true;
    }

    /// Whether it was.
    pub fn was_told(&self, index: usize) -> bool {
        self.told.lock().expect("no panic holds it")[index]
    }

    /// Forgets reports about other interpreters under the same names. The error says that there are none at all.
    pub fn is_on(&mut self, pythons: impl FnOnce() -> anyhow::Result<Vec<Python>>) -> anyhow::Result<()> {
        if self.facts.is_empty() {
            return Ok(());
        }
        let pythons = pythons()?;
        if self.facts.iter().any(|facts| facts.pythons != pythons) {
            let is_late = self.told.lock().expect("no panic holds it").iter().any(|told| *told);
            anyhow::ensure!(!is_late, "the interpreters changed while results were read: run verify again");
            self.forget();
        }
        Ok(())
    }

    /// What there is to say beside the reports that are known; none where none is.
    pub fn around(&self) -> Option<Report<()>> {
        let (first, others) = self.facts.split_first()?;
        let mut all = first.clone();
        others.iter().for_each(|facts| all.join(facts.clone()));
        let Facts { pythons, environments, sandbox } = all;
        Some(Report::new(pythons, environments, sandbox?, ()))
    }

    /// Adds that to what a check of the others has to say.
    pub fn join(&self, around: Report<()>) -> Report<()> {
        let Report { pythons, environments, sandbox, .. } = around;
        let mut all = Facts { pythons, environments, sandbox: Some(sandbox) };
        self.facts.iter().for_each(|facts| all.join(facts.clone()));
        let Facts { pythons, environments, sandbox } = all;
        Report::new(pythons, environments, sandbox.expect("that of the check"), ())
    }
}

/// A guide that is asked about.
struct Asked<'a> {
    identity: &'a Identity,
    cache: &'a Cache,
    path: &'a Path,
    config: &'a Found,
}

impl Asked<'_> {
    /// The head of its entry, with the entry's name and the head's hash if its report holds.
    fn head(&self, looked: &Looked) -> Option<(Head, Option<(String, Hash)>)> {
        let name = self.identity.name(self.path)?;
        let entry = self.cache.entry(&name)?;
        let head: Head = serde_json::from_slice(&entry.part(HEAD)?).ok()?;
        if head.stamp != self.identity.stamp {
            return None;
        }
        entry.touch();
        let holds = self.holds(&head, looked);
        Some((head, holds.then(|| (name, entry.hash(HEAD)))))
    }

    /// Whether nothing has changed that the report depends on.
    fn holds(&self, head: &Head, looked: &Looked) -> bool {
        let state = bytes(self.path).ok().and_then(|bytes| self.identity.guide(&bytes, self.config));
        let is_today = head.day.as_ref().is_none_or(|day| *day == moment::day());
        let is_as_it_was = |(it, state): &(Dependency, String)| looked.state(it).as_ref() == Some(state);
        head.guide.is_some() && head.guide == state && is_today && head.depends.iter().all(is_as_it_was)
    }
}
