//! Annotations of GitHub's workflows: commands on standard output that the runner takes from the log.

use std::io::{self, Write};

use super::{AnyReport, FindingReport, Style, summary};
use crate::judge::Severity;
use crate::terminal::visible;

/// Writes an annotation for each finding, and the summary unless `quiet`. GitHub shows the first ones only, so those
/// that matter most come first.
pub fn write(report: &AnyReport, style: Style, to: &mut dyn Write) -> io::Result<()> {
    for guide in report.guides.iter() {
        let guide = guide?;
        if let Some(error) = &guide.error {
            let file = property(&style.folders.path(&guide.path));
            writeln!(to, "::error file={file},title=verify::{}", data(&format!("{} {error}", guide.path)))?;
        }
    }
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        for guide in report.guides.iter() {
            let guide = guide?;
            let of_it = |finding: &&FindingReport| level(finding) == severity && style.shows(finding);
            for finding in guide.findings.iter().filter(of_it) {
                let (path, _) = guide.file(finding.file.as_ref());
                writeln!(to, "{}", annotation(report, &style.folders.path(path), finding))?;
            }
        }
    }
    if style.quiet { Ok(()) } else { summary::write(report, to) }
}

/// What is expected is no more than good to know.
fn level(finding: &FindingReport) -> Severity {
    if finding.expected { Severity::Info } else { finding.severity }
}

fn annotation(report: &AnyReport, path: &str, finding: &FindingReport) -> String {
    let command = match level(finding) {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let FindingReport { line, end_line, column, end_column, code, .. } = finding;
    // Columns are for findings within a line.
    let columns = match line == end_line {
        true => format!(",col={column},endColumn={end_column}"),
        false => String::new(),
    };
    let expected = if finding.expected { " (expected)" } else { "" };
    let title = property(&format!("{code}{expected}"));
    let file = property(path);
    let message = data(&words(report, finding));
    format!("::{command} file={file},line={line},endLine={end_line}{columns},title={title}::{message}")
}

/// What is wrong and what to do, each on a line.
fn words(report: &AnyReport, finding: &FindingReport) -> String {
    let said = format!("{}{}", finding.message, report.only_on(finding));
    match finding.help.as_str() {
        "" => said,
        help => format!("{said}\n{help}"),
    }
}

/// A command's text. Escape codes of a guide's output are not for the log.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
