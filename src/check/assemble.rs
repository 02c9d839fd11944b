//! From what became of a guide's snippets to its part of the report.

use super::document::Prepared;
use super::{Document, Options, Ran, RanOn, merge, parts};
use crate::judge::{self, Finding, OnPython, Outcome, Reading, Verdict, Verdicts};
use crate::report::{GuideReport, Python};
use crate::run::protocol::minor;
use crate::snapshot;

/// The report on one guide. `ran` is what became of its snippets on each of the Pythons. Snapshots are
/// compared, and pending ones written, on the way.
pub fn guide(prepared: &Prepared<'_>, ran: &[RanOn], pythons: &[Python], options: &Options) -> GuideReport {
    let document = prepared.document;
    let guide = &document.guide;
    let chosen = |index: usize| prepared.chosen.has(index);
    let on: Vec<_> = pythons.iter().enumerate().map(on_python).collect();
    let verdicts = verdicts(document, ran, &on, &chosen);
    let snapshots = compare_snapshots(prepared, ran, pythons, options);
    let error = snapshots.as_ref().err().cloned().or_else(|| failure(ran, pythons));
    let mut findings = findings(&prepared.reading(), ran, &on, &verdicts);
    findings.extend(snapshots.unwrap_or_default());
    // A part of a guide was asked for: the rest is not talked about.
    findings.retain(|finding| match finding.snippet {
        Some(snippet) => chosen(snippet),
        None => prepared.chosen.is_whole,
    });
    judge::expect(guide, &chosen, &mut findings);
    findings.sort_by_key(|finding| (finding.span, finding.severity));
    GuideReport {
        path: guide.path.clone(),
        error,
        digest: Some(document.digest.clone()),
        snippets: (0..guide.snippets.len())
            .filter(|s| chosen(*s) && guide.snippets[*s].continues.is_none())
            .map(|s| parts::snippet(document, s, ran, pythons))
            .collect(),
        claims: parts::claims(document, &verdicts, &chosen, pythons),
        remarks: parts::remarks(document, &chosen, &|index| {
            parts::is_reported(index, &document.claims[index], &verdicts)
        }),
        findings: findings.iter().map(|found| parts::finding(guide, found, pythons)).collect(),
        text: guide.own_text().to_owned(),
        companions: guide.companions.iter().map(|it| (it.path.clone(), it.text.clone())).collect(),
    }
}

fn on_python((index, python): (usize, &Python)) -> OnPython<'_> {
    OnPython { index, id: &python.id, version: minor(&python.version) }
}

/// Why a snippet could not be run at all.
fn failure(ran: &[RanOn], pythons: &[Python]) -> Option<String> {
    let (python, error) = ran
        .iter()
        .zip(pythons)
        .find_map(|(ran, python)| Some((python, ran.iter().find_map(|(_, ran)| ran.error.as_ref())?)))?;
    Some(if pythons.len() > 1 { format!("on Python {}: {error}", python.id) } else { error.clone() })
}

/// The verdicts of each Python on every claim of the chosen snippets, by the claim's index.
fn verdicts(
    document: &Document,
    ran: &[RanOn],
    on: &[OnPython<'_>],
    chosen: &dyn Fn(usize) -> bool,
) -> Vec<Verdicts> {
    let claims = &document.claims;
    let mut verdicts: Vec<_> = ran.iter().map(|ran| verdicts_on(document, ran, chosen)).collect();
    let tried: Vec<_> = on
        .iter()
        .zip(ran)
        .map(|(on, ran)| {
            (*on, ran.iter().flat_map(|(_, ran)| &ran.judged.tried).map(|(i, t)| (*i, t)).collect())
        })
        .collect();
    judge::compare_versions(claims, &tried, &mut verdicts);
    verdicts.iter_mut().for_each(|verdicts| judge::restate(claims, verdicts));
    verdicts
}

fn verdicts_on(document: &Document, ran: &RanOn, chosen: &dyn Fn(usize) -> bool) -> Verdicts {
    let judged = ran.iter().flat_map(|(_, ran)| &ran.judged.verdicts);
    let mut verdicts: Verdicts = judged.map(|(index, verdict)| (*index, verdict.clone())).collect();
    for (index, claim) in document.claims.iter().enumerate().filter(|(_, claim)| chosen(claim.snippet)) {
        if let Some(reason) = document.guide.snippets[claim.snippet].skipped() {
            verdicts.insert(index, Verdict::undecided(format!("skipped: {reason}")));
        }
    }
    verdicts
}

/// All that was found: in the text, in the runs on each Python, by the verdicts on all of them.
fn findings(
    reading: &Reading<'_>,
    ran: &[RanOn],
    on: &[OnPython<'_>],
    verdicts: &[Verdicts],
) -> Vec<Finding> {
    let decided: Vec<_> = on.iter().copied().zip(verdicts).collect();
    let mut found = judge::about_text(reading, &decided);
    let on_each = ran.iter().enumerate().map(|(python, ran)| {
        let outcomes: Vec<_> = ran.iter().filter(|(_, ran)| ran.error.is_none()).map(outcome).collect();
        (python, judge::about_runs(reading, &outcomes))
    });
    found.extend(merge::findings(on_each));
    found.extend(judge::about_claims(reading, &decided));
    found
}

fn outcome((snippet, ran): &(usize, Ran)) -> Outcome<'_> {
    Outcome {
        snippet: *snippet,
        supply: &ran.supply,
        judged: &ran.judged,
        seen: &ran.seen,
        packages: &ran.packages,
        passed_lines: &ran.passed_lines,
    }
}

fn compare_snapshots(
    prepared: &Prepared<'_>,
    ran: &[RanOn],
    pythons: &[Python],
    options: &Options,
) -> Result<Vec<Finding>, String> {
    let document = prepared.document;
    let Some(config) = document.kept_by(options) else { return Ok(Vec::new()) };
    let folder = config.snapshot_folder(&document.guide.path);
    let mut found = Vec::new();
    for index in 0..document.guide.snippets.len() {
        let shown: Vec<_> = ran
            .iter()
            .enumerate()
            .filter_map(|(python, ran)| {
                let transcript = parts::of(ran, index)?.transcript.as_ref()?;
                Some((python, minor(&pythons[python].version), transcript))
            })
            .collect();
        found.extend(snapshot::compare(&document.guide, index, &shown, &folder)?);
    }
    if prepared.chosen.is_whole {
        let orphans = snapshot::orphans(&document.guide, &folder)?.into_iter();
        found.extend(orphans.map(|finding| finding.on(0..pythons.len())));
    }
    Ok(found)
}
