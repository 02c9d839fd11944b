//! One snippet, claim or finding as the report shows it.

use std::collections::BTreeSet;

use super::{Document, Ran, RanOn};
use crate::claims::{Claim, Meaning, Target};
use crate::guide::Guide;
use crate::judge::{self, Decision, Finding, Judged, Trouble, TroubleKind, Verdict, Verdicts};
use crate::plan;
use crate::report::{
    ClaimReport, FindingReport, Fix, Python, Range, Related, RemarkReport, Run, SnippetReport, Status,
    Subject, VerdictReport,
};

/// A snippet, with its run on each of the Pythons.
pub fn snippet(document: &Document, index: usize, ran: &[RanOn], pythons: &[Python]) -> SnippetReport {
    let guide = &document.guide;
    let snippet = &guide.snippets[index];
    let mut needs: BTreeSet<_> =
        ran.iter().filter_map(|ran| of(ran, index)).flat_map(|ran| ran.supply.snippets()).collect();
    needs.extend(plan::imported(guide, &document.codes, index, [index].into_iter()));
    SnippetReport {
        id: snippet.id.clone(),
        block: snippet.block.clone(),
        headings: snippet.headings.clone(),
        lines: placed(guide, snippet.lines),
        fenced: snippet.fenced,
        needs: needs.into_iter().map(|other| guide.snippets[other].id.clone()).collect(),
        runs: pythons.iter().zip(ran).map(|(on, ran)| run(document, index, of(ran, index), on)).collect(),
    }
}

/// What became of a snippet on one Python, if it ran.
pub fn of(ran: &RanOn, snippet: usize) -> Option<&Ran> {
    ran.binary_search_by_key(&snippet, |(index, _)| *index).ok().map(|at| &ran[at].1)
}

fn run(document: &Document, index: usize, own: Option<&Ran>, python: &Python) -> Run {
    let (status, reason, line) =
        status(document, index, own.map(|ran| &ran.judged), own.and_then(|ran| ran.error.as_deref()));
    let output = |stream: usize| own.map(|ran| ran.output(stream)).unwrap_or_default();
    Run {
        python: python.id.clone(),
        status,
        reason: reason.map(|reason| document.guide.with_places(&reason).into_owned()),
        line: line.map(|line| document.guide.place(line).1),
        not_run: not_run(document, index, own),
        stdout: output(0),
        stderr: output(1),
        truncated: own.is_some_and(|ran| ran.seen.truncated),
        printed: own.map(|ran| ran.printed.clone()).unwrap_or_default(),
        duration_ms: own.map_or(0.0, |ran| ran.seen.duration_ms),
    }
}

/// First and last lines of the statements that were never started; of neighbours together.
fn not_run(document: &Document, index: usize, own: Option<&Ran>) -> Vec<(usize, usize)> {
    let (snippet, code) = (&document.guide.snippets[index], &document.codes[index]);
    let started = |line: &usize| own.is_some_and(|ran| ran.started_lines.contains(line));
    let mut found: Vec<(usize, usize)> = Vec::new();
    for statement in code.statements() {
        let (first, last) = code.lines(statement);
        let lines = (snippet.guide_line(first), snippet.guide_line(last));
        match found.last_mut() {
            _ if started(&lines.0) => {}
            Some(above) if above.1 + 1 >= lines.0 => above.1 = lines.1,
            _ => found.push(lines),
        }
    }
    found
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
        TroubleKind::Consequence(reason) => match reason.split(':').next() {
            Some("blocked" | "needs interpreter") => Status::Blocked,
            Some("other version") => Status::Ran,
            _ => Status::Raised,
        },
        TroubleKind::Exit => Status::Ran,
        _ => Status::Blocked,
    }
}

/// The claims of the chosen snippets, with the verdict of each Python.
pub fn claims(
    document: &Document,
    verdicts: &[Verdicts],
    chosen: &dyn Fn(usize) -> bool,
    pythons: &[Python],
) -> Vec<ClaimReport> {
    let claims = document.claims.iter().enumerate();
    claims
        .filter(|(index, claim)| chosen(claim.snippet) && is_reported(*index, claim, verdicts))
        .map(|(index, claim)| {
            let on_each = verdicts.iter().map(|verdicts| verdicts.get(&index));
            let verdicts =
                pythons.iter().zip(on_each).map(|(python, it)| verdict(&document.guide, python, it));
            self::claim(document, claim, verdicts.collect())
        })
        .collect()
}

/// Whether a claim is one on any Python.
pub fn is_reported(index: usize, claim: &Claim, verdicts: &[Verdicts]) -> bool {
    verdicts.iter().any(|verdicts| judge::is_reported(claim, verdicts.get(&index)))
}

/// The comments of the chosen snippets that are no claims, be it that they are not what was seen: then their claims
/// are not reported.
pub fn remarks(
    document: &Document,
    chosen: &dyn Fn(usize) -> bool,
    is_reported: &dyn Fn(usize) -> bool,
) -> Vec<RemarkReport> {
    let guide = &document.guide;
    let remark = |line: usize, text: &str, why: &'static str| {
        let (file, line) = guide.place(line);
        let text = text.trim().to_owned();
        RemarkReport { file: file.map(str::to_owned), line, text, why: why.into() }
    };
    let from_the_first = document.remarks.iter().filter(|it| chosen(it.snippet));
    let unlike = document.claims.iter().enumerate();
    let unlike = unlike.filter(|(index, it)| chosen(it.snippet) && !is_reported(*index));
    from_the_first
        .map(|it| remark(it.line, &it.text, it.why.reason()))
        .chain(
            unlike
                .map(|(_, it)| remark(it.lines.0, &it.text, "it could be output, and is not what was seen")),
        )
        .collect()
}

fn claim(document: &Document, claim: &Claim, verdicts: Vec<VerdictReport>) -> ClaimReport {
    let guide = &document.guide;
    let subject = claim.targets.first().map(|target| subject(document, claim, target));
    ClaimReport {
        id: claim.id.clone(),
        file: guide.place(claim.lines.0).0.map(str::to_owned),
        lines: placed(guide, claim.lines),
        snippet: guide.snippets[guide.whole(claim.snippet)].id.clone(),
        kind: claim.kind,
        form: claim.form,
        certainty: claim.certainty,
        text: claim.text.trim().to_owned(),
        expected: claim.expected.clone(),
        marked: claim.marked,
        subject,
        verdicts,
    }
}

fn verdict(guide: &Guide, python: &Python, verdict: Option<&Verdict>) -> VerdictReport {
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
    let reason = reason.map(|reason| guide.with_places(&reason).into_owned());
    VerdictReport { python: python.id.clone(), verdict, actual, reason }
}

/// The code a claim is about: its own expression, else the statement.
fn subject(document: &Document, claim: &Claim, target: &Target) -> Subject {
    let snippet = &document.guide.snippets[claim.snippet];
    match &claim.meaning {
        Meaning::Evaluates { code, .. } => {
            Subject { lines: placed(&document.guide, claim.lines), code: code.clone() }
        }
        _ => Subject {
            lines: placed(
                &document.guide,
                (snippet.guide_line(target.lines.0), snippet.guide_line(target.lines.1)),
            ),
            code: document.codes[claim.snippet].code[target.start..target.end].to_owned(),
        },
    }
}

/// Lines as they count where they stand.
fn placed(guide: &Guide, (first, last): (usize, usize)) -> (usize, usize) {
    (guide.place(first).1, guide.place(last).1)
}

/// A finding, at its place in the guide's file or in a companion.
pub fn finding(guide: &Guide, found: &Finding, pythons: &[Python]) -> FindingReport {
    let companion = guide.companion(guide.source.line(found.span.0));
    // What is in a companion was appended to the guide as it is; the guide may have been made from its file.
    let (text, bom) = match companion {
        Some(_) => (&guide.source, 0),
        None => (guide.source.file(), guide.source.bom),
    };
    let in_file = |span| if companion.is_some() { span } else { guide.source.in_file(span) };
    let span = in_file(found.span);
    let last = match text.text[..span.1].char_indices().next_back() {
        Some((at, _)) if at >= span.0 => at,
        _ => span.0,
    };
    // Lines and bytes count from where the file begins.
    let (first_line, start) = companion.map_or((1, 0), |it| (it.lines.0, text.line_start(it.lines.0)));
    let fix = found.fix.as_ref().and_then(|fix| {
        let (from, to) = in_file(fix.span);
        let replacement = match companion {
            Some(_) => fix.replacement.clone(),
            None => guide.source.as_written(fix.span, &fix.replacement)?,
        };
        let range = Range { start: bom + from - start, end: bom + to - start };
        Some(Fix { range, replacement, span: (from - start, to - start) })
    });
    FindingReport {
        code: found.code,
        severity: found.severity,
        file: companion.map(|companion| companion.path.clone()),
        line: text.line(span.0) - first_line + 1,
        column: text.column(span.0),
        end_line: text.line(last) - first_line + 1,
        end_column: text.column(last),
        expected: found.expected.is_some(),
        reason: found.expected.clone(),
        message: guide.with_places(&found.message).into_owned(),
        help: guide.with_places(&found.help).into_owned(),
        snippet: found.snippet.map(|index| guide.snippets[guide.whole(index)].id.clone()),
        claim: found.claim.clone(),
        pythons: found.pythons.iter().map(|index| pythons[*index].id.clone()).collect(),
        related: found.related.iter().map(|(line, message)| related(guide, *line, message)).collect(),
        fix,
        lack: found.lack.clone(),
        label: found.label.clone(),
        span: (span.0 - start, span.1 - start),
    }
}

fn related(guide: &Guide, line: usize, message: &str) -> Related {
    let (file, line) = guide.place(line);
    Related { file: file.map(str::to_owned), line, message: message.to_owned() }
}

impl Ran {
    /// The snippet's own output: what earlier snippets printed is theirs.
    fn output(&self, stream: usize) -> String {
        self.seen.text(stream, self.own_start[stream], usize::MAX)
    }
}
