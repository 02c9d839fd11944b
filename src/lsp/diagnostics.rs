//! Findings as an editor shows them.

use std::collections::BTreeMap;
use std::sync::Arc;

use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Range, Url,
};

use super::carried::Checked;
use super::documents::{Document, address};
use super::position::Text;
use crate::judge::Severity;
use crate::report::{FindingReport, Related};

/// Who finds.
const SOURCE: &str = "verify";
/// A finding about more lines is shown at the first of them.
const MOST_LINES: usize = 6;

/// What is found in a guide and in its companions, by their addresses. The guide's is always there.
pub fn of(document: &Document) -> BTreeMap<Url, Vec<Diagnostic>> {
    let mut found = BTreeMap::from([(document.url.clone(), Vec::new())]);
    let Some(checked) = document.known() else { return found };
    let files = Files::of(document, checked);
    if let Some(error) = &checked.guide.error {
        let range = files.guide.1.line_range(1);
        let message = format!("this guide {error}");
        found.entry(document.url.clone()).or_default().push(plain(range, message, DiagnosticSeverity::ERROR));
    }
    for finding in &checked.guide.findings {
        let Some((url, _)) = files.file(finding.file.as_deref()) else { continue };
        found.entry(url.clone()).or_default().push(files.diagnostic(finding, checked.pythons));
    }
    found
}

/// A finding of a guide as it is shown.
pub fn diagnostic(document: &Document, checked: &Checked, finding: &FindingReport) -> Diagnostic {
    Files::of(document, checked).diagnostic(finding, checked.pythons)
}

/// The texts that findings speak of.
struct Files<'a> {
    guide: (Url, &'a Text),
    companions: BTreeMap<&'a str, (Url, Text)>,
}

impl<'a> Files<'a> {
    fn of(document: &'a Document, checked: &'a Checked) -> Files<'a> {
        let companion = |(path, text): (&'a String, &String)| {
            Some((path.as_str(), (address(path)?, checked.text.beside(text.clone()))))
        };
        Files {
            guide: (document.url.clone(), Arc::as_ref(&checked.text)),
            companions: checked.guide.companions.iter().filter_map(companion).collect(),
        }
    }

    fn file(&self, companion: Option<&str>) -> Option<(&Url, &Text)> {
        match companion {
            None => Some((&self.guide.0, self.guide.1)),
            Some(path) => self.companions.get(path).map(|(url, text)| (url, text)),
        }
    }

    fn diagnostic(&self, finding: &FindingReport, pythons: usize) -> Diagnostic {
        let text = self.file(finding.file.as_deref()).map_or(self.guide.1, |(_, text)| text);
        let related: Vec<_> = finding.related.iter().filter_map(|it| self.related(it)).collect();
        Diagnostic {
            code: Some(NumberOrString::String(finding.code.name().to_owned())),
            related_information: Some(related).filter(|related| !related.is_empty()),
            ..plain(range(finding, text), message(finding, pythons), severity(finding))
        }
    }

    fn related(&self, related: &Related) -> Option<DiagnosticRelatedInformation> {
        let (url, text) = self.file(related.file.as_deref())?;
        let location = Location::new(url.clone(), text.line_range(related.line));
        Some(DiagnosticRelatedInformation { location, message: related.message.clone() })
    }
}

fn plain(range: Range, message: String, severity: DiagnosticSeverity) -> Diagnostic {
    Diagnostic {
        range,
        message,
        severity: Some(severity),
        source: Some(SOURCE.to_owned()),
        ..Diagnostic::default()
    }
}

fn range(finding: &FindingReport, text: &Text) -> Range {
    match finding.end_line.saturating_sub(finding.line) < MOST_LINES {
        true => text.range_of(finding.span),
        false => Range::new(text.range_of(finding.span).start, text.line_end(finding.line)),
    }
}

/// What an author means to be wrong is no more than a hint.
fn severity(finding: &FindingReport) -> DiagnosticSeverity {
    match finding.severity {
        _ if finding.expected => DiagnosticSeverity::HINT,
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Info => DiagnosticSeverity::INFORMATION,
    }
}

fn message(finding: &FindingReport, pythons: usize) -> String {
    let mut message = finding.message.clone();
    if !finding.pythons.is_empty() && finding.pythons.len() < pythons {
        message += &format!(" (on {})", finding.pythons.join(", "));
    }
    if finding.expected {
        message += " (expected)";
    }
    if !finding.help.is_empty() {
        message += &format!("\nhelp: {}", finding.help);
    }
    message
}
