//! One line for each finding: `guide.md:38:3: error[false-claim] …`.

use std::io::{self, Write};

use super::format::Seen;
use super::{FindingReport, Report, Style, summary};
use crate::terminal::visible;

/// Writes the findings, and the summary unless `quiet`; infos and what became of every claim
/// only if `verbose`.
pub fn write(report: &Report, style: Style, to: &mut dyn Write) -> io::Result<()> {
    let Style { quiet, verbose, .. } = style;
    let mut seen = Seen::new(style);
    for guide in &report.guides {
        if let Some(error) = &guide.error {
            writeln!(to, "{}: error: {error}", guide.path)?;
        }
        for finding in seen.of(guide) {
            let (path, _) = guide.file(finding.file.as_ref());
            writeln!(to, "{path}:{}{}", line(finding), report.only_on(finding))?;
        }
        if verbose {
            summary::comments(guide, to)?;
        }
    }
    seen.say_more(to)?;
    if verbose {
        summary::surroundings(report, to)?;
    }
    if quiet { Ok(()) } else { summary::write(report, to) }
}

fn line(finding: &FindingReport) -> String {
    let FindingReport { line, column, severity, code, message, .. } = finding;
    let severity = summary::severity(*severity);
    let expected = if finding.expected { " (expected)" } else { "" };
    format!("{line}:{column}: {severity}[{code}]{expected} {}", visible(message))
}
