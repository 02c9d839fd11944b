//! SARIF 2.1.0, for code scanning and editors.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{FindingReport, Fix, GuideReport, Report, Style, explained, fingerprint, place};
use crate::judge::{Code, Severity};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What relative paths count from.
const ROOT: &str = "%SRCROOT%";
/// Changes when fingerprints are made from something else. GitHub adds one of its own under another name.
const FINGERPRINT: &str = "verify/v1";

/// Writes a log with one run.
pub fn write(report: &Report, style: Style, to: &mut dyn Write) -> io::Result<()> {
    let run = Log { report, style, codes: codes(report, style) }.run();
    serde_json::to_writer_pretty(&mut *to, &json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))?;
    writeln!(to)
}

/// A report on its way into SARIF.
struct Log<'a> {
    report: &'a Report,
    style: Style<'a>,
    /// The codes that occur; each is a rule.
    codes: Vec<Code>,
}

fn codes(report: &Report, style: Style) -> Vec<Code> {
    let occurs = |code: &&Code| {
        let mut findings = report.guides.iter().flat_map(|guide| &guide.findings);
        findings.any(|finding| finding.code == **code && is_result(finding, style))
    };
    Code::ALL.iter().filter(occurs).copied().collect()
}

/// What is expected is a result that is suppressed.
fn is_result(finding: &FindingReport, style: Style) -> bool {
    finding.expected || style.shows(finding)
}

impl Log<'_> {
    fn run(&self) -> Value {
        let Report { tool, pythons, sandbox, guides, .. } = self.report;
        let rules: Vec<_> = self.codes.iter().map(|code| rule(*code)).collect();
        let ids: Vec<_> = pythons.iter().map(|python| &python.id).collect();
        json!({
            "tool": {"driver": {"name": tool.name, "semanticVersion": tool.version, "rules": rules}},
            "automationDetails": {"id": "verify/"},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
            "invocations": [{
                "executionSuccessful": guides.iter().all(|guide| guide.error.is_none()),
                "toolExecutionNotifications": self.notifications(),
            }],
            "results": guides.iter().flat_map(|guide| self.results(guide)).collect::<Vec<_>>(),
            "properties": {"pythons": ids, "sandbox": sandbox.layer.name()},
        })
    }

    /// What kept verify from its work.
    fn notifications(&self) -> Vec<Value> {
        let Report { guides, environments, sandbox, .. } = self.report;
        let unread = guides.iter().filter_map(|guide| {
            let text = format!("{} {}", guide.path, guide.error.as_ref()?);
            let place = json!({"physicalLocation": {"artifactLocation": self.artifact(&guide.path)}});
            Some(json!({"level": "error", "message": message(&text), "locations": [place]}))
        });
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
        unread.chain(not_installed).chain(lacks).collect()
    }

    fn results(&self, guide: &GuideReport) -> Vec<Value> {
        let prints = fingerprint::all(guide, &self.style.folders.path(&guide.path));
        let all = guide.findings.iter().zip(prints).filter(|(finding, _)| is_result(finding, self.style));
        all.map(|(finding, print)| self.result(guide, finding, &print)).collect()
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
