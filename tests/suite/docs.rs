//! The project's own pages: their Python says what is true.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Fences of the page on claims that hold none, on purpose.
const WITHOUT_CLAIMS: usize = 1;

fn report() -> Value {
    let _shared = crate::common::shared();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut verify = Command::new(env!("CARGO_BIN_EXE_verify"));
    let done = verify.args(["README.md", "docs", "--format", "json"]).current_dir(root).output();
    serde_json::from_slice(&done.expect("verify starts").stdout).expect("a report")
}

#[test]
fn every_page_is_true() {
    let report = report();
    let findings = report["guides"].as_array().expect("guides").iter().flat_map(|guide| {
        guide["findings"].as_array().expect("findings").iter().map(move |finding| (&guide["path"], finding))
    });
    let wrong: Vec<_> = findings
        .filter(|(_, finding)| finding["severity"] != "info" && finding["expected"] == false)
        .map(|(path, finding)| format!("{path}:{}: {}", finding["line"], finding["message"]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_on_claims_is_checked() {
    let report = report();
    let guides = report["guides"].as_array().expect("guides");
    let page = guides.iter().find(|guide| guide["path"] == "docs/claims.md").expect("the page");
    let count = |code: &str| {
        page["findings"].as_array().expect("findings").iter().filter(|f| f["code"] == code).count()
    };
    assert_eq!(count("unverified"), WITHOUT_CLAIMS, "each rule has an example that is checked");
    assert_eq!(count("false-claim"), 4, "each mistake of the page is found");
    let verdicts = page["claims"].as_array().expect("claims").iter().map(|claim| &claim["verdicts"][0]);
    let undecided: Vec<_> = verdicts.filter(|verdict| verdict["verdict"] == "undecided").collect();
    assert!(
        undecided.iter().all(|verdict| verdict["reason"].as_str().is_some_and(|r| r.starts_with("hedged")))
    );
}
