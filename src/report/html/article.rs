//! One guide: what is wrong with it first, then the guide itself, then its claims on every Python.

use askama::Template;

use super::View;
use super::body;
use super::notes::{self, decided};
use super::snippet::{line_prefix, never_run};
use super::text::{Plain, Prose, brief, count};
use crate::judge::Severity;
use crate::report::{ClaimReport, Summary};

/// A guide's part of a page.
#[derive(Template)]
#[template(path = "article.html")]
pub struct Article<'a> {
    prefix: String,
    path: Plain<'a>,
    error: Option<Plain<'a>>,
    coverage: Vec<String>,
    bar: Bar,
    errors: Vec<Listed<'a>>,
    warnings: Vec<Listed<'a>>,
    body: String,
    pythons: Vec<Plain<'a>>,
    claims: Vec<Row<'a>>,
}

/// A finding in the list above the guide.
struct Listed<'a> {
    number: usize,
    sign: &'static str,
    class: &'static str,
    place: String,
    code: &'static str,
    message: Prose<'a>,
}

/// A claim in the table below it.
struct Row<'a> {
    line: usize,
    place: String,
    file: Option<Plain<'a>>,
    snippet: Plain<'a>,
    text: String,
    cells: Vec<Cell>,
}

struct Cell {
    sign: &'static str,
    word: &'static str,
    seen: String,
}

/// Shares of the claims, in thousandths.
pub struct Bar {
    pub holds: usize,
    pub undecided: usize,
    pub false_: usize,
}

impl Bar {
    pub fn of(sum: &Summary) -> Bar {
        let share = |part: usize| part * 1000 / sum.claims.max(1);
        Bar { holds: share(sum.holds), undecided: share(sum.undecided), false_: share(sum.false_) }
    }
}

impl<'a> Article<'a> {
    /// Draws a guide.
    pub fn of(view: View<'a>) -> askama::Result<Article<'a>> {
        let guide = view.guide();
        Ok(Article {
            prefix: view.prefix(),
            path: Plain(&guide.path),
            error: guide.error.as_deref().map(Plain),
            coverage: coverage(view),
            bar: Bar::of(&guide.count()),
            errors: listed(view, Severity::Error),
            warnings: listed(view, Severity::Warning),
            body: body::draw(view)?,
            pythons: view.report.pythons.iter().map(|python| Plain(&python.id)).collect(),
            claims: guide.claims.iter().map(|claim| row(claim, view)).collect(),
        })
    }
}

/// The findings of a severity, without those that were expected.
fn listed(view: View<'_>, severity: Severity) -> Vec<Listed<'_>> {
    let findings = view.guide().findings.iter().enumerate();
    let wanted = findings.filter(|(_, finding)| !finding.expected && finding.severity == severity);
    let listed = wanted.map(|(number, finding)| {
        let (sign, class) = notes::severity(finding);
        let place = match &finding.file {
            Some(file) => format!("{file}:{}", finding.line),
            None => format!("line {}", finding.line),
        };
        Listed { number, sign, class, place, code: finding.code.name(), message: Prose(&finding.message) }
    });
    listed.collect()
}

/// How much of the guide was looked at, in words.
fn coverage(view: View<'_>) -> Vec<String> {
    let (guide, sum) = (view.guide(), view.guide().count());
    let never: usize = guide.snippets.iter().map(|snippet| never_run(snippet).len()).sum();
    let mut parts = vec![
        count(sum.snippets, "snippet"),
        format!("{} with something checked", sum.snippets.saturating_sub(sum.unverified)),
        format!("{} unverified", sum.unverified),
    ];
    parts.push(match never {
        0 => "every statement was tried".to_owned(),
        never => format!("{} never tried", count(never, "line")),
    });
    if sum.expected > 0 {
        parts.push(format!("{} expected", count(sum.expected, "finding")));
    }
    if guide.snippets.is_empty() { Vec::new() } else { parts }
}

fn row<'a>(claim: &'a ClaimReport, view: View<'_>) -> Row<'a> {
    let cells = claim.verdicts.iter().map(|given| {
        let (sign, word) = decided(given.verdict);
        let seen = given.reason.as_deref().or(given.actual.as_deref()).unwrap_or_default();
        Cell { sign, word, seen: brief(seen) }
    });
    Row {
        line: claim.lines.0,
        place: format!("{}L{}", line_prefix(claim.file.as_deref(), view), claim.lines.0),
        file: claim.file.as_deref().map(Plain),
        snippet: Plain(&claim.snippet),
        text: brief(&claim.text),
        cells: cells.collect(),
    }
}
