//! All findings about a guide, put together: Markdown, runs, names, claims, expectations.

use std::collections::{HashMap, HashSet};

use super::finding::{Code, Finding};
use super::package::Packages;
use super::trouble::{self, Kind as TroubleKind};
use super::verdict::{Decision, Verdict};
use super::{Judged, OnPython, Reading, absent, blame, markup, mistakes, names, raised};
use crate::claims::{Claim, Kind, Meaning};
use crate::guide::{Guide, Order};
use crate::plan::{Plan, Supply};
use crate::run::Observation;

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
    /// What it was supplied with.
    pub packages: &'a Packages,
    /// Guide lines of the statements that ran to their end.
    pub passed_lines: &'a HashSet<usize>,
}

/// The guide lines of the units that ran to their end without an exception.
pub fn passed_lines(plan: &Plan, seen: &Observation) -> HashSet<usize> {
    let passed =
        |unit: &usize| seen.units.get(unit).is_some_and(|seen| seen.end.is_some() && seen.failure.is_none());
    lines(plan, passed)
}

/// The guide lines of the units that were started, however they ended.
pub fn started_lines(plan: &Plan, seen: &Observation) -> HashSet<usize> {
    lines(plan, |unit| seen.units.contains_key(unit))
}

/// The guide lines of a snippet's own units that are such.
fn lines(plan: &Plan, are: impl Fn(&usize) -> bool) -> HashSet<usize> {
    (plan.before..plan.units.len()).filter(are).flat_map(|unit| trouble::lines(plan, unit)).collect()
}

/// What one of the Pythons gave as verdicts, by the claims' indices.
pub type Verdicts = HashMap<usize, Verdict>;

/// The findings about a guide's Markdown and syntax, which are the same on every Python.
pub fn about_text(reading: &Reading<'_>, verdicts: &[(OnPython<'_>, &Verdicts)]) -> Vec<Finding> {
    let is_meant_broken =
        |snippet| verdicts.iter().any(|(_, verdicts)| is_meant_broken(reading.claims, verdicts, snippet));
    on_all(verdicts, markup::findings(reading.guide, reading.codes, &is_meant_broken))
}

/// The findings about what a guide's snippets did on one Python.
pub fn about_runs(reading: &Reading<'_>, outcomes: &[Outcome<'_>]) -> Vec<Finding> {
    let guide = reading.guide;
    let mut found = Vec::new();
    for outcome in outcomes {
        let sound = reading.codes[outcome.snippet].broken().is_none();
        let troubles = outcome.judged.troubles.iter().filter(|t| own_line(guide, outcome.snippet, t.line));
        // In a snippet that is not Python, names are missing because statements are.
        let troubles = troubles.filter(|trouble| sound || trouble.kind != TroubleKind::Raises);
        found.extend(troubles.filter_map(|trouble| blame::finding(guide, outcome, trouble)));
        if outcome.seen.truncated {
            found.push(blame::cut_output(guide, outcome.snippet));
        }
        // Where nothing has run, nothing is known about names.
        if sound && outcome.seen.setup.is_none() {
            found.extend(naming(reading, outcome).findings());
        }
    }
    merge_packages(guide, &mut found);
    found.extend(absent::findings(guide, outcomes, &found));
    found
}

/// The findings about a guide's claims, each by its verdicts on all Pythons.
pub fn about_claims(reading: &Reading<'_>, verdicts: &[(OnPython<'_>, &Verdicts)]) -> Vec<Finding> {
    let by_id: HashMap<_, _> = reading.claims.iter().map(|claim| (claim.id.as_str(), claim)).collect();
    let about = |(index, claim): (usize, &Claim)| {
        let on: Vec<_> = verdicts.iter().filter_map(|(on, all)| Some((*on, all.get(&index)?))).collect();
        mistakes::finding(reading.guide, claim, &on, origin(&by_id, claim))
    };
    let mut found: Vec<_> = reading.claims.iter().enumerate().filter_map(about).collect();
    found.extend(on_all(verdicts, unverified(reading, verdicts)));
    found
}

fn on_all(verdicts: &[(OnPython<'_>, &Verdicts)], found: Vec<Finding>) -> Vec<Finding> {
    found.into_iter().map(|finding| finding.on(verdicts.iter().map(|(on, _)| on.index))).collect()
}

/// Whether the guide itself says that a snippet does not compile.
fn is_meant_broken(claims: &[Claim], verdicts: &Verdicts, snippet: usize) -> bool {
    claims.iter().enumerate().any(|(index, claim)| {
        let syntax = matches!(&claim.meaning, Meaning::Raises(e) if e.name.as_deref().is_some_and(raised::is_syntax_error));
        syntax && claim.snippet == snippet && verdicts.get(&index).is_some_and(Verdict::holds)
    })
}

const OF_PACKAGES: [Code; 2] = [Code::MissingPackage, Code::DeadPackage];

/// A package that is missing or dead is said once for each snippet, with the other imports of it.
fn merge_packages(guide: &Guide, found: &mut Vec<Finding>) {
    let mut first: HashMap<(Option<usize>, String), usize> = HashMap::new();
    let mut kept: Vec<Finding> = Vec::new();
    for finding in found.drain(..) {
        let key = (finding.snippet, finding.message.clone());
        match first.get(&key).filter(|_| OF_PACKAGES.contains(&finding.code)) {
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
        passed_lines: outcome.passed_lines,
    }
}

fn own_line(guide: &Guide, snippet: usize, line: usize) -> bool {
    let (first, last) = guide.snippets[snippet].lines;
    (first..=last).contains(&line)
}

fn origin<'c>(by_id: &HashMap<&str, &'c Claim>, claim: &Claim) -> Option<&'c Claim> {
    match &claim.meaning {
        Meaning::Restates(id) => by_id.get(id.as_str()).copied(),
        _ => None,
    }
}

/// Whether a claim, with the verdict on it, checks its snippet: not where it is about code that nobody calls.
fn checks(claim: &Claim, verdict: &Verdict) -> bool {
    let idle = verdict.reason.as_deref().is_some_and(|reason| reason.starts_with("never runs"));
    !matches!(claim.kind, Kind::Version | Kind::Restated) && verdict.decision != Decision::Remark && !idle
}

/// Snippets that nothing checks: no claim, or none on code that anybody calls.
fn unverified(reading: &Reading<'_>, verdicts: &[(OnPython<'_>, &Verdicts)]) -> Vec<Finding> {
    let guide = reading.guide;
    let claims = reading.claims.iter().enumerate();
    let on_any = |index: &usize, claim: &Claim| {
        verdicts.iter().any(|(_, all)| all.get(index).is_some_and(|verdict| checks(claim, verdict)))
    };
    let checking = claims.filter(|(index, claim)| on_any(index, claim));
    let checked: HashSet<_> = checking.map(|(_, claim)| guide.whole(claim.snippet)).collect();
    let unchecked = |index: &usize| {
        let snippet = &guide.snippets[*index];
        snippet.skipped().is_none() && snippet.continues.is_none() && !checked.contains(index)
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
        // What its companion shows is the snippet's.
        let is_about = |f: &Finding| f.snippet.is_some_and(|other| guide.whole(other) == index);
        for directive in &snippet.directives {
            let (codes, must) = match &directive.order {
                Order::Expect(codes) => (codes, true),
                Order::Allow(codes) => (codes, false),
                _ => continue,
            };
            for code in codes {
                let mut met = false;
                for finding in found.iter_mut().filter(|f| is_about(f) && f.code.name() == code) {
                    (finding.expected, met) = (Some(directive.reason.clone()), true);
                }
                if must && !met {
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
        false => "no finding has this name: `verify explain` lists those there are",
    };
    let text = guide.source.line_text(line);
    let start = guide.source.line_start(line);
    Finding::new(Code::UnmetExpectation, (start, start + text.trim_end().len()), message, help)
        .in_snippet(snippet)
}
