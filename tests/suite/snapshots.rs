//! Observed outputs as snapshots: pending, reviewed, changed, of another version, orphaned.

use crate::common::Place;

const GUIDE: &str =
    "```python\nimport random\nprint('steady')  # steady\nprint(random.random())\n1 + 1  # 3\n```\n";

fn place() -> Place {
    let place = Place::new();
    place.write("verify.toml", "guides = [\"guide.md\"]\n");
    place.write("guide.md", GUIDE);
    place
}

fn findings(place: &Place) -> (Option<i32>, String) {
    let done = place.verify(&["--format", "concise", "-q"]);
    (done.code(), done.stdout())
}

fn accept(place: &Place, name: &str) {
    assert_eq!(place.verify(&["accept"]).code(), Some(0));
    assert!(place.path(&format!("expected/guide/{name}.snap")).exists());
}

#[test]
fn new_output_waits_for_review_and_changed_output_fails() {
    let place = place();
    let (_, out) = findings(&place);
    assert!(out.contains("warning[snapshot-new]"), "{out}");
    let pending = place.read("expected/guide/top.1.snap.new");
    assert!(pending.contains("steady\n    # holds: steady"), "{pending}");
    assert!(pending.contains("(differs from run to run)"), "{pending}");

    accept(&place, "top.1");
    let (code, out) = findings(&place);
    assert!(!out.contains("snapshot"), "{out}");
    assert_eq!(code, Some(1), "a reviewed snapshot makes no false claim true: {out}");

    place.write("guide.md", GUIDE.replace("steady", "shaky"));
    let (code, out) = findings(&place);
    assert!(out.contains("error[snapshot-changed]"), "{out}");
    assert_eq!(code, Some(1));
    assert!(place.read("expected/guide/top.1.snap.new").contains("shaky"));

    place.write("guide.md", GUIDE);
    findings(&place);
    assert!(!place.path("expected/guide/top.1.snap.new").exists(), "what is as reviewed is not pending");
}

#[test]
fn another_python_version_gets_a_snapshot_of_its_own() {
    let place = place();
    place.write("guide.md", "```python\nprint('now')\n```\n");
    findings(&place);
    let reviewed = place.read("expected/guide/top.1.snap.new");
    let version =
        reviewed.split("python: \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let older = reviewed.replace(&format!("\"{version}\""), "\"3.1\"").replace("\nnow\n", "\nthen\n");
    place.write("expected/guide/top.1.snap", older);
    let (code, out) = findings(&place);
    assert!(out.contains("warning[snapshot-new]") && code == Some(0), "{out}");
    accept(&place, &format!("top.1@{version}"));
    assert_eq!(findings(&place), (Some(0), String::new()));
    assert!(place.read("expected/guide/top.1.snap").contains("then"), "the first stays what it is");
}

#[test]
fn orphans_are_named_but_not_for_a_part_of_a_guide() {
    let place = place();
    findings(&place);
    accept(&place, "top.1");
    place.write("expected/guide/top.9.snap", "---\nsource: x\n---\n");
    assert!(findings(&place).1.contains("warning[snapshot-orphan]"));
    let part = place.verify(&["--block", "top", "--format", "concise"]);
    assert!(!part.stdout().contains("orphan"), "{}", part.stdout());
}

#[test]
fn what_was_blocked_is_not_compared() {
    let place = place();
    place.write("guide.md", "```python\nimport surely_no_such_package\n```\n");
    findings(&place);
    assert!(!place.path("expected").exists());
}

#[test]
fn without_a_configuration_nothing_is_written() {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    place.verify(&["guide.md"]);
    assert!(!place.path("expected").exists());
}
