//! Checks that take from a cache what would come out the same: whole reports of guides where nothing has changed that
//! they depend on, else what their runs have shown.
//!
//! An entry belongs to one guide, checked in one way. Its first part says when its report holds, the second is the
//! report, the third is what its runs have shown. A report that holds needs no interpreter, and nobody reads the guide.

mod depends;
mod identity;
mod keeper;
mod known;

use serde::{Deserialize, Serialize};

use crate::report::{EnvironmentReport, Python, Summary};
use crate::run::protocol::Sandbox;
use depends::Dependency;
pub use identity::beginning;
pub use keeper::Keeper;
pub use known::Known;

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
    /// How long the longest of its snippets took, in microseconds.
    longest: Option<u64>,
    /// What is counted in the report.
    summary: Summary,
    facts: Facts,
}

/// What is said about the interpreters that a guide ran on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Facts {
    pythons: Vec<Python>,
    environments: Vec<EnvironmentReport>,
    sandbox: Option<Sandbox>,
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
