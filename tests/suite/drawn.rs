//! What holds for the page of any guide.

use std::collections::HashMap;

use regex::Regex;
use verify::guide::{Source, read};
use verify::judge::{Code, Severity};
use verify::report::{FindingReport, GuideReport, Report, SnippetReport, html};
use verify::run::protocol::{Layer, Sandbox};

/// All that is said about a guide is on its page, once, and each of its snippets, line by line; and the page has one
/// script, its own.
pub fn nothing_is_lost(path: &str, text: &str) {
    let guide = read(path, Source::new(text.into()).expect("UTF-8")).expect("a guide");
    let text = guide.own_text().to_owned();
    let snippets: Vec<_> = guide.snippets.iter().map(|it| snippet(&it.id, it.lines)).collect();
    let lines =
        guide.snippets.iter().flat_map(|it| (0..it.code.lines().count()).map(|line| it.guide_line(line)));
    let lines: Vec<_> = lines.collect();
    // One line more, since Python has some where Markdown has none.
    let findings: Vec<_> = (1..=guide.source.line_count() + 1).map(finding).collect();
    let (found, count) = (findings.len(), snippets.len());
    let page = page(GuideReport { path: path.into(), text, snippets, findings, ..GuideReport::default() });
    let ids = ids(&page);
    let once = |id: String| assert_eq!(ids.get(id.as_str()), Some(&1), "{id}");
    (0..found).for_each(|number| once(format!("f-{number}")));
    lines.into_iter().for_each(|line| once(format!("L{line}")));
    assert_eq!(page.matches("<p class=\"head\" id=\"s-").count(), count);
    assert_eq!(page.to_lowercase().matches("<script").count(), 1);
}

/// How often each name of a place is given.
fn ids(page: &str) -> HashMap<&str, usize> {
    let element = Regex::new(r#"<[a-z0-9]+(?: [a-z-]+="[^"]*")*? id="([^"]*)""#).expect("valid");
    let mut ids = HashMap::new();
    for found in element.captures_iter(page) {
        *ids.entry(found.get(1).map_or("", |id| id.as_str())).or_insert(0) += 1;
    }
    ids
}

fn page(guide: GuideReport) -> String {
    let sandbox = Sandbox { layer: Layer::Off, lacks: Vec::new() };
    let mut report = Report::new(Vec::new(), Vec::new(), sandbox, vec![guide]);
    report.count(0);
    let mut page = Vec::new();
    html::write(&report, &mut page).expect("it is drawn");
    String::from_utf8(page).expect("UTF-8")
}

fn snippet(id: &str, lines: (usize, usize)) -> SnippetReport {
    let (id, block) = (id.to_owned(), String::new());
    SnippetReport {
        id,
        block,
        headings: Vec::new(),
        lines,
        fenced: true,
        needs: Vec::new(),
        runs: Vec::new(),
    }
}

fn finding(line: usize) -> FindingReport {
    FindingReport {
        code: Code::Raises,
        severity: Severity::Error,
        file: None,
        line,
        column: 1,
        end_line: line,
        end_column: 1,
        expected: false,
        message: "<script>".into(),
        help: String::new(),
        snippet: None,
        claim: None,
        reason: None,
        pythons: Vec::new(),
        related: Vec::new(),
        fix: None,
        lack: None,
        label: String::new(),
        span: (0, 0),
    }
}
