//! A guide's report with the fields that its JSON has not: some formats show them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FindingReport, GuideReport, RemarkReport};
use crate::needs::Lack;

#[derive(Serialize, Deserialize)]
struct Whole<R> {
    report: R,
    remarks: Vec<RemarkReport>,
    text: String,
    companions: BTreeMap<String, String>,
    findings: Vec<Rest>,
}

/// What the JSON of a finding has not.
#[derive(Serialize, Deserialize)]
struct Rest {
    lack: Option<Lack>,
    span: (usize, usize),
    fix: Option<(usize, usize)>,
}

/// A report as bytes.
pub fn written(report: &GuideReport) -> Vec<u8> {
    let rest = |finding: &FindingReport| Rest {
        lack: finding.lack.clone(),
        span: finding.span,
        fix: finding.fix.as_ref().map(|fix| fix.span),
    };
    let whole = Whole {
        report,
        remarks: report.remarks.clone(),
        text: report.text.clone(),
        companions: report.companions.clone(),
        findings: report.findings.iter().map(rest).collect(),
    };
    serde_json::to_vec(&whole).expect("plain data")
}

/// The report that was written; none where it is no such thing.
pub fn read(bytes: &[u8]) -> Option<GuideReport> {
    let Whole { report, remarks, text, companions, findings } = serde_json::from_slice(bytes).ok()?;
    let mut report = GuideReport { remarks, text, companions, ..report };
    if report.findings.len() != findings.len() {
        return None;
    }
    for (finding, rest) in report.findings.iter_mut().zip(findings) {
        let Rest { lack, span, fix } = rest;
        (finding.lack, finding.span) = (lack, span);
        if let (Some(own), Some(span)) = (&mut finding.fix, fix) {
            own.span = span;
        }
    }
    Some(report)
}
