//! Python files: the examples in the docstrings of the module, its classes and its functions. Each docstring is a
//! block under its owner's qualified name, and starts afresh with the module's names, as doctest has it.

use std::ops::Range;

use ruff_python_ast::{Stmt, StringFlags, StringLiteral};
use ruff_text_size::{Ranged, TextRange};

use super::rst;
use crate::guide::directive;
use crate::guide::origin::{Making, Writing};
use crate::guide::structure::{CodeBlock, CodeLine, Heading, Structure, lines_of};
use crate::guide::{Behind, Format, Source};
use crate::python::{Code, literal};
use crate::value::Value;

/// A docstring.
struct Docstring {
    /// Of whom; empty for the module.
    owner: String,
    /// How many bytes before it its owner starts, with the decorators.
    head: usize,
    /// The file's bytes between the quotes.
    content: Range<usize>,
    /// How it is written.
    quote: &'static str,
    raw: bool,
}

/// Reads a file.
pub fn read(file: Source) -> (Source, Structure) {
    let code = Code::parse(&file.text);
    let mut docstrings = Vec::new();
    collect(code.statements(), "", None, &mut docstrings);
    let (source, contents) = made(file, &docstrings);
    let mut structure = Structure { format: Format::Python, ..Structure::default() };
    for (docstring, content) in docstrings.iter().zip(contents) {
        docstring.add(content, &source, &mut structure);
    }
    (source, structure)
}

/// Finds the docstrings of a body and of what is defined in it. `above` is where its owner starts.
fn collect(body: &[Stmt], owner: &str, above: Option<usize>, found: &mut Vec<Docstring>) {
    found.extend(body.first().and_then(docstring).map(|literal| Docstring {
        owner: owner.to_owned(),
        head: literal.content_range().start().to_usize()
            - above.unwrap_or(literal.range().start().to_usize()),
        content: bytes(literal.content_range()),
        quote: literal.flags.quote_str(),
        raw: literal.flags.prefix().is_raw(),
    }));
    defined(body, owner, found);
}

fn defined(body: &[Stmt], owner: &str, found: &mut Vec<Docstring>) {
    for stmt in body {
        let named = |name: &str| if owner.is_empty() { name.to_owned() } else { format!("{owner}.{name}") };
        let above = Some(stmt.range().start().to_usize());
        match stmt {
            Stmt::ClassDef(class) => collect(&class.body, &named(&class.name), above, found),
            // What a function defines inside nobody can look up.
            Stmt::FunctionDef(function) => {
                collect(&function.body[..function.body.len().min(1)], &named(&function.name), above, found);
            }
            Stmt::If(branch) => {
                defined(&branch.body, owner, found);
                branch.elif_else_clauses.iter().for_each(|clause| defined(&clause.body, owner, found));
            }
            Stmt::Try(attempt) => {
                defined(&attempt.body, owner, found);
                defined(&attempt.orelse, owner, found);
            }
            Stmt::With(with) => defined(&with.body, owner, found),
            _ => {}
        }
    }
}

/// The string that a statement consists of. One that is put together from several is none: its lines are not
/// those of the file.
fn docstring(stmt: &Stmt) -> Option<&StringLiteral> {
    let string = stmt.as_expr_stmt()?.value.as_string_literal_expr()?;
    match string.value.as_slice() {
        [one] if !one.flags.is_unclosed() => Some(one),
        _ => None,
    }
}

fn bytes(range: TextRange) -> Range<usize> {
    range.start().to_usize()..range.end().to_usize()
}

/// The file's text with what the escapes of docstrings say, and where in it each docstring is.
fn made(file: Source, docstrings: &[Docstring]) -> (Source, Vec<Range<usize>>) {
    let mut making = Making::default();
    let mut at = 0;
    let mut contents = Vec::new();
    for docstring in docstrings {
        making.copy(&file.text, at..docstring.content.start);
        let start = making.text.len();
        match docstring.raw {
            true => making.copy(&file.text, docstring.content.clone()),
            false => say(&file.text, docstring.content.clone(), &mut making),
        }
        making.written(start, Writing::Python { quote: docstring.quote, raw: docstring.raw });
        contents.push(start..making.text.len());
        at = docstring.content.end;
    }
    making.copy(&file.text, at..file.text.len());
    (making.finished(file), contents)
}

/// Adds what a part of the file says in which a backslash starts an escape.
fn say(text: &str, part: Range<usize>, making: &mut Making) {
    let mut at = part.start;
    while at < part.end {
        let plain = text[at..part.end].find('\\').map_or(part.end, |escape| at + escape);
        making.copy(text, at..plain);
        at = plain;
        if let Some((words, length)) = escape(&text[at..part.end]) {
            making.say(&words, at..at + length);
            at += length;
        } else if at < part.end {
            // A backslash that starts none stands for itself.
            making.copy(text, at..at + 1);
            at += 1;
        }
    }
}

/// Longer than the name of any character.
const LONGEST_NAME: usize = 120;

/// What the escape says that a text starts with, and how long it is.
fn escape(text: &str) -> Option<(String, usize)> {
    let kind = text.strip_prefix('\\')?.chars().next()?;
    let length = match kind {
        'N' => text.char_indices().take(LONGEST_NAME).find(|(_, c)| *c == '}')?.0 + 1,
        'x' => 4,
        'u' => 6,
        'U' => 10,
        '0'..='7' => 1 + text[1..].bytes().take(3).take_while(|digit| (b'0'..b'8').contains(digit)).count(),
        '\r' if text[1..].starts_with("\r\n") => 3,
        kind => 1 + kind.len_utf8(),
    };
    // What Python's own parser makes of it.
    match literal(&format!("\"\"\"{}\"\"\"", text.get(..length)?))? {
        Value::Str(said) if said != text[..length] => Some((said, length)),
        _ => None,
    }
}

impl Docstring {
    /// Adds the code in it to a structure, below its owner's name.
    fn add(&self, content: Range<usize>, source: &Source, structure: &mut Structure) {
        let lines = lines_of(&source.text, content);
        let found = rst::read_docstring(&lines, source);
        let code = one_session(found.code, source);
        let Some(first) = code.first() else { return };
        if !self.owner.is_empty() {
            let label = Some(self.owner.clone());
            structure.headings.push(Heading { label, ..Heading::new(2, self.owner.clone(), first.opening) });
        }
        let above = self.comments(lines[0].at, source);
        for block in &code {
            structure.directives.extend(directive::in_comments(&above, source, block.opening));
        }
        structure.directives.extend(found.directives);
        structure.code.extend(code.into_iter().map(|block| CodeBlock { behind: Behind::Block, ..block }));
    }

    /// The comments right above the owner, which may say something of its examples.
    fn comments(&self, content: usize, source: &Source) -> Vec<CodeLine> {
        let owner = source.line(content - self.head);
        let line = |line| CodeLine {
            text: source.line_text(line).trim_start().to_owned(),
            at: source.trimmed_line(line).0,
        };
        let mut above: Vec<_> =
            (1..owner).rev().map(line).take_while(|line| line.text.starts_with('#')).collect();
        above.reverse();
        above
    }
}

/// The examples of a docstring as the one session that they are, with what stands between them left out.
fn one_session(blocks: Vec<CodeBlock>, source: &Source) -> Vec<CodeBlock> {
    let is_session = |block: &CodeBlock| block.code.iter().any(|line| rst::is_prompt(&line.text));
    let (sessions, mut all): (Vec<_>, Vec<_>) = blocks.into_iter().partition(is_session);
    let whole = sessions.into_iter().reduce(|mut whole, next| {
        let line = |line: Option<&CodeLine>| line.map_or(0, |line| source.line(line.at));
        let between = line(whole.code.last()) + 1..line(next.code.first());
        let empty = |line| CodeLine { text: String::new(), at: source.line_start(line) };
        whole.code.extend(between.map(empty));
        whole.code.extend(next.code);
        CodeBlock { closing: next.closing, ..whole }
    });
    all.extend(whole);
    all.sort_by_key(|block| block.opening);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels with their lines, and the blocks' openings with their code.
    #[expect(clippy::type_complexity, reason = "read in one look by the tests below")]
    fn found(text: &str) -> (Vec<(String, usize)>, Vec<(usize, Vec<String>)>, Source) {
        let (source, structure) = read(Source::new(text.into()).unwrap());
        let headings =
            structure.headings.iter().map(|it| (it.label.clone().unwrap(), source.line_in_file(it.line)));
        let code = structure.code.iter().map(|block| {
            (source.line_in_file(block.opening), block.code.iter().map(|line| line.text.clone()).collect())
        });
        (headings.collect(), code.collect(), source)
    }

    #[test]
    fn each_docstring_is_a_block_under_its_owner() {
        let text = "'''\n>>> 1\n1\n'''\nif x:\n    @d\n    class A:\n        '''None here.'''\n        def f(self):\n            '>>> 2'\n            def g():\n                '>>> no'\n        async def h(self): r'''\n            >>> 3'''\ntry:\n    def f(): '''>>> 4'''\nexcept E: pass\n";
        let (headings, code, _) = found(text);
        let headings: Vec<_> = headings.iter().map(|(label, line)| (label.as_str(), *line)).collect();
        assert_eq!(headings, [("A.f", 10), ("A.h", 14), ("f", 16)]);
        let code: Vec<_> = code.iter().map(|(line, code)| (*line, code.join("|"))).collect();
        let expected = [(2, ">>> 1|1"), (10, ">>> 2"), (14, ">>> 3"), (16, ">>> 4")];
        assert_eq!(code, expected.map(|(line, code)| (line, code.to_owned())));
    }

    #[test]
    fn prompts_are_one_session_whatever_stands_between() {
        let (_, code, _) = found(
            "'''A.\n\n    >>> x = 1\n\n    Words >>> here.\n\n    >>> x\n    1\n\n    Code::\n\n        y\n'''",
        );
        assert_eq!(
            code[0],
            (3, ["", ">>> x = 1", "", "", "", ">>> x", "1"][1..].iter().map(ToString::to_string).collect())
        );
        assert_eq!(code[1], (12, vec!["y".to_owned()]));
    }

    #[test]
    fn what_is_read_is_what_the_escapes_say() {
        let (_, code, source) =
            found("'''\n>>> 'a\\\\n\\x41\\N{BULLET}\\q' \\\n+ 1\n\\101\n'''\nx = '\\\\'\n");
        assert_eq!(code[0].1, [">>> 'a\\nA•\\q' + 1", "A"]);
        let bullet = source.text.find('•').unwrap();
        let (from, to) = source.in_file((bullet, bullet + '•'.len_utf8()));
        assert_eq!(&source.file().text[from..to], "\\N{BULLET}");
        let (_, code, _) = found("r'''\n>>> '\\\\n'\n'''");
        assert_eq!(code[0].1, [">>> '\\\\n'"]);
        assert!(source.text.ends_with("x = '\\\\'\n"), "what is no docstring stays as it is");
    }

    #[test]
    fn a_comment_above_the_owner_is_about_its_examples() {
        let text = "# verify: skip reason=\"slow\"\n# and so on\n@d\ndef f():\n    '''\n    >>> 1\n\n    .. code:: python\n\n       2\n    '''\n";
        let (_, structure) = read(Source::new(text.into()).unwrap());
        let above: Vec<_> = structure.directives.iter().map(|it| (it.line, it.above)).collect();
        assert_eq!(above, [(1, 6), (1, 8)]);
    }

    #[test]
    fn broken_files_are_read_as_far_as_they_go() {
        assert_eq!(found("def f(:\n    '''\n    >>> 1\n    '''\n)").2.line_count(), 5);
        assert_eq!(found("'''\n>>> 1").1, []);
        assert_eq!(found("'' '>>> 1'").1, []);
    }
}
