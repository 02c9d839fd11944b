//! One guide: what is wrong with it first, then the guide itself, then its claims on every Python.

use std::sync::Arc;

use askama::Template;

use super::links::Links;
use super::notes::{self, decided};
use super::snippet::never_run;
use super::text::{Plain, Prose, brief, count};
use super::{View, body};
use crate::guide::{Shown, is_markdown};
use crate::judge::Severity;
use crate::report::{AnyReport, ClaimReport, GuideReport, Summary};

/// Of a guide with more lines than this a browser draws only what is looked at.
const LONG: usize = 3000;

/// A guide's part of a page.
#[derive(Template)]
#[template(path = "article.html")]
pub struct Article<'a> {
    prefix: String,
    path: Plain<'a>,
    error: Option<Plain<'a>>,
    coverage: Vec<String>,
    bar: Bar,
    groups: Vec<Group<'a>>,
    is_long: bool,
    body: String,
    pythons: Vec<Plain<'a>>,
    claims: Vec<Row<'a>>,
}

/// Findings in the list above the guide.
struct Group<'a> {
    /// What is seen of it where it is folded.
    folded: Option<String>,
    findings: Vec<Listed<'a>>,
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
    id: Plain<'a>,
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
    /// Draws one of the guides.
    pub fn of(
        report: &'a AnyReport,
        guide: &'a GuideReport,
        index: usize,
        links: &Arc<Links>,
    ) -> askama::Result<Article<'a>> {
        let snippets: Vec<_> = guide.snippets.iter().map(|snippet| snippet.lines).collect();
        let shown = Shown::new(&guide.text, is_markdown(&guide.path), &snippets);
        let view = View { report, guide, index, links, shown: &shown };
        Ok(Article {
            prefix: view.prefix(),
            path: Plain(&guide.path),
            error: guide.error.as_deref().map(Plain),
            coverage: coverage(guide),
            bar: Bar::of(&guide.count()),
            groups: groups(guide),
            is_long: guide.text.lines().nth(LONG).is_some(),
            body: body::draw(view)?,
            pythons: report.pythons.iter().map(|python| Plain(&python.id)).collect(),
            claims: guide.claims.iter().map(row).collect(),
        })
    }
}

/// What is wrong can be seen at once; of much of it the first.
fn groups(guide: &GuideReport) -> Vec<Group<'_>> {
    const SEEN: usize = 20;
    let mut errors = listed(guide, Severity::Error);
    let more = errors.split_off(errors.len().min(SEEN));
    let warnings = listed(guide, Severity::Warning);
    let name = |number: usize, what: &str| Some(count(number, what));
    let warn = if errors.is_empty() { None } else { name(warnings.len(), "warning") };
    let groups = [(None, errors), (name(more.len(), "more error"), more), (warn, warnings)];
    let groups = groups.into_iter().filter(|(_, findings)| !findings.is_empty());
    groups.map(|(folded, findings)| Group { folded, findings }).collect()
}

/// The findings of a severity, without those that were expected.
fn listed(guide: &GuideReport, severity: Severity) -> Vec<Listed<'_>> {
    let findings = guide.findings.iter().enumerate();
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
fn coverage(guide: &GuideReport) -> Vec<String> {
    let sum = guide.count();
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

fn row(claim: &ClaimReport) -> Row<'_> {
    let cells = claim.verdicts.iter().map(|given| {
        let (sign, word) = decided(given.verdict);
        let seen = given.reason.as_deref().or(given.actual.as_deref()).unwrap_or_default();
        Cell { sign, word, seen: brief(seen) }
    });
    Row {
        line: claim.lines.0,
        id: Plain(&claim.id),
        file: claim.file.as_deref().map(Plain),
        snippet: Plain(&claim.snippet),
        text: brief(&claim.text),
        cells: cells.collect(),
    }
}
