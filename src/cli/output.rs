//! Where reports go.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use clap::ColorChoice;

use super::arguments::Check;
use crate::report::{Format, Report, Style};
use crate::{terminal, whole};

/// Writes every report that was asked for. Files come first: who reads standard output may stop at any time.
pub fn write(report: &Report, args: &Check) -> anyhow::Result<()> {
    for copy in &args.report {
        write_file(report, args, copy.format, &copy.path)?;
    }
    match &args.output {
        Some(path) => write_file(report, args, args.format, path),
        None => write_out(report, args),
    }
}

fn write_out(report: &Report, args: &Check) -> anyhow::Result<()> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    report.write(args.format, style(args, false), &mut stdout)?;
    Ok(stdout.flush()?)
}

/// Writes a report beside its destination first: a run that is killed leaves no half report.
fn write_file(report: &Report, args: &Check, format: Format, path: &Path) -> anyhow::Result<()> {
    let written = || -> anyhow::Result<()> {
        let mut file = whole::beside(path)?;
        report.write(format, style(args, true), &mut file)?;
        file.persist(path)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write the report to {}", path.display()))
}

/// The style of a report: files have neither colours nor a width, unless colours were asked for.
fn style(args: &Check, is_file: bool) -> Style {
    let (color, width) = match is_file {
        true => (anstream::ColorChoice::global() == anstream::ColorChoice::Always, terminal::ELSEWHERE),
        false => (terminal::has_colours(), terminal::width()),
    };
    Style { color, quiet: args.quiet, verbose: args.verbose, width }
}

/// Colours as they were asked for on the command line, for all that is written.
pub fn choose_colours(color: ColorChoice) {
    let choice = match color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}
