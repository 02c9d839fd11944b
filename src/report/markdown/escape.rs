//! Any text as plain text in Markdown, within one line and one cell of a table.

use crate::terminal::visible;

/// Characters that are shown of code, and of a sentence.
const MOST: (usize, usize) = (120, 300);

/// What code, output or a name is: no Markdown, HTML, mention or reference in it is understood.
pub fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(&short(text, MOST.0)))
}

/// A sentence, in which what stands between backticks is code.
pub fn prose(text: &str) -> String {
    let text = short(text, MOST.1);
    let parts: Vec<_> = text.split('`').collect();
    let mut prose = String::new();
    for (index, part) in parts.iter().enumerate() {
        match (index % 2 == 1, index + 1 == parts.len()) {
            (true, false) => prose += &format!("<code>{}</code>", escaped(part)),
            // A backtick without another one is what it is.
            (true, true) => prose += &format!("&#96;{}", harmless(part)),
            (false, _) => prose += &harmless(part),
        }
    }
    prose
}

/// The start of a text, in one line.
fn short(text: &str, most: usize) -> String {
    let line = visible(text.trim()).replace('\n', "⏎").replace(['\r', '\t'], " ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Every mark of Markdown and HTML as the character that it is.
fn escaped(text: &str) -> String {
    let next = text.chars().skip(1).map(Some).chain([None]);
    text.chars().zip(next).fold(String::new(), |escaped, (char, next)| match is_mark(char, next) {
        true => escaped + &format!("&#{};", u32::from(char)),
        false => escaped + char.encode_utf8(&mut [0; 4]),
    })
}

/// A colon is one in a link, or before the name of a picture.
fn is_mark(char: char, next: Option<char>) -> bool {
    match char {
        ':' => next.is_some_and(|next| next == '/' || next.is_alphabetic()),
        char => "&<>|\\`*_[]~$@#".contains(char),
    }
}

/// The same outside of code, where names would be mentions and numbers references to issues.
fn harmless(text: &str) -> String {
    escaped(text).replace("&#64;", "&#64;&#8203;").replace("&#35;", "&#35;&#8203;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_understood() {
        assert_eq!(code("a|b`<script>\n\x1b"), "<code>a&#124;b&#96;&#60;script&#62;⏎␛</code>");
        assert_eq!(prose("says `@x|`, `"), "says <code>&#64;x&#124;</code>, &#96;");
        assert_eq!(prose("hi @me, #1 <b>"), "hi &#64;&#8203;me, &#35;&#8203;1 &#60;b&#62;");
        assert_eq!(prose("line 1: see http://x :+1: a:b"), "line 1: see http&#58;//x :+1: a&#58;b");
        assert_eq!(code(&"x".repeat(500)).len(), "<code>…</code>".len() + MOST.0);
    }
}
