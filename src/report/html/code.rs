//! Lines of code, with what is said at them.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::notes::Notes;
use super::{View, colored, marks, snippet};

/// A code block that is drawn.
pub struct Code<'a> {
    /// Each line with its number.
    pub lines: &'a [(usize, String)],
    /// What the names of its lines begin with.
    pub prefix: &'a str,
    /// Whether it is Python.
    pub python: bool,
    /// The lines that never ran.
    pub not_run: &'a BTreeSet<usize>,
}

/// Writes the lines as a list, each with the claims that stand on it and the findings below it.
pub fn write(code: &Code<'_>, notes: &mut Notes<'_>, view: View<'_>, to: &mut String) -> askama::Result<()> {
    let first = code.lines.first().map_or(1, |(line, _)| *line);
    write!(to, "<ol start=\"{first}\">")?;
    let colored = if code.python { colored::colored(code.lines) } else { Vec::new() };
    let mut colored = colored.iter().peekable();
    for (index, (line, text)) in code.lines.iter().enumerate() {
        let rests = |line: &usize| code.not_run.contains(line);
        write!(to, "<li id=\"{}L{line}\"", code.prefix)?;
        if index > 0 && code.lines[index - 1].0 + 1 != *line {
            write!(to, " value=\"{line}\"")?;
        }
        to.push_str(if rests(line) { " class=\"unrun\">" } else { ">" });
        let own = std::iter::from_fn(|| colored.next_if(|(at, ..)| *at == index));
        colored::write(text, own, to)?;
        let notes = notes.up_to(*line);
        let begins_rest = rests(line) && (index == 0 || !rests(&code.lines[index - 1].0));
        marks::write(text, &notes, begins_rest, view, to)?;
        snippet::write_findings(&notes, view, to)?;
        to.push_str("</li>\n");
    }
    to.push_str("</ol>");
    Ok(())
}
