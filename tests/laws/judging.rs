//! Every guide's claims can be judged, whatever its code is said to have done.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use verify::check::Document;
use verify::claims::Claim;
use verify::guide::Snippet;
use verify::judge::{self, Judged, OnPython, Outcome, Packages, Reading, Verdicts};
use verify::plan::{Plan, Source, Supply, plan, supply};
use verify::python::{Code, literal, names};
use verify::run::observation::UnitSeen;
use verify::run::{Ending, Execution, Observation, Seen};
use verify::value::Value;

use super::places::document_is_in_place;

/// Claims have their places, and so have the findings about them and their fixes.
pub fn claims(bytes: &[u8]) {
    let Ok(document) = Document::new(Path::new("guide.md"), bytes.to_vec(), None) else { return };
    document_is_in_place(&document);
    let Document { guide, codes, claims, .. } = &document;
    let pairs = guide.snippets.iter().zip(codes);
    let sources: Vec<_> = pairs.map(|(snippet, code)| source(snippet, code)).collect();
    let by_line = judge::names_by_line(guide, &sources);
    let reading = Reading { guide, codes, sources: &sources, names: &by_line, claims };
    let on = PYTHONS.map(|version| (0..sources.len()).map(|index| run(&reading, index, version)).collect());
    findings_are_in_place(&reading, &on);
}

/// The versions on which everything is judged.
const PYTHONS: [(u8, u8); 2] = [(3, 8), (3, 13)];

fn source<'a>(snippet: &'a Snippet, code: &'a Code) -> Source<'a> {
    let runs = snippet.skipped().is_none();
    Source {
        block: &snippet.block,
        code,
        names: names(code.statements()),
        runs,
        continues: snippet.continues,
        own_block: snippet.behind == verify::guide::Behind::Block,
    }
}

struct Ran {
    supply: Supply,
    seen: Observation,
    judged: Judged,
}

fn run(reading: &Reading<'_>, index: usize, version: (u8, u8)) -> Ran {
    let supply = supply(reading.sources, index);
    let plan = plan(reading.guide, reading.codes, reading.claims, index, &BTreeSet::new());
    let seen = made_up(&plan, reading.claims);
    let judged = judge::judge(reading, &plan, &seen, version);
    Ran { supply, seen, judged }
}

/// A run in which every place shows what the claim after its own expects: nearly right, mostly wrong.
fn made_up(plan: &Plan, claims: &[Claim]) -> Observation {
    let mut seen = Observation { ending: Some(Ending::Exited(0)), done: true, ..Observation::default() };
    for watched in &plan.probes {
        let shown = &claims[(watched.claim + 1) % claims.len()].expected;
        let start = seen.output[0].len();
        seen.output[0].extend(shown.bytes().chain([b'\n']));
        let execution = execution(shown, start, seen.output[0].len());
        seen.probes.entry(watched.probe).or_default().push(execution);
    }
    let end = [seen.output[0].len(), 0];
    seen.units = (0..plan.units.len()).map(|unit| (unit, unit_seen(end))).collect();
    seen
}

fn execution(shown: &str, start: usize, end: usize) -> Execution {
    let value = literal(shown).unwrap_or(Value::Other("object".into(), shown.into()));
    let seen = |role: &str| Seen {
        role: role.into(),
        value: value.clone(),
        repr: shown.into(),
        str: None,
        contents: None,
    };
    let values = vec![seen("value"), seen("after:x")];
    Execution { start: [start, 0], end: Some([end, 0]), values, ..Execution::default() }
}

fn unit_seen(end: [usize; 2]) -> UnitSeen {
    UnitSeen { start: [0, 0], end: Some(end), failure: None }
}

fn findings_are_in_place(reading: &Reading<'_>, ran: &[Vec<Ran>; 2]) {
    let on = [0, 1].map(|index| OnPython { index, id: ["3.8.1", "3.13.1"][index], version: PYTHONS[index] });
    let tried = on.map(|on| {
        (on, ran[on.index].iter().flat_map(|ran| &ran.judged.tried).map(|(index, it)| (*index, it)).collect())
    });
    let mut verdicts = ran
        .each_ref()
        .map(|ran| ran.iter().flat_map(|ran| ran.judged.verdicts.clone()).collect::<Verdicts>());
    judge::compare_versions(reading.claims, &tried, &mut verdicts);
    verdicts.iter_mut().for_each(|verdicts| judge::restate(reading.claims, verdicts));
    let decided = on.map(|on| (on, &verdicts[on.index]));
    let mut found = judge::about_text(reading, &decided);
    found.extend(judge::about_claims(reading, &decided));
    let (passed_lines, packages) = (HashSet::new(), Packages::default());
    for ran in ran {
        let outcomes = ran.iter().enumerate().map(|(snippet, ran)| Outcome {
            snippet,
            supply: &ran.supply,
            judged: &ran.judged,
            seen: &ran.seen,
            packages: &packages,
            passed_lines: &passed_lines,
        });
        found.extend(judge::about_runs(reading, &outcomes.collect::<Vec<_>>()));
    }
    let text = &reading.guide.source.text;
    for found in found {
        let (start, end) = found.span;
        assert!(text.get(start..end).is_some(), "{found:?}");
        let fix = found.fix.as_ref().map(|fix| fix.span);
        assert!(fix.is_none_or(|(start, end)| text.get(start..end).is_some()), "{found:?}");
    }
}
