//! Where reports go.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ColorChoice;

use super::arguments::{Check, Reports, Watch};
use crate::check::{Reported, Sink};
use crate::commands::watch::Screen;
use crate::config::Found;
use crate::report::stored::{self, Stored};
use crate::report::{
    AnyReport, Folders, Format, GuideReport, Guides, Live, Report, Spool, Style, Summary, Tally, html,
};
use crate::terminal::{self, Links};
use crate::whole;

/// Where this process writes, and how readers find what it speaks of.
pub struct Place {
    folders: Folders,
    links: Option<Links>,
}

impl Place {
    /// That of this process.
    pub fn here() -> Place {
        Place { folders: folders(), links: Links::of_stdout() }
    }

    /// Writes every report that was asked for. Files come first: who reads standard output may stop at any time.
    pub fn write(&self, report: &AnyReport, args: &Reports) -> anyhow::Result<()> {
        self.write_files(report, args)?;
        if args.output.is_some() {
            return Ok(());
        }
        Ok(on_stdout(|to| report.write(args.format, self.on_stdout(args), to))?)
    }

    fn write_files(&self, report: &AnyReport, args: &Reports) -> anyhow::Result<()> {
        let own = args.output.iter().map(|path| (args.format, path));
        let all = args.report.iter().map(|copy| (copy.format, &copy.path)).chain(own);
        let in_file = in_file(args, &self.folders);
        all.into_iter().try_for_each(|(format, path)| write_file(report, format, in_file, path))
    }

    fn on_stdout(&self, args: &Reports) -> Style<'_> {
        let fill = io::stdout().is_terminal();
        let (color, width, links) = (terminal::has_colours(), terminal::width(), self.links.as_ref());
        Style { color, width, fill, links, ..in_file(args, &self.folders) }
    }
}

/// What stands on standard output, as far as it can be read before all is done.
pub struct Shown<'a> {
    args: &'a Reports,
    place: &'a Place,
    /// How many Pythons there are.
    pythons: usize,
    live: Option<Box<dyn Live + 'a>>,
    /// What kept it from being written. Files are written all the same.
    failure: Option<io::Error>,
}

impl<'a> Shown<'a> {
    fn new(args: &'a Reports, place: &'a Place, pythons: usize) -> Shown<'a> {
        let live = match args.output {
            Some(_) => None,
            None => args.format.live(place.on_stdout(args)),
        };
        Shown { args, place, pythons, live, failure: None }
    }

    /// Whether a guide that is counted has to be read.
    fn needs(&self, summary: &Summary) -> bool {
        self.live.is_some() && self.place.on_stdout(self.args).shows_some(summary)
    }

    fn guide(&mut self, guide: &GuideReport) {
        if let Some(live) = &mut self.live
            && let Err(error) = on_stdout(|to| live.guide(guide, self.pythons, to))
        {
            (self.live, self.failure) = (None, Some(error));
        }
    }

    /// Writes all that is not written yet.
    pub fn end(self, report: &AnyReport) -> anyhow::Result<()> {
        let Shown { args, place, live, failure, .. } = self;
        match (live, failure) {
            (None, None) => place.write(report, args),
            (live, failure) => {
                place.write_files(report, args)?;
                failure.map_or(Ok(()), Err)?;
                live.map_or(Ok(()), |mut live| Ok(on_stdout(|to| live.end(report, to))?))
            }
        }
    }
}

/// Reports on their way: each is kept in a file until all formats are written, and shown as soon as all guides before
/// it are done.
pub struct Stream<'a> {
    shown: Shown<'a>,
    /// The guides.
    paths: &'a [(PathBuf, Found)],
    /// Whether the first guide that is wrong is the last.
    fail_fast: bool,
    /// Whether somebody reads the reports once more.
    is_kept: bool,
    spool: Spool,
    tally: Tally,
    /// The guide whose turn it is.
    next: usize,
    has_enough: bool,
}

impl<'a> Stream<'a> {
    /// For these guides, on so many Pythons.
    pub fn new(
        check: &'a Check,
        place: &'a Place,
        paths: &'a [(PathBuf, Found)],
        pythons: usize,
    ) -> Stream<'a> {
        let shown = Shown::new(&check.reports, place, pythons);
        let (spool, tally) = (Spool::new(paths.len()), Tally::default());
        let is_kept = shown.live.is_none() || !check.reports.report.is_empty();
        let fail_fast = check.fail_fast;
        Stream { shown, paths, fail_fast, is_kept, spool, tally, next: 0, has_enough: false }
    }

    /// The report, with what there is to say beside those on guides, and what is shown of it already; `duration_ms`
    /// is real time.
    pub fn report(self, around: Report<()>, duration_ms: u64) -> (Report<Spool>, Shown<'a>) {
        let Stream { shown, spool, tally, next, .. } = self;
        let (left_out, summary) = (spool.len() - next, tally.summary(duration_ms));
        (Report { tally, summary, left_out, ..around.with(spool.first(next)) }, shown)
    }

    /// A guide all before which are done.
    fn pass(&mut self, guide: &GuideReport) {
        self.next += 1;
        self.tally.add(guide);
        self.shown.guide(guide);
        self.has_enough = self.fail_fast && guide.exit_code(self.shown.args.strict) > 0;
    }

    /// The same for one of which nothing is to be shown.
    fn pass_counted(&mut self, summary: &Summary) {
        self.tally.add_counted(&self.paths[self.next].0, summary);
        self.next += 1;
        self.has_enough = self.fail_fast && summary.exit_code(0, self.shown.args.strict) > 0;
    }

    fn pass_stored(
        &mut self,
        summary: &Summary,
        read: impl FnOnce(&Spool) -> io::Result<GuideReport>,
    ) -> io::Result<()> {
        match self.shown.needs(summary) {
            true => self.pass(&read(&self.spool)?),
            false => self.pass_counted(summary),
        }
        Ok(())
    }

    fn pass_next(&mut self) -> io::Result<()> {
        let next = self.next;
        match self.spool.summary(next).cloned() {
            Some(summary) => self.pass_stored(&summary, |spool| Ok(spool.get(next)?.into_owned())),
            None => {
                let report = self.spool.get(next)?.into_owned();
                self.pass(&report);
                Ok(())
            }
        }
    }
}

impl Sink for Stream<'_> {
    fn take(&mut self, index: usize, report: Reported) -> anyhow::Result<()> {
        let is_next = index == self.next;
        if self.is_kept || !is_next {
            match &report {
                Reported::Made(report) => self.spool.put(index, report),
                Reported::Stored(stored) => self.spool.put_stored(index, stored),
            }?;
        }
        match report {
            _ if !is_next => {}
            Reported::Made(report) => self.pass(&report),
            Reported::Stored(Stored { summary, bytes }) => {
                self.pass_stored(&summary, |_| stored::read(&bytes))?
            }
        }
        while !self.has_enough && self.spool.has(self.next) {
            self.pass_next()?;
        }
        Ok(())
    }

    fn has_enough(&self) -> bool {
        self.has_enough
    }
}

fn on_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    write(&mut stdout)?;
    stdout.flush()
}

/// This folder, and that of the repository which holds it: programs that know the repository count from there.
fn folders() -> Folders {
    let here = std::env::current_dir().unwrap_or_default();
    let root = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here).to_owned();
    Folders::new(here, root)
}

/// Writes a report beside its destination first: a run that is killed leaves no half report.
fn write_file(report: &AnyReport, format: Format, style: Style, path: &Path) -> anyhow::Result<()> {
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
