//! Divides what is to be checked into parts, each for another machine: every snippet into exactly one of them. All
//! machines come to the same division by themselves.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::chosen::Chosen;
use super::document::{Document, Part, bytes};
use super::source::Read;
use crate::claims::Meaning;
use crate::config::Found;
use crate::report::Shard;

/// How long snippets took, by the paths of their guides and their ids; in microseconds.
pub type Durations = HashMap<(String, String), u64>;

/// A guide that is more than one of so many pieces of each part is divided itself. The others need not be read by who
/// checks another part.
const PIECES: u64 = 32;

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
    /// Which part it is.
    pub shard: Shard,
    /// What of each guide belongs to it.
    pub shares: Vec<Share>,
}

/// What of a guide belongs to a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Share {
    /// All of it.
    Whole,
    /// Some of it, or nothing of one that has to be looked at all the same.
    Some(Part),
    /// Nothing: another part says whatever there is to say.
    Nothing,
}

/// Snippets that stay together.
struct Unit {
    guide: usize,
    /// None where it is the guide as a whole.
    snippets: Option<Vec<usize>>,
    /// What it goes by, on every machine.
    key: String,
    /// How long it took, where that is known.
    took: Option<u64>,
}

/// What is known of a guide before it is read.
struct Weight {
    path: String,
    /// What is in its file and its configuration.
    state: String,
    /// Bytes of its file.
    size: u64,
    /// How long its snippets took, where that is known.
    took: Option<u64>,
}

impl Division<'_> {
    /// Divides guides in files. Of them only those are read that are divided themselves, with `read`.
    pub fn of_files(&self, guides: &[(PathBuf, Found)], read: impl Fn(usize) -> Read) -> Divided {
        let mut took: HashMap<&str, u64> = HashMap::new();
        self.durations.iter().for_each(|((path, _), own)| *took.entry(path).or_default() += own);
        let weight = |(path, config): &(PathBuf, Found)| {
            let path = path.to_string_lossy().into_owned();
            let bytes = bytes(Path::new(&path)).unwrap_or_default();
            let config = config.as_ref().ok().and_then(Option::as_ref).map(|config| config.text());
            let state = digest(&(blake3::hash(&bytes).to_hex().as_str(), config));
            let took = took.get(path.as_str()).copied();
            Weight { state, size: bytes.len() as u64, took, path }
        };
        let weights: Vec<_> = guides.iter().map(weight).collect();
        let all = (weights.iter().map(|it| it.size).sum(), weights.iter().filter_map(|it| it.took).sum());
        let units = weights.iter().enumerate().map(|(guide, weight)| match self.is_divided(weight, all) {
            true => (self.units(guide, &weight.path, &read(guide)), false),
            false => (vec![whole(guide, weight)], true),
        });
        let (units, is_whole): (Vec<_>, Vec<_>) = units.unzip();
        let units: Vec<_> = units.into_iter().flatten().collect();
        let (paths, states): (Vec<_>, Vec<_>) = weights.into_iter().map(|it| (it.path, it.state)).unzip();
        self.divided(&paths, &units, &is_whole, &states)
    }

    /// Divides guides that were read already.
    pub fn of_documents(&self, documents: &[(PathBuf, Read)]) -> Divided {
        let paths: Vec<_> = documents.iter().map(|(path, _)| path.to_string_lossy().into_owned()).collect();
        let units = documents.iter().zip(&paths).enumerate();
        let units: Vec<_> =
            units.flat_map(|(guide, ((_, read), path))| self.units(guide, path, read)).collect();
        let state = |(_, read): &(PathBuf, Read)| read.as_ref().map_or(String::new(), |it| it.digest.clone());
        let states: Vec<_> = documents.iter().map(state).collect();
        self.divided(&paths, &units, &vec![false; paths.len()], &states)
    }

    /// Whether a guide is too much for one piece of all; `all` are the bytes and the durations of all.
    fn is_divided(&self, weight: &Weight, all: (u64, u64)) -> bool {
        let (own, all) = match weight.took {
            Some(took) => (took, all.1),
            None => (weight.size, all.0),
        };
        own.saturating_mul(PIECES * self.count as u64) > all
    }

    fn divided(&self, paths: &[String], units: &[Unit], is_whole: &[bool], states: &[String]) -> Divided {
        let parts = self.parts(units);
        let plan: Vec<_> = units.iter().zip(&parts).map(|(it, part)| (&it.key, &it.snippets, part)).collect();
        let plan = digest(&(plan, self.blocks, self.timeout));
        let mut own = vec![BTreeSet::new(); paths.len()];
        let mut shares = vec![Share::Nothing; paths.len()];
        for (unit, _) in units.iter().zip(&parts).filter(|(_, part)| **part == self.index) {
            match &unit.snippets {
                Some(snippets) => own[unit.guide].extend(snippets),
                None => shares[unit.guide] = Share::Whole,
            }
        }
        for (guide, snippets) in own.into_iter().enumerate().filter(|(guide, _)| !is_whole[*guide]) {
            let rest = self.by_hash(&paths[guide]) == self.index;
            shares[guide] = Share::Some(Part { snippets, rest });
        }
        let shard = Shard { index: self.index, count: self.count, plan, guides: digest(&states) };
        Divided { shard, shares }
    }

    /// What is asked for of a guide.
    fn units(&self, guide: usize, path: &str, read: &Read) -> Vec<Unit> {
        let Ok(document) = read else { return Vec::new() };
        let chosen = Chosen::new(document, self.blocks);
        let mut units: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, first) in together(document).into_iter().enumerate() {
            if chosen.has(index) && document.guide.snippets[index].continues.is_none() {
                units.entry(first).or_default().push(index);
            }
        }
        let id = |index: usize| document.guide.snippets[index].id.clone();
        let took = |index: &usize| self.durations.get(&(path.to_owned(), id(*index)));
        let unit = |(first, snippets): (usize, Vec<usize>)| Unit {
            guide,
            key: format!("{path}\0{}", id(first)),
            took: snippets.iter().filter_map(took).copied().reduce(|sum, took| sum + took),
            snippets: Some(snippets),
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

fn whole(guide: usize, weight: &Weight) -> Unit {
    Unit { guide, snippets: None, key: weight.path.clone(), took: weight.took }
}

fn digest(data: &impl Serialize) -> String {
    let text = serde_json::to_vec(data).expect("plain data");
    blake3::hash(&text).to_hex()[..32].to_owned()
}

impl Share {
    /// Leaves of a guide that was read only what belongs to the part. None where that is nothing that it says.
    pub fn of(&self, read: Read) -> Option<Read> {
        match (self, read) {
            (Share::Nothing, _) => None,
            (Share::Whole, read) => Some(read),
            (Share::Some(part), Err(error)) => part.rest.then_some(Err(error)),
            (Share::Some(part), Ok(mut document)) => {
                let own = Arc::get_mut(&mut document).expect("nobody else has it yet");
                let rest = part.rest && own.only.as_ref().is_none_or(|only| only.rest);
                own.only = Some(Part { rest, ..part.clone() });
                Some(Ok(document))
            }
        }
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
