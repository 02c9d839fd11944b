//! Comment lines: which belong together, and their words.

use super::Kind;
use super::Meaning;
use super::header::header;
use super::shape::respelled;
use super::target;
use super::understand::{Understood, plain};
use super::words::ARROW;
use crate::python::{Code, Comment};

/// Runs of comments on consecutive lines: one that trails code and the own-line ones below it, or
/// own-line ones at one column.
pub fn groups<'c>(code: &Code, comments: &'c [Comment]) -> Vec<&'c [Comment]> {
    let joined = |above: &Comment, below: &Comment| {
        let same = mark(above) == mark(below) || header(words(above)).is_some();
        let alike = code.column_of(above.start) == code.column_of(below.start) && same;
        below.own_line && above.line + 1 == below.line && (!above.own_line || alike)
    };
    comments.chunk_by(joined).collect()
}

/// Whether the author shows output in `##` lines right below prints: then every such block is output.
pub fn shows_by_hashes(code: &Code) -> bool {
    let shows = |comment: &&Comment| {
        comment.own_line && comment.text.starts_with("## ") && header(words(comment)).is_none()
    };
    code.comments().iter().filter(shows).any(|comment| {
        let above = target::above(code, comment.line, code.column_of(comment.start));
        above.is_some_and(|above| above.prints && above.lines.1 + 1 == comment.line)
    })
}

/// Which kind of comment lines a line belongs to.
fn mark(comment: &Comment) -> &str {
    ["##", "#>"].into_iter().find(|mark| comment.text.starts_with(mark)).unwrap_or("#")
}

/// A comment's text without its mark: what follows `#`, `##` or `#>`.
pub fn words(comment: &Comment) -> &str {
    let text = comment.text.trim_start_matches('#');
    let text = if comment.text.starts_with("#>") { text.trim_start_matches('>') } else { text };
    text.strip_prefix(' ').unwrap_or(text)
}

/// What is shown over several lines: as they stand, or as one line that the author wrapped.
pub fn shown(lines: &[String]) -> Understood {
    let mut readings = joined(lines);
    readings.extend(lines.first().filter(|_| lines.len() == 1).and_then(|line| respelled(line)));
    let meaning = Meaning::Shows(readings);
    Understood { marked: true, ..plain(Kind::Stdout, lines.join("\n"), meaning) }
}

/// The ways in which lines may belong together.
pub fn joined(lines: &[String]) -> Vec<String> {
    let mut readings = vec![lines.join("\n"), lines.join(" "), lines.concat()];
    readings.dedup();
    readings
}

/// A further line of a value; an author who marks every line with an arrow means only the first.
pub fn continued<'w>(words: &'w str, first: &str) -> &'w str {
    let arrow = ARROW.find(first).map(|found| found.as_str().trim());
    let bare = words.trim();
    arrow.and_then(|arrow| bare.strip_prefix(arrow)).unwrap_or(words).trim_end()
}

/// How many brackets are open at the end, strings left out as far as a line tells.
pub fn depth(text: &str) -> i64 {
    let mut quote = None;
    let mut depth = 0;
    for c in text.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '[' | '(' | '{') => depth += 1,
            (None, ']' | ')' | '}') => depth -= 1,
            _ => {}
        }
    }
    depth
}

/// Where a block of shown lines ends: at a blank comment line that only prose follows.
pub fn block_end(lines: &[&Comment]) -> usize {
    let prose = |comment: &&&Comment| {
        let text = words(comment).trim();
        text.split_whitespace().count() >= 4 && text.ends_with(['.', ':', '!', '?'])
    };
    let blank = |comment: &&Comment| words(comment).trim().is_empty();
    let cut = lines
        .iter()
        .position(blank)
        .filter(|at| lines[*at..].iter().find(|c| !blank(c)).is_none_or(|c| prose(&c)));
    cut.unwrap_or(lines.len())
}
