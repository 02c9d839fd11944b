//! The strings of a JSON text, with the place of each of their characters.

use std::ops::Range;

use serde_json::value::RawValue;

use crate::guide::origin::{Making, Writing};

/// Where a value stands in the text that it was read from.
pub fn place(value: &RawValue, text: &str) -> Range<usize> {
    // It borrows from the text.
    let start = (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    start..start + value.get().len()
}

/// The strings that a value consists of, each as the bytes between its quotes: a list of strings is one text.
pub fn strings(value: &RawValue, text: &str) -> Vec<Range<usize>> {
    let bare = |value: &RawValue| {
        let place = place(value, text);
        (value.get().len() > 1 && value.get().starts_with('"')).then(|| place.start + 1..place.end - 1)
    };
    match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
        Ok(all) => all.into_iter().filter_map(bare).collect(),
        Err(_) => bare(value).into_iter().collect(),
    }
}

/// Adds a text that stands in strings. A line end takes with it what stands between two strings. Returns the
/// bytes of the text.
pub fn say(strings: &[Range<usize>], text: &str, making: &mut Making) -> Range<usize> {
    let start = making.text.len();
    for (index, string) in strings.iter().enumerate() {
        let next = strings.get(index + 1).map(|next| next.start);
        say_one(string.clone(), next, text, making);
    }
    making.written(start, Writing::Json(between(strings, text)));
    start..making.text.len()
}

fn say_one(string: Range<usize>, next: Option<usize>, text: &str, making: &mut Making) {
    let mut at = string.start;
    while at < string.end {
        let plain = text[at..string.end].find('\\').map_or(string.end, |escape| at + escape);
        making.copy(text, at..plain);
        at = plain;
        if at < string.end {
            let (words, length) = escape(&text[at..string.end]);
            let end = at + length;
            let last = next.filter(|_| end == string.end && words == "\n");
            making.say(&words, at..last.unwrap_or(end));
            at = end;
        }
    }
}

/// What the escape says that a text starts with, and how long it is.
fn escape(text: &str) -> (String, usize) {
    // Two halves of a pair stand for one character.
    let lengths = [12, 6, 2].into_iter().filter(|length| *length == 2 || text.starts_with("\\u"));
    for length in lengths {
        let said =
            text.get(..length).and_then(|it| serde_json::from_str::<String>(&format!("\"{it}\"")).ok());
        if let Some(said) = said.filter(|said| said.chars().count() == 1) {
            return (said, length);
        }
    }
    // A half without the other.
    ("\u{fffd}".to_owned(), text.len().min(if text.starts_with("\\u") { 6 } else { 2 }))
}

/// What stands between two lines of a text: as it is between the first two, else a line end alone.
fn between(strings: &[Range<usize>], text: &str) -> String {
    match strings {
        [first, second, ..] if text[..first.end].ends_with("\\n") => {
            text[first.end - "\\n".len()..second.start].to_owned()
        }
        _ => "\\n".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide::Source;

    /// What a value says, and the file's bytes of each character.
    fn said(json: &str) -> (String, Vec<String>) {
        let value: &RawValue = serde_json::from_str(json).unwrap();
        let mut making = Making::default();
        let at = place(value, json).start;
        say(&strings(value, json), json, &mut making);
        let source = making.finished(Source::new(json.into()).unwrap());
        let of = |(start, c): (usize, char)| {
            let (from, to) = source.in_file((start, start + c.len_utf8()));
            json[from..to].to_owned()
        };
        assert_eq!(at, 0);
        (source.text.clone(), source.text.char_indices().map(of).collect())
    }

    #[test]
    fn each_character_has_its_place() {
        let (text, places) = said(r#"["é\"\u00e9\n", "\ud83d\ude00\\"]"#);
        assert_eq!(text, "é\"é\n😀\\");
        assert_eq!(places, ["é", r#"\""#, r"\u00e9", "\\n\", \"", r"\ud83d\ude00", r"\\"]);
        assert_eq!(said(r#""a\nb""#).1, ["a", r"\n", "b"]);
        assert_eq!(said(r#"["\ud83d", "x"]"#).0, "\u{fffd}x");
        assert_eq!(said("[]").0, "");
        assert_eq!(said("{}").0, "");
    }
}
