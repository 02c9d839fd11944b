//! The names that were found in a piece of code.

use std::collections::HashMap;

/// The names of a list of statements, in reading order.
#[derive(Debug, Default)]
pub struct Names {
    /// Bound at the top level (also by `global` from inside a function).
    pub bindings: Vec<Binding>,
    /// Taken from the top level or from the builtins.
    pub uses: Vec<Name>,
    /// Whether `from … import *` may bind anything at all.
    pub star_import: bool,
    /// The places of each name's bindings in the list of all.
    bound: HashMap<String, Vec<usize>>,
    /// The top-level statements that use each name; one may come twice.
    used_by: HashMap<String, Vec<usize>>,
}

/// A name bound at the top level.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The name.
    pub name: String,
    /// Byte offset of the place to show for it.
    pub at: usize,
    /// Byte offset from which on the name can be used: past the value of an assignment.
    pub usable: usize,
    /// Index of the top-level statement.
    pub statement: usize,
}

/// A name used.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Byte offset.
    pub at: usize,
    /// Byte offset of its end.
    pub end: usize,
    /// Index of the top-level statement it is part of.
    pub statement: usize,
    /// Whether it is used only when a function is called.
    pub deferred: bool,
}

impl Names {
    /// The same, so that a name is looked up instead of searched for.
    pub(super) fn indexed(mut self) -> Names {
        for (index, binding) in self.bindings.iter().enumerate() {
            self.bound.entry(binding.name.clone()).or_default().push(index);
        }
        for name in &self.uses {
            self.used_by.entry(name.name.clone()).or_default().push(name.statement);
        }
        self
    }

    /// The first binding of `name`.
    pub fn first_binding(&self, name: &str) -> Option<&Binding> {
        self.bindings_of(name).next()
    }

    /// All bindings of `name`, in order.
    pub fn bindings_of(&self, name: &str) -> impl Iterator<Item = &Binding> + Clone {
        self.bound.get(name).into_iter().flatten().map(|index| &self.bindings[*index])
    }

    /// The top-level statements that use `name`, in order; one may come twice.
    pub fn users_of(&self, name: &str) -> impl Iterator<Item = usize> {
        self.used_by.get(name).into_iter().flatten().copied()
    }

    /// The names that a top-level statement uses.
    pub fn uses_in(&self, statement: usize) -> &[Name] {
        let before = |statement: usize| self.uses.partition_point(|name| name.statement < statement);
        &self.uses[before(statement)..before(statement + 1)]
    }

    /// Uses that the bindings before them do not explain: a name used at once before it is bound, or
    /// used in a function and bound nowhere.
    pub fn unexplained(&self) -> impl Iterator<Item = &Name> {
        self.uses.iter().filter(|name| match self.first_binding(&name.name) {
            None => !is_builtin(&name.name),
            Some(binding) => !name.deferred && binding.usable > name.at && !is_builtin(&name.name),
        })
    }
}

/// Whether a module finds this name without defining it.
pub fn is_builtin(name: &str) -> bool {
    const OF_A_MODULE: [&str; 13] = [
        // What a session shows last.
        "_",
        "__name__",
        "__file__",
        "__doc__",
        "__builtins__",
        "__annotations__",
        "__spec__",
        "__loader__",
        "__package__",
        "__class__",
        "__module__",
        "__qualname__",
        "__debug__",
    ];
    OF_A_MODULE.contains(&name) || ruff_python_stdlib::builtins::is_python_builtin(name, 14, false)
}
