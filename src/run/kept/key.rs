//! What a kept observation is found by: everything that the outcome of a run depends on, but where in the guide its
//! statements stand and what day it is.

use std::sync::LazyLock;

use blake3::Hasher;
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::job::{Body, Job, Unit};
use crate::run::observation::Observation;
use crate::run::protocol::Page;
use crate::run::surroundings::Surroundings;

/// A hash of all that a run's outcome depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a job with all that is around it. `about` tells what else there is: the interpreter, say.
    pub fn new(about: &impl Serialize, job: &Job, around: &Surroundings, pages: &[Page]) -> Key {
        let Job { guide, files, env, stdin, sqlite, setup, units, before, names } = job;
        let mut parts = Parts(Hasher::new());
        parts.add(about);
        parts.add(&(guide, files, env, stdin, sqlite, setup));
        parts.add(&(before, names, units.len()));
        units.iter().for_each(|unit| parts.add(&at_the_top(unit)));
        parts.add(&(&around.services, pages));
        pages.iter().for_each(|page| parts.add(&page.body));
        parts.key()
    }
}

/// Parts of a key, each told from its neighbours.
struct Parts(Hasher);

impl Parts {
    fn add(&mut self, part: &impl Serialize) {
        serde_json::to_writer(&mut self.0, part).expect("plain data, and a hash takes everything");
        self.0.update(b"\n");
    }

    fn key(&self) -> Key {
        Key(*self.0.finalize().as_bytes())
    }
}

/// A unit as it would be in the first line: it is compiled alone, so that is all that its place changes.
fn at_the_top(unit: &Unit) -> Unit {
    let mut top = unit.clone();
    top.line = 0;
    for probe in &mut top.probes {
        probe.line = probe.line.wrapping_sub(unit.line);
        probe.end_line = probe.end_line.wrapping_sub(unit.line);
    }
    top
}

/// Whether code may read the calendar. It need not be sure: what is thought to costs a run a day.
static CALENDAR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("(?i)time|date|now|today|clock|calendar|logging|uuid").expect("valid"));

/// Whether what a run shows may be otherwise on another day.
pub fn may_depend_on_the_day(job: &Job, seen: &Observation) -> bool {
    let shows_today = |text: &String| seen.today.iter().any(|day| text.contains(day));
    texts(job).any(|text| CALENDAR.is_match(text)) || seen.texts().iter().any(shows_today)
}

/// All code of a job.
pub fn texts(job: &Job) -> impl Iterator<Item = &str> {
    let files = job.files.iter().filter_map(|file| match &file.body {
        Body::Text(text) => Some(text.as_str()),
        Body::Base64(_) => None,
    });
    let setup = job.setup.iter().map(|setup| &*setup.code);
    let sqlite = job.sqlite.iter().map(|database| &*database.sql);
    let evaluated = job.units.iter().flat_map(|unit| &unit.probes).flat_map(|probe| &probe.evaluate);
    let units = job.units.iter().map(|unit| unit.source.as_str());
    units.chain(evaluated.map(String::as_str)).chain(setup).chain(sqlite).chain(files)
}
