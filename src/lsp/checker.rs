//! A thread that checks one guide after the other, so that the editor is answered meanwhile.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context, anyhow};
use lsp_types::Url;

use super::carried::Checked;
use super::position::Text;
use super::settings::Settings;
use super::wire::Event;
use crate::check::{self, Document, Options, Session};
use crate::config::{self, Found};
use crate::pythons::{self, Places, Wanted};
use crate::report::Report;
use crate::run::{Cancel, Cancelled, Isolation};

/// Sessions that are kept, each with workers of its own.
const MOST_SESSIONS: usize = 3;

/// A guide to check.
pub struct Job {
    /// The document.
    pub url: Url,
    /// The path that it goes by in the report.
    pub name: PathBuf,
    /// Where its configuration is looked for, if anywhere.
    pub folder: Option<PathBuf>,
    /// Its text.
    pub text: Arc<Text>,
    /// Only these snippets; all where it is empty.
    pub only: Vec<String>,
    /// How.
    pub settings: Settings,
    /// Says that nobody needs it any more.
    pub cancel: Cancel,
}

/// What became of it.
pub struct Done {
    /// The document.
    pub url: Url,
    /// What was found; nothing where it was cancelled. The error is a failure of verify itself.
    pub found: Result<Option<Outcome>, String>,
}

/// What a check found.
pub struct Outcome {
    /// In the guide.
    pub checked: Checked,
    /// What somebody should know about the check itself.
    pub warnings: Vec<String>,
}

/// Starts the thread. It ends when nobody sends it jobs any more.
pub fn start(events: Sender<Event>) -> anyhow::Result<Sender<Job>> {
    let (sender, jobs) = channel();
    let thread = std::thread::Builder::new().name("checker".to_owned()).stack_size(check::STACK);
    thread.spawn(move || work(&jobs, &events))?;
    Ok(sender)
}

fn work(jobs: &Receiver<Job>, events: &Sender<Event>) {
    let mut sessions = Sessions::default();
    for job in jobs {
        let found = catch_unwind(AssertUnwindSafe(|| sessions.check(&job))).unwrap_or_else(|panic| {
            // Nobody knows what state they are in.
            sessions = Sessions::default();
            Err(anyhow!("verify has a bug, please report it: {}", said(&*panic)))
        });
        let found = match found {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is::<Cancelled>() => Ok(None),
            Err(error) => Err(format!("{error:#}")),
        };
        if events.send(Event::Done(Box::new(Done { url: job.url, found }))).is_err() {
            return;
        }
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it panics")
}

/// What a session cannot change about itself.
#[derive(PartialEq)]
struct Terms {
    python: Vec<Wanted>,
    settings: Settings,
}

/// Sessions under their terms, the last used at the end.
#[derive(Default)]
struct Sessions(Vec<(Terms, Session)>);

impl Sessions {
    fn check(&mut self, job: &Job) -> anyhow::Result<Outcome> {
        job.cancel.check()?;
        let config = job.folder.as_deref().map_or(Ok(None), config::find);
        let document = check::configured(&config)
            .and_then(|config| Document::new(&job.name, job.text.text.clone().into_bytes(), config))
            .map(Arc::new);
        let blocks = blocks(job, document.as_deref().ok());
        let session = self.session(&job.settings, &config)?;
        let report = session.check(&[(job.name.clone(), document)], &blocks, &job.cancel)?;
        let warnings = warnings(&report, job.settings.sandbox);
        let guide = report.guides.into_iter().next().context("one guide was checked")?;
        let text = Arc::clone(&job.text);
        let checked = Checked { text, guide, pythons: report.pythons.len(), edited: Default::default() };
        Ok(Outcome { checked, warnings })
    }

    fn session(&mut self, settings: &Settings, config: &Found) -> anyhow::Result<&mut Session> {
        let python = match config {
            Ok(Some(config)) if settings.python.is_empty() => config.pythons().map_err(|why| anyhow!(why))?,
            _ => settings.python.clone(),
        };
        // What does not concern those who run is the same for all.
        let settings = Settings { block: Vec::new(), on_open: true, ..settings.clone() };
        let terms = Terms { python, settings };
        let at = match self.0.iter().position(|(known, _)| *known == terms) {
            Some(at) => at,
            None => {
                let session = Session::new(options(&terms)?)?;
                self.0.drain(..self.0.len().saturating_sub(MOST_SESSIONS - 1));
                self.0.push((terms, session));
                self.0.len() - 1
            }
        };
        self.0[at..].rotate_left(1);
        self.0.last_mut().map(|(_, session)| session).context("one was just put there")
    }
}

fn options(terms: &Terms) -> anyhow::Result<Options> {
    Ok(Options {
        pythons: pythons::find(&terms.python, &Places::of_the_system())?,
        jobs: terms.settings.jobs,
        timeout: terms.settings.timeout,
        offline: terms.settings.offline,
        isolation: terms.settings.sandbox,
        ..Options::default()
    })
}

/// The labels that are asked for. What is set for all guides counts for those that have it.
fn blocks(job: &Job, document: Option<&Document>) -> Vec<String> {
    if !job.only.is_empty() {
        return job.only.clone();
    }
    let snippets = || document.into_iter().flat_map(|document| &document.guide.snippets);
    let is_known = |label: &&String| snippets().any(|it| it.block == **label || it.id == **label);
    job.settings.block.iter().filter(is_known).cloned().collect()
}

/// What the command line would warn of.
fn warnings(report: &Report, isolation: Isolation) -> Vec<String> {
    let missing = report.environments.iter().filter_map(|it| {
        Some(format!("nothing is installed of {}: {}", it.packages.join(", "), it.error.as_ref()?))
    });
    let lack = report.sandbox.lacks.first().filter(|_| isolation == Isolation::Best);
    missing.chain(lack.map(|lack| format!("the sandbox lacks {lack}"))).collect()
}
