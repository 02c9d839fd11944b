//! Files that continue a snippet where a guide only defines things: what stands in them runs after the
//! snippet, and its claims are the snippet's.
//!
//! A guide reads as if they were appended to it, so that nobody else has to know of a second file.
//! [`Guide::place`] tells where a line really stands.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{CodeLine, Guide, Order, snippet};

/// A companion's file.
pub struct Companion {
    /// Its path as it is reported.
    pub path: String,
    /// Its lines among those of the guide, both ends inclusive.
    pub lines: (usize, usize),
    /// Its text.
    pub text: String,
}

impl Guide {
    /// Appends a companion, which must have a line, to the guide; `of` is the index of the snippet that it
    /// continues.
    pub fn append(&mut self, path: String, of: usize, text: &str) {
        self.source.append(text);
        let last = self.source.line_count();
        let first = last + 1 - text.lines().count();
        let line = |line| CodeLine {
            text: self.source.line_text(line).to_owned(),
            at: self.source.line_start(line),
        };
        let mut continued = snippet((first..=last).map(line).collect(), first, first);
        let parent = &self.snippets[of];
        continued.id = format!("{}.check", parent.id);
        continued.block.clone_from(&parent.block);
        continued.behind = parent.behind;
        continued.headings.clone_from(&parent.headings);
        // Where the snippet is not run there is nothing to continue.
        continued.directives.extend(parent.directives.iter().filter(|it| it.order == Order::Skip).cloned());
        continued.continues = Some(of);
        self.snippets.push(continued);
        self.companions.push(Companion { path, lines: (first, last), text: text.to_owned() });
    }

    /// The companion in which a line stands.
    pub fn companion(&self, line: usize) -> Option<&Companion> {
        self.companions.iter().find(|companion| (companion.lines.0..=companion.lines.1).contains(&line))
    }

    /// Where a line stands: the path of a companion, if it is in one, and the line there.
    pub fn place(&self, line: usize) -> (Option<&str>, usize) {
        match self.companion(line) {
            Some(companion) => (Some(&companion.path), line - companion.lines.0 + 1),
            None => (None, self.source.line_in_file(line)),
        }
    }

    /// The text of the guide's file, without its companions.
    pub fn own_text(&self) -> &str {
        if self.source.origin().is_some() {
            return &self.source.file().text;
        }
        let end = self.companions.first().map(|companion| self.source.line_start(companion.lines.0));
        &self.source.text[..end.unwrap_or(self.source.text.len())]
    }

    /// A text that names lines, as its reader finds them: those of companions by their files.
    pub fn with_places<'t>(&self, text: &'t str) -> Cow<'t, str> {
        static LINE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bline (\d+)\b").expect("valid"));
        if self.companions.is_empty() && self.source.origin().is_none() {
            return Cow::Borrowed(text);
        }
        LINE.replace_all(text, |found: &Captures<'_>| match self.place(found[1].parse().unwrap_or(0)) {
            (Some(path), line) => format!("line {line} of {path}"),
            (None, line) => format!("line {line}"),
        })
    }

    /// The snippet itself, or the one that it continues.
    pub fn whole(&self, snippet: usize) -> usize {
        self.snippets[snippet].continues.unwrap_or(snippet)
    }
}
