//! Whether a piece of plain text is Python that somebody meant to be run.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::Mode;
use ruff_python_parser::lexer::lex;

use super::Code;

/// How much a text looks like Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Looks {
    /// Prose, another language, or broken.
    NotPython,
    /// Parses, but so does much prose (`Note: this`, `y = f(x)`, a lone word).
    Parses,
    /// Nobody writes this but as Python: imports, definitions, several assignments or calls.
    Python,
}

/// Judges a text by its statements. A text that does not parse is not Python.
pub fn looks(text: &str) -> Looks {
    if is_prose(text) {
        return Looks::NotPython;
    }
    let code = Code::parse(text);
    if code.broken().is_some() || code.statements().is_empty() {
        return Looks::NotPython;
    }
    let weight: u32 = code.statements().iter().map(weight).sum();
    if weight >= 2 { Looks::Python } else { Looks::Parses }
}

/// Whether two words follow each other as in no Python. Prose shows it at once, and there may be much of
/// it: only its first words are read.
fn is_prose(text: &str) -> bool {
    use TokenKind::*;
    let mut lexer = lex(text, Mode::Module);
    let mut before = Newline;
    loop {
        let token = lexer.next_token();
        let operand = matches!(token, Name | Int | Float | Complex);
        match token {
            EndOfFile => return false,
            Unknown => return true,
            _ if operand && matches!(before, Name | Int | Float | Complex | String) => return true,
            _ => before = token,
        }
    }
}

/// 2 for a statement that is Python beyond doubt, 1 for one that might be a formula, 0 for one that
/// may be prose.
fn weight(stmt: &Stmt) -> u32 {
    match stmt {
        Stmt::Import(_) | Stmt::ImportFrom(_) | Stmt::FunctionDef(_) | Stmt::ClassDef(_) => 2,
        Stmt::For(_) | Stmt::While(_) | Stmt::With(_) | Stmt::Try(_) | Stmt::If(_) | Stmt::Match(_) => 2,
        Stmt::Assign(assign) if is_built(&assign.value) => 2,
        Stmt::Assign(assign) => u32::from(assign.value.is_literal_expr() || assign.value.is_call_expr()),
        Stmt::AugAssign(_) | Stmt::Assert(_) | Stmt::Return(_) | Stmt::Raise(_) | Stmt::Delete(_) => 1,
        Stmt::Expr(expr) => u32::from(expr.value.is_call_expr()),
        _ => 0,
    }
}

/// A value that no formula has: a string, a display, a comprehension, a method call.
fn is_built(value: &Expr) -> bool {
    match value {
        Expr::StringLiteral(_) | Expr::FString(_) | Expr::List(_) | Expr::Dict(_) | Expr::Set(_) => true,
        Expr::ListComp(_) | Expr::DictComp(_) | Expr::SetComp(_) | Expr::Generator(_) | Expr::Lambda(_) => {
            true
        }
        Expr::Call(call) => call.func.is_attribute_expr(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_and_formulas_are_not_code() {
        for text in [
            "Hello",
            "Hello, world",
            "Note: this",
            "See also: [a](b)",
            "y = m * x + b",
            "E = m * c ** 2\nF = m * a",
            "key = value\nother = value",
            "# Title",
        ] {
            assert!(looks(text) < Looks::Python, "{text}");
        }
        for text in ["print is good", "int x = 5;", "$ ls", "- item", "> quoted", "| a | b |", "if you want"]
        {
            assert!(looks(text) < Looks::Python, "{text}");
        }
    }

    #[test]
    fn code_is() {
        for text in
            ["import os", "x = 'a'", "a = 1\nb = 2", "def f():\n    pass", "# note\nt = re.sub('a', 'b', s)"]
        {
            assert_eq!(looks(text), Looks::Python, "{text}");
        }
    }
}
