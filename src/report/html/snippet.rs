//! A snippet: how it ran, its lines, what it printed, and its companion.

use std::collections::BTreeSet;
use std::fmt::Write;

use askama::Template;

use super::code::{self, Code};
use super::notes::{Note, Notes, severity};
use super::text::{Plain, Prose, brief, count};
use super::{View, marks};
use crate::guide::ShownCode;
use crate::report::{FindingReport, Run, SnippetReport, Status};

/// The snippets that are still to be shown, in order.
pub type Coming<'a> = std::iter::Peekable<std::slice::Iter<'a, SnippetReport>>;

/// Writes a code block, be it a snippet's or another's.
pub fn write_block(
    block: &ShownCode,
    coming: &mut Coming<'_>,
    notes: &mut Notes<'_>,
    view: View<'_>,
    to: &mut String,
) -> askama::Result<()> {
    let own: Vec<_> = match (block.lines.last(), block.empty) {
        (Some((last, _)), _) => std::iter::from_fn(|| coming.next_if(|it| it.lines.0 <= *last)).collect(),
        (None, Some(line)) => coming.next_if(|it| it.lines.0 == line).into_iter().collect(),
        (None, None) => Vec::new(),
    };
    let marked = block.info.as_deref().is_some_and(|info| info.trim_start().starts_with("py"));
    let not_run = own.iter().flat_map(|snippet| never_run(snippet)).collect();
    let prefix = view.prefix();
    let code =
        Code { lines: &block.lines, prefix: &prefix, python: marked || !own.is_empty(), not_run: &not_run };
    to.push_str(if own.is_empty() { "<div class=\"block\">" } else { "<div class=\"block snippet\">" });
    own.iter().try_for_each(|snippet| write_head(snippet, view, to))?;
    let first = block.lines.first().map(|(line, _)| *line).or(block.empty);
    let above = first.map(|first| notes.up_to(first - 1)).unwrap_or_default();
    write_claims(&above, view, to)?;
    write_findings(&above, view, to)?;
    write_lines(&code, &label(&own), notes, view, to)?;
    for snippet in own {
        write_output(snippet, to)?;
        write_companions(snippet, view, to)?;
    }
    to.push_str("</div>\n");
    Ok(())
}

/// Writes what there is of snippets whose code has no lines.
pub fn write_rest(coming: &mut Coming<'_>, view: View<'_>, to: &mut String) -> askama::Result<()> {
    for snippet in coming {
        to.push_str("<div class=\"block snippet\">");
        write_head(snippet, view, to)?;
        write_output(snippet, to)?;
        write_companions(snippet, view, to)?;
        to.push_str("</div>\n");
    }
    Ok(())
}

fn label(own: &[&SnippetReport]) -> String {
    match own {
        [] => "Code".to_owned(),
        own => format!(
            "Code of {}",
            own.iter().map(|snippet| snippet.id.as_str()).collect::<Vec<_>>().join(", ")
        ),
    }
}

fn write_lines(
    code: &Code<'_>,
    label: &str,
    notes: &mut Notes<'_>,
    view: View<'_>,
    to: &mut String,
) -> askama::Result<()> {
    write!(to, "<div class=\"code\" tabindex=\"0\" role=\"group\" aria-label=\"{}\">", Plain(label))?;
    code::write(code, notes, view, to)?;
    to.push_str("</div>");
    Ok(())
}

/// The lines that ran on none of the Pythons.
pub fn never_run(snippet: &SnippetReport) -> BTreeSet<usize> {
    let lines = |run: &Run| run.not_run.iter().flat_map(|(first, last)| *first..=*last).collect();
    let each = snippet.runs.iter().map(lines);
    each.reduce(|one: BTreeSet<_>, other| &one & &other).unwrap_or_default()
}

/// How a snippet ran, for who reads one line.
#[derive(Template)]
#[template(path = "snippet.html")]
struct Head<'a> {
    prefix: String,
    id: Plain<'a>,
    states: Vec<State>,
    needs: &'a [String],
}

struct State {
    class: &'static str,
    text: String,
}

fn write_head(snippet: &SnippetReport, view: View<'_>, to: &mut String) -> askama::Result<()> {
    let head = Head {
        prefix: view.prefix(),
        id: Plain(&snippet.id),
        states: states(snippet),
        needs: &snippet.needs,
    };
    head.render_into(to)
}

/// One for all Pythons, where the snippet ran in the same way on all.
fn states(snippet: &SnippetReport) -> Vec<State> {
    let key = |run: &Run| (run.status, run.line, run.reason.clone());
    match &snippet.runs[..] {
        [first, others @ ..] if others.iter().all(|run| key(run) == key(first)) => vec![state(first, "")],
        runs => runs.iter().map(|run| state(run, &format!("{}: ", run.python))).collect(),
    }
}

fn state(run: &Run, on: &str) -> State {
    let (class, words) = match run.status {
        Status::Ran => ("ran", "✓ ran"),
        Status::Skipped => ("skipped", "– skipped"),
        Status::Invalid => ("failed", "✗ not Python"),
        Status::Crashed => ("failed", "✗ crashed"),
        Status::TimedOut => ("failed", "✗ timed out"),
        Status::Blocked => ("blocked", "▲ blocked"),
        Status::Raised => ("failed", "✗ raised"),
    };
    let line = run.line.map(|line| format!(" at line {line}")).unwrap_or_default();
    let reason = match (&run.reason, run.status) {
        (Some(reason), Status::Skipped) => format!(": {reason}"),
        _ => String::new(),
    };
    State { class, text: format!("{on}{words}{line}{reason}") }
}

/// A finding, to stand below its line.
#[derive(Template)]
#[template(path = "finding.html")]
struct Finding<'a> {
    prefix: String,
    number: usize,
    sign: &'static str,
    class: &'static str,
    code: &'static str,
    message: Prose<'a>,
    only_on: String,
    /// Why it is expected.
    reason: Option<Plain<'a>>,
    help: Prose<'a>,
    fix: Option<Plain<'a>>,
    related: Vec<(Option<String>, usize, Prose<'a>)>,
}

/// Writes the findings among these notes.
pub fn write_findings(notes: &[Note<'_>], view: View<'_>, to: &mut String) -> askama::Result<()> {
    notes.iter().try_for_each(|note| match note {
        Note::Finding(finding, number) => self::finding(finding, *number, view).render_into(to),
        Note::Claim(_) => Ok(()),
    })
}

/// Writes the claims among these notes, which stand on no line of code, with their words.
pub fn write_claims(notes: &[Note<'_>], view: View<'_>, to: &mut String) -> askama::Result<()> {
    for note in notes {
        if let Note::Claim(claim) = note {
            let said = if claim.expected.is_empty() { &claim.text } else { &claim.expected };
            write!(to, "<p class=\"told\"><q>{}</q>", Plain(&brief(said)))?;
            marks::write_one(claim, view, to)?;
            to.push_str("</p>");
        }
    }
    Ok(())
}

fn finding<'a>(finding: &'a FindingReport, number: usize, view: View<'_>) -> Finding<'a> {
    let (sign, class) = severity(finding);
    // Most often the help says it already.
    let fix = finding.fix.as_ref().map(|fix| fix.replacement.trim());
    let related = finding.related.iter().map(|related| {
        let to = format!("{}L{}", line_prefix(related.file.as_deref(), view), related.line);
        let is_code = related.file.is_some() || view.shown.is_code(related.line);
        (is_code.then_some(to), related.line, Prose(&related.message))
    });
    Finding {
        prefix: view.prefix(),
        number,
        sign,
        class,
        code: finding.code.name(),
        message: Prose(&finding.message),
        only_on: view.report.only_on(finding),
        reason: finding.reason.as_deref().map(Plain),
        help: Prose(&finding.help),
        fix: fix.filter(|fix| !finding.help.contains(fix)).map(Plain),
        related: related.collect(),
    }
}

/// What the names of a file's lines begin with.
pub fn line_prefix(file: Option<&str>, view: View<'_>) -> String {
    let prefix = view.prefix();
    match file.and_then(snippet_of) {
        Some(snippet) => format!("{prefix}{snippet}-check-"),
        None => prefix,
    }
}

/// The snippet that a companion goes on with, which its name says.
fn snippet_of(companion: &str) -> Option<&str> {
    companion.rsplit('/').next()?.strip_suffix(".check.py")
}

fn write_companions(snippet: &SnippetReport, view: View<'_>, to: &mut String) -> askama::Result<()> {
    for (path, text) in &view.guide.companions {
        if snippet_of(path) != Some(&snippet.id) {
            continue;
        }
        let lines: Vec<_> = text.lines().zip(1..).map(|(text, line)| (line, text.to_owned())).collect();
        let prefix = line_prefix(Some(path), view);
        let code = Code { lines: &lines, prefix: &prefix, python: true, not_run: &BTreeSet::new() };
        write!(to, "<div class=\"companion\"><p class=\"head\">goes on in {}</p>", Plain(path))?;
        let label = format!("Companion of {}", snippet.id);
        let mut notes = Notes::of(view.guide, Some(path));
        write_lines(&code, &label, &mut notes, view, to)?;
        let left = notes.up_to(usize::MAX);
        write_claims(&left, view, to)?;
        write_findings(&left, view, to)?;
        to.push_str("</div>");
    }
    Ok(())
}

/// What a snippet printed, once for all Pythons on which it is the same.
fn write_output(snippet: &SnippetReport, to: &mut String) -> std::fmt::Result {
    let mut seen: Vec<(&Run, Vec<&str>)> = Vec::new();
    for run in &snippet.runs {
        match seen.iter_mut().find(|(other, _)| (&other.stdout, &other.stderr) == (&run.stdout, &run.stderr))
        {
            Some((_, pythons)) => pythons.push(&run.python),
            None => seen.push((run, vec![&run.python])),
        }
    }
    let several = seen.len() > 1;
    for (run, pythons) in seen {
        let on = if several { format!(" on {}", pythons.join(", ")) } else { String::new() };
        for (name, text) in [("Output", &run.stdout), ("Standard error", &run.stderr)] {
            if !text.is_empty() {
                let lines = count(text.lines().count(), "line");
                let cut = if run.truncated { ", cut" } else { "" };
                write!(
                    to,
                    "<details class=\"output\"><summary>{name}{} <small>{lines}{cut}</small></summary>\
                     <pre tabindex=\"0\" role=\"group\" aria-label=\"{name} of {}\">{}</pre></details>",
                    Plain(&on),
                    Plain(&snippet.id),
                    Plain(text)
                )?;
            }
        }
    }
    Ok(())
}
