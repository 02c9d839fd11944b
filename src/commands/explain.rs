//! `verify explain`: what a finding means. `docs/findings.md` is the one source of it.

use std::io::{self, Write};

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag};

use crate::judge::Code;
use crate::keys::near;
use crate::report::summary::severity;

const PAGE: &str = include_str!("../../docs/findings.md");

/// Explains a code; without one, lists them all. Returns the exit code.
pub fn run(code: Option<Code>, to: &mut dyn Write) -> anyhow::Result<u8> {
    match code {
        Some(code) => explain(code, to)?,
        None => list(to)?,
    }
    Ok(0)
}

/// The code of that name. The error names those that are like it.
pub fn known(name: &str) -> Result<Code, String> {
    let code = Code::ALL.iter().find(|code| code.name() == name).copied();
    code.ok_or_else(|| match &near(name, Code::ALL.iter().map(|code| code.name()))[..] {
        [] => "no finding has this code; `verify explain` lists all".to_owned(),
        near => format!("did you mean {}? `verify explain` lists all", near.join(", ")),
    })
}

fn explain(code: Code, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "{code} ({})\n\n{}", severity(code.severity()), section(code))
}

fn list(to: &mut dyn Write) -> io::Result<()> {
    for code in Code::ALL {
        writeln!(to, "{:21}  {:7}  {}", code.name(), severity(code.severity()), in_short(*code))?;
    }
    writeln!(to, "\nverify explain CODE says what one means, with an example and what to do")
}

/// The text of the page below a code's heading.
fn section(code: Code) -> &'static str {
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
fn in_short(code: Code) -> &'static str {
    let row = format!("| [`{code}`](");
    let row = PAGE.lines().find(|line| line.starts_with(&row)).unwrap_or_default();
    row.trim_end_matches([' ', '|']).rsplit(" | ").next().unwrap_or_default()
}
