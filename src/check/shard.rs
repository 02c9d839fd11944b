//! Divides what is to be checked into parts, each for another machine: every snippet into exactly one of them. All
//! machines come to the same division by themselves.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;

use super::chosen::Chosen;
use super::document::{Document, Part};
use crate::claims::Meaning;
use crate::report::{Report, Shard};

/// How long snippets took, by the paths of their guides and their ids; in microseconds.
pub type Durations = HashMap<(String, String), u64>;

/// Which part of how many is to be checked, and what the division depends on besides the guides.
pub struct Division<'a> {
    /// From 1.
    pub index: usize,
    /// How many parts there are.
    pub count: usize,
    /// What is known of earlier runs.
    pub durations: &'a Durations,
    /// The blocks and snippets that were asked for.
    pub blocks: &'a [String],
    /// The time that was asked for.
    pub timeout: Option<Duration>,
}

/// What a division came to.
pub struct Divided {
    shard: Shard,
    /// Guides that could not be read, which another part says.
    said_elsewhere: Vec<usize>,
}

/// Snippets that stay together.
struct Unit {
    guide: usize,
    snippets: Vec<usize>,
    /// What it goes by, on every machine.
    key: String,
    /// How long it took, where that is known.
    took: Option<u64>,
}

impl Division<'_> {
    /// Leaves of each document only what belongs to this part.
    pub fn divide(&self, documents: &mut [(PathBuf, Result<Document, String>)]) -> Divided {
        let units: Vec<_> =
            documents.iter().enumerate().flat_map(|(guide, it)| self.units(guide, it)).collect();
        let parts = self.parts(&units);
        let plan: Vec<_> =
            units.iter().zip(&parts).map(|(unit, part)| (&unit.key, &unit.snippets, part)).collect();
        let plan = serde_json::to_vec(&(plan, self.blocks, self.timeout)).expect("plain data");
        let plan = blake3::hash(&plan).to_hex()[..32].to_owned();
        let mut own = vec![BTreeSet::new(); documents.len()];
        for (unit, _) in units.iter().zip(&parts).filter(|(_, part)| **part == self.index) {
            own[unit.guide].extend(&unit.snippets);
        }
        let mut said_elsewhere = Vec::new();
        for (guide, ((path, document), snippets)) in documents.iter_mut().zip(own).enumerate() {
            let rest = self.by_hash(&path.to_string_lossy()) == self.index;
            match document {
                Ok(document) => {
                    let rest = rest && document.only.as_ref().is_none_or(|only| only.rest);
                    document.only = Some(Part { snippets, rest });
                }
                Err(_) if !rest => said_elsewhere.push(guide),
                Err(_) => {}
            }
        }
        Divided { shard: Shard { index: self.index, count: self.count, plan }, said_elsewhere }
    }

    /// What is asked for of a guide.
    fn units(&self, guide: usize, (path, document): &(PathBuf, Result<Document, String>)) -> Vec<Unit> {
        let Ok(document) = document else { return Vec::new() };
        let path = path.to_string_lossy().into_owned();
        let chosen = Chosen::new(document, self.blocks);
        let mut units: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, first) in together(document).into_iter().enumerate() {
            if chosen.has(index) && document.guide.snippets[index].continues.is_none() {
                units.entry(first).or_default().push(index);
            }
        }
        let id = |index: usize| document.guide.snippets[index].id.clone();
        let took = |index: &usize| self.durations.get(&(path.clone(), id(*index)));
        let unit = |(first, snippets): (usize, Vec<usize>)| Unit {
            guide,
            key: format!("{path}\0{}", id(first)),
            took: snippets.iter().filter_map(took).copied().reduce(|sum, took| sum + took),
            snippets,
        };
        units.into_iter().map(unit).collect()
    }

    /// The part of each unit: the longest first, each to the part that has least to do; what is not known by hash.
    fn parts(&self, units: &[Unit]) -> Vec<usize> {
        let mut parts: Vec<_> = units.iter().map(|unit| self.by_hash(&unit.key)).collect();
        let known = units.iter().enumerate().filter_map(|(at, unit)| Some((at, unit.took?)));
        let mut known: Vec<_> = known.collect();
        known.sort_by_key(|(at, took)| (Reverse(*took), &units[*at].key));
        let mut loads = vec![0; self.count];
        for (at, took) in known {
            let least = (0..self.count).min_by_key(|part| loads[*part]).expect("there is a part");
            loads[least] += took;
            parts[at] = least + 1;
        }
        parts
    }

    fn by_hash(&self, key: &str) -> usize {
        let hash = blake3::hash(key.as_bytes());
        let number = hash.as_bytes()[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        (number % self.count as u64) as usize + 1
    }
}

impl Divided {
    /// Says in a report which part it is, and leaves to others what they say.
    pub fn mark(self, report: &mut Report) {
        for guide in self.said_elsewhere {
            report.guides[guide].error = None;
        }
        report.shard = Some(self.shard);
    }
}

/// For each snippet the first of those that it is judged together with: a number that is repeated has the verdict of
/// the claim that it repeats, and a server that is not there is said once for the guide.
fn together(document: &Document) -> Vec<usize> {
    let guide = &document.guide;
    let mut firsts: Vec<_> = (0..guide.snippets.len()).map(|index| guide.whole(index)).collect();
    let mut tie = |one: usize, other: usize| {
        let (one, other) = (firsts[one].min(firsts[other]), firsts[one].max(firsts[other]));
        firsts.iter_mut().filter(|first| **first == other).for_each(|first| *first = one);
    };
    let by_id: HashMap<_, _> = document.claims.iter().map(|claim| (&claim.id, claim.snippet)).collect();
    for claim in &document.claims {
        if let Meaning::Restates(id) = &claim.meaning
            && let Some(origin) = by_id.get(id)
        {
            tie(claim.snippet, *origin);
        }
    }
    let is_served = |index: &usize| {
        let needs = &guide.snippets[*index].needs;
        !needs.services.is_empty() || !needs.http.is_empty()
    };
    let served: Vec<_> = (0..guide.snippets.len()).filter(is_served).collect();
    served.windows(2).for_each(|pair| tie(pair[0], pair[1]));
    firsts
}

/// The durations in a JSON report, of the guides that it has; the error says what is wrong with it.
pub fn durations(path: &Path) -> anyhow::Result<Durations> {
    #[derive(Deserialize)]
    struct Timed {
        guides: Vec<Guide>,
    }
    #[derive(Deserialize)]
    struct Guide {
        path: String,
        snippets: Vec<Snippet>,
    }
    #[derive(Deserialize)]
    struct Snippet {
        id: String,
        runs: Vec<Run>,
    }
    #[derive(Deserialize)]
    struct Run {
        duration_ms: f64,
    }
    let shown = path.display();
    let text = std::fs::read(path).with_context(|| format!("the durations in {shown} cannot be read"))?;
    let timed: Timed = serde_json::from_slice(&text)
        .with_context(|| format!("{shown} has no durations: give a report of `--report json=FILE`"))?;
    let of = |snippet: &Snippet| snippet.runs.iter().map(|run| (run.duration_ms * 1000.0) as u64).sum();
    let of_guide = |guide: Guide| {
        let path = guide.path;
        guide.snippets.into_iter().map(move |snippet| ((path.clone(), snippet.id.clone()), of(&snippet)))
    };
    Ok(timed.guides.into_iter().flat_map(of_guide).collect())
}
