//! Where the names come from that a snippet uses and does not define: the nearest earlier snippet of
//! its block that binds them, else the nearest of the guide. Found before anything runs.

use std::collections::{BTreeSet, HashSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};

use crate::python::{Code, Name, Names, is_builtin};

/// A snippet's code as the supply needs it.
pub struct Source<'a> {
    /// Its block's label.
    pub block: &'a str,
    /// Its code.
    pub code: &'a Code,
    /// The names of its top level.
    pub names: Names,
    /// Whether it may be run for others.
    pub runs: bool,
    /// The index of the snippet that it continues.
    pub continues: Option<usize>,
    /// Whether only its own block is behind it.
    pub own_block: bool,
}

impl Source<'_> {
    /// The index of the first snippet that a reader does not have behind them at its start, if it is at `index`.
    pub fn start(&self, index: usize) -> usize {
        self.continues.map_or(index, |continued| continued + 1)
    }
}

/// A name that an earlier snippet supplies.
#[derive(Clone, Debug)]
pub struct Supplied {
    /// The first use.
    pub name: Name,
    /// The index of the snippet that binds it.
    pub by: usize,
}

/// What a snippet needs from others.
#[derive(Clone, Debug, Default)]
pub struct Supply {
    /// Statements to run before it, as (snippet, top-level statement), in the guide's order.
    pub statements: BTreeSet<(usize, usize)>,
    /// Names that earlier snippets bind, once each.
    pub supplied: Vec<Supplied>,
    /// Names that no earlier snippet binds: each use.
    pub missing: Vec<Name>,
}

impl Supply {
    /// Names of which only a run shows whether they exist.
    pub fn unsure(&self) -> impl Iterator<Item = &Name> {
        self.missing.iter().chain(self.supplied.iter().map(|supplied| &supplied.name))
    }

    /// The snippets that it needs, in order.
    pub fn snippets(&self) -> Vec<usize> {
        let all: BTreeSet<_> = self.statements.iter().map(|(snippet, _)| *snippet).collect();
        all.into_iter().collect()
    }
}

/// Finds what the snippet at `index` needs.
pub fn supply(sources: &[Source<'_>], index: usize) -> Supply {
    let source = &sources[index];
    let mut found = Supply::default();
    let mut picking = Picking { sources, picked: BTreeSet::new(), seen: HashSet::new() };
    if let Some(continued) = source.continues {
        picking.pick_all(continued);
    }
    let start = source.start(index);
    let mut supplied = HashSet::new();
    for name in source.names.unexplained() {
        let Some(by) = supplier(sources, source, start, &name.name) else {
            found.missing.push(name.clone());
            continue;
        };
        if supplied.insert(&name.name) {
            found.supplied.push(Supplied { name: name.clone(), by });
            picking.pick(by, start, &name.name);
        }
    }
    found.statements = picking.picked;
    found
}

/// The nearest snippet before `start` that binds a name: in the same block, else in the guide. A star import
/// may bind any.
fn supplier(sources: &[Source<'_>], user: &Source<'_>, start: usize, name: &str) -> Option<usize> {
    let nearest = |binds: &dyn Fn(&Source<'_>) -> bool| {
        let earlier = |same_block: bool| {
            (0..start).rev().find(|i| {
                let source = &sources[*i];
                source.runs && binds(source) && (!same_block || source.block == user.block)
            })
        };
        earlier(true).or_else(|| if user.own_block { None } else { earlier(false) })
    };
    // A snippet that binds the name itself, if only later, hardly means a star's.
    let own = user.names.first_binding(name).is_some();
    nearest(&|source| source.names.first_binding(name).is_some())
        .or_else(|| nearest(&|source| !own && source.names.star_import))
}

/// The statements that make names what they are.
struct Picking<'a> {
    sources: &'a [Source<'a>],
    picked: BTreeSet<(usize, usize)>,
    /// What was asked for already: a name, by whom it is bound, at the start of which snippet.
    seen: HashSet<(usize, usize, String)>,
}

impl Picking<'_> {
    /// Picks the statements that make a name what it is when the snippet at `user` starts: those of `by`
    /// that bind it, and those up to there that work on its object.
    fn pick(&mut self, by: usize, user: usize, name: &str) {
        if !self.seen.insert((by, user, name.to_owned())) {
            return;
        }
        let sources = self.sources;
        let fixed = is_definition(&sources[by], name);
        let workers = if fixed { HashSet::new() } else { workers(&sources[by..user], name) };
        for (snippet, source) in sources.iter().enumerate().take(user).skip(by) {
            if !source.runs || (snippet > by && (fixed || source.names.first_binding(name).is_some())) {
                continue;
            }
            for index in makers(source, name, fixed, &workers) {
                if self.picked.insert((snippet, index)) {
                    self.pick_needs(snippet, index);
                }
            }
        }
    }

    /// Picks a whole snippet with what it needs.
    fn pick_all(&mut self, snippet: usize) {
        for statement in 0..self.sources[snippet].code.statements().len() {
            if self.picked.insert((snippet, statement)) {
                self.pick_needs(snippet, statement);
            }
        }
    }

    /// Picks what a statement of a snippet needs itself.
    fn pick_needs(&mut self, snippet: usize, statement: usize) {
        let names = &self.sources[snippet].names;
        for name in names.uses_in(statement).iter().filter(|name| !is_builtin(&name.name)) {
            let own = names.bindings_of(&name.name).any(|b| name.deferred || b.usable <= name.at);
            if own {
                self.pick(snippet, snippet + 1, &name.name);
            } else if let Some(by) = supplier(self.sources, &self.sources[snippet], snippet, &name.name) {
                self.pick(by, snippet, &name.name);
            }
        }
    }
}

/// The statements of a snippet that bind a name or work on its object, in order.
fn makers(source: &Source<'_>, name: &str, fixed: bool, workers: &HashSet<String>) -> BTreeSet<usize> {
    let names = &source.names;
    let statement = |index: &usize| &source.code.statements()[*index];
    let mut found: BTreeSet<_> = names.bindings_of(name).map(|binding| binding.statement).collect();
    if names.star_import {
        found.extend((0..source.code.statements().len()).filter(|index| is_star_import(statement(index))));
    }
    if !fixed {
        found.extend(names.users_of(name).filter(|index| works_on(statement(index), name)));
        let callers = workers.iter().flat_map(|worker| names.users_of(worker));
        found.extend(callers.filter(|index| calls(statement(index), workers)));
    }
    found
}

/// Functions of these snippets whose bodies use a name: calling one may change its object.
fn workers(sources: &[Source<'_>], name: &str) -> HashSet<String> {
    let mut found = HashSet::new();
    for source in sources {
        let bound = source.names.bindings_of(name).map(|binding| binding.statement);
        for index in source.names.users_of(name).chain(bound) {
            if let Stmt::FunctionDef(function) = &source.code.statements()[index]
                && mentions(&function.body, name)
            {
                found.insert(function.name.to_string());
            }
        }
    }
    found
}

/// Whether a name occurs in statements.
fn mentions(body: &[Stmt], name: &str) -> bool {
    struct Finds<'n>(&'n str, bool);
    impl<'a> Visitor<'a> for Finds<'_> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            self.1 |= expr.as_name_expr().is_some_and(|found| found.id.as_str() == self.0);
            visitor::walk_expr(self, expr);
        }
    }
    let mut finds = Finds(name, false);
    finds.visit_body(body);
    finds.1
}

/// Whether a statement calls one of these functions where it stands.
fn calls(stmt: &Stmt, functions: &HashSet<String>) -> bool {
    struct Finds<'n>(&'n HashSet<String>, bool);
    impl<'a> Visitor<'a> for Finds<'_> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            let callee = expr.as_call_expr().and_then(|call| call.func.as_name_expr());
            self.1 |= callee.is_some_and(|callee| self.0.contains(callee.id.as_str()));
            visitor::walk_expr(self, expr);
        }
    }
    if functions.is_empty() || matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
        return false;
    }
    let mut finds = Finds(functions, false);
    finds.visit_stmt(stmt);
    finds.1
}

/// Whether a name is an import, a function or a class: what merely uses it does not change it.
fn is_definition(source: &Source<'_>, name: &str) -> bool {
    let binds = source.names.bindings_of(name);
    let defines = |stmt: &Stmt| {
        matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_) | Stmt::FunctionDef(_) | Stmt::ClassDef(_))
    };
    binds.clone().count() > 0 && binds.clone().all(|b| defines(&source.code.statements()[b.statement]))
}

fn is_star_import(stmt: &Stmt) -> bool {
    stmt.as_import_from_stmt()
        .is_some_and(|import| import.names.iter().any(|alias| alias.name.as_str() == "*"))
}

/// Whether a statement may change the object behind a name. Definitions and prints only look.
fn works_on(stmt: &Stmt, name: &str) -> bool {
    let only_looks = match stmt {
        Stmt::FunctionDef(_)
        | Stmt::ClassDef(_)
        | Stmt::Import(_)
        | Stmt::ImportFrom(_)
        | Stmt::Assert(_) => true,
        Stmt::Expr(expr) => match expr.value.as_ref() {
            Expr::Call(call) => call
                .func
                .as_name_expr()
                .is_some_and(|f| ["print", "len", "repr", "type"].contains(&f.id.as_str())),
            Expr::Await(_) => false,
            _ => true,
        },
        // `b = a` shares the object, but changes it no more than `b = f(a)` for most functions there are.
        Stmt::Assign(assign) => {
            assign.targets.iter().all(|target| target.is_name_expr()) && !has_method_call(&assign.value, name)
        }
        _ => false,
    };
    !only_looks && mentions(std::slice::from_ref(stmt), name)
}

/// `x = name.pop()` and the like, and `x = Machine(name)`: what is built on an object may change it.
fn has_method_call(value: &Expr, name: &str) -> bool {
    let Expr::Call(call) = value else { return false };
    let builds = call.func.as_name_expr().is_some_and(|callee| callee.id.starts_with(char::is_uppercase));
    let given = |argument: &Expr| argument.as_name_expr().is_some_and(|found| found.id.as_str() == name);
    if builds && call.arguments.args.iter().any(given) {
        return true;
    }
    let receiver = call.func.as_attribute_expr().and_then(|attribute| attribute.value.as_name_expr());
    receiver.is_some_and(|receiver| receiver.id.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::names;

    /// The texts of the statements that the last snippet needs, and the names that are missing.
    fn needs(snippets: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let codes: Vec<_> = snippets.iter().map(|(_, text)| Code::parse(text)).collect();
        let sources: Vec<_> = snippets
            .iter()
            .zip(&codes)
            .map(|((block, _), code)| Source {
                block,
                code,
                names: names(code.statements()),
                runs: true,
                continues: None,
                own_block: false,
            })
            .collect();
        let found = supply(&sources, snippets.len() - 1);
        let text = |(snippet, index): &(usize, usize)| {
            codes[*snippet].text(&codes[*snippet].statements()[*index]).lines().next().unwrap().to_owned()
        };
        (found.statements.iter().map(text).collect(), found.missing.into_iter().map(|n| n.name).collect())
    }

    #[test]
    fn only_what_is_needed_runs() {
        let (statements, missing) = needs(&[
            ("1", "import time\nimport os\ntime.sleep(9)\ndef f():\n    return time.time()\nlaunch()"),
            ("2", "print(f())\nunknown"),
        ]);
        assert_eq!(statements, ["import time", "def f():"]);
        assert_eq!(missing, ["unknown"]);
    }

    #[test]
    fn work_on_the_same_object_counts() {
        let (statements, _) = needs(&[
            ("1", "xs = [1]\nxs.append(2)\nprint(xs)\nys = xs"),
            ("1", "for x in (3, 4):\n    xs.append(x)"),
            ("1", "xs"),
        ]);
        assert_eq!(statements, ["xs = [1]", "xs.append(2)", "for x in (3, 4):"]);
    }

    #[test]
    fn what_a_statement_needs_is_supplied_all_the_same() {
        let sources = ["x = 1\ny = x + 1", "y\nx"];
        let (statements, missing) = needs(&sources.map(|code| ("1", code)));
        assert_eq!((statements, missing), (vec!["x = 1".to_owned(), "y = x + 1".to_owned()], vec![]));
        let codes = sources.map(Code::parse);
        let source = |code| Source {
            block: "1",
            code,
            names: names(Code::statements(code)),
            runs: true,
            continues: None,
            own_block: false,
        };
        let supplied = supply(&codes.each_ref().map(source), 1).supplied;
        assert_eq!(supplied.iter().map(|s| s.name.name.as_str()).collect::<Vec<_>>(), ["y", "x"]);
    }

    #[test]
    fn the_own_block_is_nearer() {
        let (statements, _) = needs(&[("1", "x = 1"), ("2", "x = 2"), ("1", "x")]);
        assert_eq!(statements, ["x = 1"]);
        let (statements, _) = needs(&[("1", "x = 1"), ("2", "x = 2"), ("3", "x")]);
        assert_eq!(statements, ["x = 2"]);
    }

    #[test]
    fn a_companion_has_the_whole_snippet_behind_it_and_nothing_later() {
        let texts = ["import sys", "y = sys.path\nprint(1)", "y = 3", "y\nsys"];
        let codes = texts.map(Code::parse);
        let source = |(index, code)| {
            let continues = (index == 3).then_some(1);
            Source {
                block: "1",
                code,
                names: names(Code::statements(code)),
                runs: true,
                continues,
                own_block: false,
            }
        };
        let sources: Vec<_> = codes.iter().enumerate().map(source).collect();
        let found = supply(&sources, 3);
        assert_eq!(found.statements.into_iter().collect::<Vec<_>>(), [(0, 0), (1, 0), (1, 1)]);
        assert_eq!(found.missing.len(), 0);
    }

    #[test]
    fn star_imports_may_bind_anything() {
        let (statements, missing) = needs(&[("1", "from math import *\nx = 1"), ("1", "sqrt(4)")]);
        assert_eq!((statements, missing), (vec!["from math import *".to_owned()], vec![]));
    }
}
