//! Markdown: fences in every spelling, in lists, quotes and admonitions, and the code that a misplaced fence left
//! bare.

mod commonmark;
mod nested;
mod repair;
mod stray;

use std::collections::HashSet;

use commonmark::Markdown;

use crate::guide::directive::{self, Found};
use crate::guide::structure::{CodeBlock, CodeLine, Structure};
use crate::guide::{Problem, ProblemKind, Source, is_python};

/// Reads Markdown.
pub fn read(source: &Source) -> Structure {
    let (text, misplaced) = repair::repair(&source.text);
    let Markdown { mut headings, code, opaque } = commonmark::read(&text, source);
    let mut code = nested::expanded(code, source);
    code.iter_mut().for_each(take_options);
    let covered = covered(&code, &opaque, source);
    let directives = directives(source, &code);
    let unclosed: HashSet<_> =
        misplaced.iter().filter(|fence| fence.python).map(|fence| fence.line).collect();
    let closings = code.iter().filter(|b| is_python(b)).map(|b| b.closing).collect();
    let lines = stray::Lines { covered: &covered, closings: &closings, unclosed: &unclosed };
    let stray = stray::regions(source, &lines);
    let bare: HashSet<_> = stray.iter().flat_map(|region| region.first..=region.last).collect();
    headings.retain(|heading| !bare.contains(&heading.line));
    code.retain(|block| !bare.contains(&block.opening));
    let problem = |fence: &repair::Misplaced| Problem { line: fence.line, kind: ProblemKind::UnclosedFence };
    let problems = misplaced.iter().map(problem).collect();
    Structure { headings, code, stray, directives, problems, ..Structure::default() }
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

/// Takes the options of a directive (`:tags: [hide]`), which stand before its content, out of it.
fn take_options(block: &mut CodeBlock) {
    if !block.info.as_deref().is_some_and(|info| info.trim_start().starts_with('{')) {
        return;
    }
    let is_option = |line: &&CodeLine| line.text.starts_with(':') && line.text[1..].contains(':');
    let count = block.code.iter().take_while(is_option).count();
    block.options = block.code.drain(..count).map(|line| line.text).collect();
}

/// The directives outside code blocks; in one they are only shown.
fn directives(source: &Source, code: &[CodeBlock]) -> Vec<Found> {
    let shown: HashSet<_> = code.iter().flat_map(|block| block.opening..=block.closing).collect();
    let ends = directive::ends(source);
    let mut found = Vec::new();
    let mut line = 1;
    while line <= source.line_count() {
        let directive = directive::find(source, line, &ends).filter(|_| !shown.contains(&line));
        line = directive.as_ref().map_or(line + 1, |found| found.above);
        found.extend(directive);
    }
    found
}
