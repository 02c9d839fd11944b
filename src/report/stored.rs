//! A guide's report with the fields that its JSON has not: some formats show them.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::{FindingReport, GuideReport, RemarkReport, Summary};
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

/// A guide's report as bytes, with what is told without reading it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Everything in it, counted. There was no error.
    pub summary: Summary,
    /// As [`written`] wrote it.
    pub bytes: Vec<u8>,
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
    rmp_serde::to_vec_named(&whole).expect("plain data")
}

/// The report that was written. The error says that it is no such thing.
pub fn read(bytes: &[u8]) -> io::Result<GuideReport> {
    let odd = || io::Error::new(io::ErrorKind::InvalidData, "a report is not as it was written");
    let Whole { report, remarks, text, companions, findings } =
        rmp_serde::from_slice::<Whole<GuideReport>>(bytes).map_err(|_| odd())?;
    let mut report = GuideReport { remarks, text, companions, ..report };
    if report.findings.len() != findings.len() {
        return Err(odd());
    }
    for (finding, rest) in report.findings.iter_mut().zip(findings) {
        let Rest { lack, span, fix } = rest;
        (finding.lack, finding.span) = (lack, span);
        if let (Some(own), Some(span)) = (&mut finding.fix, fix) {
            own.span = span;
        }
    }
    Ok(report)
}
