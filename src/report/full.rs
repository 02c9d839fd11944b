//! The report for an author at a terminal: each finding with the guide's own lines, in the manner of
//! a compiler.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;
use std::sync::LazyLock;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};
use regex::{Captures, Regex};

use super::format::Seen;
use super::place::{line_of, line_start};
use super::{AnyReport, FindingReport, GuideReport, Live, Related, Style, summary};
use crate::judge::Severity;
use crate::terminal::filled;

/// Other lines are shown together with the finding's own up to this distance.
const NEAR: usize = 8;
/// Lines of a finding that goes over many.
const MOST_LINES: usize = 6;

/// A report on its way: the findings of every guide and a summary.
pub struct Full<'a> {
    renderer: Renderer,
    style: Style<'a>,
    seen: Seen<'a>,
}

impl<'a> Full<'a> {
    /// Nothing is written yet.
    pub fn new(style: Style<'a>) -> Full<'a> {
        let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
        let decor = if style.color { DecorStyle::Unicode } else { DecorStyle::Ascii };
        let renderer = renderer.decor_style(decor).term_width(style.width);
        Full { renderer, style, seen: Seen::new(style) }
    }
}

impl Live for Full<'_> {
    fn guide(&mut self, guide: &GuideReport, pythons: usize, to: &mut dyn Write) -> io::Result<()> {
        let Full { renderer, style, seen } = self;
        if let Some(error) = &guide.error {
            let message = fill(&format!("{} {error}", guide.path), "error: ".len(), *style);
            let group = Group::with_title(Level::ERROR.primary_title(message));
            writeln!(to, "{}\n", renderer.render(&[group]))?;
        }
        for finding in seen.of(guide) {
            let group = group(guide, finding, &finding.only_on(pythons), *style);
            writeln!(to, "{}\n", linked(&renderer.render(&[group]), *style))?;
        }
        if style.verbose {
            summary::comments(guide, to)?;
            writeln!(to)?;
        }
        Ok(())
    }

    fn end(&mut self, report: &AnyReport, to: &mut dyn Write) -> io::Result<()> {
        self.seen.say_more(to)?;
        if self.style.verbose {
            summary::surroundings(report, to)?;
        }
        if self.style.quiet {
            return Ok(());
        }
        summary::write(report, to)?;
        match self.seen.any() {
            true => writeln!(to, "verify explain CODE says more about a finding"),
            false => Ok(()),
        }
    }
}

/// The places in what was drawn, as links to their files.
fn linked<'t>(drawn: &'t str, style: Style<'_>) -> Cow<'t, str> {
    static PLACE: LazyLock<Regex> = LazyLock::new(|| {
        let place = r"(?<place>(?<path>.+):(?<line>\d+):(?<column>\d+))";
        Regex::new(&format!(r"(?m)^(?<arrow>[^│\n]*[▸⸬] (?:\x1b\[0m)?){place}(?<end>(?:\x1b\[0m)?)$"))
            .expect("valid")
    });
    let Some(links) = style.links else { return Cow::Borrowed(drawn) };
    PLACE.replace_all(drawn, |found: &Captures<'_>| {
        let (line, column) = (found["line"].parse().unwrap_or(1), found["column"].parse().unwrap_or(1));
        let link = links.to(&found["place"], Path::new(&found["path"]), line, column);
        format!("{}{link}{}", &found["arrow"], &found["end"])
    })
}

/// A message that fits the terminal, where something of so many columns stands before it.
fn fill(message: &str, before: usize, style: Style<'_>) -> String {
    match style.fill {
        true => filled(message, style.width.saturating_sub(before)),
        false => message.to_owned(),
    }
}

fn group<'a>(
    guide: &'a GuideReport,
    finding: &'a FindingReport,
    only_on: &str,
    style: Style<'_>,
) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let expected = if finding.expected { " (expected)" } else { "" };
    let before = format!("{}[{}]: ", summary::severity(finding.severity), finding.code).len();
    let message = fill(&format!("{}{only_on}{expected}", finding.message), before, style);
    let title = level.primary_title(message).id(finding.code.name());
    let mut elements: Vec<Element<'a>> = vec![place(guide, finding)];
    let is_shown = |related: &&Related| is_near(finding, related) && !guide.text.is_empty();
    for related in finding.related.iter().filter(|related| !is_shown(related)).take(3) {
        let (path, text) = guide.file(related.file.as_ref());
        if text.is_empty() {
            let message = normalize_untrusted_str(&format!("{path}:{}: {}", related.line, related.message));
            elements.push(Level::NOTE.message(message).into());
            continue;
        }
        let text = line_of(text, related.line);
        let span = indent(text)..text.trim_end().len().max(indent(text));
        let annotation = AnnotationKind::Context.span(span).label(normalize_untrusted_str(&related.message));
        elements
            .push(Snippet::source(text).path(path).line_start(related.line).annotation(annotation).into());
    }
    if !finding.help.is_empty() {
        let before = finding.end_line.to_string().len() + " ╰ help: ".chars().count();
        let help = fill(&normalize_untrusted_str(&finding.help), before, style);
        elements.push(Level::HELP.message(help).into());
    }
    Group::with_title(title).elements(elements)
}

/// The finding's own lines, with what is related and near; where they are not to be had, its place alone.
fn place<'a>(guide: &'a GuideReport, finding: &'a FindingReport) -> Element<'a> {
    let (path, text) = guide.file(finding.file.as_ref());
    if text.is_empty() {
        return Origin::path(path).line(finding.line).char_column(finding.column).into();
    }
    let near: Vec<_> = finding.related.iter().filter(|related| is_near(finding, related)).collect();
    let last = finding.end_line.min(finding.line + MOST_LINES - 1);
    let first_line =
        near.iter().map(|related| related.line).chain([finding.line]).min().unwrap_or(finding.line);
    let last_line = near.iter().map(|related| related.line).chain([last]).max().unwrap_or(last);
    let from = line_start(text, first_line);
    let to = line_start(text, last_line) + line_of(text, last_line).len();
    let end = match last < finding.end_line {
        true => line_start(text, last) + line_of(text, last).len(),
        false => finding.span.1,
    };
    let own = AnnotationKind::Primary
        .span(finding.span.0 - from..end.max(finding.span.0) - from)
        .label(normalize_untrusted_str(&finding.label));
    let mut snippet = Snippet::source(&text[from..to]).path(path).line_start(first_line).annotation(own);
    for related in near {
        let line = line_of(text, related.line);
        let start = line_start(text, related.line) - from;
        let span = start + indent(line)..start + line.trim_end().len().max(indent(line));
        snippet = snippet
            .annotation(AnnotationKind::Context.span(span).label(normalize_untrusted_str(&related.message)));
    }
    snippet.into()
}

fn is_near(finding: &FindingReport, related: &Related) -> bool {
    let (line, own) = (related.line, finding.line..=finding.end_line);
    related.file == finding.file
        && !own.contains(&line)
        && line + NEAR >= finding.line
        && line <= finding.end_line.min(finding.line + MOST_LINES - 1) + NEAR
}

fn indent(text: &str) -> usize {
    text.len() - text.trim_start().len()
}
