//! Findings about claims: what is said, what was observed, and what to write instead.

use super::finding::{Code, Finding, Severity};
use super::verdict::{Decision, Verdict};
use crate::claims::{Certainty, Claim, Form, Kind, Meaning};
use crate::guide::Guide;

/// The finding about a claim's verdict; none for one that holds or could not be decided.
pub fn finding(guide: &Guide, claim: &Claim, verdict: &Verdict, origin: Option<&Claim>) -> Option<Finding> {
    if verdict.decision != Decision::False {
        return None;
    }
    let actual = verdict.actual.clone().unwrap_or_default();
    let found = match (&claim.meaning, origin) {
        (Meaning::Restates(_), Some(origin)) => restated(claim, origin, &actual),
        (Meaning::Version(versions), _) => {
            let message = format!("the guide says {versions}, and that is not so");
            Finding::new(Code::VersionClaim, claim.span, message, actual.clone())
        }
        _ => false_claim(guide, claim, &actual),
    };
    let severity = match claim.certainty {
        Certainty::Implied => Severity::Warning,
        Certainty::Explicit => found.code.severity(),
    };
    let mut found = found.severity(severity).in_snippet(claim.snippet);
    found.claim = Some(claim.id.clone());
    Some(found)
}

fn false_claim(guide: &Guide, claim: &Claim, actual: &str) -> Finding {
    let (expected, shown) = (one_line(said(claim, actual)), one_line(actual));
    let message = match claim.kind {
        Kind::Raises => format!("this does not raise `{expected}`: {shown}"),
        Kind::Effect => format!("this is not what happens: {shown}"),
        _ => format!("the guide says `{expected}`, Python says `{shown}`"),
    };
    let help = match claim.kind {
        Kind::Raises if actual == "nothing is raised" => "say what really happens here".to_owned(),
        Kind::Effect => "say what really happens here".to_owned(),
        Kind::Stdout if claim.lines.0 < claim.lines.1 => {
            format!("write what is printed:\n{}", printed_lines(claim, actual))
        }
        _ => format!("write `{}`", instead(claim, actual)),
    };
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

/// What the guide says, with the unit that the output has too: `72 bytes` against `120 bytes`.
fn said<'c>(claim: &'c Claim, actual: &str) -> &'c str {
    let shape = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let text = claim.text.trim();
    if shape(text) == shape(actual.trim()) { text } else { &claim.expected }
}

/// Output as the author shows it, line by line.
fn printed_lines(claim: &Claim, actual: &str) -> String {
    let mark = if matches!(claim.form, Form::Doctest | Form::OutputFence) { "" } else { "# " };
    actual.lines().take(20).map(|line| format!("{mark}{line}")).collect::<Vec<_>>().join("\n")
}

/// The comment (or the output) as it should read: the author's words around what was observed.
fn instead(claim: &Claim, actual: &str) -> String {
    let text = claim.text.trim();
    let shown = one_line(actual);
    let replaced = match &claim.meaning {
        Meaning::Evaluates { .. } if actual.lines().count() > 1 => {
            text.replacen(&claim.expected, &actual.lines().collect::<Vec<_>>().join(", "), 1)
        }
        _ if !claim.expected.is_empty() && text.contains(&claim.expected) => {
            self::replaced(text, &claim.expected, &shown)
        }
        _ => shown,
    };
    match claim.form {
        Form::Doctest | Form::OutputFence => one_line(&replaced),
        _ => format!("# {}", one_line(&replaced)),
    }
}

/// `text` with `expected` replaced; a unit that both have is not repeated.
fn replaced(text: &str, expected: &str, shown: &str) -> String {
    let rest = text.split_once(expected).map_or("", |(_, rest)| rest).trim();
    let shown = shown.strip_suffix(rest).filter(|_| !rest.is_empty()).map_or(shown, str::trim_end);
    text.replacen(expected, shown, 1)
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
