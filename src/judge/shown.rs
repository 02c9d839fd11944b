//! Claims that show a value or an output, against every execution of the place they stand at.

use std::collections::BTreeSet;
use std::mem::discriminant;

use super::contents::{counted, counts, shows_inside};
use super::equal::{is_respaced, may_show, printed, printed_whole, shows};
use super::near::alike;
use super::observed::Observed;
use super::verdict::{Evidence, Verdict, output};
use crate::claims::{Certainty, Claim, Form, Target, respelled};
use crate::python::{expression, literal};
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
    let all: String = executions.iter().map(|execution| output(execution, evidence).0).collect();
    let several = lines_among(claim, &all) > 1;
    let readings: Vec<_> = readings.iter().filter(|reading| !several || reading.contains('\n')).collect();
    // A session shows the spaces in its lines as they are.
    let exact = claim.form == Form::Doctest && !is_normalized(claim, evidence);
    let held = |execution: &Execution| {
        let out = output(execution, evidence).0;
        let fits = |reading: &&&String| !(exact && is_respaced(reading, &out));
        readings.iter().filter(fits).any(|reading| shows_one(reading, prints, execution, evidence))
            || (!prints && execution.values.iter().any(|seen| counts(&claim.text, seen)))
            || readings.iter().any(|reading| completes_line(reading, execution, evidence))
            || readings.iter().any(|reading| is_silent_none(reading, claim, &out))
            || readings.iter().any(|reading| assigns_row(reading, &claim.targets[target], execution))
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
    let actual = match claim.certainty {
        Certainty::Implied => nearer(claim, prints, executions, evidence),
        Certainty::Explicit => actual(prints, executions, evidence),
    };
    let count = executions.last().and_then(|execution| execution.values.first()).filter(|_| !prints);
    let count = count.and_then(|seen| counted(&claim.text, seen)).map(|count| Observed::Values(vec![count]));
    let actual = count.or(actual);
    let actual = actual.map(|observed| reaching_back(observed, claim, executions, evidence));
    match comparable(claim, executions, evidence) {
        true => Verdict::new(false, actual),
        false => Verdict::undecided("unreadable: nothing here has such a value; it may be a remark"),
    }
}

/// How many lines of a claim that may end after its first are among those that were printed: with more
/// than one it does not end there.
fn lines_among(claim: &Claim, out: &str) -> usize {
    let lines: Vec<_> = out.lines().map(str::trim).collect();
    match claim.certainty {
        Certainty::Implied => claim.text.lines().filter(|line| lines.contains(&line.trim())).count(),
        Certainty::Explicit => 0,
    }
}

/// What a comment says before a remark that is set apart.
pub fn head(text: &str) -> &str {
    let end = [",", ";", " (", " -", " –", " —", "  "].iter().filter_map(|mark| text.trim().find(mark)).min();
    end.map_or(text, |end| &text.trim()[..end])
}

/// Whether a session's prompt says that spaces do not matter.
fn is_normalized(claim: &Claim, evidence: &Evidence<'_>) -> bool {
    let lines = claim.targets.iter().flat_map(|target| target.lines.0..=target.lines.1);
    lines.into_iter().any(|line| {
        evidence.guide.source.line_text(evidence.first_line + line).contains("+NORMALIZE_WHITESPACE")
    })
}

/// The last of several prints that share a line shows the whole line.
fn completes_line(reading: &str, execution: &Execution, evidence: &Evidence<'_>) -> bool {
    let Some(end) = execution.end else { return false };
    let begun = evidence.seen.begun_line(0, own_start(evidence), execution.start[0]);
    let own = evidence.seen.text(0, execution.start[0], end[0]);
    !begun.trim().is_empty() && !own.is_empty() && printed_whole(reading, &format!("{begun}{own}"))
}

/// `None` below a prompt, which shows nothing for it.
fn is_silent_none(reading: &str, claim: &Claim, out: &str) -> bool {
    let shows = claim.targets.iter().any(|target| target.shows);
    claim.form == Form::Doctest && shows && reading.trim() == "None" && out.is_empty()
}

/// `a, b = f()  # 1, 2`: the values of the names in a row.
fn assigns_row(reading: &str, target: &Target, execution: &Execution) -> bool {
    let Some(Value::Tuple(row)) = literal(reading) else { return false };
    let value = |name: &String| {
        let role = format!("after:{name}");
        execution.values.iter().rfind(|seen| seen.role == role).map(|seen| &seen.value)
    };
    let values: Option<Vec<_>> = target.after.iter().map(value).collect();
    values.is_some_and(|values| {
        values.len() > 1 && values.len() == row.len() && row.iter().zip(values).all(|(a, b)| a.same(b))
    })
}

/// Of what was printed and what was given, that which a remark is more like.
fn nearer(
    claim: &Claim,
    prints: bool,
    executions: &[Execution],
    evidence: &Evidence<'_>,
) -> Option<Observed> {
    let own = |seen: &&Seen| !seen.role.starts_with("after:");
    let value = executions.last().and_then(|execution| execution.values.iter().find(own).cloned());
    let value = value.filter(|_| !prints).map(|seen| Observed::Values(vec![seen]));
    let all = [actual(true, executions, evidence), actual(prints, executions, evidence), value];
    let likeness = |observed: &Observed| alike(head(&claim.text), &observed.to_string());
    all.into_iter().flatten().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
}

pub fn shows_one(reading: &str, prints: bool, execution: &Execution, evidence: &Evidence<'_>) -> bool {
    let (out, err) = output(execution, evidence);
    let text = (!out.is_empty() && printed(reading, &out))
        || (!err.is_empty() && (printed(reading, &err) || printed(reading, &format!("{out}{err}"))));
    text || (!prints
        && execution.values.iter().any(|seen| {
            shows(reading, seen) || shows_inside(reading, seen) || is_what_it_builds(reading, seen, execution)
        }))
}

/// Whether a value is what a claim's own constructor call builds.
fn is_what_it_builds(reading: &str, seen: &Seen, execution: &Execution) -> bool {
    let built = execution.evaluated.iter().filter(|evaluated| evaluated.code == reading);
    built
        .filter_map(|evaluated| evaluated.fact.as_ref())
        .any(|fact| fact.repr == seen.repr && fact.value == seen.value && !seen.is_unspeakable())
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

/// What a claim of more lines than its statement printed shows: as many of the last lines.
fn reaching_back(
    observed: Observed,
    claim: &Claim,
    executions: &[Execution],
    evidence: &Evidence<'_>,
) -> Observed {
    let Observed::Output(own) = &observed else { return observed };
    let wanted = claim.expected.lines().count();
    let end = executions.last().and_then(|execution| execution.end);
    let (Some(end), true) = (end, matches!(claim.form, Form::Header | Form::Below)) else { return observed };
    let all = evidence.seen.last_lines_of(0, own_start(evidence), end[0], wanted);
    let lines: Vec<_> = all.lines().collect();
    match own.lines().count() < wanted && wanted == lines.len() {
        true => Observed::Output(lines.join("\n")),
        false => observed,
    }
}

/// How many lines a claim may reach back, when it shows them in a row.
const FARTHEST: usize = 60;

/// Lines below a header may show what several statements before printed.
fn reaches_back(reading: &str, executions: &[Execution], evidence: &Evidence<'_>) -> bool {
    let Some(end) = executions.last().and_then(|execution| execution.end) else { return false };
    let all = evidence.seen.last_lines_of(0, own_start(evidence), end[0], FARTHEST);
    let lines: Vec<_> = all.lines().collect();
    // However many statements printed it: some last lines are what the claim shows.
    let last = |count: usize| lines[lines.len() - count..].join("\n");
    (1..=lines.len()).map(last).any(|text| may_show(reading, &text) && printed_whole(reading, &text))
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
    let out: String = executions.iter().map(|execution| output(execution, evidence).0).collect();
    if !out.is_empty() {
        // A number before words counts something else where no number is printed.
        let counts = claim.text.trim() != claim.expected && !claim.marked && is_number(&claim.expected);
        return !counts || out.contains(|c: char| c.is_ascii_digit());
    }
    let values: Vec<_> = executions.iter().flat_map(|execution| &execution.values).collect();
    let tests = values.iter().all(|seen| seen.role == "test");
    let expected = literal(&claim.expected).or_else(|| literal(&respelled(&claim.expected)?));
    let label = claim
        .text
        .trim()
        .strip_suffix(claim.expected.as_str())
        .is_some_and(|label| label.trim_end().ends_with(':'));
    match &expected {
        // Below a prompt a value is a claim; text may have gone elsewhere (a log, another stream).
        Some(_) if claim.form == Form::Doctest => true,
        _ if claim.marked => !values.is_empty() || claim.targets.iter().any(|target| target.prints),
        Some(value) if tests => matches!(value, Value::Bool(_)),
        Some(value) if label => values.iter().any(|seen| discriminant(&seen.value) == discriminant(value)),
        Some(Value::Str(text)) if is_argument(text, claim, evidence) => {
            let own = values.iter().filter(|seen| !seen.role.starts_with("after:"));
            own.into_iter().any(|seen| matches!(seen.value, Value::Str(_))) && !is_part(claim)
        }
        Some(value) if claim.targets.iter().any(|target| target.is_constant) => {
            values.iter().any(|seen| discriminant(&seen.value) == discriminant(value))
        }
        Some(Value::Str(_)) => values.iter().any(|seen| is_plain(&seen.value) || seen.value == Value::None),
        Some(Value::Int(_) | Value::Float(_) | Value::Bool(_)) => values.iter().any(|seen| {
            let forgotten =
                seen.value == Value::None && (seen.role == "assigned" || calls_a_name(claim, evidence));
            is_plain(&seen.value) || forgotten || is_number_like(seen)
        }),
        _ => !values.is_empty() || claim.targets.iter().any(|target| target.prints),
    }
}

fn is_number(text: &str) -> bool {
    matches!(literal(text), Some(Value::Int(_) | Value::Float(_)))
}

/// Whether a text is what the statement passes to something: a legend names it.
fn is_argument(text: &str, claim: &Claim, evidence: &Evidence<'_>) -> bool {
    let code = |target: &Target| evidence.code.get(target.start..target.end).unwrap_or_default();
    let quoted = |code: &str| code.contains(&format!("'{text}'")) || code.contains(&format!("\"{text}\""));
    claim.targets.iter().any(|target| quoted(code(target)))
}

/// Whether a claim stands beside one of several lines of a statement.
fn is_part(claim: &Claim) -> bool {
    claim.targets.iter().any(|target| target.lines.0 < target.lines.1)
}

/// `f(2)`: a plain call, of which a number can only be the result. A method may be told of otherwise.
fn calls_a_name(claim: &Claim, evidence: &Evidence<'_>) -> bool {
    let plain = |target: &Target| {
        let code = evidence.code.get(target.start..target.end).unwrap_or_default();
        let expr = expression(code);
        let call = expr.as_ref().and_then(|e| e.as_call_expr());
        call.is_some_and(|call| call.func.is_name_expr() && !call.arguments.args.is_empty())
    };
    let bare = claim.text.trim() == claim.expected || claim.text.trim().starts_with("returns ");
    bare && claim.targets.iter().any(plain)
}

/// An object that shows itself as a number: a member of an `IntEnum`.
fn is_number_like(seen: &Seen) -> bool {
    seen.str
        .as_deref()
        .and_then(literal)
        .is_some_and(|value| matches!(value, Value::Int(_) | Value::Float(_)))
}

fn is_plain(value: &Value) -> bool {
    !matches!(value, Value::None | Value::Other(..))
}
