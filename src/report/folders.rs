//! How programs find the files that a report speaks of: from the folder of their repository.

use std::path::{Component, Path, PathBuf};

use crate::uri;

/// The folder that a report's paths count from, and the one that programs count from.
#[derive(Clone, Debug)]
pub struct Folders {
    here: PathBuf,
    root: PathBuf,
}

impl Folders {
    /// Both are whole paths.
    pub fn new(here: impl Into<PathBuf>, root: impl Into<PathBuf>) -> Folders {
        Folders { here: here.into(), root: root.into() }
    }

    /// A path from the root; the whole path of a file outside of it.
    pub fn path(&self, path: &str) -> String {
        let whole = plain(&self.here.join(path));
        let inside = whole.strip_prefix(&self.root).unwrap_or(&whole);
        inside.to_string_lossy().into_owned()
    }

    /// The same as a URI, and whether it counts from the root.
    pub fn uri(&self, path: &str) -> (String, bool) {
        let path = self.path(path);
        let encoded = uri::encoded(path.as_bytes());
        match path.starts_with('/') {
            true => (format!("file://{encoded}"), false),
            false => (encoded, true),
        }
    }
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_from_the_root() {
        let folders = Folders::new("/home/me/repo/docs", "/home/me/repo");
        assert_eq!(folders.path("guide.md"), "docs/guide.md");
        assert_eq!(folders.path("./../a/../README.md"), "README.md");
        assert_eq!(folders.path("/home/me/repo/x.md"), "x.md");
        assert_eq!(folders.path("../../other/x.md"), "/home/me/other/x.md");
    }

    #[test]
    fn uris_hold_any_name() {
        let folders = Folders::new("/r", "/r");
        let uri = |path: &str| folders.uri(path).0;
        assert_eq!(uri("a b/é:%#?.md"), "a%20b/%C3%A9%3A%25%23%3F.md");
        assert_eq!(uri("line\nend\u{7f}.md"), "line%0Aend%7F.md");
        assert_eq!(folders.uri("../a b.md"), ("file:///a%20b.md".to_owned(), false));
    }
}
