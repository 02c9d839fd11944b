//! From what became of a guide's snippets to its part of the report.

use std::collections::BTreeSet;

use super::{Document, Options, Prepared, Ran, is_chosen, merge};
use crate::claims::{Claim, Meaning, Target};
use crate::guide::Guide;
use crate::judge::{
    self, Decision, Finding, Judged, OnPython, Outcome, Reading, Trouble, TroubleKind, Verdict, Verdicts,
};
use crate::plan;
use crate::report::{
    ClaimReport, FindingReport, Fix, GuideReport, Python, Range, Related, Run, SnippetReport, Status,
    Subject, VerdictReport,
};
use crate::run::protocol::minor;
use crate::snapshot;

/// What became of a guide's snippets on one Python.
type RanOn = [(usize, Ran)];

/// The report on one guide. `ran` is what became of its snippets on each of the Pythons. Snapshots are
/// compared, and pending ones written, on the way.
pub fn guide(
    prepared: &Prepared<'_>,
    ran: &[Vec<(usize, Ran)>],
    pythons: &[Python],
    options: &Options,
) -> GuideReport {
    let document = prepared.document;
    let guide = &document.guide;
    let chosen = |index: usize| is_chosen(document, index, options);
    let on: Vec<_> = pythons.iter().enumerate().map(on_python).collect();
    let verdicts = verdicts(document, ran, &on, &chosen);
    let snapshots = compare_snapshots(document, ran, pythons, options);
    let error = snapshots.as_ref().err().cloned().or_else(|| failure(ran, pythons));
    let mut findings = findings(&prepared.reading(), ran, &on, &verdicts);
    findings.extend(snapshots.unwrap_or_default());
    // A part of a guide was asked for: the rest is not talked about.
    findings.retain(|finding| match finding.snippet {
        Some(snippet) => chosen(snippet),
        None => options.blocks.is_empty(),
    });
    judge::expect(guide, &chosen, &mut findings);
    findings.sort_by_key(|finding| (finding.span, finding.severity));
    GuideReport {
        path: guide.path.clone(),
        error,
        snippets: (0..guide.snippets.len())
            .filter(|s| chosen(*s))
            .map(|s| snippet(document, s, ran, pythons))
            .collect(),
        claims: claims(document, &verdicts, &chosen, pythons),
        findings: findings.iter().map(|found| finding(guide, found, pythons)).collect(),
        text: guide.source.text.clone(),
    }
}

fn on_python((index, python): (usize, &Python)) -> OnPython<'_> {
    OnPython { index, id: &python.id, version: minor(&python.version) }
}

/// Why a snippet could not be run at all.
fn failure(ran: &[Vec<(usize, Ran)>], pythons: &[Python]) -> Option<String> {
    let (python, error) = ran
        .iter()
        .zip(pythons)
        .find_map(|(ran, python)| Some((python, ran.iter().find_map(|(_, ran)| ran.error.as_ref())?)))?;
    Some(if pythons.len() > 1 { format!("on Python {}: {error}", python.id) } else { error.clone() })
}

/// The verdicts of each Python on every claim of the chosen snippets, by the claim's index.
fn verdicts(
    document: &Document,
    ran: &[Vec<(usize, Ran)>],
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
    ran: &[Vec<(usize, Ran)>],
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
        passed_lines: &ran.passed_lines,
    }
}

fn compare_snapshots(
    document: &Document,
    ran: &[Vec<(usize, Ran)>],
    pythons: &[Python],
    options: &Options,
) -> Result<Vec<Finding>, String> {
    let Some(config) = document.kept_by(options) else { return Ok(Vec::new()) };
    let folder = config.snapshot_folder(&document.guide.path);
    let mut found = Vec::new();
    for index in 0..document.guide.snippets.len() {
        let shown: Vec<_> = ran
            .iter()
            .enumerate()
            .filter_map(|(python, ran)| {
                let transcript = of(ran, index)?.transcript.as_ref()?;
                Some((python, minor(&pythons[python].version), transcript))
            })
            .collect();
        found.extend(snapshot::compare(&document.guide, index, &shown, &folder)?);
    }
    if options.blocks.is_empty() {
        let orphans = snapshot::orphans(&document.guide, &folder).into_iter();
        found.extend(orphans.map(|finding| finding.on(0..pythons.len())));
    }
    Ok(found)
}

fn snippet(
    document: &Document,
    index: usize,
    ran: &[Vec<(usize, Ran)>],
    pythons: &[Python],
) -> SnippetReport {
    let guide = &document.guide;
    let snippet = &guide.snippets[index];
    let mut needs: BTreeSet<_> =
        ran.iter().filter_map(|ran| of(ran, index)).flat_map(|ran| ran.supply.snippets()).collect();
    needs.extend(plan::imported(guide, &document.codes, index, [index].into_iter()));
    SnippetReport {
        id: snippet.id.clone(),
        block: snippet.block.clone(),
        headings: snippet.headings.clone(),
        lines: snippet.lines,
        fenced: snippet.fenced,
        needs: needs.into_iter().map(|other| guide.snippets[other].id.clone()).collect(),
        runs: pythons.iter().zip(ran).map(|(on, ran)| run(document, index, of(ran, index), on)).collect(),
    }
}

/// What became of a snippet, if it ran.
fn of(ran: &RanOn, snippet: usize) -> Option<&Ran> {
    ran.binary_search_by_key(&snippet, |(index, _)| *index).ok().map(|at| &ran[at].1)
}

fn run(document: &Document, index: usize, own: Option<&Ran>, python: &Python) -> Run {
    let (status, reason, line) =
        status(document, index, own.map(|ran| &ran.judged), own.and_then(|ran| ran.error.as_deref()));
    let output = |stream: usize| own.map(|ran| ran.output(stream)).unwrap_or_default();
    Run {
        python: python.id.clone(),
        status,
        reason,
        line,
        stdout: output(0),
        stderr: output(1),
        truncated: own.is_some_and(|ran| ran.seen.truncated),
        duration_ms: own.map_or(0.0, |ran| ran.seen.duration_ms),
    }
}

/// How the run ended, why, and at which guide line.
fn status(
    document: &Document,
    index: usize,
    judged: Option<&Judged>,
    failed: Option<&str>,
) -> (Status, Option<String>, Option<usize>) {
    let snippet = &document.guide.snippets[index];
    if let Some(reason) = snippet.skipped() {
        return (Status::Skipped, Some(reason.to_owned()), None);
    }
    if let Some(error) = failed {
        return (Status::Crashed, Some(error.to_owned()), None);
    }
    if let Some(broken) = document.codes[index].broken() {
        return (Status::Invalid, Some(broken.message), Some(snippet.guide_line(broken.line)));
    }
    let own = |trouble: &&Trouble| {
        !trouble.announced && (snippet.lines.0..=snippet.lines.1).contains(&trouble.line)
    };
    let troubles: Vec<_> = judged.into_iter().flat_map(|judged| &judged.troubles).filter(own).collect();
    let status = troubles.iter().map(|trouble| status_of(trouble)).min().unwrap_or(Status::Ran);
    let first = troubles.iter().find(|trouble| status_of(trouble) < Status::Ran);
    (status, first.map(|trouble| trouble.reason()), first.map(|trouble| trouble.line))
}

fn status_of(trouble: &Trouble) -> Status {
    match &trouble.kind {
        TroubleKind::Syntax => Status::Invalid,
        TroubleKind::Crash(_) => Status::Crashed,
        TroubleKind::Limit(_) if trouble.failure.is_none() => Status::Crashed,
        TroubleKind::Timeout | TroubleKind::Wait => Status::TimedOut,
        TroubleKind::Raises | TroubleKind::Name(_) | TroubleKind::Limit(_) => Status::Raised,
        TroubleKind::Consequence(reason) if reason.starts_with("blocked") => Status::Blocked,
        TroubleKind::Consequence(reason) if reason.starts_with("needs interpreter") => Status::Blocked,
        TroubleKind::Consequence(reason) if reason.starts_with("other version") => Status::Ran,
        TroubleKind::Consequence(_) => Status::Raised,
        TroubleKind::Exit => Status::Ran,
        _ => Status::Blocked,
    }
}

fn claims(
    document: &Document,
    verdicts: &[Verdicts],
    chosen: &dyn Fn(usize) -> bool,
    pythons: &[Python],
) -> Vec<ClaimReport> {
    let on_each = |index: usize| verdicts.iter().map(move |verdicts| verdicts.get(&index));
    let kept = |(index, claim): &(usize, &Claim)| {
        chosen(claim.snippet) && on_each(*index).any(|verdict| judge::is_reported(claim, verdict))
    };
    let claims = document.claims.iter().enumerate().filter(kept);
    claims
        .map(|(index, claim)| {
            let verdicts = pythons.iter().zip(on_each(index)).map(|(python, it)| verdict(python, it));
            self::claim(document, claim, verdicts.collect())
        })
        .collect()
}

fn claim(document: &Document, claim: &Claim, verdicts: Vec<VerdictReport>) -> ClaimReport {
    let snippet = &document.guide.snippets[claim.snippet];
    let subject = claim.targets.first().map(|target| subject(document, claim, target));
    ClaimReport {
        id: claim.id.clone(),
        lines: claim.lines,
        snippet: snippet.id.clone(),
        kind: claim.kind,
        form: claim.form,
        certainty: claim.certainty,
        text: claim.text.trim().to_owned(),
        expected: claim.expected.clone(),
        subject,
        verdicts,
    }
}

fn verdict(python: &Python, verdict: Option<&Verdict>) -> VerdictReport {
    let decided = verdict.cloned().unwrap_or_else(|| Verdict::undecided("not reached"));
    let (verdict, reason) = match decided.decision {
        // On another Python it is a claim.
        Decision::Remark => {
            let far = || "other version: it is not even near what is shown here".to_owned();
            (Decision::Undecided, Some(decided.reason.unwrap_or_else(far)))
        }
        decision => (decision, decided.reason),
    };
    let actual = decided.actual.map(|actual| actual.to_string());
    VerdictReport { python: python.id.clone(), verdict, actual, reason }
}

/// The code a claim is about: its own expression, else the statement.
fn subject(document: &Document, claim: &Claim, target: &Target) -> Subject {
    let snippet = &document.guide.snippets[claim.snippet];
    match &claim.meaning {
        Meaning::Evaluates { code, .. } => Subject { lines: claim.lines, code: code.clone() },
        _ => Subject {
            lines: (snippet.guide_line(target.lines.0), snippet.guide_line(target.lines.1)),
            code: document.codes[claim.snippet].code[target.start..target.end].to_owned(),
        },
    }
}

fn finding(guide: &Guide, found: &Finding, pythons: &[Python]) -> FindingReport {
    let source = &guide.source;
    let last = match source.text[..found.span.1].char_indices().next_back() {
        Some((at, _)) if at >= found.span.0 => at,
        _ => found.span.0,
    };
    FindingReport {
        code: found.code,
        severity: found.severity,
        line: source.line(found.span.0),
        column: source.column(found.span.0),
        end_line: source.line(last),
        end_column: source.column(last),
        expected: found.expected,
        message: found.message.clone(),
        help: found.help.clone(),
        snippet: found.snippet.map(|index| guide.snippets[index].id.clone()),
        claim: found.claim.clone(),
        pythons: found.pythons.iter().map(|index| pythons[*index].id.clone()).collect(),
        related: found
            .related
            .iter()
            .map(|(line, message)| Related { line: *line, message: message.clone() })
            .collect(),
        fix: found.fix.as_ref().map(|fix| Fix {
            range: Range { start: source.bom + fix.span.0, end: source.bom + fix.span.1 },
            replacement: fix.replacement.clone(),
        }),
        lack: found.lack.clone(),
        label: found.label.clone(),
        span: found.span,
    }
}

impl Ran {
    /// The snippet's own output: what earlier snippets printed is theirs.
    fn output(&self, stream: usize) -> String {
        self.seen.text(stream, self.own_start[stream], usize::MAX)
    }
}
