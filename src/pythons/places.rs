//! Where interpreters lie: on PATH, in the folders of pyenv and of uv.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::wanted::Version;

/// The folders that are looked through.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Those of PATH, in its order.
    pub path: Vec<PathBuf>,
    /// That of pyenv.
    pub pyenv: Option<PathBuf>,
    /// That in which uv keeps its Pythons.
    pub uv: Option<PathBuf>,
}

/// A file that may be an interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its path.
    pub path: PathBuf,
    /// The numbers in its name or its folder's: no interpreter of another version goes by them.
    pub hint: Vec<u8>,
}

static PROGRAM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:python|pypy)(\d+(?:\.\d+)?)?t?$").expect("valid"));
static VERSION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+(?:\.\d+)+").expect("valid"));

impl Places {
    /// Those that the environment names.
    pub fn of_the_system() -> Places {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = set("HOME");
        let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
        let data = set("XDG_DATA_HOME").or_else(|| below_home(".local/share"));
        Places {
            path: env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default(),
            pyenv: set("PYENV_ROOT").or_else(|| below_home(".pyenv")),
            uv: set("UV_PYTHON_INSTALL_DIR").or_else(|| Some(data?.join("uv/python"))),
        }
    }

    /// All that may be an interpreter, the likeliest first. What pyenv puts on PATH are no interpreters; they
    /// lead to one or the other of its own.
    pub fn candidates(&self) -> Vec<Candidate> {
        let shims = self.pyenv.as_ref().map(|root| root.join("shims"));
        let pyenv = || self.pyenv.iter().flat_map(|root| installations(&root.join("versions")));
        let on_path = self.path.iter().flat_map(|folder| match shims.as_ref() == Some(folder) {
            true => pyenv().collect(),
            false => programs(folder),
        });
        let mut found: Vec<Candidate> = Vec::new();
        for candidate in on_path.chain(pyenv()).chain(self.uv.iter().flat_map(|folder| installations(folder)))
        {
            if !found.contains(&candidate) {
                found.push(candidate);
            }
        }
        found
    }
}

impl Candidate {
    /// Whether its name does not speak against a version.
    pub fn may_be(&self, version: &Version) -> bool {
        self.hint.iter().zip(&version.parts).all(|(hint, part)| hint == part)
    }
}

/// The programs of a folder that are called like Python, the most exact name first.
fn programs(folder: &Path) -> Vec<Candidate> {
    let candidate = |name: String| {
        let hint = PROGRAM.captures(&name)?.get(1).map_or(Vec::new(), |version| numbers(version.as_str()));
        Some(Candidate { path: folder.join(name), hint })
    };
    let mut found: Vec<_> = names(folder).filter_map(candidate).collect();
    found.sort_by_key(|candidate| Reverse(candidate.hint.clone()));
    found
}

/// The interpreters of a folder with an installation in each of its folders, the newest first.
fn installations(folder: &Path) -> Vec<Candidate> {
    let candidate = |name: String| {
        let hint = VERSION.find(&name).map_or(Vec::new(), |version| numbers(version.as_str()));
        let path = folder.join(name).join("bin/python");
        let path = if path.exists() { path } else { path.with_file_name("python3") };
        path.exists().then_some(Candidate { path, hint })
    };
    let mut found: Vec<_> = names(folder).filter_map(candidate).collect();
    found.sort_by_key(|candidate| Reverse(candidate.hint.clone()));
    found
}

/// The names in a folder, in an order that is always the same.
fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names.into_iter()
}

fn numbers(version: &str) -> Vec<u8> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}
