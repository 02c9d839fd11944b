//! What became of claims, to stand beside them.

use std::fmt::Write;

use super::View;
use super::notes::{Given, Note, decided, given};
use super::text::{Plain, brief};
use crate::report::ClaimReport;

/// Characters of a line with its marks that fit into a page. Marks of longer ones stand below their line.
const WIDTH: usize = 100;

/// Writes the marks of a line of code, and where what was never tried begins.
pub fn write(
    text: &str,
    notes: &[Note<'_>],
    begins_rest: bool,
    view: View<'_>,
    to: &mut String,
) -> std::fmt::Result {
    let claims = notes.iter().filter_map(|note| if let Note::Claim(it) = note { Some(*it) } else { None });
    let marks: Vec<_> = claims.map(Mark::of).collect();
    if marks.is_empty() && !begins_rest {
        return Ok(());
    }
    let length = text.chars().count() + marks.iter().map(Mark::length).sum::<usize>();
    to.push_str(if length > WIDTH { "<span class=\"marks below\">" } else { "<span class=\"marks\">" });
    marks.iter().try_for_each(|mark| mark.write(view, to))?;
    to.push_str(if begins_rest {
        "<span class=\"mark unrun\">○ never tried</span></span>"
    } else {
        "</span>"
    });
    Ok(())
}

/// Writes the mark of a claim that stands on no line of code.
pub fn write_one(claim: &ClaimReport, view: View<'_>, to: &mut String) -> std::fmt::Result {
    Mark::of(claim).write(view, to)
}

struct Mark<'a> {
    claim: &'a ClaimReport,
    sign: &'static str,
    word: &'static str,
    /// What is said besides, each with the element that it stands in.
    parts: Vec<(&'static str, String)>,
}

impl<'a> Mark<'a> {
    fn of(claim: &'a ClaimReport) -> Mark<'a> {
        let (sign, word) = decided(claim.decision());
        let given = given(claim);
        let parts = given.iter().enumerate().flat_map(|(index, given)| parts(claim, given, index)).collect();
        Mark { claim, sign, word, parts }
    }

    fn length(&self) -> usize {
        self.word.len() + self.parts.iter().map(|(_, text)| text.chars().count() + 2).sum::<usize>()
    }

    fn write(&self, view: View<'_>, to: &mut String) -> std::fmt::Result {
        let Mark { claim, sign, word, parts } = self;
        let id = format!("{}c-{}", view.prefix(), claim.id);
        write!(to, "<span class=\"mark {word}\" id=\"{}\" tabindex=\"-1\"><b>{sign} {word}</b>", Plain(&id))?;
        for (element, text) in parts {
            write!(to, " <{element}>{}</{element}>", Plain(text))?;
        }
        to.push_str("</span>");
        Ok(())
    }
}

/// What a verdict says besides its word.
fn parts(claim: &ClaimReport, given: &Given<'_>, index: usize) -> Vec<(&'static str, String)> {
    let verdict = given.verdict;
    let mut parts = Vec::new();
    if !given.pythons.is_empty() {
        let dot = if index == 0 { "" } else { "· " };
        let (_, word) = decided(verdict.verdict);
        parts.push(("em", format!("{dot}{}: {word}", given.pythons.join(", "))));
    }
    let seen = verdict.actual.as_deref().map(str::trim).filter(|seen| !seen.is_empty());
    // What is to be read right before it need not be read twice.
    if let Some(seen) = seen.filter(|seen| ![claim.expected.trim(), claim.text.trim()].contains(seen)) {
        parts.push(("i", "observed".to_owned()));
        parts.push(("samp", brief(seen)));
    }
    parts.extend(verdict.reason.as_deref().map(|reason| ("i", brief(reason))));
    parts
}
