//! `verify extract`: each snippet as a file of its own, for editors, linters and readers.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::check::{Document, companions, read};
use crate::config::{Found, shown};
use crate::whole;

/// The line that marks a file as ours; only such files are ever deleted.
const MARK: &str = "# Extracted by verify from ";

/// Writes the snippets, or with `check` only compares: exit code 1 where something differs, 2 where a
/// guide could not be read.
pub fn run(paths: &[(PathBuf, Found)], check: bool, to: &mut dyn Write) -> anyhow::Result<u8> {
    let mut code = 0;
    for (path, config) in paths {
        match read(path, config) {
            Ok(document) => code = code.max(extract(&document, check, to)?),
            Err(error) => {
                writeln!(to, "{}: error: {error}", path.display())?;
                code = 2;
            }
        }
    }
    Ok(code)
}

fn extract(document: &Document, check: bool, to: &mut dyn Write) -> anyhow::Result<u8> {
    let folder = companions::folder(&document.guide.path, document.config.as_deref());
    let wanted: BTreeMap<PathBuf, String> = document
        .guide
        .snippets
        .iter()
        .filter(|s| s.continues.is_none())
        .map(|s| (folder.join(format!("{}.py", s.id)), text(document, s)))
        .collect();
    let stale = ours(&folder).into_iter().filter(|path| !wanted.contains_key(path)).collect::<Vec<_>>();
    let differs = wanted
        .iter()
        .filter(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(*text))
        .collect::<Vec<_>>();
    for (path, text) in &differs {
        writeln!(to, "{} {}", if check { "differs:" } else { "wrote" }, shown(path))?;
        if !check {
            write(path, text)?;
        }
    }
    for path in &stale {
        writeln!(to, "{} {}", if check { "no longer in the guide:" } else { "removed" }, shown(path))?;
        if !check {
            fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(u8::from(check && !(differs.is_empty() && stale.is_empty())))
}

fn text(document: &Document, snippet: &crate::guide::Snippet) -> String {
    let guide = Path::new(&document.guide.path).file_name().unwrap_or_default().to_string_lossy();
    format!("{MARK}{guide}, snippet {}. Edit the guide, not this file.\n{}", snippet.id, snippet.code)
}

/// The files in a folder that an earlier extraction wrote.
fn ours(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| fs::read_to_string(path).is_ok_and(|text| text.starts_with(MARK)));
    paths.sort();
    paths
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let written = || -> anyhow::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let mut file = whole::beside(path)?;
        file.write_all(text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}
