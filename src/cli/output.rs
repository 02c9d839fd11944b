//! Where reports go.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::Context;
use clap::ColorChoice;

use super::arguments::{Reports, Watch};
use crate::commands::watch::Screen;
use crate::report::{Folders, Format, Report, Style, html};
use crate::terminal::{self, Links};
use crate::whole;

/// Writes every report that was asked for. Files come first: who reads standard output may stop at any time.
pub fn write(report: &Report, args: &Reports) -> anyhow::Result<()> {
    let folders = folders();
    let in_file = in_file(args, &folders);
    for copy in &args.report {
        write_file(report, copy.format, in_file, &copy.path)?;
    }
    match &args.output {
        Some(path) => write_file(report, args.format, in_file, path),
        None => write_out(report, args, &folders),
    }
}

/// This folder, and that of the repository which holds it: programs that know the repository count from there.
fn folders() -> Folders {
    let here = std::env::current_dir().unwrap_or_default();
    let root = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here).to_owned();
    Folders::new(here, root)
}

fn write_out(report: &Report, args: &Reports, folders: &Folders) -> anyhow::Result<()> {
    let (links, fill) = (Links::of_stdout(), io::stdout().is_terminal());
    let (color, width) = (terminal::has_colours(), terminal::width());
    let style = Style { color, width, fill, links: links.as_ref(), ..in_file(args, folders) };
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    report.write(args.format, style, &mut stdout)?;
    Ok(stdout.flush()?)
}

/// Writes a report beside its destination first: a run that is killed leaves no half report.
fn write_file(report: &Report, format: Format, style: Style, path: &Path) -> anyhow::Result<()> {
    let written = || -> anyhow::Result<()> {
        if format == Format::Html && is_folder(path) {
            return Ok(html::write_site(report, path)?);
        }
        let mut file = whole::beside(path)?;
        report.write(format, style, &mut file)?;
        file.persist(path)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write the report to {}", path.display()))
}

/// Whether a path names a folder, be it one that is still to be made.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

/// The style of a report in a file: neither colours nor a width, unless colours were asked for.
fn in_file<'a>(args: &Reports, folders: &'a Folders) -> Style<'a> {
    let Reports { quiet, verbose, max_findings, .. } = *args;
    let most = max_findings.map_or(usize::MAX, |most| most as usize);
    let color = anstream::ColorChoice::global() == anstream::ColorChoice::Always;
    Style { color, quiet, verbose, most, width: terminal::ELSEWHERE, fill: false, links: None, folders }
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

/// Where a watcher sees what is found.
pub fn screen(args: &Watch) -> Screen {
    Screen {
        to: Box::new(anstream::AutoStream::auto(io::stdout())),
        is_terminal: io::stdout().is_terminal(),
        format: args.format,
        verbose: args.verbose,
        links: Links::of_stdout(),
        folders: folders(),
    }
}
