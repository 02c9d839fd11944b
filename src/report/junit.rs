//! JUnit's XML: a suite for each guide, a case for each snippet and each claim on each Python.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::summary;
use super::{
    AnyReport, ClaimReport, FindingReport, GuideReport, Run, SnippetReport, Status, Style, VerdictReport,
};
use crate::judge::{Decision, Severity, one_line};
use crate::terminal::visible;

/// Bytes of each stream of a run.
const MOST_OUTPUT: usize = 16 << 10;

/// Writes the suites.
pub fn write(report: &AnyReport, style: Style, to: &mut dyn Write) -> io::Result<()> {
    let mut junit = quick_junit::Report::new("verify");
    junit.set_time(Duration::from_millis(report.summary.duration_ms));
    for guide in report.guides.iter() {
        junit.add_test_suite(Suite::new(report, &*guide?, style).write());
    }
    to.write_all(junit.to_string().map_err(io::Error::other)?.as_bytes())
}

/// A guide on its way into a suite, with its findings by the case that they belong to.
struct Suite<'a> {
    report: &'a AnyReport,
    guide: &'a GuideReport,
    style: Style<'a>,
    of_snippets: HashMap<&'a str, Vec<&'a FindingReport>>,
    of_claims: HashMap<&'a str, Vec<&'a FindingReport>>,
    elsewhere: Vec<&'a FindingReport>,
}

impl<'a> Suite<'a> {
    fn new(report: &'a AnyReport, guide: &'a GuideReport, style: Style<'a>) -> Suite<'a> {
        let mut of_snippets: HashMap<_, _> =
            guide.snippets.iter().map(|snippet| (snippet.id.as_str(), Vec::new())).collect();
        let mut of_claims: HashMap<_, _> =
            guide.claims.iter().map(|claim| (claim.id.as_str(), Vec::new())).collect();
        let mut elsewhere = Vec::new();
        for finding in &guide.findings {
            let claim = finding.claim.as_deref().and_then(|id| of_claims.get_mut(id));
            let snippet = finding.snippet.as_deref().and_then(|id| of_snippets.get_mut(id));
            claim.or(snippet).unwrap_or(&mut elsewhere).push(finding);
        }
        Suite { report, guide, style, of_snippets, of_claims, elsewhere }
    }

    fn write(&self) -> TestSuite {
        let GuideReport { snippets, claims, .. } = self.guide;
        let mut suite = TestSuite::new(text(&self.path(None)));
        suite.add_test_cases(self.unreadable());
        suite.add_test_cases(self.elsewhere());
        suite.add_test_cases(snippets.iter().flat_map(|it| it.runs.iter().map(|run| self.snippet(it, run))));
        let verdicts = claims.iter().flat_map(|it| it.verdicts.iter().map(move |verdict| (it, verdict)));
        suite.add_test_cases(verdicts.map(|(claim, verdict)| self.claim(claim, verdict)));
        let runs = snippets.iter().flat_map(|snippet| &snippet.runs);
        suite.set_time(milliseconds(runs.map(|run| run.duration_ms).sum()));
        suite
    }

    /// The guide itself, where it could not be checked.
    fn unreadable(&self) -> Option<TestCase> {
        let error = self.guide.error.as_ref()?;
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("unreadable-guide").set_message(text(error));
        Some(self.case("guide", 1, None, None, status))
    }

    /// What was found outside of snippets and claims.
    fn elsewhere(&self) -> Option<TestCase> {
        let first = self.elsewhere.first()?;
        let status = self.status(&self.elsewhere, None);
        let mut case = self.case("text", first.line, first.file.as_ref(), None, status);
        case.system_out = output(&self.notes(&self.elsewhere));
        Some(case)
    }

    fn snippet(&self, snippet: &SnippetReport, run: &Run) -> TestCase {
        let found = on(&self.of_snippets, &snippet.id, &run.python);
        let unfinished = match run.status {
            Status::Ran => None,
            _ if found.iter().any(|finding| finding.expected) => None,
            _ => Some(run.reason.clone().unwrap_or_else(|| "it did not run to its end".into())),
        };
        let status = self.status(&found, unfinished);
        let name = format!("snippet {}", snippet.id);
        let mut case = self.case(&name, snippet.lines.0, None, Some(&run.python), status);
        case.set_time(milliseconds(run.duration_ms));
        case.system_out = output(&(self.notes(&found) + &start(&run.stdout)));
        case.system_err = output(&start(&run.stderr));
        case
    }

    fn claim(&self, claim: &ClaimReport, verdict: &VerdictReport) -> TestCase {
        let found = on(&self.of_claims, &claim.id, &verdict.python);
        let status = match verdict.verdict {
            Decision::Holds => self.status(&found, None),
            // Of what may be a plain remark, a warning is all that is said.
            Decision::False if !found.is_empty() => {
                let doubted =
                    found.iter().find(|it| !it.expected).map(|it| format!("warning: {}", it.message));
                self.status(&found, doubted)
            }
            Decision::False => failure("false-claim", &contradiction(claim, verdict), ""),
            Decision::Undecided | Decision::Remark => {
                self.status(&found, Some(verdict.reason.clone().unwrap_or_else(|| "undecided".into())))
            }
        };
        let name = format!("claim {}: {}", claim.id, one_line(&claim.text));
        let mut case = self.case(&name, claim.lines.0, claim.file.as_ref(), Some(&verdict.python), status);
        let seen = verdict.actual.iter().map(|actual| format!("observed: {}\n", start(actual)));
        case.system_out = output(&(self.notes(&found) + &seen.collect::<String>()));
        case
    }

    /// Failed where something is wrong, else skipped where there is a reason to doubt, else passed.
    fn status(&self, found: &[&FindingReport], doubt: Option<String>) -> TestCaseStatus {
        let wrong = |finding: &&&FindingReport| finding.severity == Severity::Error && !finding.expected;
        let wrong: Vec<_> = found.iter().filter(wrong).collect();
        match (wrong.first(), doubt) {
            (Some(first), _) => {
                let more =
                    if wrong.len() > 1 { format!(" (and {} more)", wrong.len() - 1) } else { String::new() };
                let all: Vec<_> = wrong.iter().map(|finding| self.described(finding)).collect();
                failure(first.code.name(), &format!("{}{more}", first.message), &all.join("\n\n"))
            }
            (None, Some(doubt)) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(text(&doubt));
                status
            }
            (None, None) => TestCaseStatus::success(),
        }
    }

    /// What else was found, of what fails no case: what is expected, warnings, and infos where they are asked for.
    fn notes(&self, found: &[&FindingReport]) -> String {
        let shown =
            |it: &&&FindingReport| it.expected || (it.severity > Severity::Error && self.style.shows(it));
        let note = |finding: &&FindingReport| {
            let kind = match (&finding.reason, finding.expected) {
                (Some(reason), true) => format!("expected ({reason})"),
                (None, true) => "expected".to_owned(),
                (_, false) => summary::severity(finding.severity).to_owned(),
            };
            format!("{kind}: {}\n", self.described(finding))
        };
        found.iter().filter(shown).map(note).collect()
    }

    fn described(&self, finding: &FindingReport) -> String {
        let FindingReport { line, column, code, message, help, .. } = finding;
        let help = if help.is_empty() { String::new() } else { format!("\n{help}") };
        format!("{}:{line}:{column}: [{code}] {message}{help}", self.path(finding.file.as_ref()))
    }

    /// Several Pythons are told apart by the class, so that each has the same cases.
    fn case(
        &self,
        name: &str,
        line: usize,
        file: Option<&String>,
        python: Option<&String>,
        status: TestCaseStatus,
    ) -> TestCase {
        let mut case = TestCase::new(text(name), status);
        let class = match python.filter(|_| self.report.pythons.len() > 1) {
            Some(python) => format!("{} on {python}", self.path(None)),
            None => self.path(None),
        };
        case.set_classname(text(&class));
        case.extra.insert("file".into(), text(&self.path(file)).into());
        case.extra.insert("line".into(), line.to_string().into());
        case
    }

    fn path(&self, companion: Option<&String>) -> String {
        self.style.folders.path(self.guide.file(companion).0)
    }
}

/// The findings of a case on one Python.
fn on<'a>(
    cases: &HashMap<&str, Vec<&'a FindingReport>>,
    id: &str,
    python: &String,
) -> Vec<&'a FindingReport> {
    let is_on = |it: &FindingReport| it.pythons.is_empty() || it.pythons.contains(python);
    cases.get(id).into_iter().flatten().copied().filter(|finding| is_on(finding)).collect()
}

fn contradiction(claim: &ClaimReport, verdict: &VerdictReport) -> String {
    let actual = verdict.actual.as_deref().unwrap_or_default();
    format!("the guide says `{}`, Python says `{}`", one_line(&claim.expected), one_line(actual))
}

fn failure(kind: &str, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(kind).set_message(text(message)).set_description(text(description));
    status
}

fn output(words: &str) -> Option<XmlString> {
    (!words.is_empty()).then(|| text(words).into())
}

/// What XML may hold. Escape codes are taken out, other control characters are shown; tabs would be lost.
fn text(text: &str) -> String {
    visible(&anstream::adapter::strip_str(text).to_string()).replace('\t', "    ")
}

/// A text as far as a reader of test results will follow.
fn start(text: &str) -> Cow<'_, str> {
    match &text[..text.floor_char_boundary(MOST_OUTPUT)] {
        all if all.len() == text.len() => all.into(),
        start => format!("{start}…\n(cut: {} bytes in all)\n", text.len()).into(),
    }
}

fn milliseconds(ms: f64) -> Duration {
    Duration::from_secs_f64(ms.max(0.0) / 1000.0)
}
