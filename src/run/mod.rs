//! Runs plans in workers and hands back what was observed. Judges nothing.

mod cancel;
mod fixtures;
pub mod folder;
pub mod interrupt;
pub mod kept;
mod modules;
pub mod observation;
pub mod packages;
pub mod passing;
pub mod pool;
pub mod protocol;
mod stem;
mod surroundings;
mod team;

pub use cancel::{Cancel, Cancelled};
pub use kept::Store;
pub use modules::Modules;
pub use observation::{Evaluated, Execution, Fact, Failure, Observation, Seen, SetupSeen};
pub use pool::{Isolation, Pool, Settings, Terms, Until, World};
pub use protocol::{Ending, Lacking, Site};
pub use stem::Stem;
pub use surroundings::Surroundings;

use fixtures::Given;

use crate::guide::Guide;
use crate::job::Job;
use crate::plan::Plan;
use protocol::Page;

/// Runs a plan. `names` are looked for at the end. Errors are failures of verify itself.
pub fn run(
    pool: &Pool,
    guide: &Guide,
    plan: &Plan,
    names: &[String],
    world: World,
    until: Until,
) -> anyhow::Result<Observation> {
    let Order { job, around, pages } = Order::new(guide, plan, names)?;
    pool.run(&job, &Terms { around, pages, world, until })
}

/// A job with all that is around it.
pub struct Order {
    /// The job.
    pub job: Job,
    /// What it has around it.
    pub around: Surroundings,
    /// What other machines answer it.
    pub pages: Vec<Page>,
}

impl Order {
    /// What a plan is run with. Errors name what it is given and cannot be read.
    pub fn new(guide: &Guide, plan: &Plan, names: &[String]) -> anyhow::Result<Order> {
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
        Ok(Order { job, around, pages })
    }
}
