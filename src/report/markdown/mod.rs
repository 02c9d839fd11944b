//! A summary for a pull request, in GitHub's Markdown: what is false, what is new, where Pythons differ.

mod escape;
mod table;

use std::io::{self, Write};

use super::{AnyReport, ClaimReport, FindingReport, GuideReport, Style, VerdictReport, summary};
use crate::judge::{Code, Decision, Severity};
use escape::{code, prose};
use table::Table;

/// Writes the summary.
pub fn write(report: &AnyReport, style: Style, to: &mut dyn Write) -> io::Result<()> {
    let page = Page { report, style };
    writeln!(to, "## {} verify: {}\n", page.mark(), summary::findings(&report.summary))?;
    writeln!(to, "{}  \n{}", summary::checked(report), summary::counted(&report.summary))?;
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
        table?.write(to)?;
    }
    Ok(())
}

/// A report on its way into a page.
struct Page<'a> {
    report: &'a AnyReport,
    style: Style<'a>,
}

/// Findings about outputs that a reviewer has not seen.
const OF_OUTPUT: [Code; 3] = [Code::SnapshotChanged, Code::SnapshotNew, Code::SnapshotOrphan];

impl Page<'_> {
    fn mark(&self) -> &'static str {
        match self.report.exit_code(false) {
            0 if self.report.summary.warnings > 0 => "⚠️",
            0 => "✅",
            _ => "❌",
        }
    }

    fn unreadable(&self) -> io::Result<Table> {
        let mut table = Table::new("Guides that could not be checked", &["guide", "why"]);
        for guide in self.report.guides.iter() {
            let guide = guide?;
            if let Some(error) = &guide.error {
                table.row(&[code(&self.style.folders.path(&guide.path)), prose(error)]);
            }
        }
        Ok(table)
    }

    fn wrong(&self) -> io::Result<Table> {
        self.findings("What is wrong", |it| !it.expected && it.severity == Severity::Error)
    }

    fn warnings(&self) -> io::Result<Table> {
        self.findings("What readers may stumble over", |it| !it.expected && it.severity == Severity::Warning)
    }

    fn infos(&self) -> io::Result<Table> {
        self.findings("Good to know", |it| {
            self.style.verbose && !it.expected && it.severity == Severity::Info
        })
    }

    fn findings(&self, title: &'static str, of: impl Fn(&FindingReport) -> bool) -> io::Result<Table> {
        let mut table = Table::new(title, &["where", "finding", "what"]);
        self.each(
            |it| of(it) && !OF_OUTPUT.contains(&it.code),
            |guide, finding| {
                let said = format!("{}{}", finding.message, self.report.only_on(finding));
                table.row(&[self.place(guide, finding), code(finding.code.name()), prose(&said)]);
            },
        )?;
        Ok(table)
    }

    fn outputs(&self) -> io::Result<Table> {
        let mut table = Table::new("Output to review", &["where", "snippet", "output"]);
        self.each(
            |it| !it.expected && OF_OUTPUT.contains(&it.code),
            |guide, finding| {
                let what = match finding.code {
                    Code::SnapshotChanged => "changed",
                    Code::SnapshotNew => "new",
                    _ => "of a snippet that is gone",
                };
                let what = format!("{what}{}", self.report.only_on(finding));
                let snippet = finding.snippet.as_deref().map(code).unwrap_or_default();
                table.row(&[self.place(guide, finding), snippet, prose(&what)]);
            },
        )?;
        Ok(table)
    }

    fn expected(&self) -> io::Result<Table> {
        let mut table = Table::new("Expected", &["where", "finding", "why"]).folded();
        self.each(
            |it| it.expected,
            |guide, finding| {
                let why = finding.reason.as_deref().unwrap_or_default();
                table.row(&[self.place(guide, finding), code(finding.code.name()), prose(why)]);
            },
        )?;
        Ok(table)
    }

    /// What came of all claims on each Python, where there are several.
    fn pythons(&self) -> io::Result<Table> {
        let mut table = Table::new("Pythons", &["Python", "holds", "false", "undecided"]);
        for python in self.report.pythons.iter().filter(|_| self.report.pythons.len() > 1) {
            let on = |claim: &ClaimReport| {
                claim.verdicts.iter().filter(|it| it.python == python.id).map(|it| it.verdict).collect()
            };
            let verdicts: Vec<Decision> = self
                .report
                .guides
                .flat_map(|guide| guide.claims.iter().flat_map::<Vec<_>, _>(on).collect::<Vec<_>>())?;
            let count = |decision| verdicts.iter().filter(|it| **it == decision).count().to_string();
            let name = prose(&format!("{} {}", python.implementation, python.id));
            table.row(&[name, count(Decision::Holds), count(Decision::False), count(Decision::Undecided)]);
        }
        Ok(table)
    }

    /// The claims of which Pythons do not say the same.
    fn differing(&self) -> io::Result<Table> {
        let ids = self.report.pythons.iter().map(|python| prose(&python.id));
        let head: Vec<_> = ["where", "claim"].map(str::to_owned).into_iter().chain(ids).collect();
        let head: Vec<_> = head.iter().map(String::as_str).collect();
        let mut table = Table::new("Where Pythons differ", &head);
        let said = |it: &VerdictReport| (it.verdict, it.actual.clone());
        let differs =
            |claim: &&ClaimReport| claim.verdicts.windows(2).any(|two| said(&two[0]) != said(&two[1]));
        for guide in self.report.guides.iter() {
            let guide = guide?;
            for claim in guide.claims.iter().filter(differs) {
                let place = self.line(&guide, claim.file.as_ref(), claim.lines.0);
                let verdicts = claim.verdicts.iter().map(verdict);
                let row: Vec<_> = [place, code(&claim.text)].into_iter().chain(verdicts).collect();
                table.row(&row);
            }
        }
        Ok(table)
    }

    /// Does something with the findings of a kind.
    fn each(
        &self,
        of: impl Fn(&FindingReport) -> bool,
        mut work: impl FnMut(&GuideReport, &FindingReport),
    ) -> io::Result<()> {
        for guide in self.report.guides.iter() {
            let guide = guide?;
            guide.findings.iter().filter(|finding| of(finding)).for_each(|finding| work(&guide, finding));
        }
        Ok(())
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
