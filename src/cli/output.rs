//! Where reports go.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::Context;
use clap::ColorChoice;

use super::arguments::{Check, Watch};
use crate::commands::watch::Screen;
use crate::report::{Format, Report, Style};
use crate::whole;

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
    let is_terminal = io::stdout().is_terminal();
    let mut stdout = anstream::AutoStream::new(io::stdout().lock(), choice(args.color));
    report.write(args.format, style(args, is_terminal), &mut stdout)?;
    Ok(stdout.flush()?)
}

/// Writes a report beside its destination first: a run that is killed leaves no half report.
fn write_file(report: &Report, args: &Check, format: Format, path: &Path) -> anyhow::Result<()> {
    let written = || -> anyhow::Result<()> {
        let mut file = whole::beside(path)?;
        report.write(format, style(args, false), &mut file)?;
        file.persist(path)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write the report to {}", path.display()))
}

fn style(args: &Check, is_terminal: bool) -> Style {
    let color = is_colored(args.color, is_terminal);
    Style { color, quiet: args.quiet, verbose: args.verbose, width: width(is_terminal) }
}

fn is_colored(color: ColorChoice, is_terminal: bool) -> bool {
    match color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => is_terminal,
    }
}

/// Where a watcher sees what is found.
pub fn screen(args: &Watch) -> Screen {
    let is_terminal = io::stdout().is_terminal();
    let to = Box::new(anstream::AutoStream::new(io::stdout(), choice(args.color)));
    let color = is_colored(args.color, is_terminal);
    let style = Style { color, quiet: false, verbose: args.verbose, width: width(is_terminal) };
    Screen { to, is_terminal, format: args.format, style }
}

fn choice(color: ColorChoice) -> anstream::ColorChoice {
    match color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
}

fn width(is_terminal: bool) -> usize {
    use indicatif::TermLike;
    if !is_terminal {
        return 140;
    }
    usize::from(console::Term::stdout().width()).clamp(60, 200)
}
