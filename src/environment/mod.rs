//! What snippets need to be installed, and where it is: from requirements to a folder with an interpreter that
//! has them.
//!
//! There is one environment for each set of requirements and interpreter. It is made once, kept in a cache folder
//! and found again by what it was made from. Why one is not to be had is data: [`Failure`].

mod cache;
mod failure;
mod file;
mod group;
mod installed;
mod installer;
mod process;
mod requirements;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use serde::Serialize;

pub use cache::folder as cache_folder;
pub use failure::{Failure, Kind as FailureKind};
pub use installed::Distribution;
pub use requirements::{Requirements, normal_name};

use cache::Slot;
use installer::{Installer, Order};

/// Says what is being done, in a few words; nothing when it is done.
pub type Say = Box<dyn Fn(&str) + Send + Sync>;

/// Environments of all requirements, in one cache folder.
pub struct Environments {
    cache: PathBuf,
    offline: bool,
    uv: Option<PathBuf>,
    say: Mutex<Say>,
    interpreters: Mutex<HashMap<PathBuf, Interpreter>>,
    newest: Mutex<HashMap<(PathBuf, String), Option<String>>>,
}

/// An environment that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Its folder.
    pub prefix: PathBuf,
    /// The executable of its interpreter.
    pub python: PathBuf,
}

/// An interpreter that environments are made for.
#[derive(Clone, Debug)]
struct Interpreter {
    executable: PathBuf,
    version: String,
}

/// All that an environment depends on. Its hash is the environment's name.
#[derive(Serialize)]
struct MadeFrom<'a> {
    python: &'a Path,
    version: &'a str,
    way: &'a str,
    requirements: &'a Requirements,
}

impl Environments {
    /// Environments in a cache folder. `offline` uses what is there and fetches nothing.
    pub fn new(cache: PathBuf, offline: bool) -> Environments {
        let (interpreters, newest) = Default::default();
        let say: Say = Box::new(|_| ());
        Environments { cache, offline, uv: installer::uv(), say: say.into(), interpreters, newest }
    }

    /// From now on what is being done is said to this listener.
    pub fn tell(&self, say: Say) {
        *self.say.lock().expect("no panic holds it") = say;
    }

    fn say(&self, what: &str) {
        (self.say.lock().expect("no panic holds it"))(what);
    }

    /// The environment of an interpreter, given its executable, in which the requirements are installed. It is
    /// made if it is not there, which takes its time.
    pub fn environment(&self, python: &Path, requirements: &Requirements) -> Result<Environment, Failure> {
        let python = self.interpreter(python)?;
        refuse(&python, requirements)?;
        let names: Vec<_> = requirements.packages().collect();
        let installer = self.installer(&python)?;
        let offline = self.offline;
        let prefix =
            self.made(&python, installer.name(), requirements, &names.join(", "), &|prefix, lock| {
                installer.install(&Order { python: &python, requirements, prefix, lock, offline })
            })?;
        Ok(Environment { python: python_in(&prefix), prefix })
    }

    /// What installs packages for an interpreter: uv, or else a pip apart from them.
    fn installer(&self, python: &Interpreter) -> Result<Installer, Failure> {
        if let Some(uv) = &self.uv {
            return Ok(Installer::Uv(uv.clone()));
        }
        let make = |prefix: &Path, lock: &File| installer::make_pip(python, prefix, lock);
        let prefix = self.made(python, "venv", &Requirements::default(), "pip", &make)?;
        Ok(Installer::Pip(python_in(&prefix)))
    }

    /// The folder that is made in some way for an interpreter, made if it is not there.
    fn made(
        &self,
        python: &Interpreter,
        way: &str,
        requirements: &Requirements,
        what: &str,
        make: &dyn Fn(&Path, &File) -> Result<(), Failure>,
    ) -> Result<PathBuf, Failure> {
        // The same interpreter under another name is the same.
        let real = python.executable.canonicalize().unwrap_or_else(|_| python.executable.clone());
        let from = MadeFrom { python: &real, version: &python.version, way, requirements };
        let slot = Slot::new(&self.cache, &from);
        if slot.is_whole() {
            return Ok(slot.prefix);
        }
        let _said = Said(self);
        let lock = slot.lock(&|| self.say("waiting for another verify that installs packages"))?;
        if !slot.is_whole() {
            self.say(&format!("installing {what}"));
            slot.clear()?;
            make(&slot.prefix, &lock).and_then(|()| slot.finish(&from)).inspect_err(|_| {
                // Of half an environment nobody has any use.
                let _ = slot.clear();
            })?;
        }
        Ok(slot.prefix)
    }

    /// The newest version of a distribution that there is for an interpreter, given its executable. None where
    /// that cannot be told: offline, or without an answer.
    pub fn newest(&self, python: &Path, distribution: &str, allow_source: bool) -> Option<String> {
        if self.offline {
            return None;
        }
        let key = (python.to_owned(), normal_name(distribution));
        let mut known = self.newest.lock().expect("no panic holds it");
        known
            .entry(key)
            .or_insert_with(|| {
                let _said = Said(self);
                self.say(&format!("looking for the newest {distribution}"));
                let python = self.interpreter(python).ok()?;
                self.installer(&python).ok()?.newest(&python, distribution, allow_source)
            })
            .clone()
    }

    /// What an executable says about itself, asked once.
    fn interpreter(&self, executable: &Path) -> Result<Interpreter, Failure> {
        let mut known = self.interpreters.lock().expect("no panic holds it");
        if let Some(interpreter) = known.get(executable) {
            return Ok(interpreter.clone());
        }
        let mut command = Command::new(executable);
        command.args(["-I", "-S", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]);
        let done = process::run(command, None)
            .map_err(|failure| Failure { kind: FailureKind::NoInterpreter, ..failure })?;
        if !done.succeeded {
            let message = format!("{} is no Python that works", executable.display());
            let help = "give the path of another interpreter";
            return Err(Failure::new(FailureKind::NoInterpreter, message, help).with_words(&done.said));
        }
        let interpreter =
            Interpreter { executable: executable.to_owned(), version: done.out.trim().to_owned() };
        known.insert(executable.to_owned(), interpreter.clone());
        Ok(interpreter)
    }
}

/// Takes back what was said last.
struct Said<'a>(&'a Environments);

impl Drop for Said<'_> {
    fn drop(&mut self) {
        self.0.say("");
    }
}

/// What no installer need be asked about.
fn refuse(python: &Interpreter, requirements: &Requirements) -> Result<(), Failure> {
    if let Some(condition) = requirements.refuses(&python.version) {
        let message = format!("Python {condition} is required, and this is {}", python.version);
        return Err(Failure::new(
            FailureKind::OtherPython,
            message,
            "run the guide on a Python that meets it",
        ));
    }
    if let Some(elsewhere) = requirements.elsewhere() {
        let message = format!("`{elsewhere}` names a place and no version");
        let help = "require a version from the index, or allow building from source (allow-source): that runs the \
                    package's code outside of the sandbox";
        return Err(Failure::new(FailureKind::Elsewhere, message, help).about(elsewhere));
    }
    Ok(())
}

/// The interpreter of an environment.
fn python_in(prefix: &Path) -> PathBuf {
    prefix.join("bin/python")
}
