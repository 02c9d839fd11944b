//! `verify.toml`, or `[tool.verify]` in `pyproject.toml`: found from a folder upwards. What it says about a
//! guide becomes what the guide's snippets are supplied with.

mod check;
pub mod files;
mod named;
mod page;
mod resolve;
mod supply;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use glob::{MatchOptions, Pattern};
use serde::Deserialize;

use crate::keys::{self, Placed, Problem, ProjectKeys};
use crate::pythons::Wanted;
pub use named::{Named, named};
pub use supply::supply;

/// The name of a configuration's own file.
pub const FILE: &str = "verify.toml";

/// The file of a Python project, which may hold a configuration and dependency groups.
pub const PROJECT: &str = "pyproject.toml";

/// A project's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that holds the file; all its paths start there.
    pub folder: PathBuf,
    /// The file.
    pub file: PathBuf,
    /// What it says.
    pub project: ProjectKeys,
    /// How it says that.
    pub text: String,
}

/// The configuration that applies to a guide, if there is one; else what is wrong with it, and where.
pub type Found = Result<Option<Arc<Config>>, String>;

/// Looks for a configuration in a folder and the ones above it.
pub fn find(folder: &Path) -> Found {
    let folder = folder
        .canonicalize()
        .map_err(|error| format!("cannot find the folder {}: {error}", folder.display()))?;
    for folder in folder.ancestors() {
        if let Some(config) = read(folder)? {
            return Ok(Some(Arc::new(config)));
        }
    }
    Ok(None)
}

fn read(folder: &Path) -> Result<Option<Config>, String> {
    let own = folder.join(FILE);
    if own.is_file() {
        let text = read_text(&own)?;
        return Config::new(own, text, keys::parse).map(Some);
    }
    let pyproject = folder.join(PROJECT);
    if !pyproject.is_file() {
        return Ok(None);
    }
    let text = read_text(&pyproject)?;
    if !is_ours(&text) {
        return Ok(None);
    }
    let inside = |text: &str| keys::parse(text).map(|file: PyProject| file.tool.verify);
    Config::new(pyproject, text, inside).map(Some)
}

fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", shown(path)))
}

/// Whether a `pyproject.toml` has our table. Without one it is none of our business, even when it is broken.
fn is_ours(text: &str) -> bool {
    match text.parse::<toml::Table>() {
        Ok(table) => table.get("tool").and_then(|tool| tool.get("verify")).is_some(),
        Err(_) => text.lines().any(|line| line.trim_start().starts_with("[tool.verify")),
    }
}

/// The part of a `pyproject.toml` that is ours.
#[derive(Default, Deserialize)]
#[serde(default)]
struct PyProject {
    tool: Tools,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tools {
    verify: ProjectKeys,
}

/// A path as it is told to somebody who stands in the current folder.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}

impl Config {
    /// Reads a configuration and checks all of it. The error says what is wrong, where, and what to do.
    fn new(
        file: PathBuf,
        text: String,
        parse: impl Fn(&str) -> Result<ProjectKeys, Problem>,
    ) -> Result<Config, String> {
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        let parsed = parse(&text);
        let mut config = Config { folder, file, project: ProjectKeys::default(), text };
        parsed
            .and_then(|project| {
                config.project = project;
                config.check()
            })
            .map_err(|problem| config.at(&problem))?;
        Ok(config)
    }

    /// How it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A problem with its place.
    fn at(&self, problem: &Problem) -> String {
        let (line, column) = problem.line_and_column(&self.text);
        format!("{}:{line}:{column}: {}", shown(&self.file), problem.message)
    }

    /// The guides that it names, in order. Errors name the glob that finds nothing.
    pub fn guides(&self) -> anyhow::Result<Vec<PathBuf>> {
        if self.project.guides.is_empty() {
            bail!(
                "{} names no guides: add `guides = [\"docs/*.md\"]`, or pass a Markdown file",
                shown(&self.file)
            );
        }
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for pattern in &self.project.guides {
            let paths = self.found_by(pattern).map_err(|problem| anyhow::anyhow!(self.at(&problem)))?;
            found.extend(paths.into_iter().filter(|path| seen.insert(path.clone())));
        }
        Ok(found)
    }

    /// The Pythons that it names. The error says which is none, and where.
    pub fn pythons(&self) -> Result<Vec<Wanted>, String> {
        let wanted = |python: &Placed<String>| match python.value().parse() {
            Ok(Wanted::Path(path)) => Ok(Wanted::Path(self.folder.join(path))),
            Ok(version) => Ok(version),
            Err(why) => {
                let message = format!("`{}` is {why}", python.value());
                Err(self.at(&Problem::new(python.at(), message)))
            }
        };
        self.project.python.iter().map(wanted).collect()
    }

    /// The files that a glob finds.
    fn found_by(&self, pattern: &Placed<String>) -> Result<Vec<PathBuf>, Problem> {
        let problem = |message: String| Problem::new(pattern.at(), message);
        let name = pattern.value();
        let found = files::found(&self.folder, name)
            .map_err(|error| problem(format!("the glob `{name}` is not valid: {}", error.msg)))?;
        match found.is_empty() {
            true => Err(problem(format!(
                "`{name}` finds no guide in {}: correct the path",
                folder_shown(&self.folder)
            ))),
            false => Ok(found),
        }
    }

    /// A guide's path from the configuration's folder.
    fn inside(&self, guide: &str) -> PathBuf {
        let path = Path::new(guide);
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        path.strip_prefix(&self.folder).unwrap_or(&path).to_owned()
    }

    /// Whether outputs of a guide are kept: of those that it names; of any, where it names none.
    pub fn keeps(&self, guide: &str) -> bool {
        let inside = self.inside(guide);
        let guides = &self.project.guides;
        guides.is_empty() || guides.iter().any(|pattern| matches(pattern.value(), &inside))
    }

    /// The folder of a guide's snapshots: `expected/` and the guide's name.
    pub fn snapshot_folder(&self, guide: &str) -> PathBuf {
        self.snapshots().join(self.name_of(guide))
    }

    /// The folder of all snapshots.
    pub fn snapshots(&self) -> PathBuf {
        self.folder.join("expected")
    }

    /// The folder of a guide's extracted snippets: `snippets/` and the guide's name.
    pub fn snippet_folder(&self, guide: &str) -> PathBuf {
        self.folder.join("snippets").join(self.name_of(guide))
    }

    /// A guide's path from the configuration's folder, without its ending and a `snippets/` before it.
    fn name_of(&self, guide: &str) -> PathBuf {
        let inside = self.inside(guide);
        without_ending(inside.strip_prefix("snippets").unwrap_or(&inside))
    }
}

/// A guide's path without its ending. One that is no Markdown keeps it behind a dash, so that `a.md`, `a.rst` and
/// `a.py` have folders of their own.
pub fn without_ending(guide: &Path) -> PathBuf {
    let ending = guide.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = guide.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match ending.to_lowercase().as_str() {
        "" | "md" | "markdown" => guide.with_extension(""),
        _ => guide.with_file_name(format!("{stem}-{ending}")),
    }
}

/// Whether a glob means a path.
fn matches(pattern: &str, path: &Path) -> bool {
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
    Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_path_with(path, options))
}

/// A folder as it is told to somebody who stands in it or elsewhere.
fn folder_shown(folder: &Path) -> String {
    match shown(folder) {
        here if here.is_empty() => "this folder".to_owned(),
        there => there,
    }
}

#[cfg(test)]
mod tests;
