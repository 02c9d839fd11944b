//! A folder of distributions in the place of the index, and a cache of the test's own.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::json;
use verify::pythons::EMBEDDED;

use crate::common::{Done, Place};

const WHEEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/packages/wheel.py");

/// What installs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum With {
    /// The uv on PATH.
    Uv,
    /// The interpreter's pip, since there is nothing on PATH.
    Pip,
}

impl With {
    /// Those that are there. Says which is not.
    pub fn all() -> Vec<With> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let has_uv = std::env::split_paths(&path).any(|folder| folder.join("uv").is_file());
        if !has_uv {
            eprintln!("not tried with uv: there is none on PATH");
        }
        [With::Pip].into_iter().chain(has_uv.then_some(With::Uv)).collect()
    }
}

/// A folder that only has what the interpreter's pip is kept in: to make that takes longer than all that a test does.
fn pips() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pips");
        let place = Place::new();
        place.write("guide.md", "```python\n# /// script\n# dependencies = ['nothing']\n# ///\n```\n");
        let mut verify = Command::new(env!("CARGO_BIN_EXE_verify"));
        verify.arg("guide.md").current_dir(place.path(".")).env("PATH", "/nothing").env("PIP_NO_INDEX", "1");
        verify.env("XDG_CACHE_HOME", &cache).env_remove("PIP_FIND_LINKS").output().expect("verify starts");
        cache.join("verify/environments")
    })
}

/// A place for guides with a shelf of distributions.
pub struct Shelf {
    /// Where the guides are.
    pub place: Place,
    cache: tempfile::TempDir,
    with: With,
    from_index: bool,
}

impl Shelf {
    /// With nothing on it.
    pub fn new(with: With) -> Shelf {
        let place = Place::new();
        std::fs::create_dir_all(place.path("shelf")).expect("a folder");
        let cache = tempfile::tempdir().expect("a folder");
        if with == With::Pip {
            let environments = cache.path().join("verify/environments");
            std::fs::create_dir_all(&environments).expect("a folder");
            for entry in std::fs::read_dir(pips()).into_iter().flatten().flatten() {
                symlink(entry.path(), environments.join(entry.file_name())).expect("a link");
            }
        }
        Shelf { place, cache, with, from_index: false }
    }

    /// The real index in its place.
    pub fn of_the_index(with: With) -> Shelf {
        Shelf { from_index: true, ..Shelf::new(with) }
    }

    /// Puts a distribution on it.
    pub fn put(&self, name: &str, version: &str, requirements: &[&str], files: &[(&str, &str)]) {
        let files: serde_json::Map<_, _> =
            files.iter().map(|(path, text)| ((*path).to_owned(), json!(text))).collect();
        let all = json!([self.place.path("shelf"), name, version, requirements, files]);
        let made =
            Command::new(EMBEDDED).args(["-I", WHEEL, &all.to_string()]).status().expect("Python starts");
        assert!(made.success());
    }

    /// Writes `guide.md`: snippets, each with what its metadata ask for, in three lines.
    pub fn write(&self, snippets: &[(&[&str], &str)]) {
        let snippet = |(requirements, code): &(&[&str], &str)| {
            let script = format!("# /// script\n# dependencies = {requirements:?}\n# ///\n");
            let script = if requirements.is_empty() { "" } else { &script };
            format!("```python\n{script}{code}\n```\n")
        };
        let guide: Vec<_> = snippets.iter().map(snippet).collect();
        self.place.write("guide.md", guide.join("\n"));
    }

    /// verify on `guide.md`.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_verify"));
        command.arg("guide.md").args(arguments).current_dir(self.place.path("."));
        command.env("XDG_CACHE_HOME", self.cache.path());
        if !self.from_index {
            let shelf = self.place.path("shelf");
            command.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", &shelf);
            self.place.write("uv.toml", format!("no-index = true\nfind-links = [{shelf:?}]\n"));
            command.env("UV_CONFIG_FILE", self.place.path("uv.toml"));
        }
        if self.with == With::Pip {
            command.env("PATH", "/nothing");
        }
        command
    }

    /// Runs it.
    pub fn verify(&self, arguments: &[&str]) -> Done {
        Done(self.command(arguments).output().expect("verify starts"))
    }

    /// Where it keeps packages.
    pub fn cache(&self) -> &Path {
        self.cache.path()
    }

    /// The lines of its report about findings and claims.
    pub fn said(&self, arguments: &[&str]) -> String {
        let done = self.verify(&[&["--format", "concise", "-v"], arguments].concat());
        done.stdout() + &done.stderr()
    }

    /// Starts it.
    pub fn start(&self) -> Child {
        let mut command = self.command(&["--format", "json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("verify starts")
    }

    /// The environments that are there, whole or not, but those that only have a pip.
    pub fn environments(&self) -> Vec<PathBuf> {
        let folder = self.cache.path().join("verify/environments");
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut found: Vec<_> = entries.filter(|path| path.join("requirements.txt").is_file()).collect();
        found.sort();
        found
    }

    /// Where an environment has its packages.
    pub fn packages(environment: &Path) -> PathBuf {
        let lib = environment.join("lib");
        let folder = std::fs::read_dir(lib).expect("a folder").flatten().next().expect("a version's");
        folder.path().join("site-packages")
    }
}
