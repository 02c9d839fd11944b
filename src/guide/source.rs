//! A guide's text and the places in it.

use super::origin::Origin;

/// The text of a guide, without a byte order mark, and where its lines start.
#[derive(Debug)]
pub struct Source {
    /// The text.
    pub text: String,
    /// Bytes that stand before `text` in the file.
    pub bom: usize,
    starts: Vec<usize>,
    origin: Option<Box<Origin>>,
}

impl Source {
    /// Takes the bytes of a file. Errors name the line and byte at which they stop being UTF-8.
    pub fn new(bytes: Vec<u8>) -> Result<Source, String> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            format!("is not UTF-8: line {line} (byte {valid}) cannot be decoded; save the file as UTF-8")
        })?;
        let (text, bom) = match text.strip_prefix('\u{feff}') {
            Some(rest) => (rest.to_owned(), '\u{feff}'.len_utf8()),
            None => (text, 0),
        };
        Ok(Source::of(text, bom))
    }

    /// Takes a text before which so many bytes stood.
    pub fn of(text: String, bom: usize) -> Source {
        Source { starts: starts(&text), text, bom, origin: None }
    }

    /// A text that was made from a file.
    pub(super) fn made(text: String, origin: Origin) -> Source {
        Source { starts: starts(&text), text, bom: origin.file.bom, origin: Some(Box::new(origin)) }
    }

    /// What it was made from, if it is not the file's own text.
    pub(super) fn origin(&self) -> Option<&Origin> {
        self.origin.as_deref()
    }

    /// The file itself.
    pub fn file(&self) -> &Source {
        self.origin().map_or(self, |origin| &origin.file)
    }

    /// Bytes of this text, as bytes of the file (the byte order mark not counted).
    pub fn in_file(&self, span: (usize, usize)) -> (usize, usize) {
        self.origin().map_or(span, |origin| origin.range(span))
    }

    /// What to write in the file for this text to have these words in the place of those. None where that is not
    /// safe.
    pub fn as_written(&self, span: (usize, usize), words: &str) -> Option<String> {
        match self.origin() {
            Some(origin) => origin.written(span, words),
            None => Some(words.to_owned()),
        }
    }

    /// A line (from 1) of this text, as a line of the file.
    pub fn line_in_file(&self, line: usize) -> usize {
        let start = self.line_start(line);
        self.origin().map_or(line, |origin| origin.file.line(origin.range((start, start)).0))
    }

    /// Adds lines at the end.
    pub fn append(&mut self, lines: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
            self.starts.push(self.text.len());
        }
        let at = self.text.len();
        self.text.push_str(lines);
        self.starts.extend(lines.match_indices('\n').map(|(end, _)| at + end + 1));
    }

    /// The line (from 1) that holds a byte offset.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// The column (from 1, in code points) of a byte offset.
    pub fn column(&self, offset: usize) -> usize {
        self.text[self.line_start(self.line(offset))..offset].chars().count() + 1
    }

    /// Byte offset at which a line (from 1) starts; the text's end for a line beyond it.
    pub fn line_start(&self, line: usize) -> usize {
        self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// A line's text (from 1) without its end.
    pub fn line_text(&self, line: usize) -> &str {
        let (start, next) = (self.line_start(line), self.line_start(line + 1));
        self.text[start..next].trim_end_matches(['\n', '\r'])
    }

    /// The bytes of a line (from 1) without the spaces around its text, end exclusive.
    pub fn trimmed_line(&self, line: usize) -> (usize, usize) {
        let (start, text) = (self.line_start(line), self.line_text(line));
        (start + text.len() - text.trim_start().len(), start + text.trim_end().len())
    }

    /// How many lines there are; a last line without text does not count.
    pub fn line_count(&self) -> usize {
        self.starts.len() - usize::from(self.text.is_empty() || self.text.ends_with('\n'))
    }
}

fn starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_in_code_points() {
        let source = Source::new("\u{feff}é = 1\r\n\nx".into()).unwrap();
        assert_eq!(source.bom, 3);
        assert_eq!((source.line(0), source.line(8), source.line(9)), (1, 2, 3));
        assert_eq!(source.column("é =".len()), 4);
        assert_eq!(source.line_text(1), "é = 1");
        assert_eq!(source.line_count(), 3);
        assert_eq!(source.line_text(9), "");
    }

    #[test]
    fn what_is_not_utf8_names_its_line() {
        let error = Source::new(b"ok\n\xff".to_vec()).err().unwrap();
        assert!(error.contains("line 2"), "{error}");
    }
}
