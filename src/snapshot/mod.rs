//! Observed outputs as insta snapshots, so that a reviewer sees every change as a diff.
//!
//! One snapshot for each snippet, `<id>.snap`. Where another minor version of Python shows something
//! else, that version has its own, `<id>@3.12.snap`, and the first stays what it is. What differs from
//! run to run is left out. See `docs/snapshots.md`.

mod file;
pub mod pending;
mod transcript;

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::guide::Guide;
use crate::judge::{Code, Finding};
use crate::whole;
use file::Accepted;
pub use transcript::{Transcript, transcript};

/// The header of a snapshot file.
#[derive(Serialize)]
struct Info<'a> {
    python: &'a str,
}

impl Transcript {
    /// Whether the reviewed snapshot in a folder says the same.
    pub fn is_accepted(&self, folder: &Path, id: &str, version: (u8, u8)) -> bool {
        let accepted = Accepted::find(folder, id, version);
        accepted.is_some_and(|accepted| accepted.content == self.to_string().trim_end())
    }
}

/// What a snippet showed on a Python: its place among those that were tried, and its version.
pub type Shown<'a> = (usize, (u8, u8), &'a Transcript);

/// Compares what a snippet showed on each Python with its reviewed snapshots; writes a pending one where it
/// differs or is new. The error says which file could not be written.
pub fn compare(
    guide: &Guide,
    index: usize,
    shown: &[Shown<'_>],
    folder: &Path,
) -> Result<Vec<Finding>, String> {
    let mut found = Vec::new();
    let mut proposed = None;
    for (python, version, transcript) in in_order(shown, folder, &guide.snippets[index].id) {
        let kept = Kept { guide, index, folder, minor: format!("{}.{}", version.0, version.1) };
        // What waits for review as everybody's is not proposed once more for each.
        if proposed == Some(transcript) && kept.own().is_none() {
            withdraw(&kept.pending(&kept.own_name()))?;
            continue;
        }
        if let Some((name, finding)) = kept.compare(version, transcript, proposed.is_some())? {
            proposed = proposed.or((name == *kept.id()).then_some(transcript));
            found.push(finding.on([python]));
        }
    }
    if proposed.is_none() {
        withdraw_stale(&folder.join(format!("{}.snap.new", guide.snippets[index].id)), shown)?;
    }
    Ok(found)
}

/// Removes what an earlier check with one of these Pythons proposed as everybody's.
fn withdraw_stale(pending: &Path, shown: &[Shown<'_>]) -> Result<(), String> {
    let text = fs::read_to_string(pending).unwrap_or_default();
    let made_with = Accepted::parse("", &text).map(|stale| stale.python);
    let is_of = |(_, (major, minor), _): &Shown<'_>| made_with == Some(format!("{major}.{minor}"));
    if shown.iter().any(is_of) { withdraw(pending) } else { Ok(()) }
}

/// Removes a pending snapshot that is not what was observed now.
fn withdraw(pending: &Path) -> Result<(), String> {
    match fs::remove_file(pending) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", pending.display()))
        }
        _ => Ok(()),
    }
}

/// One of each version, first that with which the snapshot for all was made.
fn in_order<'a>(shown: &[Shown<'a>], folder: &Path, id: &str) -> Vec<Shown<'a>> {
    let made_with = Accepted::read(folder, id).map(|accepted| accepted.python);
    let mut order: Vec<Shown<'a>> = Vec::new();
    for one in shown {
        if !order.iter().any(|other| other.1 == one.1) {
            order.push(*one);
        }
    }
    order.sort_by_key(|(_, (major, minor), _)| made_with != Some(format!("{major}.{minor}")));
    order
}

/// The snapshots of a snippet, as a minor version of Python sees them.
struct Kept<'a> {
    guide: &'a Guide,
    index: usize,
    folder: &'a Path,
    minor: String,
}

impl Kept<'_> {
    fn id(&self) -> &String {
        &self.guide.snippets[self.index].id
    }

    fn own_name(&self) -> String {
        format!("{}@{}", self.id(), self.minor)
    }

    fn own(&self) -> Option<Accepted> {
        Accepted::read(self.folder, &self.own_name())
    }

    /// The finding where a transcript is not as reviewed, and the name of the snapshot that waits for review.
    /// `is_proposed` where everybody's waits already.
    fn compare(
        &self,
        version: (u8, u8),
        transcript: &Transcript,
        is_proposed: bool,
    ) -> Result<Option<(String, Finding)>, String> {
        let (id, minor) = (self.id(), &self.minor);
        let accepted = Accepted::find(self.folder, id, version);
        let other_version = accepted.as_ref().is_some_and(|accepted| accepted.python != *minor);
        let same = transcript.is_accepted(self.folder, id, version);
        // What another version shows is no error in this one's snapshot: it gets its own.
        let name = match &accepted {
            Some(_) if other_version && !same => self.own_name(),
            Some(accepted) => accepted.name.clone(),
            None if is_proposed => self.own_name(),
            None => id.clone(),
        };
        if !(is_proposed && name == *id) {
            withdraw(&self.pending(&name))?;
        }
        if same {
            withdraw(&self.pending(&self.own_name()))?;
            return Ok(None);
        }
        self.write_pending(&name, transcript)
            .map_err(|error| format!("cannot write {}: {error}", self.pending(&name).display()))?;
        let new = accepted.is_none() || other_version;
        let (code, message) = match new {
            true => (
                Code::SnapshotNew,
                format!("the output of snippet {id} has no reviewed snapshot for Python {minor}"),
            ),
            false => (Code::SnapshotChanged, format!("the output of snippet {id} is not what was reviewed")),
        };
        let what = if new { "it" } else { "the difference" };
        let help = &format!("look at {what} and accept or reject it: verify review");
        Ok(Some((name, finding(self.guide, self.index, code, message, help))))
    }

    fn pending(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.snap.new"))
    }

    /// Lets insta write `<name>.snap.new`: only what it writes can be reviewed with its tools.
    fn write_pending(&self, name: &str, transcript: &Transcript) -> std::io::Result<()> {
        // It writes in place, and who is killed meanwhile must not leave half a snapshot.
        let aside = tempfile::tempdir()?;
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(aside.path());
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_description(format!("snippet {} of {}", self.id(), guide_name(self.guide)));
        settings.set_info(&Info { python: &self.minor });
        settings.bind(|| insta::assert_snapshot!(name, transcript.to_string()));
        fs::create_dir_all(self.folder)?;
        let mut pending = whole::beside(&self.pending(name))?;
        pending.write_all(&fs::read(aside.path().join(format!("{name}.snap.new")))?)?;
        pending.persist(self.pending(name))?;
        Ok(())
    }
}

fn finding(guide: &Guide, index: usize, code: Code, message: String, help: &str) -> Finding {
    let span = guide.source.trimmed_line(guide.snippets[index].opening);
    Finding::new(code, span, message, help).in_snippet(index)
}

fn guide_name(guide: &Guide) -> String {
    Path::new(&guide.path).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The snippet that a snapshot's name, `2.1` or `2.1@3.12`, is of; none where it is gone or not run.
pub fn snippet_of(guide: &Guide, name: &str) -> Option<usize> {
    let id = name.split('@').next()?;
    guide.snippets.iter().position(|snippet| snippet.id == id && snippet.skipped().is_none())
}

/// Reviewed snapshots whose snippet is gone. What waits for review of such a snippet is withdrawn. The error says
/// which file could not be removed.
pub fn orphans(guide: &Guide, folder: &Path) -> Result<Vec<Finding>, String> {
    let is_lost = |name: &str| snippet_of(guide, name).is_none();
    for path in pending::in_folder(folder) {
        if is_lost(pending::name(&path)) {
            withdraw(&path)?;
        }
    }
    let orphan = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".snap").filter(|name| is_lost(name))?;
        let message = format!("the snapshot {name}.snap belongs to no snippet of the guide");
        Some(Finding::new(Code::SnapshotOrphan, (0, 0), message, "delete it, or bring the snippet back"))
    };
    Ok(file::entries(folder).iter().filter_map(orphan).collect())
}
