//! Data flows one way: a module imports only from those below it. `docs/architecture.md` draws the
//! same order.

use std::path::{Path, PathBuf};

/// From the bottom up.
const FLOORS: &[&str] = &[
    "value",
    "moment",
    "history",
    "whole",
    "uri",
    "terminal",
    "python",
    "pythons",
    "limits",
    "needs",
    "keys",
    "guide",
    "job",
    "claims",
    "plan",
    "run",
    "environment",
    "cache",
    "worker",
    "judge",
    "config",
    "snapshot",
    "report",
    "check",
    "commands",
    "lsp",
    "cli",
    "main",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(sources(&path)),
            false if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
            false => {}
        }
    }
    found
}

fn floor(module: &str) -> usize {
    let found = FLOORS.iter().position(|floor| *floor == module);
    found.unwrap_or_else(|| panic!("the module `{module}` has no floor: add it to FLOORS and to the docs"))
}

#[test]
fn imports_go_down_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let import = regex::Regex::new(r"crate::(\w+)").expect("valid");
    let mut seen = 0;
    for path in sources(&src) {
        let inside = path.strip_prefix(&src).expect("inside src");
        let own = inside.iter().next().expect("a name").to_string_lossy().replace(".rs", "");
        if own == "lib" {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        for found in import.captures_iter(&text) {
            seen += 1;
            assert!(floor(&found[1]) <= floor(&own), "{} imports {} from above", inside.display(), &found[1]);
        }
    }
    assert!(seen > 50, "the test reads the imports ({seen} seen)");
}

#[test]
fn only_the_worker_names_pyo3() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&src).iter().filter(|path| !path.starts_with(src.join("worker"))) {
        let text = std::fs::read_to_string(path).expect("readable");
        assert!(!text.contains("pyo3"), "{} names pyo3", path.display());
    }
}
