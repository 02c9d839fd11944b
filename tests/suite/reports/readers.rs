//! Programs of others read the reports. They are fetched from PyPI and npm, once, where these can be reached.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use verify::pythons::EMBEDDED;
use verify::report::Format;

use super::{folder, sample, written};
use crate::common::Place;

/// What reads reports and the files of CI in Python. `sarif-tools` draws charts too; what that takes is left out.
const FROM_PYPI: [&str; 6] =
    ["check-jsonschema", "jsonpath-ng", "jsonschema", "junitparser", "pre-commit", "pyyaml"];
const WITHOUT_NEEDS: &str = "sarif-tools";
/// SARIF's validator, with the schema.
const FROM_NPM: &str = "@microsoft/sarif-multitool-linux";

/// A folder with what a command fetched; None, with a word on why, where it could not be.
fn fetched(name: &str, commands: &[&[&str]]) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        return Some(folder);
    }
    // Whole or not at all.
    let aside = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
    for command in commands {
        let mut fetch = Command::new("timeout");
        let done = fetch.arg("300").args(*command).arg(aside.path()).output().expect("`timeout` is there");
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
            eprintln!(
                "not tried: {name} cannot be fetched here: {}",
                said.lines().last().unwrap_or_default()
            );
            return None;
        }
    }
    std::fs::rename(aside.keep(), &folder).expect("nobody else fetches");
    Some(folder)
}

/// Runs Python with the packages that read reports, on a program and its arguments.
pub fn python(arguments: &[&str]) -> Option<Output> {
    static PACKAGES: OnceLock<Option<PathBuf>> = OnceLock::new();
    let packages = PACKAGES.get_or_init(|| {
        let pip = [EMBEDDED, "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "15"];
        let with = |packages: &[&'static str]| [&pip[..], packages, &["--target"]].concat();
        fetched("readers-in-python", &[&with(&FROM_PYPI), &with(&["--no-deps", WITHOUT_NEEDS])])
    });
    let mut python = Command::new(EMBEDDED);
    let python = python.args(arguments).env("PYTHONPATH", packages.as_ref()?).current_dir(folder());
    Some(python.output().expect("Python starts"))
}

/// The folder of SARIF's own tools.
fn sarif_tools() -> Option<PathBuf> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", FROM_NPM, "--prefix"];
    let folder = FOLDER.get_or_init(|| fetched("readers-in-node", &[&npm])).as_ref()?;
    Some(folder.join("node_modules").join(FROM_NPM))
}

/// Runs a program of the tests in Python on a file with some content.
fn read_by(program: &str, content: &str) -> Option<String> {
    let place = Place::new();
    place.write("report", content);
    let path = place.path("report");
    let done = python(&["-c", program, path.to_str().expect("a path")])?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    Some(String::from_utf8(done.stdout).expect("text"))
}

#[test]
fn sarif_is_valid_by_its_own_tool() {
    for log in [written(&sample(), Format::Sarif), super::hostile::report("sarif")] {
        is_valid_sarif(&log);
    }
}

fn is_valid_sarif(log: &str) {
    let Some(tools) = sarif_tools() else { return };
    let place = Place::new();
    place.write("report.sarif", log);
    let schema = tools.join("sarif-2.1.0.json");
    let mut validate = Command::new(tools.join("Sarif.Multitool"));
    validate.arg("validate").arg(place.path("report.sarif"));
    validate.args(["--rule-kind", "Sarif;Ghas", "--output"]).arg(place.path("found.sarif"));
    validate.arg("--json-schema").arg(&schema).env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
    let done = validate.output().expect("the validator starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    let found: Value = serde_json::from_str(&place.read("found.sarif")).expect("a log");
    let found = found["runs"][0]["results"].as_array().expect("results").iter();
    // What is no error there has no level, or a lower one.
    let wrong: Vec<_> = found.filter(|result| result["level"] == "error").collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let path = place.path("report.sarif");
    let paths = [schema, path].map(|path| path.to_string_lossy().into_owned());
    if let Some(done) = python(&["-c", VALIDATE, &paths[0], &paths[1]]) {
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

/// Validates a file by a schema; a file that lacks what the schema wants is not valid.
const VALIDATE: &str = "
import json, sys
from jsonschema.validators import validator_for
schema, report = (json.load(open(path, encoding='utf-8')) for path in sys.argv[1:3])
kind = validator_for(schema)
kind.check_schema(schema)
errors = [f'{error.json_path}: {error.message}' for error in kind(schema).iter_errors(report)]
sys.exit('\\n'.join(errors[:20]) if errors else list(kind(schema).iter_errors({})) == [])
";

#[test]
fn sarif_is_understood_by_a_reader() {
    let program = "
import sys
from sarif import loader
for record in loader.load_sarif_file(sys.argv[1]).get_records():
    print(record['Location'], record['Line'], record['Severity'], record['Code'])
";
    let Some(read) = read_by(program, &written(&sample(), Format::Sarif)) else { return };
    let lines: Vec<_> = read.lines().collect();
    assert!(lines.contains(&"docs/first%20steps%20%C3%A9.md 23 error undefined-name"), "{read}");
    assert!(lines.contains(&"docs/versions.md 17 warning hidden-dependency"), "{read}");
    assert!(lines.contains(&"snippets/docs/versions/versions.2.check.py 1 error false-claim"), "{read}");
}

#[test]
fn junit_is_understood_by_a_reader() {
    let program = "
import sys
from junitparser import JUnitXml
for suite in JUnitXml.fromfile(sys.argv[1]):
    print(repr(suite.name), suite.tests, suite.failures, suite.errors, suite.skipped)
    for case in suite:
        result = case.result[0] if case.result else None
        print(case.classname, '|', case.name, '|', type(result).__name__, getattr(result, 'message', ''))
";
    let Some(read) = read_by(program, &written(&sample(), Format::Junit)) else { return };
    let lines: Vec<_> = read.lines().collect();
    for line in [
        "docs/first steps é.md on 3.11.7 | snippet 1.1 | Failure the output of snippet 1.1 is not what was reviewed",
        "docs/first steps é.md on 3.13.0 | snippet 1.1 | NoneType ",
        "docs/first steps é.md on 3.11.7 | snippet 2.2 | Skipped needs a GPU",
        "docs/first steps é.md on 3.13.0 | claim L15: [3, 2, 1] | NoneType ",
        "docs/versions.md on 3.13.0 | claim L5: True | NoneType ",
        "docs/versions.md | text | NoneType ",
    ] {
        assert!(lines.contains(&line), "{line} is not in {read}");
    }
    assert!(read.contains("is not UTF-8") && read.contains("| guide | Error"), "{read}");
    let hostile = read_by(program, &super::hostile::report("junit")).expect("a reader");
    assert!(hostile.contains("snippet 1.1"), "{hostile}");
}

#[test]
fn json_is_valid_by_the_published_schema() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/report.schema.json");
    let place = Place::new();
    place.write("sample.json", written(&sample(), Format::Json));
    place.write("hostile.json", super::hostile::report("json"));
    for name in ["sample.json", "hostile.json"] {
        let path = place.path(name);
        let Some(done) = python(&["-c", VALIDATE, schema, path.to_str().expect("a path")]) else { return };
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}
