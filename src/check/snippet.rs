//! One snippet: its run, and the further runs that a doubt asks for.

use std::collections::{BTreeSet, HashSet};

use super::{Document, Ran};
use crate::judge::{self, Judged, NamesByLine, Reading};
use crate::plan::{Plan, Source, Supply, plan, supply};
use crate::run::{Observation, Pool, World, run};
use crate::snapshot::{Transcript, transcript};

/// Runs a snippet with what it needs; where that leaves a doubt, in the other contexts that a reader
/// could be in, and a second time in another world.
pub fn run_snippet(
    document: &Document,
    sources: &[Source<'_>],
    names: &NamesByLine,
    index: usize,
    pool: &Pool,
) -> anyhow::Result<Ran> {
    let case = Case { document, sources, names, index, pool, supply: supply(sources, index) };
    let (plan, seen) = case.run(&case.supply.statements, World::First)?;
    let mut judged = case.judge(&plan, &seen)?;
    if judged.is_in_doubt() && !judged.is_cut_short() {
        case.try_other_contexts(&mut judged)?;
    }
    if judged.has_false() {
        let (plan, again) = case.run(&case.supply.statements, World::Second)?;
        judged.doubt(&case.judge(&plan, &again)?);
    }
    let transcript = case.transcript(&plan, &seen, &judged)?;
    let own_start = seen.units.get(&plan.before).map_or([usize::MAX; 2], |unit| unit.start);
    let passed_lines = judge::passed_lines(&plan, &seen);
    Ok(Ran { supply: case.supply, judged, seen, own_start, passed_lines, transcript, error: None })
}

/// The same; a failure of verify itself becomes the guide's error.
pub fn run_or_say(
    document: &Document,
    sources: &[Source<'_>],
    names: &NamesByLine,
    index: usize,
    pool: &Pool,
) -> Ran {
    run_snippet(document, sources, names, index, pool).unwrap_or_else(|error| Ran {
        supply: Supply::default(),
        judged: Judged::default(),
        seen: Observation::default(),
        own_start: [0, 0],
        passed_lines: HashSet::new(),
        transcript: None,
        error: Some(format!("snippet {} could not be run: {error:#}", document.guide.snippets[index].id)),
    })
}

struct Case<'a> {
    document: &'a Document,
    sources: &'a [Source<'a>],
    names: &'a NamesByLine,
    index: usize,
    pool: &'a Pool,
    supply: Supply,
}

impl Case<'_> {
    fn run(&self, needs: &BTreeSet<(usize, usize)>, world: World) -> anyhow::Result<(Plan, Observation)> {
        let Document { guide, codes, claims, .. } = self.document;
        let plan = plan(guide, codes, claims, self.index, needs);
        let names: Vec<_> = self.supply.unsure().map(|name| name.name.clone()).collect();
        let seen = run(self.pool, guide, &plan, &names, world)?;
        Ok((plan, seen))
    }

    fn judge(&self, plan: &Plan, seen: &Observation) -> anyhow::Result<Judged> {
        let Document { guide, codes, claims, .. } = self.document;
        let reading = Reading { guide, codes, sources: self.sources, names: self.names, claims };
        Ok(judge::judge(&reading, plan, seen, self.pool.hello()?.minor()))
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
                let (plan, seen) = self.run(&context, World::First)?;
                judged.consider(&self.judge(&plan, &seen)?, name);
                tried.push(context);
            }
        }
        Ok(())
    }

    /// All statements of the earlier snippets, and what the snippet needs in any case.
    fn everything_before(&self, same_block: bool) -> BTreeSet<(usize, usize)> {
        let block = self.sources[self.index].block;
        let mut all = self.supply.statements.clone();
        for (snippet, source) in self.sources.iter().enumerate().take(self.index) {
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
    ) -> anyhow::Result<Option<Transcript>> {
        let Document { guide, claims, config, .. } = self.document;
        let Some(config) = config else { return Ok(None) };
        let Some(first) = transcript(guide, claims, plan, seen, judged) else { return Ok(None) };
        let minor = self.pool.hello()?.minor();
        if first.is_accepted(&config.snapshot_folder(&guide.path), &guide.snippets[self.index].id, minor) {
            return Ok(Some(first));
        }
        let (again_plan, again) = self.run(&self.supply.statements, World::Second)?;
        let second = transcript(guide, claims, &again_plan, &again, &self.judge(&again_plan, &again)?);
        Ok(second.map(|second| first.agreed(&second)))
    }
}
