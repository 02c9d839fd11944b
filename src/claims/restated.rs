//! Numbers that prose and comments repeat from a claim: `the list (96 bytes)`.

use std::sync::LazyLock;

use regex::Regex;

use super::{Certainty, Claim, Form, Kind, Meaning};
use crate::guide::Guide;
use crate::python::{Code, Comment};

/// A number with the word behind it; one digit alone repeats by chance.
static QUANTITY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?P<quantity>\d[\d,.]*\d\s+\p{Alphabetic}{2,})\b").expect("valid"));

/// Names a claim until it has its id: by its place.
pub fn key(span: (usize, usize)) -> String {
    format!("@{}", span.0)
}

/// Repetitions, in the same block, of what `claims` show.
pub fn claims(guide: &Guide, codes: &[Code], claims: &[Claim]) -> Vec<Claim> {
    let comments: Vec<_> = codes.iter().map(Code::comments).collect();
    let mut found: Vec<Claim> = Vec::new();
    for claim in claims.iter().filter(|claim| is_quotable(claim)) {
        for quantity in QUANTITY.captures_iter(quotable(claim)) {
            for place in repetitions(guide, &comments, claim, &quantity["quantity"]) {
                let firm = claims.iter().filter(|claim| claim.certainty == Certainty::Explicit);
                let taken =
                    firm.chain(&found).any(|other| other.span.0 <= place.1 && place.0 <= other.span.1);
                if !taken {
                    found.push(restated(guide, claim, &quantity["quantity"], place));
                }
            }
        }
    }
    found
}

/// What a claim shows, with the unit behind its number.
fn quotable(claim: &Claim) -> &str {
    let unit =
        claim.text.find(&claim.expected).filter(|_| claim.expected.ends_with(|c: char| c.is_ascii_digit()));
    unit.map_or(&claim.expected, |at| &claim.text[at..])
}

fn is_quotable(claim: &Claim) -> bool {
    claim.certainty == Certainty::Explicit && matches!(claim.kind, Kind::Stdout | Kind::Value)
}

/// Guide bytes at which a quantity stands again: in comments of the block's snippets and in its prose.
fn repetitions(
    guide: &Guide,
    comments: &[Vec<Comment>],
    claim: &Claim,
    quantity: &str,
) -> Vec<(usize, usize)> {
    let block = &guide.snippets[claim.snippet].block;
    let mut places = Vec::new();
    for (snippet, comments) in
        guide.snippets.iter().zip(comments).filter(|(snippet, _)| snippet.block == *block)
    {
        for comment in comments {
            places.extend(inside(&comment.text, quantity).map(|(start, end)| {
                (snippet.guide_offset(comment.start + start), snippet.guide_offset(comment.start + end))
            }));
        }
    }
    for line in prose(guide, block) {
        let start = guide.source.line_start(line);
        places.extend(inside(guide.source.line_text(line), quantity).map(|(a, b)| (start + a, start + b)));
    }
    places
}

fn inside<'t>(text: &'t str, quantity: &'t str) -> impl Iterator<Item = (usize, usize)> + 't {
    let alone = |at: &usize| {
        let before = text[..*at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '.');
        before && text[at + quantity.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric())
    };
    text.match_indices(quantity).map(|(at, _)| at).filter(alone).map(|at| (at, at + quantity.len()))
}

/// The lines of a block that are not code.
fn prose<'g>(guide: &'g Guide, label: &str) -> impl Iterator<Item = usize> + 'g {
    let index = guide.blocks.iter().position(|block| block.label == label).unwrap_or(0);
    let first = guide.blocks[index].line;
    let last = guide.blocks.get(index + 1).map_or(guide.source.line_count() + 1, |next| next.line);
    let code = |line: &usize| {
        let in_snippet = guide.snippets.iter().any(|s| (s.opening..=s.lines.1).contains(line));
        let in_fence = guide.others.iter().any(|fence| {
            fence.lines.first().is_some_and(|f| f.0 <= *line)
                && fence.lines.last().is_some_and(|l| *line <= l.0)
        });
        in_snippet || in_fence
    };
    (first..last).filter(move |line| !code(line))
}

fn restated(guide: &Guide, claim: &Claim, quantity: &str, span: (usize, usize)) -> Claim {
    let line = guide.source.line(span.0);
    Claim {
        lines: (line, line),
        kind: Kind::Restated,
        form: Form::Prose,
        text: guide.source.line_text(line).trim().to_owned(),
        expected: quantity.to_owned(),
        span,
        meaning: Meaning::Restates(key(claim.span)),
        ..claim.clone()
    }
}
