//! The shapes that only a value has, told without evaluating anything.

use ruff_python_ast::Expr;

use super::words::{THOUSANDS, is_exception};
use crate::python::{atom_end, expression, literal};

/// A value as authors spell it for people: with the sentence's full stop, `1,000,000`, `true`.
pub fn respelled(text: &str) -> Option<String> {
    let bare = text.strip_suffix('.').filter(|bare| !bare.ends_with('.')).unwrap_or(text);
    let other = match bare {
        "true" => "True".to_owned(),
        "false" => "False".to_owned(),
        "none" | "null" => "None".to_owned(),
        _ if THOUSANDS.is_match(bare) => bare.replace(',', ""),
        _ => bare.to_owned(),
    };
    (other != text).then_some(other)
}

/// The value that a text starts with, and what follows it.
pub fn value_prefix(text: &str) -> Option<(&str, &str)> {
    let end = match text.starts_with('<') {
        true => text.find('>')? + 1,
        false => atom_end(text)?,
    };
    let (value, rest) = text.split_at(end);
    is_whole_value(value).then_some((value, rest))
}

pub fn is_number(value: &str) -> bool {
    value.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit())
}

/// A literal, a display, `<class 'int'>`, `Point(x=1)`, `deque([1])`, `[1, 2, ...]`.
pub fn is_whole_value(text: &str) -> bool {
    let angle = text.starts_with('<') && text.ends_with('>') && text.len() > 2 && !text.starts_with("<-");
    angle || literal(text).is_some() || expression(text).is_some_and(|expr| is_constructed(&expr))
}

/// Whether a text has to be evaluated to be read: `Decimal('1.0')`, `[Point(1, 2)]`.
pub fn is_constructor(text: &str) -> bool {
    literal(text).is_none() && expression(text).is_some_and(|expr| is_constructed(&expr))
}

/// A display or constructor made of values, with at least one constructor in it.
fn is_constructed(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => {
            let callee = call
                .func
                .as_name_expr()
                .map(|name| name.id.as_str())
                .or_else(|| call.func.as_attribute_expr().map(|attribute| attribute.attr.as_str()));
            let known =
                ["deque", "defaultdict", "array", "date", "datetime", "time", "timedelta", "range", "slice"];
            let named = callee.is_some_and(|name| {
                known.contains(&name) || name.starts_with(char::is_uppercase) || name.starts_with("dict_")
            });
            let plain = |expr: &Expr| literal_expr(expr) || expr.is_name_expr() || is_constructed(expr);
            named
                && call.arguments.args.iter().all(plain)
                && call.arguments.keywords.iter().all(|keyword| plain(&keyword.value))
                && !(call.arguments.args.is_empty()
                    && call.arguments.keywords.is_empty()
                    && callee.is_some_and(is_exception))
        }
        Expr::List(list) => {
            !list.elts.is_empty() && list.elts.iter().all(part) && list.elts.iter().any(is_constructed)
        }
        Expr::Tuple(tuple) => {
            !tuple.elts.is_empty() && tuple.elts.iter().all(part) && tuple.elts.iter().any(is_constructed)
        }
        Expr::Set(set) => set.elts.iter().all(part) && set.elts.iter().any(is_constructed),
        Expr::Dict(dict) => {
            dict.items.iter().all(|item| item.key.as_ref().is_some_and(part) && part(&item.value))
                && dict.items.iter().any(|item| is_constructed(&item.value))
        }
        _ => false,
    }
}

fn part(expr: &Expr) -> bool {
    literal_expr(expr) || is_constructed(expr)
}

fn literal_expr(expr: &Expr) -> bool {
    match expr {
        Expr::List(list) => list.elts.iter().all(part),
        Expr::Tuple(tuple) => tuple.elts.iter().all(part),
        Expr::Set(set) => set.elts.iter().all(part),
        Expr::Dict(dict) => dict.items.iter().all(|i| i.key.as_ref().is_some_and(part) && part(&i.value)),
        Expr::UnaryOp(unary) => literal_expr(&unary.operand),
        _ => expr.is_literal_expr(),
    }
}
