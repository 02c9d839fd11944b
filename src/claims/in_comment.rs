//! Comments that contain an expression and say what it does: `D().method() prints: D, B`,
//! `len(x) == 3`, `x[5] raises IndexError`.

use ruff_python_ast::{CmpOp, Expr};

use super::exception::exception;
use super::shape::{is_whole_value, value_prefix};
use super::understand::{Context, Understood, plain};
use super::words::{CONDITIONAL, DOES, SEPARATOR};
use super::{Certainty, Kind, Meaning, Says};
use crate::python::{Code, expression, is_builtin, literal};

/// `D().method() prints: D, B`, `len(x) == 3`, `x[5] raises IndexError`.
pub fn evaluates(text: &str, context: &Context<'_>) -> Option<Understood> {
    DOES.captures_iter(text).find_map(|does| {
        let whole = does.get(0)?;
        let code = operation(text[..whole.start()].trim(), context)?;
        let rest = text[whole.end()..].trim();
        let verb = does["verb"].to_lowercase();
        let verb = verb.trim_start_matches("will ").trim_start_matches("would ");
        let (says, expected, certainty) = match verb.get(..3) {
            _ if rest.is_empty() => return None,
            Some("pri" | "out" | "dis" | "sho") => prints(rest, does.name("colon").is_some())?,
            Some("rai" | "thr") => raises(rest, context)?,
            _ => equals(rest, context).or_else(|| raises(rest, context))?,
        };
        let meaning = Meaning::Evaluates { code: code.to_owned(), says };
        Some(Understood { certainty, ..plain(Kind::Expression, expected, meaning) })
    })
}

/// The code that a text is, or ends with behind words that lead to it (`calling f(x)`). What is said
/// under a condition is not said of here.
fn operation<'t>(text: &'t str, context: &Context<'_>) -> Option<&'t str> {
    if is_operation(text, context) {
        return Some(text);
    }
    let conditional = CONDITIONAL.is_match(text);
    let starts = text.match_indices([' ', ':']).map(|(at, mark)| text[at + mark.len()..].trim_start());
    let call =
        |code: &&str| is_operation(code, context) && expression(code).is_some_and(|e| e.is_call_expr());
    starts.filter(|_| !conditional).find(call)
}

type Outcome = (Says, String, Certainty);

fn prints(rest: &str, colon: bool) -> Option<Outcome> {
    let certainty = if colon || literal(rest).is_some() { Certainty::Explicit } else { Certainty::Implied };
    Some((Says::Prints(rest.to_owned()), rest.to_owned(), certainty))
}

fn raises(rest: &str, context: &Context<'_>) -> Option<Outcome> {
    let raised = exception(rest, context.known)?;
    Some((Says::Raises(raised), rest.to_owned(), Certainty::Explicit))
}

fn equals(rest: &str, context: &Context<'_>) -> Option<Outcome> {
    let value = match is_whole_value(rest, context.known) {
        true => rest,
        false => {
            let (value, after) = value_prefix(rest, context.known)?;
            SEPARATOR.is_match(after).then_some(value)?
        }
    };
    Some((Says::Equals(value.to_owned()), value.to_owned(), Certainty::Explicit))
}

/// Whether a comment's words are code that does something: a call, an item, an operation.
fn is_operation(code: &str, context: &Context<'_>) -> bool {
    let Some(expr) = expression(code) else { return false };
    let names = Code::parse(code).identifiers();
    let known = names.iter().all(|name| (context.names)(name) || is_builtin(name)) || expr.is_literal_expr();
    match &expr {
        Expr::Call(_) => starts_known(code, context),
        Expr::Subscript(_) | Expr::BinOp(_) | Expr::UnaryOp(_) | Expr::BoolOp(_) => known,
        Expr::Attribute(_) => starts_known(code, context),
        Expr::Compare(compare) => {
            known && compare.ops.iter().all(|op| !matches!(op, CmpOp::Is | CmpOp::IsNot))
        }
        _ => false,
    }
}

/// Whether code starts with a name that is there, or with none (a display).
pub fn starts_known(code: &str, context: &Context<'_>) -> bool {
    let word = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    word.is_empty() || (context.names)(word) || is_builtin(word)
}
