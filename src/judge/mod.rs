//! Compares what a guide says with what was observed. Pure: facts in, verdicts and findings out.

mod absent;
mod blame;
mod cause;
mod changed;
mod collect;
mod contents;
mod distributions;
mod equal;
mod finding;
mod fix;
mod given;
mod markup;
mod mistakes;
mod names;
mod near;
mod observed;
mod package;
mod raised;
mod shown;
mod tried;
mod trouble;
mod verdict;
mod version;

use std::collections::{HashMap, HashSet};

pub use collect::{
    Outcome, Verdicts, about_claims, about_runs, about_text, expect, passed_lines, started_lines,
};
pub use finding::{Code, Finding, Severity};
pub use fix::Fix;
pub use mistakes::one_line;
pub use package::{Broken, Packages, broken_file};
pub use trouble::{Kind as TroubleKind, NamesByLine, Trouble, lines as unit_lines};
pub use verdict::{Decision, Verdict};

use crate::claims::{Certainty, Claim, Meaning};
use crate::guide::Guide;
use crate::plan::{Plan, Source};
use crate::python::Code as Python;
use crate::run::Observation;
use package::Missing;
pub use tried::{Tried, is_of_version};
use trouble::Told;
use verdict::Evidence;

/// What came of one snippet's run, or of several in different contexts.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// The verdict on each of the snippet's claims, by the claim's index.
    pub verdicts: Verdicts,
    /// What came of the code that each of its claims about versions is about.
    pub tried: HashMap<usize, Tried>,
    /// What went wrong.
    pub troubles: Vec<Trouble>,
}

/// A Python on which something was observed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OnPython<'a> {
    /// Its place among those that were tried.
    pub index: usize,
    /// What it goes by in the report.
    pub id: &'a str,
    /// Its version, as (major, minor).
    pub version: (u8, u8),
}

/// A guide with everything that was read from it.
pub struct Reading<'a> {
    /// The guide.
    pub guide: &'a Guide,
    /// Its snippets' codes.
    pub codes: &'a [Python],
    /// The same with their names.
    pub sources: &'a [Source<'a>],
    /// The names of its lines.
    pub names: &'a NamesByLine,
    /// Its claims.
    pub claims: &'a [Claim],
}

impl Reading<'_> {
    /// The snippet that a guide line belongs to, as its code and the line in it, from 0.
    fn code_at(&self, line: usize) -> Option<(&Python, usize)> {
        let index = self.guide.snippets.iter().position(|s| (s.lines.0..=s.lines.1).contains(&line))?;
        Some((&self.codes[index], line - self.guide.snippets[index].lines.0))
    }

    /// Whether a comment beside a guide line names an exception's class, in whatever words.
    fn mentions(&self, snippet: usize, line: usize, class: &str) -> bool {
        let code = &self.codes[snippet];
        let own = line.saturating_sub(self.guide.snippets[snippet].lines.0);
        let word =
            |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == class);
        code.comments_on(own).iter().any(|comment| !comment.own_line && word(&comment.text))
    }
}

/// Judges one run of a snippet on a Python (major, minor).
pub fn judge(reading: &Reading<'_>, plan: &Plan, seen: &Observation, python: (u8, u8)) -> Judged {
    let snippet = &reading.guide.snippets[plan.snippet];
    let speaks_of =
        |claim: &Claim, trouble: &Trouble| tried::spoken_of(claim, trouble, plan, reading, python);
    let meant_for = |trouble: &Trouble| {
        let named = reading.claims.iter().filter_map(|claim| speaks_of(claim, trouble));
        named.into_iter().find(|versions| !versions.contains(python))
    };
    let missing = |name: &str, line: usize| Missing::new(name, reading.code_at(line));
    let command = |line: usize| reading.guide.command_above(line);
    let told =
        Told { names: reading.names, python, meant_for: &meant_for, missing: &missing, command: &command };
    let (mut troubles, spoilt) = trouble::troubles(plan, seen, &told);
    let own = reading.claims.iter().enumerate().filter(|(_, claim)| claim.snippet == plan.snippet);
    for trouble in &mut troubles {
        let line = trouble.line;
        let named = trouble.failure.as_ref().is_some_and(|f| reading.mentions(plan.snippet, line, &f.kind));
        // What an earlier snippet announces it announces for those that need it.
        let of = |claim: &Claim| reading.guide.snippets[claim.snippet].lines.0;
        let claimed = reading
            .claims
            .iter()
            .any(|claim| announces(claim, of(claim), line) || speaks_of(claim, trouble).is_some());
        trouble.announced = trouble.failure.is_some() && (named || claimed);
    }
    let evidence = Evidence {
        plan,
        seen,
        troubles: &troubles,
        spoilt: &spoilt,
        guide: reading.guide,
        code: &reading.codes[plan.snippet].code,
        broken: reading.codes[plan.snippet].broken().is_some(),
        first_line: snippet.lines.0,
        python,
    };
    let here = OnPython { index: 0, id: "", version: python };
    let (mut verdicts, mut tried) = (HashMap::new(), HashMap::new());
    for (index, claim) in own {
        match &claim.meaning {
            Meaning::Restates(_) => {}
            Meaning::Version(versions) => {
                let it = tried::tried(claim, index, versions.contains(python), reading, &evidence);
                verdicts.extend(version::decide(*versions, &[(here, &it)]).pop().map(|v| (index, v)));
                tried.insert(index, it);
            }
            _ => {
                verdicts.insert(index, verdict::verdict(claim, index, &evidence));
            }
        }
    }
    Judged { verdicts, tried, troubles }
}

/// What there is to say about a snippet that was not run, since it asks for another Python.
pub fn on_another_python(reading: &Reading<'_>, snippet: usize, why: &str) -> Judged {
    let trouble = Trouble::on_another_python(reading.guide.snippets[snippet].lines.0, why);
    let own = reading.claims.iter().enumerate().filter(|(_, claim)| claim.snippet == snippet);
    let verdicts = own.map(|(index, _)| (index, Verdict::undecided(trouble.reason()))).collect();
    Judged { verdicts, troubles: vec![trouble], ..Judged::default() }
}

/// Decides the claims about versions anew, by what all Pythons show together.
pub fn compare_versions(
    claims: &[Claim],
    tried: &[(OnPython<'_>, HashMap<usize, &Tried>)],
    verdicts: &mut [Verdicts],
) {
    for (index, claim) in claims.iter().enumerate() {
        let Meaning::Version(versions) = &claim.meaning else { continue };
        let on: Vec<_> = tried.iter().filter_map(|(on, tried)| Some((*on, *tried.get(&index)?))).collect();
        for ((on, _), verdict) in on.iter().zip(version::decide(*versions, &on)) {
            verdicts[on.index].insert(index, verdict);
        }
    }
}

/// Whether a claim says that the code on a guide line raises.
fn announces(claim: &Claim, first_line: usize, line: usize) -> bool {
    matches!(claim.meaning, Meaning::Raises(_))
        && claim.targets.iter().any(|target| {
            let last = claim.head_around(target).unwrap_or(target.lines.1);
            target.whole || (first_line + target.lines.0..=first_line + last).contains(&line)
        })
}

/// The names that each line of a guide binds and uses. Made once: every snippet's judging asks for it.
pub fn names_by_line(guide: &Guide, sources: &[Source<'_>]) -> NamesByLine {
    let mut names = NamesByLine::default();
    for (snippet, source) in guide.snippets.iter().zip(sources) {
        let line = |at: usize| snippet.guide_line(source.code.line(at));
        for binding in &source.names.bindings {
            names.bound.entry(line(binding.at)).or_default().push(binding.name.clone());
        }
        for name in &source.names.uses {
            names.used.entry(line(name.at)).or_default().push(name.name.clone());
        }
    }
    names
}

impl Judged {
    /// Whether another context or another run might change what is said about the snippet.
    pub fn is_in_doubt(&self) -> bool {
        self.has_false() || self.troubles.iter().any(is_mishap)
    }

    /// Whether the run had to be ended, or ended itself before its end.
    pub fn is_cut_short(&self) -> bool {
        self.troubles.iter().any(Trouble::ends_the_run)
    }

    /// Whether a claim is contradicted.
    pub fn has_false(&self) -> bool {
        self.verdicts.values().any(|verdict| verdict.decision == Decision::False)
    }

    /// Takes what holds in another context, and drops the mishaps that do not happen there: those on guide lines
    /// that ran to their end, `passed`.
    pub fn consider(&mut self, other: &Judged, passed: &HashSet<usize>, context: &str) {
        let lost = |verdict: &Verdict| verdict.decision == Decision::False;
        let better = |(index, verdict): (&usize, &Verdict)| {
            lost(verdict) && other.verdicts.get(index).is_some_and(Verdict::holds)
        };
        // Where one of the claims is right there, that is where its reader is, and sees the others fail.
        if self.verdicts.iter().any(better) {
            for (index, verdict) in self.verdicts.iter_mut().filter(|(_, verdict)| lost(verdict)) {
                if let Some(seen) = other.verdicts.get(index).filter(|seen| lost(seen)) {
                    verdict.actual.clone_from(&seen.actual);
                }
            }
        }
        for (index, verdict) in &mut self.verdicts {
            let lost = verdict.decision == Decision::False
                || verdict.reason.as_deref().is_some_and(|reason| reason.starts_with("not reached"));
            if let Some(better) = other.verdicts.get(index).filter(|better| lost && better.holds()) {
                *verdict = Verdict { reason: Some(format!("context: holds {context}")), ..better.clone() };
            }
        }
        for (index, tried) in &mut self.tried {
            let works = |tried: &&Tried| matches!(tried, Tried::Works(_) | Tried::Seems);
            if let Some(better) = other.tried.get(index).filter(works).filter(|_| !works(&&*tried)) {
                tried.clone_from(better);
            }
        }
        self.troubles.retain(|trouble| !(is_mishap(trouble) && passed.contains(&trouble.line)));
    }

    /// Takes back what comes out differently in a second run.
    pub fn doubt(&mut self, again: &Judged) {
        for (index, verdict) in &mut self.verdicts {
            let Some(second) = again.verdicts.get(index) else { continue };
            let same = match (&verdict.actual, &second.actual) {
                (Some(first), Some(second)) => equal::printed_whole(&first.to_string(), &second.to_string()),
                (first, second) => first == second,
            };
            if verdict.decision == Decision::False && !same {
                let reason = "not deterministic: two runs gave different results".to_owned();
                *verdict = Verdict { reason: Some(reason), decision: Decision::Undecided, ..verdict.clone() };
            }
        }
    }
}

/// An exception that may come from how the snippet was run rather than from the guide.
fn is_mishap(trouble: &Trouble) -> bool {
    !trouble.announced && trouble.kind == TroubleKind::Raises
}

/// Gives every repetition the verdict of the claim that it repeats.
pub fn restate(claims: &[Claim], verdicts: &mut Verdicts) {
    let by_id: HashMap<_, _> =
        claims.iter().enumerate().map(|(index, claim)| (claim.id.as_str(), index)).collect();
    for (index, claim) in claims.iter().enumerate() {
        if let Meaning::Restates(id) = &claim.meaning
            && let Some(origin) = by_id.get(id.as_str()).and_then(|origin| verdicts.get(origin)).cloned()
        {
            verdicts.insert(index, origin);
        }
    }
}

/// Whether a claim belongs in the report: implied ones that were remarks do not.
pub fn is_reported(claim: &Claim, verdict: Option<&Verdict>) -> bool {
    match verdict {
        Some(verdict) => verdict.decision != Decision::Remark,
        None => claim.certainty == Certainty::Explicit,
    }
}
