//! `verify review`, `verify accept` and `verify reject`: what becomes of pending snapshots.

mod columns;
mod keys;
mod page;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use console::Term;

use super::guides::guides_of;
use crate::check::{self, Chosen, Document};
use crate::config::{self, shown};
use crate::guide::{Guide, Snippet};
use crate::snapshot::{self, pending, pending::Pending};
use crate::terminal::{self, Links};
pub use keys::Decision;
use keys::{Keys, Wish};
use page::View;

/// A pending snapshot, and the guide that it is of if that is still there.
struct Item<'a> {
    pending: Pending,
    document: Option<&'a Document>,
    /// The index of its snippet, if that is still there.
    snippet: Option<usize>,
}

impl Item<'_> {
    fn snippet(&self) -> Option<(&Guide, &Snippet)> {
        let guide = &self.document?.guide;
        Some((guide, &guide.snippets[self.snippet?]))
    }

    /// The snippet and its guide, and the version if it is not for all.
    fn title(&self) -> String {
        let title = self.document.and_then(|document| Some(document.title(self.snippet?)));
        let title = title.unwrap_or_else(|| shown(&self.pending.target()));
        match self.pending.name().split_once('@').filter(|_| self.snippet.is_some()) {
            Some((_, version)) => format!("{title} on Python {version}"),
            None => title,
        }
    }

    /// The error says why it can only be rejected.
    fn acceptable(&self) -> Result<(), String> {
        match (&self.pending.new, self.snippet) {
            (None, _) => Err(pending::Refused::Damaged.to_string()),
            (_, None) => Err("no guide has this snippet any more: reject it".into()),
            _ => Ok(()),
        }
    }

    fn decide(&self, decision: Decision) -> Result<(), String> {
        let done = match decision {
            Decision::Accept => {
                self.acceptable()?;
                self.pending.accept()
            }
            Decision::Reject => self.pending.reject(),
            Decision::Skip => Ok(()),
        };
        done.map_err(|why| why.to_string())
    }
}

/// Which snapshots are meant.
#[derive(Clone, Debug, clap::Args)]
pub struct Selection {
    /// Only this block or snippet: 4, 4.1, practice-problems; repeatable
    #[arg(long, value_name = "LABEL")]
    block: Vec<String>,
    /// Guides or folders of guides [default: those that verify.toml names]
    guides: Vec<PathBuf>,
}

/// The guides in question, those that can be read.
struct Guides {
    documents: Vec<Arc<Document>>,
    /// Whether one could not be read.
    failed: bool,
}

impl Selection {
    fn guides(&self) -> anyhow::Result<Guides> {
        let mut guides = Guides { documents: Vec::new(), failed: false };
        for (path, config) in guides_of(&self.guides)? {
            match check::read(&path, &config) {
                Ok(document) => guides.documents.push(document),
                Err(error) => {
                    writeln!(io::stderr(), "verify: {} {error}", path.display())?;
                    guides.failed = true;
                }
            }
        }
        check::check_labels(guides.documents.iter().map(|document| &**document), &self.block)?;
        Ok(guides)
    }

    /// What waits, in the order of the guides and their snippets. What belongs to no guide is last, and only where
    /// all are meant.
    fn items<'a>(&self, guides: &'a Guides) -> anyhow::Result<Vec<Item<'a>>> {
        let mut items = Vec::new();
        for document in &guides.documents {
            let Some(config) = &document.config else { continue };
            let chosen = Chosen::new(document, &self.block);
            let found = pending::in_folder(&config.snapshot_folder(&document.guide.path));
            let mut own = found.into_iter().map(|path| item(path, Some(document))).collect::<Vec<_>>();
            own.retain(|item| match item.as_ref().ok().and_then(|item| item.snippet) {
                Some(index) => chosen.has(index),
                None => chosen.is_whole,
            });
            own.sort_by_key(|item| item.as_ref().map_or(usize::MAX, |i| i.snippet.unwrap_or(usize::MAX)));
            items.extend(own);
        }
        if self.guides.is_empty() && self.block.is_empty() && !guides.failed {
            items.extend(strays(guides)?.into_iter().map(|path| item(path, None)));
        }
        items.into_iter().collect()
    }
}

fn item(path: PathBuf, document: Option<&Document>) -> anyhow::Result<Item<'_>> {
    let pending = Pending::read(&path).map_err(|why| anyhow!(why.to_string()))?;
    let snippet = document.and_then(|document| snapshot::snippet_of(&document.guide, pending.name()));
    Ok(Item { pending, document, snippet })
}

/// What waits beside the configuration and is of none of its guides.
fn strays(guides: &Guides) -> anyhow::Result<Vec<PathBuf>> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let Ok(Some(config)) = config::find(&here) else { return Ok(Vec::new()) };
    let folders: Vec<_> =
        guides.documents.iter().map(|document| config.snapshot_folder(&document.guide.path)).collect();
    let mut found = pending::below(&config.snapshots());
    found.retain(|path| !folders.iter().any(|folder| path.parent() == Some(folder)));
    Ok(found)
}

/// Accepts or rejects all that are chosen, and says so. Exit code 1 where one is left, 2 where one could not be
/// decided.
pub fn decide(decision: Decision, chosen: &Selection, to: &mut dyn Write) -> anyhow::Result<u8> {
    let guides = chosen.guides()?;
    let items = chosen.items(&guides)?;
    let mut code = if guides.failed { 2 } else { 0 };
    if items.is_empty() && !guides.failed {
        writeln!(to, "no snapshot waits for review")?;
    }
    for item in &items {
        let title = terminal::clean(&item.title());
        match item.decide(decision) {
            Ok(()) => {
                let what = if decision == Decision::Accept { "accepted" } else { "rejected" };
                writeln!(to, "{what} {title}{}", still_false(item, decision))?;
            }
            Err(why) => {
                writeln!(io::stderr(), "verify: {title} is left: {why}")?;
                code = 2;
            }
        }
    }
    Ok(code)
}

/// That a snapshot does not bless what is false in it.
fn still_false(item: &Item<'_>, decision: Decision) -> String {
    match item.pending.false_claims().count() {
        0 => String::new(),
        _ if decision != Decision::Accept => String::new(),
        1 => "; a claim in it is false and stays an error".into(),
        count => format!("; {count} claims in it are false and stay errors"),
    }
}

/// Shows one after the other and asks what becomes of it. Exit code 2 where one could not be decided.
pub fn run(chosen: &Selection) -> anyhow::Result<u8> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        bail!(
            "a review needs a terminal: `verify accept` and `verify reject` decide without one, for all or with \
             --block for some"
        );
    }
    let guides = chosen.guides()?;
    let items = chosen.items(&guides)?;
    if items.is_empty() {
        println(if guides.failed { "" } else { "no snapshot waits for review\n" })?;
        return Ok(if guides.failed { 2 } else { 0 });
    }
    let mut session = Session::new(items.len())?;
    for (index, item) in items.into_iter().enumerate() {
        session.ask(index + 1, item)?;
    }
    let failed = session.finish()?;
    Ok(if guides.failed || failed { 2 } else { 0 })
}

/// A review that is going on.
struct Session {
    terminal: Term,
    keys: Keys,
    count: usize,
    view: View,
    /// What was decided for all that follow.
    all: Option<Decision>,
    accepted: Vec<String>,
    rejected: Vec<String>,
    skipped: Vec<String>,
    failed: Vec<String>,
}

impl Session {
    fn new(count: usize) -> anyhow::Result<Session> {
        Ok(Session {
            terminal: Term::stdout(),
            keys: Keys::listen().context("cannot listen to the terminal's keys")?,
            count,
            view: View { info: true, diff: true, width: 0, links: Links::of_stdout() },
            all: None,
            accepted: Vec::new(),
            rejected: Vec::new(),
            skipped: Vec::new(),
            failed: Vec::new(),
        })
    }

    /// Asks until there is a decision that can be carried out.
    fn ask(&mut self, number: usize, mut item: Item<'_>) -> anyhow::Result<()> {
        let mut notice = String::new();
        loop {
            let asked = self.all.is_none();
            let decision = match self.all {
                Some(decision) => decision,
                None => self.decision(number, &item, &notice)?,
            };
            match item.decide(decision) {
                Ok(()) => {
                    let title = item.title() + &still_false(&item, decision);
                    match decision {
                        Decision::Accept => self.accepted.push(title),
                        Decision::Reject => self.rejected.push(title),
                        Decision::Skip => self.skipped.push(item.title()),
                    }
                    return Ok(());
                }
                Err(why) => match Pending::read(&item.pending.path) {
                    Ok(now) if asked => (item.pending, notice) = (now, why),
                    _ => {
                        self.failed.push(format!("{}: {why}", item.title()));
                        return Ok(());
                    }
                },
            }
        }
    }

    fn decision(&mut self, number: usize, item: &Item<'_>, notice: &str) -> anyhow::Result<Decision> {
        loop {
            self.view.width = terminal::width();
            self.terminal.clear_screen()?;
            println(&page::page(item, (number, self.count), &self.view))?;
            if !notice.is_empty() {
                println(&format!("\n  {notice}\n"))?;
            }
            match self.keys.next(&self.terminal)? {
                Wish::One(decision) => return Ok(decision),
                Wish::All(decision) => return Ok(*self.all.insert(decision)),
                Wish::Quit => return Ok(*self.all.insert(Decision::Skip)),
                Wish::Info => self.view.info = !self.view.info,
                Wish::Diff => self.view.diff = !self.view.diff,
            }
        }
    }

    /// Says what became of all; whether some could not be decided.
    fn finish(self) -> anyhow::Result<bool> {
        self.terminal.clear_screen()?;
        println(&page::summary(&self.accepted, &self.rejected, &self.skipped))?;
        self.failed.iter().try_for_each(|left| writeln!(io::stderr(), "verify: left: {left}"))?;
        Ok(!self.failed.is_empty())
    }
}

fn println(text: &str) -> io::Result<()> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
