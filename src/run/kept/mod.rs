//! Observations of earlier runs, for jobs that would come out the same again.
//!
//! What is kept is what was observed, never what was said about it: judging is always done anew. So an unchanged
//! guide gives the same report, whatever the judge learns.

mod key;
mod memory;
mod moved;

use serde::{Deserialize, Serialize};

pub use key::Key;
pub use memory::Memory;

use super::observation::Observation;
use super::protocol::Ending;
use crate::job::Job;
use moved::{Lines, lines_of};

/// Where observations are kept. Who finds one that is broken finds none.
pub trait Store: Send + Sync {
    /// The observation of a key.
    fn get(&self, key: &Key) -> Option<Kept>;
    /// Keeps one.
    fn put(&self, key: &Key, kept: &Kept);
}

/// An observation with what its use depends on beside its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    seen: Observation,
    /// The guide lines of the job's units.
    lines: Lines,
    /// The day that it is right on, where what it shows may depend on that.
    day: Option<String>,
}

impl Kept {
    /// What is worth keeping of a run: one that came to an end of its own, with all that it was to have around it.
    /// Any other may come out differently on a better day.
    pub fn of(job: &Job, seen: &Observation, day: &str) -> Option<Kept> {
        let ended = matches!(seen.ending, Some(Ending::Exited(_)));
        let day = key::may_depend_on_the_day(job, seen).then(|| day.to_owned());
        let whole = ended && seen.lacking.is_empty();
        whole.then(|| Kept { seen: seen.clone(), lines: lines_of(job), day })
    }

    /// The day that it is right on, if not on any.
    pub fn day(&self) -> Option<&String> {
        self.day.as_ref()
    }

    /// What a run of the job would show on a day, if that is sure.
    pub fn observation(self, job: &Job, day: &str) -> Option<Observation> {
        if self.day.is_some_and(|kept| kept != day) {
            return None;
        }
        moved::to_lines(self.seen, &self.lines, job)
    }
}
