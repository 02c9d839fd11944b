//! The report for programs.

use std::io::{self, Write};

use super::AnyReport;

/// Writes the report as one JSON object.
pub fn write(report: &AnyReport, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *to, report)?;
    writeln!(to)
}
