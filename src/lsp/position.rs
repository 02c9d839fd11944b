//! Places of a text as an editor counts them: lines from 0, columns in the units that were agreed on.

use lsp_types::{Position, PositionEncodingKind, Range};

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Halves of what does not fit into 16 bits; what every editor knows.
    Utf16,
    /// Code points.
    Utf32,
}

impl Encoding {
    /// The first that a client offers.
    pub fn agreed(offered: Option<&Vec<PositionEncodingKind>>) -> Encoding {
        let known = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];
        let known = |kind: &PositionEncodingKind| known.into_iter().find(|it| it.kind() == *kind);
        offered.into_iter().flatten().find_map(known).unwrap_or(Encoding::Utf16)
    }

    /// Its name in the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
            Encoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn width(self, character: char) -> usize {
        match self {
            Encoding::Utf8 => character.len_utf8(),
            Encoding::Utf16 => character.len_utf16(),
            Encoding::Utf32 => 1,
        }
    }
}

/// A text of an editor.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// The whole of it.
    pub text: String,
    encoding: Encoding,
    /// Bytes of a byte order mark, with which the report does not count.
    bom: usize,
    /// Where lines start in a report, its first one behind the mark.
    lines: Vec<usize>,
    /// Where they start for an editor, which also ends them at a carriage return, if that is elsewhere.
    starts: Option<Vec<usize>>,
}

impl Text {
    /// Finds the lines of a text.
    pub fn new(text: String, encoding: Encoding) -> Text {
        let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let behind = |(at, _): (usize, &str)| at + 1;
        let lines: Vec<_> = std::iter::once(bom).chain(text.match_indices('\n').map(behind)).collect();
        let is_end = |at: &usize| text.as_bytes().get(*at) != Some(&b'\n');
        let mut returns = text.match_indices('\r').map(behind).filter(is_end).peekable();
        let starts = (bom > 0 || returns.peek().is_some()).then(|| {
            let mut starts: Vec<_> = returns.chain(lines[1..].iter().copied()).chain([0]).collect();
            starts.sort_unstable();
            starts
        });
        Text { encoding, bom, lines, starts, text }
    }

    fn starts(&self) -> &[usize] {
        self.starts.as_ref().unwrap_or(&self.lines)
    }

    /// Another text for the same editor.
    pub fn beside(&self, text: String) -> Text {
        Text::new(text, self.encoding)
    }

    /// The text with a part of it, or all of it, replaced.
    pub fn changed(&self, range: Option<Range>, new: &str) -> Text {
        let Some(range) = range else { return Text::new(new.to_owned(), self.encoding) };
        let start = self.offset(range.start);
        let end = self.offset(range.end).max(start);
        Text::new([&self.text[..start], new, &self.text[end..]].concat(), self.encoding)
    }

    /// The byte at a place; the nearest one where there is no such place.
    pub fn offset(&self, position: Position) -> usize {
        let Some(start) = self.starts().get(position.line as usize) else { return self.text.len() };
        let end = self.starts().get(position.line as usize + 1).copied().unwrap_or(self.text.len());
        let line = self.text[*start..end].trim_end_matches(['\n', '\r']);
        let mut column = 0;
        for (at, character) in line.char_indices() {
            if column >= position.character as usize {
                return start + at;
            }
            column += self.encoding.width(character);
        }
        start + line.len()
    }

    /// The place of a byte.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts().partition_point(|start| *start <= offset).max(1) - 1;
        let start = self.starts()[line];
        let before = self.text[start..].char_indices().take_while(|(at, _)| start + at < offset);
        let column: usize = before.map(|(_, character)| self.encoding.width(character)).sum();
        Position::new(line as u32, column as u32)
    }

    /// The range of bytes of a file, end exclusive.
    pub fn range(&self, start: usize, end: usize) -> Range {
        Range::new(self.position(start), self.position(end))
    }

    /// The range of a report's span, which counts no byte order mark.
    pub fn range_of(&self, span: (usize, usize)) -> Range {
        self.range(self.bom + span.0, self.bom + span.1)
    }

    /// The byte at which a line of a report (from 1) starts.
    pub fn line_start(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// A line of a report (from 1), without its end.
    pub fn line(&self, line: usize) -> &str {
        let (start, next) = (self.line_start(line), self.line_start(line + 1));
        self.text[start..next.max(start)].trim_end_matches(['\n', '\r'])
    }

    /// The range of a line's words.
    pub fn line_range(&self, line: usize) -> Range {
        let (start, text) = (self.line_start(line), self.line(line));
        self.range(start + text.len() - text.trim_start().len(), start + text.trim_end().len())
    }

    /// Behind the last character of a line.
    pub fn line_end(&self, line: usize) -> Position {
        self.position(self.line_start(line) + self.line(line).trim_end().len())
    }

    /// The report's line (from 1) of a place.
    pub fn line_at(&self, position: Position) -> usize {
        let offset = self.offset(position);
        self.lines.partition_point(|start| *start <= offset).max(1)
    }

    /// All lines, without their ends.
    pub fn all_lines(&self) -> Vec<&str> {
        (1..=self.lines.len()).map(|line| self.line(line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(encoding: Encoding) -> Text {
        Text::new("\u{feff}a\r\n😀é = 1\rx\n".to_owned(), encoding)
    }

    #[test]
    fn columns_count_what_was_agreed() {
        for (encoding, column) in [(Encoding::Utf8, 6), (Encoding::Utf16, 3), (Encoding::Utf32, 2)] {
            let text = text(encoding);
            let at = text.text.find(" =").expect("there");
            assert_eq!(text.position(at), Position::new(1, column), "{encoding:?}");
            assert_eq!(text.offset(Position::new(1, column)), at);
        }
    }

    #[test]
    fn a_carriage_return_ends_lines_of_editors_only() {
        let text = text(Encoding::Utf16);
        assert_eq!(text.position(text.text.len() - 2), Position::new(2, 0));
        assert_eq!(text.line(2), "😀é = 1\rx");
        assert_eq!(text.line_at(Position::new(2, 1)), 2);
        assert_eq!(text.range_of((0, 1)), Range::new(Position::new(0, 1), Position::new(0, 2)));
    }

    #[test]
    fn places_that_are_not_there_are_the_nearest() {
        let text = text(Encoding::Utf16);
        assert_eq!(text.offset(Position::new(9, 9)), text.text.len());
        assert_eq!(text.offset(Position::new(0, 99)), "\u{feff}a".len());
        // Inside of a pair.
        assert_eq!(&text.text[text.offset(Position::new(1, 1))..][..2], "é");
        assert_eq!(text.line(99), "");
    }

    #[test]
    fn changes_replace_what_they_name() {
        let text = text(Encoding::Utf16);
        let range = Range::new(Position::new(1, 0), Position::new(1, 2));
        assert_eq!(text.changed(Some(range), "y").text, "\u{feff}a\r\nyé = 1\rx\n");
        assert_eq!(text.changed(None, "new").text, "new");
    }
}
