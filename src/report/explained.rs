//! What a finding means, in the words of `docs/findings.md`, the one source of them.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag};

use crate::judge::Code;

const PAGE: &str = include_str!("../../docs/findings.md");

/// The text of the page below a code's heading.
pub fn section(code: Code) -> &'static str {
    let heading = format!("## {code}\n");
    sections().into_iter().find_map(|section| section.strip_prefix(&heading)).unwrap_or_default().trim()
}

/// The page, cut before its level-2 headings. Those of the guides in its examples are none.
fn sections() -> Vec<&'static str> {
    let heading =
        |event: &Event<'_>| matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }));
    let headings = Parser::new(PAGE).into_offset_iter().filter(|(event, _)| heading(event));
    let cuts: Vec<_> = headings.map(|(_, place)| place.start).chain([PAGE.len()]).collect();
    cuts.windows(2).map(|cut| &PAGE[cut[0]..cut[1]]).collect()
}

/// What the page's table says about a code.
pub fn in_short(code: Code) -> &'static str {
    let row = format!("| [`{code}`](");
    let row = PAGE.lines().find(|line| line.starts_with(&row)).unwrap_or_default();
    row.trim_end_matches([' ', '|']).rsplit(" | ").next().unwrap_or_default()
}
