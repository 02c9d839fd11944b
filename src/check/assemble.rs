//! From what became of a guide's snippets to its part of the report.

use std::collections::{BTreeSet, HashMap};

use super::{Document, Options, Prepared, Ran, is_chosen};
use crate::claims::{Claim, Meaning, Target};
use crate::guide::Guide;
use crate::judge::{self, Decision, Finding, Judged, Outcome, Trouble, TroubleKind, Verdict};
use crate::plan;
use crate::report::{
    ClaimReport, FindingReport, Fix, GuideReport, Python, Range, Related, Run, SnippetReport, Status,
    Subject, VerdictReport,
};
use crate::snapshot;

/// The report on one guide. Snapshots are compared, and pending ones written, on the way.
pub fn guide(
    prepared: &Prepared<'_>,
    ran: &[(usize, Ran)],
    python: &Python,
    options: &Options,
) -> GuideReport {
    let document = prepared.document;
    let guide = &document.guide;
    let chosen = |index: usize| is_chosen(document, index, options);
    let reading = prepared.reading();
    let verdicts = verdicts(document, ran, &chosen);
    let outcomes: Vec<_> = ran
        .iter()
        .filter(|(_, ran)| ran.error.is_none())
        .map(|(snippet, ran)| Outcome {
            snippet: *snippet,
            supply: &ran.supply,
            judged: &ran.judged,
            seen: &ran.seen,
            passed_lines: &ran.passed_lines,
        })
        .collect();
    let mut findings = judge::findings(&reading, &verdicts, &outcomes);
    let snapshots = compare_snapshots(document, ran, python, options);
    let error =
        snapshots.as_ref().err().cloned().or_else(|| ran.iter().find_map(|(_, ran)| ran.error.clone()));
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
            .map(|s| snippet(document, s, ran, python))
            .collect(),
        claims: claims(document, &verdicts, &chosen, python),
        findings: findings.iter().map(|found| finding(guide, found, python)).collect(),
        text: guide.source.text.clone(),
    }
}

/// The verdict on every claim of the chosen snippets, by the claim's index.
fn verdicts(
    document: &Document,
    ran: &[(usize, Ran)],
    chosen: &dyn Fn(usize) -> bool,
) -> HashMap<usize, Verdict> {
    let mut verdicts: HashMap<usize, Verdict> = HashMap::new();
    for (_, ran) in ran {
        verdicts.extend(ran.judged.verdicts.iter().map(|(index, verdict)| (*index, verdict.clone())));
    }
    for (index, claim) in document.claims.iter().enumerate().filter(|(_, claim)| chosen(claim.snippet)) {
        if let Some(reason) = document.guide.snippets[claim.snippet].skipped() {
            verdicts.insert(index, Verdict::undecided(format!("skipped: {reason}")));
        }
    }
    judge::restate(&document.claims, &mut verdicts);
    verdicts
}

fn compare_snapshots(
    document: &Document,
    ran: &[(usize, Ran)],
    python: &Python,
    options: &Options,
) -> Result<Vec<Finding>, String> {
    let Some(config) = document.kept_by(options) else { return Ok(Vec::new()) };
    let folder = config.snapshot_folder(&document.guide.path);
    let mut found = Vec::new();
    for (index, ran) in ran {
        if let Some(transcript) = &ran.transcript {
            found.extend(snapshot::compare(&document.guide, *index, transcript, &folder, &python.id)?);
        }
    }
    if options.blocks.is_empty() {
        found.extend(snapshot::orphans(&document.guide, &folder));
    }
    Ok(found)
}

fn snippet(document: &Document, index: usize, ran: &[(usize, Ran)], python: &Python) -> SnippetReport {
    let guide = &document.guide;
    let snippet = &guide.snippets[index];
    let own = ran.iter().find(|(snippet, _)| *snippet == index).map(|(_, ran)| ran);
    let mut needs: BTreeSet<_> = own.into_iter().flat_map(|ran| ran.supply.snippets()).collect();
    needs.extend(plan::imported(guide, &document.codes, index, [index].into_iter()));
    SnippetReport {
        id: snippet.id.clone(),
        block: snippet.block.clone(),
        headings: snippet.headings.clone(),
        lines: snippet.lines,
        fenced: snippet.fenced,
        needs: needs.into_iter().map(|other| guide.snippets[other].id.clone()).collect(),
        runs: vec![run(document, index, own, python)],
    }
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
        TroubleKind::Consequence(_) => Status::Raised,
        TroubleKind::Exit => Status::Ran,
        _ => Status::Blocked,
    }
}

fn claims(
    document: &Document,
    verdicts: &HashMap<usize, Verdict>,
    chosen: &dyn Fn(usize) -> bool,
    python: &Python,
) -> Vec<ClaimReport> {
    let kept = |(index, claim): &(usize, &Claim)| {
        chosen(claim.snippet) && judge::is_reported(claim, verdicts.get(index))
    };
    let claims = document.claims.iter().enumerate().filter(kept);
    claims.map(|(index, claim)| self::claim(document, claim, verdicts.get(&index), python)).collect()
}

fn claim(document: &Document, claim: &Claim, verdict: Option<&Verdict>, python: &Python) -> ClaimReport {
    let snippet = &document.guide.snippets[claim.snippet];
    let subject = claim.targets.first().map(|target| subject(document, claim, target));
    let decided = verdict.cloned().unwrap_or_else(|| Verdict::undecided("not reached"));
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
        verdicts: vec![VerdictReport {
            python: python.id.clone(),
            verdict: if decided.decision == Decision::Remark {
                Decision::Undecided
            } else {
                decided.decision
            },
            actual: decided.actual.map(|actual| actual.to_string()),
            reason: decided.reason,
        }],
    }
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

fn finding(guide: &Guide, found: &Finding, python: &Python) -> FindingReport {
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
        pythons: vec![python.id.clone()],
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
