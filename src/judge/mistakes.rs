//! Findings about claims: what is said, what was observed, and what to write instead.

use similar::{DiffTag, TextDiff};

use super::OnPython;
use super::finding::{Code, Finding, Severity};
use super::fix::{self, Fix};
use super::given::Given;
use super::observed::Observed;
use super::verdict::{Decision, Verdict};
use crate::claims::{Certainty, Claim, Form, Kind, Meaning};
use crate::guide::Guide;
use crate::python::Versions;

/// The finding about a claim; none where it is false on no Python. `origin` is the claim that it repeats.
pub fn finding(
    guide: &Guide,
    claim: &Claim,
    verdicts: &[(OnPython<'_>, &Verdict)],
    origin: Option<&Claim>,
) -> Option<Finding> {
    let is_false = |(_, verdict): &&(OnPython<'_>, &Verdict)| verdict.decision == Decision::False;
    let mistaken: Vec<_> = verdicts.iter().filter(is_false).collect();
    let (_, first) = mistaken.first()?;
    let given = Given::of(verdicts);
    // What is to be written must be so on each of them.
    let fix = first.actual.as_ref().filter(|_| !given.differs());
    let fix = fix.and_then(|observed| fix::fix(guide, claim, observed, origin));
    let found = match (&claim.meaning, origin) {
        (Meaning::Restates(_), Some(origin)) => restated(claim, origin, &given.in_a_line()),
        (Meaning::Version(versions), _) => of_versions(claim, *versions, verdicts),
        _ if given.differs() => differing_claim(guide, claim, &given),
        _ => {
            let actual = first.actual.as_ref().map(Observed::to_string).unwrap_or_default();
            false_claim(guide, claim, &actual, fix.as_ref())
        }
    };
    let severity = match claim.certainty {
        Certainty::Implied => Severity::Warning,
        Certainty::Explicit => found.code.severity(),
    };
    let mut found = found.severity(severity).in_snippet(claim.snippet);
    found.claim = Some(claim.id.clone());
    found.fix = fix;
    Some(found.on(mistaken.iter().map(|(on, _)| on.index)))
}

fn false_claim(guide: &Guide, claim: &Claim, actual: &str, fix: Option<&Fix>) -> Finding {
    let (expected, shown) = (one_line(said(claim, actual)), one_line(actual));
    let message = match claim.kind {
        Kind::Raises => format!("this does not raise `{expected}`: {shown}"),
        _ if claim.meaning == Meaning::Silent => {
            format!("the guide says that nothing is printed, Python prints `{shown}`")
        }
        Kind::Effect => format!("this is not what happens: {shown}"),
        _ if actual.is_empty() => format!("the guide says `{expected}`, and nothing is printed"),
        _ => format!("the guide says `{expected}`, Python says `{shown}`"),
    };
    let help =
        fix.map_or_else(|| "say what really happens here".to_owned(), |fix| instead(guide, claim, fix));
    let near = (claim.certainty == Certainty::Implied).then(|| differing(&expected, &shown)).flatten();
    let help = near.map_or(help.clone(), |words| format!("{help}\nwhat differs: {words}"));
    at_its_code(guide, claim, message, help).label(format!("observed: {shown}"))
}

/// A claim about something that is not the same on each of the Pythons.
fn differing_claim(guide: &Guide, claim: &Claim, given: &Given) -> Finding {
    let expected = one_line(said(claim, given.first()));
    let message = format!("the guide says `{expected}`, Python says {}", given.in_a_line());
    let say = match given.holds_for() {
        Some(versions) => format!("say for which it is meant: `{expected} in {versions}`"),
        None => "say for which version it is meant, or leave the value out".to_owned(),
    };
    let help = format!("{}\n{say}", given.as_table());
    at_its_code(guide, claim, message, help).label("this depends on the version of Python")
}

/// A finding that shows also the code which the claim is about, where that stands elsewhere.
fn at_its_code(guide: &Guide, claim: &Claim, message: String, help: String) -> Finding {
    let found = Finding::new(Code::FalseClaim, claim.span, message, help);
    let elsewhere = !matches!(claim.meaning, Meaning::Evaluates { .. });
    let Some(target) = claim.targets.first().filter(|target| elsewhere && !target.whole) else {
        return found;
    };
    let line = guide.snippets[claim.snippet].guide_line(target.lines.0);
    match (claim.lines.0..=claim.lines.1).contains(&line) {
        true => found,
        false => found.related(line, "the claim is about this"),
    }
}

/// A claim about versions that some Pythons contradict.
fn of_versions(claim: &Claim, versions: Versions, verdicts: &[(OnPython<'_>, &Verdict)]) -> Finding {
    let against = verdicts.iter().filter(|(_, verdict)| verdict.decision == Decision::False);
    let seen = against.map(|(on, verdict)| {
        let shown = verdict.actual.as_ref().map(Observed::to_string).unwrap_or_default();
        match versions.contains(on.version) {
            true => format!("{} raises {shown}", on.id),
            false => format!("{shown} on {} too", on.id),
        }
    });
    let seen = one_line(&seen.collect::<Vec<_>>().join(", "));
    let help = "name the version in which the code begins to work, or stops working";
    Finding::new(Code::VersionClaim, claim.span, format!("the guide says {versions}, and {seen}"), help)
        .label(seen)
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
    let help = format!("line {} shows {actual}", origin.lines.0);
    Finding::new(Code::RestatedClaim, claim.span, message, help)
        .label(format!("observed: {actual}"))
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
