//! `verify.toml`, or `[tool.verify]` in `pyproject.toml`: found from a folder upwards.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

/// A project's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder that holds the file; all its paths start there.
    pub folder: PathBuf,
    /// What it says.
    pub settings: Settings,
}

/// What can be configured.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The guides that a bare `verify` checks, as globs.
    #[serde(default)]
    pub guides: Vec<String>,
}

/// The keys that [`Settings`] has, for those who misspell one.
const KEYS: [&str; 1] = ["guides"];

/// Looks for a configuration in a folder and the ones above it. Errors name the file and the place.
pub fn find(folder: &Path) -> anyhow::Result<Option<Config>> {
    let folder =
        folder.canonicalize().with_context(|| format!("cannot find the folder {}", folder.display()))?;
    for folder in folder.ancestors() {
        if let Some(settings) = read(folder)? {
            return Ok(Some(Config { folder: folder.to_owned(), settings }));
        }
    }
    Ok(None)
}

fn read(folder: &Path) -> anyhow::Result<Option<Settings>> {
    let own = folder.join("verify.toml");
    if own.is_file() {
        let text = std::fs::read_to_string(&own).with_context(|| format!("cannot read {}", own.display()))?;
        return parse(&text).with_context(|| format!("in {}", own.display())).map(Some);
    }
    let pyproject = folder.join("pyproject.toml");
    if !pyproject.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&pyproject)
        .with_context(|| format!("cannot read {}", pyproject.display()))?;
    // A pyproject.toml without our table is none of our business, even when it is broken.
    let Ok(table) = text.parse::<toml::Table>() else { return Ok(None) };
    let Some(ours) = table.get("tool").and_then(|tool| tool.get("verify")) else { return Ok(None) };
    let ours = toml::to_string(ours)?;
    parse(&ours).with_context(|| format!("in {}, [tool.verify]", pyproject.display())).map(Some)
}

fn parse(text: &str) -> anyhow::Result<Settings> {
    match toml::from_str(text) {
        Ok(settings) => Ok(settings),
        Err(error) => match text.parse::<toml::Table>().ok().and_then(|table| unknown(&table)) {
            Some((key, Some(near))) => bail!("{error}did you mean `{near}` instead of `{key}`?"),
            _ => bail!("{error}"),
        },
    }
}

/// The first key that is not known, and the known one it is most like.
fn unknown(table: &toml::Table) -> Option<(String, Option<&'static str>)> {
    let key = table.keys().find(|key| !KEYS.contains(&key.as_str()))?;
    let likeness = |known: &&str| similar::TextDiff::from_chars(key.as_str(), *known).ratio();
    let near = KEYS.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    Some((key.clone(), near.filter(|near| likeness(near) > 0.5)))
}

impl Config {
    /// The guides that it names, in order. Errors name the glob that is wrong or finds nothing.
    pub fn guides(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for pattern in &self.settings.guides {
            let whole = self.folder.join(pattern);
            let paths = glob::glob(&whole.to_string_lossy())
                .with_context(|| format!("the glob `{pattern}` is not valid"))?;
            let before = found.len();
            found.extend(paths.filter_map(Result::ok).filter(|path| path.is_file()));
            if found.len() == before {
                bail!("`{pattern}` in {} finds no guide", self.folder.join("verify.toml").display());
            }
        }
        found.dedup();
        Ok(found)
    }

    /// Whether outputs of a guide are kept: of those that it names; of any, where it names none.
    pub fn keeps(&self, guide: &str) -> bool {
        let path = Path::new(guide);
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let inside = path.strip_prefix(&self.folder).unwrap_or(&path);
        let named =
            |pattern: &String| glob::Pattern::new(pattern).is_ok_and(|glob| glob.matches_path(inside));
        self.settings.guides.is_empty() || self.settings.guides.iter().any(named)
    }

    /// The folder of a guide's snapshots: `expected/` and the guide's name.
    pub fn snapshot_folder(&self, guide: &str) -> PathBuf {
        self.folder.join("expected").join(self.name_of(guide))
    }

    /// The folder of a guide's extracted snippets: `snippets/` and the guide's name.
    pub fn snippet_folder(&self, guide: &str) -> PathBuf {
        self.folder.join("snippets").join(self.name_of(guide))
    }

    /// A guide's path from the configuration's folder, without its ending and a `snippets/` before it.
    fn name_of(&self, guide: &str) -> PathBuf {
        let path = Path::new(guide);
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let inside = path.strip_prefix(&self.folder).unwrap_or(&path);
        inside.strip_prefix("snippets").unwrap_or(inside).with_extension("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_names_the_right_one() {
        let error = format!("{:#}", parse("guidez = []").unwrap_err());
        assert!(error.contains("line 1") && error.contains("did you mean `guides`"), "{error}");
        assert_eq!(parse("guides = ['a.md']").unwrap().guides, ["a.md"]);
    }

    #[test]
    fn guides_are_named_by_their_path() {
        let config = Config { folder: "/p".into(), settings: Settings::default() };
        assert_eq!(config.snapshot_folder("/p/docs/a.md"), Path::new("/p/expected/docs/a"));
        assert_eq!(config.snippet_folder("/p/snippets/a.md"), Path::new("/p/snippets/a"));
    }
}
