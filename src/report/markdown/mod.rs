//! A summary for a pull request, in GitHub's Markdown: what is false, what is new, where Pythons differ.

mod escape;
mod table;

use std::io::{self, Write};

use super::{ClaimReport, FindingReport, GuideReport, Report, Style, VerdictReport, summary};
use crate::judge::{Code, Decision, Severity};
use escape::{code, prose};
use table::Table;

/// Writes the summary.
pub fn write(report: &Report, style: Style, to: &mut dyn Write) -> io::Result<()> {
    let page = Page { report, style };
    let Report { summary: sum, .. } = report;
    writeln!(to, "## {} verify: {}\n", page.mark(), summary::findings(sum))?;
    writeln!(to, "{}  \n{}", summary::checked(report), summary::counted(sum))?;
    for table in [
        page.unreadable(),
        page.wrong(),
        page.warnings(),
        page.infos(),
        page.outputs(),
        page.expected(),
        page.pythons(),
        page.differing(),
    ] {
        table.write(to)?;
    }
    Ok(())
}

/// A report on its way into a page.
struct Page<'a> {
    report: &'a Report,
    style: Style<'a>,
}

/// Findings about outputs that a reviewer has not seen.
const OF_OUTPUT: [Code; 3] = [Code::SnapshotChanged, Code::SnapshotNew, Code::SnapshotOrphan];

impl<'a> Page<'a> {
    fn mark(&self) -> &'static str {
        match self.report.exit_code(false) {
            0 if self.report.summary.warnings > 0 => "⚠️",
            0 => "✅",
            _ => "❌",
        }
    }

    fn unreadable(&self) -> Table {
        let mut table = Table::new("Guides that could not be checked", &["guide", "why"]);
        for guide in &self.report.guides {
            if let Some(error) = &guide.error {
                table.row(&[code(&self.style.folders.path(&guide.path)), prose(error)]);
            }
        }
        table
    }

    fn wrong(&self) -> Table {
        self.findings("What is wrong", |it| !it.expected && it.severity == Severity::Error)
    }

    fn warnings(&self) -> Table {
        self.findings("What readers may stumble over", |it| !it.expected && it.severity == Severity::Warning)
    }

    fn infos(&self) -> Table {
        self.findings("Good to know", |it| {
            self.style.verbose && !it.expected && it.severity == Severity::Info
        })
    }

    fn findings(&self, title: &'static str, of: impl Fn(&FindingReport) -> bool) -> Table {
        let mut table = Table::new(title, &["where", "finding", "what"]);
        for (guide, finding) in self.all().filter(|(_, it)| of(it) && !OF_OUTPUT.contains(&it.code)) {
            let said = format!("{}{}", finding.message, self.report.only_on(finding));
            table.row(&[self.place(guide, finding), code(finding.code.name()), prose(&said)]);
        }
        table
    }

    fn outputs(&self) -> Table {
        let mut table = Table::new("Output to review", &["where", "snippet", "output"]);
        for (guide, finding) in self.all().filter(|(_, it)| !it.expected && OF_OUTPUT.contains(&it.code)) {
            let what = match finding.code {
                Code::SnapshotChanged => "changed",
                Code::SnapshotNew => "new",
                _ => "of a snippet that is gone",
            };
            let what = format!("{what}{}", self.report.only_on(finding));
            let snippet = finding.snippet.as_deref().map(code).unwrap_or_default();
            table.row(&[self.place(guide, finding), snippet, prose(&what)]);
        }
        table
    }

    fn expected(&self) -> Table {
        let mut table = Table::new("Expected", &["where", "finding", "why"]).folded();
        for (guide, finding) in self.all().filter(|(_, it)| it.expected) {
            let why = finding.reason.as_deref().unwrap_or_default();
            table.row(&[self.place(guide, finding), code(finding.code.name()), prose(why)]);
        }
        table
    }

    /// What came of all claims on each Python, where there are several.
    fn pythons(&self) -> Table {
        let mut table = Table::new("Pythons", &["Python", "holds", "false", "undecided"]);
        for python in self.report.pythons.iter().filter(|_| self.report.pythons.len() > 1) {
            let verdicts =
                || self.claims().flat_map(|(_, claim)| &claim.verdicts).filter(|it| it.python == python.id);
            let count = |decision| verdicts().filter(|it| it.verdict == decision).count().to_string();
            let name = prose(&format!("{} {}", python.implementation, python.id));
            table.row(&[name, count(Decision::Holds), count(Decision::False), count(Decision::Undecided)]);
        }
        table
    }

    /// The claims of which Pythons do not say the same.
    fn differing(&self) -> Table {
        let ids = self.report.pythons.iter().map(|python| prose(&python.id));
        let head: Vec<_> = ["where", "claim"].map(str::to_owned).into_iter().chain(ids).collect();
        let head: Vec<_> = head.iter().map(String::as_str).collect();
        let mut table = Table::new("Where Pythons differ", &head);
        let said = |it: &VerdictReport| (it.verdict, it.actual.clone());
        let differs =
            |claim: &ClaimReport| claim.verdicts.windows(2).any(|two| said(&two[0]) != said(&two[1]));
        for (guide, claim) in self.claims().filter(|(_, claim)| differs(claim)) {
            let place = self.line(guide, claim.file.as_ref(), claim.lines.0);
            let verdicts = claim.verdicts.iter().map(verdict);
            let row: Vec<_> = [place, code(&claim.text)].into_iter().chain(verdicts).collect();
            table.row(&row);
        }
        table
    }

    fn all(&self) -> impl Iterator<Item = (&'a GuideReport, &'a FindingReport)> {
        self.report.guides.iter().flat_map(|guide| guide.findings.iter().map(move |it| (guide, it)))
    }

    fn claims(&self) -> impl Iterator<Item = (&'a GuideReport, &'a ClaimReport)> {
        self.report.guides.iter().flat_map(|guide| guide.claims.iter().map(move |it| (guide, it)))
    }

    fn place(&self, guide: &GuideReport, finding: &FindingReport) -> String {
        self.line(guide, finding.file.as_ref(), finding.line)
    }

    fn line(&self, guide: &GuideReport, companion: Option<&String>, line: usize) -> String {
        code(&format!("{}:{line}", self.style.folders.path(guide.file(companion).0)))
    }
}

/// A verdict, with what was observed where that is not what the guide says.
fn verdict(verdict: &VerdictReport) -> String {
    let observed = verdict.actual.as_deref().map(|actual| format!(" {}", code(actual))).unwrap_or_default();
    match verdict.verdict {
        Decision::Holds => "holds".to_owned(),
        Decision::False => format!("**false**{observed}"),
        Decision::Undecided | Decision::Remark => {
            let reason = verdict.reason.as_deref().unwrap_or_default();
            format!("undecided: {}", prose(reason))
        }
    }
}
