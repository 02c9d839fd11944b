//! Where a text that is read stands in the file that it was made from: the sources of a notebook are strings of
//! JSON, those of a docstring may have escapes. What is read is what they say; what is reported, and what a fix
//! changes, is the file.

use std::ops::Range;

use super::Source;

/// The file that a text was made from, and which part of the text comes from where.
#[derive(Debug)]
pub struct Origin {
    /// The file's own text.
    pub file: Source,
    pieces: Vec<Piece>,
    writings: Vec<(Range<usize>, Writing)>,
}

/// A part of the text with the part of the file that says it. Parts of one length are the same bytes; of others
/// the file's is an escape, or there is nothing in the file.
#[derive(Clone, Debug)]
struct Piece {
    text: Range<usize>,
    file: Range<usize>,
}

/// How words are written in a file so that a part of the text says them.
#[derive(Clone, Debug)]
pub enum Writing {
    /// In a string of JSON, with this between two lines.
    Json(String),
    /// In a Python string with these quotes, raw or with escapes.
    Python {
        /// The quotes.
        quote: &'static str,
        /// Whether a backslash stands for itself.
        raw: bool,
    },
}

/// A text in the making.
#[derive(Default)]
pub struct Making {
    /// What there is of it.
    pub text: String,
    pieces: Vec<Piece>,
    writings: Vec<(Range<usize>, Writing)>,
}

impl Making {
    /// Adds a part of the file as it is.
    pub fn copy(&mut self, file: &str, range: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(&file[range.clone()]);
        match self.pieces.last_mut() {
            Some(last) if last.text.len() == last.file.len() && last.file.end == range.start => {
                last.text.end = self.text.len();
                last.file.end = range.end;
            }
            _ => self.piece(start, range),
        }
    }

    /// Adds what a part of the file says in other bytes, which may be none.
    pub fn say(&mut self, words: &str, range: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(words);
        self.piece(start, range);
    }

    /// What comes from `start` on is written in a certain way.
    pub fn written(&mut self, start: usize, writing: Writing) {
        self.writings.push((start..self.text.len(), writing));
    }

    fn piece(&mut self, start: usize, file: Range<usize>) {
        if start < self.text.len() {
            self.pieces.push(Piece { text: start..self.text.len(), file });
        }
    }

    /// The text, made from a file.
    pub fn finished(self, file: Source) -> Source {
        let origin = Origin { file, pieces: self.pieces, writings: self.writings };
        Source::made(self.text, origin)
    }
}

impl Piece {
    /// Whether it is the same bytes in the file.
    fn is_copy(&self) -> bool {
        self.text.len() == self.file.len()
    }
}

impl Origin {
    /// The bytes of the file that say a part of the text, which is the file's byte order mark not counted.
    pub fn range(&self, (start, end): (usize, usize)) -> (usize, usize) {
        let first = self.start(start);
        let last = if end > start { self.end(end) } else { first };
        (first, last.max(first))
    }

    fn start(&self, at: usize) -> usize {
        match self.piece(at) {
            Some(piece) if piece.is_copy() => {
                piece.file.start + at.saturating_sub(piece.text.start).min(piece.file.len())
            }
            Some(piece) if at >= piece.text.end => piece.file.end,
            Some(piece) => piece.file.start,
            None => 0,
        }
    }

    fn end(&self, at: usize) -> usize {
        match self.piece(at - 1) {
            Some(piece) if piece.is_copy() => {
                piece.file.start + (at - piece.text.start).min(piece.file.len())
            }
            Some(piece) => piece.file.end,
            None => 0,
        }
    }

    /// The piece that holds a byte of the text; beyond its end the last.
    fn piece(&self, at: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.text.start <= at);
        self.pieces.get(after.saturating_sub(1))
    }

    /// What to write in the file so that a part of the text says these words. None where nothing can be
    /// written there, or not safely.
    pub fn written(&self, (start, end): (usize, usize), words: &str) -> Option<String> {
        let (range, writing) =
            self.writings.iter().find(|(range, _)| range.start <= start && end <= range.end)?;
        match writing {
            Writing::Json(between) => {
                let line = |line: &str| {
                    let string = serde_json::to_string(line).unwrap_or_default();
                    string[1..string.len() - 1].to_owned()
                };
                Some(words.split('\n').map(line).collect::<Vec<_>>().join(between))
            }
            Writing::Python { quote, raw } => in_python(words, quote, *raw, end == range.end),
        }
    }
}

/// Words inside of a Python string, perhaps at its end. None where they could end it, or be read as others.
fn in_python(words: &str, quote: &str, raw: bool, last: bool) -> Option<String> {
    let ends = words.contains(quote)
        || (last && (words.ends_with(&quote[..1]) || words.ends_with('\\')))
        || (quote.len() == 1 && words.contains('\n'));
    let odd = words.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t'));
    match ends || odd {
        true => None,
        false if raw => Some(words.to_owned()),
        false => Some(words.replace('\\', "\\\\")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a"b` and a line end, from `"a\"b\n", "c"`.
    fn made() -> Source {
        let file = Source::new(br#"["a\"b\n", "c"]"#.to_vec()).unwrap();
        let mut making = Making::default();
        making.copy(&file.text, 2..3);
        making.say("\"", 3..5);
        making.copy(&file.text, 5..6);
        making.say("\n", 6..12);
        making.copy(&file.text, 12..13);
        making.written(0, Writing::Json(r#"\n", ""#.into()));
        making.finished(file)
    }

    #[test]
    fn places_are_those_of_the_file() {
        let source = made();
        assert_eq!(source.text, "a\"b\nc");
        let origin = source.origin().unwrap();
        for (span, place) in
            [((0, 1), (2, 3)), ((1, 2), (3, 5)), ((0, 3), (2, 6)), ((3, 4), (6, 12)), ((4, 5), (12, 13))]
        {
            assert_eq!(origin.range(span), place, "{span:?}");
        }
        assert_eq!(origin.range((5, 5)), (13, 13));
        assert_eq!(origin.range((9, 9)), (13, 13));
    }

    #[test]
    fn words_are_written_as_the_file_has_them() {
        let source = made();
        let origin = source.origin().unwrap();
        assert_eq!(origin.written((0, 3), "x\"\ny").as_deref(), Some(r#"x\"\n", "y"#));
        assert_eq!(origin.written((0, 9), "x"), None, "that goes beyond what can be written");
        let python = |words, quote, raw| in_python(words, quote, raw, false);
        assert_eq!(python("a\\n\nb", "\"\"\"", false).as_deref(), Some("a\\\\n\nb"));
        assert_eq!(python("a\\n\t", "\"\"\"", true).as_deref(), Some("a\\n\t"));
        assert_eq!(python("\"x\"", "\"\"\"", false).as_deref(), Some("\"x\""));
        for (words, quote, last) in [
            ("a'''", "'''", false),
            ("a\nb", "'", false),
            ("x\"", "\"\"\"", true),
            ("x\\", "'''", true),
            ("\u{7}", "'''", false),
        ] {
            assert_eq!(
                in_python(words, quote, true, last),
                None,
                "{words:?} could end the string, or be lost"
            );
        }
    }
}
