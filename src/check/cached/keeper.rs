//! Puts into the cache what became of guides.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::depends::{self, Dependency, settled};
use super::identity::Identity;
use super::known::Known;
use super::{Facts, HEAD, Head, RUNS};
use crate::cache::Cache;
use crate::check::pools::Pools;
use crate::check::session::weakest_sandbox;
use crate::check::{Document, Options, Ran, RanOn};
use crate::config::Found;
use crate::moment;
use crate::report::{GuideReport, Python, stored};
use crate::run::Store;
use crate::run::kept::{Kept, Key, Memory};

/// Keeps what became of guides, each in its entry.
pub struct Keeper {
    identity: Identity,
    cache: Arc<Cache>,
    /// Whether outputs are compared with their snapshots.
    snapshots: bool,
    started: SystemTime,
    observations: Arc<Memory>,
    expected: Mutex<HashMap<String, Expected>>,
    has_kept: AtomicBool,
}

/// A guide as it was read.
struct Expected {
    name: String,
    state: String,
    /// How all was that it depends on; none where that is not known, or the guide is not checked as a whole.
    depends: Option<Vec<(Dependency, String)>>,
    /// What was known of its runs.
    runs: Vec<(Key, Kept)>,
    is_whole: bool,
}

impl Keeper {
    /// Begins a check. The error says what cannot be told about this machine.
    pub fn new(options: &Options, cache: &Arc<Cache>) -> anyhow::Result<Keeper> {
        let (observations, expected, has_kept) = Default::default();
        let (identity, cache, snapshots) = (Identity::new(options)?, Arc::clone(cache), options.snapshots);
        Ok(Keeper {
            identity,
            cache,
            snapshots,
            started: SystemTime::now(),
            observations,
            expected,
            has_kept,
        })
    }

    /// What runs have shown, now and in earlier checks.
    pub fn observations(&self) -> Arc<dyn Store> {
        Arc::clone(&self.observations) as Arc<dyn Store>
    }

    /// What is known of guides of which the whole is asked for. The first that is not known is told at once.
    pub fn known(
        &self,
        guides: &[(PathBuf, Found)],
        is_own: &(dyn Fn(usize) -> bool + Sync),
        on_unknown: &(dyn Fn() + Sync),
    ) -> Known {
        Known::new(&self.identity, &self.cache, guides, is_own, on_unknown)
    }

    /// The state of a guide with its configuration; none where nothing can be kept of it.
    pub fn state(&self, bytes: &[u8], config: &Found) -> Option<String> {
        self.identity.guide(bytes, config)
    }

    /// A guide was read that will be run, as a whole or in part: what is known of its runs is taken from the cache.
    pub fn expect(&self, document: &Document, state: String, is_whole: bool) {
        let path = &document.guide.path;
        let Some(name) = self.identity.name(path.as_ref()) else { return };
        let runs = self.runs(&name).unwrap_or_default();
        runs.iter().for_each(|(key, kept)| self.observations.put(key, kept));
        let now = |it: Dependency| {
            let state = match it.is_written() {
                true => String::new(),
                false => settled(&it, self.started)?,
            };
            Some((it, state))
        };
        let depends = is_whole.then(|| depends::of(document, self.snapshots).into_iter().map(now).collect());
        let depends = depends.flatten();
        let expected = Expected { name, state, depends, runs, is_whole };
        self.expected.lock().expect("no panic holds it").insert(path.clone(), expected);
    }

    fn runs(&self, name: &str) -> Option<Vec<(Key, Kept)>> {
        let entry = self.cache.entry(name)?;
        let head: Head = serde_json::from_slice(&entry.part(HEAD)?).ok()?;
        if head.stamp != self.identity.stamp {
            return None;
        }
        serde_json::from_slice(&entry.part(RUNS)?).ok()
    }

    /// Keeps what became of a guide: its runs as far as they can be kept, and its report if that depends on nothing
    /// that nobody sees. Of a part, what its runs show beside what is known of others.
    pub fn keep(&self, report: &GuideReport, ran: &[RanOn], pythons: &[Python], pools: &[Pools]) {
        let expected = self.expected.lock().expect("no panic holds it").remove(&report.path);
        let Some(Expected { name, state, depends, runs: known, is_whole }) = expected else { return };
        let keys: BTreeSet<_> = all(ran).flat_map(|ran| ran.kept.iter().flatten()).collect();
        let runs: Vec<_> = keys.iter().filter_map(|key| Some((**key, self.observations.get(key)?))).collect();
        // The next guide has other runs.
        self.observations.forget(keys.iter().copied().chain(known.iter().map(|(key, _)| key)));
        let is_known = |(key, _): &(Key, Kept)| known.iter().any(|(known, _)| known == key);
        if !is_whole && runs.iter().all(is_known) {
            return;
        }
        let is_complete = report.error.is_none() && all(ran).all(is_kept) && runs.len() == keys.len();
        let day = runs.iter().find_map(|(_, kept)| kept.day()).cloned();
        let is_today = day.as_ref().is_none_or(|day| *day == moment::day());
        let depends = depends.filter(|_| is_complete && is_today).and_then(|it| self.still(it, pools));
        let facts = facts(ran, pythons, pools);
        let (Some(facts), false) = (facts, runs.is_empty() && depends.is_none()) else { return };
        let whole = depends.as_ref().map(|_| stored::written(report)).unwrap_or_default();
        let guide = depends.is_some().then_some(state);
        let others = known.into_iter().filter(|(key, _)| !is_whole && !keys.contains(key));
        let runs: Vec<_> = runs.into_iter().chain(others).collect();
        let (depends, longest, summary) = (depends.unwrap_or_default(), longest(report), report.count());
        let head = Head { stamp: self.identity.stamp.clone(), guide, depends, day, longest, summary, facts };
        let json = |written: serde_json::Result<Vec<u8>>| written.expect("plain data");
        let (head, runs) = (json(serde_json::to_vec(&head)), json(serde_json::to_vec(&runs)));
        self.cache.keep(&name, &[head, whole, runs]);
        self.has_kept.store(true, Relaxed);
    }

    /// What a report depends on, if it is as it was when the guide was read, with the interpreters.
    fn still(
        &self,
        depends: Vec<(Dependency, String)>,
        pools: &[Pools],
    ) -> Option<Vec<(Dependency, String)>> {
        let again = |(it, before): (Dependency, String)| {
            let (now, _) = depends::state(&it)?;
            (it.is_written() || now == before).then_some((it, now))
        };
        let mut all: Vec<_> = depends.into_iter().map(again).collect::<Option<_>>()?;
        for pools in pools {
            let packages = Dependency::Packages(pools.files().ok()?);
            let state = settled(&packages, self.started)?;
            all.push((packages, state));
        }
        Some(all)
    }

    /// Ends a check.
    pub fn finish(&self) {
        if self.has_kept.load(Relaxed) {
            self.cache.trim();
        }
    }
}

/// How long the longest snippet took, in microseconds.
fn longest(report: &GuideReport) -> Option<u64> {
    let runs = report.snippets.iter().flat_map(|snippet| &snippet.runs);
    runs.map(|run| (run.duration_ms * 1000.0) as u64).max()
}

fn all(ran: &[RanOn]) -> impl Iterator<Item = &Ran> {
    ran.iter().flatten().map(|(_, ran)| ran)
}

/// Whether what became of a snippet depends on nothing but what its runs are kept under.
fn is_kept(ran: &Ran) -> bool {
    // The newest version of a package is what an index says today.
    let asked = ran.judged.troubles.iter().any(|trouble| trouble.broken.is_some());
    ran.error.is_none() && ran.packages.failure.is_none() && !asked && ran.kept.iter().all(Option::is_some)
}

/// What a report says about the interpreters that a guide ran on.
fn facts(ran: &[RanOn], pythons: &[Python], pools: &[Pools]) -> Option<Facts> {
    let sandbox = weakest_sandbox(pools).ok()?;
    let mut environments = Vec::new();
    for ((ran, python), pools) in ran.iter().zip(pythons).zip(pools) {
        let asked: BTreeSet<Vec<&str>> =
            ran.iter().map(|(_, ran)| ran.packages.requirements.packages().collect()).collect();
        let is_asked = |packages: &[String]| {
            asked
                .iter()
                .any(|asked| asked.iter().eq(packages.iter().map(String::as_str).collect::<Vec<_>>().iter()))
        };
        environments.extend(pools.report(&python.id).into_iter().filter(|it| is_asked(&it.packages)));
    }
    Some(Facts { pythons: pythons.to_vec(), environments, sandbox: Some(sandbox) })
}
