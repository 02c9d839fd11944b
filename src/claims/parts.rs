//! The parts of statements over several lines that a comment may stand beside.

use std::collections::HashMap;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext, Stmt};
use ruff_text_size::Ranged;

use crate::python::Code;

/// The expressions in statements over several lines, by the line on which they end. Found once for a
/// whole snippet: a long display may have a comment on each of its lines.
pub struct Parts<'a> {
    by_last_line: HashMap<usize, Vec<&'a Expr>>,
}

impl<'a> Parts<'a> {
    /// All of a snippet's.
    pub fn of(code: &'a Code) -> Parts<'a> {
        let mut walk = Walk { code, by_last_line: HashMap::new() };
        walk.visit_body(code.statements());
        Parts { by_last_line: walk.by_last_line }
    }

    /// Those that are the last on a line, the largest last: of `+ f(x)` the call and the sum so far; an
    /// argument; a call in a chain of calls.
    pub fn ending_on(&self, line: usize) -> Vec<&'a Expr> {
        let mut found = self.by_last_line.get(&line).cloned().unwrap_or_default();
        let end = found.iter().map(|part| part.range().end()).max();
        found.retain(|part| Some(part.range().end()) == end);
        found.sort_by_key(|part| std::cmp::Reverse(part.range().start()));
        // What begins on the same line says the most; a call of a method is no more than its whole chain.
        let mut kept: Vec<&Expr> = Vec::new();
        for part in found {
            let chained = kept.last().is_some_and(|inner| {
                !part.is_bin_op_expr() && !part.is_bool_op_expr() && inner.range().end() == part.range().end()
            });
            if chained {
                kept.pop();
            }
            kept.push(part);
        }
        kept
    }
}

struct Walk<'a> {
    code: &'a Code,
    by_last_line: HashMap<usize, Vec<&'a Expr>>,
}

impl<'a> Visitor<'a> for Walk<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let (first, last) = self.code.lines(stmt);
        if first < last {
            visitor::walk_stmt(self, stmt);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        // A name that is bound there has no value yet.
        let bound = expr.as_name_expr().is_some_and(|name| name.ctx != ExprContext::Load);
        if !bound {
            self.by_last_line.entry(self.code.lines(expr).1).or_default().push(expr);
        }
        visitor::walk_expr(self, expr);
    }
}
