//! The report for programs.

use std::io::{self, Write};

use super::Report;

/// Writes the report as one JSON object.
pub fn write(report: &Report, to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *to, report)?;
    writeln!(to)
}
