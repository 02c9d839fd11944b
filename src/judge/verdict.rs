//! One claim against what was observed: holds, false, or undecided with what would decide it.

use std::collections::{BTreeSet, HashMap};
use std::mem::discriminant;
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use super::equal::{printed, printed_whole, shows};
use super::near::is_near;
use super::trouble::Trouble;
use crate::claims::{
    Certainty, Change, Claim, Effect, Exception, Form, Meaning, PLACE_AND_TIME, Says, Versions,
};
use crate::plan::Plan;
use crate::python::literal;
use crate::run::{Evaluated, Execution, Fact, Failure, Observation, Seen};
use crate::value::Value;

/// What became of a claim on one Python.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// What was observed, where something was.
    pub actual: Option<String>,
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
    fn new(holds: bool, actual: impl Into<Option<String>>) -> Verdict {
        let decision = if holds { Decision::Holds } else { Decision::False };
        Verdict { decision, actual: actual.into(), reason: None }
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
    let Some(actual) = found.actual.as_deref() else { return false };
    let readings = match &claim.meaning {
        Meaning::Shows(readings) => &readings[..],
        _ => std::slice::from_ref(&claim.expected),
    };
    let lines: Vec<_> = actual.lines().collect();
    readings.iter().any(|reading| {
        let last = lines.len().saturating_sub(reading.lines().count());
        is_near(reading, actual) || is_near(reading, &lines[last..].join("\n"))
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
            return Verdict::new(true, "it does not compile".to_owned());
        }
        let matching = failures.iter().any(|failure| is_exception(exception, failure));
        let actual = failures.first().map_or("nothing is raised".to_owned(), |failure| failure.headline());
        return Verdict::new(matching, actual);
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
        return Verdict::new(true, out);
    }
    match evidence.troubles.iter().find(|trouble| !trouble.announced) {
        Some(trouble) => Verdict::undecided(trouble.reason()),
        None => Verdict::new(false, out),
    }
}

/// What a notebook shows of a last expression.
fn last_value(execution: &Execution) -> Option<Seen> {
    execution.values.iter().find(|seen| seen.role == "value" && seen.repr != "None").cloned()
}

/// Whether a name is that of an exception that keeps code from compiling.
pub fn is_syntax_error(name: &str) -> bool {
    ["SyntaxError", "IndentationError", "TabError"].contains(&name)
}

fn output(execution: &Execution, evidence: &Evidence<'_>) -> (String, String) {
    let end = execution.end.unwrap_or([usize::MAX; 2]);
    let text = |stream: usize| evidence.seen.text(stream, execution.start[stream], end[stream]);
    (text(0), text(1))
}

fn shows_any(
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

fn shows_one(reading: &str, prints: bool, execution: &Execution, evidence: &Evidence<'_>) -> bool {
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

fn shows_line(text: &str, from_end: usize, executions: &[Execution], evidence: &Evidence<'_>) -> Verdict {
    let Some(end) = executions.last().and_then(|execution| execution.end) else {
        return Verdict::undecided("not reached");
    };
    let all = evidence.seen.text(0, own_start(evidence), end[0]);
    let lines: Vec<_> = all.lines().collect();
    let line = lines.len().checked_sub(from_end + 1).map(|at| lines[at]);
    let held = line.is_some_and(|line| printed_whole(text, line))
        || lines.iter().any(|line| printed_whole(text, line));
    Verdict::new(held, line.map(str::to_owned))
}

/// What to show as observed: the output of a print, else the value, else the state after it.
fn actual(prints: bool, executions: &[Execution], evidence: &Evidence<'_>) -> Option<String> {
    let outputs: String = executions.iter().map(|execution| output(execution, evidence).0).collect();
    let outputs = outputs.trim_end_matches('\n').to_owned();
    let values = |after: bool| {
        let roles = move |seen: &&Seen| seen.role.starts_with("after:") == after;
        let seen = executions.iter().filter_map(|execution| execution.values.iter().find(roles));
        let found: Vec<_> = seen.take(20).map(shown_value).collect();
        (!found.is_empty()).then(|| found.join(", "))
    };
    let value = values(false).filter(|value| value != "None");
    match prints || (value.is_none() && !outputs.is_empty()) {
        true => Some(outputs),
        false => value.or_else(|| values(true)).or_else(|| values(false)),
    }
}

/// A value as a reader would want to see it: an iterator by its items.
fn shown_value(seen: &Seen) -> String {
    match &seen.contents {
        Some(items) if !seen.repr.starts_with(['[', '{', '(']) => Value::List(items.clone()).to_string(),
        _ => seen.repr.clone(),
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
        actual.push(format!("{name} = {}", seen.repr));
    }
    match compound && !held {
        // Beside the head of a loop it may be about any round.
        true => Verdict::undecided("unreadable: it may be about a part of this block"),
        false => Verdict::new(held, actual.join(", ")),
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
            Verdict::new(is_exception(exception, failure), failure.headline())
        }
        (_, Some(failure)) if failure.is_a("NameError") => {
            Verdict::undecided(format!("unreadable: `{code}` gives {}", failure.headline()))
        }
        (_, Some(failure)) => Verdict::new(false, failure.headline()),
        (Says::Raises(_), None) => Verdict::new(false, "nothing is raised".to_owned()),
        (Says::Prints(text), None) if !out.is_empty() => Verdict::new(printed(text, out), trimmed_end(out)),
        (Says::Prints(text) | Says::Equals(text), None) => {
            let held = fact.as_ref().is_some_and(|seen| shows(text, seen))
                || (!out.is_empty() && printed(text, out));
            let silent = fact.as_ref().filter(|seen| seen.repr != "None").map(|seen| seen.repr.clone());
            Verdict::new(
                held,
                silent.unwrap_or_else(|| if out.is_empty() { "None".into() } else { trimmed_end(out) }),
            )
        }
    }
}

fn trimmed_end(text: &str) -> String {
    text.trim_end_matches('\n').to_owned()
}

fn raised(
    claim: &Claim,
    exception: &Exception,
    executions: &[Execution],
    evidence: &Evidence<'_>,
) -> Verdict {
    let caught: Vec<_> = executions.iter().filter_map(|execution| execution.caught.as_ref()).collect();
    if caught.iter().any(|failure| is_exception(exception, failure)) {
        return Verdict::new(true, caught[0].headline());
    }
    // The words may as well be what is printed (`print(type(e).__name__)`) or the value (`type(e)`).
    let readings = [claim.text.trim().to_owned(), claim.expected.clone()];
    let shown = |execution: &Execution| {
        let (out, err) = output(execution, evidence);
        let bare = |text: &str| text.replace(':', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        readings.iter().any(|reading| {
            shows_one(reading, false, execution, evidence)
                || err.contains(reading.as_str())
                || out.lines().any(|line| bare(line) == bare(reading))
        })
    };
    if executions.iter().any(shown) {
        return Verdict::new(true, actual(true, executions, evidence));
    }
    let actual = caught.first().map(|failure| failure.headline());
    Verdict::new(false, actual.unwrap_or_else(|| "nothing is raised".to_owned()))
}

/// Whether this is the exception that was named. Messages differ between versions of Python: most of
/// the words must be the same.
pub fn is_exception(named: &Exception, seen: &Failure) -> bool {
    let class = named.name.as_ref().is_none_or(|name| seen.is_a(name));
    class && named.message.as_ref().is_none_or(|message| is_message(message.trim(), seen.message.trim()))
}

static DETAIL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"'[^']*'|\d+").expect("valid"));

/// Whether two messages say the same in the words of two versions: the details must be there.
fn is_message(claimed: &str, seen: &str) -> bool {
    let (lower, seen_lower) = (claimed.to_lowercase(), seen.to_lowercase());
    let details = DETAIL.find_iter(claimed).all(|detail| seen.contains(detail.as_str()));
    seen_lower.contains(&lower)
        || (!seen.is_empty() && lower.contains(&seen_lower))
        || printed_whole(claimed, seen)
        || (details && similar::TextDiff::from_words(&lower, &seen_lower).ratio() > 0.6)
}

fn changed(effect: &Effect, executions: &[Execution]) -> Verdict {
    let Some(execution) = executions.last() else { return Verdict::undecided("not reached") };
    if effect.change == Change::Closed {
        let closed: Vec<_> = execution.after.iter().filter(|Fact(_, kind, _)| kind == "closed").collect();
        let held = closed.iter().any(|Fact(_, _, items)| items[..] == ["True"]);
        let shown = |Fact(path, _, items): &Fact| format!("{path}.closed is {}", items.join(", "));
        return match closed.first() {
            Some(fact) => Verdict::new(held, shown(fact)),
            None => Verdict::undecided("unreadable: no file is in sight here"),
        };
    }
    let changes = changes(&execution.before, &execution.after);
    let mine = |item: &String| literal(item).zip(literal(&effect.item)).is_some_and(|(a, b)| a.same(&b));
    let (wanted, other) = match effect.change {
        Change::Added => (&changes.added, &changes.removed),
        _ => (&changes.removed, &changes.added),
    };
    let shown = changes.to_string();
    if wanted.iter().any(mine) {
        return Verdict::new(true, shown);
    }
    let there = |facts: &[Fact]| facts.iter().any(|Fact(_, _, items)| items.iter().any(mine));
    if effect.change == Change::Contained {
        let shown =
            if there(&execution.after) { shown } else { format!("it does not contain {}", effect.item) };
        return Verdict::new(there(&execution.after), shown);
    }
    let root = |path: &str| path.split(['.', '[']).next().unwrap_or_default().to_owned();
    let known: BTreeSet<_> = execution.before.iter().map(|Fact(path, ..)| root(path)).collect();
    if execution.after.iter().any(|Fact(path, ..)| !known.contains(&root(path))) {
        return Verdict::undecided("unreadable: the statement makes something new; there is no before");
    }
    let contradicted =
        !wanted.is_empty() || !other.is_empty() || there(&execution.before) || there(&execution.after);
    match contradicted {
        true => Verdict::new(false, shown),
        false => Verdict::undecided("unreadable: no container in sight changed"),
    }
}

/// What is gone from and new in the containers that were in sight.
#[derive(Default)]
struct Changes {
    removed: Vec<String>,
    added: Vec<String>,
    /// The values of mappings among them: they count, but keys say enough.
    values: Vec<String>,
}

impl std::fmt::Display for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |items: &[String]| {
            items.iter().filter(|item| !self.values.contains(item)).cloned().collect::<Vec<_>>().join(", ")
        };
        let (removed, added) = (list(&self.removed), list(&self.added));
        match (removed.is_empty(), added.is_empty()) {
            (true, true) => write!(f, "nothing is removed or added"),
            (false, true) => write!(f, "removes {removed}"),
            (true, false) => write!(f, "adds {added}"),
            (false, false) => write!(f, "removes {removed} and adds {added}"),
        }
    }
}

fn changes(before: &[Fact], after: &[Fact]) -> Changes {
    let mut found = Changes::default();
    for Fact(path, kind, items) in after.iter().filter(|Fact(_, kind, _)| kind != "value") {
        let old = before.iter().find(|Fact(p, k, _)| p == path && k == kind).map_or(&[][..], |fact| &fact.2);
        note_missing(old, items, &mut found.removed);
        note_missing(items, old, &mut found.added);
        if kind == "values" {
            note_missing(old, items, &mut found.values);
            note_missing(items, old, &mut found.values);
        }
    }
    found
}

/// Adds the items of `from` that `other` lacks, counting repetitions.
fn note_missing(from: &[String], other: &[String], found: &mut Vec<String>) {
    let count = |items: &[String], item: &String| items.iter().filter(|other| *other == item).count();
    for item in from {
        if count(from, item) > count(other, item) && !found.contains(item) {
            found.push(item.clone());
        }
    }
}
