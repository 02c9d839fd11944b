//! Sources that are no Markdown, through the whole of verify: they are named, configured, extracted, continued by
//! companions, kept as snapshots and fixed as Markdown is.

use serde_json::{Value, json};

use crate::common::{Done, Place};

const RST: &str = "Sums\n====\n\n>>> 1 + 1\n3\n";
const PYTHON: &str = "class Sum:\n    def of(self, *numbers):\n        '''\n        >>> Sum().of(1, 1)\n        3\n        '''\n        return sum(numbers)\n";

/// A notebook of one code cell, with what is stored below it.
fn notebook(code: &str, printed: &str) -> Value {
    let stored = json!({"output_type": "stream", "name": "stdout", "text": printed});
    let cell = json!({"cell_type": "code", "source": code, "outputs": [stored], "metadata": {}});
    json!({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
}

/// A folder with one of each.
fn place() -> Place {
    let place = Place::new();
    place.write("sums.md", "## Sums\n\n```python\n1 + 1  # 3\n```\n");
    place.write("sums.rst", RST);
    place.write("sums.py", PYTHON);
    place.write("sums.ipynb", notebook("print(1 + 1)", "3\n").to_string());
    place
}

fn codes(done: &Done) -> Vec<(String, String)> {
    let report = done.json();
    let guides = report["guides"].as_array().expect("guides");
    let finding = |guide: &Value, finding: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&guide["path"]), text(&finding["code"]))
    };
    let all = |guide: &'_ Value| -> Vec<_> {
        let findings = guide["findings"].as_array().expect("findings").iter();
        findings.filter(|it| it["severity"] != "info").map(|it| finding(guide, it)).collect()
    };
    guides.iter().flat_map(all).collect()
}

fn false_claim(path: &str) -> (String, String) {
    (path.to_owned(), "false-claim".to_owned())
}

#[test]
fn a_folder_stands_for_markdown_and_globs_for_what_they_name() {
    let place = place();
    assert_eq!(codes(&place.verify(&[".", "--format", "json"])), [false_claim("./sums.md")]);
    place.write("verify.toml", "guides = ['*.ipynb', '*.rst', '*.py']\n");
    let found = codes(&place.verify(&["--format", "json"]));
    let errors: Vec<_> = found.into_iter().filter(|(_, code)| code == "false-claim").collect();
    assert_eq!(errors, ["sums.ipynb", "sums.rst", "sums.py"].map(false_claim));
}

#[test]
fn sources_of_one_name_are_not_in_each_others_way() {
    let place = place();
    place.write("verify.toml", "guides = ['sums.*']\n");
    let sources = ["sums.md", "sums.rst", "sums.py", "sums.ipynb"];
    let done = place.verify(&[&["extract"], &sources[..]].concat());
    assert_eq!(done.code(), Some(0), "{}", done.stderr());
    assert!(place.read("snippets/sums/sums.1.py").ends_with("\n1 + 1  # 3\n"));
    assert!(place.read("snippets/sums-rst/sums.1.py").ends_with("\n1 + 1\n\n"));
    assert!(place.read("snippets/sums-py/Sum.of.1.py").ends_with("\nSum().of(1, 1)\n\n"));
    assert!(place.read("snippets/sums-ipynb/top.1.py").ends_with("\nprint(1 + 1)\n"));
    assert_eq!(place.verify(&[&["extract", "--check"], &sources[..]].concat()).code(), Some(0));
    place.verify(&sources);
    for name in ["sums-rst/sums.1", "sums-py/Sum.of.1", "sums-ipynb/top.1"] {
        assert!(place.read(&format!("expected/{name}.snap.new")).contains('2'), "{name}");
    }
}

#[test]
fn a_docstring_is_configured_and_continued_by_its_name() {
    let place = Place::new();
    let code = PYTHON.replace("return sum", "return BASE + sum").replace("        3\n", "        7\n");
    place.write("sums.py", format!("import os\n\nBASE = int(os.environ['BASE'])\n\n\n{code}"));
    place.write(
        "verify.toml",
        "guides = ['sums.py']\n\n[[guide]]\npath = 'sums.py'\nblock.'Sum.of' = { env = { BASE = '5' } }\n",
    );
    place.write("snippets/sums-py/Sum.of.1.check.py", "Sum().of()  # 5\nBASE  # 6\n");
    let done = place.verify(&["--block", "Sum.of", "--format", "concise", "-v"]);
    let out = done.stdout();
    assert!(out.contains("sums.py:10: holds: 7"), "{out}");
    assert!(
        out.contains("Sum.of.1.check.py:2:9: error[false-claim] the guide says `6`, Python says `5`"),
        "{out}"
    );
    assert!(out.contains("Sum.of.1.check.py:1: holds: 5"), "{out}");
}

#[test]
fn a_fix_is_written_as_the_source_has_it() {
    let place = place();
    let code = "print('\\tä \"b\"')\nprint('\\x07')\nprint(r'c\\d')";
    place.write("sums.ipynb", notebook(code, "no\n").to_string());
    let quoted = "def quoted():\n    \"\"\"\n    >>> print('a' + chr(92))\n    a\n    >>> print(chr(34) * 3)\n    '''\n    \"\"\"\n";
    place.write("quoted.py", quoted);
    let done = place.verify(&["fix", "sums.rst", "sums.py", "sums.ipynb", "quoted.py"]);
    assert_eq!(done.code(), Some(1), "what could end a docstring is left: {}", done.stdout());
    assert_eq!(place.read("sums.rst"), RST.replace('3', "2"));
    assert_eq!(place.read("sums.py"), PYTHON.replace("        3\n", "        2\n"));
    let fixed: Value = serde_json::from_str(&place.read("sums.ipynb")).expect("it is JSON all the same");
    let mut wanted = notebook(code, "\tä \"b\"\n\u{7}\nc\\d\n");
    assert_eq!(fixed["cells"][0]["source"], wanted["cells"][0]["source"].take());
    assert_eq!(fixed["cells"][0]["outputs"][0]["text"], wanted["cells"][0]["outputs"][0]["text"].take());
    assert_eq!(place.read("quoted.py"), quoted.replace("    a\n", "    a\\\\\n"));
    assert_eq!(codes(&place.verify(&["sums.rst", "sums.py", "sums.ipynb", "--format", "json"])), []);
}

#[test]
fn a_module_that_cannot_be_imported_says_why() {
    let place = Place::new();
    place.write("lone.py", format!("{PYTHON}\nraise RuntimeError('not today')\n"));
    let done = place.verify(&["lone.py", "--format", "concise"]);
    let out = done.stdout();
    assert!(
        out.contains("lone.py:4:13: error[bad-setup] the import of lone.py raises RuntimeError: not today\n"),
        "{out}"
    );
    assert!(!out.contains("false-claim"), "{out}");
}
