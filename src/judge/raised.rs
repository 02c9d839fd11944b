//! Claims that something raises.

use std::sync::LazyLock;

use regex::Regex;

use super::equal::printed_whole;
use super::observed::Observed;
use super::shown::{actual, shows_one};
use super::verdict::{Evidence, NOTHING_RAISED, Verdict, output};
use crate::claims::{Claim, Exception};
use crate::run::{Execution, Failure};

pub fn raised(
    claim: &Claim,
    exception: &Exception,
    executions: &[Execution],
    evidence: &Evidence<'_>,
) -> Verdict {
    let caught: Vec<_> = executions.iter().filter_map(|execution| execution.caught.as_ref()).collect();
    if caught.iter().any(|failure| is_exception(exception, failure)) {
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
    match caught.first() {
        Some(failure) => Verdict::new(false, Observed::Raised((*failure).clone())),
        None => Verdict::remarked(false, NOTHING_RAISED),
    }
}

/// Whether this is the exception that was named. Messages differ between versions of Python: most of
/// the words must be the same.
pub fn is_exception(named: &Exception, seen: &Failure) -> bool {
    let class = named.name.as_ref().is_none_or(|name| seen.is_a(name));
    class && named.message.as_ref().is_none_or(|message| is_message(message.trim(), seen.message.trim()))
}

static DETAIL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"'[^']*'|\d+").expect("valid"));

/// Whether one word differs by a letter or two: no version of Python does that.
fn has_slip(claimed: &str, seen: &str) -> bool {
    let (a, b): (Vec<_>, Vec<_>) = (claimed.split_whitespace().collect(), seen.split_whitespace().collect());
    let differing: Vec<_> = a.iter().zip(&b).filter(|(a, b)| a != b).collect();
    let letters = |a: &str, b: &str| a.chars().zip(b.chars()).filter(|(a, b)| a != b).count();
    match differing[..] {
        [(a_word, b_word)] if a.len() == b.len() => {
            a_word.chars().count() == b_word.chars().count() && letters(a_word, b_word) <= 2
        }
        _ => false,
    }
}

/// Whether two messages say the same in the words of two versions: the details must be there.
fn is_message(claimed: &str, seen: &str) -> bool {
    let (lower, seen_lower) = (claimed.to_lowercase(), seen.to_lowercase());
    if has_slip(&lower, &seen_lower) {
        return false;
    }
    let details = DETAIL.find_iter(claimed).all(|detail| seen.contains(detail.as_str()));
    seen_lower.contains(&lower)
        || (!seen.is_empty() && lower.contains(&seen_lower))
        || printed_whole(claimed, seen)
        || (details && similar::TextDiff::from_words(&lower, &seen_lower).ratio() > 0.6)
}

/// Whether a name is that of an exception that keeps code from compiling.
pub fn is_syntax_error(name: &str) -> bool {
    ["SyntaxError", "IndentationError", "TabError"].contains(&name)
}
