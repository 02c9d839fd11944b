//! Claims over several lines: the new text under the author's own prefixes.

use super::Fix;
use crate::claims::{Claim, Form};
use crate::guide::Guide;

/// Lines that an author did not mean to wrap are shorter than this, in code points.
const NARROWEST_WRAP: usize = 50;

/// All lines of a claim with `text` in the place of what it shows.
pub fn rewritten(guide: &Guide, claim: &Claim, text: &str) -> Option<Fix> {
    let block = Block::new(guide, claim)?;
    let mut lines = block.wrapped(&block.indented(text));
    if let (Some(first), Some(last)) = (claim.text.lines().next(), claim.text.lines().last()) {
        let (lead, tail) = around(&claim.expected, first, last);
        lines.first_mut()?.insert_str(0, lead);
        lines.last_mut()?.push_str(tail);
    }
    // What looks like a fence would end the one that it stands in.
    let fence = |line: &String| line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
    if claim.form == Form::OutputFence && lines.iter().any(fence) {
        return None;
    }
    let mut replacement = block.own(&lines[0]);
    for (index, line) in lines.iter().enumerate().skip(1) {
        replacement += block.line_end();
        let whole = format!("{}{}", block.prefix(index), block.own(line));
        replacement += whole.trim_end();
    }
    Some(Fix { span: (block.start, block.end), replacement })
}

/// What stands before the expected text on its first line (a marker) and after it on its last.
fn around<'c>(expected: &str, first: &'c str, last: &'c str) -> (&'c str, &'c str) {
    let starts = expected.lines().next().unwrap_or_default().trim();
    let ends = expected.lines().last().unwrap_or_default().trim();
    let lead = first.find(starts).map_or("", |at| &first[..at]);
    let tail = last.rfind(ends).map_or("", |at| &last[at + ends.len()..]);
    let indent_only = lead.trim().is_empty();
    (if indent_only { "" } else { lead }, tail.trim_end())
}

/// Where a claim of several lines stands.
struct Block<'a> {
    guide: &'a Guide,
    claim: &'a Claim,
    /// Guide byte at which the first line's words start.
    start: usize,
    /// Guide byte at which the last line's words end.
    end: usize,
    /// What stands before the words, for each line of the guide.
    prefixes: Vec<String>,
}

impl<'a> Block<'a> {
    fn new(guide: &'a Guide, claim: &'a Claim) -> Option<Block<'a>> {
        let texts: Vec<_> = claim.text.split('\n').collect();
        if texts.len() != claim.lines.1 - claim.lines.0 + 1 {
            return None;
        }
        let mut prefixes = Vec::new();
        for (line, text) in (claim.lines.0..=claim.lines.1).zip(&texts) {
            let whole = guide.source.line_text(line).trim_end();
            match whole.strip_suffix(text.trim_end()) {
                Some(prefix) if !text.trim().is_empty() => prefixes.push(prefix.to_owned()),
                // A container took a part of a tab: what stands before the words cannot be repeated.
                None if !text.trim().is_empty() => return None,
                // A blank line tells nothing of what stands before words.
                _ => prefixes.push(prefixes.last().cloned().unwrap_or_default()),
            }
        }
        let start = guide.source.line_start(claim.lines.0) + prefixes[0].len();
        let end = guide.source.trimmed_line(claim.lines.1).1.max(start);
        Some(Block { guide, claim, start, end, prefixes })
    }

    /// What stands before the words of a line; lines beyond the author's are like the last one.
    fn prefix(&self, index: usize) -> String {
        match self.prefixes.len() {
            1 if self.claim.form == Form::Trailing => beside(&self.prefixes[0]),
            count => self.prefixes[index.min(count - 1)].clone(),
        }
    }

    fn is_session(&self) -> bool {
        self.claim.form == Form::Doctest
    }

    /// A line as it stands in this place: a session ends at a blank line, unless it is named.
    fn own(&self, line: &str) -> String {
        if self.is_session() && line.trim().is_empty() { "<BLANKLINE>".into() } else { line.to_owned() }
    }

    fn line_end(&self) -> &'static str {
        let next = self.guide.source.line_start(self.claim.lines.0 + 1);
        if self.guide.source.text[..next].ends_with("\r\n") { "\r\n" } else { "\n" }
    }

    /// The text with the indentation that all of the author's lines share.
    fn indented(&self, text: &str) -> Vec<String> {
        let common = |text: &str| {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            lines.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0)
        };
        let more = common(&self.claim.text).saturating_sub(common(text));
        // The author's own, which may be a tab.
        let first = self.claim.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let indent = first.get(..more).unwrap_or_default();
        text.lines().map(|line| format!("{indent}{line}")).collect()
    }

    /// Lines that are longer than any of the author's are wrapped, where the author wrapped too.
    fn wrapped(&self, lines: &[String]) -> Vec<String> {
        let length = |line: &str| line.chars().count();
        let widest = self.claim.text.lines().map(length).max().unwrap_or(0);
        let wraps = self.claim.text.lines().count() > lines.len() && widest >= NARROWEST_WRAP;
        let wrapped = |line: &String| -> Vec<String> {
            if !wraps || length(line) <= widest {
                return vec![line.clone()];
            }
            let indent = self.claim.text.lines().nth(1).map_or(0, |l| l.len() - l.trim_start().len());
            let indent = " ".repeat(indent);
            let options = textwrap::Options::new(widest).break_words(false).subsequent_indent(&indent);
            let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
            textwrap::wrap(line, options).into_iter().map(|line| line.into_owned()).collect()
        };
        let all: Vec<_> = lines.iter().flat_map(wrapped).collect();
        if all.is_empty() { vec![String::new()] } else { all }
    }
}

/// The prefix of a comment line below a trailing comment: its mark in the same column.
fn beside(prefix: &str) -> String {
    let mark = prefix.rfind('#').unwrap_or(prefix.len());
    format!("{}{}", " ".repeat(prefix[..mark].chars().count()), &prefix[mark..])
}
