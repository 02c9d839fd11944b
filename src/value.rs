//! Python values as plain data: what a claim's literal denotes and what a probe observed.
//!
//! The runner describes a value once, in the child; everything that compares works on this
//! description, so no `__eq__` of a snippet is ever asked.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A described Python value. Only exact builtin types are taken apart; everything else keeps its
/// type's name and its `repr`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "v", rename_all = "lowercase")]
#[expect(missing_docs, reason = "the variants are Python's builtin types, under their own names")]
pub enum Value {
    None,
    Ellipsis,
    Bool(bool),
    /// Decimal digits, since Python's integers have no bounds.
    Int(String),
    /// Python's `repr` of the number, which round-trips.
    Float(String),
    Complex(String, String),
    Str(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Tuple(Vec<Value>),
    Set(Vec<Value>),
    FrozenSet(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    /// Any other object: its type's name and its `repr`.
    Other(String, String),
}

impl Value {
    /// Whether both are the same value of the same type, all the way down: `True` is not `1`, `1` is
    /// not `1.0`, `-0.0` is not `0.0`, NaN is NaN; the order of sets and dicts does not matter.
    pub fn same(&self, other: &Value) -> bool {
        self.canonical() == other.canonical()
    }

    /// A text that is equal exactly for values that are the same.
    fn canonical(&self) -> String {
        match self {
            Value::None => "None".into(),
            Value::Ellipsis => "...".into(),
            Value::Bool(b) => format!("b{b}"),
            Value::Int(digits) => format!("i{digits}"),
            Value::Float(repr) => canonical_float(repr),
            Value::Complex(re, im) => format!("c({},{})", canonical_float(re), canonical_float(im)),
            Value::Str(text) => format!("s{text:?}"),
            Value::Bytes(bytes) => format!("y{bytes:?}"),
            Value::List(items) => format!("[{}]", join(items, false)),
            Value::Tuple(items) => format!("({})", join(items, false)),
            Value::Set(items) => format!("set{{{}}}", join(items, true)),
            Value::FrozenSet(items) => format!("frozenset{{{}}}", join(items, true)),
            Value::Dict(entries) => {
                let mut parts: Vec<_> =
                    entries.iter().map(|(k, v)| format!("{}:{}", k.canonical(), v.canonical())).collect();
                parts.sort();
                format!("dict{{{}}}", parts.join(","))
            }
            Value::Other(kind, repr) => format!("o{kind}:{repr}"),
        }
    }
}

impl fmt::Display for Value {
    /// The value as Python would write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelled(Spelling::default()))
    }
}

/// How an author spells displays.
#[derive(Clone, Copy, Debug)]
pub struct Spelling {
    /// The quote around strings, where their content allows it.
    pub quote: char,
    /// Between items: `, ` or `,`.
    pub comma: &'static str,
    /// Between key and value: `: ` or `:`.
    pub colon: &'static str,
}

impl Default for Spelling {
    fn default() -> Spelling {
        Spelling { quote: '\'', comma: ", ", colon: ": " }
    }
}

impl Value {
    /// The value as an author would write it.
    pub fn spelled(&self, spelling: Spelling) -> String {
        let list = |items: &[Value]| {
            items.iter().map(|item| item.spelled(spelling)).collect::<Vec<_>>().join(spelling.comma)
        };
        match self {
            Value::None => "None".into(),
            Value::Ellipsis => "...".into(),
            Value::Bool(true) => "True".into(),
            Value::Bool(false) => "False".into(),
            Value::Int(text) | Value::Float(text) | Value::Other(_, text) => text.clone(),
            Value::Complex(re, im) => complex(re, im),
            Value::Str(text) => quoted(text, spelling.quote),
            Value::Bytes(bytes) => format!("b'{}'", bytes.escape_ascii()),
            Value::List(items) => format!("[{}]", list(items)),
            Value::Tuple(items) if items.len() == 1 => format!("({},)", list(items)),
            Value::Tuple(items) => format!("({})", list(items)),
            Value::Set(items) if items.is_empty() => "set()".into(),
            Value::Set(items) => format!("{{{}}}", list(items)),
            Value::FrozenSet(items) if items.is_empty() => "frozenset()".into(),
            Value::FrozenSet(items) => format!("frozenset({{{}}})", list(items)),
            Value::Dict(entries) => {
                let entry = |(key, value): &(Value, Value)| {
                    format!("{}{}{}", key.spelled(spelling), spelling.colon, value.spelled(spelling))
                };
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(spelling.comma))
            }
        }
    }
}

/// `2j`, `(1+2j)`, `(1-2j)`.
fn complex(re: &str, im: &str) -> String {
    let whole = |number: &str| number.strip_suffix(".0").unwrap_or(number).to_owned();
    let (re, im) = (whole(re), whole(im));
    match re.as_str() {
        "0" => format!("{im}j"),
        _ => format!("({re}{}{im}j)", if im.starts_with('-') { "" } else { "+" }),
    }
}

/// A string in quotes; in the other ones where it holds the wanted ones, as Python does.
fn quoted(text: &str, wanted: char) -> String {
    let other = if wanted == '"' { '\'' } else { '"' };
    let quote = if text.contains(wanted) && !text.contains(other) { other } else { wanted };
    let mut quoted = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c == quote || c == '\\' => quoted.extend(['\\', c]),
            c if c.is_control() && (c as u32) < 256 => quoted.push_str(&format!("\\x{:02x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push(quote);
    quoted
}

fn join(items: &[Value], unordered: bool) -> String {
    let mut parts: Vec<_> = items.iter().map(Value::canonical).collect();
    if unordered {
        parts.sort();
    }
    parts.join(",")
}

/// `1e3` and `1000.0` are one number; `nan` has no sign that Python would show.
fn canonical_float(repr: &str) -> String {
    match repr.parse::<f64>() {
        Ok(number) if number.is_nan() => "fnan".into(),
        Ok(number) => format!("f{:x}", number.to_bits()),
        Err(_) => format!("f{repr}"),
    }
}

#[cfg(test)]
mod tests {
    use super::Spelling;
    use super::Value::*;

    #[test]
    fn types_matter_all_the_way_down() {
        assert!(!Bool(true).same(&Int("1".into())));
        assert!(!Int("1".into()).same(&Float("1.0".into())));
        assert!(!Float("-0.0".into()).same(&Float("0.0".into())));
        assert!(!List(vec![Int("1".into())]).same(&Tuple(vec![Int("1".into())])));
        assert!(Float("nan".into()).same(&Float("nan".into())));
        assert!(Float("1e3".into()).same(&Float("1000.0".into())));
    }

    #[test]
    fn values_are_written_as_python_does() {
        let list =
            List(vec![Str("it's".into()), Tuple(vec![None]), Dict(vec![(Int("1".into()), Bool(true))])]);
        assert_eq!(list.to_string(), "[\"it's\", (None,), {1: True}]");
        let compact = Spelling { quote: '"', comma: ",", colon: ":" };
        let dict = Dict(vec![(Str("a".into()), List(vec![Int("1".into()), None]))]);
        assert_eq!(dict.spelled(compact), "{\"a\":[1,None]}");
        assert_eq!(Str("a\n\u{7}\"'".into()).to_string(), "'a\\n\\x07\"\\''");
        assert_eq!(Complex("0.0".into(), "-2.5".into()).to_string(), "-2.5j");
    }

    #[test]
    fn order_of_sets_and_dicts_does_not_matter() {
        let (a, b) = (Int("1".into()), Str("x".into()));
        assert!(Set(vec![a.clone(), b.clone()]).same(&Set(vec![b.clone(), a.clone()])));
        let forward = Dict(vec![(a.clone(), None), (b.clone(), Ellipsis)]);
        let backward = Dict(vec![(b.clone(), Ellipsis), (a.clone(), None)]);
        assert!(forward.same(&backward));
        assert!(!List(vec![a.clone(), b.clone()]).same(&List(vec![b, a])));
    }
}
