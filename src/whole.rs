//! Files that appear whole: written beside their place and renamed, so that nobody finds half of one.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// A file in the folder of a path, to be filled and then persisted there. It may be read by whoever may read the
/// user's other files, unlike temporary ones. Errors are those of the folder.
pub fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_as_readable_as_any() {
        let folder = tempfile::tempdir().unwrap();
        let (path, plain) = (folder.path().join("report"), folder.path().join("plain"));
        beside(&path).unwrap().persist(&path).unwrap();
        std::fs::write(&plain, "").unwrap();
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&plain));
    }
}
