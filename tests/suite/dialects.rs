//! Twenty short guides in as many authors' manners, and one for each other kind of source, written and labelled
//! before verify had seen any of them. `examples/corpus.rs` prints the whole score.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Of the labelled claims that hold, so many are understood; the others are remarks or undecided.
const LEAST_UNDERSTOOD: f64 = 0.95;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects")
}

fn claims_by_file() -> Value {
    let _shared = crate::common::shared();
    let mut verify = Command::new(env!("CARGO_BIN_EXE_verify"));
    let entries = std::fs::read_dir(folder()).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let guides = names.filter(|name| !name.to_string_lossy().ends_with(".json"));
    let done = verify.args(guides).args(["--format", "json"]).current_dir(folder()).output();
    let done = done.expect("verify starts");
    serde_json::from_slice(&done.stdout).expect("a report")
}

/// The verdicts on the claims that a label's line makes: on it, below its prompt or in the fence there.
fn verdicts<'r>(report: &'r Value, label: &Value) -> Vec<&'r str> {
    let file = label["file"].as_str().expect("a file");
    let line = label["line"].as_u64().expect("a line");
    let guides = report["guides"].as_array().expect("guides");
    let guide = guides.iter().find(|guide| guide["path"].as_str().is_some_and(|path| path.ends_with(file)));
    let claims = guide.expect("the guide")["claims"].as_array().expect("claims");
    let spans = |lines: &Value| lines[0].as_u64() <= Some(line) && Some(line) <= lines[1].as_u64();
    let below = |claim: &Value| {
        let first = claim["lines"][0].as_u64().unwrap_or_default();
        let fence = claim["form"] == "output-fence" && (line + 1..line + 5).contains(&first);
        fence || (claim["form"] == "doctest" && spans(&claim["subject"]["lines"]))
    };
    let on: Vec<_> = claims.iter().filter(|claim| spans(&claim["lines"])).collect();
    let found = if on.is_empty() { claims.iter().filter(|claim| below(claim)).collect() } else { on };
    found.iter().filter_map(|claim| claim["verdicts"][0]["verdict"].as_str()).collect()
}

#[test]
fn labels_are_met() {
    let labels = std::fs::read(folder().join("labels.json")).expect("labels");
    let labels: Vec<Value> = serde_json::from_slice(&labels).expect("a list");
    let report = claims_by_file();
    let (mut wrong, mut understood, mut of) = (Vec::new(), 0, 0);
    for label in &labels {
        let found = verdicts(&report, label);
        let is_false = found.contains(&"false");
        if is_false != (label["truth"] == "false") {
            wrong.push(format!("{}:{} {} {}", label["file"], label["line"], label["truth"], label["claim"]));
        }
        if label["truth"] == "holds" {
            (understood, of) = (understood + usize::from(found.contains(&"holds")), of + 1);
        }
    }
    assert!(wrong.is_empty(), "false alarms, or false claims that were missed:\n{}", wrong.join("\n"));
    let share = understood as f64 / of as f64;
    assert!(share >= LEAST_UNDERSTOOD, "{understood} of {of} claims that hold are understood");
}
