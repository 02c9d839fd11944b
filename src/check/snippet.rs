//! One snippet: its run, and the further runs that a doubt asks for.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;

use anyhow::Context;

use super::document::Prepared;
use super::pools::{Pools, Supplied};
use super::printed::printed;
use super::requirements;
use super::{Document, Options, Ran};
use crate::config::Config;
use crate::judge::{self, Judged};
use crate::plan::{Plan, Supply, plan, supply};
use crate::run::kept::Key;
use crate::run::{Cancel, Observation, Until, World, run};
use crate::snapshot::{Transcript, transcript};

/// Runs a snippet with what it needs; where that leaves a doubt, in the other contexts that a reader
/// could be in, and a second time in another world.
fn run_snippet(
    prepared: &Prepared<'_>,
    index: usize,
    pools: &Pools,
    options: &Options,
    cancel: &Cancel,
) -> anyhow::Result<Ran> {
    cancel.check()?;
    let supply = supply(&prepared.sources, index);
    let requirements = requirements::of_run(prepared.document, index, &supply);
    if let Some(why) = pools.refused(&requirements)? {
        let judged = judge::on_another_python(&prepared.reading(), index, &why);
        return Ok(Ran { supply, judged, ..Ran::default() });
    }
    let supplied = pools.with(&requirements);
    let again = OnceCell::new();
    let kept = RefCell::default();
    let case = Case { prepared, index, supplied: &supplied, options, cancel, supply, again, kept };
    let plan = case.plan(&case.supply.statements);
    let seen = case.run(&plan, World::First)?;
    let mut judged = case.judge(&plan, &seen)?;
    if judged.has_false() {
        supplied.pool.expect(World::Second);
    }
    if judged.is_in_doubt() && !judged.is_cut_short() {
        case.try_other_contexts(&mut judged)?;
    }
    if judged.has_false() {
        judged.doubt(&case.again(&plan)?.1);
    }
    for trouble in judged.troubles.iter_mut().filter(|trouble| !trouble.announced) {
        if let Some(raised) = &trouble.failure {
            trouble.broken = pools.broken(&supplied, raised, case.until(&plan))?;
        }
    }
    let transcript = match prepared.document.kept_by(options) {
        Some(config) => case.transcript(&plan, &seen, &judged, config)?,
        None => None,
    };
    let own_start = seen.units.get(&plan.before).map_or([usize::MAX; 2], |unit| unit.start);
    let printed = printed(&prepared.document.guide, &plan, &seen);
    let passed_lines = judge::passed_lines(&plan, &seen);
    let started_lines = judge::started_lines(&plan, &seen);
    let packages = supplied.packages.clone();
    let (supply, kept) = (case.supply, case.kept.into_inner());
    Ok(Ran {
        supply,
        packages,
        judged,
        seen,
        own_start,
        printed,
        passed_lines,
        started_lines,
        transcript,
        error: None,
        kept,
    })
}

/// The same; a failure of verify itself becomes the guide's error.
pub fn run_or_say(
    prepared: &Prepared<'_>,
    index: usize,
    pools: &Pools,
    options: &Options,
    cancel: &Cancel,
) -> Ran {
    run_snippet(prepared, index, pools, options, cancel).unwrap_or_else(|error| Ran {
        error: Some(format!(
            "snippet {} could not be run: {error:#}",
            prepared.document.guide.snippets[index].id
        )),
        ..Ran::default()
    })
}

struct Case<'a> {
    prepared: &'a Prepared<'a>,
    index: usize,
    supplied: &'a Supplied,
    options: &'a Options,
    cancel: &'a Cancel,
    supply: Supply,
    /// What the second world gave: both a doubt and a new snapshot ask for it.
    again: OnceCell<(Observation, Judged)>,
    /// What its runs are kept under.
    kept: RefCell<Vec<Option<Key>>>,
}

impl Case<'_> {
    fn plan(&self, needs: &BTreeSet<(usize, usize)>) -> Plan {
        let Document { guide, codes, claims, .. } = self.prepared.document;
        plan(guide, codes, claims, self.index, needs)
    }

    fn run(&self, plan: &Plan, world: World) -> anyhow::Result<Observation> {
        let names: Vec<_> = self.supply.unsure().map(|name| name.name.clone()).collect();
        let guide = &self.prepared.document.guide;
        let seen = run(&self.supplied.pool, guide, plan, &names, world, self.until(plan))?;
        self.kept.borrow_mut().push(seen.kept);
        Ok(seen)
    }

    fn until(&self, plan: &Plan) -> Until {
        Until { time: self.options.timeout.unwrap_or(plan.needs.time()), cancel: self.cancel.clone() }
    }

    fn judge(&self, plan: &Plan, seen: &Observation) -> anyhow::Result<Judged> {
        Ok(judge::judge(&self.prepared.reading(), plan, seen, self.supplied.pool.hello()?.minor()))
    }

    /// The same plan in the second world, run when it is first asked for.
    fn again(&self, plan: &Plan) -> anyhow::Result<&(Observation, Judged)> {
        if self.again.get().is_none() {
            let seen = self.run(plan, World::Second)?;
            let judged = self.judge(plan, &seen)?;
            let _ = self.again.set((seen, judged));
        }
        self.again.get().context("just set")
    }

    /// A claim is false only if it is so in every context: after its block up to here, and after the
    /// whole guide up to here.
    fn try_other_contexts(&self, judged: &mut Judged) -> anyhow::Result<()> {
        let mut tried = vec![self.supply.statements.clone()];
        for (same_block, name) in
            [(true, "after the block's earlier snippets"), (false, "after the guide's earlier snippets")]
        {
            let context = self.everything_before(same_block);
            if judged.is_in_doubt() && !tried.contains(&context) {
                let plan = self.plan(&context);
                let seen = self.run(&plan, World::First)?;
                // What holds only because `print` is another function by then does not hold.
                if !seen.tampered {
                    let passed = judge::passed_lines(&plan, &seen);
                    judged.consider(&self.judge(&plan, &seen)?, &passed, name);
                }
                tried.push(context);
            }
        }
        Ok(())
    }

    /// All statements of the earlier snippets, and what the snippet needs in any case.
    fn everything_before(&self, same_block: bool) -> BTreeSet<(usize, usize)> {
        let sources = &self.prepared.sources;
        let block = sources[self.index].block;
        let same_block = same_block || sources[self.index].own_block;
        let mut all = self.supply.statements.clone();
        for (snippet, source) in sources.iter().enumerate().take(sources[self.index].start(self.index)) {
            if source.runs && (!same_block || source.block == block) {
                all.extend((0..source.code.statements().len()).map(|statement| (snippet, statement)));
            }
        }
        all
    }

    /// What the snapshot keeps; a second run shows what is not the same every time.
    fn transcript(
        &self,
        plan: &Plan,
        seen: &Observation,
        judged: &Judged,
        config: &Config,
    ) -> anyhow::Result<Option<Transcript>> {
        let Document { guide, claims, .. } = self.prepared.document;
        let shown = |seen: &Observation, judged: &Judged| {
            let transcript = transcript(guide, claims, plan, seen, judged)?;
            Some(match self.supplied.folder() {
                Some(folder) => transcript.without(folder),
                None => transcript,
            })
        };
        let Some(first) = shown(seen, judged) else { return Ok(None) };
        let minor = self.supplied.pool.hello()?.minor();
        if first.is_accepted(&config.snapshot_folder(&guide.path), &guide.snippets[self.index].id, minor) {
            return Ok(Some(first));
        }
        let (again, judged_again) = self.again(plan)?;
        Ok(shown(again, judged_again).map(|second| first.agreed(&second)))
    }
}
