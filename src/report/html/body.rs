//! A guide's text as HTML, with what is said about its lines where it stands.

use std::collections::HashMap;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd, html};

use super::notes::Notes;
use super::snippet::Coming;
use super::text::{self, Plain};
use super::{View, clean, snippet};
use crate::guide::ShownCode;

/// Draws a guide.
pub fn draw(view: View<'_>) -> askama::Result<String> {
    match drawn(view, true)? {
        Some(html) => Ok(html),
        // Its own HTML would take something of the report away.
        None => Ok(drawn(view, false)?.unwrap_or_default()),
    }
}

/// The same with the guide's own HTML, or with its text. None if that HTML swallows parts of the report.
fn drawn(view: View<'_>, html: bool) -> askama::Result<Option<String>> {
    let mut drawing = Drawing {
        view,
        notes: Notes::of(view.guide, None),
        coming: view.guide.snippets.iter().peekable(),
        code: view.shown.code.iter(),
        events: Vec::new(),
        parts: Parts::new(&view.guide.text),
        slugs: HashMap::new(),
        heading: None,
        in_code: false,
        html,
    };
    for (event, bytes) in view.shown.events() {
        let lines = view.shown.guide_lines(&bytes);
        drawing.add(event, lines)?;
    }
    drawing.add_rest()?;
    drawing.say_up_to(usize::MAX)?;
    let mut text = String::new();
    html::push_html(&mut text, drawing.events.into_iter());
    // The page's own rules allow no style; this says the same without one.
    let text = text.replace(" style=\"text-align: ", " align=\"");
    Ok(drawing.parts.put_into(&clean::clean(&text, view)))
}

struct Drawing<'a> {
    view: View<'a>,
    notes: Notes<'a>,
    coming: Coming<'a>,
    code: std::slice::Iter<'a, ShownCode>,
    events: Vec<Event<'a>>,
    parts: Parts,
    /// How often each name of a heading was given.
    slugs: HashMap<String, usize>,
    /// Where the heading that is being read began, and its text.
    heading: Option<(usize, String)>,
    in_code: bool,
    html: bool,
}

impl<'a> Drawing<'a> {
    fn add(&mut self, event: Event<'a>, (first, last): (usize, usize)) -> askama::Result<()> {
        match event {
            Event::Start(Tag::CodeBlock(_)) => {
                self.say_up_to(first.saturating_sub(1))?;
                self.in_code = true;
                self.add_code()?;
            }
            Event::End(TagEnd::CodeBlock) => self.in_code = false,
            _ if self.in_code => {}
            Event::Html(text) => self.add_html(text, false),
            Event::InlineHtml(text) => self.add_html(text, true),
            Event::Start(Tag::Image { dest_url, .. }) => {
                let start = format!("<span class=\"picture\" title=\"{}\">", Plain(&dest_url));
                self.events.push(Event::InlineHtml(start.into()));
            }
            Event::End(TagEnd::Image) => self.events.push(Event::InlineHtml("</span>".into())),
            Event::TaskListMarker(done) => {
                self.events.push(Event::Text(if done { "☑ " } else { "☐ " }.into()));
            }
            Event::Start(start) => self.begin(start),
            Event::End(end) => self.end(end, last)?,
            event => {
                if let (Event::Text(text) | Event::Code(text), Some((_, heading))) =
                    (&event, &mut self.heading)
                {
                    heading.push_str(text);
                }
                self.events.push(shaped(event));
            }
        }
        Ok(())
    }

    fn begin(&mut self, start: Tag<'a>) {
        match start {
            Tag::Heading { .. } => self.heading = Some((self.events.len(), String::new())),
            Tag::Table(_) => self.events.push(Event::Html("<figure>".into())),
            _ => {}
        }
        self.events.push(Event::Start(start));
    }

    fn end(&mut self, end: TagEnd, last: usize) -> askama::Result<()> {
        // What stands inside of it must be said inside of it.
        if matches!(end, TagEnd::Item) {
            self.say_up_to(last)?;
        }
        self.events.push(Event::End(end));
        match end {
            TagEnd::Heading(_) => self.name_heading(),
            TagEnd::Table => self.events.push(Event::Html("</figure>".into())),
            _ => {}
        }
        let is_block = matches!(
            end,
            TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::HtmlBlock
                | TagEnd::Table
                | TagEnd::MetadataBlock(_)
        );
        if is_block { self.say_up_to(last) } else { Ok(()) }
    }

    /// Gives the heading the name that links to it use on GitHub.
    fn name_heading(&mut self) {
        let Some((at, text)) = self.heading.take() else { return };
        let slug = slug(&text);
        let before = self.slugs.entry(slug.clone()).or_insert(0);
        let name = if *before == 0 { slug } else { format!("{slug}-{before}") };
        *before += 1;
        if let Some(Event::Start(Tag::Heading { id, .. })) = self.events.get_mut(at) {
            *id = Some(name.into());
        }
    }

    fn add_html(&mut self, text: CowStr<'a>, inline: bool) {
        self.events.push(match (self.html, inline) {
            (false, _) => Event::Text(text),
            (true, false) => Event::Html(clean::tamed(&text).into()),
            (true, true) => Event::InlineHtml(clean::tamed(&text).into()),
        });
    }

    fn add_code(&mut self) -> askama::Result<()> {
        let mut part = String::new();
        if let Some(block) = self.code.next() {
            snippet::write_block(block, &mut self.coming, &mut self.notes, self.view, &mut part)?;
        }
        self.events.push(self.parts.add(part));
        Ok(())
    }

    /// Adds the snippets without a line of code.
    fn add_rest(&mut self) -> askama::Result<()> {
        let mut part = String::new();
        snippet::write_rest(&mut self.coming, self.view, &mut part)?;
        if !part.is_empty() {
            self.events.push(self.parts.add(part));
        }
        Ok(())
    }

    /// Adds what is to be said about lines up to this one.
    fn say_up_to(&mut self, line: usize) -> askama::Result<()> {
        let notes = self.notes.up_to(line);
        if !notes.is_empty() {
            let mut part = String::new();
            snippet::write_claims(&notes, self.view, &mut part)?;
            snippet::write_findings(&notes, self.view, &mut part)?;
            self.events.push(self.parts.add(part));
        }
        Ok(())
    }
}

/// The same words, without any that cannot be seen.
fn shaped(event: Event<'_>) -> Event<'_> {
    match &event {
        Event::Text(text) => text::shaped(text).map(|text| Event::Text(text.into())),
        Event::Code(text) => text::shaped(text).map(|text| Event::Code(text.into())),
        _ => None,
    }
    .unwrap_or(event)
}

fn slug(text: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    text.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Our own HTML, kept out of the guide's until that is clean.
struct Parts {
    /// What stands for them; no text holds its own digest.
    token: String,
    parts: Vec<String>,
}

impl Parts {
    fn new(text: &str) -> Parts {
        Parts { token: format!("part-{}-", blake3::hash(text.as_bytes()).to_hex()), parts: Vec::new() }
    }

    /// What stands for one more part.
    fn add<'a>(&mut self, part: String) -> Event<'a> {
        let number = self.parts.len();
        self.parts.push(part);
        Event::Html(format!("\n<div>{}{number};</div>\n", self.token).into())
    }

    /// A text with the parts at their places; none if not each is there, once.
    fn put_into(&self, text: &str) -> Option<String> {
        let mut pieces = text.split(self.token.as_str());
        let mut all = pieces.next().unwrap_or_default().to_owned();
        let mut seen = vec![false; self.parts.len()];
        for piece in pieces {
            let (number, rest) = piece.split_once(';')?;
            let number: usize = number.parse().ok()?;
            if std::mem::replace(seen.get_mut(number)?, true) {
                return None;
            }
            all += &self.parts[number];
            all += rest;
        }
        seen.iter().all(|seen| *seen).then_some(all)
    }
}
