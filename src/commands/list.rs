//! `verify list`: what a guide consists of, without running it.

use std::io::Write;
use std::path::PathBuf;

use crate::check::{Document, read};
use crate::claims::{Certainty, Claim};
use crate::config::Found;
use crate::guide::{Block, Snippet};
use crate::judge::one_line;
use crate::terminal::clean;

/// Lists blocks, snippets and claims. Exit code 2 where a guide could not be read.
pub fn run(paths: &[(PathBuf, Found)], to: &mut dyn Write) -> anyhow::Result<u8> {
    let mut code = 0;
    for (path, config) in paths {
        match read(path, config) {
            Ok(document) => list(&document, to)?,
            Err(error) => {
                writeln!(to, "{}: error: {error}", path.display())?;
                code = 2;
            }
        }
    }
    Ok(code)
}

fn list(document: &Document, to: &mut dyn Write) -> std::io::Result<()> {
    let guide = &document.guide;
    writeln!(to, "{}", guide.path)?;
    let mut claims: Vec<Vec<&Claim>> = vec![Vec::new(); guide.snippets.len()];
    document.claims.iter().for_each(|claim| claims[claim.snippet].push(claim));
    let mut blocks = guide.blocks.iter();
    for (index, own) in claims.iter().enumerate() {
        let snippet = &guide.snippets[index];
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
        for claim in own {
            writeln!(to, "      {}", line(claim))?;
        }
    }
    Ok(())
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

fn line(claim: &Claim) -> String {
    let maybe = if claim.certainty == Certainty::Implied { " (if it matches)" } else { "" };
    format!(
        "{} {}, {}{maybe}: {}",
        claim.id,
        claim.kind.name(),
        claim.form.name(),
        clean(&one_line(claim.text.trim()))
    )
}
