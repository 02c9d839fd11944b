//! Finds the companions of a guide's snippets: `snippets/<guide>/<id>.check.py`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::guide::{Guide, Problem, ProblemKind};

/// What a companion's name ends with, after the snippet's id.
const ENDING: &str = ".check.py";
/// A companion holds claims, not data; in bytes.
const LARGEST: u64 = 1 << 20;

/// The folder of a guide's extracted snippets and of their companions: beside the configuration, else below the
/// current folder.
pub fn folder(guide: &str, config: Option<&Config>) -> PathBuf {
    match config {
        Some(config) => config.snippet_folder(guide),
        None => Path::new("snippets").join(Path::new(guide).file_stem().unwrap_or_default()),
    }
}

/// Appends to a guide the companions that there are. The error names one that cannot be read; one without
/// a snippet becomes a problem of the guide.
pub fn append(guide: &mut Guide, config: Option<&Config>) -> Result<(), String> {
    for (id, path) in found(&folder(&guide.path, config)) {
        match guide.snippets.iter().position(|snippet| snippet.id == id) {
            Some(index) => {
                let text =
                    text(&path).map_err(|why| format!("has a companion that {why}: {}", shown(&path)))?;
                guide.append(shown(&path), index, &text);
            }
            None => guide.problems.push(Problem { line: 1, kind: ProblemKind::LostCompanion(shown(&path)) }),
        }
    }
    Ok(())
}

/// The companions in a folder with the ids of their snippets, in order.
fn found(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some((name.strip_suffix(ENDING)?.to_owned(), entry.path()))
        })
        .collect();
    found.sort();
    found
}

fn text(path: &Path) -> Result<String, String> {
    // What a link leads to need not be the project's.
    let metadata = fs::symlink_metadata(path).map_err(|error| format!("cannot be read ({error})"))?;
    if !metadata.is_file() {
        return Err("is not a file".to_owned());
    }
    if metadata.len() > LARGEST {
        return Err(format!("is larger than {} KiB", LARGEST >> 10));
    }
    fs::read_to_string(path).map_err(|error| format!("cannot be read ({error})"))
}

fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
