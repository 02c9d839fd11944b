//! Claims that show a value or an output, against every execution of the place they stand at.

use std::collections::BTreeSet;
use std::mem::discriminant;

use super::equal::{printed, printed_whole, shows};
use super::observed::Observed;
use super::verdict::{Evidence, Verdict, output};
use crate::claims::{Claim, Form};
use crate::python::literal;
use crate::run::{Execution, Seen};
use crate::value::Value;

/// Judges a claim that shows something: by its first or last execution, by all of them, by what they
/// give in a row, or by what the statements before printed too.
pub fn shows_any(
    claim: &Claim,
    target: usize,
    readings: &[String],
    executions: &[Execution],
    evidence: &Evidence<'_>,
) -> Verdict {
    let prints = claim.targets[target].prints;
    let held = |execution: &Execution| {
        readings.iter().any(|reading| shows_one(reading, prints, execution, evidence))
    };
    let edges = executions.first().is_some_and(held) || executions.last().is_some_and(held);
    if edges || executions.iter().all(held) || readings.iter().any(|r| summarises(r, executions, evidence)) {
        return Verdict::new(true, actual(prints, executions, evidence));
    }
    if matches!(claim.form, Form::Header | Form::Below)
        && readings.iter().any(|reading| reaches_back(reading, executions, evidence))
    {
        return Verdict::new(true, actual(prints, executions, evidence));
    }
    let actual = actual(prints, executions, evidence);
    match comparable(claim, executions, evidence) {
        true => Verdict::new(false, actual),
        false => Verdict::undecided("unreadable: nothing here has such a value; it may be a remark"),
    }
}

pub fn shows_one(reading: &str, prints: bool, execution: &Execution, evidence: &Evidence<'_>) -> bool {
    let (out, err) = output(execution, evidence);
    let text = (!out.is_empty() && printed(reading, &out))
        || (!err.is_empty() && (printed(reading, &err) || printed(reading, &format!("{out}{err}"))));
    text || (!prints
        && execution
            .values
            .iter()
            .any(|seen| shows(reading, seen) || is_what_it_builds(reading, seen, execution)))
}

/// Whether a value is what a claim's own constructor call builds.
fn is_what_it_builds(reading: &str, seen: &Seen, execution: &Execution) -> bool {
    let built = execution.evaluated.iter().filter(|evaluated| evaluated.code == reading);
    built
        .filter_map(|evaluated| evaluated.fact.as_ref())
        .any(|fact| fact.repr == seen.repr && fact.value == seen.value)
}

/// One comment for all executions of a line: everything printed, or all values in a row.
fn summarises(reading: &str, executions: &[Execution], evidence: &Evidence<'_>) -> bool {
    let all: String = executions.iter().map(|execution| output(execution, evidence).0).collect();
    if !all.is_empty() && printed_whole(reading, &all) {
        return true;
    }
    let values: Vec<_> = executions.iter().flat_map(|e| &e.values).collect();
    let roles: BTreeSet<_> = values.iter().map(|seen| seen.role.as_str()).collect();
    roles.into_iter().any(|role| {
        let row: Vec<_> = values.iter().filter(|seen| seen.role == role).collect();
        let text = |of: fn(&Seen) -> &str| row.iter().map(|seen| of(seen)).collect::<Vec<_>>().join("\n");
        let bracketed =
            format!("[{}]", row.iter().map(|seen| seen.repr.as_str()).collect::<Vec<_>>().join(", "));
        row.len() > 1
            && (printed_whole(reading, &text(|seen| &seen.repr))
                || printed_whole(reading, &text(|seen| seen.str.as_deref().unwrap_or(&seen.repr)))
                || printed_whole(&format!("[{}]", reading.trim_end_matches(", ...")), &bracketed)
                || (reading.ends_with("...") && printed_whole(&format!("[{reading}]"), &bracketed)))
    })
}

/// Lines below a header may show what several statements before printed.
fn reaches_back(reading: &str, executions: &[Execution], evidence: &Evidence<'_>) -> bool {
    let Some(end) = executions.last().and_then(|execution| execution.end) else { return false };
    let all = evidence.seen.text(0, own_start(evidence), end[0]);
    let lines: Vec<_> = all.lines().collect();
    let count = reading.lines().count();
    count > 1 && count <= lines.len() && printed_whole(reading, &lines[lines.len() - count..].join("\n"))
}

fn own_start(evidence: &Evidence<'_>) -> usize {
    evidence.seen.units.get(&evidence.plan.before).map_or(0, |unit| unit.start[0])
}

pub fn shows_line(text: &str, from_end: usize, executions: &[Execution], evidence: &Evidence<'_>) -> Verdict {
    let Some(end) = executions.last().and_then(|execution| execution.end) else {
        return Verdict::undecided("not reached");
    };
    let all = evidence.seen.text(0, own_start(evidence), end[0]);
    let lines: Vec<_> = all.lines().collect();
    let line = lines.len().checked_sub(from_end + 1).map(|at| lines[at]);
    let held = line.is_some_and(|line| printed_whole(text, line))
        || lines.iter().any(|line| printed_whole(text, line));
    Verdict::new(held, line.map(|line| Observed::Output(line.to_owned())))
}

/// What was observed: the output of a print, else the value, else the state after it.
pub fn actual(prints: bool, executions: &[Execution], evidence: &Evidence<'_>) -> Option<Observed> {
    const MOST: usize = 20;
    let outputs: String = executions.iter().map(|execution| output(execution, evidence).0).collect();
    let values = |after: bool| {
        let role = move |seen: &&Seen| seen.role.starts_with("after:") == after;
        let seen = executions.iter().filter_map(|execution| execution.values.iter().find(role));
        Some(seen.take(MOST).cloned().collect::<Vec<_>>()).filter(|found| !found.is_empty())
    };
    let value = values(false).filter(|found| found.iter().any(|seen| seen.value != Value::None));
    match prints || (value.is_none() && !outputs.is_empty()) {
        true => Some(Observed::Output(outputs)),
        false => value.or_else(|| values(true)).or_else(|| values(false)).map(Observed::Values),
    }
}

/// Whether what was seen is something that the claim could have shown. `step()  # 1` on a call that
/// gives nothing is a remark, and so is `# shape: (3, 4)` on a list.
fn comparable(claim: &Claim, executions: &[Execution], evidence: &Evidence<'_>) -> bool {
    if executions.iter().any(|execution| !output(execution, evidence).0.is_empty()) {
        return true;
    }
    let values: Vec<_> = executions.iter().flat_map(|execution| &execution.values).collect();
    let tests = values.iter().all(|seen| seen.role == "test");
    let expected = literal(&claim.expected);
    let label = claim
        .text
        .trim()
        .strip_suffix(claim.expected.as_str())
        .is_some_and(|label| label.trim_end().ends_with(':'));
    match &expected {
        _ if claim.marked => !values.is_empty() || claim.targets.iter().any(|target| target.prints),
        Some(value) if tests => matches!(value, Value::Bool(_)),
        Some(value) if label => values.iter().any(|seen| discriminant(&seen.value) == discriminant(value)),
        Some(Value::Str(_)) => values.iter().any(|seen| is_plain(&seen.value) || seen.value == Value::None),
        Some(Value::Int(_) | Value::Float(_) | Value::Bool(_)) => values
            .iter()
            .any(|seen| is_plain(&seen.value) || (seen.role == "assigned" && seen.value == Value::None)),
        _ => !values.is_empty() || claim.targets.iter().any(|target| target.prints),
    }
}

fn is_plain(value: &Value) -> bool {
    !matches!(value, Value::None | Value::Other(..))
}
