//! MDX: Markdown with imports, exports, components and expressions of JavaScript, which are blanked out before it is
//! read.

use super::repair::Fence;

/// The text with everything that is JavaScript blanked out, length for length.
pub fn without_javascript(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut fence: Option<Fence> = None;
    let mut after_blank = true;
    // The rest of a paragraph in which something is never closed is text.
    let mut is_text = false;
    let last_comment = text.rfind("*/").unwrap_or(0);
    let mut rest = text;
    while !rest.is_empty() {
        let line = &rest[..rest.find('\n').map_or(rest.len(), |end| end + 1)];
        let words = line.trim_start();
        is_text &= !words.is_empty();
        let bare = line.trim_end_matches(['\n', '\r']);
        let opened = Fence::opened_by(bare, 0);
        let script = match &fence {
            _ if opened.is_some() => 0,
            Some(_) => 0,
            None if after_blank && ["import ", "export "].iter().any(|word| line.starts_with(word)) => {
                rest.find("\n\n").map_or(rest.len(), |end| end + 1)
            }
            None if is_text => 0,
            None => {
                let comments = text.len() - rest.len() < last_comment;
                let (script, closed) = javascript(rest, comments);
                is_text = !closed;
                script
            }
        };
        fence = match fence {
            Some(open) => Some(open).filter(|open| !open.closed_by(bare) && !open.left_by(bare)),
            None => opened,
        };
        let taken = if script > 0 { script } else { line.len() };
        if script > 0 {
            read.extend(rest[..taken].chars().flat_map(blanked));
        } else {
            read.push_str(line);
        }
        after_blank = words.is_empty() || (script > 0 && rest[..taken].ends_with('\n'));
        rest = &rest[taken..];
    }
    read
}

fn blanked(c: char) -> impl Iterator<Item = char> {
    let blank = if matches!(c, '\n' | '\r' | '\t') { c } else { ' ' };
    std::iter::repeat_n(blank, if blank == c { 1 } else { c.len_utf8() })
}

/// How many bytes of tags and expressions a text starts with, none where text comes first; and whether they are all
/// closed. Whether a comment may end in it is known.
fn javascript(text: &str, comments: bool) -> (usize, bool) {
    let blank = |at: usize| text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len();
    let (mut end, mut at) = (0, blank(0));
    while starts(&text[at..]) {
        let rest = &text[at..];
        let length = if rest.starts_with("{/*") && comments { comment(rest) } else { length(rest) };
        let Some(length) = length else { return (end, false) };
        end = at + length;
        at = end + blank(end);
    }
    (end, true)
}

/// Whether a text starts with a tag or an expression.
fn starts(text: &str) -> bool {
    let is_tag = |rest: &str| rest.starts_with(|c: char| c.is_alphabetic() || c == '/' || c == '>');
    let address = text.starts_with("<http") || text.starts_with("<mailto:");
    text.starts_with('{') || (text.strip_prefix('<').is_some_and(is_tag) && !address)
}

/// The length of the comment that a text starts with, which may go over blank lines.
fn comment(text: &str) -> Option<usize> {
    let end = text.find("*/")? + 2;
    text[end..].trim_start().starts_with('}').then(|| end + text[end..].find('}').unwrap_or(0) + 1)
}

/// The length of the tag or the expression that a text starts with. A blank line ends a paragraph, and what is open in
/// it is never closed.
fn length(text: &str) -> Option<usize> {
    let tag = text.starts_with('<');
    let text = &text[..text.find("\n\n").unwrap_or(text.len())];
    let (mut braces, mut quote) = (0usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '`') => quote = Some(c),
            // In an expression an apostrophe may be a word's, in a comment.
            (None, '\'') if tag => quote = Some(c),
            (None, '{') => braces += 1,
            (None, '}') => {
                braces = braces.saturating_sub(1);
                if braces == 0 && !tag {
                    return Some(at + 1);
                }
            }
            (None, '>') if tag && braces == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javascript_is_blanked_out_to_the_byte() {
        let text = "import Tabs from '@theme/Tabs';\nexport const é = {\n  a: 1,\n};\n\n# Title\n\n<Tabs\n  items={['a > b']}\n>\n<Tab>\n\n```jsx\n<Keep />\n{x}\n```\n\n</Tab></Tabs>\n\n- ```py\n  {1}\n  ```\n\n{/* a 'note\n\n*/}\nText <b>bold</b> {1 + 1}\n\nimport this\n";
        let read = without_javascript(text);
        assert_eq!(read.len(), text.len());
        assert_eq!(read.matches('\n').count(), text.matches('\n').count());
        let left: Vec<_> = read.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(
            left,
            [
                "# Title",
                "```jsx",
                "<Keep />",
                "{x}",
                "```",
                "- ```py",
                "{1}",
                "```",
                "Text <b>bold</b> {1 + 1}"
            ]
        );
    }

    #[test]
    fn what_is_never_closed_is_text() {
        for text in ["<Tabs\n\ntext", "{ open", "<https://example.com>\n", "a < b\n", "1 <2"] {
            assert_eq!(without_javascript(text), text);
        }
    }
}
