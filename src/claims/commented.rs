//! Code that was commented out and carries a claim of its own: `# x[9]  # IndexError`, a prompt with
//! its answer, an expression with an exception below it.

use ruff_python_ast::Stmt;

use super::exception::exception;
use super::in_comment::starts_known;
use super::lines::words;
use super::understand::{Context, Understood, plain, understand};
use super::{Certainty, Kind, Meaning, Says};
use crate::python::{Code, Comment, expression, literal};

/// What one commented-out line claims, by a remark behind it or by the line below it.
pub fn commented(lines: &[Comment], at: usize, context: &Context<'_>) -> Option<Understood> {
    let text = words(&lines[at]).trim();
    if let Some((code, remark)) = split(text) {
        return claim(code, remark, context);
    }
    let above = words(&lines[at.checked_sub(1)?]).trim();
    let below_a_print = above.starts_with("print(") && literal(text).is_some();
    let raises = exception(text, context.known).is_some();
    (below_a_print || raises).then(|| claim(above, text, context))?
}

/// Code and the remark behind it.
fn split(text: &str) -> Option<(&str, &str)> {
    let marks = [" # ", " -> ", " raises "];
    let (at, mark) = marks.iter().find_map(|mark| Some((text.find(mark)?, mark)))?;
    let (code, remark) = (text[..at].trim(), text[at + mark.len()..].trim());
    // `f(x) -> 3` is understood elsewhere.
    (text.contains(" # ") || expression(code).is_none()).then_some((code, remark))
}

/// `# >>> f(3)` with its answer on the lines below. Returns how many lines it takes.
pub fn session(lines: &[Comment], context: &Context<'_>) -> Option<(Understood, usize)> {
    let code = words(&lines[0]).trim().strip_prefix(">>>")?.trim();
    let code = code.split(" # ").next().unwrap_or(code).trim();
    let answer: Vec<_> = lines[1..]
        .iter()
        .map(words)
        .take_while(|l| !l.trim().is_empty() && !l.trim().starts_with(">>>"))
        .collect();
    if answer.is_empty()
        || literal(code).is_some()
        || expression(code).is_none()
        || !starts_known(code, context)
    {
        return None;
    }
    let answer_text = answer.join("\n");
    let says = Says::Prints(answer_text.clone());
    let meaning = Meaning::Evaluates { code: code.to_owned(), says };
    Some((plain(Kind::Expression, answer_text, meaning), answer.len() + 1))
}

fn claim(code: &str, remark: &str, context: &Context<'_>) -> Option<Understood> {
    let code = assigned(code).unwrap_or(code);
    let beside = Context { shows: true, prints: false, has_value: true, own_line: false, ..*context };
    let says = match exception(remark, context.known) {
        Some(exception) => Says::Raises(exception),
        None => shown(code, remark, &beside)?,
    };
    let raises = matches!(says, Says::Raises(_));
    let runs = is_expression(code) || (raises && is_statement(code));
    let meaning = Meaning::Evaluates { code: code.to_owned(), says };
    let words = code.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let import = code.starts_with("import ") || code.starts_with("from ");
    let known =
        import || starts_known(code, context) || words.clone().skip(1).any(|word| (context.names)(word));
    (runs && known).then(|| plain(Kind::Expression, remark.to_owned(), meaning))
}

/// What the remark shows of an expression's value or output.
fn shown(code: &str, remark: &str, context: &Context<'_>) -> Option<Says> {
    let found = understand(remark, context).ok()?.into_iter().next()?;
    let Meaning::Shows(readings) = found.meaning else { return None };
    let text = readings.last().filter(|_| found.certainty == Certainty::Explicit)?.clone();
    Some(if code.starts_with("print(") { Says::Prints(text) } else { Says::Equals(text) })
}

/// Whether code is an expression that does something.
fn is_expression(code: &str) -> bool {
    expression(code).is_some_and(|e| !(e.is_name_expr() || e.is_literal_expr() || e.is_tuple_expr()))
}

/// Whether code is a single statement that may fail.
fn is_statement(code: &str) -> bool {
    let code = Code::parse(&format!("{code}\n"));
    let fails = |stmt: &Stmt| {
        matches!(
            stmt,
            Stmt::Delete(_)
                | Stmt::Assign(_)
                | Stmt::AugAssign(_)
                | Stmt::Import(_)
                | Stmt::ImportFrom(_)
                | Stmt::Raise(_)
                | Stmt::Assert(_)
        )
    };
    code.broken().is_none() && code.statements().len() == 1 && fails(&code.statements()[0])
}

/// The value of a commented-out assignment to a name.
fn assigned(code: &str) -> Option<&str> {
    let (target, value) = code.split_once(" = ")?;
    (expression(target).is_some_and(|e| e.is_name_expr()) && expression(value).is_some()).then_some(value)
}
