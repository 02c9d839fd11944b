//! A check that stops at the first guide that is wrong.

use std::path::PathBuf;

use super::session::readable;
use super::{Document, Session, add_surroundings, check_labels};
use crate::report::Report;
use crate::run::Cancel;

/// Guides that are checked at the same time: enough that no processor waits for long, and few are checked in vain.
const TOGETHER: usize = 16;

impl Session {
    /// Checks guides as [`Session::check`] does, up to the first that makes the exit code another than 0. The report
    /// is on that one and those before it, and says how many there are behind it.
    pub fn check_until_wrong(
        &mut self,
        documents: &[(PathBuf, Result<Document, String>)],
        blocks: &[String],
        cancel: &Cancel,
        strict: bool,
    ) -> anyhow::Result<Report> {
        check_labels(&readable(documents), blocks)?;
        let (first, others) = documents.split_at(TOGETHER.min(documents.len()));
        let mut whole = self.check_some(first, blocks, cancel)?;
        for some in others.chunks(TOGETHER) {
            if first_wrong(&whole, strict).is_some() {
                break;
            }
            let mut checked = self.check_some(some, blocks, cancel)?;
            add_surroundings(&mut whole, &mut checked);
            whole.guides.append(&mut checked.guides);
        }
        if let Some(wrong) = first_wrong(&whole, strict) {
            whole.guides.truncate(wrong + 1);
            whole.left_out = documents.len() - whole.guides.len();
        }
        whole.count(whole.summary.duration_ms);
        Ok(whole)
    }
}

fn first_wrong(report: &Report, strict: bool) -> Option<usize> {
    report.guides.iter().position(|guide| guide.exit_code(strict) > 0)
}
