//! Text that others wrote, on its way into a page.

use std::fmt::{self, Display};

use askama::filters::HtmlSafe;

/// Text of which nothing is markup. What has no shape gets one.
pub struct Plain<'a>(pub &'a str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(is_special) {
            f.write_str(&rest[..at])?;
            let special = rest[at..].chars().next().unwrap_or_default();
            write_special(special, f)?;
            rest = &rest[at + special.len_utf8()..];
        }
        f.write_str(rest)
    }
}

impl HtmlSafe for Plain<'_> {}

/// Our own words, in which code stands between backticks.
pub struct Prose<'a>(pub &'a str);

impl Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pieces: Vec<_> = self.0.split('`').collect();
        // A backtick without another is one, and three of them are a fence.
        if pieces.len().is_multiple_of(2) || self.0.contains("``") {
            return Plain(self.0).fmt(f);
        }
        pieces.iter().enumerate().try_for_each(|(index, piece)| match index % 2 {
            0 => Plain(piece).fmt(f),
            _ => write!(f, "<code>{}</code>", Plain(piece)),
        })
    }
}

impl HtmlSafe for Prose<'_> {}

fn is_special(c: char) -> bool {
    matches!(c, '&' | '<' | '>' | '"' | '\'') || is_shapeless(c)
}

/// Control characters, and those that turn the order of what is read around.
fn is_shapeless(c: char) -> bool {
    let is_control = c.is_control() && !matches!(c, '\n' | '\t');
    is_control || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn write_special(c: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match c {
        '&' => f.write_str("&amp;"),
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '"' => f.write_str("&quot;"),
        '\'' => f.write_str("&#39;"),
        _ => f.write_str(&shape(c)),
    }
}

fn shape(c: char) -> String {
    match c {
        // Unicode has a picture for each of them.
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}').into(),
        '\u{7f}' => '\u{2421}'.into(),
        _ => format!("⟨U+{:04X}⟩", c as u32),
    }
}

/// A text, not yet made safe, in which what has no shape gets one; none where all has one.
pub fn shaped(text: &str) -> Option<String> {
    let shaped = |c: char| if is_shapeless(c) { shape(c) } else { c.into() };
    text.contains(is_shapeless).then(|| text.chars().map(shaped).collect())
}

/// A text on one line, no longer than fits beside a line of code.
pub fn brief(text: &str) -> String {
    const MOST: usize = 160;
    let line: String = text.trim().lines().map(str::trim_end).collect::<Vec<_>>().join(" ⏎ ");
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// A number with what it counts.
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup_and_nothing_hides() {
        let text = "<b a='\"'>\u{1b}[31m\0é\u{202e}\n\t&";
        assert_eq!(Plain(text).to_string(), "&lt;b a=&#39;&quot;&#39;&gt;␛[31m␀é⟨U+202E⟩\n\t&amp;");
    }

    #[test]
    fn code_in_our_words() {
        assert_eq!(Prose("say `<a>` or `b`").to_string(), "say <code>&lt;a&gt;</code> or <code>b</code>");
        assert_eq!(Prose("a ` alone").to_string(), "a ` alone");
        assert_eq!(Prose("```python and ```").to_string(), "```python and ```");
    }

    #[test]
    fn brief_is_one_line() {
        assert_eq!(brief("D\nB \n\nC\n"), "D ⏎ B ⏎  ⏎ C");
        assert_eq!(brief(&"é".repeat(200)).chars().count(), 161);
    }
}
