//! What was observed, beside the lines that say or print it.

use lsp_types::{InlayHint, InlayHintLabel, InlayHintTooltip, Range};

use super::carried::Checked;
use super::documents::Document;
use crate::judge::{Decision, one_line};
use crate::report::{ClaimReport, Printed, SnippetReport, Stream};

/// Characters that a hint shows; the rest is in its tooltip.
const MOST: usize = 60;

/// The hints in a range.
pub fn hints(document: &Document, range: Range) -> Vec<InlayHint> {
    let Some(checked) = document.known() else { return Vec::new() };
    let (first, last) = (checked.text.line_at(range.start), checked.text.line_at(range.end));
    let mut hints = Vec::new();
    for claim in checked.guide.claims.iter().filter(|claim| claim.file.is_none()) {
        if (first..=last).contains(&claim.lines.1) {
            let (label, tooltip) = of_claim(claim);
            hints.push(hint(checked, claim.lines.1, label, tooltip));
        }
    }
    for snippet in &checked.guide.snippets {
        for (printed, python) in printed(snippet) {
            if (first..=last).contains(&printed.line) && !is_said(printed, checked) {
                let only_on = python.map(|python| format!("{python}: ")).unwrap_or_default();
                let label = format!("{}{only_on}{}", arrow(printed.stream), short(&printed.text));
                hints.push(hint(checked, printed.line, label, whole(printed)));
            }
        }
    }
    hints.sort_by_key(|hint| (hint.position.line, hint.position.character));
    hints
}

fn hint(checked: &Checked, line: usize, label: String, tooltip: String) -> InlayHint {
    InlayHint {
        position: checked.text.line_end(line),
        label: InlayHintLabel::String(label),
        kind: None,
        text_edits: None,
        tooltip: Some(tooltip).filter(|text| !text.is_empty()).map(InlayHintTooltip::String),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}

/// A mark for what holds; for what does not, what was observed where it does not.
fn of_claim(claim: &ClaimReport) -> (String, String) {
    let decision = claim.decision();
    let mut found = claim.verdicts.iter().filter(|verdict| verdict.verdict == decision);
    let Some(verdict) = found.next() else { return ("?".to_owned(), String::new()) };
    let actual = verdict.actual.as_deref().unwrap_or_default();
    let label = match decision {
        Decision::Holds => "✓".to_owned(),
        Decision::False => {
            let on_all = found.count() + 1 == claim.verdicts.len();
            let on = if on_all { String::new() } else { format!("{}: ", verdict.python) };
            format!("✗ {on}{}", short(actual))
        }
        Decision::Undecided | Decision::Remark => "?".to_owned(),
    };
    let said = verdict.reason.iter().map(String::as_str).chain([actual]);
    (label, said.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"))
}

/// What a snippet printed: on the first Python, and on others what differs, with their names.
fn printed(snippet: &SnippetReport) -> Vec<(&Printed, Option<&str>)> {
    let Some((first, others)) = snippet.runs.split_first() else { return Vec::new() };
    let is_new = |printed: &&Printed| !first.printed.contains(printed);
    let others = others.iter().flat_map(|run| {
        run.printed.iter().filter(is_new).map(|printed| (printed, Some(run.python.as_str())))
    });
    first.printed.iter().map(|printed| (printed, None)).chain(others).collect()
}

/// Whether a claim on the line, or about it, shows the same already.
fn is_said(printed: &Printed, checked: &Checked) -> bool {
    let text = printed.text.trim();
    let is_there = |(first, last): (usize, usize)| (first..=last).contains(&printed.line);
    let is_near = |claim: &&ClaimReport| {
        claim.file.is_none()
            && (is_there(claim.lines)
                || claim.subject.as_ref().is_some_and(|subject| is_there(subject.lines)))
    };
    checked.guide.claims.iter().filter(is_near).any(|claim| {
        let actual = claim.verdicts.iter().filter_map(|verdict| verdict.actual.as_deref());
        actual.chain([claim.expected.as_str()]).any(|shown| shown.trim() == text)
    })
}

fn arrow(stream: Stream) -> &'static str {
    match stream {
        Stream::Stdout => "→ ",
        Stream::Stderr => "→ stderr: ",
    }
}

fn short(text: &str) -> String {
    let line = one_line(text.trim_end());
    match line.char_indices().nth(MOST) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}

fn whole(printed: &Printed) -> String {
    format!("{}{}", printed.text.trim_end(), if printed.truncated { "…" } else { "" })
}
