//! From keys as they are written to what they mean: paths are looked for, texts are read, and what is not
//! possible is told at its place.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::PROJECT;
use super::{Config, folder_shown, shown};
use crate::environment::Requirements;
use crate::keys::{Keys, Placed, Problem, Text, TextOr};
use crate::limits;
use crate::needs::{Content, Database, Fixture, Needs, Setup, is_inside};

/// The system takes no longer one.
const LONGEST_PATH: usize = 1000;

/// What comes of reading keys.
pub type Done<T = ()> = Result<T, Problem>;

/// Where keys are written.
pub struct Written<'a> {
    /// Where their paths start; nowhere without a configuration.
    folder: Option<&'a Path>,
    /// The configuration's file; none in a guide.
    file: Option<String>,
    /// The line at which the text begins.
    line: usize,
    text: &'a str,
}

impl<'a> Written<'a> {
    /// In a configuration.
    pub fn in_config(config: &'a Config) -> Written<'a> {
        let file = Some(shown(&config.file));
        Written { folder: Some(&config.folder), file, line: 1, text: &config.text }
    }

    /// In a directive at a line of a guide.
    pub fn in_guide(config: Option<&'a Config>, line: usize, text: &'a str) -> Written<'a> {
        let folder = config.map(|config| config.folder.as_path());
        Written { folder, file: None, line, text }
    }

    /// A guide may be a stranger's.
    fn is_guide(&self) -> bool {
        self.file.is_none()
    }

    /// Adds what the keys say to what was said further away.
    pub fn add(&self, keys: &Keys, needs: &mut Needs) -> Done {
        few(keys)?;
        self.add_packages(keys, needs)?;
        for service in &keys.services {
            add_once(&mut needs.services, *service.value());
        }
        for (target, text) in &keys.files {
            let fixture = Fixture { path: self.target(target)?, content: self.content(text)? };
            put(&mut needs.files, fixture, |file| &file.path);
        }
        if let Some(target) = keys.files.keys().next() {
            check_nesting(target, needs)?;
        }
        for (name, value) in &keys.env {
            needs.env.insert(variable(name)?, without_nul(value)?);
        }
        if let Some(text) = &keys.stdin {
            needs.stdin = Some(self.text(text)?);
        }
        if let Some(text) = &keys.setup {
            needs.setup =
                vec![Setup { code: self.text(text.value())?, place: self.place(text), imports: false }];
        }
        for (target, text) in &keys.sqlite {
            let (path, sql) = (self.target(target)?, self.text(text.value())?);
            put(&mut needs.sqlite, Database { path, sql, place: self.place(text) }, |database| {
                &database.path
            });
        }
        for (url, answer) in &keys.http {
            put(&mut needs.http, self.page(url, answer)?, |page| &page.url);
        }
        if let Some(seconds) = &keys.timeout {
            needs.timeout = Some(self.timeout(seconds, needs.time())?);
        }
        if let Some(reason) = &keys.skip {
            needs.skip = Some(said(reason)?);
        }
        Ok(())
    }

    fn add_packages(&self, keys: &Keys, needs: &mut Needs) -> Done {
        for package in &keys.packages {
            add_once(&mut needs.packages, self.requirement(package)?);
        }
        for path in &keys.requirements {
            let file = self.file(path)?;
            let folder = self.folder.unwrap_or(Path::new("/"));
            let read = Requirements::default().add_file(&file, folder);
            read.or_else(|error| problem(path, error))?;
            add_once(&mut needs.requirements, file);
        }
        for group in &keys.groups {
            self.check_group(group)?;
            add_once(&mut needs.groups, group.value().clone());
        }
        if let Some(allow) = &keys.allow_source {
            if self.is_guide() {
                return problem(
                    allow,
                    "only a configuration can allow that packages are built: that runs their code outside of the sandbox",
                );
            }
            needs.allow_source = *allow.value();
        }
        Ok(())
    }

    /// A package as PEP 508 writes it.
    fn requirement(&self, package: &Placed<String>) -> Done<String> {
        let mut read = Requirements::default();
        if let Err(error) = read.add(package.value()) {
            return problem(
                package,
                format!("{error}: write a name and perhaps versions, as in `PyYAML>=6`"),
            );
        }
        match self.is_guide() && read.elsewhere().is_some() {
            true => problem(
                package,
                "a directive installs packages by name and version only: a URL or path belongs into the configuration",
            ),
            false => Ok(package.value().trim().to_owned()),
        }
    }

    /// Whether the configuration's folder has a dependency group.
    fn check_group(&self, group: &Placed<String>) -> Done {
        let Some(folder) = self.folder else {
            return problem(
                group,
                "a group is one of a pyproject.toml beside the configuration, and there is none",
            );
        };
        let project = folder.join(PROJECT);
        let text = std::fs::read_to_string(&project);
        let text =
            text.or_else(|error| problem(group, format!("{} cannot be read: {error}", shown(&project))))?;
        Requirements::default().add_group(&text, group.value()).or_else(|error| problem(group, error))
    }

    /// Where a fixture is put.
    fn target(&self, target: &Placed<String>) -> Done<String> {
        let path = target.value();
        match is_inside(path) && path.len() <= LONGEST_PATH {
            true => Ok(path.clone()),
            false => problem(
                target,
                format!(
                    "`{path}` lies outside of the snippet's folder: write a short path in it, without `..`"
                ),
            ),
        }
    }

    fn content(&self, text: &Text) -> Done<Content> {
        match text {
            TextOr::Text(text) => Ok(Content::Inline(text.as_str().into())),
            TextOr::Table(from) => self.source(&from.path).map(Content::From),
        }
    }

    fn text(&self, text: &Text) -> Done<Arc<str>> {
        match text {
            TextOr::Text(text) => Ok(text.as_str().into()),
            TextOr::Table(from) => {
                let file = self.file(&from.path)?;
                std::fs::read_to_string(&file).map(Arc::from).or_else(|error| {
                    problem(&from.path, format!("{} cannot be read as a text: {error}", shown(&file)))
                })
            }
        }
    }

    /// A file or a folder that something is read from.
    fn source(&self, written: &Placed<String>) -> Done<PathBuf> {
        let path = written.value();
        let Some(folder) = self.folder else {
            return problem(
                written,
                "a path starts at the configuration's folder, and there is no configuration: add a verify.toml beside the guide",
            );
        };
        if !is_inside(path) {
            let message = format!(
                "`{path}` leads out of the configuration's folder: write a path from there, without `..`"
            );
            return problem(written, message);
        }
        let hidden =
            |part| matches!(part, Component::Normal(name) if name.as_encoded_bytes().starts_with(b"."));
        if Path::new(path).components().any(hidden) {
            let message =
                format!("`{path}` is hidden, and what is hidden is given to no snippet: use another name");
            return problem(written, message);
        }
        let Ok(whole) = folder.join(path).canonicalize() else {
            let message =
                format!("there is no `{path}` in {}: create it, or correct the path", folder_shown(folder));
            return problem(written, message);
        };
        match whole.starts_with(folder) {
            true => Ok(whole),
            false => {
                problem(written, format!("`{path}` is a link that leads out of the configuration's folder"))
            }
        }
    }

    pub(super) fn file(&self, written: &Placed<String>) -> Done<PathBuf> {
        let path = self.source(written)?;
        match path.is_file() {
            true => Ok(path),
            false => problem(written, format!("`{}` is not a file", written.value())),
        }
    }

    /// A guide can give a snippet less time than there is, never more.
    fn timeout(&self, seconds: &Placed<f64>, most: Duration) -> Done<Duration> {
        let number = *seconds.value();
        if !(number > 0.0 && number <= limits::LONGEST_TIMEOUT) {
            let message =
                format!("a time limit is more than 0 and at most {} seconds", limits::LONGEST_TIMEOUT);
            return problem(seconds, message);
        }
        let wanted = Duration::from_secs_f64(number);
        match self.is_guide() && wanted > most {
            false => Ok(wanted),
            true => problem(
                seconds,
                format!(
                    "a directive can only shorten the time limit of {} seconds: raise it in the configuration",
                    most.as_secs_f64()
                ),
            ),
        }
    }

    /// Where a text is written: the file that it comes from, else the line.
    fn place(&self, text: &Placed<Text>) -> String {
        match text.value() {
            TextOr::Table(from) => from.path.value().clone(),
            TextOr::Text(_) => {
                let line = Problem::new(text.at(), "").line_and_column(self.text).0;
                let line = self.line + line - 1;
                match &self.file {
                    Some(file) => format!("{file}:{line}"),
                    None => format!("line {line}"),
                }
            }
        }
    }
}

/// Nobody who means it gives a snippet more; whatever is done with them can be simple.
fn few(keys: &Keys) -> Done {
    const MOST: usize = limits::MOST_GIVEN;
    let beyond = [
        keys.packages.get(MOST).map(Placed::at),
        keys.requirements.get(MOST).map(Placed::at),
        keys.groups.get(MOST).map(Placed::at),
        keys.files.keys().nth(MOST).map(Placed::at),
        keys.env.keys().nth(MOST).map(Placed::at),
        keys.sqlite.keys().nth(MOST).map(Placed::at),
        keys.http.keys().nth(MOST).map(Placed::at),
    ];
    match beyond.into_iter().flatten().next() {
        Some(at) => {
            Err(Problem::new(at, format!("this is more than {MOST} of a kind: give the snippet less")))
        }
        None => Ok(()),
    }
}

/// What was said about files may put one where another has a folder.
fn check_nesting(at: &Placed<String>, needs: &Needs) -> Done {
    let is_file = |fixture: &&Fixture| match &fixture.content {
        Content::Inline(_) => true,
        Content::From(path) => path.is_file(),
    };
    let files: HashSet<_> = needs.files.iter().filter(is_file).map(|file| Path::new(&file.path)).collect();
    let above = |fixture: &'_ Fixture| {
        let found = Path::new(&fixture.path).ancestors().skip(1).find(|folder| files.contains(folder));
        found.map(|folder| folder.display().to_string())
    };
    match needs.files.iter().find_map(above) {
        Some(path) => {
            problem(at, format!("`{path}` cannot be both a file and a folder: rename one of the two"))
        }
        None => Ok(()),
    }
}

/// A problem with something that is written.
pub fn problem<T, P>(at: &Placed<P>, message: impl Into<String>) -> Done<T> {
    Err(Problem::new(at.at(), message))
}

fn add_once<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// Puts an item in the place of the one with the same key, else at the end.
fn put<T>(list: &mut Vec<T>, item: T, key: impl Fn(&T) -> &String) {
    match list.iter_mut().find(|other| key(other) == key(&item)) {
        Some(other) => *other = item,
        None => list.push(item),
    }
}

fn variable(name: &Placed<String>) -> Done<String> {
    match name.value().is_empty() || name.value().contains(['=', '\0']) {
        true => problem(name, "an environment variable has a name without `=`"),
        false => Ok(name.value().clone()),
    }
}

fn without_nul(value: &Placed<String>) -> Done<String> {
    match value.value().contains('\0') {
        true => problem(value, "an environment variable holds no zero byte"),
        false => Ok(value.value().clone()),
    }
}

fn said(reason: &Placed<String>) -> Done<String> {
    match reason.value().trim() {
        "" => problem(reason, "this reason is empty: say why in a few words"),
        reason => Ok(reason.to_owned()),
    }
}
