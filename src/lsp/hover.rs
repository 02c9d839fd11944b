//! What is known about a line: of a claim its verdict on each Python, of a fence what became of its snippet.

use std::fmt::Write;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};

use super::carried::Checked;
use super::documents::Document;
use crate::judge::Decision;
use crate::report::{ClaimReport, Run, SnippetReport, Status, VerdictReport};

/// Lines of what was observed that are shown.
const MOST_LINES: usize = 20;

/// What is known about a place.
pub fn hover(document: &Document, position: Position) -> Option<Hover> {
    let checked = document.known()?;
    let line = checked.text.line_at(position);
    let own = |claim: &&ClaimReport| claim.file.is_none();
    let has = |(first, last): (usize, usize)| (first..=last).contains(&line);
    let claims: Vec<_> = checked.guide.claims.iter().filter(own).filter(|claim| has(claim.lines)).collect();
    // Where a line makes no claim, it may be what claims are about.
    let is_about = |claim: &&ClaimReport| claim.subject.as_ref().is_some_and(|subject| has(subject.lines));
    let subject_of = || checked.guide.claims.iter().filter(own).filter(is_about).collect();
    let claims: Vec<_> = if claims.is_empty() { subject_of() } else { claims };
    let is_fence = |snippet: &&SnippetReport| snippet.lines.0 == line + usize::from(snippet.fenced);
    let snippet = checked.guide.snippets.iter().find(is_fence);
    let parts = snippet.map(|it| of_snippet(it, checked)).into_iter().chain(claims.into_iter().map(of_claim));
    let value = parts.collect::<Vec<_>>().join("\n---\n\n");
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    let is_empty = matches!(&contents, HoverContents::Markup(text) if text.value.is_empty());
    (!is_empty).then(|| Hover { contents, range: Some(checked.text.line_range(line)) })
}

fn of_claim(claim: &ClaimReport) -> String {
    let mut text = format!("**{}** · {}", claim.kind.name(), claim.form.name());
    text += if claim.certainty == crate::claims::Certainty::Implied { ", if it matches\n\n" } else { "\n\n" };
    text += &format!("says:\n{}\n", fenced("text", &claim.expected));
    if let Some(subject) = &claim.subject {
        text += &format!("of:\n{}\n", fenced("python", &subject.code));
    }
    for verdict in &claim.verdicts {
        text += &of_verdict(verdict);
    }
    text
}

fn of_verdict(verdict: &VerdictReport) -> String {
    let decision = match verdict.verdict {
        Decision::Holds => "✓ holds",
        Decision::False => "✗ false",
        Decision::Undecided | Decision::Remark => "? undecided",
    };
    let mut text = format!("**{decision}** on Python {}", verdict.python);
    if let Some(reason) = &verdict.reason {
        let _ = write!(text, ": {}", plain(reason));
    }
    text += "\n\n";
    if let Some(actual) = &verdict.actual {
        let _ = writeln!(text, "observed:\n{}", fenced("text", actual));
    }
    text
}

fn of_snippet(snippet: &SnippetReport, checked: &Checked) -> String {
    let mut text = format!("**snippet {}**\n\n", plain(&snippet.id));
    if !snippet.needs.is_empty() {
        let _ = write!(text, "needs {}\n\n", plain(&snippet.needs.join(", ")));
    }
    if checked.edited.contains(&snippet.lines.0) {
        text += "edited since it was checked\n\n";
    }
    for run in &snippet.runs {
        let _ = writeln!(text, "- Python {}: {}", run.python, of_run(run));
    }
    text
}

fn of_run(run: &Run) -> String {
    let mut text = match run.status {
        Status::Skipped => "skipped".to_owned(),
        status => format!("{} in {:.0} ms", word(status), run.duration_ms),
    };
    if let Some(reason) = &run.reason {
        let _ = write!(text, ": {}", plain(reason));
    }
    if let Some(line) = run.line {
        let _ = write!(text, " (line {line})");
    }
    text
}

/// How a run ended, in a word or two.
pub fn word(status: Status) -> &'static str {
    match status {
        Status::Invalid => "is not Python",
        Status::Skipped => "skipped",
        Status::Crashed => "crashed",
        Status::TimedOut => "timed out",
        Status::Blocked => "blocked",
        Status::Raised => "raised",
        Status::Ran => "ran",
    }
}

/// Text as code. What it holds ends no fence.
fn fenced(language: &str, text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let mut shown = lines[..lines.len().min(MOST_LINES)].join("\n");
    if lines.len() > MOST_LINES {
        shown += "\n…";
    }
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{shown}\n{fence}\n")
}

/// Text in which nothing is markup.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            plain.push('\\');
        }
        plain.push(if character == '\n' { ' ' } else { character });
    }
    plain
}
