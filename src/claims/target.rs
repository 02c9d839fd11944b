//! What a claim is about: a statement, or a part of one, in a snippet.

use ruff_python_ast::{Expr, ExprContext, Stmt};
use ruff_text_size::Ranged;

use super::blocks::{bodies, first_inner_line, innermost, last_body, starting_before};
use super::parts::Parts;
use crate::job::Part;
use crate::python::Code;

/// A place in a snippet's code. Offsets are bytes, lines count from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// First and last line.
    pub lines: (usize, usize),
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// A statement or an expression in one.
    pub part: Part,
    /// Whether it is a call of `print`, or a block with one in it.
    pub prints: bool,
    /// Whether it is an expression on its own, whose value a prompt would show.
    pub shows: bool,
    /// Whether its own value means something (not an import, a definition, a bare block).
    pub has_value: bool,
    /// Whether it only binds names to a literal.
    pub is_constant: bool,
    /// Whether other statements stand inside it: then a comment below it is about what they print.
    pub compound: bool,
    /// Expressions whose value it may be about once it has run: targets, receivers, arguments.
    pub after: Vec<String>,
    /// Whether the whole snippet is meant, with the value of its last expression if it ends in one.
    pub whole: bool,
}

impl Target {
    /// All of a snippet's code. In a notebook its last expression shows its value: that is the place.
    pub fn whole(code: &Code) -> Target {
        let lines = (0, code.line_count().saturating_sub(1));
        match code.statements().last() {
            Some(last) if last.is_expr_stmt() => Target {
                lines,
                prints: true,
                after: Vec::new(),
                whole: true,
                ..Target::statement(code, last)
            },
            _ => Target {
                lines,
                start: 0,
                end: code.code.len(),
                part: Part::Statement,
                prints: true,
                shows: false,
                has_value: false,
                is_constant: false,
                compound: true,
                after: Vec::new(),
                whole: true,
            },
        }
    }

    pub(super) fn statement(code: &Code, stmt: &Stmt) -> Target {
        Target {
            lines: code.lines(stmt),
            start: keyword_start(code, stmt),
            end: stmt.range().end().to_usize(),
            part: Part::Statement,
            prints: prints(stmt),
            shows: stmt.is_expr_stmt(),
            has_value: has_value(stmt),
            is_constant: is_constant(stmt),
            compound: bodies(stmt).next().is_some(),
            after: after(code, stmt),
            whole: false,
        }
    }

    fn expression(code: &Code, expr: &Expr) -> Target {
        Target {
            lines: code.lines(expr),
            start: expr.range().start().to_usize(),
            end: expr.range().end().to_usize(),
            part: Part::Expression,
            prints: is_print(expr),
            shows: true,
            has_value: true,
            is_constant: false,
            compound: false,
            after: Vec::new(),
            whole: false,
        }
    }
}

/// Where a statement starts for Python's own parser, which does not count decorators.
fn keyword_start(code: &Code, stmt: &Stmt) -> usize {
    let decorators = match stmt {
        Stmt::FunctionDef(def) => &def.decorator_list,
        Stmt::ClassDef(def) => &def.decorator_list,
        _ => return stmt.range().start().to_usize(),
    };
    let start = decorators.last().map_or(stmt.range().start(), |last| last.range.end()).to_usize();
    let start = start + code.code[start..].len() - code.code[start..].trim_start().len();
    // In broken code a decorator may take all there is.
    start.min(stmt.range().end().to_usize())
}

/// What a comment on the same line as code is about: its statement, or the part of one that ends
/// there. Of several statements that share the line all may be meant.
pub fn beside(code: &Code, parts: &Parts<'_>, line: usize) -> Vec<Target> {
    let Some((body, index)) = innermost(code, code.statements(), line) else { return Vec::new() };
    let stmt = &body[index];
    let (first, last) = code.lines(stmt);
    let inner = first_inner_line(code, stmt);
    let compound = inner.is_some();
    // The end of a block's header, not of the block.
    let header = inner.is_some_and(|inner| inner > line);
    if first < last && line < last && (!compound || header) {
        let parts = parts.ending_on(line);
        let mut parts: Vec<_> = parts.iter().map(|part| Target::expression(code, part)).collect();
        if compound && !goes_on(code, stmt, line) {
            parts.clear();
        }
        let whole = compound || line == first && opens(code, line);
        if parts.is_empty() && whole {
            parts.push(Target::statement(code, stmt));
        }
        return parts;
    }
    let on_line = |stmt: &&Stmt| code.lines(*stmt) == (line, line) && bodies(stmt).next().is_none();
    let row = body[..index].iter().rev().take_while(|stmt| code.lines(*stmt).1 == line).filter(on_line);
    let mut row: Vec<_> = row.take(MOST_BESIDE).map(|stmt| Target::statement(code, stmt)).collect();
    row.reverse();
    row.extend((!compound || header).then(|| Target::statement(code, stmt)));
    row
}

/// The `for` whose body the statement on a line stands right in: what the body does to what is gone through
/// shows when the loop goes on.
pub fn around(code: &Code, line: usize) -> Option<Target> {
    let mut body = code.statements();
    let mut found: Option<&Stmt> = None;
    while let Some(stmt) = body[..starting_before(code, body, line + 1)].last() {
        match last_body(code, stmt, line + 1).filter(|_| code.lines(stmt).1 >= line) {
            Some(inner) => (found, body) = (Some(stmt), inner),
            None => break,
        }
    }
    found.filter(|stmt| stmt.is_for_stmt()).map(|stmt| Target::statement(code, stmt))
}

/// How many statements before the last of a line a comment beside them may be about as well.
const MOST_BESIDE: usize = 16;

/// Whether the head of a block goes on below a line.
fn goes_on(code: &Code, stmt: &Stmt, line: usize) -> bool {
    first_inner_line(code, stmt).is_some_and(|inner| code.has_code_between(line, inner))
}

/// Whether the code of a line ends with a bracket that it opens.
fn opens(code: &Code, line: usize) -> bool {
    let (start, end) = (code.line_start(line), code.line_start(line + 1));
    let end = code.comments_on(line).first().map_or(end, |comment| comment.start);
    code.code[start..end].trim_end().ends_with(['(', '[', '{'])
}

/// The nearest statement that ends above an own-line comment at this column.
pub fn above(code: &Code, line: usize, column: usize) -> Option<Target> {
    let mut body = code.statements();
    let mut found: Option<&Stmt> = None;
    while let Some(stmt) = body[..starting_before(code, body, line)].last() {
        found = (code.lines(stmt).1 < line).then_some(stmt);
        // A comment that is indented further than the statement belongs inside its last block.
        let inner = last_body(code, stmt, line);
        let indented = column > code.column(stmt.range().start());
        match inner {
            Some(inner) if indented || code.lines(stmt).1 >= line => body = inner,
            _ => break,
        }
    }
    // Behind an `else:` begins another branch.
    let found = found.filter(|stmt| !code.has_code_between(code.lines(*stmt).1, line));
    found.map(|stmt| Target::statement(code, stmt))
}

/// The statement that starts on a line.
pub fn starting_on(code: &Code, line: usize) -> Option<Target> {
    let (body, index) = innermost(code, code.statements(), line)?;
    let stmt = &body[index];
    (code.lines(stmt).0 == line).then(|| Target::statement(code, stmt))
}

/// Whether a statement binds names to a literal and does nothing else.
fn is_constant(stmt: &Stmt) -> bool {
    let value = match stmt {
        Stmt::Assign(s) => Some(s.value.as_ref()),
        Stmt::AnnAssign(s) => s.value.as_deref(),
        _ => None,
    };
    value.is_some_and(|value| {
        value.is_literal_expr() || value.as_unary_op_expr().is_some_and(|u| u.operand.is_literal_expr())
    })
}

/// Whether a statement prints, or one of the first inside it: every comment below a block asks.
fn prints(stmt: &Stmt) -> bool {
    const MOST: usize = 500;
    match stmt {
        Stmt::Expr(s) => is_print(&s.value),
        Stmt::FunctionDef(_) | Stmt::ClassDef(_) => false,
        _ => bodies(stmt).take(MOST).any(|body| body.iter().take(MOST).any(prints)),
    }
}

fn is_print(expr: &Expr) -> bool {
    let name = |call: &ruff_python_ast::ExprCall| call.func.as_name_expr().map(|name| name.id.to_string());
    expr.as_call_expr().and_then(name).is_some_and(|name| name == "print" || name == "pprint")
}

fn has_value(stmt: &Stmt) -> bool {
    !matches!(
        stmt,
        Stmt::Import(_)
            | Stmt::ImportFrom(_)
            | Stmt::FunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::Pass(_)
            | Stmt::Break(_)
            | Stmt::Continue(_)
            | Stmt::Global(_)
            | Stmt::Nonlocal(_)
            | Stmt::TypeAlias(_)
            | Stmt::IpyEscapeCommand(_)
    )
}

/// Expressions to read once a statement has run: what it assigned, deleted from or called a method of.
fn after(code: &Code, stmt: &Stmt) -> Vec<String> {
    let mut found = Vec::new();
    match stmt {
        Stmt::Assign(s) => s.targets.iter().for_each(|target| bases(code, target, &mut found)),
        Stmt::AnnAssign(s) => bases(code, &s.target, &mut found),
        Stmt::AugAssign(s) => bases(code, &s.target, &mut found),
        Stmt::Delete(s) => s.targets.iter().for_each(|target| bases(code, target, &mut found)),
        Stmt::Expr(s) => receivers(code, &s.value, &mut found),
        _ => {}
    }
    found.dedup();
    found
}

/// The object that an assignment's target is or stands in.
fn bases(code: &Code, target: &Expr, found: &mut Vec<String>) {
    match target {
        Expr::Name(name) if name.ctx != ExprContext::Del => found.push(name.id.to_string()),
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|inner| bases(code, inner, found)),
        Expr::List(list) => list.elts.iter().for_each(|inner| bases(code, inner, found)),
        Expr::Starred(starred) => bases(code, &starred.value, found),
        Expr::Subscript(_) | Expr::Attribute(_) => steps(code, target, found),
        _ => {}
    }
}

/// `x.a[0]`, then `x.a`, then `x`: an object and those that it stands in, as far as anybody looks.
fn steps(code: &Code, expr: &Expr, found: &mut Vec<String>) {
    const MOST: usize = 12;
    let chain = std::iter::successors(Some(expr), |expr| holder(expr)).take(MOST);
    found.extend(chain.filter_map(|step| readable(code, step)));
}

/// The object of which an expression is an attribute or an item.
fn holder(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Subscript(subscript) => Some(&subscript.value),
        Expr::Attribute(attribute) => Some(&attribute.value),
        _ => None,
    }
}

/// The receiver of a method call, or the arguments of a function call (`heapify(xs)`).
fn receivers(code: &Code, expr: &Expr, found: &mut Vec<String>) {
    let Expr::Call(call) = expr else { return };
    match call.func.as_ref() {
        Expr::Attribute(attribute) => {
            // `d.setdefault("k", []).append(1)` works on `d`.
            receivers(code, &attribute.value, found);
            steps(code, &attribute.value, found);
            found.extend(call.arguments.args.iter().filter_map(|argument| readable(code, argument)));
        }
        _ if is_print(expr) => {}
        _ => found.extend(call.arguments.args.iter().filter_map(|argument| readable(code, argument))),
    }
}

/// An expression that can be read again without running anything: names, attributes and items of them.
fn readable(code: &Code, expr: &Expr) -> Option<String> {
    fn plain(expr: &Expr) -> bool {
        match expr {
            Expr::Name(_) => true,
            Expr::Attribute(e) => plain(&e.value),
            Expr::Subscript(e) => plain(&e.value) && (plain(&e.slice) || e.slice.is_literal_expr()),
            _ => false,
        }
    }
    plain(expr).then(|| code.text(expr).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(code: &Code, target: Option<Target>) -> String {
        target.map_or_else(|| "-".into(), |t| code.code[t.start..t.end].replace('\n', "|"))
    }

    #[test]
    fn beside_is_the_innermost_statement_or_part() {
        let code =
            Code::parse("def f():\n    return 1\nx = [\n  1,\n  f(2),\n]\nfor i in x:\n    print(i); i\n");
        let at = |line| text(&code, beside(&code, &Parts::of(&code), line).pop());
        assert_eq!(at(1), "return 1");
        assert_eq!(at(3), "1");
        assert_eq!(at(4), "f(2)");
        assert_eq!(at(5), "x = [|  1,|  f(2),|]");
        assert_eq!(at(6), "for i in x:|    print(i); i");
        assert_eq!(at(7), "i");
    }

    #[test]
    fn above_goes_by_indentation() {
        let code = Code::parse(
            "def f():\n    a()\n    # in\n    b()\n\n# out\nif x:\n    c()\nelse:\n    d()\n    # deep\n# flat\n",
        );
        let at = |line, column| text(&code, above(&code, line, column));
        assert_eq!(at(2, 4), "a()");
        assert_eq!(at(5, 0), "def f():|    a()|    # in|    b()");
        assert_eq!(at(10, 4), "d()");
        assert!(at(11, 0).starts_with("if x:"));
        assert_eq!(at(0, 0), "-");
    }

    #[test]
    fn after_names_what_changes() {
        let after = |text: &str| {
            let code = Code::parse(text);
            Target::statement(&code, &code.statements()[0]).after
        };
        assert_eq!(after("a, *b = x"), ["a", "b"]);
        assert_eq!(after("a[1:2] = x"), ["a"]);
        assert_eq!(after("d['k'] = x"), ["d['k']", "d"]);
        assert_eq!(after("del d[0]"), ["d[0]", "d"]);
        assert_eq!(after("xs.append(1)"), ["xs"]);
        assert_eq!(after("heapify(xs)"), ["xs"]);
        assert_eq!(after("self.a.b += 1"), ["self.a.b", "self.a", "self"]);
        assert_eq!(after("f().x(1)"), Vec::<String>::new());
    }
}
