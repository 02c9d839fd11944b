//! Compares what a guide says with what was observed. Pure: facts in, verdicts and findings out.

mod blame;
mod changed;
mod equal;
mod finding;
mod markup;
mod mistakes;
mod names;
mod near;
mod raised;
mod shown;
mod trouble;
mod verdict;

use std::collections::{HashMap, HashSet};

pub use finding::{Code, Finding, Severity};
pub use mistakes::one_line;
pub use trouble::{Kind as TroubleKind, NamesByLine, Trouble, lines as unit_lines};
pub use verdict::{Decision, Verdict};

use crate::claims::{Certainty, Claim, Kind, Meaning};
use crate::guide::{Guide, Order};
use crate::plan::{Plan, Source, Supply};
use crate::python::Code as Python;
use crate::run::Observation;
use verdict::Evidence;

/// What came of one snippet's run, or of several in different contexts.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// The verdict on each of the snippet's claims, by the claim's index.
    pub verdicts: HashMap<usize, Verdict>,
    /// What went wrong.
    pub troubles: Vec<Trouble>,
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
    /// Whether a comment beside a guide line names an exception's class, in whatever words.
    fn mentions(&self, snippet: usize, line: usize, class: &str) -> bool {
        let code = &self.codes[snippet];
        let own = line.saturating_sub(self.guide.snippets[snippet].lines.0);
        let word =
            |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == class);
        code.comments().iter().any(|comment| comment.line == own && !comment.own_line && word(&comment.text))
    }
}

/// Judges one run of a snippet on a Python (major, minor).
pub fn judge(reading: &Reading<'_>, plan: &Plan, seen: &Observation, python: (u8, u8)) -> Judged {
    let snippet = &reading.guide.snippets[plan.snippet];
    let (mut troubles, spoilt) = trouble::troubles(plan, seen, reading.names);
    let own: Vec<_> =
        reading.claims.iter().enumerate().filter(|(_, claim)| claim.snippet == plan.snippet).collect();
    for trouble in &mut troubles {
        let line = trouble.line;
        let named = trouble.failure.as_ref().is_some_and(|f| reading.mentions(plan.snippet, line, &f.kind));
        let claimed = own.iter().any(|(_, claim)| announces(claim, snippet.lines.0, line));
        trouble.announced = trouble.failure.is_some() && (named || claimed);
    }
    let evidence = Evidence {
        plan,
        seen,
        troubles: &troubles,
        spoilt: &spoilt,
        code: &reading.codes[plan.snippet].code,
        broken: reading.codes[plan.snippet].broken().is_some(),
        first_line: snippet.lines.0,
        python,
    };
    let decided = own.iter().filter(|(_, claim)| !matches!(claim.meaning, Meaning::Restates(_)));
    let verdicts =
        decided.map(|(index, claim)| (*index, verdict::verdict(claim, *index, &evidence))).collect();
    Judged { verdicts, troubles }
}

/// Whether a claim says that the code on a guide line raises.
fn announces(claim: &Claim, first_line: usize, line: usize) -> bool {
    matches!(claim.meaning, Meaning::Raises(_))
        && claim.targets.iter().any(|target| {
            target.whole || (first_line + target.lines.0..=first_line + target.lines.1).contains(&line)
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
        self.verdicts.values().any(|verdict| verdict.decision == Decision::False)
            || self.troubles.iter().any(is_mishap)
    }

    /// Whether the run had to be ended, or ended itself before its end.
    pub fn is_cut_short(&self) -> bool {
        self.troubles.iter().any(|t| matches!(t.kind, TroubleKind::Timeout | TroubleKind::Crash(_)))
    }

    /// Whether a claim is contradicted.
    pub fn has_false(&self) -> bool {
        self.verdicts.values().any(|verdict| verdict.decision == Decision::False)
    }

    /// Takes what holds in another context, and drops the mishaps that do not happen there.
    pub fn consider(&mut self, other: &Judged, context: &str) {
        for (index, verdict) in &mut self.verdicts {
            let lost = verdict.decision == Decision::False
                || verdict.reason.as_deref().is_some_and(|reason| reason.starts_with("not reached"));
            if let Some(better) = other.verdicts.get(index).filter(|better| lost && better.holds()) {
                *verdict = Verdict { reason: Some(format!("context: holds {context}")), ..better.clone() };
            }
        }
        self.troubles
            .retain(|trouble| !is_mishap(trouble) || other.troubles.iter().any(|o| o.line == trouble.line));
    }

    /// Takes back what comes out differently in a second run.
    pub fn doubt(&mut self, again: &Judged) {
        for (index, verdict) in &mut self.verdicts {
            let Some(second) = again.verdicts.get(index) else { continue };
            let same = match (&verdict.actual, &second.actual) {
                (Some(first), Some(second)) => equal::printed_whole(first, second),
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
pub fn restate(claims: &[Claim], verdicts: &mut HashMap<usize, Verdict>) {
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

/// What became of one snippet.
pub struct Outcome<'a> {
    /// Its index.
    pub snippet: usize,
    /// What it needs from others.
    pub supply: &'a Supply,
    /// Verdicts and troubles.
    pub judged: &'a Judged,
    /// What was observed.
    pub seen: &'a Observation,
    /// Guide lines of the statements that ran to their end.
    pub passed_lines: &'a HashSet<usize>,
}

/// The guide lines of the units that ran to their end without an exception.
pub fn passed_lines(plan: &Plan, seen: &Observation) -> HashSet<usize> {
    let passed =
        |unit: &usize| seen.units.get(unit).is_some_and(|seen| seen.end.is_some() && seen.failure.is_none());
    (plan.before..plan.units.len()).filter(passed).flat_map(|unit| trouble::lines(plan, unit)).collect()
}

/// All findings of a guide's snippets that ran, and of its Markdown, in reading order.
pub fn findings(
    reading: &Reading<'_>,
    verdicts: &HashMap<usize, Verdict>,
    outcomes: &[Outcome<'_>],
) -> Vec<Finding> {
    let guide = reading.guide;
    let mut found =
        markup::findings(guide, reading.codes, &|snippet| is_meant_broken(reading.claims, verdicts, snippet));
    for outcome in outcomes {
        let sound = reading.codes[outcome.snippet].broken().is_none();
        let troubles = outcome.judged.troubles.iter().filter(|t| own_line(guide, outcome.snippet, t.line));
        // In a snippet that is not Python, names are missing because statements are.
        let troubles = troubles.filter(|trouble| sound || trouble.kind != TroubleKind::Raises);
        found.extend(troubles.filter_map(|trouble| blame::finding(guide, outcome.snippet, trouble)));
        if sound {
            found.extend(naming(reading, outcome).findings());
        }
    }
    merge_packages(guide, &mut found);
    for (index, claim) in reading.claims.iter().enumerate() {
        let origin = origin(reading.claims, claim);
        found.extend(
            verdicts.get(&index).and_then(|verdict| mistakes::finding(guide, claim, verdict, origin)),
        );
    }
    found.extend(unverified(reading, verdicts));
    found
}

/// Whether the guide itself says that a snippet does not compile.
fn is_meant_broken(claims: &[Claim], verdicts: &HashMap<usize, Verdict>, snippet: usize) -> bool {
    claims.iter().enumerate().any(|(index, claim)| {
        let syntax = matches!(&claim.meaning, Meaning::Raises(e) if e.name.as_deref().is_some_and(raised::is_syntax_error));
        syntax && claim.snippet == snippet && verdicts.get(&index).is_some_and(Verdict::holds)
    })
}

/// A package that is missing is said once for each snippet, with the other imports of it.
fn merge_packages(guide: &Guide, found: &mut Vec<Finding>) {
    let mut first: HashMap<(Option<usize>, String), usize> = HashMap::new();
    let mut kept: Vec<Finding> = Vec::new();
    for finding in found.drain(..) {
        let key = (finding.snippet, finding.message.clone());
        match first.get(&key).filter(|_| finding.code == Code::MissingPackage) {
            Some(index) => {
                let line = guide.source.line(finding.span.0);
                kept[*index].related.push((line, "imported here too".to_owned()));
            }
            None => {
                first.insert(key, kept.len());
                kept.push(finding);
            }
        }
    }
    *found = kept;
}

fn naming<'a>(reading: &'a Reading<'a>, outcome: &'a Outcome<'a>) -> names::Naming<'a> {
    names::Naming {
        guide: reading.guide,
        sources: reading.sources,
        snippet: outcome.snippet,
        supply: outcome.supply,
        troubles: &outcome.judged.troubles,
        seen: outcome.seen,
        passed_lines: outcome.passed_lines.clone(),
    }
}

fn own_line(guide: &Guide, snippet: usize, line: usize) -> bool {
    let (first, last) = guide.snippets[snippet].lines;
    (first..=last).contains(&line)
}

fn origin<'c>(claims: &'c [Claim], claim: &Claim) -> Option<&'c Claim> {
    match &claim.meaning {
        Meaning::Restates(id) => claims.iter().find(|other| other.id == *id),
        _ => None,
    }
}

/// Snippets that nothing checks: no claim, or none on code that anybody calls.
pub fn is_unverified(claims: &[Claim], verdicts: &HashMap<usize, Verdict>, snippet: usize) -> bool {
    !claims.iter().enumerate().any(|(index, claim)| {
        let checks = !matches!(claim.kind, Kind::Version | Kind::Restated) && claim.snippet == snippet;
        checks
            && verdicts.get(&index).is_some_and(|verdict| {
                let idle = verdict.reason.as_deref().is_some_and(|reason| reason.starts_with("never runs"));
                verdict.decision != Decision::Remark && !idle
            })
    })
}

fn unverified(reading: &Reading<'_>, verdicts: &HashMap<usize, Verdict>) -> Vec<Finding> {
    let guide = reading.guide;
    let unchecked = |index: &usize| {
        guide.snippets[*index].skipped().is_none() && is_unverified(reading.claims, verdicts, *index)
    };
    let finding = |index: usize| {
        let snippet = &guide.snippets[index];
        let span = blame::line_span(guide, snippet, snippet.lines.0);
        let help = "say in a comment what a line gives or prints, and it is checked at every edit";
        Finding::new(Code::Unverified, span, "nothing in this snippet is checked", help).in_snippet(index)
    };
    (0..guide.snippets.len()).filter(unchecked).map(finding).collect()
}

/// Marks the findings that directives expect; adds one for each expectation that did not come true.
pub fn expect(guide: &Guide, chosen: &dyn Fn(usize) -> bool, found: &mut Vec<Finding>) {
    let mut unmet = Vec::new();
    for (index, snippet) in guide.snippets.iter().enumerate().filter(|(index, _)| chosen(*index)) {
        for directive in &snippet.directives {
            let Order::Expect(codes) = &directive.order else { continue };
            for code in codes {
                let mut met = false;
                for finding in found.iter_mut().filter(|f| f.snippet == Some(index) && f.code.name() == code)
                {
                    (finding.expected, met) = (true, true);
                }
                if !met {
                    unmet.push(unmet_expectation(guide, index, directive.line, code));
                }
            }
        }
    }
    found.extend(unmet);
}

fn unmet_expectation(guide: &Guide, snippet: usize, line: usize, code: &str) -> Finding {
    let known = Code::ALL.iter().any(|known| known.name() == code);
    let message = format!("expected {code} in snippet {}, and there is none", guide.snippets[snippet].id);
    let help = match known {
        true => "the guide is right here now: remove the directive",
        false => "no finding has this name: see docs/findings.md for those there are",
    };
    let text = guide.source.line_text(line);
    let start = guide.source.line_start(line);
    Finding::new(Code::UnmetExpectation, (start, start + text.trim_end().len()), message, help)
        .in_snippet(snippet)
}

/// Whether a claim belongs in the report: implied ones that were remarks do not.
pub fn is_reported(claim: &Claim, verdict: Option<&Verdict>) -> bool {
    match verdict {
        Some(verdict) => verdict.decision != Decision::Remark,
        None => claim.certainty == Certainty::Explicit,
    }
}
