//! Every format, over one sample report: what it is, to the byte, and what programs of others make of it.

mod hostile;
pub mod readers;

use std::path::{Path, PathBuf};

use serde_json::Value;
use verify::judge::Code;
use verify::report::{AnyReport, Folders, Format, Report, Style, explained};

/// The formats that have a golden file, under its name.
const GOLDEN: [(Format, &str); 5] = [
    (Format::Sarif, "sample.sarif"),
    (Format::Junit, "sample.junit.xml"),
    (Format::Github, "sample.github.txt"),
    (Format::Gitlab, "sample.gitlab.json"),
    (Format::Markdown, "sample.markdown.md"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports")
}

/// A report on several guides and Pythons, with something of everything. The guides stand beside it, as the JSON
/// report does not hold them.
fn sample() -> Report {
    let text = std::fs::read_to_string(folder().join("sample.json")).expect("the sample");
    let mut report: Report = serde_json::from_str(&text).expect("a report");
    let read = |path: &str| std::fs::read_to_string(folder().join("sample").join(path));
    for guide in report.guides.iter_mut().filter(|guide| guide.error.is_none()) {
        guide.text = read(&guide.path).expect("a guide");
        for finding in &mut guide.findings {
            if let Some(fix) = &mut finding.fix {
                fix.span = (fix.range.start, fix.range.end);
            }
            if let Some(path) = &finding.file {
                guide.companions.insert(path.clone(), read(path).expect("a companion"));
            }
        }
    }
    report
}

fn written(report: &Report, format: Format) -> String {
    let folders = Folders::new("/home/me/repo", "/home/me/repo");
    let style = Style {
        color: false,
        quiet: false,
        verbose: false,
        most: usize::MAX,
        width: 100,
        fill: false,
        links: None,
        folders: &folders,
    };
    let mut bytes = Vec::new();
    let report: &AnyReport = report;
    report.write(format, style, &mut bytes).expect("written");
    String::from_utf8(bytes).expect("text")
}

#[test]
fn every_format_is_what_it_was() {
    let sample = sample();
    for (format, name) in GOLDEN {
        let (path, written) = (folder().join(name), without_the_page(format, written(&sample, format)));
        if std::env::var_os("REPORTS").is_some_and(|how| how == "overwrite") {
            std::fs::write(&path, &written).expect("writable");
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        let diff = similar::TextDiff::from_lines(&golden, &written);
        let diff = diff.unified_diff().header(name, "written now").to_string();
        assert!(diff.is_empty(), "{diff}\nREPORTS=overwrite cargo test --test suite reports accepts this");
    }
}

/// What SARIF's rules say stands on the page on findings, and changes with it.
fn without_the_page(format: Format, written: String) -> String {
    if format != Format::Sarif {
        return written;
    }
    let mut log: Value = serde_json::from_str(&written).expect("JSON");
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("rules") {
        let id = rule["id"].as_str().expect("a code").to_owned();
        let code = Code::ALL.iter().copied().find(|code| code.name() == id).expect("a code");
        assert_eq!(rule["help"]["markdown"], explained::section(code));
        assert_eq!(rule["shortDescription"]["text"], explained::in_short(code));
        for text in ["help", "fullDescription", "shortDescription"] {
            assert!(rule[text]["text"].as_str().is_some_and(|text| text.len() > 10), "{id} has no {text}");
            rule[text] = "as on the page".into();
        }
    }
    format!("{log:#}\n")
}

#[test]
fn a_json_report_is_read_back_as_it_was() {
    let text = std::fs::read_to_string(folder().join("sample.json")).expect("the sample");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(serde_json::to_value(sample()).expect("JSON"), value);
}

#[test]
fn a_report_of_an_older_verify_is_read() {
    let text = std::fs::read_to_string(folder().join("sample.json")).expect("the sample");
    let mut value: Value = serde_json::from_str(&text).expect("JSON");
    for run in value["guides"][1]["snippets"][0]["runs"].as_array_mut().expect("runs") {
        run.as_object_mut().expect("a run").remove("not_run").expect("it has it now");
    }
    assert!(serde_json::from_value::<Report>(value).is_ok(), "fields are only ever added");
}

#[test]
fn the_sample_has_something_of_everything() {
    let sample = sample();
    let findings: Vec<_> = sample.guides.iter().flat_map(|guide| &guide.findings).collect();
    assert!(sample.guides.iter().any(|guide| guide.error.is_some()));
    assert!(sample.pythons.len() > 1 && sample.environments.iter().any(|it| it.error.is_some()));
    assert!(findings.iter().any(|it| it.expected && it.reason.is_some()));
    assert!(findings.iter().any(|it| it.fix.is_some()) && findings.iter().any(|it| it.file.is_some()));
    assert!(
        findings.iter().any(|it| it.snippet.is_none()) && findings.iter().any(|it| !it.related.is_empty())
    );
}

#[test]
fn the_schema_is_up_to_date() {
    let printed = crate::common::Place::new().verify(&["init", "--schema=report"]).stdout();
    let committed = include_str!("../../../report.schema.json");
    assert!(printed == committed, "run `cargo run -- init --schema=report > report.schema.json`");
}

#[test]
fn a_finding_keeps_its_fingerprint_where_lines_move() {
    let sample = sample();
    let mut moved = self::sample();
    let guide = moved.guides.iter_mut().find(|guide| !guide.findings.is_empty()).expect("a guide");
    guide.text.insert_str(0, "New words.\n\n");
    for finding in guide.findings.iter_mut().filter(|finding| finding.file.is_none()) {
        finding.line += 2;
        finding.end_line += 2;
    }
    for snippet in &mut guide.snippets {
        snippet.lines = (snippet.lines.0 + 2, snippet.lines.1 + 2);
    }
    let prints = |report: &Report| {
        let issues: Value = serde_json::from_str(&written(report, Format::Gitlab)).expect("JSON");
        let print = |issue: &Value| issue["fingerprint"].as_str().expect("a fingerprint").to_owned();
        issues.as_array().expect("issues").iter().map(print).collect::<Vec<_>>()
    };
    let before = prints(&sample);
    assert_eq!(before, prints(&moved));
    let apart: std::collections::HashSet<_> = before.iter().collect();
    assert_eq!(apart.len(), before.len(), "each has its own");
}

/// Runs verify on the guide of a place and gives the file that a format was written into.
fn reported(place: &crate::common::Place, arguments: &[&str], format: &str) -> String {
    let report = format!("{format}=report.out");
    let arguments: Vec<_> = arguments.iter().copied().chain(["--report", &report, "-q"]).collect();
    let done = place.verify(&arguments);
    assert!(done.stderr().is_empty(), "{}", done.stderr());
    place.read("report.out")
}

#[test]
fn files_are_named_from_the_root_of_the_repository() {
    let place = crate::common::Place::new();
    place.write(".git/HEAD", "");
    place.write("docs/guide.md", "```python\n1 + 1  # 3\n```\n");
    let there = |format: &str| {
        let mut verify = std::process::Command::new(env!("CARGO_BIN_EXE_verify"));
        let verify = verify.args(["../docs/./guide.md", "--format", format]).current_dir(place.path("docs"));
        String::from_utf8(verify.output().expect("verify starts").stdout).expect("text")
    };
    assert!(there("github").contains("::error file=docs/guide.md,line=2,"), "{}", there("github"));
    assert!(there("gitlab").contains("\"path\": \"docs/guide.md\""));
    assert!(there("sarif").contains("\"uri\": \"docs/guide.md\""));
    assert!(there("junit").contains(" file=\"docs/guide.md\" line=\"2\""));
    assert!(there("markdown").contains("<code>docs/guide.md:2</code>"));
}

#[test]
fn infos_are_there_for_those_who_ask_for_more() {
    let place = crate::common::Place::new();
    place.write("guide.md", "```python\nx = 1\n```\n");
    for format in ["sarif", "junit", "github", "gitlab", "markdown"] {
        assert!(!reported(&place, &["guide.md"], format).contains("nothing in this snippet"), "{format}");
        assert!(
            reported(&place, &["guide.md", "-v"], format).contains("nothing in this snippet"),
            "{format}"
        );
    }
}

#[test]
fn several_reports_come_of_one_run() {
    let place = crate::common::Place::new();
    place.write("guide.md", "```python\n1 + 1  # 3\n```\n");
    let done = place.verify(&[
        "guide.md",
        "--format",
        "github",
        "--report",
        "sarif=a.sarif",
        "--report",
        "junit=b.xml",
        "--report",
        "gitlab=c.json",
        "--report",
        "markdown=d.md",
        "--report",
        "json=e.json",
    ]);
    assert_eq!(done.code(), Some(1));
    assert!(done.stdout().starts_with("::error file=guide.md,line=2,endLine=2,col=10,endColumn=10,"));
    for (name, start) in
        [("a.sarif", "{"), ("b.xml", "<?xml"), ("c.json", "["), ("d.md", "## ❌"), ("e.json", "{")]
    {
        assert!(place.read(name).starts_with(start), "{name}");
    }
}
