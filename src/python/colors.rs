//! Which words of a code a reader tells apart by their colour.

use std::ops::Range;

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

use super::{is_builtin, limits};

/// Kinds of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// `for`, `True`.
    Keyword,
    /// Strings of all sorts.
    Text,
    /// Numbers.
    Number,
    /// From the `#` on.
    Comment,
    /// What is there without an import: `print`.
    Builtin,
    /// What stands behind `def` and `class`.
    Defined,
}

/// The coloured words of a code and their bytes, in order. Broken code has them too; code that is too much to be
/// read has none.
pub fn colors(code: &str) -> Vec<(Range<usize>, Color)> {
    if limits::unread(code).is_some() {
        return Vec::new();
    }
    let parsed = parse_unchecked(code, ParseOptions::from(Mode::Module));
    let mut found = Vec::new();
    let mut above = None;
    for token in parsed.tokens() {
        let bytes = token.range().start().to_usize()..token.range().end().to_usize();
        let color = color(token.kind(), above, &code[bytes.clone()]);
        found.extend(color.filter(|_| !bytes.is_empty()).map(|color| (bytes, color)));
        above = Some(token.kind());
    }
    found
}

fn color(kind: TokenKind, above: Option<TokenKind>, text: &str) -> Option<Color> {
    use TokenKind::{Class, Comment, Complex, Def, Dot, Float, Int, Name, String};
    use TokenKind::{FStringEnd, FStringMiddle, FStringStart, TStringEnd, TStringMiddle, TStringStart};
    match kind {
        Comment => Some(Color::Comment),
        String | FStringStart | FStringMiddle | FStringEnd | TStringStart | TStringMiddle | TStringEnd => {
            Some(Color::Text)
        }
        Int | Float | Complex => Some(Color::Number),
        Name if matches!(above, Some(Def | Class)) => Some(Color::Defined),
        Name if above != Some(Dot) && is_builtin(text) => Some(Color::Builtin),
        // `match` and `type` are mostly names.
        kind if kind.is_keyword() && !kind.is_soft_keyword() => Some(Color::Keyword),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(code: &str) -> Vec<(&str, Color)> {
        colors(code).into_iter().map(|(bytes, color)| (&code[bytes], color)).collect()
    }

    #[test]
    fn words_have_their_colors() {
        use Color::*;
        assert_eq!(
            words("def f(x): # é\n    return print(x.print, f'a{1}')"),
            [
                ("def", Keyword),
                ("f", Defined),
                ("# é", Comment),
                ("return", Keyword),
                ("print", Builtin),
                ("f'", Text),
                ("a", Text),
                ("1", Number),
                ("'", Text),
            ]
        );
    }

    #[test]
    fn broken_code_has_colors() {
        assert_eq!(words("if ((\n  '''never closed\n# x")[0], ("if", Color::Keyword));
    }
}
