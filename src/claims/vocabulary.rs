//! The names of a guide's code, which tell a class or an exception from any other word.

use std::collections::HashSet;

use ruff_python_ast::{Expr, Stmt};

use super::words::is_exception;
use crate::python::{Code, is_builtin};

/// What a guide's code calls things.
#[derive(Debug, Default)]
pub struct Vocabulary {
    names: HashSet<String>,
    classes: HashSet<String>,
    exceptions: HashSet<String>,
    /// Whether every name counts as known.
    anything: bool,
}

impl Vocabulary {
    /// All names of a guide's snippets.
    pub fn of(codes: &[Code]) -> Vocabulary {
        let mut found = Vocabulary::default();
        for code in codes {
            found.names.extend(code.identifiers());
            code.each_statement(&mut |stmt| found.take(stmt));
        }
        found
    }

    /// A vocabulary for words that were understood before, with whatever names they hold.
    pub fn of_anything() -> Vocabulary {
        Vocabulary { anything: true, ..Vocabulary::default() }
    }

    fn take(&mut self, stmt: &Stmt) {
        let Stmt::ClassDef(class) = stmt else { return };
        let name = class.name.to_string();
        let base = |expr: &Expr| match expr {
            Expr::Name(name) => Some(name.id.to_string()),
            Expr::Attribute(attribute) => Some(attribute.attr.to_string()),
            _ => None,
        };
        let bases = class.arguments.iter().flat_map(|arguments| &arguments.args).filter_map(base);
        if bases.into_iter().any(|base| self.is_exception(&base)) {
            self.exceptions.insert(name.clone());
        }
        self.classes.insert(name);
    }

    /// Whether the guide's code uses a name.
    pub fn knows(&self, name: &str) -> bool {
        self.anything || self.names.contains(name)
    }

    /// Whether a name is that of a class of the guide or of a builtin type.
    pub fn is_class(&self, name: &str) -> bool {
        self.anything
            || self.classes.contains(name)
            || is_builtin_type(name)
            || (is_builtin(name) && is_exception(name))
    }

    /// Whether a name is an exception's: by its form, or because the guide derives it from one.
    pub fn is_exception(&self, name: &str) -> bool {
        is_exception(name) || self.exceptions.contains(name)
    }
}

/// Whether a name is that of a builtin type.
pub fn is_builtin_type(name: &str) -> bool {
    const TYPES: [&str; 14] = [
        "object",
        "int",
        "float",
        "complex",
        "str",
        "bool",
        "list",
        "tuple",
        "dict",
        "set",
        "frozenset",
        "bytes",
        "type",
        "NoneType",
    ];
    TYPES.contains(&name)
}
