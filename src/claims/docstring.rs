//! Sessions in docstrings: examples of what a function gives, evaluated once it is defined.

use ruff_python_ast::Stmt;

use super::exception::traceback;
use super::target::Target;
use super::understand::plain;
use super::vocabulary::Vocabulary;
use super::{Claim, Form, Kind, Meaning, Says};
use crate::guide::{Guide, Snippet};
use crate::python::Code;

const PROMPT: &str = ">>> ";
const CONTINUATION: &str = "...";

/// The examples in the docstrings of a snippet's definitions.
pub fn claims(guide: &Guide, index: usize, code: &Code, known: &Vocabulary) -> Vec<Claim> {
    let snippet = &guide.snippets[index];
    let mut claims = Vec::new();
    for top in code.statements() {
        let mut lines = Vec::new();
        crate::python::each_statement(std::slice::from_ref(top), &mut |stmt| {
            lines.extend(docstring(code, stmt))
        });
        for (first, last) in lines {
            let target = Target::statement(code, top);
            let found = examples(code, first, last);
            claims.extend(found.into_iter().map(|example| example.claim(snippet, index, &target, known)));
        }
    }
    claims
}

/// First and last line of a definition's docstring.
fn docstring(code: &Code, stmt: &Stmt) -> Option<(usize, usize)> {
    let body = match stmt {
        Stmt::FunctionDef(function) => &function.body,
        Stmt::ClassDef(class) => &class.body,
        _ => return None,
    };
    let text = body.first()?.as_expr_stmt()?.value.as_string_literal_expr()?;
    Some(code.lines(text))
}

/// The most that is typed for one example, in bytes: each repeats what was typed before it.
const LONGEST: usize = 4_000;

/// One prompt of a docstring.
struct Example {
    /// What was typed so far, this prompt's input last.
    code: String,
    /// Its lines of output in the code, each with its text and the byte at which that starts.
    output: Vec<(usize, String, usize)>,
}

fn examples(code: &Code, first: usize, last: usize) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut typed = String::new();
    let mut open = false;
    for line in first..=last {
        let start = code.line_start(line);
        let raw = code.code[start..code.line_start(line + 1)].trim_end();
        let text = raw.trim_start().trim_end_matches(['"', '\'']);
        if let Some(input) = text.strip_prefix(PROMPT) {
            typed = format!("{typed}{input}\n");
            if typed.len() > LONGEST {
                break;
            }
            found.push(Example { code: typed.clone(), output: Vec::new() });
            open = true;
        } else if let Some(example) = found.last_mut().filter(|_| open && !text.is_empty()) {
            match text.strip_prefix(CONTINUATION).filter(|_| example.output.is_empty()) {
                Some(more) => {
                    typed = format!("{typed}{}\n", more.strip_prefix(' ').unwrap_or(more));
                    example.code.clone_from(&typed);
                }
                None => {
                    example.output.push((line, text.to_owned(), start + raw.len() - raw.trim_start().len()))
                }
            }
        } else {
            open = false;
        }
    }
    found.retain(|example| !example.output.is_empty() && !example.code.contains("+SKIP"));
    found
}

impl Example {
    fn claim(self, snippet: &Snippet, index: usize, target: &Target, known: &Vocabulary) -> Claim {
        let lines: Vec<_> = self.output.iter().map(|(_, text, _)| text.clone()).collect();
        let text = lines.join("\n");
        let says = traceback(&lines, known).map_or_else(|| Says::Prints(text.clone()), Says::Raises);
        let (first, last) = (&self.output[0], &self.output[self.output.len() - 1]);
        let meaning = Meaning::Evaluates { code: self.code.trim_end().to_owned(), says };
        let found = plain(Kind::Expression, text.clone(), meaning);
        Claim {
            id: String::new(),
            lines: (snippet.guide_line(first.0), snippet.guide_line(last.0)),
            snippet: index,
            kind: found.kind,
            form: Form::Doctest,
            certainty: found.certainty,
            text,
            expected: found.expected,
            span: (snippet.guide_offset(first.2), snippet.guide_offset(last.2 + last.1.len())),
            targets: vec![target.clone()],
            meaning: found.meaning,
            marked: true,
            hedged: false,
            versions: None,
        }
    }
}
