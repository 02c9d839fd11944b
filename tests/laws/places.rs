//! Whatever is found in a text is where it is said to be.

use std::path::Path;

use verify::check::Document;
use verify::claims::{Claim, Kind};
use verify::guide::{self, Guide, Snippet, Source};

/// A path for each format that has a reader.
pub const PATHS: [&str; 5] = ["guide.md", "guide.mdx", "guide.rst", "guide.py", "guide.ipynb"];

/// Bytes are a guide of any format where they are text, and everything in it has its place.
pub fn guide(bytes: &[u8]) {
    for path in PATHS {
        match Source::new(bytes.to_vec()).map(|source| guide::read(path, source)) {
            Ok(Ok(guide)) => guide_is_in_place(&guide),
            Ok(Err(error)) => assert!(path.ends_with("ipynb"), "any text is a {path}: {error}"),
            Err(error) => assert!(std::str::from_utf8(bytes).is_err(), "{error}"),
        }
    }
}

/// The same for a guide's claims.
pub fn places_are_true(text: &str) {
    places_are_true_in("guide.md", text);
}

/// The same for a text in any format.
pub fn places_are_true_in(path: &str, text: &str) {
    let read = Document::new(Path::new(path), text.into(), None).expect("it can be read");
    document_is_in_place(&read);
}

/// Snippets, other fences, problems and claims stand in the text.
pub fn document_is_in_place(Document { guide, codes, claims, remarks, .. }: &Document) {
    for (index, code) in codes.iter().enumerate() {
        for comment in code.comments() {
            let line = guide.snippets[index].guide_line(comment.line);
            let claimed =
                claims.iter().any(|it| it.snippet == index && (it.lines.0..=it.lines.1).contains(&line));
            let remarked = remarks.iter().any(|it| it.snippet == index && it.line == line);
            assert!(claimed || remarked, "line {line} is a claim or a remark: {}", comment.text);
        }
    }
    guide_is_in_place(guide);
    for claim in claims {
        claim_is_in_place(claim, &guide.source);
        targets_are_in_code(claim, &codes[claim.snippet].code);
    }
    assert!(claims.is_sorted_by_key(|claim| claim.span), "claims are in reading order");
}

fn guide_is_in_place(guide: &Guide) {
    for snippet in &guide.snippets {
        snippet_is_in_place(snippet, &guide.source);
    }
    for (line, text) in guide.others.iter().flat_map(|fence| &fence.lines) {
        assert!(guide.source.line_text(*line).contains(text.trim()), "{line}: {text:?}");
    }
    for problem in &guide.problems {
        assert!((1..=guide.source.line_count()).contains(&problem.line), "{problem:?}");
    }
    assert!(guide.snippets.is_sorted_by_key(|snippet| snippet.opening), "snippets are in reading order");
    assert!(guide.others.is_sorted_by_key(|fence| fence.opening), "fences are in reading order");
    assert!(guide.blocks.is_sorted_by_key(|block| block.line), "blocks are in reading order");
}

fn snippet_is_in_place(snippet: &Snippet, source: &Source) {
    let lines: Vec<_> = snippet.code.split_terminator('\n').collect();
    assert_eq!(lines.len(), snippet.starts.len(), "each line of code has its place");
    for (index, (line, start)) in lines.iter().zip(&snippet.starts).enumerate() {
        let there = source.text.get(*start..).unwrap_or_else(|| panic!("{start} is no place"));
        if !line.trim().is_empty() {
            assert!(there.starts_with(line), "{line:?} is not at {start}");
            assert_eq!(source.line(*start), snippet.guide_line(index), "{line:?}");
            is_in_file((*start, *start + line.len()), source);
        }
    }
}

/// What is read stands in the file, in as many bytes or behind escapes.
fn is_in_file(span: (usize, usize), source: &Source) {
    let (from, to) = source.in_file(span);
    let there =
        source.file().text.get(from..to).unwrap_or_else(|| panic!("{span:?} is at no place: {from}..{to}"));
    let read = &source.text[span.0..span.1];
    assert!(!there.is_empty(), "{read:?} is nowhere");
    assert!(there.contains('\\') || there == read, "{read:?} is {there:?} in the file");
}

fn claim_is_in_place(claim: &Claim, source: &Source) {
    let (start, end) = claim.span;
    let words = source.text.get(start..end).unwrap_or_else(|| panic!("no place for {claim:?}"));
    is_in_file(claim.span, source);
    assert_eq!((source.line(start), source.line(end)), claim.lines, "{claim:?}");
    // A repetition has the whole line for its text.
    if claim.lines.0 == claim.lines.1 && claim.kind != Kind::Restated {
        assert!(words.contains(claim.text.trim()), "{words:?} for {claim:?}");
    }
}

fn targets_are_in_code(claim: &Claim, code: &str) {
    for target in &claim.targets {
        assert!(code.get(target.start..target.end).is_some(), "{target:?}");
        assert!(target.lines.0 <= target.lines.1, "{target:?}");
        assert!(target.lines.1 < code.lines().count().max(1), "{target:?}");
    }
}
