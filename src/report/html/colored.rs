//! A line of code with its words in their colours.

use std::fmt::Write;
use std::iter::repeat_n;
use std::ops::Range;

use super::text::Plain;
use crate::python::{Color, colors};

/// A coloured piece of a line: the line's index, bytes in it.
pub type Colored = (usize, Range<usize>, Color);

/// Writes a line with those of its words that have a colour.
pub fn write<'a>(
    text: &str,
    colored: impl Iterator<Item = &'a Colored>,
    to: &mut String,
) -> std::fmt::Result {
    to.push_str("<code>");
    let mut done = 0;
    for (_, bytes, color) in colored {
        let (before, word) = (&text[done..bytes.start], &text[bytes.clone()]);
        write!(to, "{}<i class={}>{}</i>", Plain(before), class(*color), Plain(word))?;
        done = bytes.end;
    }
    write!(to, "{}</code>", Plain(&text[done..]))
}

/// Short, since there are many of them.
fn class(color: Color) -> char {
    match color {
        Color::Keyword => 'k',
        Color::Text => 's',
        Color::Number => 'n',
        Color::Comment => 'c',
        Color::Builtin => 'b',
        Color::Defined => 'd',
    }
}

/// The colours of a code, taken apart at its lines' ends. Of a session only what was typed has some.
pub fn colored(lines: &[(usize, String)]) -> Vec<Colored> {
    let is_session =
        lines.iter().any(|(_, text)| typed(text).is_some_and(|at| text.starts_with(">>>") && at > 0));
    let mut code = String::new();
    let mut starts = Vec::new();
    for (_, text) in lines {
        starts.push(code.len());
        match (is_session, typed(text)) {
            (false, _) => code += text,
            (true, Some(at)) => {
                code.extend(repeat_n(' ', at));
                code += &text[at..];
            }
            (true, None) => code.extend(repeat_n(' ', text.len())),
        }
        code.push('\n');
    }
    let mut found = Vec::new();
    for (bytes, color) in colors(&code) {
        let mut line = starts.partition_point(|start| *start <= bytes.start).saturating_sub(1);
        while line < lines.len() && starts[line] < bytes.end {
            let from = bytes.start.saturating_sub(starts[line]);
            let to = (bytes.end - starts[line]).min(lines[line].1.len());
            if from < to {
                found.push((line, from..to, color));
            }
            line += 1;
        }
    }
    found
}

/// Where in a line of a session that begins what was typed.
fn typed(text: &str) -> Option<usize> {
    [">>> ", "... ", ">>>", "..."].iter().find(|prompt| text.starts_with(**prompt)).map(|prompt| prompt.len())
}
