//! Findings about claims: what is said, what was observed, and what to write instead.

use similar::{DiffTag, TextDiff};

use super::finding::{Code, Finding, Severity};
use super::fix::{Fix, fix};
use super::observed::Observed;
use super::verdict::{Decision, Verdict};
use crate::claims::{Certainty, Claim, Form, Kind, Meaning};
use crate::guide::Guide;

/// The finding about a claim's verdict; none for one that holds or could not be decided.
pub fn finding(guide: &Guide, claim: &Claim, verdict: &Verdict, origin: Option<&Claim>) -> Option<Finding> {
    if verdict.decision != Decision::False {
        return None;
    }
    let actual = verdict.actual.as_ref().map(Observed::to_string).unwrap_or_default();
    let fix = verdict.actual.as_ref().and_then(|observed| fix(guide, claim, observed, origin));
    let found = match (&claim.meaning, origin) {
        (Meaning::Restates(_), Some(origin)) => restated(claim, origin, &actual),
        (Meaning::Version(versions), _) => {
            let message = format!("the guide says {versions}, and that is not so");
            Finding::new(Code::VersionClaim, claim.span, message, actual.clone())
        }
        _ => false_claim(guide, claim, &actual, fix.as_ref()),
    };
    let severity = match claim.certainty {
        Certainty::Implied => Severity::Warning,
        Certainty::Explicit => found.code.severity(),
    };
    let mut found = found.severity(severity).in_snippet(claim.snippet);
    found.claim = Some(claim.id.clone());
    found.fix = fix;
    Some(found)
}

fn false_claim(guide: &Guide, claim: &Claim, actual: &str, fix: Option<&Fix>) -> Finding {
    let (expected, shown) = (one_line(said(claim, actual)), one_line(actual));
    let message = match claim.kind {
        Kind::Raises => format!("this does not raise `{expected}`: {shown}"),
        Kind::Effect => format!("this is not what happens: {shown}"),
        _ if actual.is_empty() => format!("the guide says `{expected}`, and nothing is printed"),
        _ => format!("the guide says `{expected}`, Python says `{shown}`"),
    };
    let help =
        fix.map_or_else(|| "say what really happens here".to_owned(), |fix| instead(guide, claim, fix));
    let near = (claim.certainty == Certainty::Implied).then(|| differing(&expected, &shown)).flatten();
    let help = near.map_or(help.clone(), |words| format!("{help}\nwhat differs: {words}"));
    let mut found =
        Finding::new(Code::FalseClaim, claim.span, message, help).label(format!("observed: {shown}"));
    let elsewhere = !matches!(claim.meaning, Meaning::Evaluates { .. });
    if let Some(target) = claim.targets.first().filter(|target| elsewhere && !target.whole) {
        let line = guide.snippets[claim.snippet].guide_line(target.lines.0);
        if !(claim.lines.0..=claim.lines.1).contains(&line) {
            found = found.related(line, "the claim is about this");
        }
    }
    found
}

/// The words in which a near miss differs from what was observed, in their places.
fn differing(claimed: &str, seen: &str) -> Option<String> {
    const MOST: usize = 6;
    let diff = TextDiff::from_words(claimed, seen);
    let quoted = |words: String| match words.trim() {
        "" => "nothing".to_owned(),
        words => format!("`{words}`"),
    };
    let pair = |op: &similar::DiffOp| {
        let old = op.old_range().filter_map(|at| diff.old_slice(at)).collect();
        let new = op.new_range().filter_map(|at| diff.new_slice(at)).collect();
        format!("{} is {}", quoted(old), quoted(new))
    };
    let changes = diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal);
    let pairs: Vec<_> = changes.map(pair).collect();
    (!pairs.is_empty() && pairs.len() <= MOST).then(|| pairs.join(", "))
}

/// What the guide says, with the unit that the output has too: `72 bytes` against `120 bytes`.
fn said<'c>(claim: &'c Claim, actual: &str) -> &'c str {
    let shape = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let text = claim.text.trim();
    if shape(text) == shape(actual.trim()) { text } else { &claim.expected }
}

/// The claim as it reads with its fix.
fn instead(guide: &Guide, claim: &Claim, fix: &Fix) -> String {
    const MOST: usize = 20;
    let text = &guide.source.text;
    let (before, after) = (&text[claim.span.0.min(fix.span.0)..fix.span.0], &text[fix.span.1..]);
    let after = &after[..claim.span.1.saturating_sub(fix.span.1)];
    let fixed = format!("{before}{}{after}", fix.replacement);
    let mark = if matches!(claim.form, Form::Doctest | Form::OutputFence) { "" } else { "# " };
    match fixed.lines().count() {
        0 | 1 => format!("write `{}`", one_line(&format!("{mark}{fixed}"))),
        _ => {
            let lines = fixed.lines().take(MOST).map(|line| one_line(line.trim_start()));
            format!("write:\n{mark}{}", lines.collect::<Vec<_>>().join("\n"))
        }
    }
}

fn restated(claim: &Claim, origin: &Claim, actual: &str) -> Finding {
    let message = format!("`{}` repeats a claim that is false", claim.expected);
    let help = format!("line {} shows {}", origin.lines.0, one_line(actual));
    Finding::new(Code::RestatedClaim, claim.span, message, help)
        .label(format!("observed: {}", one_line(actual)))
        .related(origin.lines.0, "the claim it repeats")
}

/// Text on one line, line ends shown, cut where nobody reads on.
pub fn one_line(text: &str) -> String {
    const MOST: usize = 160;
    let line = text.trim_end().replace('\n', "⏎");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
