//! Python's syntax as the other stages need it, read without an interpreter: statements, comments,
//! names, literals, with byte places. Survives broken code; runs nothing.

mod colors;
mod limits;
mod literal;
mod looks;
mod names;
mod script;
mod versions;

pub use colors::{Color, colors};
pub use literal::{atom_end, expression, literal, literal_prefix};
pub use looks::{Looks, looks};
pub use names::{Binding, Name, Names, is_builtin, names};
pub use script::Script;
pub use versions::{Versions, is_standard};

use std::collections::HashSet;

use ruff_python_ast::token::{Token, TokenKind};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Mod, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};
use ruff_text_size::{Ranged, TextRange, TextSize};

/// Parsed code. Offsets are bytes from the start of `code`, lines count from 0.
pub struct Code {
    /// The code itself.
    pub code: String,
    /// Byte offset at which each line starts.
    starts: Vec<usize>,
    parsed: Parsed<Mod>,
    comments: Vec<Comment>,
    /// Byte offsets of the tokens that are code.
    tokens: Vec<usize>,
    /// Why it was not parsed, where it was not.
    unread: Option<&'static str>,
    /// Lines of output without a comment sign, which were given one.
    uncommented: Vec<usize>,
    /// What the script says about itself.
    script: Option<Script>,
}

/// A `#` comment. Offsets are bytes, lines count from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// The line it stands on.
    pub line: usize,
    /// Byte offset of its `#`.
    pub start: usize,
    /// Byte offset of its end.
    pub end: usize,
    /// Its text from the `#` on.
    pub text: String,
    /// Whether nothing but space stands before it on its line.
    pub own_line: bool,
}

/// What is wrong with code that does not parse.
pub struct Broken {
    /// The line, from 0.
    pub line: usize,
    /// The parser's words.
    pub message: String,
}

impl Code {
    /// Parses `code` as a module, as far as it can be. Where lines of output stand between the code
    /// (`==> [1, 3]`), the code is what is left when they are comments.
    pub fn parse(code: &str) -> Code {
        let parsed = Code::parse_as_it_stands(code);
        if parsed.broken().is_none() || parsed.is_unread() {
            return parsed;
        }
        let (commented, lines) = with_outputs_commented(code);
        let mended = Code::parse_as_it_stands(&commented);
        match mended.broken() {
            None if !lines.is_empty() => Code { uncommented: lines, ..mended },
            _ => parsed,
        }
    }

    fn parse_as_it_stands(code: &str) -> Code {
        let unread = limits::unread(code);
        let text = if unread.is_some() { "" } else { code };
        let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
        let starts = std::iter::once(0).chain(code.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut read = Code {
            code: code.to_owned(),
            starts,
            parsed,
            comments: Vec::new(),
            tokens: Vec::new(),
            unread,
            uncommented: Vec::new(),
            script: Script::find(code),
        };
        // Once for all: every comment asks for its neighbours, and a snippet may hold nothing but comments.
        read.comments = read.find_comments();
        read.tokens = read.find_code();
        read
    }

    fn find_comments(&self) -> Vec<Comment> {
        let tokens = self.parsed.tokens().iter().filter(|t| t.kind() == TokenKind::Comment);
        let comments = tokens.map(|token| self.comment(token.range()));
        let of_script =
            |comment: &Comment| self.script.as_ref().is_some_and(|script| script.contains(comment.line));
        comments.filter(|comment| !of_script(comment)).collect()
    }

    fn find_code(&self) -> Vec<usize> {
        let trivia = |token: &Token| token.kind().is_trivia() || token.kind() == TokenKind::Newline;
        let code = self.parsed.tokens().iter().filter(|token| !trivia(token) && !token.range().is_empty());
        code.map(|token| token.range().start().to_usize()).collect()
    }

    /// The top-level statements that could be recovered, in order.
    pub fn statements(&self) -> &[Stmt] {
        match self.parsed.syntax() {
            Mod::Module(module) => &module.body,
            Mod::Expression(_) => &[],
        }
    }

    /// The first syntax error.
    pub fn broken(&self) -> Option<Broken> {
        if let Some(reason) = self.unread {
            return Some(Broken { line: 0, message: reason.into() });
        }
        if let Some(line) = self.uncommented.first() {
            return Some(Broken { line: *line, message: "output without a comment sign".into() });
        }
        let error = self.parsed.errors().first()?;
        Some(Broken { line: self.line(error.location.start().to_usize()), message: error.error.to_string() })
    }

    /// Whether it is too much to be read at all.
    pub fn is_unread(&self) -> bool {
        self.unread.is_some()
    }

    /// Whether a line (from 0) is output that stands uncommented.
    pub fn is_uncommented_output(&self, line: usize) -> bool {
        self.uncommented.binary_search(&line).is_ok()
    }

    /// What the script says about itself: its inline metadata.
    pub fn script(&self) -> Option<&Script> {
        self.script.as_ref()
    }

    /// All comments, in order; a script's metadata are none.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// The comments on a line (from 0).
    pub fn comments_on(&self, line: usize) -> &[Comment] {
        let from = self.comments.partition_point(|comment| comment.line < line);
        let until = self.comments.partition_point(|comment| comment.line <= line);
        &self.comments[from..until]
    }

    fn comment(&self, range: TextRange) -> Comment {
        let (start, end) = (range.start().to_usize(), range.end().to_usize());
        let line = self.line(start);
        let own_line = self.code[self.starts[line]..start].trim().is_empty();
        Comment { line, start, end, text: self.code[start..end].trim_end().to_owned(), own_line }
    }

    /// The line (from 0) of a byte offset.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The byte offset at which a line (from 0) starts; the code's end for a line beyond it.
    pub fn line_start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.code.len())
    }

    /// The text of a line (from 0), without its end.
    pub fn line_text(&self, line: usize) -> &str {
        let end = self.line_start(line + 1);
        self.code[self.line_start(line)..end].trim_end_matches(['\n', '\r'])
    }

    /// How many lines the code has.
    pub fn line_count(&self) -> usize {
        self.code.lines().count()
    }

    /// First and last line (from 0) of a node, decorators included.
    pub fn lines(&self, node: &impl Ranged) -> (usize, usize) {
        let range = node.range();
        let last = range.end().to_usize().saturating_sub(1).max(range.start().to_usize());
        (self.line(range.start().to_usize()), self.line(last))
    }

    /// The text of a node.
    pub fn text(&self, node: &impl Ranged) -> &str {
        &self.code[node.range()]
    }

    /// Byte offset within its line, as Python's `col_offset` counts.
    pub fn column(&self, offset: TextSize) -> usize {
        self.column_of(offset.to_usize())
    }

    /// The same for a plain offset.
    pub fn column_of(&self, offset: usize) -> usize {
        offset - self.line_start(self.line(offset))
    }

    /// The modules that the code imports anywhere.
    pub fn imports(&self) -> Vec<String> {
        let mut found = Vec::new();
        each_statement(self.statements(), &mut |stmt| match stmt {
            Stmt::Import(import) => found.extend(import.names.iter().map(|alias| alias.name.to_string())),
            Stmt::ImportFrom(import) if import.level == 0 => {
                found.extend(import.module.iter().map(ToString::to_string))
            }
            _ => {}
        });
        found
    }

    /// What the statements on a line (from 0) import, each as a dotted name, members with their module.
    pub fn imported_on(&self, line: usize) -> Vec<String> {
        let mut found = Vec::new();
        each_statement(self.statements(), &mut |stmt| match stmt {
            _ if !(self.lines(stmt).0..=self.lines(stmt).1).contains(&line) => {}
            Stmt::Import(import) => found.extend(import.names.iter().map(|alias| alias.name.to_string())),
            Stmt::ImportFrom(import) if import.level == 0 => {
                let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
                found.extend(import.names.iter().map(|alias| format!("{module}.{}", alias.name)))
            }
            _ => {}
        });
        found
    }

    /// Whether a line between two others (excluding both) holds code.
    pub fn has_code_between(&self, above: usize, below: usize) -> bool {
        let (from, to) = (self.line_start(above + 1), self.line_start(below));
        let first = self.tokens.partition_point(|start| *start < from);
        self.tokens.get(first).is_some_and(|start| *start < to)
    }

    /// Calls `visit` for each statement, outer ones before the ones inside them.
    pub fn each_statement<'a>(&'a self, visit: &mut dyn FnMut(&'a Stmt)) {
        each_statement(self.statements(), visit);
    }

    /// Every name that occurs in the code.
    pub fn identifiers(&self) -> HashSet<String> {
        let names = self.parsed.tokens().iter().filter(|token| token.kind() == TokenKind::Name);
        names.map(|token| self.code[token.range()].to_owned()).collect()
    }
}

/// Code with `#>` in place of the arrows that start a line, length for length, and those lines.
fn with_outputs_commented(code: &str) -> (String, Vec<usize>) {
    const ARROWS: [&str; 6] = ["==>", "=>", "->", "//", "→", ">>"];
    let mut lines = Vec::new();
    let comment = |(index, line): (usize, &str)| {
        let text = line.trim_start();
        let arrow = ARROWS.iter().find(|arrow| text.starts_with(**arrow) && text.len() > arrow.len())?;
        lines.push(index);
        let indent = &line[..line.len() - text.len()];
        Some(format!("{indent}#>{}{}", " ".repeat(arrow.len() - 2), &text[arrow.len()..]))
    };
    let mut comment = comment;
    let text: Vec<_> = code
        .split('\n')
        .enumerate()
        .map(|(index, line)| comment((index, line)).unwrap_or_else(|| line.to_owned()))
        .collect();
    (text.join("\n"), lines)
}

/// Calls `visit` for each statement, outer ones before the ones inside them.
pub fn each_statement<'a>(body: &'a [Stmt], visit: &mut dyn FnMut(&'a Stmt)) {
    struct Walk<'v, 'a>(&'v mut dyn FnMut(&'a Stmt));
    impl<'a> Visitor<'a> for Walk<'_, 'a> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            (self.0)(stmt);
            visitor::walk_stmt(self, stmt);
        }
        fn visit_expr(&mut self, _: &'a ruff_python_ast::Expr) {}
    }
    Walk(visit).visit_body(body);
}
