//! Reports that are written while guides are checked.

use std::io::{self, Write};

use super::concise::Concise;
use super::full::Full;
use super::{AnyReport, Format, GuideReport, Style};

/// A report on its way to a reader, guide after guide.
pub trait Live: Send {
    /// Writes what was found in the next guide, on so many Pythons.
    fn guide(&mut self, guide: &GuideReport, pythons: usize, to: &mut dyn Write) -> io::Result<()>;

    /// Writes what is known at the end. The report's guides were all written.
    fn end(&mut self, report: &AnyReport, to: &mut dyn Write) -> io::Result<()>;
}

impl Format {
    /// A report in this format that can be written guide after guide. None where what comes first depends on all.
    pub fn live<'a>(self, style: Style<'a>) -> Option<Box<dyn Live + 'a>> {
        match self {
            Format::Full => Some(Box::new(Full::new(style))),
            Format::Concise => Some(Box::new(Concise::new(style))),
            _ => None,
        }
    }
}

impl dyn Live + '_ {
    /// Writes a whole report.
    pub(super) fn write(&mut self, report: &AnyReport, to: &mut dyn Write) -> io::Result<()> {
        for guide in report.guides.iter() {
            self.guide(&*guide?, report.pythons.len(), to)?;
        }
        self.end(report, to)
    }
}
