//! Checks what was saved, and knows what was found in the rest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use super::changes::Changes;
use super::folders::{self, Folders, place_of, real};
use super::screen::Screen;
use super::{Asked, Message};
use crate::check::{Options, Session, read};
use crate::commands::guides::guides_of;
use crate::config::Found;
use crate::report::Report;
use crate::run::{Cancel, Cancelled, interrupt};

/// A session with the latest report.
pub struct Checker<'a> {
    asked: &'a Asked<'a>,
    screen: Screen,
    folders: Folders,
    session: Option<(Options, Session)>,
    /// What is known of all guides.
    whole: Option<Report>,
    /// Whether the screen shows something else than the latest report: why nothing could be checked.
    is_outdated: bool,
}

impl<'a> Checker<'a> {
    /// Nothing was checked yet.
    pub fn new(
        asked: &'a Asked<'a>,
        screen: Screen,
        messages: Sender<Message>,
    ) -> anyhow::Result<Checker<'a>> {
        let folders = Folders::new(messages)?;
        Ok(Checker { asked, screen, folders, session: None, whole: None, is_outdated: true })
    }

    /// Checks the guides that depend on what was saved, and shows what was found. What keeps them from being checked
    /// may be mended by the next save, so it is shown as well, but for the first time. The error is one after which
    /// there is nothing to wait for.
    pub fn check(&mut self, changes: &Changes, cancel: &Cancel) -> anyhow::Result<()> {
        match self.look(changes, cancel) {
            Ok(Some(checked)) => self.show(checked),
            Ok(None) => Ok(()),
            Err(error) if error.is::<Cancelled>() || interrupt::check().is_err() => Err(error),
            Err(error) if self.whole.is_none() => Err(error),
            Err(error) => {
                self.is_outdated = true;
                self.screen.fail(&error)
            }
        }
    }

    fn show(&mut self, checked: Report) -> anyhow::Result<()> {
        self.screen.findings(&checked)?;
        let took = checked.summary.duration_ms;
        let merged = match self.whole.take() {
            Some(whole) => merged(whole, checked),
            None => checked,
        };
        let whole = self.whole.insert(merged);
        self.is_outdated = false;
        self.screen.summary(whole, took)
    }

    /// The report on what is to be checked again; none where nothing else is found than is shown already.
    fn look(&mut self, changes: &Changes, cancel: &Cancel) -> anyhow::Result<Option<Report>> {
        let guides = guides_of(self.asked.given)?;
        self.watch(folders::around(self.asked.given, &guides), changes);
        let chosen = self.chosen(&guides, changes);
        let documents: Vec<_> =
            chosen.iter().map(|(path, config)| (path.clone(), read(path, config))).collect();
        self.watch(folders::of_files(&documents), changes);
        let blocks = self.asked.blocks;
        let report = self.session(&guides)?.check(&documents, blocks, cancel)?;
        let paths: BTreeSet<_> = guides.iter().map(|(path, _)| path.to_string_lossy()).collect();
        let Some(whole) = &mut self.whole else { return Ok(Some(report)) };
        let before = whole.guides.len();
        whole.guides.retain(|guide| paths.contains(guide.path.as_str()));
        let is_new = self.is_outdated || before != whole.guides.len() || changes.are_among(&places(&chosen));
        Ok((is_new || told(&report) != told(whole)).then_some(report))
    }

    fn watch(&mut self, folders: BTreeSet<PathBuf>, changes: &Changes) {
        if let Err(error) = self.folders.watch(folders, changes) {
            self.screen.warn(&error);
        }
    }

    /// The guides that were saved or are new, where that is all that happened; else all.
    fn chosen(&self, guides: &[(PathBuf, Found)], changes: &Changes) -> Vec<(PathBuf, Found)> {
        let whole = self.whole.as_ref().filter(|_| !self.is_outdated && self.asked.blocks.is_empty());
        let Some(whole) = whole.filter(|_| changes.are_among(&places(guides))) else {
            return guides.to_vec();
        };
        let is_chosen = |(path, _): &&(PathBuf, Found)| {
            let is_known = whole.guides.iter().any(|guide| guide.path == path.to_string_lossy());
            !is_known || of_guide(path).any(|place| changes.has(&place))
        };
        guides.iter().filter(is_chosen).cloned().collect()
    }

    /// The session; another one where the configuration asks for other Pythons.
    fn session(&mut self, guides: &[(PathBuf, Found)]) -> anyhow::Result<&mut Session> {
        let options = (self.asked.options)(guides)?;
        if self.session.as_ref().is_some_and(|(other, _)| *other != options) {
            self.session = None;
        }
        let session = match self.session.take() {
            Some(session) => session,
            None => (options.clone(), Session::new(options)?),
        };
        Ok(&mut self.session.insert(session).1)
    }
}

/// Where guides are, by all names that they are watched under.
fn places(guides: &[(PathBuf, Found)]) -> BTreeSet<PathBuf> {
    guides.iter().flat_map(|(path, _)| of_guide(path)).collect()
}

fn of_guide(path: &Path) -> impl Iterator<Item = PathBuf> {
    [place_of(path)].into_iter().chain(real(path))
}

/// A report with what was checked again in its place.
fn merged(mut whole: Report, checked: Report) -> Report {
    for guide in checked.guides {
        match whole.guides.iter_mut().find(|other| other.path == guide.path) {
            Some(other) => *other = guide,
            None => whole.guides.push(guide),
        }
    }
    whole.count(checked.summary.duration_ms);
    Report { guides: whole.guides, summary: whole.summary, ..checked }
}

fn told(report: &Report) -> String {
    serde_json::to_string(&report.guides).unwrap_or_default()
}
