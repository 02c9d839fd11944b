//! Which guides a command is about, and what applies to them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use crate::config::{self, Found, files};
use crate::pythons::{self, Interpreter, Places, Wanted};

/// The guides that are meant, each with its configuration: files as they are given, folders with the
/// Markdown files below them, globs that no shell has looked up, without any those that the configuration names.
pub fn guides_of(given: &[PathBuf]) -> anyhow::Result<Vec<(PathBuf, Found)>> {
    if given.is_empty() {
        return configured();
    }
    let mut found: Vec<PathBuf> = Vec::new();
    for path in given {
        if path.is_dir() {
            found.extend(below(path));
        } else {
            found.extend(globbed(path).unwrap_or_else(|| vec![path.clone()]));
        }
    }
    let mut known: HashMap<PathBuf, Found> = HashMap::new();
    let with_config = |path: PathBuf| {
        let folder = path.parent().filter(|folder| folder.is_dir()).unwrap_or(Path::new(".")).to_owned();
        let config = known.entry(folder).or_insert_with_key(|folder| config::find(folder)).clone();
        (path, config)
    };
    Ok(found.into_iter().map(with_config).collect())
}

/// What a glob finds, if it is one that finds something. A file of that very name goes before.
fn globbed(path: &Path) -> Option<Vec<PathBuf>> {
    let pattern = path.to_str().filter(|pattern| files::is_glob(pattern) && !path.exists())?;
    let found = files::found(Path::new(""), pattern).ok()?;
    if found.is_empty() { None } else { Some(found) }
}

fn configured() -> anyhow::Result<Vec<(PathBuf, Found)>> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let Some(config) = config::find(&here).map_err(|error| anyhow!(error))? else {
        bail!(
            "no guide given and no verify.toml found: pass a Markdown file or a folder, as in `verify guide.md`"
        );
    };
    let relative = |path: PathBuf| path.strip_prefix(&here).map(Path::to_owned).unwrap_or(path);
    Ok(config.guides()?.into_iter().map(|path| (relative(path), Ok(Some(config.clone())))).collect())
}

/// The Pythons that guides are to run on: those that were asked for, else those that their configuration names.
/// None stand for the embedded one. The error says which there is not.
pub fn pythons_of(asked: &[Wanted], guides: &[(PathBuf, Found)]) -> anyhow::Result<Vec<Interpreter>> {
    let mut wanted = Vec::new();
    if asked.is_empty() {
        for (index, (path, found)) in guides.iter().enumerate() {
            // What is wrong with a configuration is said about its guide.
            let Ok(config) = found else { continue };
            let named = config.as_ref().map_or(Ok(Vec::new()), |config| config.pythons());
            let named = named.map_err(|error| anyhow!(error))?;
            if index > 0 && named != wanted {
                let (one, other) = (guides[0].0.display(), path.display());
                bail!(
                    "{one} and {other} are configured for different Pythons: say with --python which to take"
                );
            }
            wanted = named;
        }
    }
    pythons::find(if asked.is_empty() { &wanted } else { asked }, &Places::of_the_system())
}

/// The Markdown files below a folder, in order; what .gitignore names is passed over. A folder that has none, or
/// that cannot be looked through, stands for itself: it is said to be no guide, and hides no other.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in ignore::WalkBuilder::new(folder).sort_by_file_path(Path::cmp).build() {
        match entry {
            Ok(entry) if is_guide(entry.path()) => found.push(entry.into_path()),
            Ok(_) => {}
            Err(error) => found.extend(place_of(&error).map(Path::to_owned)),
        }
    }
    if found.is_empty() {
        found.push(folder.to_owned());
    }
    found
}

fn is_guide(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    path.is_file() && ["md", "markdown"].contains(&ending.to_lowercase().as_str())
}

/// Where something could not be looked through.
fn place_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } => place_of(err),
        _ => None,
    }
}
