//! `verify list`: what a guide consists of, without running it.

use std::io::Write;
use std::path::PathBuf;

use crate::check::{Document, read};
use crate::claims::{Certainty, Claim};
use crate::config::Config;
use crate::judge::one_line;

/// Lists blocks, snippets and claims. Exit code 2 where a guide could not be read.
pub fn run(paths: &[(PathBuf, Option<Config>)], to: &mut dyn Write) -> anyhow::Result<u8> {
    let mut code = 0;
    for (path, config) in paths {
        match read(path, config.clone()) {
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
    for block in &guide.blocks {
        let snippets: Vec<_> =
            guide.snippets.iter().enumerate().filter(|(_, s)| s.block == block.label).collect();
        if snippets.is_empty() {
            continue;
        }
        writeln!(
            to,
            "  block {}{}",
            block.label,
            if block.title.is_empty() { String::new() } else { format!(": {}", block.title) }
        )?;
        for (index, snippet) in snippets {
            let kind = match (&snippet.session, snippet.fenced) {
                _ if snippet.skipped().is_some() => ", skipped",
                (Some(_), _) => ", session",
                (None, false) => ", outside any fence",
                _ => "",
            };
            writeln!(to, "    {} lines {}-{}{kind}", snippet.id, snippet.lines.0, snippet.lines.1)?;
            for claim in document.claims.iter().filter(|claim| claim.snippet == index) {
                writeln!(to, "      {}", line(claim))?;
            }
        }
    }
    Ok(())
}

fn line(claim: &Claim) -> String {
    let maybe = if claim.certainty == Certainty::Implied { " (if it matches)" } else { "" };
    format!(
        "{} {}, {}{maybe}: {}",
        claim.id,
        claim.kind.name(),
        claim.form.name(),
        one_line(claim.text.trim())
    )
}
