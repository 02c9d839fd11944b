//! One claim against what was observed: holds, false, or undecided with what would decide it.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::changed::changed;
use super::contents::part;
use super::equal::{is_respaced, printed, printed_whole, shows};
use super::near::{alike, is_near};
use super::observed::Observed;
use super::raised::{self, is_syntax_error};
use super::shown::{actual, head, shows_any, shows_line};
use super::trouble::Trouble;
use crate::claims::{Certainty, Claim, Form, Kind, Meaning, PLACE_AND_TIME, Says, Target, shown_since};
use crate::guide::Guide;
use crate::plan::Plan;
use crate::python::Code;
use crate::run::{Evaluated, Execution, Observation, Seen};
use crate::value::Value;

/// What became of a claim on one Python.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// What was observed, where something was.
    pub actual: Option<Observed>,
    /// Why it is undecided, or in which context it holds.
    pub reason: Option<String>,
}

/// The three decisions, and the one that there was no claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Some reasonable reading is what was observed.
    Holds,
    /// No reasonable reading is.
    False,
    /// It could not be told.
    Undecided,
    /// An implied claim that is not even near: a remark, left out of the report.
    #[schemars(skip)]
    Remark,
}

impl Verdict {
    /// Holds or false.
    pub fn new(holds: bool, actual: impl Into<Option<Observed>>) -> Verdict {
        let decision = if holds { Decision::Holds } else { Decision::False };
        Verdict { decision, actual: actual.into(), reason: None }
    }

    /// The same, with what was observed in words.
    pub fn remarked(holds: bool, actual: impl Into<String>) -> Verdict {
        Verdict::new(holds, Observed::Remark(actual.into()))
    }

    /// Undecided, for a reason that starts with a word of the contract's list.
    pub fn undecided(reason: impl Into<String>) -> Verdict {
        Verdict { decision: Decision::Undecided, actual: None, reason: Some(reason.into()) }
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.decision == Decision::Holds
    }
}

/// What is observed where an exception was announced and did not come.
pub const NOTHING_RAISED: &str = "nothing is raised";

/// What a claim is judged by.
pub struct Evidence<'a> {
    /// What ran.
    pub plan: &'a Plan,
    /// What was observed.
    pub seen: &'a Observation,
    /// What went wrong, by unit.
    pub troubles: &'a [Trouble],
    /// Units that use what an earlier trouble left as it was, with that trouble's reason.
    pub spoilt: &'a HashMap<usize, String>,
    /// The guide.
    pub guide: &'a Guide,
    /// The snippet's code.
    pub code: &'a str,
    /// Whether the snippet as a whole is not Python.
    pub broken: bool,
    /// The guide line of the snippet's first code line.
    pub first_line: usize,
    /// The running Python, as (major, minor).
    pub python: (u8, u8),
}

/// Judges a claim that is neither a repetition of another nor about versions.
pub fn verdict(claim: &Claim, index: usize, evidence: &Evidence<'_>) -> Verdict {
    if let Some(versions) = claim.versions.filter(|versions| !versions.contains(evidence.python)) {
        return Verdict::undecided(format!("other version: said of {versions}"));
    }
    let verdicts: Vec<_> =
        (0..claim.targets.len()).map(|target| on_target(claim, index, target, evidence)).collect();
    let together = (claim.targets.len() > 1).then(|| on_row(claim, index, evidence)).flatten();
    let best = verdicts.iter().chain(&together).find(|v| v.holds()).or_else(|| false_one(claim, &verdicts));
    let Some(found) = best.or(verdicts.first()).cloned() else {
        return Verdict::undecided("unreadable: no code that it could be about");
    };
    let seen = found.actual.as_ref().map(Observed::to_string).unwrap_or_default();
    if found.decision == Decision::False && evidence.seen.today.iter().any(|day| seen.contains(day.as_str()))
    {
        let reason = "not deterministic: it shows today's date";
        return settle(claim, Verdict { actual: found.actual, ..Verdict::undecided(reason) }, evidence);
    }
    let reads_clock =
        |target: &Target| !target.whole && PLACE_AND_TIME.is_match(&evidence.code[target.start..target.end]);
    if found.decision == Decision::False && claim.targets.iter().any(reads_clock) {
        let reason = "not deterministic: it depends on the clock or the machine";
        return settle(claim, Verdict { actual: found.actual, ..Verdict::undecided(reason) }, evidence);
    }
    settle(claim, found, evidence)
}

/// Of several statements beside a comment the last is the likeliest, of those around it the first.
fn false_one<'v>(claim: &Claim, verdicts: &'v [Verdict]) -> Option<&'v Verdict> {
    let mut found = verdicts.iter().filter(|verdict| verdict.decision == Decision::False);
    if matches!(claim.form, Form::Trailing | Form::Doctest) {
        return found.next_back();
    }
    // What is said to be printed is said of what prints.
    let prints = claim.targets.iter().position(|target| claim.kind == Kind::Stdout && target.prints);
    let printed = prints.map(|index| &verdicts[index]).filter(|v| v.decision == Decision::False);
    printed.or_else(|| found.next())
}

/// What certainty and hedges make of a mismatch.
fn settle(claim: &Claim, found: Verdict, evidence: &Evidence<'_>) -> Verdict {
    if found.decision == Decision::Undecided && claim.certainty == Certainty::Implied {
        return Verdict { decision: Decision::Remark, ..found };
    }
    if found.decision != Decision::False {
        return found;
    }
    if let Some((major, minor)) = shown_since(&claim.text).filter(|since| *since > evidence.python) {
        let reason = format!("needs interpreter: it shows what is new in Python {major}.{minor}");
        return Verdict { actual: found.actual, ..Verdict::undecided(reason) };
    }
    if claim.hedged {
        return Verdict {
            actual: found.actual,
            ..Verdict::undecided("hedged: the guide says that it may differ")
        };
    }
    match claim.certainty {
        Certainty::Implied if !is_near_miss(claim, &found) => Verdict { decision: Decision::Remark, ..found },
        _ => found,
    }
}

/// Whether some reading of a claim is almost what was observed, or almost its last lines.
fn is_near_miss(claim: &Claim, found: &Verdict) -> bool {
    let Some(actual) = found.actual.as_ref().map(Observed::to_string) else { return false };
    let readings = match &claim.meaning {
        Meaning::Shows(readings) => &readings[..],
        _ => std::slice::from_ref(&claim.expected),
    };
    let lines: Vec<_> = actual.lines().collect();
    let heads = readings.iter().map(|reading| head(reading));
    readings.iter().map(String::as_str).chain(heads).any(|reading| {
        let last = lines.len().saturating_sub(reading.lines().count());
        is_near(reading, &actual) || is_near(reading, &lines[last..].join("\n"))
    })
}

/// What the statements of one line printed together.
fn on_row(claim: &Claim, index: usize, evidence: &Evidence<'_>) -> Option<Verdict> {
    let Meaning::Shows(readings) = &claim.meaning else { return None };
    let last = claim.targets.len() - 1;
    let row = claim.targets.iter().all(|target| target.lines == claim.targets[last].lines);
    let first = executions(index, 0, evidence).first().filter(|_| row)?;
    let end = executions(index, last, evidence).last()?.end?;
    let out = evidence.seen.text(0, first.start[0], end[0]);
    let held = !out.is_empty() && readings.iter().any(|reading| printed_whole(reading, &out));
    held.then(|| Verdict::new(true, Observed::Output(out)))
}

fn on_target(claim: &Claim, index: usize, target: usize, evidence: &Evidence<'_>) -> Verdict {
    if claim.targets[target].whole {
        return on_snippet(claim, index, evidence);
    }
    let executions = executions(index, target, evidence);
    if executions.is_empty() {
        let reason = super::trouble::why_not_reached(claim, target, evidence);
        return does_not_compile(claim, evidence).unwrap_or_else(|| Verdict::undecided(reason));
    }
    let whole = claim.text.trim();
    let says_it = |execution: &Execution| {
        let out = output(execution, evidence).0;
        let respaced = claim.form == Form::Doctest && is_respaced(whole, &out);
        let value = execution.values.iter().find(|seen| seen.role == "value" && seen.value != Value::None);
        (!out.is_empty() && !respaced && printed(whole, &out)) || value.is_some_and(|seen| shows(whole, seen))
    };
    if !whole.is_empty() && executions.iter().any(says_it) {
        return Verdict::new(true, actual(true, executions, evidence));
    }
    let found = match &claim.meaning {
        Meaning::Shows(readings) => shows_any(claim, target, readings, executions, evidence),
        Meaning::Silent => silent(executions, evidence),
        Meaning::ShowsLine { text, from_end } => shows_line(text, *from_end, executions, evidence),
        Meaning::Names(names) => named(names, executions, is_round(claim, target, evidence)),
        Meaning::Evaluates { code, says } => evaluated(code, says, executions, evidence),
        Meaning::Raises(exception) => {
            raised::raised(claim, &claim.targets[target], exception, executions, evidence)
        }
        Meaning::Effect(effect) => changed(effect, executions),
        Meaning::Version(_) | Meaning::Restates(_) => Verdict::undecided("unreadable"),
    };
    // A statement that failed never got as far as its claim.
    let failed = executions.iter().all(|execution| execution.caught.is_some());
    // Nor did one during which the run was ended.
    let cut_short = executions.iter().all(|execution| execution.end.is_none());
    if cut_short && !found.holds() {
        return Verdict::undecided(super::trouble::why_not_reached(claim, target, evidence));
    }
    let raises = matches!(claim.meaning, Meaning::Raises(_));
    let blocked = raises && super::trouble::is_consequence(claim, target, evidence);
    let about_value = !raises && !matches!(claim.meaning, Meaning::Evaluates { .. });
    if failed && !found.holds() && (about_value || blocked) {
        return Verdict::undecided(super::trouble::why_not_reached(claim, target, evidence));
    }
    match super::trouble::spoilt(claim, target, evidence) {
        Some(reason) if found.decision == Decision::False => {
            Verdict { actual: found.actual, ..Verdict::undecided(reason) }
        }
        _ => found,
    }
}

/// Whether nothing was printed; what went to the other stream is not said to be nothing.
fn silent(executions: &[Execution], evidence: &Evidence<'_>) -> Verdict {
    let out: String = executions.iter().map(|execution| output(execution, evidence).0).collect();
    match out.is_empty() {
        true => Verdict::remarked(true, "nothing is printed"),
        false => Verdict::new(false, Observed::Output(out)),
    }
}

/// A line that is not Python raises what keeps it from compiling.
fn does_not_compile(claim: &Claim, evidence: &Evidence<'_>) -> Option<Verdict> {
    let Meaning::Raises(exception) = &claim.meaning else { return None };
    let syntax = exception.name.as_deref().is_some_and(is_syntax_error);
    let lines = claim.targets.first()?.lines;
    let own: Vec<_> = evidence.code.lines().skip(lines.0).take(lines.1 - lines.0 + 1).collect();
    let broken = Code::parse(&format!("{}\n", own.join("\n"))).broken().is_some();
    (syntax && evidence.broken && broken).then(|| Verdict::remarked(true, "it does not compile"))
}

/// The executions of the place that a claim is about.
pub fn executions<'e>(index: usize, target: usize, evidence: &Evidence<'e>) -> &'e [Execution] {
    let watched = evidence.plan.watched(index, target);
    watched.and_then(|w| evidence.seen.probes.get(&w.probe)).map_or(&[], Vec::as_slice)
}

/// A claim about all that a snippet printed, or about how it failed.
fn on_snippet(claim: &Claim, index: usize, evidence: &Evidence<'_>) -> Verdict {
    let first = evidence.seen.units.get(&evidence.plan.before).map_or([0, 0], |unit| unit.start);
    let text = |stream: usize| evidence.seen.text(stream, first[stream], usize::MAX);
    let failures: Vec<_> = evidence.seen.units.values().filter_map(|unit| unit.failure.as_ref()).collect();
    if let Meaning::Raises(exception) = &claim.meaning {
        if evidence.broken && exception.name.as_deref().is_some_and(is_syntax_error) {
            return Verdict::remarked(true, "it does not compile");
        }
        // What follows in the snippet runs all the same; a reader's program had ended.
        let failed = evidence.seen.units.values().filter(|unit| unit.failure.is_some());
        let end = failed.filter_map(|unit| unit.end).map(|end| end[0]).min().unwrap_or(usize::MAX);
        let before = evidence.seen.text(0, first[0], end);
        let announced = exception
            .printed
            .as_ref()
            .is_none_or(|printed| printed_whole(printed, &before) || printed_whole(printed, &text(0)));
        let matching = failures.iter().any(|failure| raised::is_exception(exception, failure, evidence));
        if matching && !announced {
            return Verdict::new(false, Observed::Output(text(0)));
        }
        return match failures.first() {
            Some(failure) => Verdict::new(matching, Observed::Raised((*failure).clone())),
            None => Verdict::remarked(false, NOTHING_RAISED),
        };
    }
    let Meaning::Shows(readings) = &claim.meaning else { return Verdict::undecided("unreadable") };
    let (out, err) = (text(0), text(1));
    let shown = executions(index, 0, evidence).last().and_then(last_value);
    let held = readings.iter().any(|reading| {
        printed_whole(reading, &out)
            || printed_whole(reading, &err)
            || printed_whole(reading, &format!("{out}{err}"))
            || shown.as_ref().is_some_and(|value| {
                printed_whole(reading, &format!("{out}{}", value.repr)) || printed_whole(reading, &value.repr)
            })
    });
    if held {
        return Verdict::new(true, Observed::Output(out));
    }
    match evidence.troubles.iter().find(|trouble| !trouble.announced) {
        Some(trouble) => Verdict::undecided(trouble.reason()),
        None if out.trim().is_empty() && err.trim().is_empty() && shown.is_none() => {
            Verdict::undecided("unreadable: the snippet prints nothing; this may not be its output")
        }
        None => Verdict::new(false, Observed::Output(nearest(claim, out, shown))),
    }
}

/// A notebook shows what is printed and the last value; a fence may hold both or one of them.
fn nearest(claim: &Claim, out: String, shown: Option<Seen>) -> String {
    let Some(value) = shown else { return out };
    let texts = [out.clone(), value.repr.clone(), format!("{out}{}", value.repr)];
    let best = texts.into_iter().filter(|text| !text.is_empty());
    best.max_by(|a, b| alike(&claim.expected, a).total_cmp(&alike(&claim.expected, b))).unwrap_or(out)
}

/// What a notebook shows of a last expression.
fn last_value(execution: &Execution) -> Option<Seen> {
    execution.values.iter().find(|seen| seen.role == "value" && seen.repr != "None").cloned()
}

/// What an execution wrote to each stream.
pub fn output(execution: &Execution, evidence: &Evidence<'_>) -> (String, String) {
    let end = execution.end.unwrap_or([usize::MAX; 2]);
    let text = |stream: usize| evidence.seen.text(stream, execution.start[stream], end[stream]);
    (text(0), text(1))
}

/// Whether a claim stands beside the head of a loop, where it may be about any round.
fn is_round(claim: &Claim, target: usize, evidence: &Evidence<'_>) -> bool {
    let target = &claim.targets[target];
    let head = evidence.code[target.start..].trim_start();
    let loops = ["for ", "while ", "async for "].iter().any(|word| head.starts_with(word));
    target.compound && loops && claim.form == Form::Trailing
}

fn named(names: &[(String, String)], executions: &[Execution], round: bool) -> Verdict {
    let last = |name: &str| {
        let role = format!("after:{name}");
        executions.iter().rev().find_map(|e| e.values.iter().rfind(|seen| seen.role == role))
    };
    let mut actual = Vec::new();
    let mut held = true;
    for (name, value) in names {
        let Some(seen) = last(name) else {
            if let Some(found) = executions.last().and_then(|execution| shown_parts(names, execution)) {
                return found;
            }
            return Verdict::undecided(format!("unreadable: `{name}` is not there after the statement"));
        };
        let any = executions
            .iter()
            .flat_map(|e| &e.values)
            .any(|seen| seen.role == format!("after:{name}") && shows(value, seen));
        held &= any;
        actual.push((name.clone(), seen.clone()));
    }
    match round && !held {
        true => Verdict::undecided("unreadable: it may be about a part of this block"),
        false => Verdict::new(held, Observed::Names(actual)),
    }
}

/// `hits=1, misses=2` beside an expression: what its value shows under these names.
fn shown_parts(names: &[(String, String)], execution: &Execution) -> Option<Verdict> {
    let value = execution.values.iter().find(|seen| seen.role == "value")?;
    let held = names.iter().map(|(name, claimed)| Some(shows(claimed, &part(&value.repr, name)?)));
    let held = held.collect::<Option<Vec<_>>>()?.into_iter().all(|held| held);
    Some(Verdict::new(held, Observed::Values(vec![value.clone()])))
}

fn evaluated(code: &str, says: &Says, executions: &[Execution], evidence: &Evidence<'_>) -> Verdict {
    let found = executions.iter().flat_map(|execution| &execution.evaluated).rfind(|e| e.code == code);
    let Some(found) = found else {
        return Verdict::undecided(format!("unreadable: `{code}` could not be evaluated here"));
    };
    let Evaluated { out, fact, failure, .. } = found;
    match (says, failure) {
        (Says::Raises(exception), Some(failure)) => Verdict::new(
            raised::is_exception(exception, failure, evidence),
            Observed::Raised(failure.clone()),
        ),
        (_, Some(failure)) if failure.is_a("NameError") => {
            Verdict::undecided(format!("unreadable: `{code}` gives {}", failure.headline()))
        }
        (_, Some(failure)) => Verdict::new(false, Observed::Raised(failure.clone())),
        (Says::Raises(_), None) => Verdict::remarked(false, NOTHING_RAISED),
        (Says::Prints(text), None) if !out.is_empty() => {
            Verdict::new(printed(text, out), Observed::Output(out.clone()))
        }
        (Says::Prints(text) | Says::Equals(text), None) => {
            let held = fact.as_ref().is_some_and(|seen| shows(text, seen))
                || (!out.is_empty() && printed(text, out));
            if !held && out.is_empty() && fact.as_ref().is_some_and(|seen| seen.repr == "None") {
                return Verdict::undecided(format!(
                    "unreadable: `{code}` gives nothing; it may change something"
                ));
            }
            let value = fact.clone().filter(|seen| out.is_empty() || seen.repr != "None");
            let output = || Observed::Output(out.clone());
            Verdict::new(held, value.map_or_else(output, |seen| Observed::Values(vec![seen])))
        }
    }
}
