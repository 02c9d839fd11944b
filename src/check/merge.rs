//! The same finding on several Pythons is one finding.

use crate::judge::Finding;

/// Merges what was found on each Python (by their places among those that were tried), in the order in which
/// it was found first.
pub fn findings(on_each: impl IntoIterator<Item = (usize, Vec<Finding>)>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    for (python, found) in on_each {
        for finding in found {
            // What one Python says twice is said twice.
            let same = |other: &&mut Finding| !other.pythons.contains(&python) && is_same(other, &finding);
            match merged.iter_mut().find(same) {
                Some(other) => add(other, python, &finding),
                None => merged.push(finding.on([python])),
            }
        }
    }
    merged
}

/// Whether two findings say the same about the same place.
fn is_same(one: &Finding, other: &Finding) -> bool {
    let key = |finding: &Finding| (finding.code, finding.span, finding.snippet);
    key(one) == key(other) && one.message == other.message && one.help == other.help
}

fn add(finding: &mut Finding, python: usize, other: &Finding) {
    finding.pythons.push(python);
    finding.severity = finding.severity.min(other.severity);
    // Where else to look may be another place in each version's traceback.
    let new = |related: &&(usize, String)| !finding.related.contains(related);
    let new: Vec<_> = other.related.iter().filter(new).cloned().collect();
    finding.related.extend(new);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Code, Severity};

    fn raises(message: &str) -> Finding {
        Finding::new(Code::Raises, (3, 9), message, "help")
    }

    #[test]
    fn the_same_is_one_and_what_differs_stays_apart() {
        let undefined = || Finding::new(Code::UndefinedName, (1, 2), "x", "");
        let merged = findings([
            (0, vec![raises("A"), undefined().severity(Severity::Warning)]),
            (1, vec![raises("B"), undefined(), undefined()]),
            (2, vec![raises("A")]),
        ]);
        let shown: Vec<_> =
            merged.iter().map(|f| (f.message.as_str(), f.severity, f.pythons.clone())).collect();
        let error = Severity::Error;
        assert_eq!(
            shown,
            [
                ("A", error, vec![0, 2]),
                ("x", error, vec![0, 1]),
                ("B", error, vec![1]),
                ("x", error, vec![1])
            ]
        );
    }
}
