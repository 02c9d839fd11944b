//! Markdown: fences in every spelling, in lists, quotes and admonitions, and the code that a misplaced fence left
//! bare.

mod commonmark;
mod mdx;
mod myst;
mod nested;
mod repair;
mod shown;
mod stray;

use std::collections::HashSet;

use commonmark::Markdown;
pub use shown::{Shown, ShownCode};

use crate::guide::directive::{self, Found};
use crate::guide::structure::{CodeBlock, Structure};
use crate::guide::{Problem, ProblemKind, Source, is_python};

/// Reads Markdown.
pub fn read(source: &Source) -> Structure {
    read_text(&source.text, source, &nested::MARKDOWN, &directive::HTML)
}

/// Reads MDX, in which code is fenced and never indented.
pub fn read_mdx(source: &Source) -> Structure {
    let text = mdx::without_javascript(&source.text);
    let mut found = read_text(&text, source, &nested::MDX, &directive::JSX);
    found.code.retain(|block| block.info.is_some());
    found
}

/// Reads what is left of a source as a text with the same lines.
fn read_text(text: &str, source: &Source, markers: &[&str], marks: &directive::Marks) -> Structure {
    let blanked = blanked(text, source);
    let (text, misplaced) = repair::repair(&myst::with_backticks(text));
    let Markdown { mut headings, code, opaque } = commonmark::read(&text, source);
    let mut code = nested::expanded(code, source, markers);
    code.iter_mut().for_each(myst::take_options);
    let commands = myst::commands(&mut code, source);
    let mut covered = covered(&code, &opaque, source);
    covered.extend(blanked);
    let mut directives = directives(source, &code, marks);
    directives.extend(code.iter().flat_map(myst::tags));
    directives.sort_by_key(|found| found.line);
    let unclosed: HashSet<_> =
        misplaced.iter().filter(|fence| fence.python).map(|fence| fence.line).collect();
    let closings = code.iter().filter(|b| is_python(b)).map(|b| b.closing).collect();
    let lines = stray::Lines { covered: &covered, closings: &closings, unclosed: &unclosed };
    let stray = stray::regions(source, &lines);
    let bare: HashSet<_> = stray.iter().flat_map(|region| region.first..=region.last).collect();
    headings.retain(|heading| !bare.contains(&heading.line));
    code.retain(|block| !bare.contains(&block.opening));
    let problem = |fence: &repair::Misplaced| Problem { line: fence.line, kind: ProblemKind::UnclosedFence };
    let problems = misplaced.iter().map(problem).chain(commands).collect();
    Structure { headings, code, stray, directives, problems, ..Structure::default() }
}

/// Lines of which nothing is left in a text.
fn blanked(text: &str, source: &Source) -> Vec<usize> {
    if text == source.text {
        return Vec::new();
    }
    let pairs = (1..).zip(text.lines().zip(source.text.lines()));
    let blank = pairs.filter(|(_, (left, whole))| left.trim().is_empty() && !whole.trim().is_empty());
    blank.map(|(line, _)| line).collect()
}

/// Lines in which nothing is prose. Indented code may be the rest of code outside a fence.
fn covered(code: &[CodeBlock], opaque: &[std::ops::Range<usize>], source: &Source) -> HashSet<usize> {
    let fences =
        code.iter().filter(|block| block.info.is_some()).flat_map(|block| block.opening..=block.closing);
    let raw = opaque.iter().flat_map(|range| {
        let text = source.text[range.clone()].trim_end();
        source.line(range.start)..=source.line(range.start + text.len().saturating_sub(1))
    });
    fences.chain(raw).collect()
}

/// The directives outside code blocks; in one they are only shown.
fn directives(source: &Source, code: &[CodeBlock], marks: &directive::Marks) -> Vec<Found> {
    let shown: HashSet<_> = code.iter().flat_map(|block| block.opening..=block.closing).collect();
    let ends = marks.ends(source);
    let mut found = Vec::new();
    let mut line = 1;
    while line <= source.line_count() {
        let directive = marks.find(source, line, &ends).filter(|_| !shown.contains(&line));
        line = directive.as_ref().map_or(line + 1, |found| found.above);
        found.extend(directive);
    }
    found
}
