//! The programs that install: uv where it is on PATH, else the interpreter's own venv and pip.
//!
//! They run outside of the sandbox, and packages are strangers' code, so nothing of a package is run here: only
//! wheels are installed where building is not allowed, and once a package is in an environment, nothing starts
//! the environment's own interpreter any more, which would run whatever the package has put in its way.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use pep508_rs::VersionOrUrl;
use pep508_rs::pep440_rs::Version;

use super::failure::{self, Failure, Kind};
use super::process::{Done, run};
use super::requirements::{Requirements, normal_name, parse};
use super::{Interpreter, python_in};

/// Wheels alone: to install one is to copy its files.
const WHEELS_ONLY: [&str; 2] = ["--only-binary", ":all:"];
/// What the user may have set and would have packages land elsewhere.
const MISLEADING: [&str; 7] =
    ["PIP_PREFIX", "PIP_ROOT", "PIP_TARGET", "PIP_USER", "PIP_PYTHON", "PIP_DRY_RUN", "PIP_REPORT"];
/// What an installer needs to know beside the user's own settings. A link to a file of uv's cache would lead out
/// of what a run may read.
const SET: [(&str, &str); 6] = [
    ("UV_LINK_MODE", "clone"),
    ("UV_PYTHON_DOWNLOADS", "never"),
    ("UV_NO_PROGRESS", "1"),
    ("UV_NO_WRAP", "1"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("NO_COLOR", "1"),
];

/// What packages are installed with.
#[derive(Clone, Debug, PartialEq)]
pub enum Installer {
    /// uv, at this path.
    Uv(PathBuf),
    /// The pip of this interpreter, which has nothing else.
    Pip(PathBuf),
}

/// What an environment is made from.
pub struct Order<'a> {
    /// The interpreter that it is for.
    pub python: &'a Interpreter,
    /// What is installed.
    pub requirements: &'a Requirements,
    /// Its folder, in which the lists of what is installed are kept too.
    pub prefix: &'a Path,
    /// Held as long as anything works on it.
    pub lock: &'a File,
    /// Whether nothing may be fetched.
    pub offline: bool,
}

/// The uv on PATH.
pub fn uv() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join("uv")).find(|uv| uv.is_file())
}

/// Makes a folder with an interpreter that has a pip to install elsewhere with.
pub fn make_pip(python: &Interpreter, prefix: &Path, lock: &File) -> Result<(), Failure> {
    let above = prefix.parent().unwrap_or(prefix);
    let mut make = isolated(&python.executable, above, "venv");
    make.arg("--without-pip").arg(prefix);
    done(make, lock, python)?;
    // Asked for it by itself, Python says why it cannot.
    let mut own = isolated(&python_in(prefix), prefix, "ensurepip");
    own.arg("--default-pip");
    done(own, lock, python)?;
    // Before, it could not install elsewhere.
    let mut renew = isolated(&python_in(prefix), prefix, "pip");
    renew.args(["install", "--quiet", "pip>=22.3"]);
    done(renew, lock, python)
}

fn done(command: Command, lock: &File, python: &Interpreter) -> Result<(), Failure> {
    let done = run(command, Some(lock))?;
    if done.succeeded { Ok(()) } else { Err(failure::understand(&done.said, &python.version)) }
}

impl Installer {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Installer::Uv(_) => "uv",
            Installer::Pip(_) => "pip",
        }
    }

    /// Makes an environment and installs what is required.
    pub fn install(&self, order: &Order<'_>) -> Result<(), Failure> {
        done(self.make(order), order.lock, order.python)?;
        let lists = write_lists(order).map_err(|error| super::cache::unwritable(order.prefix, &error))?;
        let done = run(self.fill(order, &lists), Some(order.lock))?;
        match done.succeeded {
            true => compile(order),
            false => Err(self.understand(&done, order)),
        }
    }

    /// The newest version that the index has for an interpreter. None where that cannot be told.
    pub fn newest(&self, python: &Interpreter, distribution: &str, allow_source: bool) -> Option<String> {
        let place = tempfile::tempdir().ok()?;
        let mut command = match self {
            Installer::Uv(uv) => {
                let list = place.path().join("requirements.in");
                std::fs::write(&list, format!("{distribution}\n")).ok()?;
                let mut command = clean(uv, place.path());
                command.args(["pip", "compile", "--no-deps", "--no-header", "--no-annotate", "--quiet"]);
                command.arg("--python").arg(&python.executable).arg(list);
                command
            }
            Installer::Pip(pip) => ask_index(pip, place.path(), distribution),
        };
        command.args(WHEELS_ONLY.iter().filter(|_| !allow_source));
        let out = run(command, None).ok().filter(|done| done.succeeded)?.out;
        out.lines().find_map(|line| version_of(line, distribution))
    }

    /// Makes an environment without packages.
    fn make(&self, order: &Order<'_>) -> Command {
        let above = order.prefix.parent().unwrap_or(order.prefix);
        let mut command = match self {
            Installer::Uv(uv) => {
                let mut command = clean(uv, above);
                command.arg("venv").arg("--python").arg(&order.python.executable);
                command
            }
            Installer::Pip(_) => {
                let mut command = isolated(&order.python.executable, above, "venv");
                command.arg("--without-pip");
                command
            }
        };
        command.arg(order.prefix);
        command
    }

    /// Installs what the lists say.
    fn fill(&self, order: &Order<'_>, lists: &[PathBuf; 2]) -> Command {
        let python = python_in(order.prefix);
        let mut command = match self {
            Installer::Uv(uv) => {
                let mut command = clean(uv, order.prefix);
                command.args(["pip", "install", "--python"]).arg(python);
                command
            }
            Installer::Pip(pip) => {
                let mut command = isolated(pip, order.prefix, "pip");
                command.arg("--python").arg(python);
                command.args(["install", "--no-input", "--progress-bar", "off"]);
                command
            }
        };
        command.arg("-r").arg(&lists[0]);
        if order.requirements.constraints().next().is_some() {
            command.arg("-c").arg(&lists[1]);
        }
        command.args(WHEELS_ONLY.iter().filter(|_| !order.requirements.allows_source()));
        let offline = if matches!(self, Installer::Uv(_)) { "--offline" } else { "--no-index" };
        command.args(order.offline.then_some(offline));
        command
    }

    fn understand(&self, done: &Done, order: &Order<'_>) -> Failure {
        let version = &order.python.version;
        let failure = failure::understand(&done.said, version);
        let kind = match (self, &failure.subject, failure.kind) {
            (.., kind) if order.offline && kind != Kind::DiskFull => Kind::Offline,
            (Installer::Pip(pip), Some(subject), Kind::NoSuchVersion) => what_pip_means(pip, subject, order),
            (.., kind) => kind,
        };
        Failure { said: failure.said, ..failure::in_words(kind, failure.subject.as_deref(), version) }
    }
}

/// pip has the same words for a name that nobody uses, for a version that there is not, and for one without a
/// wheel.
fn what_pip_means(pip: &Path, subject: &str, order: &Order<'_>) -> Kind {
    let Ok(requirement) = parse(subject) else { return Kind::NoSuchVersion };
    let asked = ask_index(pip, order.prefix, requirement.name.as_ref());
    let Ok(known) = run(asked, None) else { return Kind::NoSuchVersion };
    let versions = known.out.lines().find_map(|line| line.strip_prefix("Available versions: "));
    let meets = |version: &str| match &requirement.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(wanted)) => {
            version.parse().is_ok_and(|version: Version| wanted.contains(&version))
        }
        _ => true,
    };
    match versions {
        Some(versions) if versions.split(", ").any(meets) => Kind::NoWheel,
        Some(_) => Kind::NoSuchVersion,
        None if known.said.contains("No matching distribution found") => Kind::NoSuchDistribution,
        None => Kind::NoSuchVersion,
    }
}

fn ask_index(pip: &Path, folder: &Path, distribution: &str) -> Command {
    let mut command = isolated(pip, folder, "pip");
    command.args(["index", "versions", distribution]);
    command
}

/// The version that a line of an installer's answer names: `six==1.17.0`, `six (1.17.0)`.
fn version_of(line: &str, distribution: &str) -> Option<String> {
    let (name, version) = line.split_once("==").or_else(|| line.strip_suffix(')')?.split_once(" ("))?;
    (normal_name(name.trim()) == normal_name(distribution)).then(|| version.trim().to_owned())
}

/// A program with the user's own settings, in a folder where no project's settings are found.
fn clean(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).envs(SET);
    for name in MISLEADING {
        command.env_remove(name);
    }
    command
}

/// A module of an interpreter, which imports nothing from the folder or from what the user's variables name.
fn isolated(python: &Path, folder: &Path, module: &str) -> Command {
    let mut command = clean(python, folder);
    command.args(["-I", "-m", module]);
    command
}

fn write_lists(order: &Order<'_>) -> io::Result<[PathBuf; 2]> {
    let lists = ["requirements.txt", "constraints.txt"].map(|name| order.prefix.join(name));
    let text = |lines: Vec<&str>| lines.join("\n") + "\n";
    std::fs::write(&lists[0], text(order.requirements.packages().collect()))?;
    std::fs::write(&lists[1], text(order.requirements.constraints().collect()))?;
    Ok(lists)
}

/// Compiles what was installed, which no run may do for the next one. What does not compile is left as it is. The
/// interpreter that does it is not the environment's, and knows nothing of what lies there.
fn compile(order: &Order<'_>) -> Result<(), Failure> {
    let mut command = clean(&order.python.executable, order.prefix);
    command.args(["-I", "-S", "-m", "compileall", "-q", "-j", "0"]).arg(order.prefix.join("lib"));
    run(command, Some(order.lock)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_either_answer() {
        assert_eq!(version_of("ruamel-yaml==0.18.6", "ruamel.yaml").as_deref(), Some("0.18.6"));
        assert_eq!(version_of("PyYAML (6.0.2)", "pyyaml").as_deref(), Some("6.0.2"));
        assert_eq!(version_of("Available versions: 6.0.2, 6.0.1", "pyyaml"), None);
        assert_eq!(version_of("other==1", "six"), None);
    }
}
