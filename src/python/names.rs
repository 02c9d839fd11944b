//! Which names a piece of code binds at its top level, and which it takes from there.
//!
//! A use is *deferred* when it stands in a function body: it happens when somebody calls the
//! function, if ever. Names bound inside a function, lambda or comprehension are its own affair.

mod table;

pub use table::{Binding, Name, Names, is_builtin};

use std::collections::HashSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Alias, Comprehension, ExceptHandler, Expr, ExprContext, Parameters, Pattern, Stmt, TypeParam, TypeParams,
};
use ruff_text_size::Ranged;

/// Collects the names of top-level statements.
pub fn names(body: &[Stmt]) -> Names {
    let mut walk = Walk {
        names: Names::default(),
        lazy_annotations: false,
        scopes: Vec::new(),
        statement: 0,
        usable: None,
    };
    for (index, stmt) in body.iter().enumerate() {
        walk.statement = index;
        walk.visit_stmt(stmt);
    }
    walk.names.indexed()
}

struct Scope {
    bound: HashSet<String>,
    globals: HashSet<String>,
    kind: ScopeKind,
}

#[derive(Clone, Copy, PartialEq)]
enum ScopeKind {
    Function,
    Class,
    /// A comprehension: its targets are its own, its body runs at once.
    Comprehension,
    /// Type parameters of a definition.
    Parameters,
}

struct Walk {
    names: Names,
    /// Whether `from __future__ import annotations` keeps annotations from being evaluated.
    lazy_annotations: bool,
    scopes: Vec<Scope>,
    statement: usize,
    /// Where the targets of the assignment at hand become usable.
    usable: Option<usize>,
}

impl Walk {
    fn bind(&mut self, name: &str, at: usize) {
        let scope = self.scopes.iter_mut().rev().find(|s| s.kind != ScopeKind::Comprehension);
        if let Some(scope) = scope
            && !scope.globals.contains(name)
        {
            scope.bound.insert(name.to_owned());
            return;
        }
        let usable = self.usable.unwrap_or(at);
        self.names.bindings.push(Binding { name: name.to_owned(), at, usable, statement: self.statement });
    }

    fn use_name(&mut self, name: &str, at: usize, end: usize) {
        let innermost = self.scopes.len().saturating_sub(1);
        // A class body's names are invisible to the functions inside it.
        let own = self.scopes.iter().enumerate().any(|(depth, scope)| {
            scope.bound.contains(name)
                && (scope.kind != ScopeKind::Class || self.sees_class(depth, innermost))
        });
        if own {
            return;
        }
        let deferred = self.scopes.iter().any(|scope| scope.kind == ScopeKind::Function);
        let name = Name { name: name.to_owned(), at, end, statement: self.statement, deferred };
        self.names.uses.push(name);
    }

    fn sees_class(&self, depth: usize, innermost: usize) -> bool {
        self.scopes[depth + 1..=innermost].iter().all(|scope| scope.kind != ScopeKind::Function)
    }

    fn scoped(&mut self, kind: ScopeKind, bound: HashSet<String>, inside: impl FnOnce(&mut Walk)) {
        let usable = self.usable.take();
        self.scopes.push(Scope { bound, globals: HashSet::new(), kind });
        inside(self);
        self.scopes.pop();
        self.usable = usable;
    }

    /// A function's body: what it binds anywhere is its own from its first line on.
    fn function(&mut self, parameters: &Parameters, body: &[Stmt]) {
        let mut inside = Inside::default();
        inside.visit_body(body);
        let mut bound = inside.bound;
        bound.extend(parameters.iter().map(|p| p.name().to_string()));
        bound.retain(|name| !inside.globals.contains(name));
        self.scoped(ScopeKind::Function, bound, |walk| {
            walk.scopes.last_mut().expect("just pushed").globals = inside.globals;
            walk.visit_body(body);
        });
    }

    fn signature(&mut self, parameters: &Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
        }
        for parameter in parameters.iter() {
            if let Some(annotation) = parameter.annotation() {
                self.visit_annotation(annotation);
            }
        }
    }

    fn with_type_params(&mut self, params: Option<&TypeParams>, inside: impl FnOnce(&mut Walk)) {
        let name = |param: &TypeParam| match param {
            TypeParam::TypeVar(p) => p.name.to_string(),
            TypeParam::TypeVarTuple(p) => p.name.to_string(),
            TypeParam::ParamSpec(p) => p.name.to_string(),
        };
        match params {
            None => inside(self),
            Some(params) => self.scoped(ScopeKind::Parameters, params.iter().map(name).collect(), inside),
        }
    }

    fn comprehension(&mut self, generators: &[Comprehension], inside: impl FnOnce(&mut Walk)) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let mut targets = Inside::default();
        generators.iter().for_each(|generator| targets.visit_expr(&generator.target));
        self.scoped(ScopeKind::Comprehension, targets.bound, |walk| {
            for (index, generator) in generators.iter().enumerate() {
                if index > 0 {
                    walk.visit_expr(&generator.iter);
                }
                generator.ifs.iter().for_each(|test| walk.visit_expr(test));
            }
            inside(walk);
        });
    }
}

impl<'a> Visitor<'a> for Walk {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let outer = self.usable;
        match stmt {
            Stmt::FunctionDef(def) => {
                def.decorator_list.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
                self.usable = Some(def.range.end().to_usize());
                self.bind(&def.name, def.name.range.start().to_usize());
                self.with_type_params(def.type_params.as_deref(), |walk| {
                    walk.signature(&def.parameters);
                    def.returns.iter().for_each(|returns| walk.visit_annotation(returns));
                    walk.function(&def.parameters, &def.body);
                });
            }
            Stmt::ClassDef(def) => {
                def.decorator_list.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
                self.usable = Some(def.range.end().to_usize());
                self.bind(&def.name, def.name.range.start().to_usize());
                self.with_type_params(def.type_params.as_deref(), |walk| {
                    def.arguments.iter().for_each(|arguments| walk.visit_arguments(arguments));
                    walk.scoped(ScopeKind::Class, HashSet::new(), |walk| walk.visit_body(&def.body));
                });
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let bound = module_name(alias);
                    self.bind(&bound, alias.range.start().to_usize());
                }
            }
            Stmt::ImportFrom(import) => {
                let future = import.module.as_ref().is_some_and(|module| module.as_str() == "__future__");
                for alias in &import.names {
                    self.lazy_annotations |= future && alias.name.as_str() == "annotations";
                    if alias.name.as_str() == "*" {
                        self.names.star_import = true;
                    } else {
                        let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                        self.bind(bound, alias.range.start().to_usize());
                    }
                }
            }
            Stmt::Assign(_) | Stmt::AnnAssign(_) => {
                self.usable = Some(stmt.range().end().to_usize());
                visitor::walk_stmt(self, stmt);
            }
            Stmt::AugAssign(assign) => {
                if let Expr::Name(name) = assign.target.as_ref() {
                    self.use_name(&name.id, name.range.start().to_usize(), name.range.end().to_usize());
                }
                self.usable = Some(stmt.range().end().to_usize());
                visitor::walk_stmt(self, stmt);
            }
            Stmt::Global(_) | Stmt::Nonlocal(_) => {}
            _ => visitor::walk_stmt(self, stmt),
        }
        self.usable = outer;
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                let (at, end) = (name.range.start().to_usize(), name.range.end().to_usize());
                match name.ctx {
                    ExprContext::Store => self.bind(&name.id, at),
                    ExprContext::Load | ExprContext::Del => self.use_name(&name.id, at, end),
                    ExprContext::Invalid => {}
                }
            }
            Expr::Lambda(lambda) => {
                let mut bound = HashSet::new();
                if let Some(parameters) = &lambda.parameters {
                    self.signature(parameters);
                    bound.extend(parameters.iter().map(|p| p.name().to_string()));
                }
                self.scoped(ScopeKind::Function, bound, |walk| walk.visit_expr(&lambda.body));
            }
            Expr::ListComp(comp) => self.comprehension(&comp.generators, |walk| walk.visit_expr(&comp.elt)),
            Expr::SetComp(comp) => self.comprehension(&comp.generators, |walk| walk.visit_expr(&comp.elt)),
            Expr::Generator(comp) => self.comprehension(&comp.generators, |walk| walk.visit_expr(&comp.elt)),
            Expr::DictComp(comp) => self.comprehension(&comp.generators, |walk| {
                comp.key.iter().for_each(|key| walk.visit_expr(key));
                walk.visit_expr(&comp.value);
            }),
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_annotation(&mut self, annotation: &'a Expr) {
        if !self.lazy_annotations {
            self.visit_expr(annotation);
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bind(name, name.range.start().to_usize());
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Some(name) = captured(pattern) {
            self.bind(name, pattern.range().start().to_usize());
        }
        visitor::walk_pattern(self, pattern);
    }
}

fn captured(pattern: &Pattern) -> Option<&str> {
    match pattern {
        Pattern::MatchAs(as_pattern) => as_pattern.name.as_deref(),
        Pattern::MatchStar(star) => star.name.as_deref(),
        Pattern::MatchMapping(mapping) => mapping.rest.as_deref(),
        _ => None,
    }
}

/// What `import a.b as c` binds: `c`; without the `as` it is `a`.
fn module_name(alias: &Alias) -> String {
    match &alias.asname {
        Some(name) => name.to_string(),
        None => alias.name.split('.').next().unwrap_or_default().to_owned(),
    }
}

/// What a function's own body binds, not looking into the functions and classes inside it.
#[derive(Default)]
struct Inside {
    bound: HashSet<String>,
    globals: HashSet<String>,
}

impl<'a> Visitor<'a> for Inside {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => {
                self.bound.insert(def.name.to_string());
            }
            Stmt::ClassDef(def) => {
                self.bound.insert(def.name.to_string());
            }
            Stmt::Global(global) => self.globals.extend(global.names.iter().map(ToString::to_string)),
            // A nonlocal name is some outer function's: bound here all the same as far as the module goes.
            Stmt::Nonlocal(nonlocal) => self.bound.extend(nonlocal.names.iter().map(ToString::to_string)),
            Stmt::Import(import) => self.bound.extend(import.names.iter().map(module_name)),
            Stmt::ImportFrom(import) => {
                let bound =
                    |alias: &ruff_python_ast::Alias| alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                self.bound.extend(import.names.iter().map(bound));
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx == ExprContext::Store => {
                self.bound.insert(name.id.to_string());
            }
            Expr::Lambda(_) => {}
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                let mut walrus = Walruses(&mut self.bound);
                visitor::walk_expr(&mut walrus, expr);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        self.bound.extend(inner.name.iter().map(ToString::to_string));
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.bound.extend(captured(pattern).map(str::to_owned));
        visitor::walk_pattern(self, pattern);
    }
}

/// `:=` inside a comprehension binds outside it.
struct Walruses<'s>(&'s mut HashSet<String>);

impl<'a> Visitor<'a> for Walruses<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Named(named) = expr
            && let Expr::Name(name) = named.target.as_ref()
        {
            self.0.insert(name.id.to_string());
        }
        visitor::walk_expr(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Code;
    use super::*;

    fn unexplained(code: &str) -> Vec<(String, bool)> {
        let code = Code::parse(code);
        names(code.statements()).unexplained().map(|name| (name.name.clone(), name.deferred)).collect()
    }

    fn missing(code: &str) -> Vec<String> {
        unexplained(code).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn locals_are_nobodys_business() {
        assert!(
            missing("def f(a, *b, c=1, **d):\n    e = a\n    return [e + x for x in b if (y := x)], c, d, y")
                .is_empty()
        );
        assert!(missing("for i, (a, b) in []:\n    print(i, a, b)").is_empty());
        assert!(missing("try:\n    pass\nexcept OSError as e:\n    print(e)").is_empty());
        assert!(missing("with open('x') as f, f as g:\n    g").is_empty());
        assert!(missing("match 1:\n    case [a, *b] | {'k': a, **b}:\n        print(a, b)").is_empty());
        assert!(missing("def f[T](x: T) -> T:\n    return x").is_empty());
        assert!(
            missing("def a():\n    n = 0\n    def b():\n        nonlocal n\n        n += 1\n    return b")
                .is_empty()
        );
        assert!(
            missing(
                "class A:\n    x = 1\n    y = [x for _ in 'ab']\n    def m(self):\n        return __class__"
            )
            .is_empty()
        );
    }

    #[test]
    fn uses_before_a_binding_count_only_at_the_top() {
        assert_eq!(unexplained("f()\ndef f(): pass"), [("f".into(), false)]);
        assert_eq!(unexplained("def g():\n    return f()\ndef f(): pass"), []);
        assert_eq!(unexplained("x = x + 1"), [("x".into(), false)]);
        assert_eq!(unexplained("x += 1"), [("x".into(), false)]);
        assert_eq!(unexplained("def g():\n    return h"), [("h".into(), true)]);
        assert_eq!(
            unexplained("class A:\n    x = 1\n    def m(self):\n        return x"),
            [("x".into(), true)]
        );
        assert_eq!(missing("def g():\n    global n\n    n = 1\nprint(n)"), Vec::<String>::new());
    }

    #[test]
    fn headers_run_at_once() {
        assert_eq!(unexplained("@deco\ndef f(a=d, b: ann = 1) -> r: pass").len(), 4);
        assert!(unexplained("@deco\ndef f(a=d): pass").iter().all(|(_, deferred)| !deferred));
        let lazy = "from __future__ import annotations\ndef f(x: Baz) -> Qux:\n    y: Other = x";
        assert_eq!(unexplained(lazy), []);
        assert_eq!(unexplained("class A(Base): pass"), [("Base".into(), false)]);
    }
}
