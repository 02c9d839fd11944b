//! Numbers that prose and comments repeat from a claim: `the list (96 bytes)`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::{Certainty, Claim, Form, Kind, Meaning};
use crate::guide::Guide;
use crate::python::Code;

/// A number with the word behind it; one digit alone repeats by chance.
static QUANTITY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?P<quantity>\d[\d,.]*\d\s+\p{Alphabetic}{2,})\b").expect("valid"));

/// Names a claim until it has its id: by its place.
pub fn key(span: (usize, usize)) -> String {
    format!("@{}", span.0)
}

/// Repetitions, in the same block, of what `claims` show.
pub fn claims(guide: &Guide, codes: &[Code], claims: &[Claim]) -> Vec<Claim> {
    let shown = shown(guide, claims);
    if shown.is_empty() {
        return Vec::new();
    }
    let firm = Spans::of(claims.iter().filter(|claim| claim.certainty == Certainty::Explicit));
    let restated = |place: Place| {
        let claim = shown.get(&(place.block, place.quantity.as_str()))?;
        (!firm.touch(place.span)).then(|| restated(guide, claim, &place.quantity, place.span))
    };
    places(guide, codes).into_iter().filter_map(restated).collect()
}

/// The quantities that claims show, each in its block with the claim that shows it first.
fn shown<'a>(guide: &'a Guide, claims: &'a [Claim]) -> HashMap<(&'a str, &'a str), &'a Claim> {
    let mut shown = HashMap::new();
    for claim in claims.iter().filter(|claim| is_quotable(claim)) {
        let block = guide.snippets[claim.snippet].block.as_str();
        for (quantity, _) in quantities(quotable(claim)) {
            shown.entry((block, quantity)).or_insert(claim);
        }
    }
    shown
}

/// Quantities in a text, and where each starts.
fn quantities(text: &str) -> impl Iterator<Item = (&str, usize)> {
    QUANTITY.captures_iter(text).filter_map(|found| {
        let quantity = found.name("quantity")?;
        Some((quantity.as_str(), quantity.start()))
    })
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

/// A quantity somewhere in a block.
struct Place<'a> {
    block: &'a str,
    quantity: String,
    span: (usize, usize),
}

/// Every quantity of a guide's comments and prose.
fn places<'a>(guide: &'a Guide, codes: &[Code]) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    for (snippet, code) in guide.snippets.iter().zip(codes) {
        for comment in code.comments() {
            let at = |at: usize| snippet.guide_offset(comment.start + at);
            found.extend(quantities(&comment.text).map(|(quantity, start)| Place {
                block: &snippet.block,
                quantity: quantity.to_owned(),
                span: (at(start), at(start + quantity.len())),
            }));
        }
    }
    for (block, line) in prose(guide) {
        let line_start = guide.source.line_start(line);
        found.extend(quantities(guide.source.line_text(line)).map(|(quantity, start)| Place {
            block,
            quantity: quantity.to_owned(),
            span: (line_start + start, line_start + start + quantity.len()),
        }));
    }
    found
}

/// The lines that are not code, each with its block.
fn prose(guide: &Guide) -> impl Iterator<Item = (&str, usize)> {
    let snippets = guide.snippets.iter().map(|snippet| snippet.opening..=snippet.lines.1);
    let ends = |fence: &crate::guide::OtherFence| Some(fence.lines.first()?.0..=fence.lines.last()?.0);
    let code: HashSet<_> = snippets.chain(guide.others.iter().filter_map(ends)).flatten().collect();
    let ends = guide.blocks.iter().skip(1).map(|block| block.line).chain([guide.source.line_count() + 1]);
    let blocks = guide.blocks.iter().zip(ends);
    let lines = blocks.flat_map(|(block, end)| (block.line..end).map(|line| (block.label.as_str(), line)));
    lines.filter(move |(_, line)| !code.contains(line))
}

/// Places in a guide that may overlap, to be asked whether one of them touches another.
struct Spans {
    /// Where each starts, and the farthest end of it and those before it; by start.
    reach: Vec<(usize, usize)>,
}

impl Spans {
    fn of<'a>(claims: impl Iterator<Item = &'a Claim>) -> Spans {
        let mut reach: Vec<_> = claims.map(|claim| claim.span).collect();
        reach.sort_unstable();
        let mut farthest = 0;
        for (_, end) in &mut reach {
            farthest = farthest.max(*end);
            *end = farthest;
        }
        Spans { reach }
    }

    fn touch(&self, (start, end): (usize, usize)) -> bool {
        let before = self.reach.partition_point(|(other, _)| *other <= end);
        before.checked_sub(1).is_some_and(|last| self.reach[last].1 >= start)
    }
}

fn restated(guide: &Guide, claim: &Claim, quantity: &str, span: (usize, usize)) -> Claim {
    let line = guide.source.line(span.0);
    Claim {
        id: String::new(),
        lines: (line, line),
        snippet: claim.snippet,
        kind: Kind::Restated,
        form: Form::Prose,
        certainty: claim.certainty,
        text: guide.source.line_text(line).trim().to_owned(),
        expected: quantity.to_owned(),
        span,
        targets: claim.targets.clone(),
        meaning: Meaning::Restates(key(claim.span)),
        marked: claim.marked,
        hedged: claim.hedged,
        versions: claim.versions,
    }
}
