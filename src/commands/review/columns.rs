//! Two texts as a coloured diff: side by side where there is room for both, else one below the other.

use anstyle::{AnsiColor, Style};
use similar::{Algorithm, ChangeTag, DiffOp, TextDiff};

use crate::terminal::{Part, clean, columns, wrapped};

/// Lines around a change.
const AROUND: usize = 4;
/// Columns that two texts side by side need.
const ROOM: usize = 100;
/// Columns of a line's number.
const NUMBER: usize = 4;

const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const QUIET: Style = Style::new().dimmed();

/// What the two sides are called.
pub struct Heads<'a> {
    /// The one that was reviewed.
    pub old: &'a str,
    /// The one that waits.
    pub new: &'a str,
}

/// A line of one side.
struct Line {
    number: usize,
    changed: bool,
    parts: Vec<Part>,
}

/// Lines that go and those that come instead, or the same ones on both sides; `None` in their list is what is left
/// out.
struct Piece {
    old: Vec<Line>,
    new: Vec<Line>,
}

/// The changes as a terminal of this width shows them.
pub fn diff(old: &str, new: &str, heads: &Heads<'_>, width: usize) -> String {
    let pieces = pieces(old, new);
    match width >= ROOM {
        true => beside(&pieces, heads, width),
        false => below(&pieces, heads, width),
    }
}

/// A text alone, with the numbers of its lines.
pub fn numbered<'t>(lines: impl Iterator<Item = (usize, &'t str)>, width: usize) -> String {
    let room = width.saturating_sub(NUMBER + 3).max(1);
    let mut shown = String::new();
    for (number, text) in lines {
        let part = Part { text: clean(text), strong: false };
        for (index, (parts, _)) in wrapped(&[part], room).into_iter().enumerate() {
            let number = if index == 0 { number.to_string() } else { String::new() };
            let text: String = parts.into_iter().map(|part| part.text).collect();
            shown.push_str(format!("{QUIET}{number:>NUMBER$} │{QUIET:#} {text}").trim_end());
            shown.push('\n');
        }
    }
    shown
}

fn pieces(old: &str, new: &str) -> Vec<Option<Piece>> {
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(old, new);
    let mut pieces = Vec::new();
    for (index, group) in diff.grouped_ops(AROUND).iter().enumerate() {
        if index > 0 {
            pieces.push(None);
        }
        pieces.extend(group.iter().map(|op| Some(piece(&diff, op))));
    }
    pieces
}

fn piece(diff: &TextDiff<'_, '_, str>, op: &DiffOp) -> Piece {
    let mut piece = Piece { old: Vec::new(), new: Vec::new() };
    for change in diff.iter_inline_changes(op) {
        let changed = change.tag() != ChangeTag::Equal;
        let parts: Vec<_> = change
            .iter_strings_lossy()
            .map(|(strong, text)| Part { text: clean(text.trim_end_matches('\n')), strong })
            .collect();
        let line = |index: usize| Line { number: index + 1, changed, parts: parts.clone() };
        piece.old.extend(change.old_index().map(line));
        piece.new.extend(change.new_index().map(line));
    }
    piece
}

fn beside(pieces: &[Option<Piece>], heads: &Heads<'_>, width: usize) -> String {
    // On each side a number, a bar and a sign with their blanks.
    let half = width / 2 - 1;
    let room = half.saturating_sub(NUMBER + 3).max(1);
    let title = |title: &str, style: Style| {
        let title = format!("{:NUMBER$}   {title}", "");
        let missing = half.saturating_sub(columns(&title));
        format!("{style}{title}{style:#}{:missing$}", "")
    };
    let mut shown = format!("{} {}\n", title(heads.old, OLD), title(heads.new, NEW).trim_end());
    for piece in pieces {
        let Some(Piece { old, new }) = piece else {
            let gap = format!("{:NUMBER$} ⋮", "");
            shown.push_str(&format!("{QUIET}{gap}{:1$}{gap}{QUIET:#}\n", "", half - NUMBER - 1));
            continue;
        };
        for index in 0..old.len().max(new.len()) {
            let (old, new) = (side(old.get(index), '-', OLD, room), side(new.get(index), '+', NEW, room));
            for index in 0..old.len().max(new.len()) {
                let cell = |rows: &[String]| match rows.get(index) {
                    Some(row) => row.clone(),
                    None => format!("{QUIET}{:NUMBER$} │{QUIET:#}{:2$}", "", "", room + 1),
                };
                shown.push_str(format!("{} {}", cell(&old), cell(&new)).trim_end());
                shown.push('\n');
            }
        }
    }
    shown
}

/// The rows of a line on its side, all equally wide.
fn side(line: Option<&Line>, sign: char, style: Style, room: usize) -> Vec<String> {
    let Some(line) = line else { return Vec::new() };
    let rows = wrapped(&line.parts, room).into_iter().enumerate();
    rows.map(|(index, (parts, taken))| {
        let number = if index == 0 { line.number.to_string() } else { String::new() };
        let text = line.painted(sign, style, &parts);
        format!("{QUIET}{number:>NUMBER$} │{QUIET:#}{text}{:1$}", "", room.saturating_sub(taken))
    })
    .collect()
}

fn below(pieces: &[Option<Piece>], heads: &Heads<'_>, width: usize) -> String {
    let room = width.saturating_sub(2 * NUMBER + 4).max(1);
    let mut shown = format!("{OLD}-{}{OLD:#}\n{NEW}+{}{NEW:#}\n", heads.old, heads.new);
    for piece in pieces {
        let Some(Piece { old, new }) = piece else {
            shown.push_str(&format!("{QUIET}{:1$} ⋮{QUIET:#}\n", "", 2 * NUMBER + 1));
            continue;
        };
        for line in old.iter().filter(|line| line.changed) {
            one(&mut shown, (Some(line.number), None), line, room);
        }
        for (index, line) in new.iter().enumerate() {
            let same = old.get(index).filter(|_| !line.changed);
            one(&mut shown, (same.map(|same| same.number), Some(line.number)), line, room);
        }
    }
    shown
}

/// A line of the diff with its numbers in the old and in the new text.
fn one(shown: &mut String, numbers: (Option<usize>, Option<usize>), line: &Line, room: usize) {
    let (sign, style) = if numbers.1.is_none() { ('-', OLD) } else { ('+', NEW) };
    for (index, (parts, _)) in wrapped(&line.parts, room).into_iter().enumerate() {
        let number = |number: Option<usize>| {
            let number = number.filter(|_| index == 0).map(|number| number.to_string());
            format!("{:>NUMBER$}", number.unwrap_or_default())
        };
        let (old, new) = (number(numbers.0), number(numbers.1));
        let text = line.painted(sign, style, &parts);
        shown.push_str(format!("{QUIET}{old} {new} │{QUIET:#}{text}").trim_end());
        shown.push('\n');
    }
}

impl Line {
    /// Parts of this line behind its sign, in the colour of its side if it changed.
    fn painted(&self, sign: char, style: Style, parts: &[Part]) -> String {
        if !self.changed {
            return std::iter::once(" ").chain(parts.iter().map(|part| part.text.as_str())).collect();
        }
        let paint = |part: &Part| {
            let style = if part.strong { style.bold().underline() } else { style };
            format!("{style}{}{style:#}", part.text)
        };
        format!("{style}{sign}{style:#}") + &parts.iter().map(paint).collect::<String>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADS: Heads<'_> = Heads { old: "old", new: "new" };

    fn shown(old: &str, new: &str, width: usize) -> String {
        anstream::adapter::strip_str(&diff(old, new, &HEADS, width)).to_string()
    }

    #[test]
    fn one_below_the_other_where_it_is_narrow() {
        let shown = shown(">>> f()\n1\n2\nsame\n", ">>> f()\n日\nsame\n", 60);
        let wanted = "-old\n+new\n   1    1 │ >>> f()\n   2      │-1\n   3      │-2\n        2 │+日\n   4    3 │ same\n";
        assert_eq!(shown, wanted);
    }

    #[test]
    fn side_by_side_where_it_is_wide() {
        let shown = shown("日本\nsame\n", "日\nmore\nsame\n", 100);
        let lines: Vec<_> = shown.lines().collect();
        assert!(lines[0].contains("old") && lines[0].contains("new"), "{shown}");
        assert!(lines[1].starts_with("   1 │-日本") && lines[1].ends_with("   1 │+日"), "{shown}");
        assert!(lines[2].starts_with("     │") && lines[2].ends_with("   2 │+more"), "{shown}");
        let bar = |line: &str| {
            let at = line.rfind('│').unwrap_or_default();
            columns(&line[..at])
        };
        assert!(lines[1..].iter().all(|line| bar(line) == bar(lines[1])), "{shown}");
    }

    #[test]
    fn a_long_line_is_wrapped_and_what_is_far_left_out() {
        let same = "same\n".repeat(30);
        let (old, new) = (format!("{}\n{same}a\n", "x".repeat(70)), format!("y\n{same}b\n"));
        for width in [60, 120] {
            let shown = shown(&old, &new, width);
            assert_eq!(shown.matches('x').count(), 70, "{shown}");
            assert!(shown.contains('⋮') && shown.matches("same").count() < 20, "{shown}");
            let widest = shown.lines().map(columns).max();
            assert!(widest <= Some(width), "{widest:?} {shown}");
        }
    }
}
