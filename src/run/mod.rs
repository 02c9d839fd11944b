//! Runs plans in workers and hands back what was observed. Judges nothing.

pub mod observation;
pub mod pool;
pub mod protocol;

pub use observation::{Evaluated, Execution, Fact, Failure, Observation, Seen};
pub use pool::{Pool, World};
pub use protocol::Ending;

use anyhow::Context;

use crate::guide::Guide;
use crate::job::Job;
use crate::plan::Plan;

/// Runs a plan in a folder of its own, which is gone afterwards. `names` are looked for at the end.
/// Errors are failures of verify itself.
pub fn run(
    pool: &Pool,
    guide: &Guide,
    plan: &Plan,
    names: &[String],
    world: World,
) -> anyhow::Result<Observation> {
    let folder =
        tempfile::Builder::new().prefix("verify-").tempdir().context("cannot make a folder for a run")?;
    let work = folder.path().join("work");
    std::fs::create_dir(&work).with_context(|| format!("cannot make {}", work.display()))?;
    for file in &plan.files {
        let path = work.join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap_or(&work))
            .and_then(|()| std::fs::write(&path, &file.code))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let job = Job {
        guide: guide.path.clone(),
        folder: text(&work),
        main: text(&folder.path().join("snippet.py")),
        units: plan.units.clone(),
        names: names.to_vec(),
    };
    let observation = pool.run(&job, world);
    // A snippet may have taken its own rights away; what cannot be removed is the system's to clean.
    let _ = folder.close();
    observation
}
