//! Which formats there are, and how one is asked for.

use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

use super::concise::Concise;
use super::full::Full;
use super::{
    AnyReport, FindingReport, Folders, GuideReport, Live, Summary, github, gitlab, html, json, junit,
    markdown, sarif,
};
use crate::judge::Severity;
use crate::terminal::Links;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For an author at a terminal
    Full,
    /// A line for each finding
    Concise,
    /// For programs
    Json,
    /// For code scanning and editors: SARIF 2.1.0
    Sarif,
    /// For readers of test results: a case for each snippet and each claim
    Junit,
    /// Annotations of GitHub's workflows
    Github,
    /// GitLab's code quality
    Gitlab,
    /// A summary for a pull request
    Markdown,
    /// Web pages: the guides with what became of their claims
    Html,
}

/// How much is written, and for what kind of reader.
#[derive(Clone, Copy, Debug)]
pub struct Style<'a> {
    /// Whether escape codes for colours may be written.
    pub color: bool,
    /// Nothing but findings.
    pub quiet: bool,
    /// Also infos, and what became of every claim.
    pub verbose: bool,
    /// How many findings are shown to people; programs get all.
    pub most: usize,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether long messages are broken to fit it.
    pub fill: bool,
    /// How places lead to their files, where they do.
    pub links: Option<&'a Links>,
    /// How programs find the files.
    pub folders: &'a Folders,
}

impl Style<'_> {
    /// Whether something of a guide is to be seen that was checked and counted.
    pub fn shows_some(&self, summary: &Summary) -> bool {
        self.verbose || summary.errors + summary.warnings > 0
    }

    /// Whether a finding is to be seen. Infos and what was expected are for those who ask for more.
    pub fn shows(&self, finding: &FindingReport) -> bool {
        self.verbose || (finding.severity < Severity::Info && !finding.expected)
    }
}

/// The findings that are seen, as long as there is room for them.
pub(super) struct Seen<'a> {
    style: Style<'a>,
    shown: usize,
    more: usize,
}

impl<'a> Seen<'a> {
    pub fn new(style: Style<'a>) -> Seen<'a> {
        Seen { style, shown: 0, more: 0 }
    }

    /// Those of the next guide.
    pub fn of<'g>(&mut self, guide: &'g GuideReport) -> impl Iterator<Item = &'g FindingReport> + use<'g> {
        let all = || guide.findings.iter().filter(|finding| self.style.shows(finding));
        let count = all().count();
        let room = count.min(self.style.most - self.shown);
        let seen: Vec<_> = all().take(room).collect();
        self.shown += room;
        self.more += count - room;
        seen.into_iter()
    }

    /// Whether there was one.
    pub fn any(&self) -> bool {
        self.shown + self.more > 0
    }

    /// Says how many there was no room for.
    pub fn say_more(&self, to: &mut dyn Write) -> io::Result<()> {
        match self.more {
            0 => Ok(()),
            1 => writeln!(to, "1 more finding is not shown (--max-findings)"),
            more => writeln!(to, "{more} more findings are not shown (--max-findings)"),
        }
    }
}

impl AnyReport {
    /// Writes it in a format.
    pub fn write(&self, format: Format, style: Style, to: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Full => (&mut Full::new(style) as &mut dyn Live).write(self, to),
            Format::Concise => (&mut Concise::new(style) as &mut dyn Live).write(self, to),
            Format::Json => json::write(self, to),
            Format::Sarif => sarif::write(self, style, to),
            Format::Junit => junit::write(self, style, to),
            Format::Github => github::write(self, style, to),
            Format::Gitlab => gitlab::write(self, style, to),
            Format::Markdown => markdown::write(self, style, to),
            Format::Html => html::write(self, to),
        }
    }
}

/// A report for somebody else than the reader of standard output: `json=report.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Its format.
    pub format: Format,
    /// The file that it goes to.
    pub path: PathBuf,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Destination, String> {
        let (format, path) = text.split_once('=').ok_or("say it as FORMAT=FILE, as in json=report.json")?;
        let format = Format::from_str(format, false).map_err(|_| {
            let known: Vec<_> =
                Format::value_variants().iter().filter_map(Format::to_possible_value).collect();
            let known: Vec<_> = known.iter().map(clap::builder::PossibleValue::get_name).collect();
            format!("`{format}` is no format; there are: {}", known.join(", "))
        })?;
        match path {
            "" => Err(format!("`{text}` names no file")),
            path => Ok(Destination { format, path: path.into() }),
        }
    }
}
