//! Files that a glob finds.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use glob::{Pattern, PatternError};
use ignore::WalkBuilder;

/// Whether a name may stand for several files.
pub fn is_glob(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

/// The files that a glob finds below a folder, in order, without those that .gitignore names; a name that stands for
/// one file means that file.
pub fn found(folder: &Path, name: &str) -> Result<Vec<PathBuf>, PatternError> {
    let whole = match folder.as_os_str().is_empty() {
        true => name.to_owned(),
        false => format!("{}/{name}", Pattern::escape(&folder.to_string_lossy())),
    };
    let mut found: Vec<_> =
        glob::glob(&whole)?.filter_map(Result::ok).filter(|path| path.is_file()).collect();
    if is_glob(name) && !found.is_empty() {
        let known = not_ignored(&root(folder, name));
        found.retain(|path| known.contains(&plain(path)));
    }
    Ok(found)
}

/// The folder above all that a glob may find.
fn root(folder: &Path, name: &str) -> PathBuf {
    let parts = Path::new(name).components();
    let fixed = parts.take_while(|part| !is_glob(&part.as_os_str().to_string_lossy()));
    match folder.join(fixed.collect::<PathBuf>()) {
        here if here.as_os_str().is_empty() => PathBuf::from("."),
        root => root,
    }
}

fn not_ignored(root: &Path) -> HashSet<PathBuf> {
    let mut walk = WalkBuilder::new(root);
    // A glob finds hidden files, and what links lead to.
    walk.hidden(false).follow_links(true).filter_entry(|entry| entry.file_name() != ".git");
    walk.build().flatten().map(|entry| plain(entry.path())).collect()
}

/// A path without a `.` in it.
fn plain(path: &Path) -> PathBuf {
    let path: PathBuf = path.components().collect();
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_ignored_is_not_found_but_by_its_name() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| {
            let path = place.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("writable");
        };
        write(".git/HEAD", "");
        write(".gitignore", "build/\n/docs/draft*\n");
        for name in
            ["a.md", ".b.md", "build/c.md", "docs/d.md", "docs/draft.md", "docs/x/.gitignore", "docs/x/e.md"]
        {
            write(name, "");
        }
        write("docs/x/.gitignore", "*.md\n");
        let found = |name: &str| -> Vec<String> {
            let found = super::found(place.path(), name).expect("a glob");
            let inside = found.iter().map(|path| path.strip_prefix(place.path()).expect("inside"));
            inside.map(|path| path.to_string_lossy().into_owned()).collect()
        };
        assert_eq!(found("**/*.md"), [".b.md", "a.md", "docs/d.md"]);
        assert_eq!(found("docs/*.md"), ["docs/d.md"]);
        assert_eq!(found("docs/draft.md"), ["docs/draft.md"]);
        assert_eq!(found("./docs/*.md"), ["docs/d.md"]);
        assert_eq!(found("build/*.md"), ["build/c.md"], "the folder is named");
        assert!(super::found(place.path(), "***").is_err());
    }
}
