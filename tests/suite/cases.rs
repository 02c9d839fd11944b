//! Guides in, reports out: every file in `tests/cases` runs the real binary on guides in the folder
//! beside it. `TRYCMD=overwrite cargo test --test suite cases` writes what was observed; read the diff.
//!
//! The cases run in a copy outside this repository, as a stranger's guides would, out of reach of the
//! project's own configuration.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::common::shared;

#[test]
fn cases() {
    let _shared = shared();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let there = tempfile::tempdir().expect("a temporary folder");
    copy(&here, there.path());
    let before = files(there.path());

    let cases = trycmd::TestCases::new();
    cases.case(there.path().join("*.trycmd"));
    cases.run();

    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        copy(there.path(), &here);
    }
    assert_eq!(before, files(there.path()), "verify leaves nothing in the user's folders");
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        found.insert(path);
    }
    found
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(std::fs::copy(&path, &target).expect("a file can be copied")),
        }
    }
}
