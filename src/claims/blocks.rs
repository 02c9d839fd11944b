//! Statements and the lists of statements inside them, found by line. Each list is bisected: a snippet may
//! have a comment for each of its statements.

use ruff_python_ast::{ExceptHandler, Stmt, StmtTry};

use crate::python::Code;

/// The innermost statement whose own text touches a line, by the list it stands in and its index there;
/// the last of several on the line.
pub fn innermost<'a>(code: &Code, body: &'a [Stmt], line: usize) -> Option<(&'a [Stmt], usize)> {
    let index = starting_before(code, body, line + 1).checked_sub(1)?;
    if code.lines(&body[index]).1 < line {
        return None;
    }
    let inner = last_body(code, &body[index], line + 1);
    inner.and_then(|inner| innermost(code, inner, line)).or(Some((body, index)))
}

/// How many statements of a list start before a line.
pub fn starting_before(code: &Code, body: &[Stmt], line: usize) -> usize {
    body.partition_point(|stmt| code.lines(stmt).0 < line)
}

/// The statement lists directly inside a statement, by their number: of a row of branches only the one
/// that is asked for is looked at. Some may be empty.
fn body_of(stmt: &Stmt, number: usize) -> Option<&[Stmt]> {
    match stmt {
        Stmt::FunctionDef(s) => [&s.body[..]].get(number).copied(),
        Stmt::ClassDef(s) => [&s.body[..]].get(number).copied(),
        Stmt::For(s) => [&s.body[..], &s.orelse[..]].get(number).copied(),
        Stmt::While(s) => [&s.body[..], &s.orelse[..]].get(number).copied(),
        Stmt::With(s) => [&s.body[..]].get(number).copied(),
        Stmt::If(s) if number == 0 => Some(&s.body),
        Stmt::If(s) => s.elif_else_clauses.get(number - 1).map(|clause| &clause.body[..]),
        Stmt::Match(s) => s.cases.get(number).map(|case| &case.body[..]),
        Stmt::Try(s) => body_of_try(s, number),
        _ => None,
    }
}

fn body_of_try(stmt: &StmtTry, number: usize) -> Option<&[Stmt]> {
    let Some(number) = number.checked_sub(1) else { return Some(&stmt.body) };
    match stmt.handlers.get(number) {
        Some(ExceptHandler::ExceptHandler(handler)) => Some(&handler.body),
        None => [&stmt.orelse[..], &stmt.finalbody[..]].get(number - stmt.handlers.len()).copied(),
    }
}

/// The statement lists directly inside a statement that hold any.
pub fn bodies(stmt: &Stmt) -> impl Iterator<Item = &[Stmt]> {
    (0..).map_while(|number| body_of(stmt, number)).filter(|body| !body.is_empty())
}

/// The line of the first statement inside a statement.
pub fn first_inner_line(code: &Code, stmt: &Stmt) -> Option<usize> {
    bodies(stmt).next().map(|body| code.lines(&body[0]).0)
}

/// The last list inside a statement whose first statement starts before a line.
pub fn last_body<'a>(code: &Code, stmt: &'a Stmt, line: usize) -> Option<&'a [Stmt]> {
    let branches = match stmt {
        Stmt::If(s) => 1 + s.elif_else_clauses.partition_point(|clause| code.lines(clause).0 < line),
        Stmt::Match(s) => s.cases.partition_point(|case| code.lines(case).0 < line),
        Stmt::Try(s) => 3 + s.handlers.len(),
        _ => 2,
    };
    let starts = |body: &&[Stmt]| body.first().is_some_and(|first| code.lines(first).0 < line);
    (0..branches).rev().filter_map(|number| body_of(stmt, number)).find(starts)
}
