//! MDX: Markdown with imports, exports, components and expressions of JavaScript, which are blanked out before it is
//! read.

/// The text with everything that is JavaScript blanked out, length for length.
pub fn without_javascript(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    let mut fence: Option<&str> = None;
    let mut after_blank = true;
    let mut rest = text;
    while !rest.is_empty() {
        let line = &rest[..rest.find('\n').map_or(rest.len(), |end| end + 1)];
        let words = line.trim_start();
        let marks = ["```", "~~~"].into_iter().find(|marks| words.starts_with(marks));
        let script = match fence {
            Some(_) => 0,
            None if after_blank && ["import ", "export "].iter().any(|word| line.starts_with(word)) => {
                rest.find("\n\n").map_or(rest.len(), |end| end + 1)
            }
            None => javascript(rest),
        };
        fence = match (fence, marks) {
            (None, marks) => marks,
            (Some(open), Some(marks)) if open == marks => None,
            (open, _) => open,
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

/// How many bytes of tags and expressions a text starts with; none where text comes first.
fn javascript(text: &str) -> usize {
    let mut at = text.len() - text.trim_start_matches([' ', '\t']).len();
    let mut end = 0;
    while let Some(length) = part(&text[at..]) {
        at += length;
        end = at;
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len();
    }
    end
}

/// The length of the tag or the expression that a text starts with.
fn part(text: &str) -> Option<usize> {
    let tag = text.strip_prefix('<').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_alphabetic() || c == '/' || c == '>') && !rest.starts_with("http")
    });
    if !tag && !text.starts_with('{') {
        return None;
    }
    let mut braces = 0usize;
    let mut quote = None;
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
        // What goes on over a blank line is none.
        if text[at..].starts_with("\n\n") && quote.is_none() && braces == 0 {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javascript_is_blanked_out_to_the_byte() {
        let text = "import Tabs from '@theme/Tabs';\nexport const é = {\n  a: 1,\n};\n\n# Title\n\n<Tabs\n  items={['a > b']}\n>\n<Tab>\n\n```jsx\n<Keep />\n{x}\n```\n\n</Tab></Tabs>\n\n{/* a 'note */}\nText <b>bold</b> {1 + 1}\n\nimport this\n";
        let read = without_javascript(text);
        assert_eq!(read.len(), text.len());
        assert_eq!(read.matches('\n').count(), text.matches('\n').count());
        let left: Vec<_> = read.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(left, ["# Title", "```jsx", "<Keep />", "{x}", "```", "Text <b>bold</b> {1 + 1}"]);
    }

    #[test]
    fn what_is_never_closed_is_text() {
        for text in ["<Tabs\n\ntext", "{ open", "<https://example.com>\n", "a < b\n", "1 <2"] {
            assert_eq!(without_javascript(text), text);
        }
    }
}
