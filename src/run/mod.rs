//! Runs plans in workers and hands back what was observed. Judges nothing.

mod fixtures;
pub mod folder;
pub mod interrupt;
pub mod observation;
pub mod passing;
pub mod pool;
pub mod protocol;
mod stem;
mod surroundings;
mod team;

pub use observation::{Evaluated, Execution, Fact, Failure, Observation, Seen, SetupSeen};
pub use pool::{Isolation, Pool, Settings, Terms, World};
pub use protocol::{Ending, Lacking, Site};
pub use stem::Stem;
pub use surroundings::Surroundings;

use std::time::Duration;

use fixtures::Given;

use crate::guide::Guide;
use crate::job::Job;
use crate::plan::Plan;

/// Runs a plan, which may take so much real time. `names` are looked for at the end. Errors are failures of
/// verify itself.
pub fn run(
    pool: &Pool,
    guide: &Guide,
    plan: &Plan,
    names: &[String],
    world: World,
    timeout: Duration,
) -> anyhow::Result<Observation> {
    let needs = &plan.needs;
    let around = Surroundings::of(needs);
    let mut env = around.variables();
    env.extend(needs.env.clone());
    let Given { mut files, pages } = fixtures::read(needs)?;
    files.extend(plan.files.iter().cloned());
    let job = Job {
        guide: guide.path.clone(),
        files,
        env,
        stdin: needs.stdin.clone(),
        sqlite: needs.sqlite.clone(),
        setup: needs.setup.clone(),
        units: plan.units.clone(),
        before: plan.before,
        names: names.to_vec(),
    };
    pool.run(&job, &Terms { around, pages, world, timeout })
}
