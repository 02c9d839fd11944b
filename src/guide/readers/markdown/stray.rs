//! Python that stands outside any fence, mostly because a fence was closed too early.

use std::collections::HashSet;

use crate::guide::Source;
use crate::guide::structure::Region;
use crate::python::{Looks, looks};

/// What the search needs to know of the guide's lines.
pub struct Lines<'a> {
    /// Lines inside fences, raw HTML and front matter.
    pub covered: &'a HashSet<usize>,
    /// Lines that close a Python fence.
    pub closings: &'a HashSet<usize>,
    /// Lines that open a Python fence which is never closed.
    pub unclosed: &'a HashSet<usize>,
}

/// Finds the regions, in order.
pub fn regions(source: &Source, lines: &Lines<'_>) -> Vec<Region> {
    let chunks = chunks(source, lines);
    let mut regions: Vec<Region> = Vec::new();
    let mut index = 0;
    while index < chunks.len() {
        let Some(fenced) = starts_region(source, lines, chunks[index]) else {
            index += 1;
            continue;
        };
        let last = last_of_region(source, lines, &chunks[index..]);
        regions.push(Region { first: chunks[index].0, last: chunks[index + last].1, fenced });
        index += last + 1;
    }
    regions
}

/// Which of these chunks is the last of the region that starts with the first.
fn last_of_region(source: &Source, lines: &Lines<'_>, chunks: &[(usize, usize)]) -> usize {
    let mut last = 0;
    let mut outer = chunks[0].0;
    while last + 1 < chunks.len() && continues(source, lines, outer, chunks[last].1, chunks[last + 1]) {
        last += 1;
        if !is_indented(source, chunks[last].0) {
            outer = chunks[last].0;
        }
    }
    last
}

/// Runs of lines that are neither blank nor covered.
fn chunks(source: &Source, lines: &Lines<'_>) -> Vec<(usize, usize)> {
    let mut chunks: Vec<(usize, usize)> = Vec::new();
    for line in 1..=source.line_count() {
        let fence = lines.covered.contains(&line) || lines.unclosed.contains(&line);
        if fence || source.line_text(line).trim().is_empty() {
            continue;
        }
        match chunks.last_mut() {
            Some(chunk) if chunk.1 + 1 == line => chunk.1 = line,
            _ => chunks.push((line, line)),
        }
    }
    chunks
}

fn text(source: &Source, first: usize, last: usize) -> &str {
    &source.text[source.line_start(first)..source.line_start(last + 1)]
}

/// Whether a region starts with this chunk, and if so whether it is a fence's code.
fn starts_region(source: &Source, lines: &Lines<'_>, (first, last): (usize, usize)) -> Option<bool> {
    let above = (1..first).rev().find(|line| !source.line_text(*line).trim().is_empty());
    if above.is_some_and(|line| lines.unclosed.contains(&line)) {
        return Some(true);
    }
    if is_indented(source, first) {
        return None;
    }
    let needed = match lines.closings.contains(&(first - 1)) {
        true if has_code(source, first, last) => Looks::Parses,
        _ => Looks::Python,
    };
    (looks(text(source, first, last)) >= needed).then_some(false)
}

/// A lone word or sentence right below a fence is prose even if it parses.
fn has_code(source: &Source, first: usize, last: usize) -> bool {
    text(source, first, last).contains(['=', '('])
}

/// How many lines below the statement that it is a part of an indented chunk may end: each is read
/// together with all of that statement so far.
const FARTHEST: usize = 300;

/// Whether the region that ends on line `last` goes on with a chunk. `outer` is the line on which the
/// statement begins that an indented chunk is a part of.
fn continues(source: &Source, lines: &Lines<'_>, outer: usize, last: usize, next: (usize, usize)) -> bool {
    if (last + 1..next.0).any(|line| lines.covered.contains(&line) || lines.unclosed.contains(&line)) {
        return false;
    }
    let own = match looks(text(source, next.0, next.1)) {
        Looks::Python => true,
        Looks::Parses => has_code(source, next.0, next.1),
        Looks::NotPython => false,
    };
    let near = is_indented(source, next.0) && next.1 - outer < FARTHEST;
    own || (near && looks(text(source, outer, next.1)) >= Looks::Parses)
}

fn is_indented(source: &Source, line: usize) -> bool {
    source.line_text(line).starts_with([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, closings: &[usize], unclosed: &[usize]) -> Vec<(usize, usize, bool)> {
        let source = Source::new(text.into()).unwrap();
        let covered: HashSet<_> = closings.iter().copied().collect();
        let unclosed = unclosed.iter().copied().collect();
        let lines = Lines { covered: &covered, closings: &covered, unclosed: &unclosed };
        regions(&source, &lines).into_iter().map(|r| (r.first, r.last, r.fenced)).collect()
    }

    #[test]
    fn code_is_told_from_prose() {
        let guide = "# Title\n\nSome words.\n\n# note\nx = 'a'\nprint(x)\n\ndef f():\n    a = 1\n\n    return a\n\nMore words\n";
        assert_eq!(found(guide, &[], &[]), [(5, 12, false)]);
        assert_eq!(found("# Title\nwords\n\nNote: this\n\ny = m * x\n", &[], &[]), []);
    }

    #[test]
    fn right_below_a_fence_less_is_enough() {
        assert_eq!(found("```\nprint(x)\n", &[1], &[]), [(2, 2, false)]);
        assert_eq!(found("```\nDone\n", &[1], &[]), []);
    }

    #[test]
    fn an_unclosed_fence_keeps_its_code() {
        assert_eq!(found("```python\nx = (\n\nprose here\n", &[], &[1]), [(2, 2, true)]);
    }
}
