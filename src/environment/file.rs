//! Requirements files, as far as they list what comes from an index.

use std::io;
use std::path::{Path, PathBuf};

use super::requirements::normal;

/// What requirements files list.
#[derive(Debug, Default)]
pub struct Lists {
    /// What has to be installed.
    pub packages: Vec<String>,
    /// What only limits versions.
    pub constraints: Vec<String>,
}

/// Options that stand before another file's path, and whether that file only limits versions.
const INCLUDES: [(&str, bool); 4] =
    [("-r", false), ("--requirement", false), ("-c", true), ("--constraint", true)];

/// A list is no longer; in bytes.
const LARGEST: u64 = 1 << 20;

/// Reads a requirements file and those that it includes, all of them in a folder. Errors name file and line.
pub fn read(path: &Path, folder: &Path) -> Result<Lists, String> {
    let top = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut reader = Reader { top, lists: Lists::default(), seen: Vec::new() };
    reader.read(path, false)?;
    Ok(reader.lists)
}

struct Reader {
    top: PathBuf,
    lists: Lists,
    seen: Vec<(PathBuf, bool)>,
}

impl Reader {
    fn read(&mut self, path: &Path, limits: bool) -> Result<(), String> {
        let name = path.strip_prefix(&self.top).unwrap_or(path).display().to_string();
        let whole = path.canonicalize().map_err(|error| format!("{name} cannot be read: {error}"))?;
        if !whole.starts_with(&self.top) {
            return Err(format!("{name} lies outside of {}", self.top.display()));
        }
        if self.seen.contains(&(whole.clone(), limits)) {
            return Ok(());
        }
        let text = text(&whole).map_err(|error| format!("{name} cannot be read: {error}"))?;
        self.seen.push((whole.clone(), limits));
        let folder = whole.parent().unwrap_or(Path::new("/"));
        for (number, line) in logical_lines(&text) {
            self.line(&line, folder, limits).map_err(|error| format!("{name}, line {number}: {error}"))?;
        }
        Ok(())
    }

    fn line(&mut self, line: &str, folder: &Path, limits: bool) -> Result<(), String> {
        if let Some((included, limit)) = included(line) {
            return self.read(&folder.join(included), limits || limit);
        }
        if line.starts_with('-') {
            return Err(format!(
                "`{line}` is not for a list of requirements: say it to the installer, in its own configuration \
                 or environment (PIP_INDEX_URL, UV_INDEX_URL)"
            ));
        }
        // Hashes go to the installer as they stand.
        let (bare, hashes) =
            line.split_once(" --hash").map_or((line, ""), |(bare, _)| (bare, &line[bare.len()..]));
        let requirement = normal(bare)? + hashes;
        let list = if limits { &mut self.lists.constraints } else { &mut self.lists.packages };
        list.push(requirement);
        Ok(())
    }
}

fn text(path: &Path) -> io::Result<String> {
    let metadata = std::fs::metadata(path)?;
    match metadata.is_file() && metadata.len() <= LARGEST {
        true => std::fs::read_to_string(path),
        false => Err(io::Error::other(format!("it is no file of at most {} KiB", LARGEST >> 10))),
    }
}

/// The path that a line includes, and whether that file only limits versions.
fn included(line: &str) -> Option<(&str, bool)> {
    INCLUDES.iter().find_map(|(option, limits)| {
        let path = line.strip_prefix(option)?;
        let long = option.starts_with("--");
        let path = if long { path.strip_prefix([' ', '='])? } else { path };
        Some((path.trim(), *limits)).filter(|(path, _)| !path.is_empty())
    })
}

/// Lines without comments, those that end with a backslash put together, each with its number.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (index, line) in text.lines().enumerate() {
        let bare = without_comment(line).trim();
        let (bare, more) = bare.strip_suffix('\\').map_or((bare, false), |bare| (bare.trim_end(), true));
        match found.last_mut().filter(|_| goes_on) {
            Some((_, begun)) => *begun = format!("{begun} {bare}").trim().to_owned(),
            None => found.push((index + 1, bare.to_owned())),
        }
        goes_on = more;
    }
    found.retain(|(_, line)| !line.is_empty());
    found
}

/// A `#` starts a comment at the line's start and behind space; elsewhere it belongs to an address.
fn without_comment(line: &str) -> &str {
    let starts = |(at, _): &(usize, &str)| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    line.match_indices('#').find(starts).map_or(line, |(at, _)| &line[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn files_include_others_from_where_they_lie() {
        let place = folder(&[
            ("all.txt", "# ours\nSix >= 1.16  # old\n-r more/base.txt\n--constraint=limits.txt\n"),
            (
                "more/base.txt",
                "PyYAML == 6.0.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n-r ../all.txt\n",
            ),
            ("limits.txt", "-r more/limits.txt\n"),
            ("more/limits.txt", "idna<4"),
        ]);
        let lists = read(&place.path().join("all.txt"), place.path()).unwrap();
        assert_eq!(lists.packages, ["six>=1.16", "pyyaml==6.0.1 --hash=sha256:aa --hash=sha256:bb"]);
        assert_eq!(lists.constraints, ["idna<4"]);
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_line() {
        for (text, words) in [
            (
                "six\n\n--index-url https://example.com\n",
                "bad.txt, line 3: `--index-url https://example.com` is not",
            ),
            ("-e .\n", "line 1: `-e .` is not for a list"),
            ("six ==\n", "line 1: `six ==` is not a requirement"),
            ("-r none.txt\n", "bad.txt, line 1: none.txt cannot be read: No such file"),
            ("-r /etc/passwd\n", "bad.txt, line 1: /etc/passwd lies outside of "),
            ("-r ../../../etc/passwd\n", " lies outside of "),
            ("-c /proc/self/fd\n", " lies outside of "),
        ] {
            let place = folder(&[("bad.txt", text)]);
            let error = read(&place.path().join("bad.txt"), place.path()).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
