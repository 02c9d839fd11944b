//! The Pythons that snippets are run on: found by version or path, and asked who they are.

mod ask;
mod places;
#[cfg(test)]
mod tests;
mod wanted;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use serde::{Deserialize, Serialize};

use ask::Answer;
use places::Candidate;
pub use places::Places;
pub use wanted::{Version, Wanted};

/// The Python that the executable was built against, and embeds.
pub const EMBEDDED: &str = env!("VERIFY_PYTHON");

/// The oldest version whose syntax the runner keeps to.
pub const OLDEST: (u8, u8) = (3, 8);

/// An interpreter that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// What it goes by in reports: `3.12.1`, `3.13.0t`, `pypy-3.10.14`.
    pub id: String,
    /// `3.12.1`.
    pub version: String,
    /// `CPython`.
    pub implementation: String,
    /// Its executable.
    pub executable: PathBuf,
    /// Where its own files lie, and its packages.
    pub files: Vec<PathBuf>,
    /// Whether it is the one that this executable embeds.
    pub is_embedded: bool,
    /// What no other interpreter has: the real executable, and where it believes to be installed.
    place: (PathBuf, PathBuf),
}

/// The interpreters that are wanted, each once, in their order. The error says which one there is not, and
/// which there are.
pub fn find(wanted: &[Wanted], places: &Places) -> anyhow::Result<Vec<Interpreter>> {
    let mut search = Search { places, candidates: None, asked: HashMap::new() };
    let mut found: Vec<Interpreter> = Vec::new();
    for wanted in wanted {
        let program = match wanted {
            Wanted::Path(path) => path.clone(),
            Wanted::Version(version) => search.of_version(version).ok_or_else(|| search.none(wanted))?,
        };
        let interpreter = interpreter(&program, wanted)?;
        if !found.iter().any(|other| other.place == interpreter.place) {
            found.push(interpreter);
        }
    }
    tell_apart(&mut found);
    Ok(found)
}

/// Gives a second interpreter of one version another name.
fn tell_apart(found: &mut [Interpreter]) {
    let ids: Vec<_> = found.iter().map(|interpreter| interpreter.id.clone()).collect();
    for (index, interpreter) in found.iter_mut().enumerate() {
        match ids[..index].iter().filter(|id| **id == ids[index]).count() {
            0 => {}
            before => interpreter.id = format!("{} ({})", ids[index], before + 1),
        }
    }
}

/// A search among all that may be an interpreter; each is asked once.
struct Search<'a> {
    places: &'a Places,
    candidates: Option<Vec<Candidate>>,
    asked: HashMap<PathBuf, Option<Answer>>,
}

impl Search<'_> {
    /// The answers of the candidates that are wanted. The embedded one is as good as any.
    fn answers(&mut self, wanted: impl Fn(&Candidate) -> bool) -> impl Iterator<Item = Answer> {
        let candidates = self.candidates.get_or_insert_with(|| {
            let embedded = Candidate { path: EMBEDDED.into(), hint: Vec::new() };
            [embedded].into_iter().chain(self.places.candidates()).collect()
        });
        let ask = |candidate: &Candidate| {
            let known = self.asked.entry(candidate.path.clone());
            known.or_insert_with(|| ask::who(&candidate.path).ok()).clone()
        };
        candidates.iter().filter(move |candidate| wanted(candidate)).filter_map(ask)
    }

    /// The executable of the first interpreter of a version.
    fn of_version(&mut self, version: &Version) -> Option<PathBuf> {
        let mut answers = self.answers(|candidate| candidate.may_be(version));
        answers.find(|answer| is_of(answer, version)).map(|answer| answer.executable)
    }

    fn none(&mut self, wanted: &Wanted) -> anyhow::Error {
        let mut usable: Vec<_> = self.answers(|_| true).filter(|answer| too_old(answer).is_none()).collect();
        usable.sort_by(|a, b| a.version.cmp(&b.version));
        let mut ids: Vec<_> = usable.iter().map(id).collect();
        ids.dedup();
        anyhow!(
            "there is no Python {wanted} on PATH, in pyenv's folder or in uv's; there are: {}. Install it, or \
             give the path of an interpreter",
            ids.join(", ")
        )
    }
}

fn is_of(answer: &Answer, version: &Version) -> bool {
    answer.version.starts_with(&version.parts)
        && answer.free_threaded == version.free_threaded
        && (answer.implementation == "pypy") == version.is_pypy
}

/// Asks a program who it is, and whether it can be used.
fn interpreter(program: &Path, wanted: &Wanted) -> anyhow::Result<Interpreter> {
    let who = ask::who(program).map_err(|why| anyhow!("{wanted} is not an interpreter: {why}"))?;
    if let Some(why) = too_old(&who) {
        bail!("{} is Python {}: {why}", program.display(), id(&who));
    }
    let answer = ask::surroundings(&who.executable)
        .map_err(|why| anyhow!("{} does not start with its packages: {why}", who.executable.display()))?;
    Ok(Interpreter {
        id: id(&answer),
        version: dotted(&answer),
        implementation: match answer.implementation.as_str() {
            "cpython" => "CPython".to_owned(),
            "pypy" => "PyPy".to_owned(),
            other => other.to_owned(),
        },
        is_embedded: is_embedded(&answer),
        place: (real(&answer.executable), answer.prefix.clone()),
        executable: answer.executable.clone(),
        files: answer.files,
    })
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn too_old(answer: &Answer) -> Option<String> {
    let (major, minor) = OLDEST;
    let is_old = (answer.version[0], answer.version[1]) < OLDEST;
    is_old.then(|| format!("verify runs snippets on Python {major}.{minor} and later"))
}

/// Whether it is the very one that was built against, not an environment made from it.
fn is_embedded(answer: &Answer) -> bool {
    real(&answer.executable) == real(Path::new(EMBEDDED)) && !answer.prefix.join("pyvenv.cfg").exists()
}

fn id(answer: &Answer) -> String {
    let threads = if answer.free_threaded { "t" } else { "" };
    match answer.implementation.as_str() {
        "cpython" => format!("{}{threads}", dotted(answer)),
        other => format!("{other}-{}{threads}", dotted(answer)),
    }
}

fn dotted(answer: &Answer) -> String {
    answer.version.iter().map(u8::to_string).collect::<Vec<_>>().join(".")
}
