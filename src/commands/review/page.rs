//! What a reviewer sees of a pending snapshot.

use std::collections::HashSet;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use super::Item;
use super::columns::{Heads, diff, numbered};
use crate::config::shown;
use crate::guide::{Guide, Snippet};
use crate::terminal::{Links, clean};

/// A snippet with no more lines than this is shown whole.
const WHOLE: usize = 16;

/// How a transcript begins the line of a statement.
const STATEMENT: &str = ">>> ";

const BOLD: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const LATER: Style = AnsiColor::Yellow.on_default().bold();
const OTHER: Style = AnsiColor::Cyan.on_default().bold();

/// What is shown, and how wide.
pub struct View {
    /// The snippet's lines in the guide, and the snapshot's file.
    pub info: bool,
    /// The changes; else the new text alone.
    pub diff: bool,
    /// Columns.
    pub width: usize,
    /// Links, where there are any.
    pub links: Option<Links>,
}

/// The page of an item that is one of several.
pub fn page(item: &Item<'_>, (number, count): (usize, usize), view: &View) -> String {
    let mut page = format!(
        "{BOLD}Reviewing [{BOLD:#}{LATER}{number}/{count}{LATER:#}{BOLD}]{BOLD:#} {BOLD}{}{BOLD:#}\n",
        clean(&item.title())
    );
    if view.info {
        page.push_str(&about(item, view));
    }
    page.push_str(&rule(view.width));
    page.push_str(&content(item, view));
    page.push_str(&rule(view.width));
    page.push_str(&warnings(item));
    page.push_str(&choices(item, view));
    page
}

fn rule(width: usize) -> String {
    format!("{QUIET}{}{QUIET:#}\n", "─".repeat(width))
}

/// Where it stands, and the guide's own lines.
fn about(item: &Item<'_>, view: &View) -> String {
    let mut about = String::new();
    let snippet = item.snippet();
    if let Some((guide, snippet)) = snippet {
        let (companion, line) = guide.place(snippet.lines.0);
        let path = companion.unwrap_or(&guide.path);
        let place = linked(&clean(&format!("{path}:{line}")), Path::new(path), line, view);
        let headings: Vec<_> = snippet.headings.iter().map(|heading| clean(heading)).collect();
        about.push_str(&format!("{place}  {}\n", headings.join(" › ")));
    }
    let file = linked(&clean(&shown(&item.pending.path)), &item.pending.path, 1, view);
    about.push_str(&format!("{QUIET}{file}{QUIET:#}\n"));
    if let Some((guide, snippet)) = snippet {
        about.push_str(&rule(view.width));
        about.push_str(&source(guide, snippet, item, view.width));
    }
    about
}

fn linked(text: &str, path: &Path, line: usize, view: &View) -> String {
    view.links.as_ref().map_or_else(|| text.to_owned(), |links| links.to(text, path, line, 1))
}

/// The snippet's lines; of a long one those around the statements that show something else now.
fn source(guide: &Guide, snippet: &Snippet, item: &Item<'_>, width: usize) -> String {
    let (first, last) = snippet.lines;
    let changed = changed_statements(item);
    let is_changed = |line: usize| changed.contains(guide.source.line_text(line).trim());
    let near: HashSet<usize> = (first..=last)
        .filter(|line| is_changed(*line))
        .flat_map(|line| line.saturating_sub(1)..=line + 1)
        .collect();
    let whole = last - first < WHOLE || near.is_empty();
    let lines: Vec<_> = (first..=last).filter(|line| whole || near.contains(line)).collect();
    let mut source = String::new();
    for run in lines.chunk_by(|a, b| a + 1 == *b) {
        if !source.is_empty() {
            source.push_str(&format!("{QUIET}     ⋮{QUIET:#}\n"));
        }
        let numbered_lines = run.iter().map(|line| (guide.place(*line).1, guide.source.line_text(*line)));
        source.push_str(&numbered(numbered_lines, width));
    }
    source
}

/// The first lines of the statements under which the snapshots differ.
fn changed_statements(item: &Item<'_>) -> HashSet<String> {
    let old = item.pending.old.as_ref().map_or("", |old| &old.content);
    let new = item.pending.new.as_ref().map_or("", |new| &new.content);
    let mut changed = HashSet::new();
    let mut statement = "";
    for change in TextDiff::from_lines(old, new).iter_all_changes() {
        let line = change.value().trim_end();
        if let Some(source) = line.strip_prefix(STATEMENT) {
            statement = source.trim_end_matches(" …");
        }
        if change.tag() != ChangeTag::Equal {
            changed.insert(statement.trim().to_owned());
        }
    }
    changed
}

fn content(item: &Item<'_>, view: &View) -> String {
    let Some(new) = &item.pending.new else { return String::new() };
    let observed = format!("observed (Python {})", clean(&new.python));
    match &item.pending.old {
        Some(old) if view.diff => {
            let reviewed = format!("reviewed (Python {})", clean(&old.python));
            let heads = Heads { old: &reviewed, new: &observed };
            diff(&ended(&old.content), &ended(&new.content), &heads, view.width)
        }
        old => {
            let new_one = if old.is_none() { ", for the first time" } else { "" };
            let head = format!("{GOOD}{observed}{new_one}{GOOD:#}\n");
            head + &numbered((1..).zip(new.content.lines()), view.width)
        }
    }
}

/// With the end of its last line: without it the line would be another one.
fn ended(text: &str) -> String {
    format!("{text}\n")
}

/// What speaks against accepting it, and what accepting it does not do.
fn warnings(item: &Item<'_>) -> String {
    let mut warnings = String::new();
    if let Err(why) = item.acceptable() {
        warnings.push_str(&format!("{BAD}it cannot be accepted:{BAD:#} {why}\n"));
    }
    let mut false_claims = item.pending.false_claims().peekable();
    let any = false_claims.peek().is_some();
    for (expected, observed) in false_claims {
        let (expected, observed) = (clean(expected), clean(observed));
        warnings.push_str(&format!(
            "{BAD}false:{BAD:#} the guide says `{expected}`, observed was `{observed}`\n"
        ));
    }
    if any {
        warnings.push_str(
            "       accepting does not make it true: it stays an error until the guide is mended\n",
        );
    }
    warnings
}

fn choices(item: &Item<'_>, view: &View) -> String {
    let reject =
        if item.pending.old.is_some() { "retain the old snapshot" } else { "reject the new snapshot" };
    let (info, diff) = (toggle(view.info), toggle(view.diff));
    let choices = [
        (GOOD, "a", "accept   ", "keep the new snapshot"),
        (BAD, "r", "reject   ", reject),
        (LATER, "s", "skip     ", "keep both for now"),
        (OTHER, "i", &format!("{info} info"), "the guide's lines and the file"),
        (OTHER, "d", &format!("{diff} diff"), "the changes, or the new snapshot alone"),
        (OTHER, "q", "quit     ", "skip all that are left"),
    ];
    let mut shown = String::from("\n");
    for (style, key, what, meaning) in choices {
        shown.push_str(&format!("  {style}{key}{style:#} {what}  {QUIET}{meaning}{QUIET:#}\n"));
    }
    shown + &format!("\n  {QUIET}A, R and S: the same for all remaining snapshots{QUIET:#}\n")
}

fn toggle(is_shown: bool) -> &'static str {
    if is_shown { "hide" } else { "show" }
}

/// What became of each, as `cargo insta review` ends.
pub fn summary(accepted: &[String], rejected: &[String], skipped: &[String]) -> String {
    let mut summary = format!("{BOLD}verify review finished{BOLD:#}\n");
    for (what, style, items) in
        [("accepted", GOOD, accepted), ("rejected", BAD, rejected), ("skipped", LATER, skipped)]
    {
        if !items.is_empty() {
            summary.push_str(&format!("{style}{what}{style:#} ({}):\n", items.len()));
            items.iter().for_each(|item| summary.push_str(&format!("  {}\n", clean(item))));
        }
    }
    summary
}
