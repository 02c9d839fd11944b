//! Changes one detail of each claim that holds and reports the changes that verify does not notice:
//! `cargo run --release --example mutants -- GUIDE...`.
//!
//! A mutant is one claim with a digit, an element, the order, a letter's case, the content of quotes, an
//! exception's name or a line changed. All mutants of one kind are made at once: comments do not change
//! what code does. Exit code 1 where a mutant survives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use verify::check::{self, Document, Options};
use verify::claims::{Certainty, Claim, Kind};
use verify::judge::{Code, Decision};
use verify::report::GuideReport;
use verify::run::protocol::WORKER;

/// A way to change one detail of a line, which may be one of several; none where it has no such detail.
type Mutation = (&'static str, fn(&str, bool) -> Option<String>);

const MUTATIONS: [Mutation; 9] = [
    ("digit", digit),
    ("constant", constant),
    ("order", order),
    ("element", element),
    ("case", case),
    ("quoted", quoted),
    ("exception", exception),
    ("word", word),
    ("line", line),
];

fn main() -> anyhow::Result<ExitCode> {
    if std::env::args().nth(1).as_deref() == Some(WORKER) {
        return Ok(verify::cli::run());
    }
    let thread = std::thread::Builder::new().stack_size(check::STACK);
    let survived =
        thread.spawn(|| guides(std::env::args().skip(1).map(PathBuf::from)))?.join().expect("no panic")?;
    Ok(ExitCode::from(u8::from(survived > 0)))
}

/// Prints what became of the mutants of each guide; returns how many survived.
fn guides(paths: impl Iterator<Item = PathBuf>) -> anyhow::Result<usize> {
    let (mut all, mut survived) = (0, 0);
    for path in paths {
        let (of, left) = guide(&path)?;
        println!("{}: {left} of {of} mutants survive", path.display());
        (all, survived) = (all + of, survived + left);
    }
    println!("all: {survived} of {all} mutants survive");
    Ok(survived)
}

fn guide(path: &Path) -> anyhow::Result<(usize, usize)> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let document = read(path, &text)?;
    let report = checked(path, read(path, &text)?)?;
    let claims: Vec<_> = document.claims.iter().filter(|claim| is_firm(claim, &report)).collect();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (name, mutate) in MUTATIONS {
        let mutants = mutants(&document.guide.source.text, &claims, mutate);
        let changed = checked(path, read(path, &applied(&document.guide.source.text, &mutants))?)?;
        let survivors: Vec<_> = mutants.iter().filter(|mutant| !mutant.is_flagged(&changed)).collect();
        counts.insert(name, (mutants.len(), survivors.len()));
        for mutant in survivors {
            println!(
                "  {}:{} {name}: {} | {}",
                path.display(),
                mutant.claim.lines.0,
                mutant.shown(),
                mutant.why(&changed)
            );
        }
    }
    let total = |which: fn(&(usize, usize)) -> usize| counts.values().map(which).sum();
    Ok((total(|(of, _)| *of), total(|(_, left)| *left)))
}

fn read(path: &Path, text: &str) -> anyhow::Result<Document> {
    Document::new(path, text.as_bytes().to_vec(), None).map_err(anyhow::Error::msg)
}

fn checked(path: &Path, document: Document) -> anyhow::Result<GuideReport> {
    let report = check::check_documents(&[(path.to_owned(), Ok(document.into()))], &[], Options::default())?;
    report.guides.into_iter().next().context("one guide was checked")
}

/// Whether a claim is one by its shape and holds.
fn is_firm(claim: &Claim, report: &GuideReport) -> bool {
    let holds = |claim: &&verify::report::ClaimReport| claim.verdicts[0].verdict == Decision::Holds;
    let firm = claim.certainty == Certainty::Explicit && !claim.hedged;
    let own = !matches!(claim.kind, Kind::Version | Kind::Restated | Kind::Effect);
    firm && own && report.claims.iter().filter(holds).any(|reported| reported.id == claim.id)
}

/// One changed claim.
struct Mutant<'a> {
    claim: &'a Claim,
    /// Bytes of the guide that are replaced.
    range: (usize, usize),
    old: String,
    new: String,
    /// Bytes of the changed guide in which a finding would be about it.
    place: (usize, usize),
}

/// The mutants of one kind, at most one for each claim, none overlapping another.
fn mutants<'a>(
    text: &str,
    claims: &[&'a Claim],
    mutate: fn(&str, bool) -> Option<String>,
) -> Vec<Mutant<'a>> {
    let mut found: Vec<Mutant<'_>> = Vec::new();
    let mut moved = 0i64;
    for claim in claims {
        let words = &text[claim.span.0..claim.span.1];
        // What is shown over several lines is found by one of them.
        let lines: Vec<_> = claim.expected.lines().filter(|line| !line.trim().is_empty()).collect();
        let pick =
            |line: &&str| Some((words.rfind(*line)?, (*line).to_owned(), mutate(line, lines.len() > 1)?));
        let Some((at, old, new)) = lines.iter().rev().find_map(pick) else { continue };
        let start = claim.span.0 + at;
        if new == old || found.last().is_some_and(|last| last.range.1 > claim.span.0) {
            continue;
        }
        let grown = new.len() as i64 - old.len() as i64;
        let shifted = |at: usize, by: i64| (at as i64 + by) as usize;
        let place = (shifted(claim.span.0, moved), shifted(claim.span.1, moved + grown));
        moved += grown;
        found.push(Mutant { claim, range: (start, start + old.len()), old, new, place });
    }
    found
}

fn applied(text: &str, mutants: &[Mutant<'_>]) -> String {
    let mut changed = String::new();
    let mut at = 0;
    for mutant in mutants {
        changed += &text[at..mutant.range.0];
        changed += &mutant.new;
        at = mutant.range.1;
    }
    changed + &text[at..]
}

impl Mutant<'_> {
    fn is_flagged(&self, report: &GuideReport) -> bool {
        let mistake = |code| matches!(code, Code::FalseClaim | Code::RestatedClaim | Code::SyntaxError);
        let here = |span: (usize, usize)| span.0 < self.place.1 && self.place.0 < span.1;
        report.findings.iter().any(|finding| mistake(finding.code) && here(finding.span))
    }

    fn shown(&self) -> String {
        format!("`{}` for `{}`", self.new.replace('\n', "⏎"), self.old)
    }

    /// What became of the claim instead.
    fn why(&self, report: &GuideReport) -> String {
        let now = report.claims.iter().find(|claim| claim.lines.0 == self.claim.lines.0);
        now.map_or_else(
            || "no claim any more".to_owned(),
            |claim| {
                let verdict = &claim.verdicts[0];
                format!("{:?} {}", verdict.verdict, verdict.reason.as_deref().unwrap_or_default())
            },
        )
    }
}

/// Replaces the piece of a text at a byte range.
fn replaced(text: &str, range: std::ops::Range<usize>, new: &str) -> String {
    format!("{}{new}{}", &text[..range.start], &text[range.end..])
}

/// The last digit becomes the next one. One inside a name or an address tells nothing.
fn digit(text: &str, _: bool) -> Option<String> {
    let alone = |at: &usize| !text[..*at].ends_with(|c: char| c.is_alphabetic() || c == '_');
    let digits = text.match_indices(|c: char| c.is_ascii_digit());
    let (at, digit) = digits.rev().find(|(at, _)| alone(at) && !text.contains("0x"))?;
    let next = (digit.parse::<u8>().ok()? + 1) % 10;
    Some(replaced(text, at..at + 1, &next.to_string()))
}

fn constant(text: &str, _: bool) -> Option<String> {
    let swaps = [("True", "False"), ("False", "True"), ("None", "0")];
    swaps.iter().find_map(|(old, new)| text.find(old).map(|at| replaced(text, at..at + old.len(), new)))
}

/// The first two items of a list or tuple change places.
fn order(text: &str, _: bool) -> Option<String> {
    let (open, rest) = text.split_once(['[', '('])?;
    let (items, close) = rest.split_once([']', ')'])?;
    let mut items: Vec<_> = items.split(", ").collect();
    let plain = !items.iter().any(|item| item.contains(['[', '{', '(', ':', '=']) || item.contains("..."));
    if items.len() < 2 || items[0] == items[1] || !plain || open.contains('{') {
        return None;
    }
    items.swap(0, 1);
    let (start, end) = (open.len() + 1, text.len() - close.len() - 1);
    Some(replaced(text, start..end, &items.join(", ")))
}

/// The first item of a display is left out.
fn element(text: &str, _: bool) -> Option<String> {
    let open = text.find(['[', '(', '{'])?;
    let comma = open + text[open..].find(", ")?;
    let plain = !text[open + 1..comma].contains(['[', '{', '(', '\'', '"', '.']);
    plain.then(|| replaced(text, open + 1..comma + 2, ""))
}

/// The first letter inside quotes changes its case.
fn case(text: &str, _: bool) -> Option<String> {
    inside_quotes(text, |letter| match letter.is_lowercase() {
        true => letter.to_ascii_uppercase(),
        false => letter.to_ascii_lowercase(),
    })
}

/// The first letter inside quotes becomes another.
fn quoted(text: &str, _: bool) -> Option<String> {
    inside_quotes(text, |letter| if letter == 'q' { 'z' } else { 'q' })
}

fn inside_quotes(text: &str, change: fn(char) -> char) -> Option<String> {
    let quote = text.find(['\'', '"'])?;
    let letter = text[quote + 1..].chars().next().filter(char::is_ascii_alphabetic)?;
    Some(replaced(text, quote + 1..quote + 2, &change(letter).to_string()))
}

fn exception(text: &str, _: bool) -> Option<String> {
    let swaps = [
        ("IndexError", "KeyError"),
        ("KeyError", "IndexError"),
        ("ValueError", "TypeError"),
        ("TypeError", "ValueError"),
        ("AttributeError", "NameError"),
        ("NameError", "AttributeError"),
        ("ZeroDivisionError", "OverflowError"),
    ];
    swaps.iter().find_map(|(old, new)| text.strip_prefix(old).map(|rest| format!("{new}{rest}")))
}

/// The last letter of the last bare word becomes the next in the alphabet.
fn word(text: &str, _: bool) -> Option<String> {
    let bare = !text.contains(['\'', '"', '[', '{', '(', '<', '.', '…']) && !text.contains("Error");
    let end = text.trim_end().len();
    let last = text[..end].chars().next_back().filter(|c| c.is_ascii_lowercase() && bare)?;
    let long = text.split_whitespace().next_back().is_some_and(|word| word.len() > 2);
    let next = if last == 'z' { 'a' } else { (last as u8 + 1) as char };
    long.then(|| replaced(text, end - 1..end, &next.to_string()))
}

/// One of several lines is left blank.
fn line(text: &str, several: bool) -> Option<String> {
    (several && !text.trim().is_empty()).then(String::new)
}
