//! What to write in the place of a false claim, in its author's manner.
//!
//! A fix is proposed only where the words with it would be understood to say what was observed. What
//! is not a matter of the value (nothing is raised, a version) has no fix.

mod block;
mod spelling;

use super::equal::printed;
use super::near::alike;
use super::observed::Observed;
use crate::claims::{Claim, Form, Meaning, Says};
use crate::guide::Guide;
use crate::python::literal;
use crate::run::{Failure, Seen};
use crate::value::Value;

/// A replacement in the guide.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// Guide bytes, end exclusive.
    pub span: (usize, usize),
    /// What to write there.
    pub replacement: String,
}

/// The fix of a false claim. `origin` is the claim that a repetition repeats.
pub fn fix(guide: &Guide, claim: &Claim, observed: &Observed, origin: Option<&Claim>) -> Option<Fix> {
    match (&claim.meaning, observed) {
        (Meaning::Restates(_), _) => restated(guide, claim, origin?, observed),
        (Meaning::Shows(_) | Meaning::ShowsLine { .. }, Observed::Output(text)) => output(guide, claim, text),
        (Meaning::Shows(_), Observed::Values(seen)) => values(guide, claim, seen),
        (Meaning::Names(claimed), Observed::Names(names)) => named(guide, claim, claimed, names),
        (Meaning::Evaluates { says: Says::Equals(old) | Says::Prints(old), .. }, Observed::Values(seen)) => {
            within(guide, claim, old, &spelling::value(seen.last()?, old))
        }
        (Meaning::Evaluates { says: Says::Equals(old) | Says::Prints(old), .. }, Observed::Output(text)) => {
            within(guide, claim, old, &one_line(text, old)?)
        }
        (Meaning::Raises(_) | Meaning::Evaluates { .. }, Observed::Raised(failure)) => {
            raised(guide, claim, failure)
        }
        (Meaning::Effect(effect), Observed::Item(item, _)) => within(guide, claim, &effect.item, item),
        _ => None,
    }
}

/// Whether a claim shows output under lines of its own, however many there are.
fn is_block(claim: &Claim) -> bool {
    claim.lines.0 < claim.lines.1
        || matches!(claim.form, Form::Header | Form::Doctest | Form::OutputFence | Form::Uncommented)
}

fn output(guide: &Guide, claim: &Claim, text: &str) -> Option<Fix> {
    if text.trim().is_empty() {
        return None;
    }
    if is_block(claim) && !matches!(claim.meaning, Meaning::ShowsLine { .. }) {
        let text = text.trim_end_matches('\n');
        let one = !text.contains('\n');
        let new = if one { spelling::line(text, &claim.expected) } else { text.to_owned() };
        return block::rewritten(guide, claim, &new);
    }
    // The words may be the output as a whole, or hold it: whichever is more like it is replaced.
    let mut readings = readings(claim);
    readings.sort_by(|a, b| alike(b, text).total_cmp(&alike(a, text)));
    readings.iter().find_map(|old| {
        let new = one_line(text, old).filter(|new| printed(new, text))?;
        within(guide, claim, old, &new)
    })
}

/// The texts in a claim's words that may be what it shows.
fn readings(claim: &Claim) -> Vec<&str> {
    let mut found = vec![claim.expected.as_str()];
    if let Meaning::Shows(readings) = &claim.meaning {
        let inside = readings.iter().filter(|reading| claim.text.contains(reading.as_str()));
        found.extend(inside.map(String::as_str));
    }
    found.dedup();
    found
}

/// Output where the author wrote one line.
fn one_line(output: &str, written: &str) -> Option<String> {
    let text = output.trim_end();
    if text.contains('\n') { spelling::one_of(text, written) } else { Some(spelling::line(text, written)) }
}

fn values(guide: &Guide, claim: &Claim, seen: &[Seen]) -> Option<Fix> {
    let last = seen.last()?;
    if seen.iter().all(|other| other.repr == last.repr) {
        let new = spelling::value(last, &claim.expected);
        return match is_block(claim) {
            true => block::rewritten(guide, claim, &new),
            false => within(guide, claim, &claim.expected, &new),
        };
    }
    // Several executions: a row of values, else the last.
    let rows: Vec<_> = seen.iter().map(|seen| seen.repr.as_str()).collect();
    let new = spelling::one_of(&rows.join("\n"), &claim.expected)?;
    within(guide, claim, &claim.expected, &new)
}

/// Replaces the values of `li is now [1], n = 2` one after the other.
fn named(
    guide: &Guide,
    claim: &Claim,
    claimed: &[(String, String)],
    names: &[(String, Seen)],
) -> Option<Fix> {
    let text = words(guide, claim);
    let mut replaced = String::new();
    let mut at = 0;
    for ((name, old), (_, seen)) in claimed.iter().zip(names) {
        let value = at + text[at..].find(name.as_str())? + name.len();
        let value = value + text[value..].find(old.as_str())?;
        replaced += &text[at..value];
        replaced += &spelling::value(seen, old);
        at = value + old.len();
    }
    replaced += &text[at..];
    let again = claim.reread(&replaced).any(|meaning| matches!(meaning, Meaning::Names(_)));
    again.then_some(Fix { span: claim.span, replacement: replaced })
}

fn raised(guide: &Guide, claim: &Claim, failure: &Failure) -> Option<Fix> {
    let exception = match &claim.meaning {
        Meaning::Raises(exception) | Meaning::Evaluates { says: Says::Raises(exception), .. } => exception,
        _ => return None,
    };
    let name = exception.name.as_deref()?;
    let kind = if name.contains('.') { return None } else { failure.kind.as_str() };
    let text = words(guide, claim);
    let at = text.rfind(name)?;
    let headline = failure.headline();
    let new = if exception.message.is_some() { headline.lines().next()? } else { kind };
    if text[at + name.len()..].starts_with('(') {
        let end = at + text[at..].find(')')? + 1;
        let argument = literal(&failure.message).unwrap_or_else(|| Value::Str(failure.message.clone()));
        let new = format!("{kind}({argument})");
        let span = (claim.span.0 + at, claim.span.0 + end);
        return exception.message.is_some().then_some(Fix { span, replacement: new });
    }
    // A message goes to the end of its line.
    let end = match &exception.message {
        Some(message) => at + text[at..].find(message.lines().next()?)? + message.lines().next()?.len(),
        None => at + name.len(),
    };
    let replaced = format!("{}{new}{}", &text[..at], &text[end..]);
    let sound = is_block(claim)
        || claim.form == Form::InComment
        || claim
            .reread(&replaced)
            .any(|again| matches!(again, Meaning::Raises(_) | Meaning::Evaluates { .. }));
    let span = (claim.span.0 + at, claim.span.0 + end);
    sound.then(|| Fix { span, replacement: new.to_owned() })
}

/// A number that repeats a claim's becomes the number that was observed in the same place.
fn restated(guide: &Guide, claim: &Claim, origin: &Claim, observed: &Observed) -> Option<Fix> {
    let numbers = |text: &str| -> Vec<String> {
        let number = |part: &str| part.trim_matches(['.', ',']).to_owned();
        let parts = text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','));
        parts.map(number).filter(|part| !part.is_empty()).collect()
    };
    let old = numbers(&claim.expected).first()?.clone();
    let (said, seen) = (numbers(&origin.expected), numbers(&observed.to_string()));
    let at = said.iter().position(|number| *number == old).filter(|_| said.len() == seen.len())?;
    let within = words(guide, claim).find(&old)?;
    let span = (claim.span.0 + within, claim.span.0 + within + old.len());
    (seen[at] != old).then(|| Fix { span, replacement: seen[at].clone() })
}

/// The guide's own text of a claim.
fn words<'g>(guide: &'g Guide, claim: &Claim) -> &'g str {
    &guide.source.text[claim.span.0..claim.span.1]
}

/// Replaces `old` in a claim's words, at the first place where the words then say `new`.
fn within(guide: &Guide, claim: &Claim, old: &str, new: &str) -> Option<Fix> {
    let text = words(guide, claim);
    if old.is_empty() || old == new || new.contains('\n') {
        return None;
    }
    let stands_alone = matches!(claim.form, Form::Header | Form::Doctest | Form::OutputFence);
    let place = text.match_indices(old).map(|(at, _)| at).find(|at| {
        let replaced = format!("{}{new}{}", &text[..*at], &text[at + old.len()..]);
        stands_alone || claim.reread(&replaced).any(|meaning| says(&meaning, new))
    })?;
    let span = (claim.span.0 + place, claim.span.0 + place + old.len());
    Some(Fix { span, replacement: new.to_owned() })
}

/// Whether this is what a claim says.
fn says(meaning: &Meaning, text: &str) -> bool {
    match meaning {
        Meaning::Shows(readings) => readings.iter().any(|reading| reading == text),
        Meaning::ShowsLine { text: shown, .. } => shown == text,
        Meaning::Evaluates { says: Says::Equals(shown) | Says::Prints(shown), .. } => shown == text,
        Meaning::Effect(effect) => effect.item == text,
        _ => false,
    }
}
