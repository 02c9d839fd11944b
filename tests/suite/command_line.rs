//! Options, exit codes and the JSON report, as programs rely on them.

use crate::common::Place;
use serde_json::{Value, json};

const GUIDE: &str = "# Guide\n\n## Block 1: names\n\n```python\nimport math\n```\n\n## Block 4: é things\n\n### Deep\n\n```python\nmath.floor(2.5)  # 2\nprint(\"é\")  # Output: e\n```\n";

#[test]
fn the_json_report_is_what_programs_expect() {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    let done = place.verify(&["guide.md", "--format", "json"]);
    assert_eq!(done.code(), Some(1));
    let report = done.json();
    assert_eq!(report["schema"], 1);
    assert_eq!(report["tool"]["name"], "verify");
    let python = &report["pythons"][0];
    assert_eq!((&python["implementation"], &python["embedded"]), (&json!("CPython"), &json!(true)));
    let guide = &report["guides"][0];
    assert_eq!((&guide["path"], &guide["error"]), (&json!("guide.md"), &Value::Null));

    let snippet = &guide["snippets"][1];
    assert_eq!(snippet["id"], "4.1");
    assert_eq!(snippet["block"], "4");
    assert_eq!(snippet["headings"], json!(["Block 4: é things", "Deep"]));
    assert_eq!(snippet["lines"], json!([14, 15]));
    assert_eq!(snippet["fenced"], true);
    assert_eq!(snippet["needs"], json!(["1.1"]));
    let run = &snippet["runs"][0];
    assert_eq!((&run["status"], &run["stdout"], &run["stderr"]), (&json!("ran"), &json!("é\n"), &json!("")));
    assert_eq!(
        (&run["reason"], &run["line"], &run["truncated"]),
        (&Value::Null, &Value::Null, &json!(false))
    );
    assert!(run["duration_ms"].is_number() && run["python"] == python["id"]);

    let claim = &guide["claims"][1];
    assert_eq!(claim["id"], "L15");
    assert_eq!(
        (&claim["kind"], &claim["form"], &claim["certainty"]),
        (&json!("stdout"), &json!("trailing"), &json!("explicit"))
    );
    assert_eq!((&claim["text"], &claim["expected"]), (&json!("Output: e"), &json!("e")));
    assert_eq!(claim["subject"], json!({"lines": [15, 15], "code": "print(\"é\")"}));
    let verdict = &claim["verdicts"][0];
    assert_eq!(
        (&verdict["verdict"], &verdict["actual"], &verdict["reason"]),
        (&json!("false"), &json!("é"), &Value::Null)
    );

    let finding = guide["findings"].as_array().unwrap().iter().find(|f| f["code"] == "false-claim").unwrap();
    let place_of = |key: &str| finding[key].as_u64().unwrap();
    let places = (place_of("line"), place_of("column"), place_of("end_line"), place_of("end_column"));
    assert_eq!(places, (15, 15, 15, 23), "columns count code points, both ends inclusive");
    assert_eq!((&finding["severity"], &finding["expected"]), (&json!("error"), &json!(false)));
    assert_eq!(
        (&finding["snippet"], &finding["claim"], &finding["fix"]),
        (&json!("4.1"), &json!("L15"), &json!({"range": {"start": 142, "end": 143}, "replacement": "é"}))
    );
    assert!(finding["help"].as_str().unwrap().contains("# Output: é"));

    let sum = &report["summary"];
    let counts =
        ["guides", "snippets", "claims", "holds", "false", "undecided", "errors", "warnings", "expected"];
    let counts: Vec<_> = counts.iter().map(|key| sum[key].as_u64().unwrap()).collect();
    assert_eq!(counts, [1, 2, 2, 1, 1, 0, 1, 1, 0]);
    assert_eq!(sum["unverified"], 1);
}

#[test]
fn statements_that_were_never_started_are_named() {
    let place = Place::new();
    let code = "import os\nprint(1)\nos._exit(0)\nprint(2)\n# said\n\nif True:\n    print(3)\n";
    place.write("guide.md", format!("```python\n{code}```\n\n```python\n1 / 0\n```\n"));
    let report = place.verify(&["guide.md", "--format", "json"]).json();
    let not_run = |snippet: usize| &report["guides"][0]["snippets"][snippet]["runs"][0]["not_run"];
    assert_eq!((not_run(0), not_run(1)), (&json!([[5, 5], [8, 9]]), &json!([])));
}

#[test]
fn a_bad_guide_hides_no_other_and_outranks_their_errors() {
    let place = Place::new();
    place.write("good.md", "```python\n1 + 1  # 3\n```\n");
    place.write("latin.md", b"caf\xe9\n");
    place.write("folder/inner.markdown", "# Nothing\n");
    let done = place.verify(&["latin.md", "missing.md", "good.md", "folder", "--format", "concise"]);
    assert_eq!(done.code(), Some(2));
    let out = done.stdout();
    assert!(out.contains("latin.md: error: is not UTF-8: line 1"), "{out}");
    assert!(out.contains("missing.md: error: cannot be read"), "{out}");
    assert!(out.contains("good.md:2:10: error[false-claim]"), "{out}");
    assert!(out.contains("in 4 guides"), "{out}");
}

#[test]
fn mistakes_of_usage_are_exit_2_and_say_what_to_do() {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    for (arguments, words) in [
        (&[][..], "pass a Markdown file"),
        (&["--unknown"], "--unknown"),
        (&["guide.md", "--block", "7"], "there are: 1, 1.1, 4, 4.1"),
        (&["guide.md", "--timeout", "0"], "more than 0"),
        (&["guide.md", "--format", "xml"], "full"),
    ] {
        let done = place.verify(arguments);
        assert_eq!(done.code(), Some(2), "{arguments:?}");
        assert!(done.stderr().contains(words), "{arguments:?}: {}", done.stderr());
    }
    place.write("verify.toml", "guidez = []\n");
    let done = place.verify(&[]);
    assert_eq!(done.code(), Some(2));
    assert!(done.stderr().contains("did you mean `guides`"), "{}", done.stderr());
}

#[test]
fn strict_counts_warnings() {
    let place = Place::new();
    place.write("guide.md", "```python\nx = 1\n```\n\n```python\nprint(x)\n```\n");
    assert_eq!(place.verify(&["guide.md"]).code(), Some(0));
    assert_eq!(place.verify(&["guide.md", "--strict"]).code(), Some(1));
}

#[test]
fn the_report_can_go_to_a_file() {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    let done = place.verify(&["guide.md", "--format", "json", "--output", "report.json"]);
    assert_eq!((done.code(), done.stdout().as_str()), (Some(1), ""));
    assert!(serde_json::from_str::<Value>(&place.read("report.json")).is_ok());
    let nowhere = place.verify(&["guide.md", "--output", "no/such/folder/report.json"]);
    assert_eq!(nowhere.code(), Some(2));
}

#[test]
fn a_block_is_checked_alone() {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    let report = place.verify(&["guide.md", "--block", "4", "--format", "json"]).json();
    let ids =
        report["guides"][0]["snippets"].as_array().unwrap().iter().map(|s| &s["id"]).collect::<Vec<_>>();
    assert_eq!(ids, ["4.1"]);
    assert_eq!(report["summary"]["claims"], 2);
    assert_eq!(
        report["guides"][0]["claims"][0]["verdicts"][0]["verdict"], "holds",
        "what it needs still runs"
    );
}

#[test]
fn snippets_are_extracted_and_compared() {
    let place = Place::new();
    place.write("verify.toml", "guides = [\"*.md\"]\n");
    place.write("guide.md", GUIDE);
    assert_eq!(place.verify(&["extract", "--check"]).code(), Some(1));
    assert_eq!(place.verify(&["extract"]).code(), Some(0));
    let text = place.read("snippets/guide/4.1.py");
    assert!(text.starts_with("# Extracted by verify from guide.md, snippet 4.1."), "{text}");
    assert!(text.ends_with("math.floor(2.5)  # 2\nprint(\"é\")  # Output: e\n"), "{text}");
    assert_eq!(place.verify(&["extract", "--check"]).code(), Some(0));

    place.write("snippets/guide/mine.py", "keep = True\n");
    place.write("guide.md", GUIDE.replace("2.5", "3.5").replace("## Block 1", "## Block 2"));
    let check = place.verify(&["extract", "--check"]);
    assert_eq!(check.code(), Some(1));
    assert!(check.stdout().contains("4.1.py") && check.stdout().contains("no longer in the guide"));
    assert_eq!(place.verify(&["extract"]).code(), Some(0));
    assert!(!place.path("snippets/guide/1.1.py").exists(), "files of snippets that are gone go too");
    assert!(place.path("snippets/guide/mine.py").exists(), "files of others stay");
}

#[test]
fn the_report_says_which_line_printed_what() {
    let place = Place::new();
    let guide = "# P\n\n```python\ndef shout(text):\n    print(text + '!')\n\nshout('own')\n```\n\n\
        ```python\nimport subprocess\nimport sys\nfor i in range(2):\n    print(i)\n    shout('far')\n\
        subprocess.run(['echo', 'child'])\nprint('a', end='')\nprint('b', file=sys.stderr)\n\
        print('é' * 2001)\n```\n";
    place.write("guide.md", guide);
    let report = place.verify(&["guide.md", "--format", "json"]).json();
    let printed = |snippet: usize| -> Vec<(u64, String, bool)> {
        let printed = report["guides"][0]["snippets"][snippet]["runs"][0]["printed"].clone();
        let one = |it: &Value| {
            let text = it["text"].as_str().expect("a text");
            let stream = if it["stream"] == "stderr" { "stderr: " } else { "" };
            (it["line"].as_u64().expect("a line"), format!("{stream}{text}"), it["truncated"] == true)
        };
        printed.as_array().expect("a list").iter().map(one).collect()
    };
    assert_eq!(printed(0), [(5, "own!\n".into(), false)]);
    let all = [
        (14, "0\n1\n".into(), false),
        (15, "far!\nfar!\n".into(), false),
        (16, "child\n".into(), false),
        (17, "a".into(), false),
        (19, "é".repeat(2000), true),
        (18, "stderr: b\n".into(), false),
    ];
    assert_eq!(printed(1), all);
}

#[test]
fn each_comment_is_a_claim_or_not_and_it_is_said_why() {
    let place = Place::new();
    place.write(
        "guide.md",
        "```python\nx = 1  # 1. First\nprint(x)  # => 1\nprint(x)  # maybe\nx + 1  # 2\n# noqa\n\n# The end.\n```\n",
    );
    let listed = place.verify(&["list", "--claims", "guide.md"]).stdout();
    let checked = place.verify(&["-v", "--format", "concise", "guide.md"]).stdout();
    for (list, check) in [
        ("L2 no claim: 1. First | it numbers", "2: no claim: 1. First | it numbers"),
        ("L3 stdout, trailing, by its mark: => 1", "3: holds: => 1 | stdout, trailing, by its mark"),
        ("L4 stdout, trailing, if it matches: maybe", "4: no claim: maybe | it could be output, and is not"),
        ("L5 value, trailing, by its shape: 2", "5: holds: 2 | value, trailing, by its shape"),
        ("L6 no claim: noqa | it is for a tool", "6: no claim: noqa | it is for a tool"),
        ("L8 no claim: The end. | it stands apart", "8: no claim: The end. | it stands apart"),
    ] {
        assert!(listed.lines().any(|line| line.trim().starts_with(list)), "{list}: {listed}");
        assert!(checked.contains(&format!("guide.md:{check}")), "{check}: {checked}");
    }
    let lines = |text: &str| text.matches("no claim").count();
    assert_eq!((lines(&listed), lines(&checked)), (3, 4));
    assert!(!place.verify(&["list", "guide.md"]).stdout().contains("no claim"));
}
