//! Claims about versions: `(Python 3.9+)`, `removed in 3.12`. One Python shows whether the code works on it;
//! only several together show from when on.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex::Regex;
use ruff_python_ast::Stmt;

use super::raised::is_raised_by_guide;
use super::trouble::{Kind, Trouble, why_not_reached};
use super::verdict::{Evidence, Verdict, executions};
use super::{OnPython, Reading};
use crate::claims::{Claim, Form, Meaning};
use crate::plan::Plan;
use crate::python::{Versions, each_statement, is_standard};
use crate::pythons::OLDEST;
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
fn is_of_version(trouble: &Trouble, reading: &Reading<'_>) -> bool {
    let Some(failure) = &trouble.failure else { return false };
    match &trouble.kind {
        Kind::Version(..) | Kind::Syntax => return true,
        Kind::Raises => {}
        _ => return false,
    }
    if !OF_PYTHON.contains(&failure.kind.as_str()) || is_raised_by_guide(failure, reading.guide) {
        return false;
    }
    let bound = |name: &str| reading.names.bound.values().flatten().any(|bound| bound == name);
    let names = |group: &'static str| {
        let found = SPOKEN_OF.captures_iter(&failure.message);
        found.filter_map(move |found| Some(found.name(group)?.as_str()))
    };
    // cannot import name 'batched' from 'itertools'
    let module = names("quoted").nth(1).filter(|_| failure.kind == "ImportError");
    let own = names("quoted").chain(names("called")).any(bound);
    !own && module.and_then(|module| module.split('.').next()).is_none_or(is_standard)
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

/// The verdict on a claim about versions on each Python that was tried.
pub fn decide(versions: Versions, tried: &[(OnPython<'_>, &Tried)]) -> Vec<Verdict> {
    let inside = |on: &OnPython<'_>| versions.contains(on.version);
    let is_as_said = |(on, tried): &&(OnPython<'_>, &Tried)| match tried {
        Tried::Works(_) | Tried::Seems => inside(on),
        Tried::Fails(_) => !inside(on),
        Tried::Unclear(_) => false,
    };
    let as_said: Vec<_> = tried.iter().filter(is_as_said).map(|(on, _)| inside(on)).collect();
    let on_both_sides = as_said.contains(&true) && as_said.contains(&false);
    let prints_the_same = |shown: &String| {
        let other = |tried: &Tried| matches!(tried, Tried::Works(text) if text != shown);
        !tried.iter().any(|(on, tried)| inside(on) && other(tried))
    };
    let verdict = |(on, it): &(OnPython<'_>, &Tried)| match it {
        Tried::Unclear(reason) => Verdict::undecided(reason.clone()),
        Tried::Works(shown) if !inside(on) => match prints_the_same(shown) {
            true => Verdict::remarked(false, "it works"),
            false => Verdict::undecided("context: it works here, and prints something else"),
        },
        Tried::Seems if !inside(on) => Verdict::undecided("never runs: some of this code may not have run"),
        Tried::Fails(headline) if inside(on) => Verdict::remarked(false, headline.clone()),
        _ if on_both_sides => Verdict::new(true, None),
        _ => Verdict::undecided(missing_side(versions, tried, !inside(on))),
    };
    tried.iter().map(verdict).collect()
}

/// Which interpreter would decide: one `inside` of what the claim names, or one that is not.
fn missing_side(versions: Versions, tried: &[(OnPython<'_>, &Tried)], inside: bool) -> String {
    let shown = |(major, minor): (u8, u8)| format!("{major}.{minor}");
    let listed = |wanted: &dyn Fn(&OnPython<'_>) -> bool| {
        let mut minors: Vec<_> =
            tried.iter().filter(|(on, _)| wanted(on)).map(|(on, _)| on.version).collect();
        minors.dedup();
        minors.into_iter().map(shown).collect::<Vec<_>>().join(", ")
    };
    let there = listed(&|on| versions.contains(on.version) == inside);
    if !there.is_empty() {
        return format!("needs interpreter: what {there} shows says nothing about the version");
    }
    let all = listed(&|_| true);
    let was = if all.contains(',') { "were" } else { "was" };
    let wanted = match (inside, versions.from, versions.until) {
        (false, Some(from), _) => format!("one before {}, where it should fail", shown(from)),
        (false, _, Some(until)) => format!("{} or later, where it should fail", shown(until)),
        _ => format!("one that is {versions}"),
    };
    let one = if inside { versions.one_inside() } else { versions.one_outside() };
    match one.filter(|one| *one >= OLDEST).map(shown) {
        Some(one) => format!("needs interpreter: only {all} {was} tried; add {wanted} (--python {one})"),
        None => {
            format!("needs interpreter: only {all} {was} tried; {wanted}, is too old to be run here")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Decision::{self, False, Holds, Undecided};

    /// What comes of a claim where Pythons of these minor versions show this.
    fn decisions(versions: Versions, shown: &[(u8, Tried)]) -> Vec<(Decision, String)> {
        let on = |(index, (minor, tried)): (usize, &'_ (u8, Tried))| {
            (OnPython { index, id: "", version: (3, *minor) }, tried.clone())
        };
        let shown: Vec<_> = shown.iter().enumerate().map(on).collect();
        let shown: Vec<_> = shown.iter().map(|(on, tried)| (*on, tried)).collect();
        let decided = decide(versions, &shown).into_iter();
        decided.map(|verdict| (verdict.decision, verdict.reason.unwrap_or_default())).collect()
    }

    fn only(versions: Versions, shown: &[(u8, Tried)]) -> Vec<Decision> {
        decisions(versions, shown).into_iter().map(|(decision, _)| decision).collect()
    }

    const SINCE_9: Versions = Versions { from: Some((3, 9)), until: None };
    const UNTIL_12: Versions = Versions { from: None, until: Some((3, 12)) };

    fn works() -> Tried {
        Tried::Works("1\n".into())
    }

    fn fails() -> Tried {
        Tried::Fails("TypeError: no".into())
    }

    #[test]
    fn a_claim_holds_by_both_sides_and_is_contradicted_by_either() {
        assert_eq!(only(SINCE_9, &[(8, fails()), (9, works()), (13, Tried::Seems)]), [Holds; 3]);
        assert_eq!(only(SINCE_9, &[(8, works()), (9, works())]), [False, Undecided]);
        assert_eq!(only(SINCE_9, &[(8, fails()), (9, works()), (10, fails())]), [Holds, Holds, False]);
        assert_eq!(only(UNTIL_12, &[(11, works()), (12, fails())]), [Holds; 2]);
        assert_eq!(only(UNTIL_12, &[(11, works()), (12, works())]), [Undecided, False]);
        assert_eq!(only(SINCE_9, &[(8, Tried::Seems), (9, works())]), [Undecided; 2], "it may not have run");
        let other = Tried::Works("2\n".into());
        assert_eq!(
            only(SINCE_9, &[(8, other), (9, works())]),
            [Undecided; 2],
            "it may be about what is shown"
        );
        let missing = Tried::Unclear("blocked: a file".into());
        assert_eq!(only(SINCE_9, &[(8, fails()), (9, missing)]), [Undecided; 2], "that says nothing");
    }

    #[test]
    fn what_is_undecided_names_the_python_to_add() {
        let reason = |versions, minor, tried| decisions(versions, &[(minor, tried)]).remove(0).1;
        assert!(
            reason(SINCE_9, 11, works()).ends_with("add one before 3.9, where it should fail (--python 3.8)")
        );
        assert!(reason(SINCE_9, 8, fails()).ends_with("add one that is Python 3.9+ (--python 3.9)"));
        assert!(
            reason(UNTIL_12, 11, works()).ends_with("3.12 or later, where it should fail (--python 3.12)")
        );
        assert!(reason(UNTIL_12, 12, fails()).ends_with("add one that is Python <3.12 (--python 3.11)"));
        let old = Versions { from: Some((3, 6)), until: None };
        assert!(
            reason(old, 11, works())
                .ends_with("one before 3.6, where it should fail, is too old to be run here")
        );
        let unclear = decisions(SINCE_9, &[(8, Tried::Unclear("blocked: x".into())), (11, works())]);
        assert_eq!(unclear[1].1, "needs interpreter: what 3.8 shows says nothing about the version");
    }

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
