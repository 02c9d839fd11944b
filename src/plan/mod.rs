//! What runs for each snippet: which statements before it, which of its own, and what is looked at
//! while they run.

mod supply;

use std::collections::{BTreeSet, HashMap};

pub use supply::{Source, Supplied, Supply, supply};

use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;

use crate::claims::{Claim, Form, Meaning, Target, is_constructor};
use crate::guide::{Guide, Snippet};
use crate::job::{Body, File, Probe, Unit};
use crate::needs::Needs;
use crate::python::Code;

/// What a run of one snippet consists of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Index of the snippet.
    pub snippet: usize,
    /// What runs, in order.
    pub units: Vec<Unit>,
    /// How many of the units belong to earlier snippets.
    pub before: usize,
    /// Earlier snippets that are files and are imported.
    pub files: Vec<File>,
    /// What the run is supplied with: what the snippet needs, and those whose statements run before it.
    pub needs: Needs,
    /// Which probe belongs to which (claim, target), in their order.
    pub probes: Vec<Watched>,
}

/// A probe's place among the claims.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The claim's index.
    pub claim: usize,
    /// The target's index in the claim.
    pub target: usize,
    /// The probe's id.
    pub probe: usize,
}

impl Plan {
    /// The probe of a claim's target.
    pub fn watched(&self, claim: usize, target: usize) -> Option<&Watched> {
        let found = self.probes.binary_search_by_key(&(claim, target), |w| (w.claim, w.target)).ok()?;
        Some(&self.probes[found])
    }
}

/// Plans the run of a snippet after the given statements of earlier ones.
pub fn plan(
    guide: &Guide,
    codes: &[Code],
    claims: &[Claim],
    index: usize,
    needs: &BTreeSet<(usize, usize)>,
) -> Plan {
    let mut units: Vec<Unit> = Vec::new();
    let needed: BTreeSet<_> = needs.iter().map(|(snippet, _)| *snippet).collect();
    for earlier in needed.iter().copied() {
        let wanted = |statement: usize| needs.contains(&(earlier, statement));
        if earlier != index {
            let mut earlier = self::units(&guide.snippets[earlier], &codes[earlier], &wanted);
            earlier.iter_mut().for_each(|unit| unit.interactive = false);
            units.extend(earlier);
        }
    }
    let before = units.len();
    units.extend(self::units(&guide.snippets[index], &codes[index], &|_| true));
    let run = needed.iter().copied().chain([index]);
    let imported = imported(guide, codes, index, run);
    let mut supplied = guide.snippets[index].needs.clone();
    // The nearest first: where two differ it has the last word.
    for earlier in (&needed | &imported).into_iter().rev() {
        supplied.join(&guide.snippets[earlier].needs);
    }
    let mut plan =
        Plan { snippet: index, units, before, files: Vec::new(), needs: supplied, probes: Vec::new() };
    plan.files = imported
        .into_iter()
        .filter_map(|file| {
            let snippet = &guide.snippets[file];
            Some(File {
                path: snippet.file.clone()?,
                body: Body::Text(snippet.code.clone()),
                executable: false,
            })
        })
        .collect();
    watch(&mut plan, &guide.snippets[index], &codes[index], claims);
    plan
}

/// The snippets before `index` that are files and that what runs imports, directly or through others.
pub fn imported(
    guide: &Guide,
    codes: &[Code],
    index: usize,
    run: impl Iterator<Item = usize>,
) -> BTreeSet<usize> {
    let files: Vec<_> = (0..index).filter_map(|i| Some((i, guide.snippets[i].module()?))).collect();
    let mut found = BTreeSet::new();
    let mut open: Vec<usize> = run.collect();
    while let Some(snippet) = open.pop() {
        let imports = codes[snippet].imports();
        let wanted = |module: &str| {
            imports.iter().any(|name| {
                name == module
                    || name.starts_with(&format!("{module}."))
                    || module.starts_with(&format!("{name}."))
            })
        };
        // Of two with one name the nearer was saved last.
        for (file, _) in files.iter().filter(|(_, module)| wanted(module)) {
            if found.insert(*file) {
                open.push(*file);
            }
        }
    }
    found
}

/// The top-level statements of a snippet that can run, those that share a line together.
fn units(snippet: &Snippet, code: &Code, wanted: &dyn Fn(usize) -> bool) -> Vec<Unit> {
    let mut lines: Vec<(usize, usize)> = Vec::new();
    for (index, stmt) in code.statements().iter().enumerate() {
        if !wanted(index) || !is_sound(code, stmt) {
            continue;
        }
        let (first, last) = code.lines(stmt);
        match lines.last_mut() {
            Some(above) if above.1 >= first => above.1 = above.1.max(last),
            _ => lines.push((first, last)),
        }
    }
    let unit = |(first, last): (usize, usize)| Unit {
        line: snippet.guide_line(first),
        source: code.code[code.line_start(first)..code.line_start(last + 1)].trim_end().to_owned(),
        interactive: snippet.session.is_some(),
        probes: Vec::new(),
    };
    lines.into_iter().map(unit).collect()
}

/// In code that is broken somewhere, whether this statement can run by itself.
fn is_sound(code: &Code, stmt: &Stmt) -> bool {
    if code.broken().is_none() {
        return true;
    }
    let (first, last) = code.lines(stmt);
    let own = &code.code[code.line_start(first)..code.line_start(last + 1)];
    code.column(stmt.range().start()) == 0 && Code::parse(own).broken().is_none()
}

/// Puts a probe on everything that the snippet's claims are about; one for each place.
fn watch(plan: &mut Plan, snippet: &Snippet, code: &Code, claims: &[Claim]) {
    let mut places: HashMap<(usize, usize), Watching> = HashMap::new();
    for (claim_index, claim) in claims.iter().enumerate().filter(|(_, claim)| claim.snippet == plan.snippet) {
        for (target_index, target) in
            claim.targets.iter().enumerate().filter(|(_, target)| !target.whole || target.has_value)
        {
            let line = snippet.guide_line(code.line(target.start));
            let own = &plan.units[plan.before..];
            let Some(unit) = own.partition_point(|unit| unit.line <= line).checked_sub(1) else { continue };
            let unit = plan.before + unit;
            let id = places.len();
            let place = *places.entry((target.start, target.end)).or_insert_with(|| {
                let probes = &mut plan.units[unit].probes;
                probes.push(probe(snippet, code, target, id));
                Watching { id, unit, at: probes.len() - 1 }
            });
            ask(&mut plan.units[place.unit].probes[place.at], claim, target);
            plan.probes.push(Watched { claim: claim_index, target: target_index, probe: place.id });
        }
    }
}

/// Where the probe on a place is.
#[derive(Clone, Copy)]
struct Watching {
    id: usize,
    unit: usize,
    at: usize,
}

/// A probe that only says when its target begins and ends.
fn probe(snippet: &Snippet, code: &Code, target: &Target, id: usize) -> Probe {
    let end = code.line(target.end.saturating_sub(1).max(target.start));
    Probe {
        id,
        part: target.part,
        line: snippet.guide_line(code.line(target.start)),
        column: code.column_of(target.start),
        end_line: snippet.guide_line(end),
        end_column: target.end - code.line_start(end),
        value: false,
        after: Vec::new(),
        evaluate: Vec::new(),
        state: false,
    }
}

/// Makes a probe look at what a claim is about.
fn ask(probe: &mut Probe, claim: &Claim, target: &Target) {
    match &claim.meaning {
        // At a prompt an expression shows itself; an assignment does not.
        Meaning::Shows(_) if claim.form != Form::Doctest || !target.shows => {
            probe.value |= target.has_value && (!target.compound || claim.form == Form::Trailing);
            probe.after.extend(target.after.iter().cloned());
            probe.evaluate.extend(Some(claim.expected.clone()).filter(|text| is_constructor(text)));
        }
        Meaning::Raises(_) if claim.form != Form::Doctest => {
            probe.value |= target.has_value && !target.compound
        }
        // Words about names may after all be the value of an expression, or name its parts.
        Meaning::Names(names) => {
            probe.value |= target.shows && !target.compound && claim.form != Form::Doctest;
            probe.after.extend(names.iter().map(|(name, _)| name.clone()));
        }
        Meaning::Evaluates { code, .. } => probe.evaluate.push(code.clone()),
        Meaning::Effect(_) => probe.state = true,
        _ => {}
    }
    probe.after.sort();
    probe.after.dedup();
}
