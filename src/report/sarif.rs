//! SARIF 2.1.0, for code scanning and editors.

use std::collections::HashSet;
use std::io::{self, Write};

use serde::ser::{Error, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{AnyReport, FindingReport, Fix, GuideReport, Style, explained, fingerprint, place};
use crate::judge::{Code, Severity};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What relative paths count from.
const ROOT: &str = "%SRCROOT%";
/// Changes when fingerprints are made from something else. GitHub adds one of its own under another name.
const FINGERPRINT: &str = "verify/v1";

/// Writes a log with one run.
pub fn write(report: &AnyReport, style: Style, to: &mut dyn Write) -> io::Result<()> {
    let run = Log { report, style, codes: codes(report, style)? }.run()?;
    let log = Sarif { schema: SCHEMA, version: "2.1.0", runs: [run] };
    serde_json::to_writer_pretty(&mut *to, &log)?;
    writeln!(to)
}

#[derive(Serialize)]
struct Sarif<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

/// The results are written one after the other: there may be many.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    automation_details: Value,
    column_kind: &'static str,
    original_uri_base_ids: Value,
    invocations: Value,
    #[serde(serialize_with = "Log::results")]
    results: Log<'a>,
    properties: Value,
}

/// A report on its way into SARIF.
struct Log<'a> {
    report: &'a AnyReport,
    style: Style<'a>,
    /// The codes that occur; each is a rule.
    codes: Vec<Code>,
}

fn codes(report: &AnyReport, style: Style) -> io::Result<Vec<Code>> {
    let mut all = HashSet::new();
    for guide in report.guides.iter() {
        all.extend(guide?.findings.iter().filter(|it| is_result(it, style)).map(|finding| finding.code));
    }
    Ok(Code::ALL.iter().filter(|code| all.contains(code)).copied().collect())
}

/// What is expected is a result that is suppressed.
fn is_result(finding: &FindingReport, style: Style) -> bool {
    finding.expected || style.shows(finding)
}

impl<'a> Log<'a> {
    fn run(self) -> io::Result<Run<'a>> {
        let AnyReport { tool, pythons, sandbox, .. } = self.report;
        let rules: Vec<_> = self.codes.iter().map(|code| rule(*code)).collect();
        let ids: Vec<_> = pythons.iter().map(|python| &python.id).collect();
        let unread = self.unread()?;
        let is_whole = unread.is_empty();
        let notifications = [unread, self.notifications()].concat();
        Ok(Run {
            tool: json!({"driver": {"name": tool.name, "semanticVersion": tool.version, "rules": rules}}),
            automation_details: json!({"id": "verify/"}),
            column_kind: "unicodeCodePoints",
            original_uri_base_ids: json!({ROOT: {"description": {"text": "The root of the repository."}}}),
            invocations: json!([{
                "executionSuccessful": is_whole,
                "toolExecutionNotifications": notifications,
            }]),
            properties: json!({"pythons": ids, "sandbox": sandbox.layer.name()}),
            results: self,
        })
    }

    /// What kept verify from its work.
    fn unread(&self) -> io::Result<Vec<Value>> {
        self.report.guides.flat_map(|guide| {
            let text = format!("{} {}", guide.path, guide.error.as_ref()?);
            let place = json!({"physicalLocation": {"artifactLocation": self.artifact(&guide.path)}});
            Some(json!({"level": "error", "message": message(&text), "locations": [place]}))
        })
    }

    /// What was in its way.
    fn notifications(&self) -> Vec<Value> {
        let AnyReport { environments, sandbox, .. } = self.report;
        let not_installed = environments.iter().filter_map(|environment| {
            let packages = environment.packages.join(", ");
            let (error, python) = (environment.error.as_ref()?, &environment.python);
            let text = format!("nothing is installed of {packages} on {python}: {error}");
            Some(json!({"level": "warning", "message": message(&text)}))
        });
        let lacks = sandbox
            .lacks
            .iter()
            .map(|lack| json!({"level": "note", "message": message(&format!("the sandbox lacks {lack}"))}));
        not_installed.chain(lacks).collect()
    }

    fn results<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(None)?;
        for guide in self.report.guides.iter() {
            let guide = guide.map_err(S::Error::custom)?;
            let prints = fingerprint::all(&guide, &self.style.folders.path(&guide.path));
            let found = guide.findings.iter().zip(prints).filter(|(it, _)| is_result(it, self.style));
            for (finding, print) in found {
                all.serialize_element(&self.result(&guide, finding, &print))?;
            }
        }
        all.end()
    }

    fn result(&self, guide: &GuideReport, finding: &FindingReport, print: &str) -> Value {
        let (path, text) = guide.file(finding.file.as_ref());
        let FindingReport { code, snippet, claim, pythons, .. } = finding;
        // Without the text, where a fix belongs cannot be told in lines.
        let fix = finding.fix.iter().filter(|_| !text.is_empty());
        let text_of = format!("{}{}\n{}", finding.message, self.report.only_on(finding), finding.help);
        let justified = json!({"kind": "inSource", "status": "accepted", "justification": finding.reason.as_deref().unwrap_or_default()});
        json!({
            "ruleId": code.name(),
            "ruleIndex": self.codes.iter().position(|other| other == code),
            "level": level(finding.severity),
            "message": message(text_of.trim_end()),
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": self.artifact(path),
                    "region": region(finding),
                    "contextRegion": lines(text, finding.line, finding.end_line),
                },
                "logicalLocations": snippet.iter().map(|id| json!({"name": id, "kind": "module"})).collect::<Vec<_>>(),
            }],
            "relatedLocations": self.related(guide, finding),
            "fixes": fix.map(|fix| self.fix(path, text, fix)).collect::<Vec<_>>(),
            // Where one result has them, all have.
            "suppressions": if finding.expected { vec![justified] } else { Vec::new() },
            "partialFingerprints": {FINGERPRINT: print},
            "properties": {"snippet": snippet, "claim": claim, "pythons": pythons},
        })
    }

    fn related(&self, guide: &GuideReport, finding: &FindingReport) -> Vec<Value> {
        let of = |(index, related): (usize, &super::Related)| {
            let (path, text) = guide.file(related.file.as_ref());
            json!({
                "id": index + 1,
                "message": message(&related.message),
                "physicalLocation": {
                    "artifactLocation": self.artifact(path),
                    "region": lines(text, related.line, related.line),
                },
            })
        };
        finding.related.iter().enumerate().map(of).collect()
    }

    fn fix(&self, path: &str, text: &str, fix: &Fix) -> Value {
        let (start, end) = (place::position(text, fix.span.0), place::position(text, fix.span.1));
        let deleted =
            json!({"startLine": start.0, "startColumn": start.1, "endLine": end.0, "endColumn": end.1});
        let replacement = json!({"deletedRegion": deleted, "insertedContent": {"text": fix.replacement}});
        json!({
            "description": {"text": "Write what was observed."},
            "artifactChanges": [{"artifactLocation": self.artifact(path), "replacements": [replacement]}],
        })
    }

    fn artifact(&self, path: &str) -> Value {
        match self.style.folders.uri(path) {
            (uri, true) => json!({"uri": uri, "uriBaseId": ROOT}),
            (uri, false) => json!({"uri": uri}),
        }
    }
}

fn rule(code: Code) -> Value {
    let section = explained::section(code);
    let help = json!({"text": section, "markdown": section});
    json!({
        "id": code.name(),
        // Its name in camel case, as SARIF wants it.
        "name": format!("{code:?}"),
        "shortDescription": {"text": explained::in_short(code)},
        "fullDescription": {"text": section.split("\n\n").next().unwrap_or_default()},
        "help": help,
        "defaultConfiguration": {"level": level(code.severity())},
        "properties": {"tags": ["documentation"], "precision": "high", "problem.severity": problem(code)},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// GitHub's word for it.
fn problem(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "recommendation",
    }
}

/// What stands in brackets before a parenthesis would be a link.
fn message(text: &str) -> Value {
    json!({"text": text.replace("](", "\\](")})
}

/// A finding's place. The last column is the one behind it.
fn region(finding: &FindingReport) -> Value {
    json!({
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column + 1,
    })
}

/// Whole lines, with their text.
fn lines(text: &str, first: usize, last: usize) -> Value {
    json!({"startLine": first, "endLine": last, "snippet": {"text": place::lines(text, first, last)}})
}
