//! Runs plans in workers and hands back what was observed. Judges nothing.

mod fixtures;
pub mod folder;
pub mod interrupt;
pub mod observation;
pub mod pool;
pub mod protocol;

pub use observation::{Evaluated, Execution, Fact, Failure, Observation, Seen, SetupSeen};
pub use pool::{Isolation, Pool, Settings, World};
pub use protocol::{Ending, Site};

use std::time::Duration;

use crate::guide::Guide;
use crate::job::Job;
use crate::plan::Plan;

/// Runs a plan, which may take so much real time. `names` are looked for at the end. Errors are failures of verify itself.
pub fn run(
    pool: &Pool,
    guide: &Guide,
    plan: &Plan,
    names: &[String],
    world: World,
    timeout: Duration,
) -> anyhow::Result<Observation> {
    let needs = &plan.needs;
    let mut files = fixtures::read(needs)?;
    files.extend(plan.files.iter().cloned());
    let job = Job {
        guide: guide.path.clone(),
        files,
        env: needs.env.clone(),
        stdin: needs.stdin.clone(),
        sqlite: needs.sqlite.clone(),
        setup: needs.setup.clone(),
        units: plan.units.clone(),
        before: plan.before,
        names: names.to_vec(),
    };
    pool.run(&job, world, timeout)
}
