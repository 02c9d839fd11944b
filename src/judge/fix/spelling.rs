//! Observed values and outputs as this author would have written them.

use crate::claims::THOUSANDS;
use crate::judge::equal::{ADDRESS, printed};
use crate::judge::near::alike;
use crate::judge::observed::items;
use crate::python::literal;
use crate::run::Seen;
use crate::value::{Spelling, Value};

/// What may stand between the outputs that an author lists on one line.
const SEPARATORS: [&str; 8] = [", ", "; ", " -> ", " → ", " then ", " and ", ",", " "];
/// How alike a line must be to what the author wrote to be the one that they meant.
const STANDS_OUT: f32 = 0.6;
/// A list on one line is no longer than a reader takes in, in code points.
const LONGEST_LIST: usize = 100;

/// A value in the manner of what the author wrote in its place.
pub fn value(seen: &Seen, written: &str) -> String {
    ADDRESS.replace_all(&spelled(seen, written), "at 0x...").into_owned()
}

fn spelled(seen: &Seen, written: &str) -> String {
    let old = literal(written);
    let new = match (items(seen), &old) {
        (Some(items), Some(Value::Tuple(_))) => Value::Tuple(items.to_vec()),
        (Some(items), Some(Value::Set(_))) => Value::Set(items.to_vec()),
        (Some(items), _) => Value::List(items.to_vec()),
        (None, _) => seen.value.clone(),
    };
    match (&new, &old) {
        (Value::Other(_, repr), _) => repr.clone(),
        // Bare words for a string: its content.
        (Value::Str(text), None) if !written.contains(['"', '\'']) && !text.contains('\n') => text.clone(),
        (Value::Float(number), None) if is_about(written) => about(number, written),
        (Value::Int(number), _) if THOUSANDS.is_match(written) => grouped(number),
        (Value::Bool(_) | Value::None, None) if starts_lower(written) => new.to_string().to_lowercase(),
        _ => like(&new, old.as_ref()).spelled(spelling(written)),
    }
}

/// One line of output in the manner of what the author wrote: in quotes, with displays spelled alike.
pub fn line(text: &str, written: &str) -> String {
    let text = &*ADDRESS.replace_all(text, "at 0x...");
    match (literal(written), literal(text)) {
        (Some(Value::Str(_)), None) => Value::Str(text.to_owned()).spelled(spelling(written)),
        (Some(old), Some(new)) if !matches!(new, Value::Str(_) | Value::Float(_) | Value::Int(_)) => {
            like(&new, Some(&old)).spelled(spelling(written))
        }
        (None, Some(Value::Float(number))) if is_about(written) => about(&number, written),
        _ => text.to_owned(),
    }
}

/// Several lines of output where the author wrote one: as a list like theirs, else the line that is
/// most like it; none where no line stands out.
pub fn one_of(output: &str, written: &str) -> Option<String> {
    let lines: Vec<_> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    let count = |separator: &str| written.split(separator).count().min(lines.len());
    // Of several that part it alike the first holds the others.
    let separators = SEPARATORS.iter().rev().filter(|separator| written.contains(**separator));
    let parted = separators.max_by_key(|separator| count(separator)).filter(|s| count(s) + 1 >= lines.len());
    let as_list = parted.and_then(|separator| list(&lines, separator, written));
    let closest = lines.iter().max_by(|a, b| alike(a, written).total_cmp(&alike(b, written)))?;
    let as_list_is_nearer =
        as_list.as_ref().is_some_and(|list| alike(list, written) >= alike(closest, written));
    match alike(closest, written) >= STANDS_OUT && !as_list_is_nearer {
        true => Some(line(closest, written)),
        false => as_list.or_else(|| list(&lines, ", ", written)),
    }
}

/// Lines as a list on one line, where a reader would take it as these lines.
fn list(lines: &[&str], separator: &str, written: &str) -> Option<String> {
    let bracketed = written.starts_with('[') && written.ends_with(']');
    let inner = if bracketed { &written[1..written.len() - 1] } else { written };
    let first = inner.split(separator).next().unwrap_or_default().trim();
    let items: Vec<_> = lines.iter().map(|item| line(item.trim(), first)).collect();
    let joined = items.join(separator);
    let list = if bracketed { format!("[{joined}]") } else { joined };
    (list.chars().count() <= LONGEST_LIST && printed(&list, &lines.join("\n"))).then_some(list)
}

/// How displays are spelled in a text.
fn spelling(written: &str) -> Spelling {
    let tight = |mark: char| {
        let mut after = written.match_indices(mark).map(|(at, _)| written[at + 1..].chars().next());
        written.contains(mark) && after.all(|next| next.is_some_and(|c| !c.is_whitespace()))
    };
    Spelling {
        quote: if written.contains('"') && !written.contains('\'') { '"' } else { '\'' },
        comma: if tight(',') { "," } else { ", " },
        colon: if written.contains('{') && tight(':') { ":" } else { ": " },
    }
}

/// A value with the entries of sets and dicts in the order the author wrote them, and with the middle
/// left out where they left it out.
fn like(new: &Value, old: Option<&Value>) -> Value {
    match (new, old) {
        (Value::List(items), Some(Value::List(old))) => Value::List(elided(items, old)),
        (Value::Tuple(items), Some(Value::Tuple(old))) => Value::Tuple(elided(items, old)),
        (Value::Set(items), Some(Value::Set(old))) => Value::Set(ordered(items, old)),
        (Value::FrozenSet(items), Some(Value::FrozenSet(old))) => Value::FrozenSet(ordered(items, old)),
        (Value::Set(items), _) => Value::Set(ordered(items, &[])),
        _ => new.clone(),
    }
}

fn elided(items: &[Value], old: &[Value]) -> Vec<Value> {
    let Some(head) = old.iter().position(|item| *item == Value::Ellipsis) else {
        // Nested values keep their spelling where they stand at the same place.
        return items.iter().enumerate().map(|(index, item)| like(item, old.get(index))).collect();
    };
    let tail = old.len() - head - 1;
    if items.len() <= head + tail {
        return items.to_vec();
    }
    let (first, last) = (&items[..head], &items[items.len() - tail..]);
    [first, &[Value::Ellipsis], last].concat()
}

/// The author's items that are there, then the others in an order that is the same every time.
fn ordered(items: &[Value], old: &[Value]) -> Vec<Value> {
    let holds = |all: &[Value], item: &Value| all.iter().any(|other| other.same(item));
    let mut kept: Vec<_> = old.iter().filter(|item| holds(items, item)).cloned().collect();
    let mut others: Vec<_> = items.iter().filter(|item| !holds(&kept, item)).cloned().collect();
    let number = |value: &Value| value.to_string().parse::<f64>().unwrap_or(f64::INFINITY);
    others.sort_by(|a, b| number(a).total_cmp(&number(b)).then_with(|| a.to_string().cmp(&b.to_string())));
    kept.append(&mut others);
    kept
}

fn starts_lower(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Whether an author marks a number as one of which only these digits are given.
fn is_about(written: &str) -> bool {
    let digits = written.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '-');
    let bare = digits.trim_end_matches(['.', '…']);
    (digits.len() < written.len() || bare.len() < digits.len()) && bare.parse::<f64>().is_ok()
}

/// A number with the author's marker and as many digits.
fn about(number: &str, written: &str) -> String {
    let start = written.find(|c: char| c.is_ascii_digit() || c == '-').unwrap_or(0);
    let (marker, digits) = written.split_at(start);
    let bare = digits.trim_end_matches(['.', '…']);
    let decimals = bare.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let exact: f64 = number.parse().unwrap_or_default();
    let shown = match bare.len() < digits.len() {
        // What is cut off is not rounded.
        true => (exact * 10f64.powi(decimals as i32)).trunc() / 10f64.powi(decimals as i32),
        false => exact,
    };
    format!("{marker}{shown:.decimals$}{}", &digits[bare.len()..])
}

/// An integer with its thousands set apart by commas.
fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let first = digits.len() % 3;
    let groups = std::iter::once(&digits[..first])
        .chain((first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]))
        .filter(|group| !group.is_empty());
    format!("{sign}{}", groups.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::equal::tests::seen;

    #[test]
    fn values_are_spelled_as_their_author_does() {
        for (repr, written, wanted) in [
            ("{'a': [1, 2]}", "{\"a\":[1,3]}", "{\"a\":[1,2]}"),
            ("{1, 2, 3}", "{3, 2, 4}", "{3, 2, 1}"),
            ("{5, 30, 1}", "{}", "{1, 5, 30}"),
            ("'Hello'", "Helo", "Hello"),
            ("'Hello'", "\"Helo\"", "\"Hello\""),
            ("3.14159", "~3.15", "~3.14"),
            ("3.14159", "3.142...", "3.141..."),
            ("1234567", "1,234,568", "1,234,567"),
            ("True", "false", "true"),
            ("[1, 2, 3, 4, 9]", "[1, 2, ..., 8]", "[1, 2, ..., 9]"),
            ("<F object at 0x7fabcdef0123>", "<G>", "<F object at 0x...>"),
            ("0.30000000000000004", "0.3", "0.30000000000000004"),
        ] {
            assert_eq!(value(&seen(repr), written), wanted, "{repr} for {written}");
        }
        let items = Some(vec![Value::Int("1".into()), Value::Int("4".into())]);
        let map = Seen { contents: items, ..seen("<map object at 0x7fabcdef0123>") };
        assert_eq!(value(&map, "(1, 3)"), "(1, 4)");
    }

    #[test]
    fn outputs_on_one_line() {
        assert_eq!(one_of("D\nB\nC\nA\n", "D, C, B, A").as_deref(), Some("D, B, C, A"));
        assert_eq!(one_of("1\n4\n9\n", "1 4 8").as_deref(), Some("1 4 9"));
        assert_eq!(one_of("a\nb\n", "['a', 'c']").as_deref(), Some("['a', 'b']"));
        assert_eq!(one_of("start\nHello World\nend\n", "Hello Wrld").as_deref(), Some("Hello World"));
        assert_eq!(line("Hi", "'Ho'"), "'Hi'");
    }
}
