//! Guides in memory, and what a session says about them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use regex::Regex;
use verify::check::{Document, Read, Session};
use verify::report::Report;
use verify::run::Cancel;

/// A guide under a path, with no configuration around it.
pub fn guide(path: &str, text: &str) -> (PathBuf, Read) {
    (path.into(), Document::new(Path::new(path), text.as_bytes().to_vec(), None).map(Arc::new))
}

/// The report of a check that nobody cancels.
pub fn checked(session: &mut Session, guides: &[(PathBuf, Read)]) -> Report {
    session.check(guides, &[], &Cancel::new().expect("a descriptor")).expect("a check")
}

/// What differs between any two runs: addresses, times to the nanosecond, names of temporary files.
static UNSTEADY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"0x[0-9a-f]{6,}|\d+\.\d{6,}(?:e-?\d+)?|\d{9,}\.\d+|\btmp\w{8}\b|[0-9a-f]{8}-[0-9a-f-]{27}|\b\d{13,}\b")
        .expect("valid")
});

/// A report as programs read it, without what differs between any two checks.
pub fn told(report: &Report) -> String {
    let mut told = serde_json::to_value(report).expect("a report is plain data");
    told["summary"]["duration_ms"] = 0.into();
    for guide in told["guides"].as_array_mut().expect("guides") {
        for snippet in guide["snippets"].as_array_mut().expect("snippets") {
            for run in snippet["runs"].as_array_mut().expect("runs") {
                run["duration_ms"] = 0.into();
            }
        }
    }
    let told = serde_json::to_string_pretty(&told).expect("a report is plain data");
    UNSTEADY.replace_all(&told, "…").into_owned()
}
