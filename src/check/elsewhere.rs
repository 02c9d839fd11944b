//! What fails on one Python because of its version, and runs on another that was tried, is no mistake of the
//! guide's: it is for other versions.

use std::collections::HashSet;

use super::RanOn;
use super::document::Prepared;
use crate::judge::{self, Judged, TroubleKind, Verdict};
use crate::python::Versions;
use crate::report::Python;
use crate::run::protocol::minor;

/// Marks such troubles. `ran` is what became of a guide's snippets on each of the Pythons.
pub fn mark(prepared: &Prepared<'_>, ran: &mut [RanOn], pythons: &[Python]) {
    if pythons.len() < 2 {
        return;
    }
    let reading = prepared.reading();
    let versions: Vec<_> = pythons.iter().map(|python| minor(&python.version)).collect();
    let passed: Vec<Vec<HashSet<usize>>> =
        ran.iter().map(|on| on.iter().map(|(_, ran)| ran.passed_lines.clone()).collect()).collect();
    for (own, on) in ran.iter_mut().enumerate() {
        for (at, (_, ran)) in on.iter_mut().enumerate() {
            let Judged { troubles, verdicts, .. } = &mut ran.judged;
            for trouble in troubles.iter_mut().filter(|it| it.kind == TroubleKind::Raises) {
                let runs =
                    |other: &usize| passed[*other].get(at).is_some_and(|it| it.contains(&trouble.line));
                let others: Vec<_> = (0..versions.len()).filter(runs).map(|other| versions[other]).collect();
                let Some(range) = beyond(versions[own], &others) else { continue };
                if judge::is_of_version(trouble, &reading) {
                    let before = trouble.reason();
                    let what = format!("what raises {} here", trouble.headline());
                    trouble.kind = TroubleKind::Version(what, range);
                    let because = |verdict: &&mut Verdict| verdict.reason.as_ref() == Some(&before);
                    verdicts
                        .values_mut()
                        .filter(because)
                        .for_each(|verdict| verdict.reason = Some(trouble.reason()));
                }
            }
        }
    }
}

/// The range of versions that have what this one has not, if all of them are newer or all are older.
fn beyond(own: (u8, u8), others: &[(u8, u8)]) -> Option<Versions> {
    let (first, last) = (*others.iter().min()?, *others.iter().max()?);
    match () {
        () if first > own => Some(Versions { from: Some(first), until: None }),
        () if last < own => Some(Versions { from: None, until: Some((last.0, last.1 + 1)) }),
        () => None,
    }
}
