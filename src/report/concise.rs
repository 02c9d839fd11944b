//! One line for each finding: `guide.md:38:3: error[false-claim] …`.

use std::io::{self, Write};

use super::format::Seen;
use super::{AnyReport, FindingReport, GuideReport, Live, Style, summary};
use crate::terminal::visible;

/// A report on its way: the findings, and the summary unless `quiet`; infos and what became of every claim only if
/// `verbose`.
pub struct Concise<'a> {
    style: Style<'a>,
    seen: Seen<'a>,
}

impl<'a> Concise<'a> {
    /// Nothing is written yet.
    pub fn new(style: Style<'a>) -> Concise<'a> {
        Concise { style, seen: Seen::new(style) }
    }
}

impl Live for Concise<'_> {
    fn guide(&mut self, guide: &GuideReport, pythons: usize, to: &mut dyn Write) -> io::Result<()> {
        if let Some(error) = &guide.error {
            writeln!(to, "{}: error: {error}", guide.path)?;
        }
        for finding in self.seen.of(guide) {
            let (path, _) = guide.file(finding.file.as_ref());
            writeln!(to, "{path}:{}{}", line(finding), finding.only_on(pythons))?;
        }
        if self.style.verbose { summary::comments(guide, to) } else { Ok(()) }
    }

    fn end(&mut self, report: &AnyReport, to: &mut dyn Write) -> io::Result<()> {
        self.seen.say_more(to)?;
        if self.style.verbose {
            summary::surroundings(report, to)?;
        }
        if self.style.quiet { Ok(()) } else { summary::write(report, to) }
    }
}

fn line(finding: &FindingReport) -> String {
    let FindingReport { line, column, severity, code, message, .. } = finding;
    let severity = summary::severity(*severity);
    let expected = if finding.expected { " (expected)" } else { "" };
    format!("{line}:{column}: {severity}[{code}]{expected} {}", visible(message))
}
