//! What a watcher sees.

use std::io::{self, Write};

use crate::moment;
use crate::report::{AnyReport, Folders, Format, Report, Style, summary};
use crate::terminal::{self, Links};

/// Where reports are written, and how.
pub struct Screen {
    /// Where.
    pub to: Box<dyn Write + Send>,
    /// Whether it is a terminal, where each check begins on an empty screen.
    pub is_terminal: bool,
    /// `full` or `concise`.
    pub format: Format,
    /// Also infos, what was expected, and what became of every claim.
    pub verbose: bool,
    /// How places lead to their files, where they do.
    pub links: Option<Links>,
    /// How programs find the files.
    pub folders: Folders,
}

/// Empties a terminal and goes to its first line.
const CLEAR: &str = "\x1b[2J\x1b[3J\x1b[H";

impl Screen {
    /// Shows what was found in what was checked again.
    pub fn findings(&mut self, checked: &Report) -> anyhow::Result<()> {
        self.begin()?;
        let style = Style {
            color: terminal::has_colours(),
            quiet: true,
            verbose: self.verbose,
            most: usize::MAX,
            width: terminal::width(),
            fill: self.is_terminal,
            links: self.links.as_ref(),
            folders: &self.folders,
        };
        let checked: &AnyReport = checked;
        Ok(checked.write(self.format, style, &mut self.to)?)
    }

    /// Says in a line what is known of everything, and how long the last check took.
    pub fn summary(&mut self, whole: &Report, took: u64) -> anyhow::Result<()> {
        self.line(&format!("{}; checked in {}", summary::line(whole), summary::duration(took)))
    }

    /// Says why nothing could be checked.
    pub fn fail(&mut self, why: &anyhow::Error) -> anyhow::Result<()> {
        self.begin()?;
        self.line(&format!("error: {why:#}"))
    }

    /// Says what is not as it should be, and hinders nothing.
    pub fn warn(&self, what: &anyhow::Error) {
        let _ = writeln!(io::stderr(), "verify: warning: {what:#}");
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.is_terminal { self.to.write_all(CLEAR.as_bytes()) } else { Ok(()) }
    }

    fn line(&mut self, text: &str) -> anyhow::Result<()> {
        writeln!(self.to, "{} {text}", moment::time())?;
        Ok(self.to.flush()?)
    }
}
