//! A guide as its readers see it, for who draws it: fence lines that were mended for reading are mended here too,
//! and code outside any fence stands in one.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser};

use super::{commonmark, myst, repair};
use crate::guide::structure::CodeBlock;
use crate::guide::{Source, language};

/// Longer than any fence that an author writes.
const FENCE: &str = "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n";

/// First and last line of what goes into a fence, and the fence's language.
type Part = (usize, usize, &'static str);

/// How often fences are put in.
const MOST_TIMES: usize = 3;

/// A Markdown text to be drawn, which knows the guide's lines.
pub struct Shown {
    source: Source,
    /// The guide line of each line of the text.
    lines: Vec<usize>,
    /// Its code blocks, in order.
    pub code: Vec<ShownCode>,
    /// The guide lines of code, with their blocks.
    code_lines: HashMap<usize, usize>,
}

/// A code block.
pub struct ShownCode {
    /// Its info string; `None` for an indented block.
    pub info: Option<String>,
    /// The line below its fence, where it is Python without a line of code.
    pub empty: Option<usize>,
    /// Each line of code with its guide line.
    pub lines: Vec<(usize, String)>,
}

impl Shown {
    /// Takes a guide's text and the first and last lines of its snippets, in order. What is not Markdown is shown
    /// as it is written.
    pub fn new(text: &str, is_markdown: bool, snippets: &[(usize, usize)]) -> Shown {
        if !is_markdown {
            let lines = (1..).take(text.split('\n').count());
            let parts = parts(text.lines().count(), snippets);
            return Shown { lines: lines.collect(), ..Shown::verbatim(text) }.with_fences(&parts);
        }
        let (mended, _) = repair::repair(&myst::with_backticks(text));
        let mut shown = Shown::of(mended, (1..).take(text.split('\n').count()).collect());
        // A fence that is put in ends a paragraph, and what seemed to be a part of that may have been code.
        for _ in 0..MOST_TIMES {
            let bare = shown.bare(snippets);
            if bare.is_empty() {
                break;
            }
            shown = shown.with_fences(&bare);
        }
        if shown.bare(snippets).is_empty() && shown.has_lines_once() {
            shown
        } else {
            Shown::as_it_stands(text)
        }
    }

    /// All of a text as one block, for one that cannot be told apart otherwise.
    fn as_it_stands(text: &str) -> Shown {
        let longest = text.split(|c| c != '~').map(str::len).max().unwrap_or_default();
        let fence = "~".repeat(longest + 3);
        let count = text.split('\n').count();
        let lines = std::iter::once(1).chain(1..=count).chain([count; 2]).collect();
        Shown::of(format!("{fence}\n{text}\n{fence}\n"), lines)
    }

    /// Whether no line is code twice.
    fn has_lines_once(&self) -> bool {
        self.code.iter().map(|code| code.lines.len()).sum::<usize>() == self.code_lines.len()
    }

    /// A text in which no code is known yet.
    fn verbatim(text: &str) -> Shown {
        let source = Source::of(text.to_owned(), 0);
        Shown { source, lines: Vec::new(), code: Vec::new(), code_lines: HashMap::new() }
    }

    /// The snippets that stand in no fence.
    fn bare(&self, snippets: &[(usize, usize)]) -> Vec<Part> {
        // An empty fence comes before code that stands outside of it on the line below.
        let mut empty: HashSet<_> = self.code.iter().filter_map(|code| code.empty).collect();
        let bare = snippets.iter().filter(|it| !empty.remove(&it.0) && !self.is_of_one_block(**it));
        bare.map(|(first, last)| (*first, *last, "python")).collect()
    }

    fn of(text: String, lines: Vec<usize>) -> Shown {
        let source = Source::of(text, 0);
        let code = commonmark::read(&source.text, &source).code;
        let line = |at: usize| lines[source.line(at) - 1];
        let shown = |block: CodeBlock| {
            let is_empty = block.code.is_empty() && block.info.as_deref().is_some_and(language::is_python);
            ShownCode {
                info: block.info,
                empty: is_empty.then(|| lines[block.opening - 1] + 1),
                lines: block.code.into_iter().map(|code| (line(code.at), code.text)).collect(),
            }
        };
        let code: Vec<_> = code.into_iter().map(shown).collect();
        let of_block = |(block, code): (usize, &ShownCode)| {
            code.lines.iter().map(move |(line, _)| (*line, block)).collect::<Vec<_>>()
        };
        let code_lines = code.iter().enumerate().flat_map(of_block).collect();
        Shown { source, lines, code, code_lines }
    }

    /// The same with fences around these lines.
    fn with_fences(&self, bare: &[Part]) -> Shown {
        let (mut text, mut lines) = (String::new(), Vec::new());
        let mut bare = bare.iter().peekable();
        for (content, line) in self.source.text.split_inclusive('\n').zip(self.lines.iter().copied()) {
            if let Some((_, _, language)) = bare.peek().filter(|(first, ..)| *first == line) {
                text += &FENCE.replace('\n', &format!("{language}\n"));
                lines.push(line);
            }
            text += content;
            lines.push(line);
            if bare.next_if(|(_, last, _)| *last == line).is_some() {
                text += if content.ends_with('\n') { "" } else { "\n" };
                text += FENCE;
                lines.push(line);
            }
        }
        lines.push(lines.last().copied().unwrap_or(1));
        Shown::of(text, lines)
    }

    /// Whether a guide line is one of code.
    pub fn is_code(&self, line: usize) -> bool {
        self.code_lines.contains_key(&line)
    }

    /// Whether a snippet is a fence, or in an indented block as a whole.
    fn is_of_one_block(&self, (first, last): (usize, usize)) -> bool {
        let Some(block) = self.code_lines.get(&first) else { return false };
        self.code[*block].info.is_some() || self.code_lines.get(&last) == Some(block)
    }

    /// What there is to draw, with the bytes that it stands at.
    pub fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        let options = commonmark::options()
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_GFM;
        Parser::new_ext(&self.source.text, options).into_offset_iter()
    }

    /// First and last guide line of such bytes.
    pub fn guide_lines(&self, bytes: &Range<usize>) -> (usize, usize) {
        let end = bytes.start + self.source.text[bytes.clone()].trim_end().len();
        let line = |at: usize| self.lines[self.source.line(at) - 1];
        (line(bytes.start), line(end.saturating_sub(1).max(bytes.start)))
    }
}

/// All lines of a text, in parts: snippets, and what is between them.
fn parts(count: usize, snippets: &[(usize, usize)]) -> Vec<Part> {
    let (mut parts, mut next) = (Vec::new(), 1);
    for (first, last) in snippets.iter().copied().filter(|(first, last)| first <= last && *last <= count) {
        if first < next {
            continue;
        }
        parts.extend((next < first).then_some((next, first - 1, "text")));
        parts.push((first, last, "python"));
        next = last + 1;
    }
    parts.extend((next <= count).then_some((next, count, "text")));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str, snippets: &[(usize, usize)]) -> Vec<Vec<(usize, String)>> {
        Shown::new(text, true, snippets).code.into_iter().map(|code| code.lines).collect()
    }

    #[test]
    fn lines_stay_the_guides_own() {
        let text = "x = 1\n\ny = 2\n\ntext\n\n> ```python\n> z\n> ```\n";
        let (bare, quoted) = ((1, 3), (8, 8));
        assert_eq!(
            code(text, &[bare, quoted]),
            [vec![(1, "x = 1".into()), (2, "".into()), (3, "y = 2".into())], vec![(8, "z".into())]]
        );
    }

    #[test]
    fn an_open_fence_ends_where_its_code_does() {
        let text = "```python\nx = 1\n\nprose\n\n```python\ny = 1\n```\n";
        assert_eq!(code(text, &[(2, 2), (7, 7)]), [[(2, "x = 1".into())], [(7, "y = 1".into())]]);
    }

    #[test]
    fn what_is_not_markdown_is_shown_as_it_is_written() {
        let shown = Shown::new("Title\n=====\n\n    x = 1\n\n.. end", false, &[(4, 4)]);
        let code: Vec<_> = shown.code.iter().map(|code| (code.info.as_deref(), code.lines.len())).collect();
        assert_eq!(code, [(Some("text"), 3), (Some("python"), 1), (Some("text"), 2)]);
        assert_eq!(shown.code[1].lines, [(4, "    x = 1".to_owned())]);
    }

    #[test]
    fn a_last_line_without_end() {
        assert_eq!(code("text\n\nx = 1", &[(3, 3)]), [[(3, "x = 1".into())]]);
        let shown = Shown::new("text\n\nx = 1", true, &[(3, 3)]);
        let lines: Vec<_> = shown.events().map(|(_, bytes)| shown.guide_lines(&bytes)).collect();
        assert!(lines.iter().all(|(first, last)| first <= last && *last <= 3), "{lines:?}");
    }
}
