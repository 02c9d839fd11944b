//! What one Python shows of the code that a claim about versions is about: whether it works there, and
//! whether it fails for a reason that is the version's.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex::Regex;
use ruff_python_ast::Stmt;

use super::Reading;
use super::raised::is_raised_by_guide;
use super::trouble::{Kind, Trouble, why_not_reached};
use super::verdict::{Evidence, executions};
use crate::claims::{Claim, Form, Meaning};
use crate::plan::Plan;
use crate::python::{Versions, each_statement, is_standard};
use crate::run::Execution;

/// What one Python shows of the code that a claim about versions is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Tried {
    /// All of it runs, and prints this.
    Works(String),
    /// It runs, but there is code in it that may not have run.
    Seems,
    /// It fails for a reason that is this version's: the exception.
    Fails(String),
    /// It says nothing about the version, for a reason of the contract's list.
    Unclear(String),
}

/// Words that say how something works rather than since when.
static HOW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:fast|slow|quick|cheap|bett|small|saf|clean|clear)(?:er|est)?\b|\b(?:improve|optimi|deprecat|guarant|preserv|keep|order|default|warn|chang|behav|perform|recommend|prefer|stable|instead|no longer)",
    )
    .expect("valid")
});

/// What a Python shows of the code that a claim is about; `inside` where it is one that the claim names.
pub fn tried(
    claim: &Claim,
    index: usize,
    inside: bool,
    reading: &Reading<'_>,
    evidence: &Evidence<'_>,
) -> Tried {
    let Some(place) = Place::of(claim, reading) else {
        return on_executions(claim, index, reading, evidence);
    };
    let near = on_units(&place.paragraph, reading, evidence);
    match (inside, near, on_units(&place.section, reading, evidence)) {
        (false, _, Tried::Works(_)) if HOW.is_match(&claim.text) => {
            Tried::Unclear("unreadable: it may be about how well it works".to_owned())
        }
        // Where it should fail, what fails may stand a little further on.
        (false, _, far) => far,
        (true, Tried::Works(_) | Tried::Seems, Tried::Fails(headline)) => {
            Tried::Unclear(format!("not reached: what follows raises {headline}"))
        }
        (true, near, _) => near,
    }
}

/// The guide's lines that an own-line claim may be about.
struct Place {
    /// The statements right below it.
    paragraph: RangeInclusive<usize>,
    /// All up to the next comment that is set off.
    section: RangeInclusive<usize>,
}

impl Place {
    /// None for a claim beside its code, or about what is inside of a block.
    fn of(claim: &Claim, reading: &Reading<'_>) -> Option<Place> {
        let target = claim.targets.first()?;
        let (snippet, code) = (&reading.guide.snippets[claim.snippet], &reading.codes[claim.snippet]);
        let rows: Vec<_> = code.statements().iter().map(|stmt| code.lines(stmt)).collect();
        let first = rows.iter().position(|row| row.0 == target.lines.0)?;
        let line = |line: usize| snippet.guide_line(line);
        if claim.form == Form::Trailing {
            let own = line(rows[first].0)..=line(rows[first].1);
            return Some(Place { paragraph: own.clone(), section: own });
        }
        let is_blank = |line: usize| code.line_text(line).trim().is_empty();
        let set_off = |line: usize| line > rows[first].1 && is_blank(line - 1);
        let next = code.comments().iter().find(|comment| comment.own_line && set_off(comment.line));
        let end = next.map_or(usize::MAX, |comment| comment.line);
        let follows = |pair: &&[(usize, usize)]| pair[1].0 <= pair[0].1 + 1;
        let near = rows[first..].windows(2).take_while(follows).count();
        let far = rows[first..].iter().filter(|row| row.0 < end).count().max(near + 1) - 1;
        let until = |count: usize| line(rows[first].0)..=line(rows[first + count].1);
        Some(Place { paragraph: until(near), section: until(far) })
    }
}

/// What the statements on some lines of the guide did.
fn on_units(lines: &RangeInclusive<usize>, reading: &Reading<'_>, evidence: &Evidence<'_>) -> Tried {
    let plan = evidence.plan;
    let own = plan.before..plan.units.len();
    let units: Vec<_> = own.filter(|unit| lines.contains(&plan.units[*unit].line)).collect();
    let troubles = || evidence.troubles.iter().filter(|trouble| units.contains(&trouble.unit));
    if let Some(failed) = troubles().find(|trouble| is_of_version(trouble, reading)) {
        return Tried::Fails(failed.headline());
    }
    if let Some(trouble) = troubles().next() {
        return Tried::Unclear(trouble.reason());
    }
    let ended = |unit: &usize| evidence.seen.units.get(unit).and_then(|seen| seen.end);
    let ends: Option<Vec<_>> = units.iter().map(ended).collect();
    let (Some(first), Some(last)) = (units.first(), ends.and_then(|ends| ends.last().copied())) else {
        return Tried::Unclear(
            evidence.troubles.last().map_or_else(|| "not reached".to_owned(), Trouble::reason),
        );
    };
    let start = evidence.seen.units.get(first).map_or(0, |unit| unit.start[0]);
    match may_be_idle(lines, reading, evidence) {
        true => Tried::Seems,
        false => Tried::Works(evidence.seen.text(0, start, last[0])),
    }
}

/// Whether there is code on some lines that a run need not come to.
fn may_be_idle(lines: &RangeInclusive<usize>, reading: &Reading<'_>, evidence: &Evidence<'_>) -> bool {
    let snippet = evidence.plan.snippet;
    let (code, line) = (&reading.codes[snippet], |line| reading.guide.snippets[snippet].guide_line(line));
    let mut idle = false;
    each_statement(code.statements(), &mut |stmt| {
        let branches = matches!(stmt, Stmt::FunctionDef(_) | Stmt::If(_) | Stmt::Try(_) | Stmt::Match(_));
        idle |= branches && lines.contains(&line(code.lines(stmt).0));
    });
    idle
}

/// What a statement inside of a block did, each time that it ran.
fn on_executions(claim: &Claim, index: usize, reading: &Reading<'_>, evidence: &Evidence<'_>) -> Tried {
    if claim.targets.is_empty() {
        return Tried::Unclear("unreadable: no code that it could be about".to_owned());
    }
    let line = evidence.first_line + claim.targets[0].lines.0;
    let of_version =
        |trouble: &&Trouble| trouble.touches(evidence.plan, line) && is_of_version(trouble, reading);
    if let Some(trouble) = evidence.troubles.iter().find(of_version) {
        return Tried::Fails(trouble.headline());
    }
    let passed = |execution: &Execution| execution.end.is_some() && execution.caught.is_none();
    match executions(index, 0, evidence).iter().any(passed) {
        true if claim.targets[0].compound => Tried::Seems,
        true => Tried::Works(String::new()),
        false => Tried::Unclear(why_not_reached(claim, 0, evidence)),
    }
}

/// Exceptions by which Python says that it has no such thing.
const OF_PYTHON: [&str; 3] = ["ImportError", "AttributeError", "TypeError"];
/// The names in such a message.
static SPOKEN_OF: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"'(?P<quoted>[\w.]+)'|(?P<called>\w+)\(\)").expect("valid"));

/// Whether something fails for a reason that is the Python's: what is not there or not understood is Python's
/// own, not the guide's.
pub fn is_of_version(trouble: &Trouble, reading: &Reading<'_>) -> bool {
    let Some(failure) = &trouble.failure else { return false };
    match &trouble.kind {
        Kind::Version(..) | Kind::Syntax => return true,
        Kind::Raises => {}
        _ => return false,
    }
    if !OF_PYTHON.contains(&failure.kind.as_str()) || is_raised_by_guide(failure, reading.guide) {
        return false;
    }
    let mut names = SPOKEN_OF
        .captures_iter(&failure.message)
        .filter_map(|found| found.name("quoted").or_else(|| found.name("called")).map(|name| name.as_str()));
    match failure.kind.as_str() {
        // cannot import name 'batched' from 'itertools'
        "ImportError" => names.nth(1).and_then(|module| module.split('.').next()).is_some_and(is_standard),
        _ => !names.any(|name| defines(reading, name)),
    }
}

/// Whether the guide has a function or a class of that name.
fn defines(reading: &Reading<'_>, name: &str) -> bool {
    let mut found = false;
    for code in reading.codes {
        code.each_statement(&mut |stmt| match stmt {
            Stmt::FunctionDef(def) => found |= def.name.as_str() == name,
            Stmt::ClassDef(def) => found |= def.name.as_str() == name,
            _ => {}
        });
    }
    found
}

/// The versions that a claim names, if what went wrong is what it speaks of: the code is not for this Python,
/// or the claim is contradicted.
pub fn spoken_of(
    claim: &Claim,
    trouble: &Trouble,
    plan: &Plan,
    reading: &Reading<'_>,
    python: (u8, u8),
) -> Option<Versions> {
    let first = reading.guide.snippets[claim.snippet].lines.0;
    let touched = || claim.targets.iter().any(|target| trouble.touches(plan, first + target.lines.0));
    let (versions, is_meant) = match (&claim.meaning, claim.versions) {
        (Meaning::Version(versions), _) => {
            let meant = match Place::of(claim, reading) {
                Some(place) if versions.contains(python) => place.paragraph.contains(&trouble.line),
                Some(place) => place.section.contains(&trouble.line),
                None => touched(),
            };
            (*versions, meant)
        }
        (_, Some(versions)) => (versions, !versions.contains(python) && touched()),
        _ => return None,
    };
    Some(versions).filter(|_| is_meant && is_of_version(trouble, reading))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_about_how_it_works_are_no_date() {
        for words in [
            "f-strings are faster since Python 3.12",
            "Dicts keep order (Python 3.7+)",
            "Better errors (Python 3.10+)",
        ] {
            assert!(HOW.is_match(words), "{words}");
        }
        for words in ["Merge dictionaries (Python 3.9+)", "requires Python 3.10", "removed in 3.12"] {
            assert!(!HOW.is_match(words), "{words}");
        }
    }
}
