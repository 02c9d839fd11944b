//! Claims that speak of a container by what it holds: how many items, or the items without their container.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use ruff_python_ast::{ExprCall, Keyword};
use ruff_text_size::Ranged;

use super::equal::shows;
use crate::python::{expression, literal};
use crate::run::Seen;
use crate::value::Value;

/// A count at the start of a claim: `3 items`, `2 rows, 4 columns`.
static COUNT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?P<number>\d+)\s+(?P<noun>\p{Alphabetic}+)").expect("valid"));
/// An object in angle brackets inside a repr.
static ANGLE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<[^<>]*>").expect("valid"));

/// Whether a value has as many items as a claim counts.
pub fn counts(claimed: &str, seen: &Seen) -> bool {
    let claimed = claimed.trim();
    // `xs = [0] * 100  # 100`: what is bound has no other number to tell of.
    let bare = seen.role == "assigned" && claimed.bytes().all(|byte| byte.is_ascii_digit());
    let claimed = if bare { format!("{claimed} items") } else { claimed.to_owned() };
    count(&claimed, seen).is_some_and(|(number, size)| number == size.to_string())
}

/// What a claim's count should be, where it counts what a value holds.
pub fn counted(claimed: &str, seen: &Seen) -> Option<Seen> {
    count(claimed.trim(), seen).map(|(_, size)| of(&size.to_string()))
}

/// The number that a claim says of what a value holds, and how many there are.
fn count(claimed: &str, seen: &Seen) -> Option<(String, usize)> {
    let found = COUNT.captures(claimed)?;
    Some((found["number"].to_owned(), size(&seen.value, &found["noun"])?))
}

/// How many of what a noun names a value holds.
fn size(value: &Value, noun: &str) -> Option<usize> {
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
            Some(items.len())
        }
        Value::Dict(entries) => Some(entries.len()),
        Value::Bytes(bytes) => Some(bytes.len()),
        Value::Str(text) => Some(parts_of(text, noun)),
        _ => None,
    }
}

/// How many lines, words or characters a text has.
fn parts_of(text: &str, noun: &str) -> usize {
    match noun.to_lowercase().trim_end_matches('s') {
        "line" | "row" => text.lines().count(),
        "word" => text.split_whitespace().count(),
        "byte" => text.len(),
        _ => text.chars().count(),
    }
}

/// Whether a claim shows what is in a container after a statement, without the container around it: `[1, 2]` for
/// `deque([1, 2], maxlen=2)`, `{'a': 1}` for a `defaultdict`.
pub fn shows_inside(claimed: &str, seen: &Seen) -> bool {
    let is_state = seen.role.starts_with("after:");
    let displayed = || literal(claimed).is_some() && claimed.trim().starts_with(['[', '{', '(']);
    is_state && displayed() && inside(&seen.repr).is_some_and(|inner| shows(claimed, &of(&inner)))
}

/// The display that is the first argument of a repr's call which is one.
fn inside(repr: &str) -> Option<String> {
    let (text, call) = as_call(repr)?;
    let display = call.arguments.args.iter().find(|argument| {
        argument.is_list_expr()
            || argument.is_dict_expr()
            || argument.is_set_expr()
            || argument.is_tuple_expr()
    })?;
    text.get(display.range().to_std_range()).map(str::to_owned)
}

/// What a repr shows under a name: of `Point(x=1, y=2)` under `y` the 2.
pub fn part(repr: &str, name: &str) -> Option<Seen> {
    let (text, call) = as_call(repr)?;
    let named = |keyword: &&Keyword| keyword.arg.as_ref().is_some_and(|arg| arg.as_str() == name);
    let keyword = call.arguments.keywords.iter().find(named)?;
    text.get(keyword.value.range().to_std_range()).map(of)
}

/// A repr that is a call, as code.
fn as_call(repr: &str) -> Option<(Cow<'_, str>, ExprCall)> {
    let text = ANGLE.replace_all(repr, "object");
    let call = expression(&text)?.as_call_expr().cloned()?;
    Some((text, call))
}

fn of(repr: &str) -> Seen {
    let value = literal(repr).unwrap_or(Value::Other("object".to_owned(), repr.to_owned()));
    Seen { role: "value".to_owned(), value, repr: repr.to_owned(), str: None, contents: None }
}

#[cfg(test)]
mod tests {
    use super::super::equal::tests::seen;
    use super::*;

    #[test]
    fn containers_are_counted() {
        assert!(counts("4 items", &seen("[0, 1, 2, 3]")) && counts("2 keys", &seen("{'a': 1, 'b': 2}")));
        assert!(counts("2 rows, 3 columns", &seen("[[0, 0, 0], [0, 0, 0]]")));
        assert!(counts("3 words", &seen("'a b c'")) && counts("5 characters", &seen("'a b c'")));
        assert!(!counts("3 items", &seen("[1, 2]")) && !counts("2", &seen("[1, 2]")));
        assert!(!counts("2 items", &seen("2")));
    }

    #[test]
    fn a_part_of_a_repr_is_found_by_its_name() {
        let value =
            |name: &str| part("CacheInfo(hits=1, misses=2, maxsize=None)", name).map(|seen| seen.repr);
        assert_eq!((value("misses").as_deref(), value("size")), (Some("2"), None));
        assert_eq!(part("[1, 2]", "x").map(|seen| seen.repr), None);
    }

    #[test]
    fn a_state_is_shown_by_what_is_in_it() {
        let state = |repr: &str| Seen { role: "after:q".into(), ..seen(repr) };
        assert!(shows_inside("[1, 2]", &state("deque([1, 2], maxlen=2)")));
        assert!(shows_inside("{'a': [1]}", &state("defaultdict(<class 'list'>, {'a': [1]})")));
        assert!(!shows_inside("[1]", &state("deque([1, 2])")));
        assert!(!shows_inside("[1, 2]", &seen("deque([1, 2])")), "a prompt shows the container");
    }
}
