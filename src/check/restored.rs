//! What a JSON report does not hold of a guide, read again from the guide.

use super::{Document, parts};
use crate::guide::Source;
use crate::report::{FindingReport, GuideReport};

/// Gives a guide's report its texts, its remarks and its places in bytes. Only for the document that was checked: the
/// digests tell.
pub fn restore(report: &mut GuideReport, document: &Document) {
    let guide = &document.guide;
    let has_snippet = |index: usize| {
        let id = &guide.snippets[guide.whole(index)].id;
        report.snippets.iter().any(|snippet| snippet.id == *id)
    };
    let is_reported = |index: usize| report.claims.iter().any(|claim| claim.id == document.claims[index].id);
    report.remarks = parts::remarks(document, &has_snippet, &is_reported);
    report.text = guide.own_text().to_owned();
    report.companions = guide.companions.iter().map(|it| (it.path.clone(), it.text.clone())).collect();
    for finding in &mut report.findings {
        let companion = finding.file.as_ref().and_then(|file| report.companions.get(file));
        let companion = companion.map(|text| Source::of(text.clone(), 0));
        let source = companion.as_ref().unwrap_or_else(|| guide.source.file());
        finding.span = span(source, finding);
        if let Some(fix) = &mut finding.fix {
            let before = |byte: usize| byte.saturating_sub(source.bom);
            fix.span = (before(fix.range.start), before(fix.range.end));
        }
    }
}

/// The bytes of a finding; its last column is inside.
fn span(source: &Source, finding: &FindingReport) -> (usize, usize) {
    let start = offset(source, finding.line, finding.column);
    let last = offset(source, finding.end_line, finding.end_column);
    let width = source.text[last..].chars().next().filter(|last| !['\r', '\n'].contains(last));
    (start, (last + width.map_or(0, char::len_utf8)).max(start))
}

fn offset(source: &Source, line: usize, column: usize) -> usize {
    let text = source.line_text(line);
    let inside = text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    source.line_start(line) + inside
}
