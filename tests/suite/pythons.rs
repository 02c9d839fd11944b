//! Several Pythons in one report. What takes more of them than the machine has is skipped, and says so.

use std::sync::OnceLock;

use serde_json::{Value, json};
use verify::pythons::{Interpreter, Places, Wanted, find};

use crate::common::Place;

/// The Pythons of this machine, one of each minor version, the oldest first.
pub fn installed() -> &'static [Interpreter] {
    static FOUND: OnceLock<Vec<Interpreter>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let one = |minor: u8| {
            let wanted: Wanted = format!("3.{minor}").parse().expect("a version");
            find(&[wanted], &Places::of_the_system()).ok()?.pop()
        };
        (8..=14).filter_map(one).collect()
    })
}

/// The oldest and the newest, as `--python` takes them, each with its minor version.
pub fn two() -> Option<[(String, u8); 2]> {
    let name = |python: &Interpreter| {
        let minor = python.version.split('.').nth(1).and_then(|minor| minor.parse().ok());
        (python.executable.to_string_lossy().into_owned(), minor.expect("a minor version"))
    };
    match installed() {
        [first, .., last] => Some([name(first), name(last)]),
        _ => {
            eprintln!("skipped: this takes two Pythons, and the machine has one");
            None
        }
    }
}

/// One that is not embedded, as `--python` takes it.
fn another() -> Option<String> {
    let found = installed().iter().find(|python| !python.is_embedded);
    if found.is_none() {
        eprintln!("skipped: this takes a Python that is not embedded, and the machine has none");
    }
    found.map(|python| python.executable.to_string_lossy().into_owned())
}

fn report(place: &Place, pythons: &[&str]) -> Value {
    let options = pythons.iter().flat_map(|python| ["--python", python]);
    let arguments: Vec<_> = ["guide.md", "--format", "json"].into_iter().chain(options).collect();
    let done = place.verify(&arguments);
    assert!(done.stderr().is_empty(), "{}", done.stderr());
    done.json()
}

fn python(code: &str) -> String {
    format!("```python\n{code}\n```\n")
}

/// The parts of an array in the report, one field of each.
fn each<'r>(array: &'r Value, field: &str) -> Vec<&'r Value> {
    array.as_array().expect("an array").iter().map(|part| &part[field]).collect()
}

#[test]
fn everything_has_one_entry_for_each_python_in_their_order() {
    let Some([(old, _), (new, _)]) = two() else { return };
    let place = Place::new();
    place.write("guide.md", python("import sys\nprint(1 + 1)  # 2\nundefined_name"));
    let report = report(&place, &[&new, &old]);
    let pythons = &report["pythons"];
    assert_eq!(each(pythons, "path"), [&json!(new), &json!(old)]);
    let ids = each(pythons, "id");
    let guide = &report["guides"][0];
    assert_eq!(each(&guide["snippets"][0]["runs"], "python"), ids);
    assert_eq!(each(&guide["snippets"][0]["runs"], "stdout"), ["2\n", "2\n"]);
    assert_eq!(each(&guide["claims"][0]["verdicts"], "python"), ids);
    let findings = guide["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "the same finding on both is one: {findings:?}");
    assert_eq!(findings[0]["pythons"].as_array().unwrap().iter().collect::<Vec<_>>(), ids);
    let sum = &report["summary"];
    assert_eq!((&sum["claims"], &sum["holds"], &sum["errors"]), (&json!(1), &json!(1), &json!(1)));
}

#[test]
fn what_is_asked_for_by_the_version_of_the_embedded_one_is_the_embedded_one() {
    let place = Place::new();
    place.write("guide.md", python("1 + 1  # 2"));
    let alone = report(&place, &[]);
    let version = alone["pythons"][0]["version"].as_str().unwrap();
    let asked = report(&place, &[version, version]);
    assert_eq!(asked["pythons"], alone["pythons"]);
    assert_eq!((&asked["pythons"][0]["embedded"], &asked["virtual_time"]), (&json!(true), &json!(true)));
}

#[test]
fn a_value_that_differs_is_shown_for_each() {
    let Some([(old, minor), (new, other)]) = two() else { return };
    let place = Place::new();
    let text = python(&format!("import sys\nprint('minor', sys.version_info[1])  # minor {minor}"));
    place.write("guide.md", &text);
    let report = report(&place, &[&old, &new]);
    let finding = &report["guides"][0]["findings"][0];
    let ids = each(&report["pythons"], "id");
    let (a, b) = (ids[0].as_str().unwrap(), ids[1].as_str().unwrap());
    assert_eq!((&finding["pythons"], &finding["fix"]), (&json!([b]), &Value::Null));
    let said =
        format!("the guide says `minor {minor}`, Python says `minor {minor}` ({a}), `minor {other}` ({b})");
    assert_eq!(finding["message"], said);
    let verdicts = &report["guides"][0]["claims"][0]["verdicts"];
    assert_eq!(each(verdicts, "verdict"), ["holds", "false"]);
    let sum = &report["summary"];
    assert_eq!((&sum["claims"], &sum["holds"], &sum["false"]), (&json!(1), &json!(0), &json!(1)));

    let full = place.verify(&["guide.md", "--python", &old, "--python", &new]).stdout();
    let row = |id: &str, minor: u8| format!("{id:width$}  minor {minor}", width = a.len().max(b.len()));
    assert!(full.contains(&row(a, minor)) && full.contains(&row(b, other)), "{full}");
    assert!(full.contains("(as the guide says)"), "{full}");
    let scoped = format!("`minor {minor} in Python 3.{minor}`");
    assert!(full.contains(&scoped), "{full}");

    // Nothing that is not so on all of them is written; what the help proposes is understood.
    let fixed = place.verify(&["fix", "guide.md", "--python", &old, "--python", &new]);
    assert_eq!((fixed.code(), place.read("guide.md")), (Some(1), text.clone()), "{}", fixed.stdout());
    place.write(
        "guide.md",
        text.replace(&format!("# minor {minor}"), &format!("# minor {minor} in Python 3.{minor}")),
    );
    let done = place.verify(&["guide.md", "--python", &old, "--python", &new, "--strict"]);
    assert_eq!(done.code(), Some(0), "{}", done.stdout());
}

#[test]
fn what_is_false_on_all_alike_is_mended_for_all() {
    let Some([(old, _), (new, _)]) = two() else { return };
    let place = Place::new();
    place.write("guide.md", python("sorted('cab')  # ['a', 'c', 'b']"));
    let done = place.verify(&["fix", "guide.md", "--python", &old, "--python", &new]);
    assert_eq!(done.code(), Some(0), "{}{}", done.stdout(), done.stderr());
    assert_eq!(place.read("guide.md"), python("sorted('cab')  # ['a', 'b', 'c']"));
}

#[test]
fn different_findings_at_one_place_stay_apart() {
    let Some([(old, _), (new, newest)]) = two() else { return };
    let place = Place::new();
    place.write(
        "guide.md",
        python(&format!("import sys\n1 / 0 if sys.version_info[1] == {newest} else {{}}[0]")),
    );
    let report = report(&place, &[&old, &new]);
    let findings = &report["guides"][0]["findings"];
    let raises: Vec<_> =
        findings.as_array().unwrap().iter().filter(|finding| finding["code"] == "raises").collect();
    let on: Vec<_> = raises.iter().map(|finding| &finding["pythons"]).collect();
    let ids = each(&report["pythons"], "id");
    assert_eq!(on, [&json!([ids[0]]), &json!([ids[1]])], "{findings}");
    let concise =
        place.verify(&["guide.md", "--format", "concise", "--python", &old, "--python", &new]).stdout();
    assert!(concise.contains(&format!("KeyError: 0 (on {})", ids[0].as_str().unwrap())), "{concise}");
}

/// A statement that works from a minor version on, and before fails as if a method were not there yet.
fn since(minor: u8) -> String {
    format!(
        "import sys\nready = 'append' if sys.version_info[1] >= {minor} else 'adjoin'\nprint(callable(getattr([], ready)))  # True"
    )
}

/// The decisions on a guide's first claim, and why, on each Python.
fn decided(report: &Value) -> Vec<(String, String)> {
    let verdicts = &report["guides"][0]["claims"][0]["verdicts"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    verdicts
        .as_array()
        .unwrap()
        .iter()
        .map(|verdict| (text(&verdict["verdict"]), text(&verdict["reason"])))
        .collect()
}

#[test]
fn a_claim_about_versions_takes_one_python_on_each_side() {
    let Some([(old, _), (new, newest)]) = two() else { return };
    let place = Place::new();
    place.write("guide.md", python(&format!("# Ready (Python 3.{newest}+)\n{}", since(newest))));
    let both = report(&place, &[&old, &new]);
    assert_eq!(decided(&both), [("holds".into(), String::new()), ("holds".into(), String::new())]);
    let findings = &both["guides"][0]["findings"];
    assert_eq!(findings, &json!([]), "what the guide says is for others is no finding on this one");
    assert_eq!(both["summary"]["holds"], 2, "the value counts where it is meant");
    assert_eq!(each(&both["guides"][0]["snippets"][0]["runs"], "status"), ["ran", "ran"]);

    let [(decision, reason)] = &decided(&report(&place, &[&new]))[..] else { panic!("one verdict") };
    assert_eq!(decision, "undecided");
    assert!(
        reason.starts_with("needs interpreter: ")
            && reason.ends_with(&format!("(--python 3.{})", newest - 1)),
        "{reason}"
    );
    let [(decision, reason)] = &decided(&report(&place, &[&old]))[..] else { panic!("one verdict") };
    assert_eq!(decision, "undecided");
    assert!(reason.ends_with(&format!("(--python 3.{newest})")), "{reason}");
}

#[test]
fn a_claim_about_versions_is_contradicted_from_either_side() {
    let Some([(old, oldest), (new, newest)]) = two() else { return };
    let place = Place::new();
    let version_claims = |text: String| {
        place.write("guide.md", python(&text));
        let report = report(&place, &[&old, &new]);
        let findings = report["guides"][0]["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .map(|f| (f["code"].clone(), f["pythons"].clone(), f["message"].to_string()))
            .collect::<Vec<_>>()
    };
    let ids = installed();
    let (first, last) = (&ids[0].id, &ids[ids.len() - 1].id);

    let found = version_claims(format!("# Ready (Python 3.{newest}+)\nready = [1] + [2]"));
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((&found[1].0, &found[1].1), (&json!("version-claim"), &json!([first])), "{found:?}");
    assert!(found[1].2.contains(&format!("it works on {first} too")), "{found:?}");

    let found = version_claims(format!("# Ready (Python 3.{oldest}+)\n{}", since(newest)));
    let contradicted: Vec<_> = found.iter().filter(|found| found.0 == "version-claim").collect();
    assert_eq!(contradicted.len(), 1, "{found:?}");
    assert_eq!(contradicted[0].1, json!([first]));
    assert!(contradicted[0].2.contains("raises AttributeError"), "{found:?}");
    assert!(!found.iter().any(|found| found.0 == "raises"), "once is enough: {found:?}");

    let found = version_claims(format!("# removed in 3.{newest}\nready = [1] + [2]"));
    assert_eq!((&found[1].0, &found[1].1), (&json!("version-claim"), &json!([last])), "{found:?}");

    let found = version_claims(format!("# Ready (Python 3.{oldest}+)\nopen('no such file')"));
    assert!(!found.iter().any(|found| found.0 == "version-claim"), "a missing file says nothing: {found:?}");
}

#[test]
fn what_depends_on_code_for_other_versions_is_for_these_too() {
    let Some([(old, oldest), (new, newest)]) = two() else { return };
    if oldest >= 9 || newest < 9 {
        eprintln!("skipped: this takes a Python before 3.9 and a later one");
        return;
    }
    let place = Place::new();
    let code = "from functools import cache  # (Python 3.9+)\n\ncalls = []\n\n@cache\ndef same(n):\n    calls.append(n)\n    return n\n\nsame(3)  # 3\nlen(calls)  # 1";
    place.write("guide.md", python(code));
    let report = report(&place, &[&old, &new]);
    assert_eq!(report["guides"][0]["findings"], json!([]));
    let sum = &report["summary"];
    assert_eq!(
        (&sum["holds"], &sum["undecided"]),
        (&json!(3), &json!(0)),
        "{}",
        report["guides"][0]["claims"]
    );
    let reason = report["guides"][0]["claims"][1]["verdicts"][0]["reason"].as_str().unwrap();
    assert_eq!(reason, "other version: line 2 is for Python 3.9+");
}

#[test]
fn what_runs_on_a_newer_python_that_was_tried_is_no_mistake() {
    let Some([(old, oldest), (new, newest)]) = two() else { return };
    if oldest >= 11 || newest < 11 {
        eprintln!("skipped: this takes a Python before 3.11 and a later one");
        return;
    }
    let place = Place::new();
    place.write("guide.md", python("import math\nmath.cbrt(0)  # 0.0\n[].lenght"));
    let report = report(&place, &[&old, &new]);
    let guide = &report["guides"][0];
    let findings = guide["findings"].as_array().unwrap();
    let codes: Vec<_> = findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["needs-interpreter", "raises"], "{findings:?}");
    assert_eq!(findings[1]["pythons"].as_array().unwrap().len(), 2, "{findings:?}");
    let verdicts = &guide["claims"][0]["verdicts"];
    assert_eq!(each(verdicts, "verdict"), ["undecided", "holds"]);
    assert!(verdicts[0]["reason"].as_str().unwrap().starts_with("needs interpreter: "), "{verdicts}");
}

#[test]
fn syntax_of_another_version_needs_that_one() {
    let Some([(old, oldest), (new, newest)]) = two() else { return };
    if oldest >= 10 || newest < 10 {
        eprintln!("skipped: this takes a Python before 3.10 and a later one");
        return;
    }
    let place = Place::new();
    place.write("guide.md", python("print('first')  # first\nmatch 3:\n    case n:\n        print(n)  # 3"));
    let report = report(&place, &[&old, &new]);
    let guide = &report["guides"][0];
    assert_eq!(each(&guide["snippets"][0]["runs"], "status"), ["blocked", "ran"]);
    let findings = guide["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["code"], "needs-interpreter");
    assert_eq!(findings[0]["message"], "this syntax is for Python 3.10+");
    let verdicts = &guide["claims"][1]["verdicts"];
    assert_eq!(each(verdicts, "verdict"), ["undecided", "holds"]);
    assert!(verdicts[0]["reason"].as_str().unwrap().starts_with("needs interpreter: "), "{verdicts}");
    assert_eq!(report["summary"]["undecided"], 0, "it is not for that one: {}", report["summary"]);
}

#[test]
fn a_run_in_another_python_begins_as_in_the_embedded_one() {
    let Some(other) = another() else { return };
    let embedded = verify::pythons::EMBEDDED;
    let place = Place::new();
    place.write(
        "guide.md",
        python(
            "import os, sys, signal, stat
print(sorted(os.environ), os.environ['HOME'] == os.getcwd(), os.listdir())
print([os.path.basename(argument) for argument in sys.argv], __name__, os.path.basename(__file__))
print(sys.stdin.read() == '', sys.path[0] == os.getcwd(), '' in sys.path, sys.stdout.encoding)
with open('file', 'w') as file:
    print(file.fileno())
print(sorted(int(number) for number in os.listdir('/proc/self/fd') if int(number) < 100)[:3])
print([os.get_inheritable(number) for number in (0, 1, 2)], stat.S_ISCHR(os.fstat(0).st_mode))
print(sys.flags.utf8_mode, sys.flags.dont_write_bytecode, sys.flags.no_user_site, sys.dont_write_bytecode)
print([signal.getsignal(number) for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGTERM)])
print(sorted(name for name in sys.modules if name.startswith('_verify')), hash('a') == hash('a'))
print(os.listdir('/') == os.listdir(os.sep), os.getuid() != 0, os.getpid())
print(os.path.exists(os.path.join(os.path.dirname(os.getcwd()), 'given')))",
        ),
    );
    let report = report(&place, &[embedded, &other]);
    let runs = &report["guides"][0]["snippets"][0]["runs"];
    assert_eq!(each(runs, "status"), ["ran", "ran"], "{runs}");
    let [first, second] = [0, 1].map(|run| runs[run]["stdout"].as_str().unwrap());
    assert_eq!(first, second);
    let simulated: Vec<_> = each(&report["pythons"], "virtual_time").into_iter().collect();
    assert_eq!(simulated, [true, false], "waiting is real there, and the report says so");
    assert_eq!(report["virtual_time"], false);
}

#[test]
fn another_python_is_in_the_same_sandbox_and_waits_really() {
    let Some(other) = another() else { return };
    let place = Place::new();
    place.write("secret", "the secret");
    let secret = place.path("secret");
    place.write(
        "guide.md",
        python(&format!(
            "import time, os, socket\nstart = time.monotonic()\ntime.sleep(0.3)\nprint(time.monotonic() - start >= 0.3)  # True\nprint(os.path.exists({:?}))  # False",
            secret.display().to_string()
        )),
    );
    let report = report(&place, &[&other]);
    let guide = &report["guides"][0];
    if report["sandbox"]["layer"] == "namespaces" {
        assert_eq!(guide["findings"], json!([]));
    }
    assert!(guide["snippets"][0]["runs"][0]["duration_ms"].as_f64().unwrap() >= 300.0, "{guide}");
    // What ends early is told as with the embedded one.
    place.write("guide.md", python("while True:\n    pass"));
    let done = place.verify(&["guide.md", "--python", &other, "--timeout", "1", "--format", "concise"]);
    assert!(
        done.stdout().contains("guide.md:2:1: error[timeout] this does not end in time"),
        "{}",
        done.stdout()
    );
    place.write("guide.md", python("import os\nos.abort()"));
    let done = place.verify(&["guide.md", "--python", &other, "--format", "concise"]);
    assert!(
        done.stdout().contains("guide.md:3:1: error[crash] this crashes the interpreter (SIGABRT)"),
        "{}",
        done.stdout()
    );
}

#[test]
fn snapshots_are_proposed_once_where_all_show_the_same() {
    let Some([(old, minor), (new, other)]) = two() else { return };
    let place = Place::new();
    place.write("verify.toml", "guides = [\"guide.md\"]\n");
    place.write(
        "guide.md",
        format!("{}{}", python("print('same')"), python("import sys\nprint(sys.version_info[1])")),
    );
    let check = || {
        let done =
            place.verify(&["guide.md", "--format", "concise", "-q", "--python", &old, "--python", &new]);
        let mut files: Vec<_> = std::fs::read_dir(place.path("expected/guide"))
            .expect("snapshots")
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        (done.code(), done.stdout(), files)
    };
    let own = |minor: u8| format!("top.2@3.{minor}.snap");
    let accept = |name: &str| {
        std::fs::rename(
            place.path(&format!("expected/guide/{name}.new")),
            place.path(&format!("expected/guide/{name}")),
        )
        .unwrap();
    };
    let pending = ["top.1.snap.new".to_owned(), "top.2.snap.new".to_owned(), format!("{}.new", own(other))];
    assert_eq!(check().2, pending);
    assert!(place.read("expected/guide/top.2.snap.new").contains(&format!("python: \"3.{minor}\"")));
    for name in ["top.1.snap", "top.2.snap", &own(other)] {
        accept(name);
    }
    let reviewed = ["top.1.snap".to_owned(), "top.2.snap".to_owned(), own(other)];
    assert_eq!(check(), (Some(0), String::new(), reviewed.to_vec()));
    let guide = place.read("guide.md");
    place.write("guide.md", guide.replace("same", "else"));
    let (code, out, files) = check();
    assert_eq!(code, Some(1), "{out}");
    assert_eq!(out.matches("snapshot-changed").count(), 1, "{out}");
    assert!(!files.iter().any(|file| file.starts_with("top.1@")), "one change, one proposal: {files:?}");
}

#[test]
fn what_there_is_not_is_a_mistake_of_usage() {
    let place = Place::new();
    place.write("guide.md", python("1 + 1  # 2"));
    for (wanted, words) in [
        ("3.77", "there is no Python 3.77 on PATH"),
        ("python", "neither a version"),
        ("./python", "./python is not an interpreter"),
    ] {
        let done = place.verify(&["guide.md", "--python", wanted]);
        assert_eq!((done.code(), done.stdout().as_str()), (Some(2), ""), "{wanted}");
        assert!(done.stderr().contains(words), "{wanted}: {}", done.stderr());
    }
}

#[test]
fn a_configuration_names_pythons_and_the_command_line_replaces_them() {
    let Some([(old, _), (new, _)]) = two() else { return };
    let place = Place::new();
    place.write("guide.md", python("1 + 1  # 2"));
    place.write("verify.toml", format!("guides = ['guide.md']\npython = ['{old}', '{new}']\n"));
    let paths = |report: &Value| each(&report["pythons"], "path").into_iter().cloned().collect::<Vec<_>>();
    assert_eq!(paths(&report(&place, &[])), [json!(old), json!(new)]);
    assert_eq!(paths(&report(&place, &[&new])), [json!(new)]);
    place.write("other/verify.toml", "");
    place.write("other/guide.md", python("1 + 1  # 2"));
    let done = place.verify(&["guide.md", "other/guide.md"]);
    assert_eq!(done.code(), Some(2));
    assert!(
        done.stderr().contains("guide.md and other/guide.md are configured for different"),
        "{}",
        done.stderr()
    );
    place.write("verify.toml", "python = ['3.9', 'latest']\n");
    let done = place.verify(&["guide.md"]);
    assert_eq!(done.code(), Some(2));
    assert!(done.stderr().contains("verify.toml:1:18: `latest` is neither a version"), "{}", done.stderr());
}
