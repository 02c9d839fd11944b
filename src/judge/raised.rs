//! Claims that something raises.

use std::sync::LazyLock;

use regex::Regex;

use super::equal::printed_whole;
use super::observed::Observed;
use super::shown::{actual, shows_one};
use super::verdict::{Evidence, NOTHING_RAISED, Verdict, output};
use crate::claims::{Claim, Exception, Target};
use crate::guide::Guide;
use crate::run::{Execution, Failure};

/// Judges a claim that one of its places raises an exception.
pub fn raised(
    claim: &Claim,
    target: &Target,
    exception: &Exception,
    executions: &[Execution],
    evidence: &Evidence<'_>,
) -> Verdict {
    let head = claim.head_around(target).map(|line| evidence.first_line + line);
    let here = |failure: &&Failure| head.is_none() || failure.lines.last().copied() == head;
    let caught = executions.iter().filter_map(|execution| execution.caught.as_ref()).filter(here);
    let caught: Vec<_> = caught.collect();
    if caught.iter().any(|failure| is_exception(exception, failure, evidence)) {
        return Verdict::new(true, Observed::Raised(caught[0].clone()));
    }
    // The words may as well be what is printed (`print(type(e).__name__)`) or the value (`type(e)`).
    let readings = [claim.text.trim().to_owned(), claim.expected.clone()];
    let shown = |execution: &Execution| {
        let (out, err) = output(execution, evidence);
        let bare = |text: &str| text.replace(':', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        readings.iter().any(|reading| {
            shows_one(reading, false, execution, evidence)
                || err.contains(reading.as_str())
                || out.lines().any(|line| bare(line) == bare(reading))
        })
    };
    if executions.iter().any(shown) {
        return Verdict::new(true, actual(true, executions, evidence));
    }
    let class = |failure: &&&Failure| exception.name.as_ref().is_some_and(|name| failure.is_a(name));
    if let Some(failure) = caught.iter().find(class)
        && !is_raised_by_guide(failure, evidence.guide)
        && exception.message.as_ref().is_some_and(|message| is_worded_otherwise(message, &failure.message))
    {
        let reason = "needs interpreter: this Python words the message otherwise";
        let actual = Some(Observed::Raised((*failure).clone()));
        return Verdict { actual, ..Verdict::undecided(reason) };
    }
    match caught.first() {
        Some(failure) => Verdict::new(false, Observed::Raised((*failure).clone())),
        None => Verdict::remarked(false, NOTHING_RAISED),
    }
}

/// Whether this is the exception that was named. Python's own messages differ between versions: most
/// of the words must be the same. Those that the guide's code raises are its own.
pub fn is_exception(named: &Exception, seen: &Failure, evidence: &Evidence<'_>) -> bool {
    let class = named.name.as_ref().is_none_or(|name| seen.is_a(name) || is_alias(name, named, seen));
    let own = is_raised_by_guide(seen, evidence.guide);
    let same = |message: &String| {
        let (claimed, seen) = (message.trim(), seen.message.trim());
        if own { is_own_message(claimed, seen) } else { is_message(claimed, seen) }
    };
    class && named.message.as_ref().is_none_or(same)
}

/// A name that a library gives to another exception: the message is the same to the letter.
fn is_alias(name: &str, named: &Exception, seen: &Failure) -> bool {
    let message = named.message.as_deref().unwrap_or_default().trim();
    !crate::python::is_builtin(name) && !message.is_empty() && message == seen.message.trim()
}

/// Whether the last of the guide's lines in a traceback is a `raise` statement.
pub fn is_raised_by_guide(seen: &Failure, guide: &Guide) -> bool {
    let line = seen.lines.last().or(seen.line.as_ref());
    line.is_some_and(|line| guide.source.line_text(*line).contains("raise "))
}

/// A message of the guide's own code, whole or cut off at the end.
fn is_own_message(claimed: &str, seen: &str) -> bool {
    let bare = claimed.trim_end_matches(['.', '!', '…']);
    let cut = bare.split_whitespace().count() > 2 && seen.starts_with(bare);
    cut || printed_whole(claimed, seen)
        || ["...", "…"].contains(&claimed)
        || seen.lines().next() == Some(claimed)
}

static DETAIL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:^|[\s(=\[])'(?P<quoted>[^']*)'|\d+").expect("valid"));
/// Words that name what an operation is on: another one is another message.
const KINDS: [&str; 12] =
    ["str", "string", "list", "tuple", "dict", "set", "int", "integer", "float", "bytes", "bool", "nonetype"];

/// Of so many words one that is another is no matter of the version.
const LONG_MESSAGE: usize = 5;

/// Whether one word differs by a letter or two: no version of Python does that.
fn has_slip(claimed: &str, seen: &str) -> bool {
    let (a, b): (Vec<_>, Vec<_>) = (claimed.split_whitespace().collect(), seen.split_whitespace().collect());
    let differing: Vec<_> = a.iter().zip(&b).filter(|(a, b)| a != b).collect();
    let letters = |a: &str, b: &str| a.chars().zip(b.chars()).filter(|(a, b)| a != b).count();
    match differing[..] {
        [(a_word, b_word)] if a.len() == b.len() => {
            let slip = a_word.chars().count() == b_word.chars().count() && letters(a_word, b_word) <= 2;
            let plain = |word: &str| word.chars().all(char::is_alphabetic);
            slip || (a.len() >= LONG_MESSAGE && plain(a_word) && plain(b_word))
        }
        _ => false,
    }
}

/// Whether two messages have so little in common that they may be one in the words of two versions.
fn is_worded_otherwise(claimed: &str, seen: &str) -> bool {
    const LITTLE: f32 = 0.6;
    let (claimed, seen) = (claimed.to_lowercase(), seen.to_lowercase());
    !has_slip(&claimed, &seen) && similar::TextDiff::from_words(&claimed, &seen).ratio() < LITTLE
}

/// Whether two messages say the same in the words of two versions: the details must be there.
fn is_message(claimed: &str, seen: &str) -> bool {
    let (lower, seen_lower) = (claimed.to_lowercase(), seen.to_lowercase());
    if has_slip(&lower, &seen_lower) {
        return false;
    }
    let inside =
        |detail: regex::Captures<'_>| seen.contains(detail.name("quoted").map_or(&detail[0], |m| m.as_str()));
    let kinds = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
        words.filter(|word| KINDS.contains(&word.as_str())).collect()
    };
    let details = DETAIL.captures_iter(claimed).all(inside)
        && kinds(&lower).iter().all(|kind| kinds(&seen_lower).contains(kind));
    if ["...", "…"].contains(&claimed) {
        return true;
    }
    // A remark may follow the message, apart from it.
    let followed = |rest: &str| {
        rest.starts_with([',', ';', '(', '.']) || rest.starts_with(" (") || rest.starts_with(" -")
    };
    (details && seen_lower.contains(&lower))
        || seen.lines().next().is_some_and(|first| printed_whole(claimed, first))
        || (!seen.is_empty() && lower.strip_prefix(&seen_lower).is_some_and(followed))
        || printed_whole(claimed, seen)
        || (details && similar::TextDiff::from_words(&lower, &seen_lower).ratio() > 0.6)
}

/// Whether a name is that of an exception that keeps code from compiling.
pub fn is_syntax_error(name: &str) -> bool {
    ["SyntaxError", "IndentationError", "TabError"].contains(&name)
}
