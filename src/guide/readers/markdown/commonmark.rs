//! Headings and code blocks of a Markdown text, with their places. CommonMark through
//! pulldown-cmark, so that fences in lists and quotes, of any length and mark, are all found.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::guide::Source;
use crate::guide::structure::{CodeBlock, CodeLine, Heading};

/// What the Markdown consists of.
#[derive(Debug, Default)]
pub struct Markdown {
    /// In order.
    pub headings: Vec<Heading>,
    /// In order.
    pub code: Vec<CodeBlock>,
    /// Byte ranges of raw HTML and front matter, in which nothing is prose.
    pub opaque: Vec<Range<usize>>,
}

/// What decides where blocks begin and end.
pub fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
}

/// Reads `text`, which must have the line structure of `source`.
pub fn read(text: &str, source: &Source) -> Markdown {
    let mut found = Markdown::default();
    let mut heading: Option<Heading> = None;
    let mut block: Option<CodeBlock> = None;
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                heading = Some(Heading::new(depth(level), String::new(), source.line(range.start)));
            }
            Event::End(TagEnd::Heading(_)) => found.headings.extend(heading.take()),
            Event::Start(Tag::CodeBlock(kind)) => block = Some(opened(kind, &range, text, source)),
            Event::End(TagEnd::CodeBlock) => {
                let closed = block.take().map(|block| aligned(block, source));
                found.code.extend(closed);
            }
            Event::Text(words) | Event::Code(words) => match (&mut block, &mut heading) {
                (Some(block), _) => add_code(block, &words, range.start, source),
                (None, Some(heading)) => heading.text.push_str(&words),
                (None, None) => {}
            },
            Event::Start(Tag::HtmlBlock | Tag::MetadataBlock(_)) => found.opaque.push(range),
            _ => {}
        }
    }
    found
}

fn depth(level: HeadingLevel) -> usize {
    level as usize
}

fn opened(kind: CodeBlockKind<'_>, range: &Range<usize>, text: &str, source: &Source) -> CodeBlock {
    let info = match kind {
        CodeBlockKind::Fenced(info) => Some(info.to_string()),
        CodeBlockKind::Indented => None,
    };
    let end = range.start + text[range.clone()].trim_end().len();
    let opening = source.line(range.start);
    CodeBlock {
        info,
        opening,
        closing: source.line(end.saturating_sub(1).max(range.start)),
        ..CodeBlock::default()
    }
}

/// Adds a piece of a code block's text. A line may come in several pieces (after a tab, say).
fn add_code(block: &mut CodeBlock, words: &str, at: usize, source: &Source) {
    let mut offset = at;
    for piece in words.split_inclusive('\n') {
        let text = piece.trim_end_matches(['\n', '\r']);
        let line = source.line(offset);
        match block.code.last_mut() {
            Some(last) if source.line(last.at) == line => last.text.push_str(text),
            _ => {
                fill_blank_lines(block, line, source);
                block.code.push(CodeLine { text: text.to_owned(), at: offset });
            }
        }
        offset += piece.len();
    }
}

/// Gives each line of a block the text that it has in the source, where the parser made another of it.
fn aligned(mut block: CodeBlock, source: &Source) -> CodeBlock {
    for line in &mut block.code {
        if !source.text.get(line.at..).is_some_and(|rest| rest.starts_with(&line.text)) {
            *line = of_source(line, source);
        }
    }
    block
}

/// A tab of which a container takes a part comes as spaces, which are not in the source: the line gets
/// the source's own indentation. Of a last line without an end a carriage return may be missing.
fn of_source(line: &CodeLine, source: &Source) -> CodeLine {
    let number = source.line(line.at);
    let (start, whole, words) = (source.line_start(number), source.line_text(number), line.text.trim_start());
    let Some(at) = whole.rfind(words) else {
        let text = whole.get(line.at - start..).unwrap_or_default();
        return CodeLine { text: text.to_owned(), at: line.at };
    };
    let blank = whole[..at].len() - whole[..at].trim_end_matches([' ', '\t']).len();
    let indent = blank.min(line.text.len() - words.len());
    CodeLine { text: whole[at - indent..at + words.len()].to_owned(), at: start + at - indent }
}

/// Blank lines inside a container come without text: keep one code line for each guide line.
fn fill_blank_lines(block: &mut CodeBlock, line: usize, source: &Source) {
    let Some(last) = block.code.last() else { return };
    for missing in source.line(last.at) + 1..line {
        block.code.push(CodeLine { text: String::new(), at: source.line_start(missing) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::type_complexity, reason = "read in one look by the tests below")]
    fn code(text: &str) -> Vec<(Option<String>, Vec<(usize, String)>)> {
        let source = Source::new(text.into()).unwrap();
        let of = |line: &CodeLine| {
            assert!(source.text[line.at..].starts_with(&line.text), "{line:?}");
            (source.line(line.at), line.text.clone())
        };
        read(text, &source).code.iter().map(|b| (b.info.clone(), b.code.iter().map(of).collect())).collect()
    }

    #[test]
    fn fences_in_lists_and_quotes_keep_their_places() {
        let found = code(
            "1. item\n\n   ```python\n   a = 1\n\n     b = 2\n   ```\n\n> ~~~py\n> c = 3\n>\n> d\n> ~~~\n",
        );
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].1, [(4, "a = 1".into()), (5, "".into()), (6, "  b = 2".into())]);
        assert_eq!(found[1].1, [(10, "c = 3".into()), (11, "".into()), (12, "d".into())]);
    }

    #[test]
    fn line_ends_and_tabs() {
        let found = code("```python  \r\nif x:\r\n\ty = 1\r\n```\r\n");
        assert_eq!(found[0].1, [(2, "if x:".into()), (3, "\ty = 1".into())]);
    }

    #[test]
    fn a_lone_carriage_return_stays() {
        assert_eq!(code("```text\nx\ry")[0].1, [(2, "x\ry".into())]);
        assert_eq!(code("```text\nx\ry\n\u{8}")[0].1, [(2, "x\ry".into()), (3, "\u{8}".into())]);
    }

    #[test]
    fn headings_have_plain_text() {
        let source = Source::new("# A `b` *c*\n\nTwo\n---\n".into()).unwrap();
        let found = read(&source.text, &source);
        let texts: Vec<_> = found.headings.iter().map(|h| (h.level, h.text.as_str(), h.line)).collect();
        assert_eq!(texts, [(1, "A b c", 1), (2, "Two", 3)]);
    }
}
