//! The configuration, as its users meet it: what it gives to snippets, what is said of one that is not
//! right, what `verify init` writes, and that its page and its schema are true.

use crate::common::{Done, Place};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};
use serde_json::Value;

const PAGE: &str = include_str!("../../docs/configuration.md");

/// A guide that lacks something of every kind.
const LACKING: &str = "## 1. Files\n\n```python\nimport no_such_package\nprint(open('odd \"name\".csv').read())\nopen('/nowhere/x')\n```\n\n## 2. Others\n\n```python\nfrom urllib.request import urlopen\nurlopen('http://example.com/page')\nname = input('Name? ')\nimport socket\nsocket.create_connection(('127.0.0.1', 5432))\nsocket.create_connection(('127.0.0.1', 1))\n```\n";

/// The codes of the findings on the first guide of a report.
fn codes(done: &Done) -> Vec<String> {
    let findings = done.json()["guides"][0]["findings"].as_array().expect("findings").clone();
    findings.iter().map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect()
}

fn json(place: &Place, guide: &str) -> Done {
    place.verify(&[guide, "--format", "json"])
}

/// The fences of the page in some language.
fn fences(language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for event in Parser::new(PAGE) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if *info == *language => {
                inside = true;
                found.push(String::new());
            }
            Event::End(_) => inside = false,
            Event::Text(text) if inside => found.last_mut().expect("a fence").push_str(&text),
            _ => {}
        }
    }
    found
}

#[test]
fn a_bad_configuration_is_exit_2_and_hides_no_other_guide() {
    let place = Place::new();
    place.write("good/verify.toml", "packages = []\n");
    place.write("good/guide.md", "```python\n1 + 1  # 3\n```\n");
    place.write("bad/verify.toml", "\npackagez = []\n");
    place.write("bad/guide.md", "```python\n1 + 1  # 3\n```\n");
    place.write("none/guide.md", "```python\n1 + 1  # 3\n```\n");
    for command in [&[".", "--format", "concise"][..], &["list", "."], &["extract", "--check", "."]] {
        let done = place.verify(command);
        assert_eq!(done.code(), Some(2), "{command:?}: {}", done.stderr());
        let words = "bad/guide.md: error: cannot be checked: bad/verify.toml:2:1: unknown key `packagez`: did you mean `packages`?";
        assert!(done.stdout().contains(words), "{command:?}: {}", done.stdout());
    }
    let done = place.verify(&[".", "--format", "concise"]);
    for guide in ["good", "none"] {
        let found = format!("{guide}/guide.md:2:10: error[false-claim]");
        assert!(done.stdout().contains(&found), "{}", done.stdout());
    }
    let fix = place.verify(&["fix", "--diff", "bad/guide.md", "none/guide.md"]);
    assert_eq!(fix.code(), Some(2));
    assert!(fix.stderr().contains("bad/verify.toml:2:1") && fix.stdout().contains("+1 + 1  # 2"));
}

#[test]
fn what_runs_before_a_snippet_brings_what_it_needs() {
    let place = Place::new();
    place.write("verify.toml", "[[guide]]\npath = 'guide.md'\nsnippet.'top.1' = { files.'a.txt' = 'A', setup = 'def twice(x): return 2 * x' }\n");
    place.write("guide.md", "```python\ntext = twice(open('a.txt').read())\n```\n\n```python\ntext  # 'AA'\n```\n\n```python\nopen('a.txt')\n```\n");
    let done = json(&place, "guide.md");
    let report = done.json();
    assert_eq!(report["summary"]["holds"], 1, "{report:#}");
    let missing: Vec<_> = codes(&done).into_iter().filter(|code| code == "missing-file").collect();
    assert_eq!(missing.len(), 1, "the last snippet needs nothing of the first: {report:#}");
}

#[test]
fn all_runs_of_a_snippet_are_supplied_alike() {
    let place = Place::new();
    // A false claim is tried again in another world, and in the other contexts.
    place.write("guide.md", "```python\nx = 1\n```\n\n<!-- verify: with files.\"a.txt\" = \"A\", stdin = \"B\\n\" -->\n```python\nopen('a.txt').read() + input()  # 'AC'\n```\n");
    let report = json(&place, "guide.md").json();
    let verdict = &report["guides"][0]["claims"][0]["verdicts"][0];
    assert_eq!((&verdict["verdict"], &verdict["actual"]), (&"false".into(), &"'AB'".into()), "{report:#}");
}

#[test]
fn time_and_skips_are_configured_and_the_command_line_goes_first() {
    let place = Place::new();
    place.write(
        "verify.toml",
        "timeout = 0.3\n[[guide]]\npath = 'guide.md'\nsnippet.'top.2'.skip = 'runs forever'\n",
    );
    let forever = "```python\nwhile True:\n    pass\n```\n\n";
    place.write("guide.md", forever.repeat(2));
    let report = json(&place, "guide.md").json();
    let runs: Vec<_> = report["guides"][0]["snippets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|snippet| &snippet["runs"][0])
        .collect();
    assert_eq!((&runs[0]["status"], &runs[1]["status"]), (&"timed_out".into(), &"skipped".into()));
    assert!(runs[0]["duration_ms"].as_f64().unwrap() < 5000.0, "{runs:?}");
    assert_eq!(runs[1]["reason"], "runs forever");
    place.write(
        "guide.md",
        "```python\nn = 0\nfor i in range(10**7):\n    n += i\nn > 0  # True\n```\n\n```python\n```\n",
    );
    place.write("verify.toml", "timeout = 0.01\n");
    let done = place.verify(&["guide.md", "--timeout", "60", "--format", "json"]);
    assert_eq!(done.json()["summary"]["holds"], 1, "{}", done.stdout());
}

#[test]
fn init_writes_what_a_run_lacked_and_verify_accepts_it() {
    let place = Place::new();
    place.write("docs/guide.md", LACKING);
    let done = place.verify(&["init"]);
    assert_eq!(done.code(), Some(0), "{}", done.stderr());
    let written = place.read("verify.toml");
    for line in [
        "#:schema ./verify.schema.json",
        "guides = [\"docs/guide.md\"]",
        "packages = [\"no_such_package\"]",
        "[guide.snippet.\"1.1\"]",
        "files.\"odd \\\"name\\\".csv\" = \"\"",
        "services = [\"postgres\"]",
        "http.\"http://example.com/\" = \"\"",
        "stdin = \"\"",
    ] {
        assert!(written.lines().any(|written| written == line), "{line} is not in {written}");
    }
    assert!(written.contains("`/nowhere/x` does not exist. It cannot be given"), "{written}");
    let schema: Value = serde_json::from_str(&place.read("verify.schema.json")).expect("a schema");
    assert_eq!(schema["title"], "verify.toml");

    let checked = place.verify(&["--format", "json"]);
    assert_eq!((checked.code(), checked.json()["guides"][0]["error"].is_null()), (Some(0), true));
    assert!(!codes(&checked).is_empty(), "the package is still missing");

    let again = place.verify(&["init"]);
    assert_eq!(again.code(), Some(2));
    assert!(again.stderr().contains("verify.toml is there already"), "{}", again.stderr());
    assert_eq!(place.read("verify.toml"), written);
}

#[test]
fn init_writes_where_it_is_and_never_over_another_configuration() {
    let place = Place::new();
    place.write("a/guide.md", LACKING);
    place.write("b/pyproject.toml", "[tool.verify]\n");
    place.write("b/guide.md", LACKING);
    place.write("latin.md", b"caf\xe9\n");
    for (guide, words) in [("b/guide.md", "b/pyproject.toml is there already"), ("no.md", "no.md")] {
        let done = place.verify(&["init", guide]);
        assert_eq!(done.code(), Some(2));
        assert!(done.stderr().contains(words), "{}", done.stderr());
        assert!(!place.path("verify.toml").exists());
    }
    let done = place.verify(&["init", "latin.md", "a"]);
    assert_eq!(done.code(), Some(2));
    assert!(done.stderr().contains("latin.md is left out: is not UTF-8"), "{}", done.stderr());
    assert!(place.read("verify.toml").contains("guides = [\"a/guide.md\"]"));
}

#[test]
fn the_schema_is_up_to_date() {
    let printed = Place::new().verify(&["init", "--schema"]).stdout();
    let committed = include_str!("../../verify.schema.json");
    assert!(printed == committed, "run `cargo run -- init --schema > verify.schema.json`");
}

#[test]
fn every_example_of_the_page_is_accepted() {
    let examples = fences("toml");
    assert!(examples.len() > 8, "the page has examples ({} found)", examples.len());
    for example in examples {
        let place = Place::new();
        for name in
            ["requirements.txt", "docs/setup.py", "docs/schema.sql", "docs/page.html", "docs/data/rows.csv"]
        {
            place.write(name, "");
        }
        place.write("pyproject.toml", "[dependency-groups]\ndocs = []\n");
        place.write("docs/intro.md", "## 2. Two\n\n```python\n1 + 1  # 2\n```\n");
        let name = if example.contains("[tool.verify]") { "pyproject.toml" } else { "verify.toml" };
        place.write(name, &example);
        let done = place.verify(&["list", "docs/intro.md"]);
        assert_eq!(done.code(), Some(0), "{example}\n{}", done.stdout());
    }
}

#[test]
fn every_guide_of_the_page_is_true() {
    let examples = fences("markdown");
    assert_eq!(examples.len(), 2, "the page has guides");
    for example in examples {
        let place = Place::new();
        place.write("guide.md", &example);
        let done = json(&place, "guide.md");
        assert_eq!(codes(&done), Vec::<String>::new(), "{example}");
        assert!(done.json()["summary"]["holds"].as_u64() > Some(0), "{example}");
    }
}

#[test]
fn every_key_has_a_heading_on_the_page() {
    let schema: Value = serde_json::from_str(include_str!("../../verify.schema.json")).expect("a schema");
    let keys = schema["properties"].as_object().expect("keys");
    assert!(keys.len() > 12);
    for key in keys.keys() {
        assert!(PAGE.lines().any(|line| line == format!("### `{key}`")), "`{key}` has no heading");
    }
}
