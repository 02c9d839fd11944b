//! Discovery among made-up folders, whose interpreters are shell scripts. No real one has such versions.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::*;

/// A script cannot be started while it is open for writing, not even in a process that was just forked.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

struct Machine {
    folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Machine {
    fn new() -> Machine {
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        Machine { folder: tempfile::tempdir().expect("a folder"), _alone: alone }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
        path
    }

    /// A program that answers as this version of Python would.
    fn python(&self, name: &str, version: &str) -> PathBuf {
        self.answering(name, version, "cpython", "locked")
    }

    fn answering(&self, name: &str, version: &str, implementation: &str, threads: &str) -> PathBuf {
        let path = self.path(name);
        let facts = [
            format!("version {version}"),
            format!("implementation {implementation}"),
            format!("threads {threads}"),
            format!("executable {}", path.display()),
            format!("prefix {}", path.parent().expect("a folder").display()),
        ];
        self.script(name, &facts.map(|fact| format!("echo '{fact}'")).join("\n"))
    }

    fn places(&self) -> Places {
        Places {
            path: vec![self.path("first"), self.path("second")],
            pyenv: Some(self.path("pyenv")),
            uv: Some(self.path("uv")),
        }
    }

    fn find(&self, wanted: &[&str]) -> anyhow::Result<Vec<Interpreter>> {
        let wanted: Vec<_> = wanted.iter().map(|text| text.parse().expect("can be wanted")).collect();
        find(&wanted, &self.places())
    }

    /// Where what is found lies in the machine.
    fn found(&self, wanted: &str) -> String {
        let found = self.find(&[wanted]).unwrap_or_else(|error| panic!("{wanted}: {error:#}"));
        let inside = found[0].executable.strip_prefix(self.folder.path()).unwrap_or(&found[0].executable);
        inside.display().to_string()
    }
}

#[test]
fn path_comes_before_pyenv_and_that_before_uv() {
    let machine = Machine::new();
    machine.python("uv/cpython-3.70.9-linux-x86_64-gnu/bin/python3", "3.70.9");
    assert_eq!(machine.found("3.70"), "uv/cpython-3.70.9-linux-x86_64-gnu/bin/python3");
    machine.python("pyenv/versions/3.70.2/bin/python", "3.70.2");
    machine.python("pyenv/versions/3.70.11/bin/python", "3.70.11");
    assert_eq!(machine.found("3.70"), "pyenv/versions/3.70.11/bin/python", "of these the newest");
    machine.python("second/python3.70", "3.70.1");
    assert_eq!(machine.found("3.70"), "second/python3.70");
    machine.python("first/python3", "3.70.0");
    assert_eq!(machine.found("3.70"), "first/python3", "whatever it is called");
    assert_eq!(machine.found("3.70.2"), "pyenv/versions/3.70.2/bin/python", "as exact as it was asked for");
    machine.python("first/python3.70", "3.70.4");
    assert_eq!(machine.found("3.70"), "first/python3.70", "the most exact name of a folder");
}

#[test]
fn a_name_is_no_proof_and_only_what_may_be_it_is_asked() {
    let machine = Machine::new();
    machine.python("first/python3.71", "3.72.0");
    let asked = machine.path("asked");
    machine.script("first/python3.73", &format!("touch '{}'", asked.display()));
    machine.python("second/python", "3.71.0");
    assert_eq!(machine.found("3.71"), "second/python");
    assert!(!asked.exists());
}

#[test]
fn a_shim_is_what_it_leads_to() {
    let machine = Machine::new();
    let real = machine.python("pyenv/versions/3.74.0/bin/python", "3.74.0");
    machine.script("first/python", &format!("exec '{}' \"$@\"", real.display()));
    machine.script("first/python3.74", "echo 'python3.74: command not found' >&2; exit 127");
    let found = machine.find(&["3.74", machine.path("first/python").to_str().expect("UTF-8")]).unwrap();
    assert_eq!(found.len(), 1, "the same one asked for twice: {found:?}");
    assert_eq!(found[0].executable, real);
}

#[test]
fn shims_on_path_stand_for_all_that_pyenv_has() {
    let machine = Machine::new();
    let asked = machine.path("asked");
    machine.script("pyenv/shims/python3.78", &format!("touch '{}'", asked.display()));
    machine.python("pyenv/versions/3.78.1/bin/python", "3.78.1");
    machine.python("first/python3.78", "3.78.0");
    let wanted = ["3.78".parse().expect("a version")];
    let shims_first =
        Places { path: vec![machine.path("pyenv/shims"), machine.path("first")], ..machine.places() };
    let versions = |places| find(&wanted, places).unwrap().into_iter().map(|found| found.version);
    assert!(versions(&shims_first).eq(["3.78.1"]));
    assert!(versions(&machine.places()).eq(["3.78.0"]));
    assert!(!asked.exists());
}

#[test]
fn what_there_is_not_is_an_error_that_says_what_there_is() {
    let machine = Machine::new();
    machine.python("first/python3.75", "3.75.1");
    machine.python("second/python2", "2.7.18");
    machine.answering("uv/pypy-3.76.0-linux/bin/python", "3.76.0", "pypy", "locked");
    machine.answering("pyenv/versions/3.76.0t/bin/python", "3.76.0", "cpython", "free");
    let error = format!("{:#}", machine.find(&["3.76"]).unwrap_err());
    assert!(error.contains("no Python 3.76 "), "{error}");
    assert!(
        error.contains("3.75.1, 3.76.0t, pypy-3.76.0. ") || error.contains("3.75.1, pypy-3.76.0, 3.76.0t. "),
        "{error}"
    );
    assert!(!error.contains("2.7"), "{error}");
    assert_eq!(machine.found("pypy3.76"), "uv/pypy-3.76.0-linux/bin/python");
    assert_eq!(machine.found("3.76t"), "pyenv/versions/3.76.0t/bin/python");
}

#[test]
fn versions_that_the_runner_cannot_be_read_by_are_refused_by_name() {
    let machine = Machine::new();
    machine.python("first/python3.7", "3.7.17");
    let old = machine.python("first/python2.7", "2.7.18");
    for (wanted, version) in [("3.7.17", "3.7.17"), (old.to_str().expect("UTF-8"), "2.7.18")] {
        let error = format!("{:#}", machine.find(&[wanted]).unwrap_err());
        assert!(error.contains(&format!("is Python {version}: verify runs")), "{error}");
    }
}

#[test]
fn what_is_no_interpreter_is_said_and_not_waited_for() {
    let machine = Machine::new();
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let mute = machine.script("a/mute", "true");
    let broken = machine.script("a/broken", "exit 3");
    let endless = machine.script("a/endless", "sleep 60 & sleep 60");
    let started = Instant::now();
    for (program, words) in [
        (path(&mute), "not what a Python would"),
        (path(&broken), "exit status: 3"),
        (path(&endless), "no answer came"),
        (path(&machine.path("a/nothing")), "No such file"),
        (path(&machine.path("a")), "ermission denied"),
    ] {
        let error = format!("{:#}", machine.find(&[&program]).unwrap_err());
        assert!(error.contains(&program) && error.contains(words), "{error}");
    }
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn two_of_one_version_have_names_of_their_own() {
    let machine = Machine::new();
    let [one, two] = ["a", "b"].map(|folder| machine.python(&format!("{folder}/python"), "3.77.0"));
    symlink(&one, machine.path("link")).expect("a link");
    let wanted = [one, two, machine.path("link")].map(|path| path.to_str().expect("UTF-8").to_owned());
    let found = machine.find(&wanted.each_ref().map(String::as_str)).unwrap();
    let ids: Vec<_> = found.iter().map(|interpreter| interpreter.id.as_str()).collect();
    assert_eq!(ids, ["3.77.0", "3.77.0 (2)"]);
}

#[test]
fn the_embedded_one_is_known_and_an_environment_of_it_is_another() {
    let machine = Machine::new();
    let embedded = ask::who(Path::new(EMBEDDED)).expect("it answers");
    let found = machine.find(&[&dotted(&embedded), EMBEDDED]).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].is_embedded && found[0].implementation == "CPython");
    assert!(found[0].files.iter().any(|file| file.ends_with("bin") || file.is_dir()), "{found:?}");
    let environment = machine.path("environment");
    fs::create_dir_all(environment.join("bin")).expect("a folder");
    symlink(real(&embedded.executable), environment.join("bin/python")).expect("a link");
    let home = real(&embedded.executable).parent().expect("a folder").to_owned();
    fs::write(environment.join("pyvenv.cfg"), format!("home = {}\n", home.display())).expect("writable");
    let found = machine.find(&[environment.join("bin/python").to_str().expect("UTF-8"), EMBEDDED]).unwrap();
    assert_eq!(found.iter().map(|f| f.is_embedded).collect::<Vec<_>>(), [false, true]);
    assert!(found[0].files.contains(&environment), "{found:?}");
}
