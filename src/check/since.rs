//! What has changed since a revision: the snippets that would not run, or not be judged, as they did then.
//!
//! A snippet is compared by all that its run and its verdicts come from. What it takes from other snippets is part of
//! that, so whatever needs something that changed has changed itself; and one that only stands elsewhere has not.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use super::chosen::Chosen;
use super::document::{Document, Part, Prepared};
use super::requirements;
use super::source::Read;
use crate::config::{self, Config};
use crate::history::{Former, History};
use crate::plan::{plan, supply};
use crate::report::Since;
use crate::run::Order;
use crate::run::kept::Key;

/// Leaves of each document only the snippets that changed since a revision. The error says what is wrong with the
/// revision or the repository.
pub fn changed(documents: &mut [(PathBuf, Read)], revision: &str) -> anyhow::Result<Since> {
    let mut past = Past { revision, histories: HashMap::new(), folders: HashMap::new() };
    let mut of = 0;
    for (path, document) in documents {
        let Ok(document) = document else { continue };
        let companions = document.guide.snippets.iter().filter(|snippet| snippet.continues.is_some()).count();
        of += document.guide.snippets.len() - companions;
        let changed = past.changed(path, document)?;
        let document = Arc::get_mut(document).expect("nobody else has it yet");
        document.only = changed.map(|snippets| Part { snippets, rest: false });
    }
    Ok(Since { revision: revision.to_owned(), snippets: of })
}

/// What is known of earlier states.
struct Past<'a> {
    revision: &'a str,
    /// By the folders of guides.
    histories: HashMap<PathBuf, History>,
    /// Projects as they were.
    folders: HashMap<PathBuf, Former>,
}

impl Past<'_> {
    /// The snippets of a guide that changed; none where it is new.
    fn changed(&mut self, path: &Path, document: &Document) -> anyhow::Result<Option<BTreeSet<usize>>> {
        let whole = path.canonicalize().with_context(|| format!("cannot find {}", path.display()))?;
        let folder = whole.parent().context("a file has a folder")?;
        if !self.histories.contains_key(folder) {
            self.histories.insert(folder.to_owned(), History::since(self.revision, folder)?);
        }
        let history = &self.histories[folder];
        let project = document.config.as_ref().map(|config| project(config, history));
        let companions: Vec<_> = document.guide.companions.iter().map(|it| Path::new(&it.path)).collect();
        let around = project.iter().map(PathBuf::as_path).chain([whole.as_path()]).chain(companions);
        if !around.into_iter().any(|path| history.has_changed_in(&real(path))) {
            return Ok(Some(BTreeSet::new()));
        }
        let former = history.former(&whole);
        let Some(bytes) = history.file(former) else { return Ok(None) };
        let before = match &project {
            Some(project) => {
                if !self.folders.contains_key(project) {
                    self.folders.insert(project.clone(), history.folder(project)?);
                }
                let place = self.folders[project].place(former);
                let config = config::find(place.parent().context("a file has a folder")?);
                config.and_then(|config| Document::new(&place, bytes, config))
            }
            None => Document::new(path, bytes, None),
        };
        // Of what could not be checked then nothing is the same.
        let Ok(before) = before else { return Ok(None) };
        let before: BTreeSet<_> = states(&before).into_iter().flatten().collect();
        let same = |state: &Option<Key>| state.is_some_and(|state| before.contains(&state));
        let states = states(document);
        let changed = (0..states.len())
            .filter(|index| !same(&states[*index]) || is_new_companion(document, *index, history));
        Ok(Some(changed.map(|index| document.guide.whole(index)).collect()))
    }
}

/// Without a configuration the earlier text is read among today's files.
fn is_new_companion(document: &Document, index: usize, history: &History) -> bool {
    let line = document.guide.snippets[index].lines.0;
    let companion = document.guide.companion(line);
    companion.is_some_and(|companion| history.changed.contains(&real(Path::new(&companion.path))))
}

/// The folder of a configuration, as far as it is in the repository.
fn project(config: &Config, history: &History) -> PathBuf {
    let folder = real(&config.folder);
    if folder.starts_with(&history.top) { folder } else { history.top.clone() }
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// All that the report on each snippet comes from; none where that cannot be told.
fn states(document: &Document) -> Vec<Option<Key>> {
    let chosen = Chosen::new(document, &[]);
    let prepared = Prepared::new(document, &chosen);
    (0..document.guide.snippets.len()).map(|index| state(&prepared, index)).collect()
}

fn state(prepared: &Prepared<'_>, index: usize) -> Option<Key> {
    let Document { guide, codes, claims, config, .. } = prepared.document;
    let snippet = &guide.snippets[index];
    let supply = supply(&prepared.sources, index);
    let plan = plan(guide, codes, claims, index, &supply.statements);
    let names: Vec<_> = supply.unsure().map(|name| &name.name).collect();
    let own = claims.iter().filter(|claim| claim.snippet == index);
    let own: Vec<_> =
        own.map(|claim| (&claim.text, &claim.expected, claim.kind, claim.form, claim.hedged)).collect();
    let orders: Vec<_> =
        snippet.directives.iter().map(|it| format!("{:?} {}", it.order, it.reason)).collect();
    let pythons: Vec<_> =
        config.iter().flat_map(|config| &config.project.python).map(|it| it.value()).collect();
    let kept = config.as_ref().map(|config| config.snapshot_folder(&guide.path));
    let kept = kept.and_then(|folder| std::fs::read(folder.join(format!("{}.snap", snippet.id))).ok());
    let requirements = requirements::of_run(prepared.document, index, &supply);
    let about = (
        &snippet.code,
        own,
        orders,
        snippet.skipped(),
        names,
        requirements,
        pythons,
        kept,
        plan.needs.time(),
    );
    let Order { mut job, around, pages } = Order::new(guide, &plan, &[]).ok()?;
    // Where something is written does not matter, nor under which name.
    job.guide.clear();
    job.setup.iter_mut().for_each(|setup| setup.place.clear());
    job.sqlite.iter_mut().for_each(|database| database.place.clear());
    Some(Key::new(&about, &job, &around, &pages))
}
