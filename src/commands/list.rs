//! `verify list`: what a guide consists of, without running it.

use std::io::Write;
use std::path::PathBuf;

use crate::check::{Document, read};
use crate::claims::{Certainty, Claim, Remark};
use crate::config::Found;
use crate::guide::{Block, Guide, Snippet};
use crate::judge::one_line;
use crate::terminal::clean;

/// Lists blocks, snippets and claims; with `comments` also the comments that are no claims, and what makes each the
/// one or the other. Exit code 2 where a guide could not be read.
pub fn run(paths: &[(PathBuf, Found)], comments: bool, to: &mut dyn Write) -> anyhow::Result<u8> {
    let mut code = 0;
    for (path, config) in paths {
        match read(path, config) {
            Ok(document) => list(&document, comments, to)?,
            Err(error) => {
                writeln!(to, "{}: error: {error}", path.display())?;
                code = 2;
            }
        }
    }
    Ok(code)
}

fn list(document: &Document, comments: bool, to: &mut dyn Write) -> std::io::Result<()> {
    let guide = &document.guide;
    writeln!(to, "{}", guide.path)?;
    let mut blocks = guide.blocks.iter();
    for (index, snippet) in guide.snippets.iter().enumerate() {
        if snippet.continues.is_none() && (index == 0 || guide.snippets[index - 1].block != snippet.block) {
            // Snippets are in the order of their blocks.
            blocks.by_ref().find(|block| block.label == snippet.block).map_or(Ok(()), |b| head(b, to))?;
        }
        match guide.place(snippet.lines.0).0 {
            Some(path) => writeln!(to, "    {} in {path}", snippet.id)?,
            None => {
                let (first, last) = (guide.place(snippet.lines.0).1, guide.place(snippet.lines.1).1);
                writeln!(to, "    {} lines {first}-{last}{}", snippet.id, kind(snippet))?;
            }
        }
        for (_, line) in inside(document, index, comments) {
            writeln!(to, "      {}", clean(&line))?;
        }
    }
    Ok(())
}

/// A line for each claim of a snippet, and with `comments` for each of its remarks, behind the guide's line.
fn inside(document: &Document, index: usize, comments: bool) -> Vec<(usize, String)> {
    let claims = document.claims.iter().filter(|claim| claim.snippet == index);
    let mut lines: Vec<_> = claims.map(|it| (it.lines.0, claim(it, comments))).collect();
    let remarks = document.remarks.iter().filter(|remark| comments && remark.snippet == index);
    lines.extend(remarks.map(|it| (it.line, remark(&document.guide, it))));
    lines.sort_by_key(|(line, _)| *line);
    lines
}

fn head(block: &Block, to: &mut dyn Write) -> std::io::Result<()> {
    let title = if block.title.is_empty() { String::new() } else { format!(": {}", block.title) };
    writeln!(to, "  block {}{title}", block.label)
}

fn kind(snippet: &Snippet) -> &'static str {
    match (&snippet.session, snippet.fenced) {
        _ if snippet.skipped().is_some() => ", skipped",
        (Some(_), _) => ", session",
        (None, false) => ", outside any fence",
        _ => "",
    }
}

fn claim(claim: &Claim, comments: bool) -> String {
    let basis = match claim.certainty {
        certainty if comments => format!(", {}", certainty.basis(claim.marked)),
        Certainty::Implied => " (if it matches)".to_owned(),
        Certainty::Explicit => String::new(),
    };
    let (kind, form) = (claim.kind.name(), claim.form.name());
    format!("{} {kind}, {form}{basis}: {}", claim.id, one_line(claim.text.trim()))
}

fn remark(guide: &Guide, remark: &Remark) -> String {
    let (_, line) = guide.place(remark.line);
    format!("L{line} no claim: {} | {}", one_line(&remark.text), remark.why.reason())
}
