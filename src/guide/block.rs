//! Sections of a guide and their labels.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::structure::Heading;

/// A section of a guide: what stands under one heading of the guide's block level.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// What `--block` takes.
    pub label: String,
    /// The heading's text; empty for what precedes the first.
    pub title: String,
    /// The first guide line, from 1.
    pub line: usize,
}

/// The blocks of a guide, in order; the first is always `top`.
pub fn blocks(headings: &[Heading]) -> Vec<Block> {
    let level = block_level(headings);
    let mut seen = HashMap::new();
    let mut blocks = vec![Block { label: unique("top".into(), &mut seen), title: String::new(), line: 1 }];
    for heading in headings.iter().filter(|heading| heading.level == level) {
        let label = heading.label.clone().unwrap_or_else(|| label(&heading.text));
        let label = unique(label, &mut seen);
        blocks.push(Block { label, title: heading.text.trim().to_owned(), line: heading.line });
    }
    blocks
}

/// The heading level that makes blocks: 2, or 1 in a guide without a level 2.
pub fn block_level(headings: &[Heading]) -> usize {
    if headings.iter().any(|heading| heading.level == 2) { 2 } else { 1 }
}

fn unique(label: String, seen: &mut HashMap<String, usize>) -> String {
    let count = seen.entry(label.clone()).or_insert(0);
    *count += 1;
    if *count == 1 { label } else { format!("{label}-{count}") }
}

static PARENTHESIS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s*\([^()]*\)\s*$").expect("valid"));
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:\p{Alphabetic}+\s+)?#?(?P<number>\d+(?:\.\d+)*)(?:[^\p{Alphabetic}\d]|$)")
        .expect("valid")
});

/// A heading's label: its number where one stands first or after one word, else its slug.
fn label(heading: &str) -> String {
    let text = PARENTHESIS.replace(heading.trim(), "");
    match NUMBER.captures(&text) {
        Some(found) => found["number"].to_owned(),
        None => slug(&text),
    }
}

fn slug(text: &str) -> String {
    let words = text.to_lowercase();
    let words: Vec<_> =
        words.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    if words.is_empty() { "section".into() } else { words.join("-") }
}

/// The headings above a line, for lines that are asked for in order.
pub struct Path<'a> {
    coming: std::slice::Iter<'a, Heading>,
    above: Vec<&'a Heading>,
    level: usize,
}

impl<'a> Path<'a> {
    /// None yet.
    pub fn new(headings: &'a [Heading]) -> Path<'a> {
        Path { coming: headings.iter(), above: Vec::new(), level: block_level(headings) }
    }

    /// The headings above a line, from the block's own down.
    pub fn at(&mut self, line: usize) -> Vec<String> {
        while let Some(heading) = self.coming.as_slice().first().filter(|heading| heading.line <= line) {
            self.coming.next();
            self.pass(heading);
        }
        self.above.iter().map(|heading| heading.text.trim().to_owned()).collect()
    }

    fn pass(&mut self, heading: &'a Heading) {
        if heading.level >= self.level {
            self.above.retain(|above| above.level < heading.level);
            self.above.push(heading);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for (heading, expected) in [
            ("Block 4: OOP", "4"),
            ("Chapter 2", "2"),
            ("3. Lists", "3"),
            ("Part 1.2 – Sets", "1.2"),
            ("Practice Problems (30 minutes)", "practice-problems"),
            ("Step 7 (optional)", "7"),
            ("2nd try", "2nd-try"),
            ("What is new in 3.12", "what-is-new-in-3-12"),
            ("Ünïcode & more", "ünïcode-more"),
            ("???", "section"),
        ] {
            assert_eq!(label(heading), expected, "{heading}");
        }
    }

    #[test]
    fn repeated_labels_are_numbered() {
        let heading = |text: &str, line| Heading::new(2, text.into(), line);
        let headings = [heading("Setup", 3), heading("Setup", 9), heading("Top", 12)];
        let labels: Vec<_> = blocks(&headings).into_iter().map(|b| b.label).collect();
        assert_eq!(labels, ["top", "setup", "setup-2", "top-2"]);
    }
}
