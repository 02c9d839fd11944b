//! Values inside sentences: `Creates [1, 4] all at once`, `li is now [1]`, `returns 1, q is now [2]`.

use super::shape::{is_display, is_number, value_prefix};
use super::understand::{Context, Understood, plain, shows};
use super::words::{CLAUSE, CONDITIONAL, RELATION, SEPARATOR, SUBJECT, UNIT, VERB, VERB_FIRST};
use super::{Certainty, Kind, Meaning};
use crate::python::expression;

/// The word for a container without items.
const EMPTY: &str = "empty";

/// A value after a verb that announces it.
pub fn in_sentence(text: &str, context: &Context<'_>) -> Option<Understood> {
    if let Some(verb) = VERB_FIRST.find(text)
        && let Some(value) = announced(&text[verb.end()..], verb.as_str(), context)
    {
        return Some(Understood { marked: true, ..shows(value, vec![value.to_owned()], context) });
    }
    let (value, certainty) = VERB.find_iter(text).find_map(|verb| {
        let value = announced(&text[verb.end()..], verb.as_str(), context)?;
        // With a subject of its own the verb may tell of something else: `length is now 1`.
        let own = SUBJECT.is_match(&text[..verb.start()]);
        Some((value, if own { Certainty::Explicit } else { Certainty::Implied }))
    })?;
    Some(Understood { certainty, ..shows(value, vec![value.to_owned()], context) })
}

/// The value that a text behind a verb starts with, where the sentence does not go on with it.
fn announced<'t>(rest: &'t str, verb: &str, context: &Context<'_>) -> Option<&'t str> {
    let contains = verb.to_lowercase().starts_with("contain");
    let (value, rest) = value_prefix(rest, context.known)?;
    let bare = !contains && (SEPARATOR.is_match(rest) || (is_number(value) && UNIT.is_match(rest)));
    (is_display(value) || bare).then_some(value)
}

/// `li is now [1]`, `x = 2, y = 1`, `now li is [1]`, `stack: [1, 2]`.
pub fn names(text: &str, context: &Context<'_>) -> Option<Understood> {
    let mut rest =
        text.strip_prefix("Now ").or(text.strip_prefix("now ")).or(text.strip_prefix("so ")).unwrap_or(text);
    let mut found: Vec<(String, String)> = Vec::new();
    while let Some((name, value, after)) = name_and_value(rest, context) {
        found.push((name.to_owned(), value.to_owned()));
        let next = after.trim_start_matches([',', ';', ' ']);
        let next = next.strip_prefix("and ").unwrap_or(next);
        if next.is_empty() || next == after {
            break;
        }
        rest = next;
    }
    let expected =
        found.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ");
    (!found.is_empty()).then(|| plain(Kind::Value, expected, Meaning::Names(found)))
}

/// One `name is value` at the start of a text, and what follows it.
fn name_and_value<'t>(text: &'t str, context: &Context<'_>) -> Option<(&'t str, &'t str, &'t str)> {
    let end = text.find(|c: char| c.is_whitespace() || c == '=').filter(|end| *end > 0)?;
    let end = if text[..end].ends_with(':') { end - 1 } else { end };
    let name = &text[..end];
    let base = name.split(['.', '[']).next().unwrap_or_default();
    let plain_name =
        expression(name).is_some_and(|e| e.is_name_expr() || e.is_attribute_expr() || e.is_subscript_expr());
    // On a line of its own an item is evaluated: it need not be there.
    let item = context.own_line && name.ends_with(']');
    if !plain_name || item || !(context.names)(base) {
        return None;
    }
    let relation = RELATION.find(&text[end..])?;
    // An own-line `x = 5` is code that was commented out.
    if context.own_line && relation.as_str().trim() == "=" {
        return None;
    }
    let rest = &text[end + relation.end()..];
    if rest.trim_end_matches(['.', '!']) == EMPTY && relation.as_str().contains("is") {
        return Some((name, EMPTY, ""));
    }
    let (value, after) = value_prefix(rest, context.known)?;
    // `name: value` is as often an annotation as a state.
    let state = !relation.as_str().trim().starts_with(':') || is_display(value);
    (state && (is_display(value) || SEPARATOR.is_match(after))).then_some((name, value, after))
}

/// What a comment says beyond its first claim: of `returns 1, q is now [2]` the second half.
pub fn further(text: &str, first: Option<&Understood>, context: &Context<'_>) -> Option<Understood> {
    let from = match first {
        Some(first) if matches!(first.meaning, Meaning::Names(_) | Meaning::Version(_)) => return None,
        // A first claim that is in doubt may be the words that lead to this one.
        Some(first) if first.certainty == Certainty::Explicit => {
            text.find(first.expected.as_str())? + first.expected.len()
        }
        _ => 0,
    };
    let clause = CLAUSE.find_iter(&text[from..]).map(|mark| from + mark.end()).filter(|_| context.has_value);
    clause.filter(|at| !CONDITIONAL.is_match(&text[..*at])).find_map(|at| {
        let rest = text[at..].trim_start();
        let rest = ["and ", "so ", "but ", "now "]
            .iter()
            .fold(rest, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
        let state = |found: &Understood| is_display(found.expected.split(" = ").last().unwrap_or_default());
        names(rest, context).filter(state).or_else(|| {
            let now = rest.contains(" is now ") || rest.contains(" becomes ");
            in_sentence(rest, context)
                .filter(|found| now && found.certainty == Certainty::Explicit && state(found))
        })
    })
}
