//! Characters that nobody sees, or that do something where they are shown.

use std::borrow::Cow;

/// A text whose control characters are pictures of themselves. Tabs and line ends stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    match text.chars().any(|char| picture(char).is_some()) {
        true => text.chars().map(|char| picture(char).unwrap_or(char)).collect::<String>().into(),
        false => text.into(),
    }
}

/// What stands for a character that is not to be written; those that no XML may hold are among them, and those that
/// turn the direction of what follows.
fn picture(char: char) -> Option<char> {
    match char {
        '\t' | '\n' | '\r' => None,
        '\0'..='\x1f' => char::from_u32(char as u32 + 0x2400),
        '\x7f' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => Some(char::REPLACEMENT_CHARACTER),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_a_picture() {
        assert_eq!(visible("a\x1b[31m\0\x7f\tb\r\n"), "a␛[31m␀␡\tb\r\n");
        assert_eq!(visible("\u{202e}x\u{9b}\u{ffff}"), "\u{fffd}x\u{fffd}\u{fffd}");
        assert!(matches!(visible("é ok 👍"), Cow::Borrowed(_)));
    }
}
