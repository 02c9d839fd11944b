//! `--shard` and `verify merge`: parts of a run are together what one run is.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::common::{Done, Place};

/// A number that is repeated in another snippet, names from another snippet, a companion, an expectation that is met
/// and one that is not, and a finding that belongs to no snippet.
const GUIDE: &str = "\
# Block 1

```python
import sys
def double(x):
    return 2 * x
print(len('x' * 96), 'bytes')  # prints 95 bytes
```

```python
double(4)  # 9
'the 95 bytes'  # as above: 95 bytes
```

The list takes 95 bytes.

# Block 2

<!-- verify: expect raises reason=\"shows it\" -->
```python
open('missing.txt')
```

<!-- verify: expect raises reason=\"is it so?\" -->
```python
double(2)  # 4
missing
```

# Block 10

```python
print('é')  # e
```

    double(3)
";

const FORMATS: [&str; 6] = ["full", "concise", "sarif", "github", "gitlab", "html"];

/// A project with guides of several kinds.
fn project() -> Place {
    let place = Place::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["python-refresher.md", "common-mistakes.md"] {
        let text = std::fs::read(root.join("snippets").join(name)).expect("the project's own guide");
        place.write(&format!("docs/{name}"), text);
    }
    place.write("verify.toml", "guides = ['docs/*.md', '*.md', '*.ipynb']\n");
    place.write("guide.md", GUIDE);
    place.write("snippets/guide/1.1.check.py", "double(2)  # 4\ndouble(3)  # 7\n");
    place.write("snippets/guide/9.9.check.py", "1  # 1\n");
    place.write("expected/guide/7.7.snap", "---\n---\n");
    place.write("broken.md", [0xff, b'\n']);
    // All cells in one line.
    let cell = |code: &str, shown: &str| {
        let output = json!({
            "output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": [shown]},
        });
        json!({
            "cell_type": "code", "execution_count": 1, "metadata": {}, "source": [code], "outputs": [output],
        })
    };
    let cells: Vec<_> = (1..13).map(|n| cell(&format!("{n} + {n}"), &format!("{}", 2 * n + n % 2))).collect();
    let notebook = json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    place.write("cells.ipynb", notebook.to_string());
    place
}

/// A report without what is never twice the same: durations, also those that a guide prints, and addresses.
fn settled(text: &str) -> String {
    let patterns = [r#""duration_ms":[\d.e-]+"#, r"0x[0-9a-f]+", r"\b0\.0\d{6,}", r" in [\d.]+ m?s\b"];
    patterns.iter().fold(text.to_owned(), |text, pattern| {
        regex::Regex::new(pattern).expect("valid").replace_all(&text, "…").into_owned()
    })
}

fn assert_same(one: &str, other: &str, what: &str) {
    let [one, other] = [one, other].map(|text| text.replace(",\"", ",\n\""));
    let diff = similar::TextDiff::from_lines(&one, &other);
    let diff = diff.unified_diff().context_radius(1).to_string();
    assert!(diff.is_empty(), "{what}:\n{}", &diff[..diff.floor_char_boundary(4000)]);
}

/// Runs verify and gives its exit code with the report in each format.
fn reported(place: &Place, args: &[&str]) -> (Option<i32>, Vec<String>) {
    let reports: Vec<_> = FORMATS.iter().map(|format| format!("{format}=report.{format}")).collect();
    let reports = reports.iter().flat_map(|report| ["--report", report]);
    let args: Vec<_> = args.iter().copied().chain(["--format", "json", "-v"]).chain(reports).collect();
    let done = place.verify(&args);
    let files = FORMATS.iter().map(|format| settled(&place.read(&format!("report.{format}"))));
    (done.code(), [settled(&done.stdout())].into_iter().chain(files).collect())
}

/// Checks the parts of a run into `part1.json` and so on, the names of which it gives.
fn parts(place: &Place, count: usize, args: &[&str]) -> Vec<String> {
    let check = |index: usize| {
        let (shard, name) = (format!("{index}/{count}"), format!("part{index}.json"));
        let own = ["--shard", &shard, "--format", "json", "--output", &name];
        let done = place.verify(&[args, &own].concat());
        assert!(done.stderr().is_empty(), "{}", done.stderr());
        name
    };
    (1..=count).map(check).collect()
}

fn merge(place: &Place, parts: &[String], args: &[&str]) -> Done {
    let parts = parts.iter().map(String::as_str);
    place.verify(&["merge"].into_iter().chain(parts).chain(args.iter().copied()).collect::<Vec<_>>())
}

fn snippets(place: &Place, part: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(&place.read(part)).expect("JSON");
    let guides = report["guides"].as_array().expect("guides").clone();
    let of = |guide: Value| {
        let path = guide["path"].as_str().expect("a path").to_owned();
        let ids = guide["snippets"].as_array().expect("snippets").clone();
        ids.into_iter().map(move |snippet| format!("{path} {}", snippet["id"].as_str().expect("an id")))
    };
    guides.into_iter().flat_map(of).collect()
}

#[test]
fn parts_are_together_what_one_run_is() {
    let place = project();
    let one = reported(&place, &[]);
    assert_eq!(one.0, Some(2), "a guide cannot be read");
    for word in ["companion-orphan", "snapshot-orphan", "restated-claim", "unmet-expectation", "1.1.check.py"]
    {
        assert!(one.1[0].contains(word), "{word} is found");
    }
    for count in 1..=4 {
        let mut names = parts(&place, count, &[]);
        let all: Vec<_> = names.iter().flat_map(|name| snippets(&place, name)).collect();
        let once: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(once.len(), all.len(), "every snippet is in one part");
        assert!(names.iter().all(|name| !snippets(&place, name).is_empty()), "every part has some");
        names.reverse();
        let names: Vec<_> = ["merge"].into_iter().chain(names.iter().map(String::as_str)).collect();
        let merged = reported(&place, &names);
        assert_eq!(merged.0, one.0, "{count} parts");
        for (format, (merged, one)) in ["json"].iter().chain(&FORMATS).zip(merged.1.iter().zip(&one.1)) {
            assert_same(one, merged, &format!("{count} parts as {format}"));
        }
    }
}

#[test]
fn a_part_of_what_is_asked_for_is_divided_too() {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    let ask = ["guide.md", "--block", "2", "--strict"];
    let one = settled(&place.verify(&[&ask[..], &["--format", "json"]].concat()).stdout());
    let merged = merge(&place, &parts(&place, 2, &ask), &["--format", "json", "--strict"]);
    assert_eq!(settled(&merged.stdout()), one);
}

/// So many that most are in one part as a whole, which the others do not read.
#[test]
fn of_many_guides_a_part_reads_its_own() {
    const COUNT: usize = 3;
    let place = Place::new();
    for number in 100..230 {
        place.write(
            &format!("docs/{number}.md"),
            format!("```python\n{number} + 1  # {}\n```\n", number + number % 2),
        );
    }
    place.write("docs/230.md", GUIDE.repeat(3));
    place.write("docs/231.md", [0xff]);
    let one = reported(&place, &["docs"]);
    let names = parts(&place, COUNT, &["docs"]);
    let own: Vec<_> = names.iter().map(|name| snippets(&place, name)).collect();
    for own in &own {
        assert!(own.len() > 20 && own.iter().any(|name| name.starts_with("docs/230.md ")), "{own:?}");
    }
    let read = |name: &String| place.read(name).matches("\"digest\":\"").count();
    assert_eq!(names.iter().map(read).sum::<usize>(), 130 + COUNT, "each guide once, but the long one");
    let merge: Vec<_> = ["merge"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let merged = reported(&place, &merge);
    assert_eq!(merged.0, one.0);
    for (format, (merged, one)) in ["json"].iter().chain(&FORMATS).zip(merged.1.iter().zip(&one.1)) {
        assert_same(one, merged, format);
    }
    place.write("docs/100.md", "1\n");
    place.verify(&["docs", "--shard", "1/3", "--format", "json", "--output", "part1.json"]);
    let refused = self::merge(&place, &names, &[]);
    assert!(refused.stderr().contains("at one revision"), "{}", refused.stderr());
}

#[test]
fn durations_make_parts_equally_long() {
    let place = Place::new();
    let fence = |n: usize| format!("```python\n{n} + {n}\n```\n");
    place.write("a.md", (1..=5).map(fence).collect::<Vec<_>>().join("\n"));
    let took = |(id, ms): (&str, u32)| json!({"id": id, "runs": [{"duration_ms": ms}]});
    let ids = snippets(&place, &parts(&place, 1, &["a.md"])[0]);
    let known = ids.iter().filter_map(|id| id.strip_prefix("a.md ")).zip([10, 6, 5, 4]);
    let known: Vec<_> = known.map(took).collect();
    place.write("timed.json", json!({"guides": [{"path": "a.md", "snippets": known}]}).to_string());
    let names = parts(&place, 2, &["a.md", "--durations", "timed.json"]);
    let of = |part: usize| snippets(&place, &names[part]);
    assert_eq!(of(0).iter().filter(|id| ids[..4].contains(id)).collect::<Vec<_>>(), [&ids[0], &ids[3]]);
    assert_eq!(of(1).iter().filter(|id| ids[..4].contains(id)).collect::<Vec<_>>(), [&ids[1], &ids[2]]);
    assert_eq!(of(0).len() + of(1).len(), 5, "one that is not known is somewhere");
    assert_eq!(merge(&place, &names, &[]).code(), Some(0));
    let done = place.verify(&["a.md", "--shard", "1/2", "--durations", "a.md"]);
    assert_eq!(done.code(), Some(2));
    assert!(done.stderr().contains("a.md has no durations"), "{}", done.stderr());
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let place = Place::new();
    place.write("a.md", "```python\n1 + 1  # 2\n```\n\n```python\n2 + 2  # 4\n```\n");
    let refused = |names: &[&str], why: &str| {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let done = merge(&place, &names, &[]);
        assert_eq!(done.code(), Some(2), "{names:?}");
        let (said, expected) = (done.stderr(), names.last().expect("a name"));
        assert!(
            said.contains(why) && (said.contains(expected.as_str()) || names.len() == 1),
            "{why}: {said}"
        );
        assert!(done.stdout().is_empty(), "{}", done.stdout());
    };
    let part = |name: &str, shard: &str, args: &[&str]| {
        let own = ["a.md", "--shard", shard, "--format", "json", "--output", name];
        place.verify(&[&own, args].concat());
    };
    part("one.json", "1/2", &[]);
    part("two.json", "2/2", &[]);
    let edited = |name: &str, from: &str, to: &str| {
        let text = place.read("two.json");
        assert!(text.contains(from), "{from} in {text}");
        place.write(name, text.replace(from, to));
    };
    refused(&["one.json"], "missing: 2;");
    refused(&["one.json", "two.json", "two.json"], "both part 2 of 2");
    part("third.json", "2/3", &[]);
    refused(&["one.json", "third.json"], "divided differently");
    part("block.json", "2/2", &["--block", "1"]);
    part("timeout.json", "2/2", &["--timeout", "5"]);
    refused(&["one.json", "timeout.json"], "divided differently");
    part("real.json", "2/2", &["--real-time"]);
    refused(&["one.json", "real.json"], "--real-time");
    edited("python.json", "\"id\":\"3", "\"id\":\"2");
    refused(&["one.json", "python.json"], "--python");
    edited("path.json", "\"path\":\"a.md\"", "\"path\":\"b.md\"");
    refused(&["one.json", "path.json"], "different guides");
    edited("tool.json", concat!("\"version\":\"", env!("CARGO_PKG_VERSION"), "\""), "\"version\":\"9.9\"");
    refused(&["one.json", "tool.json"], "is of verify 9.9");
    edited("schema.json", "{\"schema\":1", "{\"schema\":2");
    refused(&["one.json", "schema.json"], "schema 2");
    let finding = json!({
        "code": "unverified", "severity": "info", "line": 9, "column": 1, "end_line": 2, "end_column": 1,
        "expected": false, "message": "", "help": "", "pythons": [], "related": [],
    });
    edited("hand.json", "\"findings\":[]", &format!("\"findings\":[{finding}]"));
    refused(&["one.json", "hand.json"], "ends before it begins");
    place.verify(&["a.md", "--format", "json", "--output", "whole.json"]);
    refused(&["one.json", "whole.json"], "whole run");
    refused(&["one.json", "a.md"], "no JSON report");
    refused(&["one.json", "nothing.json"], "cannot be read");
    place.write("a.md", "```python\n1 + 1  # 2\n```\n\n```python\n2 + 2  # 5\n```\n");
    part("later.json", "2/2", &[]);
    refused(&["one.json", "later.json"], "a.md, or its configuration, was another one");
}

#[test]
fn a_whole_report_is_written_in_other_formats() {
    let place = Place::new();
    place.write("a.md", GUIDE);
    let full = place.verify(&["a.md", "--report", "json=a.json"]);
    let again = merge(&place, &["a.json".to_owned()], &[]);
    assert_eq!((full.code(), full.stdout()), (again.code(), again.stdout()));
}

#[test]
fn without_the_guides_the_rest_is_said() {
    let place = project();
    let names = parts(&place, 2, &[]);
    let with = merge(&place, &names, &["--format", "concise"]);
    for gone in ["docs", "guide.md", "snippets", "cells.ipynb"] {
        let path = place.path(gone);
        let _ = std::fs::remove_dir_all(&path).or_else(|_| std::fs::remove_file(&path));
    }
    place.write("guide.md", format!("{GUIDE}\nMore.\n"));
    let without = merge(&place, &names, &["--format", "concise"]);
    assert_eq!((with.code(), with.stdout()), (without.code(), without.stdout()));
    assert!(
        without.stderr().contains("warning: guide.md is not here as it was checked"),
        "{}",
        without.stderr()
    );
    for format in ["full", "sarif", "junit", "github", "gitlab", "markdown", "html", "json"] {
        let done = merge(&place, &names, &["-v", "--format", format]);
        assert_eq!(done.code(), Some(2), "{format}: {}", done.stderr());
        assert!(done.stdout().contains("guide.md"), "{format}");
    }
    let full = merge(&place, &names, &["-q"]);
    assert!(full.stdout().contains("--> snippets/guide/1.1.check.py:2:14"), "{}", full.stdout());
    assert!(full.stderr().is_empty(), "{}", full.stderr());
}

/// As the pods of an indexed Job do it: at the same time, each told its number.
#[test]
fn pods_of_an_indexed_job_check_a_part_each() {
    let place = project();
    let one = settled(&place.verify(&["--format", "json"]).stdout());
    let pod = |index: usize| -> Child {
        let name = format!("part{index}.json");
        let mut verify = Command::new(env!("CARGO_BIN_EXE_verify"));
        verify.args(["--shard", "auto/3", "--jobs", "1", "--format", "json", "--output", &name]);
        verify.env("JOB_COMPLETION_INDEX", index.to_string()).current_dir(place.path("."));
        verify.stderr(Stdio::piped()).spawn().expect("verify starts")
    };
    for pod in (0..3).map(pod).collect::<Vec<_>>() {
        let done = Done(pod.wait_with_output().expect("it ends"));
        assert!(matches!(done.code(), Some(0..=2)) && done.stderr().is_empty(), "{}", done.stderr());
    }
    let names: Vec<_> = (0..3).map(|index| format!("part{index}.json")).collect();
    let merged = settled(&merge(&place, &names, &["--format", "json"]).stdout());
    assert_same(&one, &merged, "what three pods gave");
}
