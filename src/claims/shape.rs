//! The shapes that only a value has, told without evaluating anything.

use std::sync::LazyLock;

use regex::Regex;
use ruff_python_ast::{Expr, ExprCall, UnaryOp};

use super::vocabulary::Vocabulary;
use super::words::{THOUSANDS, constant, is_exception};
use crate::python::{atom_end, expression, literal};

/// Types whose repr is a call and that guides use without naming them in their code.
const TYPES: [&str; 27] = [
    "deque",
    "defaultdict",
    "Counter",
    "OrderedDict",
    "ChainMap",
    "array",
    "date",
    "datetime",
    "time",
    "timedelta",
    "range",
    "slice",
    "Decimal",
    "Fraction",
    "Path",
    "PosixPath",
    "PurePosixPath",
    "WindowsPath",
    "UUID",
    "namespace",
    "mappingproxy",
    "bytearray",
    "frozenset",
    "set",
    "dict_keys",
    "dict_values",
    "dict_items",
];
/// Ways to write how fast something is, which look like a call.
const ORDERS: [&str; 5] = ["O", "o", "Θ", "Ω", "Theta"];
/// An object in angle brackets, as part of a display.
static ANGLE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<[\w.]+(?: [^<>]*)?>").expect("valid"));
/// Items that are left out at the end of a display.
static ELIDED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r",?\s*(?:\.\.\.|…)\s*(?P<close>[}\])])").expect("valid"));

/// A value as authors spell it for people: with the sentence's full stop, `1,000,000`, `true`.
pub fn respelled(text: &str) -> Option<String> {
    let bare = text.strip_suffix(['.', '!', '。']).filter(|bare| !bare.ends_with('.')).unwrap_or(text);
    let other = match constant(bare) {
        Some(constant) => constant.to_owned(),
        None if THOUSANDS.is_match(bare) => bare.replace(',', ""),
        None => bare.trim_end_matches(',').to_owned(),
    };
    let other = vector(&other).unwrap_or(other);
    (other != text).then_some(other)
}

/// A row of values as R shows it: `[1] 9 11 TRUE`.
fn vector(text: &str) -> Option<String> {
    let items = text.strip_prefix("[1] ")?.split_whitespace();
    let items: Vec<_> = items.map(|item| constant(item).unwrap_or(item)).collect();
    Some(if items.len() == 1 { items[0].to_owned() } else { format!("[{}]", items.join(", ")) })
}

/// The value that a text starts with, and what follows it.
pub fn value_prefix<'t>(text: &'t str, known: &Vocabulary) -> Option<(&'t str, &'t str)> {
    let end = match text.starts_with('<') {
        true => text.find('>')? + 1,
        false => atom_end(text)?,
    };
    let (value, rest) = text.split_at(end);
    is_whole_value(value, known).then_some((value, rest))
}

pub fn is_number(value: &str) -> bool {
    value.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a text is a display: something in brackets.
pub fn is_display(value: &str) -> bool {
    value.starts_with(['[', '{']) || (value.starts_with('(') && value.contains(','))
}

/// A literal, a display, `<class 'int'>`, `Point(x=1)`, `deque([1])`, `[1, 2, ...]`, `nan`.
pub fn is_whole_value(text: &str, known: &Vocabulary) -> bool {
    let angle = text.starts_with('<') && text.ends_with('>') && text.len() > 2 && !text.starts_with("<-");
    let number = ["nan", "inf", "-inf"].contains(&text);
    angle || number || literal(text).is_some() || is_constructed(text, Some(known))
}

/// Whether a text has to be evaluated to be read: `Decimal('1.0')`, `[Point(1, 2)]`.
pub fn is_constructor(text: &str) -> bool {
    literal(text).is_none() && is_constructed(text, None)
}

/// A display or constructor made of values. Without a vocabulary any class will do.
fn is_constructed(text: &str, known: Option<&Vocabulary>) -> bool {
    let text = ANGLE.replace_all(text, "object");
    let text = ELIDED.replace_all(&text, "$close");
    let spaced = text.split_once('(').is_some_and(|(name, _)| name.ends_with(' '));
    // A row of bare names is a row of words.
    let bracketed = text.contains(['[', '(', '{']);
    !spaced && bracketed && expression(&text).is_some_and(|expr| Shape { known }.is_value(&expr))
}

struct Shape<'a> {
    known: Option<&'a Vocabulary>,
}

impl Shape<'_> {
    fn is_value(&self, expr: &Expr) -> bool {
        let all = |items: &[Expr]| !items.is_empty() && items.iter().all(|item| self.is_part(item));
        match expr {
            Expr::Call(call) => self.is_call(call),
            Expr::List(list) => all(&list.elts),
            Expr::Tuple(tuple) => all(&tuple.elts),
            Expr::Set(set) => all(&set.elts),
            Expr::Dict(dict) => dict.items.iter().all(|item| {
                item.key.as_ref().is_some_and(|key| self.is_part(key)) && self.is_part(&item.value)
            }),
            _ => false,
        }
    }

    /// A literal, a value, or a class by its name.
    fn is_part(&self, expr: &Expr) -> bool {
        match expr {
            // `[2], not [1]` says of a value which one it is not.
            Expr::UnaryOp(unary) => unary.op != UnaryOp::Not && self.is_part(&unary.operand),
            Expr::Name(name) => self.known.is_none_or(|known| known.is_class(name.id.as_str())),
            _ => expr.is_literal_expr() || self.is_empty_display(expr) || self.is_value(expr),
        }
    }

    fn is_empty_display(&self, expr: &Expr) -> bool {
        match expr {
            Expr::List(list) => list.elts.is_empty(),
            Expr::Tuple(tuple) => tuple.elts.is_empty(),
            Expr::Dict(dict) => dict.items.is_empty(),
            _ => false,
        }
    }

    fn is_call(&self, call: &ExprCall) -> bool {
        let callee = match call.func.as_ref() {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return false,
        };
        let arguments = &call.arguments;
        let empty = arguments.args.is_empty() && arguments.keywords.is_empty();
        let listed = TYPES.contains(&callee);
        let class = callee.starts_with(char::is_uppercase);
        let named = !arguments.keywords.is_empty() && arguments.keywords.iter().all(|k| k.arg.is_some());
        let known = self.known.is_none_or(|known| known.knows(callee));
        let plain = arguments.args.iter().all(|argument| self.is_part(argument))
            && arguments.keywords.iter().all(|keyword| self.is_keyword_value(&keyword.value));
        let likely = listed || (class && (named || known)) || (named && known);
        likely && plain && !ORDERS.contains(&callee) && !(empty && is_exception(callee))
    }

    fn is_keyword_value(&self, expr: &Expr) -> bool {
        self.is_part(expr) || expr.is_name_expr()
    }
}
