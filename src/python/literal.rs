//! Literals and displays as values, without evaluating anything.

use ruff_python_ast::{Expr, Number, Operator, UnaryOp};
use ruff_python_parser::parse_expression;

use super::limits::unread;
use crate::value::Value;

/// The value of `text` where it is, as a whole, a literal or a display of literals.
pub fn literal(text: &str) -> Option<Value> {
    value(&expression(text)?)
}

/// `text` as one expression, wherever it is one.
pub fn expression(text: &str) -> Option<Expr> {
    // A comment is no value, though a parenthesis around it would be one.
    let comment = text.trim_start().starts_with('#');
    if text.trim().is_empty() || comment || unread(text).is_some() {
        return None;
    }
    // A parenthesis lets a claim that the author wrapped over lines stay one expression.
    let wrapped = format!("({}\n)", text.trim());
    match parse_expression(text.trim()).or_else(|_| parse_expression(&wrapped)) {
        Ok(parsed) => Some(parsed.into_expr()),
        Err(_) => None,
    }
}

fn value(expr: &Expr) -> Option<Value> {
    let all = |items: &[Expr]| items.iter().map(value).collect::<Option<Vec<_>>>();
    Some(match expr {
        Expr::NoneLiteral(_) => Value::None,
        Expr::EllipsisLiteral(_) => Value::Ellipsis,
        Expr::BooleanLiteral(boolean) => Value::Bool(boolean.value),
        Expr::NumberLiteral(number) => self::number(&number.value),
        Expr::StringLiteral(string) => Value::Str(string.value.to_str().to_owned()),
        Expr::BytesLiteral(bytes) => Value::Bytes(bytes.value.bytes().collect()),
        Expr::List(list) => Value::List(all(&list.elts)?),
        Expr::Tuple(tuple) => Value::Tuple(all(&tuple.elts)?),
        Expr::Set(set) => Value::Set(distinct(all(&set.elts)?)),
        Expr::Dict(dict) => {
            let entry =
                |item: &ruff_python_ast::DictItem| Some((value(item.key.as_ref()?)?, value(&item.value)?));
            Value::Dict(dict.items.iter().map(entry).collect::<Option<Vec<_>>>()?)
        }
        Expr::UnaryOp(unary) if unary.op == UnaryOp::USub => negate(value(&unary.operand)?)?,
        Expr::BinOp(sum) => complex(sum)?,
        Expr::Call(call) => constructor(call)?,
        _ => return None,
    })
}

fn number(number: &Number) -> Value {
    match number {
        Number::Int(int) => Value::Int(digits(&int.to_string())),
        Number::Float(float) => Value::Float(format!("{float:?}")),
        Number::Complex { real, imag } => Value::Complex(format!("{real:?}"), format!("{imag:?}")),
    }
}

/// Decimal digits of an integer that the parser kept as it was written because it is large.
fn digits(written: &str) -> String {
    written.replace('_', "")
}

fn negate(operand: Value) -> Option<Value> {
    let flip = |text: String| match text.strip_prefix('-') {
        Some(positive) => positive.to_owned(),
        None => format!("-{text}"),
    };
    match operand {
        Value::Int(zero) if zero == "0" => Some(Value::Int(zero)),
        Value::Int(digits) => Some(Value::Int(flip(digits))),
        Value::Float(repr) => Some(Value::Float(flip(repr))),
        Value::Complex(re, im) => Some(Value::Complex(flip(re), flip(im))),
        _ => None,
    }
}

/// `1+2j`, which Python writes for a complex number.
fn complex(sum: &ruff_python_ast::ExprBinOp) -> Option<Value> {
    let real = match value(&sum.left)? {
        Value::Int(digits) | Value::Float(digits) => digits,
        _ => return None,
    };
    match (sum.op, value(&sum.right)?) {
        (Operator::Add, Value::Complex(_, imaginary)) => Some(Value::Complex(real, imaginary)),
        (Operator::Sub, Value::Complex(_, imaginary)) => Some(Value::Complex(real, format!("-{imaginary}"))),
        _ => None,
    }
}

/// `set()`, `frozenset({1})`: builtin containers that have no display of their own.
fn constructor(call: &ruff_python_ast::ExprCall) -> Option<Value> {
    let name = call.func.as_name_expr()?.id.as_str();
    if !call.arguments.keywords.is_empty() || call.arguments.args.len() > 1 {
        return None;
    }
    let items = match call.arguments.args.first().map(value) {
        None => Vec::new(),
        Some(Some(Value::List(items) | Value::Set(items) | Value::Tuple(items))) => items,
        Some(_) => return None,
    };
    match name {
        "set" => Some(Value::Set(distinct(items))),
        "frozenset" => Some(Value::FrozenSet(distinct(items))),
        _ => None,
    }
}

fn distinct(items: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        if !kept.iter().any(|other| other.same(&item)) {
            kept.push(item);
        }
    }
    kept
}

/// The longest literal at the start of `text`, as its byte length and value.
///
/// Only ends where a reader would see one are tried: at a bracket's or quote's close, or where a
/// bare word or number stops.
pub fn literal_prefix(text: &str) -> Option<(usize, Value)> {
    let end = atom_end(text)?;
    Some((end, literal(&text[..end])?))
}

/// Where the first bracketed display, string, number, name or call of `text` ends.
pub fn atom_end(text: &str) -> Option<usize> {
    let mut rest = text;
    rest = rest.strip_prefix('-').unwrap_or(rest);
    let skipped = text.len() - rest.len();
    let first = rest.chars().next()?;
    let length = match first {
        '[' | '(' | '{' => balanced(rest)?,
        '"' | '\'' => quoted(rest)?,
        _ if first.is_alphanumeric() || first == '.' || first == '_' => word_or_prefixed(rest)?,
        _ => return None,
    };
    Some(skipped + length)
}

/// A number, a name (`None`), a prefixed string (`b'x'`) or a constructor (`set()`).
fn word_or_prefixed(text: &str) -> Option<usize> {
    let word = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(text.len());
    let exponent =
        text[..word].ends_with(['e', 'E']) && text[..word].starts_with(|c: char| c.is_ascii_digit());
    let rest = &text[word..];
    match rest.chars().next() {
        Some('+' | '-') if exponent => {
            let digits = rest[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - 1);
            Some(word + 1 + digits)
        }
        Some('"' | '\'') if word <= 2 => Some(word + quoted(rest)?),
        Some('(') => Some(word + balanced(rest)?),
        // A full stop ends the sentence, not the number.
        _ if text[..word].ends_with('.') && word > 1 && !rest.is_empty() => Some(word - 1),
        _ => Some(word),
    }
}

/// The length of the string literal that `text` starts with.
fn quoted(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let mark = if text.starts_with(&triple) { triple } else { quote.to_string() };
    let mut at = mark.len();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(&mark) {
            return Some(at + mark.len());
        }
        let mut chars = rest.chars();
        let width = chars.next()?.len_utf8();
        let escaped = if rest.starts_with('\\') { chars.next().map_or(0, char::len_utf8) } else { 0 };
        at += width + escaped;
    }
    None
}

/// The length up to the bracket that closes the one `text` starts with; strings are skipped.
fn balanced(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0usize, 0);
    while at < text.len() {
        let rest = &text[at..];
        let c = rest.chars().next()?;
        match c {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth -= 1,
            '"' | '\'' => {
                at += quoted(rest)?;
                continue;
            }
            _ => {}
        }
        at += c.len_utf8();
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        literal(a).unwrap().same(&literal(b).unwrap())
    }

    #[test]
    fn spelling_does_not_matter() {
        assert!(same("{(0,0): 10, 'a':[1,]}", "{ 'a': [1], (0, 0): 1_0 }"));
        assert!(same("0x10", "16"));
        assert!(same("'a' \"b\"", "'ab'"));
        assert!(same("{1, 1, 2}", "{2, 1}"));
        assert!(same("set()", "set([])"));
        assert!(same("1+2j", "(1.0+2j)"));
        assert!(same("-5", "-5"));
    }

    #[test]
    fn only_literals_are_values() {
        for text in ["[width]", "x", "f(1)", "a + 1", "", "not found", "1 2", "{**x}", "[", "f'{x}'"] {
            assert_eq!(literal(text), None, "{text}");
        }
    }

    #[test]
    fn prefixes_end_where_a_reader_sees_it() {
        let prefix = |text: &str| literal_prefix(text).map(|(end, _)| text[..end].to_owned());
        assert_eq!(prefix("-1 (not found)").as_deref(), Some("-1"));
        assert_eq!(prefix("[1, (2, ']')] all at once").as_deref(), Some("[1, (2, ']')]"));
        assert_eq!(prefix("'it\\'s' here").as_deref(), Some("'it\\'s'"));
        assert_eq!(prefix("3. Then").as_deref(), Some("3"));
        assert_eq!(prefix("1e-05 small").as_deref(), Some("1e-05"));
        assert_eq!(prefix("b'x' bytes").as_deref(), Some("b'x'"));
        assert_eq!(prefix("set() empty").as_deref(), Some("set()"));
        assert_eq!(prefix("hello"), None);
        assert_eq!(prefix("[1, 2"), None);
        assert_eq!(prefix("é"), None);
    }
}
