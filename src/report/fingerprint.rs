//! What a finding goes by from run to run, wherever its lines move to.

use std::collections::HashMap;

use super::{FindingReport, GuideReport, place};

/// One for each of a guide's findings, in their order: made from its code and from what stands at its place, not
/// from where that is. Of several that are alike each has a number. `path` tells guides apart.
pub fn all(guide: &GuideReport, path: &str) -> Vec<String> {
    let mut seen = HashMap::new();
    let of = |finding: &FindingReport| {
        let about = about(guide, finding);
        let number = seen.entry(about.clone()).and_modify(|number| *number += 1).or_insert(0_usize);
        of(&[path, &about.join("\0"), &number.to_string()])
    };
    guide.findings.iter().map(of).collect()
}

/// One of an error that keeps a guide from being checked.
pub fn of_guide(path: &str) -> String {
    of(&[path])
}

fn of(parts: &[&str]) -> String {
    let hash = blake3::hash(parts.join("\0").as_bytes());
    hash.to_hex()[..32].to_owned()
}

/// Its code and the text of its lines. A fence's first line is like any other's, so there it is the snippet's.
fn about(guide: &GuideReport, finding: &FindingReport) -> Vec<String> {
    let (_, text) = guide.file(finding.file.as_ref());
    let own = place::lines(text, finding.line, finding.end_line);
    let snippet = guide.snippets.iter().find(|snippet| Some(&snippet.id) == finding.snippet.as_ref());
    let outside = |lines: (usize, usize)| finding.file.is_none() && finding.line < lines.0;
    let first = snippet.filter(|snippet| outside(snippet.lines));
    let first = first.map_or("", |snippet| place::line_of(text, snippet.lines.0));
    let file = finding.file.as_deref().unwrap_or_default();
    [finding.code.name(), file, own.trim(), first.trim()].map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn finding(line: usize) -> FindingReport {
        let finding = json!({
            "code": "raises", "severity": "error", "line": line, "column": 1, "end_line": line, "end_column": 1,
            "expected": false, "message": "", "help": "", "pythons": [], "related": [],
        });
        serde_json::from_value(finding).expect("a finding")
    }

    fn guide(text: &str, lines: &[usize]) -> GuideReport {
        let findings = lines.iter().map(|line| finding(*line)).collect();
        GuideReport { text: text.to_owned(), findings, ..GuideReport::default() }
    }

    #[test]
    fn it_moves_with_its_line_and_tells_equal_ones_apart() {
        let before = all(&guide("a\nb\na\n", &[1, 2, 3]), "guide.md");
        let after = all(&guide("new\n  b\n\na\na\n", &[2, 4, 5]), "guide.md");
        assert_eq!([&before[1], &before[0], &before[2]], [&after[0], &after[1], &after[2]]);
        assert!(before[0] != before[1] && before[0] != before[2]);
        assert_ne!(before[0], all(&guide("a\n", &[1]), "other.md")[0]);
    }
}
