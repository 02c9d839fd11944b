//! Claims and findings, in the order of their lines.

use crate::judge::{Decision, Severity};
use crate::report::{ClaimReport, FindingReport, GuideReport, VerdictReport};

/// What is said at a line.
#[derive(Clone, Copy)]
pub enum Note<'a> {
    /// A claim, at its first line.
    Claim(&'a ClaimReport),
    /// A finding, below its last line, with its number in the guide.
    Finding(&'a FindingReport, usize),
}

impl Note<'_> {
    fn line(&self) -> usize {
        match self {
            Note::Claim(claim) => claim.lines.0,
            Note::Finding(finding, _) => finding.end_line,
        }
    }
}

/// The notes of one file that are still to be shown.
pub struct Notes<'a> {
    coming: std::iter::Peekable<std::vec::IntoIter<Note<'a>>>,
}

impl<'a> Notes<'a> {
    /// Those of the guide itself, or of one of its companions.
    pub fn of(guide: &'a GuideReport, file: Option<&str>) -> Notes<'a> {
        let claims = guide.claims.iter().filter(|claim| claim.file.as_deref() == file).map(Note::Claim);
        let findings = guide.findings.iter().enumerate();
        let findings = findings.filter(|(_, finding)| finding.file.as_deref() == file);
        let findings = findings.map(|(number, finding)| Note::Finding(finding, number));
        let mut all: Vec<_> = claims.chain(findings).collect();
        all.sort_by_key(Note::line);
        Notes { coming: all.into_iter().peekable() }
    }

    /// Takes those up to a line.
    pub fn up_to(&mut self, line: usize) -> Vec<Note<'a>> {
        std::iter::from_fn(|| self.coming.next_if(|note| note.line() <= line)).collect()
    }
}

/// A verdict with the Pythons that gave it.
pub struct Given<'a> {
    /// As one of them gave it.
    pub verdict: &'a VerdictReport,
    /// Their ids; empty where all gave it.
    pub pythons: Vec<&'a str>,
}

/// The different verdicts on a claim.
pub fn given(claim: &ClaimReport) -> Vec<Given<'_>> {
    let key = |verdict: &VerdictReport| (verdict.verdict, verdict.actual.clone(), verdict.reason.clone());
    let mut all: Vec<Given<'_>> = Vec::new();
    for verdict in &claim.verdicts {
        match all.iter_mut().find(|other| key(other.verdict) == key(verdict)) {
            Some(same) => same.pythons.push(&verdict.python),
            None => all.push(Given { verdict, pythons: vec![&verdict.python] }),
        }
    }
    if let [only] = &mut all[..] {
        only.pythons.clear();
    }
    all
}

/// A decision's sign and word, the word being its class too.
pub fn decided(decision: Decision) -> (&'static str, &'static str) {
    match decision {
        Decision::Holds => ("✓", "holds"),
        Decision::False => ("✗", "false"),
        Decision::Undecided | Decision::Remark => ("?", "undecided"),
    }
}

/// A finding's sign and word, the word being its class too.
pub fn severity(finding: &FindingReport) -> (&'static str, &'static str) {
    match (finding.expected, finding.severity) {
        (true, _) => ("✓", "expected"),
        (false, Severity::Error) => ("✗", "error"),
        (false, Severity::Warning) => ("▲", "warning"),
        (false, Severity::Info) => ("i", "info"),
    }
}
