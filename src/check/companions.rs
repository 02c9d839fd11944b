//! Finds the companions of a guide's snippets: `snippets/<guide>/<id>.check.py`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::{Config, shown, without_ending};
use crate::guide::{Guide, Problem, ProblemKind};

/// What a companion's name ends with, after the snippet's id.
pub const ENDING: &str = ".check.py";
/// A companion holds claims, not data; in bytes.
const LARGEST: u64 = 1 << 20;

/// The folder of a guide's extracted snippets and of their companions: beside the configuration, else below the
/// current folder.
pub fn folder(guide: &str, config: Option<&Config>) -> PathBuf {
    match config {
        Some(config) => config.snippet_folder(guide),
        None => Path::new("snippets")
            .join(without_ending(Path::new(Path::new(guide).file_name().unwrap_or_default()))),
    }
}

/// Appends to a guide the companions that there are. The error names one that cannot be read; one without
/// a snippet becomes a problem of the guide.
pub fn append(guide: &mut Guide, config: Option<&Config>) -> Result<(), String> {
    let folder = folder(&guide.path, config);
    // Without a configuration the folder does not tell guides of other folders apart.
    let is_here = Path::new(&guide.path).parent().is_none_or(|above| above.as_os_str().is_empty());
    if (config.is_none() && !is_here) || leads_out(&folder, config) {
        return Ok(());
    }
    for (id, path) in found(&folder) {
        match guide.snippets.iter().position(|snippet| snippet.id == id) {
            Some(index) => {
                let text =
                    text(&path).map_err(|why| format!("has a companion that {why}: {}", shown(&path)))?;
                // An empty one says nothing.
                if !text.trim().is_empty() {
                    guide.append(shown(&path), index, &text);
                }
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

/// Whether links lead from a folder to where the project is not.
fn leads_out(folder: &Path, config: Option<&Config>) -> bool {
    let project = config.map_or(Path::new("."), |config| &config.folder);
    match (folder.canonicalize(), project.canonicalize()) {
        (Ok(folder), Ok(project)) => !folder.starts_with(project),
        _ => true,
    }
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
    let text = fs::read_to_string(path).map_err(|error| format!("cannot be read ({error})"))?;
    // As CPython does, which knows the mark for a file's encoding.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
