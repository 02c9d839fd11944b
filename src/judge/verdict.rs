//! One claim against what was observed: holds, false, or undecided with what would decide it.

use std::collections::HashMap;

use serde::Serialize;

use super::changed::changed;
use super::equal::{printed, printed_whole, shows};
use super::near::is_near;
use super::observed::Observed;
use super::raised::{is_exception, is_syntax_error, raised};
use super::shown::{actual, shows_any, shows_line};
use super::trouble::Trouble;
use crate::claims::{Certainty, Claim, Meaning, PLACE_AND_TIME, Says, Versions};
use crate::plan::Plan;
use crate::run::{Evaluated, Execution, Observation, Seen};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Some reasonable reading is what was observed.
    Holds,
    /// No reasonable reading is.
    False,
    /// It could not be told.
    Undecided,
    /// An implied claim that is not even near: a remark, left out of the report.
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
    /// The snippet's code.
    pub code: &'a str,
    /// Whether the snippet as a whole is not Python.
    pub broken: bool,
    /// The guide line of the snippet's first code line.
    pub first_line: usize,
    /// The running Python, as (major, minor).
    pub python: (u8, u8),
}

/// Judges a claim that is not a repetition of another.
pub fn verdict(claim: &Claim, index: usize, evidence: &Evidence<'_>) -> Verdict {
    if let Some(versions) = claim.versions.filter(|versions| !versions.contains(evidence.python)) {
        return Verdict::undecided(format!("other version: said of {versions}"));
    }
    if let Meaning::Version(versions) = &claim.meaning {
        return version(*versions, evidence);
    }
    let verdicts: Vec<_> =
        (0..claim.targets.len()).map(|target| on_target(claim, index, target, evidence)).collect();
    let best = verdicts
        .iter()
        .find(|v| v.holds())
        .or_else(|| verdicts.iter().find(|v| v.decision == Decision::False));
    let Some(found) = best.or(verdicts.first()).cloned() else {
        return Verdict::undecided("unreadable: no code that it could be about");
    };
    let subject = claim.targets.first().map_or("", |target| &evidence.code[target.start..target.end]);
    if found.decision == Decision::False
        && !claim.targets.iter().any(|t| t.whole)
        && PLACE_AND_TIME.is_match(subject)
    {
        let reason = "not deterministic: it depends on the clock or the machine";
        return settle(claim, Verdict { actual: found.actual, ..Verdict::undecided(reason) });
    }
    settle(claim, found)
}

/// What certainty and hedges make of a mismatch.
fn settle(claim: &Claim, found: Verdict) -> Verdict {
    if found.decision == Decision::Undecided && claim.certainty == Certainty::Implied {
        return Verdict { decision: Decision::Remark, ..found };
    }
    if found.decision != Decision::False {
        return found;
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
    readings.iter().any(|reading| {
        let last = lines.len().saturating_sub(reading.lines().count());
        is_near(reading, &actual) || is_near(reading, &lines[last..].join("\n"))
    })
}

fn version(versions: Versions, evidence: &Evidence<'_>) -> Verdict {
    let (major, minor) = evidence.python;
    let wanted = match (versions.from, versions.until) {
        _ if !versions.contains(evidence.python) => format!("one that is {versions}"),
        (Some((a, b)), _) => format!("one before {a}.{b}, where it should fail"),
        (_, Some((a, b))) => format!("{a}.{b} or later, where it should fail"),
        _ => "another one".to_owned(),
    };
    Verdict::undecided(format!("needs interpreter: only {major}.{minor} was tried; add {wanted}"))
}

fn on_target(claim: &Claim, index: usize, target: usize, evidence: &Evidence<'_>) -> Verdict {
    if claim.targets[target].whole {
        return on_snippet(claim, index, evidence);
    }
    let executions = executions(index, target, evidence);
    if executions.is_empty() {
        return Verdict::undecided(super::trouble::why_not_reached(claim, target, evidence));
    }
    let whole = claim.text.trim();
    let says_it = |execution: &Execution| {
        let out = output(execution, evidence).0;
        !out.is_empty() && printed(whole, &out)
    };
    if !whole.is_empty() && executions.iter().any(says_it) {
        return Verdict::new(true, actual(true, executions, evidence));
    }
    let found = match &claim.meaning {
        Meaning::Shows(readings) => shows_any(claim, target, readings, executions, evidence),
        Meaning::ShowsLine { text, from_end } => shows_line(text, *from_end, executions, evidence),
        Meaning::Names(names) => named(names, executions, claim.targets[target].compound),
        Meaning::Evaluates { code, says } => evaluated(code, says, executions),
        Meaning::Raises(exception) => raised(claim, exception, executions, evidence),
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
    if failed && !found.holds() && !matches!(claim.meaning, Meaning::Raises(_) | Meaning::Evaluates { .. }) {
        return Verdict::undecided(super::trouble::why_not_reached(claim, target, evidence));
    }
    match super::trouble::spoilt(claim, target, evidence) {
        Some(reason) if found.decision == Decision::False => {
            Verdict { actual: found.actual, ..Verdict::undecided(reason) }
        }
        _ => found,
    }
}

/// The executions of the place that a claim is about.
fn executions<'e>(index: usize, target: usize, evidence: &Evidence<'e>) -> &'e [Execution] {
    let watched = evidence.plan.probes.iter().find(|w| w.claim == index && w.target == target);
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
        let matching = failures.iter().any(|failure| is_exception(exception, failure));
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
            || shown.as_ref().is_some_and(|value| printed_whole(reading, &format!("{out}{}", value.repr)))
    });
    if held {
        return Verdict::new(true, Observed::Output(out));
    }
    match evidence.troubles.iter().find(|trouble| !trouble.announced) {
        Some(trouble) => Verdict::undecided(trouble.reason()),
        None => Verdict::new(false, Observed::Output(out)),
    }
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

fn named(names: &[(String, String)], executions: &[Execution], compound: bool) -> Verdict {
    let last = |name: &str| {
        let role = format!("after:{name}");
        executions.iter().rev().find_map(|e| e.values.iter().rfind(|seen| seen.role == role))
    };
    let mut actual = Vec::new();
    let mut held = true;
    for (name, value) in names {
        let Some(seen) = last(name) else {
            return Verdict::undecided(format!("unreadable: `{name}` is not there after the statement"));
        };
        let any = executions
            .iter()
            .flat_map(|e| &e.values)
            .any(|seen| seen.role == format!("after:{name}") && shows(value, seen));
        held &= any;
        actual.push((name.clone(), seen.clone()));
    }
    match compound && !held {
        // Beside the head of a loop it may be about any round.
        true => Verdict::undecided("unreadable: it may be about a part of this block"),
        false => Verdict::new(held, Observed::Names(actual)),
    }
}

fn evaluated(code: &str, says: &Says, executions: &[Execution]) -> Verdict {
    let found = executions.iter().flat_map(|execution| &execution.evaluated).rfind(|e| e.code == code);
    let Some(found) = found else {
        return Verdict::undecided(format!("unreadable: `{code}` could not be evaluated here"));
    };
    let Evaluated { out, fact, failure, .. } = found;
    match (says, failure) {
        (Says::Raises(exception), Some(failure)) => {
            Verdict::new(is_exception(exception, failure), Observed::Raised(failure.clone()))
        }
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
            let value = fact.clone().filter(|seen| out.is_empty() || seen.repr != "None");
            let output = || Observed::Output(out.clone());
            Verdict::new(held, value.map_or_else(output, |seen| Observed::Values(vec![seen])))
        }
    }
}
