//! Fences that were closed too early, too late or never.
//!
//! A forgotten fence line turns a guide inside out: prose becomes code and code becomes prose, up
//! to the guide's end. Such lines are found in one pass and blanked out (same length, so that every
//! place stays true) before the Markdown is read; the code they leave bare is found as code outside
//! any fence.

use std::sync::LazyLock;

use regex::Regex;

use crate::guide::language::is_python;

/// A fence line that does not do what its author meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Misplaced {
    /// The guide line, from 1.
    pub line: usize,
    /// Whether the fence it opens was meant for Python, by its label.
    pub python: bool,
    /// Whether it is blanked out: a fence of something else keeps its text.
    pub blank: bool,
}

/// The text with misplaced fence lines blanked out, and those lines.
pub fn repair(text: &str) -> (String, Vec<Misplaced>) {
    let mut misplaced = Vec::new();
    let mut open: Option<Fence> = None;
    for (index, line) in text.split('\n').enumerate() {
        let line = line.trim_end_matches('\r');
        let Some(fence) = &open else {
            open = Fence::opened_by(line, index + 1);
            continue;
        };
        if fence.closed_by(line) || fence.left_by(line) {
            open = None;
        } else if let Some(inner) = Fence::opened_by(line, index + 1).filter(|inner| fence.cannot_hold(inner))
        {
            misplaced.push(fence.misplaced());
            open = Some(inner);
        }
    }
    misplaced.extend(open.map(|fence| fence.misplaced()));
    (blank_out(text, &misplaced), misplaced)
}

/// The lines of a fence that holds something else (a shell session) stay: its text is not ours.
fn blank_out(text: &str, misplaced: &[Misplaced]) -> String {
    let lines: std::collections::HashSet<_> =
        misplaced.iter().filter(|fence| fence.blank).map(|fence| fence.line).collect();
    if lines.is_empty() {
        return text.to_owned();
    }
    let blank = |(index, line): (usize, &str)| match lines.contains(&(index + 1)) {
        true => " ".repeat(line.trim_end_matches('\r').len()) + &line[line.trim_end_matches('\r').len()..],
        false => line.to_owned(),
    };
    text.split('\n').enumerate().map(blank).collect::<Vec<_>>().join("\n")
}

/// A fence that is open.
pub(super) struct Fence {
    line: usize,
    indent: usize,
    quoted: bool,
    in_item: bool,
    mark: char,
    length: usize,
    info: String,
}

static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?P<lead>(?:[ \t]|>|(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(?P<marks>`{3,}|~{3,})(?P<info>.*)$")
        .expect("valid")
});

impl Fence {
    /// The fence that a line opens, wherever it stands.
    pub(super) fn opened_by(line: &str, number: usize) -> Option<Fence> {
        // Most lines of a guide are no fences: look before the pattern does.
        if !line.contains("```") && !line.contains("~~~") {
            return None;
        }
        let found = OPENING.captures(line)?;
        let (lead, marks, info) = (&found["lead"], &found["marks"], found["info"].trim());
        let mark = marks.chars().next()?;
        if mark == '`' && info.contains('`') {
            return None;
        }
        Some(Fence {
            line: number,
            indent: lead.chars().count(),
            quoted: lead.contains('>'),
            in_item: lead.contains(|c: char| !matches!(c, ' ' | '\t' | '>')),
            mark,
            length: marks.len(),
            info: info.to_owned(),
        })
    }

    /// Whether a line closes it.
    pub(super) fn closed_by(&self, line: &str) -> bool {
        let marks = line.trim_start_matches([' ', '\t', '>']).trim_end();
        marks.len() >= self.length && marks.chars().all(|c| c == self.mark)
    }

    /// A quote or list item that ends takes its open fence with it.
    pub(super) fn left_by(&self, line: &str) -> bool {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        (self.quoted && !line.trim_start().starts_with('>'))
            || (self.in_item && !self.quoted && !line.trim().is_empty() && indent < 2)
    }

    /// A Python fence holds no line that opens another; nor does an unlabelled one hold a labelled one.
    fn cannot_hold(&self, inner: &Fence) -> bool {
        let ours = self.info.is_empty() || is_python(&self.info);
        let labelled = inner.info.starts_with(|c: char| c.is_alphabetic() || c == '{');
        ours && labelled
            && inner.mark == self.mark
            && inner.length >= self.length
            && inner.indent <= self.indent + 3
    }

    fn misplaced(&self) -> Misplaced {
        let python = is_python(&self.info);
        Misplaced { line: self.line, python, blank: python || self.info.is_empty() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        repair(text).1.iter().map(|fence| fence.line).collect()
    }

    #[test]
    fn sound_fences_stay() {
        let sound = "```python\nx\n```\n\n~~~py\n```\n~~~\n````md\n```python\n```\n````\n> ```python\n> x\n\n- ```py\n  x\n\ntext\n```\n```\n";
        assert_eq!(repair(sound), (sound.to_owned(), vec![]));
    }

    #[test]
    fn a_forgotten_close_is_found() {
        let (text, _) = repair("```python\nx = 1\n\nprose\n\n```python\ny\n```\n");
        assert_eq!(text, "         \nx = 1\n\nprose\n\n```python\ny\n```\n");
        assert_eq!(lines("```python\nx = 1\n"), [1]);
        assert_eq!(lines("```bash\nls\n"), [1]);
    }

    #[test]
    fn a_close_too_many_is_found() {
        assert_eq!(lines("```py\na\n```\nb = 1\n```\ntext\n```py\nc\n```\n"), [5]);
    }
}
