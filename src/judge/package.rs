//! Packages that are not there, and those that are there and cannot be imported.

use std::path::Path;

use super::cause::missing_name;
use super::distributions::{distribution, is_shared};
use super::finding::Code;
use crate::environment::{self, Requirements, normal_name};
use crate::needs::Lack;
use crate::python::{Code as Python, is_standard};
use crate::run::Failure;

/// What a snippet was supplied with.
#[derive(Clone, Debug, Default)]
pub struct Packages {
    /// What it asks for.
    pub requirements: Requirements,
    /// Why it ran without any of it.
    pub failure: Option<environment::Failure>,
}

/// A module that was not found.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// Its name, with as much of its dots as is known.
    pub module: String,
    /// What the guide imports, where that imports something else that is missing.
    pub importer: Option<String>,
}

/// A distribution that is installed and has a module that cannot be imported by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// The distribution.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The newest version that there is for this Python, as far as somebody could be asked.
    pub newest: Option<String>,
    /// The Python.
    pub python: (u8, u8),
}

/// A finding's code, message and help.
type Words = (Code, String, String);

impl Missing {
    /// The module that an exception did not find. `code` is the guide's, which failed at a line (from 0).
    pub fn new(name: &str, code: Option<(&Python, usize)>) -> Missing {
        let imports = code.map(|(code, line)| code.imported_on(line)).unwrap_or_default();
        let own = |import: &&String| {
            import.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        // `google` alone says nothing, `google.cloud.storage` does.
        let named = imports.iter().filter(own).find(|import| distribution(import).is_some());
        let others = imports.first().filter(|_| !imports.iter().any(|import| own(&import)));
        let importer = others.map(|import| root(import).to_owned());
        Missing { module: named.map_or(name, String::as_str).to_owned(), importer }
    }

    /// The distribution to install, if Python itself does not have it.
    pub fn package(&self) -> &str {
        let shared = is_shared(&self.module) && self.module.contains('.');
        distribution(&self.module).unwrap_or(if shared { &self.module } else { root(&self.module) })
    }

    /// What supplies it; a part of Python cannot be.
    pub fn lack(&self) -> Option<Lack> {
        (!is_standard(root(&self.module))).then(|| Lack::Package(self.package().to_owned()))
    }

    /// The finding about it. `supplied` says how it is supplied.
    pub fn words(&self, packages: &Packages, supplied: Option<String>) -> Words {
        let (message, help) = match supplied {
            Some(supplied) => self.of_others(packages, &supplied),
            None => (
                format!("`{}` is a part of Python that this interpreter was built without", root(&self.module)),
                "install the rest of Python: on Debian and Ubuntu python3-tk, python3-gdbm and others hold such parts"
                    .to_owned(),
            ),
        };
        let by = self.importer.as_ref().map(|importer| format!(", and `{importer}` needs it"));
        (Code::MissingPackage, message + &by.unwrap_or_default(), help)
    }

    fn of_others(&self, packages: &Packages, supplied: &str) -> (String, String) {
        let package = self.package();
        let wanted = packages.requirements.contain(package);
        if let Some(failure) = packages.failure.as_ref().filter(|_| wanted) {
            return (format!("the package `{package}` is not installed: {}", failure.message), why(failure));
        }
        let named = |name: &&str| normal_name(name) == normal_name(package);
        let brings = match [root(&self.module), &self.module].iter().any(named) {
            true => String::new(),
            false => format!(", which brings `{}`", self.module),
        };
        (
            format!("the package `{package}` is not installed{brings}"),
            match &packages.failure {
                // What was asked for may have brought it.
                Some(failure) => format!("nothing could be installed: {}\n{}", failure.message, why(failure)),
                None => format!("have it installed: {}", supplied),
            },
        )
    }
}

/// What to do about a failure, with the installer's own words.
fn why(failure: &environment::Failure) -> String {
    let lines = std::iter::once(&failure.help).chain(&failure.said);
    lines.map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn root(module: &str) -> &str {
    module.split('.').next().unwrap_or_default()
}

/// The module that an exception did not find and that somebody else brings. Where what its name stands in was found,
/// the name is wrong.
pub fn not_found(failure: &Failure) -> Option<String> {
    let name = match failure.is_a("ModuleNotFoundError") {
        true => Some(missing_name(failure)),
        // A package says in its own words what it lacks.
        false => failure.lacking.clone().filter(|name| {
            ["ImportError", "RuntimeError"].contains(&failure.kind.as_str()) && failure.message.contains(name)
        }),
    };
    name.filter(|name| !name.contains('.') || is_shared(name))
}

/// The file of an installed package that could not be imported to its end, if that is what an exception tells.
/// Exceptions that a package has made itself do not: they are about how it is used.
pub fn broken_file(failure: &Failure) -> Option<&Path> {
    const OF_THE_LANGUAGE: [&str; 7] = [
        "AttributeError",
        "ImportError",
        "ModuleNotFoundError",
        "NameError",
        "SyntaxError",
        "TypeError",
        "ValueError",
    ];
    // A library of the system is missing, and no other Python would have it.
    let of_the_system = failure.message.contains("cannot open shared object file");
    let file = match failure.is_a("SyntaxError") {
        true => failure.filename.as_deref(),
        false => failure.importing.last().map(String::as_str),
    };
    let told = OF_THE_LANGUAGE.contains(&failure.kind.as_str()) && !of_the_system;
    file.filter(|_| told).map(Path::new).filter(|file| file.is_absolute())
}

impl Broken {
    /// Whether no version of it can be imported here.
    pub fn is_dead(&self) -> bool {
        self.newest.as_ref() == Some(&self.version)
    }

    /// The finding about it, where there would be another one without it.
    pub fn words(&self, headline: &str, otherwise: Words) -> Words {
        let Broken { name, version, newest, python: (major, minor) } = self;
        let (code, message, help) = otherwise;
        if self.is_dead() {
            let message = format!(
                "`{name}` {version}, its newest version, cannot be imported on Python {major}.{minor}: {headline}"
            );
            let lost = if code == Code::Raises { String::new() } else { format!("\n{help}") };
            let help =
                "use another package in its place, or an older version if that works, or say which Python the guide needs".to_owned();
            return (Code::DeadPackage, message, help + &lost);
        }
        let help = match newest {
            Some(newest) => format!(
                "{name} {version} cannot be imported, and {newest} is its newest version: require that"
            ),
            None => format!(
                "{name} {version} cannot be imported; whether a newer one can, the index knows: run without --offline\n{help}"
            ),
        };
        (code, message, help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(name: &str, code: &str) -> Missing {
        Missing::new(name, Some((&Python::parse(code), 0)))
    }

    #[test]
    fn the_guides_own_import_says_more_than_the_exception() {
        for (name, code, package, importer) in [
            ("google", "import google.cloud.storage as s", "google-cloud-storage", None),
            ("google", "from google.cloud import storage", "google-cloud-storage", None),
            ("google", "from google import protobuf", "protobuf", None),
            ("google", "import os, google.auth", "google-auth", None),
            ("yaml", "from yaml import *", "PyYAML", None),
            ("httpx", "import fastapi.testclient", "httpx", Some("fastapi")),
            ("cv2", "load()", "opencv-python", None),
        ] {
            let found = missing(name, code);
            assert_eq!((found.package(), found.importer.as_deref()), (package, importer), "{code}");
        }
    }

    #[test]
    fn what_is_missing_is_said_by_the_name_that_installs_it() {
        let words = |name: &str| missing(name, name).words(&Packages::default(), Some("add it".into()));
        assert_eq!(words("requests").1, "the package `requests` is not installed");
        assert_eq!(words("yaml").1, "the package `PyYAML` is not installed, which brings `yaml`");
        assert!(missing("tkinter", "").words(&Packages::default(), None).1.contains("was built without"));
        assert_eq!((missing("tkinter", "").lack(), missing("yaml", "").lack().is_some()), (None, true));
    }

    #[test]
    fn why_it_could_not_be_installed_is_said_of_what_was_asked_for() {
        let mut packages = Packages::default();
        packages.requirements.add("PyYAML[x]>=99").unwrap();
        let failure =
            environment::Failure::new(environment::FailureKind::NoSuchVersion, "none of 99", "take 6");
        packages.failure = Some(failure);
        let words = missing("yaml", "import yaml").words(&packages, Some("add it".into()));
        assert_eq!(
            (words.1.as_str(), words.2.as_str()),
            ("the package `PyYAML` is not installed: none of 99", "take 6")
        );
        let other = missing("six", "import six").words(&packages, Some("add it".into()));
        assert_eq!(other.1, "the package `six` is not installed");
        assert_eq!(other.2, "nothing could be installed: none of 99\ntake 6");
    }

    #[test]
    fn a_module_that_is_not_found_is_told_from_a_part_that_is_not_there() {
        let missing = |name: &str| Failure {
            name: Some(name.into()),
            bases: vec!["ModuleNotFoundError".into()],
            ..Failure::default()
        };
        assert_eq!(not_found(&missing("yaml")).as_deref(), Some("yaml"));
        assert_eq!(not_found(&missing("google.cloud")).as_deref(), Some("google.cloud"));
        assert_eq!(not_found(&missing("os.nothing")), None);
        let says = |kind: &str, message: &str| Failure {
            kind: kind.into(),
            lacking: Some("httpx".into()),
            message: message.into(),
            ..Failure::default()
        };
        assert_eq!(not_found(&says("RuntimeError", "this needs httpx")).as_deref(), Some("httpx"));
        assert_eq!(not_found(&says("RuntimeError", "no settings")), None);
        assert_eq!(not_found(&says("TypeError", "httpx")), None);
    }

    #[test]
    fn only_errors_of_the_language_tell_of_a_broken_file() {
        let failure = |kind: &str, message: &str| Failure {
            kind: kind.into(),
            message: message.into(),
            importing: vec!["/p/a.py".into(), "/p/b.py".into()],
            ..Failure::default()
        };
        assert_eq!(broken_file(&failure("TypeError", "duplicate base class")), Some(Path::new("/p/b.py")));
        assert_eq!(broken_file(&failure("ImproperlyConfigured", "no settings")), None);
        assert_eq!(
            broken_file(&failure("ImportError", "libGL.so.1: cannot open shared object file: No such")),
            None
        );
        let plain = Failure { importing: vec![], ..failure("TypeError", "") };
        assert_eq!(broken_file(&plain), None);
    }

    #[test]
    fn a_package_is_dead_only_in_its_newest_version() {
        let words = |newest: Option<&str>| {
            let newest = newest.map(str::to_owned);
            let broken = Broken { name: "old".into(), version: "1".into(), newest, python: (3, 12) };
            broken.words("TypeError: x", (Code::Raises, "this raises".into(), "say so".into()))
        };
        let dead = "`old` 1, its newest version, cannot be imported on Python 3.12: TypeError: x";
        assert_eq!((words(Some("1")).0, words(Some("1")).1.as_str()), (Code::DeadPackage, dead));
        assert_eq!((words(Some("2")).0, words(Some("2")).1.as_str()), (Code::Raises, "this raises"));
        assert!(words(Some("2")).2.contains("2 is its newest version"));
        assert!(words(None).2.contains("--offline") && words(None).2.ends_with("say so"));
    }
}
