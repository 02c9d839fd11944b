//! Packages on several Pythons.

use serde_json::{Value, json};

use super::shelf::{Shelf, With};
use super::{START, THING};
use crate::pythons::two;

/// The report on `guide.md` on two Pythons.
fn on(shelf: &Shelf, old: &str, new: &str) -> Value {
    shelf.verify(&["--format", "json", "--python", old, "--python", new]).json()
}

/// The verdicts on each claim, on each Python.
fn verdicts(report: &Value) -> Vec<Vec<&str>> {
    let on_each = |claim| each(claim).map(|it| it["verdict"].as_str().expect("a word")).collect();
    each(&report["guides"][0]["claims"]).map(|claim| on_each(&claim["verdicts"])).collect()
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().expect("a list").iter()
}

#[test]
fn each_python_has_environments_of_its_own() {
    let Some([(old, _), (new, minor)]) = two() else { return };
    for with in With::all() {
        let shelf = Shelf::new(with);
        let start = START.replace("GUIDE", &shelf.place.path("guide.md").to_string_lossy());
        let files = [("thing.pth", "import thing_start\n"), ("thing_start.py", &start), THING[0]];
        shelf.put("thing", "1.0", &[], &files);
        let own = "import sys, thing\nthing.colour  # 'red'\nsys.started  # 'inside'\nsys.prefix in thing.__file__  # True";
        shelf.write(&[(&["thing"], own)]);
        let newer = format!(
            "\n```python\n# /// script\n# requires-python = '>=3.{minor}'\n# dependencies = ['thing']\n# ///\n\
             import thing\nthing.colour  # 'red'\n```\n"
        );
        shelf.place.write("guide.md", shelf.place.read("guide.md") + &newer);
        let report = on(&shelf, &old, &new);
        let both = vec!["holds", "holds"];
        let found = verdicts(&report);
        assert_eq!(
            found,
            [both.clone(), both.clone(), both, vec!["undecided", "holds"]],
            "{with:?}: {report}"
        );
        let reason = report["guides"][0]["claims"][3]["verdicts"][0]["reason"].as_str().expect("a reason");
        assert!(reason.starts_with("needs interpreter: Python >=3."), "{reason}");
        assert_eq!(report["summary"]["undecided"], 0, "{report}");
        let environments = each(&report["environments"]).map(|it| &it["python"]);
        assert!(environments.eq(each(&report["pythons"]).map(|it| &it["id"])), "{report}");
        assert_eq!(shelf.environments().len(), 2, "what asks for a Python has no other environment");
    }
}

#[test]
fn where_nothing_is_installed_no_python_has_packages() {
    let Some([(old, _), (new, _)]) = two() else { return };
    let shelf = Shelf::new(With::Pip);
    let code = "import sys\nany('-packages' in path for path in sys.path)  # False\ncallable(exit)  # True\nimport no_such_thing";
    shelf.write(&[(&["no-such-thing"], code)]);
    let report = on(&shelf, &old, &new);
    assert_eq!(verdicts(&report), [["holds"; 2]; 2], "{report}");
    assert!(each(&report["guides"][0]["findings"]).any(|it| it["code"] == "missing-package"), "{report}");
    assert!(each(&report["environments"]).all(|it| it["path"].is_null()), "{report}");
}

#[test]
fn a_companion_has_the_packages_of_its_snippet() {
    let shelf = Shelf::new(With::Pip);
    shelf.put("thing", "1.0", &[], THING);
    shelf.write(&[(&["thing"], "1 + 1  # 2")]);
    shelf.place.write("snippets/guide/top.1.check.py", "import thing\nthing.colour  # 'red'\n");
    let said = shelf.said(&[]);
    assert!(said.contains("top.1.check.py:2: holds: 'red'"), "{said}");
    assert_eq!(shelf.environments().len(), 1);
}

#[test]
fn what_python_lost_is_said_once_with_what_does_its_work() {
    let Some([(old, minor), (new, other)]) = two() else { return };
    if minor > 11 || other < 12 {
        eprintln!("skipped: this takes a Python before 3.12 and a later one");
        return;
    }
    let shelf = Shelf::new(With::Pip);
    shelf.place.write("guide.md", "```python\nimport asyncore\n```\n");
    let report = on(&shelf, &old, &new);
    let findings = each(&report["guides"][0]["findings"]);
    let found: Vec<_> = findings.filter(|finding| finding["code"] != "unverified").collect();
    assert_eq!(found.len(), 1, "{report}");
    assert_eq!(
        (&found[0]["code"], &found[0]["pythons"]),
        (&json!("needs-interpreter"), &json!([report["pythons"][1]["id"]]))
    );
    assert!(found[0]["help"].as_str().expect("help").contains("asyncio does its work"), "{}", found[0]);
}
