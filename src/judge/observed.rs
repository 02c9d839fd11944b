//! What was observed where a claim says something else.

use std::fmt;

use crate::run::{Failure, Seen};
use crate::value::Value;

/// What was observed, in the terms of the claim that it decides.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// What was printed.
    Output(String),
    /// The value; where the line ran several times, each.
    Values(Vec<Seen>),
    /// The values of the expressions that the claim names, in its order.
    Names(Vec<(String, Seen)>),
    /// The exception.
    Raised(Failure),
    /// The one item that was removed or added, and the whole difference in words.
    Item(String, String),
    /// Anything else, in words.
    Remark(String),
}

impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: Vec<String>| parts.join(", ");
        match self {
            Observed::Output(text) => write!(f, "{}", text.trim_end_matches('\n')),
            Observed::Values(seen) => write!(f, "{}", joined(seen.iter().map(shown).collect())),
            Observed::Names(names) => {
                let named = names.iter().map(|(name, seen)| format!("{name} = {}", seen.repr));
                write!(f, "{}", joined(named.collect()))
            }
            Observed::Raised(failure) => write!(f, "{}", failure.headline()),
            Observed::Item(_, text) | Observed::Remark(text) => write!(f, "{text}"),
        }
    }
}

/// Items of an iterator that are shown.
const MOST: usize = 20;

/// A value as a reader would want to see it: an iterator by its items.
fn shown(seen: &Seen) -> String {
    match items(seen) {
        Some(items) if items.len() > MOST => {
            let first: Vec<_> = items[..MOST].iter().map(Value::to_string).collect();
            format!("[{}, ...]", first.join(", "))
        }
        Some(items) => Value::List(items.to_vec()).to_string(),
        None => seen.repr.clone(),
    }
}

/// The items of an iterator or a view, whose repr does not show them.
pub fn items(seen: &Seen) -> Option<&[Value]> {
    seen.contents.as_deref().filter(|_| !seen.repr.starts_with(['[', '{', '(']))
}
