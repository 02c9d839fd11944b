//! GitLab's code quality: an array of issues that merge requests compare by their fingerprints.

use std::io::{self, Write};

use serde::Serialize;

use super::{AnyReport, GuideReport, Style, fingerprint};
use crate::judge::Severity;

/// One issue. Names are GitLab's.
#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// Writes an issue for each finding. What is expected is none.
pub fn write(report: &AnyReport, style: Style, to: &mut dyn Write) -> io::Result<()> {
    let issues = report.guides.flat_map(|guide| issues(report, guide, style))?;
    serde_json::to_writer_pretty(&mut *to, &issues)?;
    writeln!(to)
}

fn issues(report: &AnyReport, guide: &GuideReport, style: Style) -> Vec<Issue> {
    let path = style.folders.path(&guide.path);
    let prints = fingerprint::all(guide, &path);
    let shown = guide.findings.iter().zip(prints).filter(|(it, _)| style.shows(it) && !it.expected);
    let found = shown.map(|(finding, fingerprint)| Issue {
        description: format!("{}{}", finding.message, report.only_on(finding)),
        check_name: finding.code.name(),
        fingerprint,
        severity: severity(finding.severity),
        location: location(style, guide.file(finding.file.as_ref()).0, (finding.line, finding.end_line)),
    });
    let error = guide.error.iter().map(|error| Issue {
        description: format!("{} {error}", guide.path),
        check_name: "unreadable-guide",
        fingerprint: fingerprint::of_guide(&path),
        severity: "blocker",
        location: location(style, &guide.path, (1, 1)),
    });
    error.chain(found).collect()
}

fn location(style: Style, path: &str, (begin, end): (usize, usize)) -> Location {
    Location { path: style.folders.path(path), lines: Lines { begin, end } }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info => "info",
    }
}
