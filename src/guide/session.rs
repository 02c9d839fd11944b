//! Interactive sessions: what was typed at the `>>>` prompts, and what was answered.

use std::sync::LazyLock;

use regex::Regex;

use super::structure::CodeLine;
use crate::python::{Code, literal};

/// What one prompt typed and what the session shows below it. Lines count from 0 in the snippet.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// First line of the input.
    pub first: usize,
    /// Last line of the input.
    pub last: usize,
    /// The lines of output, each with its text.
    pub output: Vec<(usize, String)>,
}

const PROMPT: &str = ">>>";
const CONTINUATION: &str = "...";
/// The prompts of a notebook's shell: `In [1]: x`, `   ...: y`, `Out[1]: 2`.
static SHELL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:(?P<typed>In ?\[\d*\]:)|(?P<more>\.{3,}:)|(?P<out>Out ?\[\d*\]:))(?: |$)")
        .expect("valid")
});

/// Whether a code block is a session: its first line that is not blank or a comment is a prompt, or a
/// prompt comes later and keeps the whole from being Python.
pub fn is_session(lines: &[CodeLine]) -> bool {
    if prompts_are_answers(lines) {
        return false;
    }
    let first =
        lines.iter().map(|line| line.text.trim()).find(|text| !text.is_empty() && !text.starts_with('#'));
    let prompt = |text: &str| input(text, PROMPT).is_some();
    first.is_some_and(prompt) || (lines.iter().any(|line| prompt(&line.text)) && is_broken(lines))
}

/// Whether the author marks what comes out with `>>>`, and not what is typed: the block starts with code,
/// and every prompt shows a literal.
fn prompts_are_answers(lines: &[CodeLine]) -> bool {
    let code = |text: &&str| !text.is_empty() && !text.starts_with('#');
    let first = lines.iter().map(|line| line.text.trim()).find(code);
    let shown: Vec<_> = lines.iter().filter_map(|line| input(&line.text, PROMPT)).collect();
    let is_literal = |text: &&str| literal(text.split(" # ").next().unwrap_or(text).trim()).is_some();
    first.is_some_and(|first| input(first, PROMPT).is_none())
        && !shown.is_empty()
        && shown.iter().all(is_literal)
}

fn is_broken(lines: &[CodeLine]) -> bool {
    let code: String = lines.iter().map(|line| format!("{}\n", line.text)).collect();
    Code::parse(&code).broken().is_some()
}

/// Takes a session apart: the typed code, every other line emptied, and the examples.
pub fn session(lines: &[CodeLine]) -> (Vec<CodeLine>, Vec<Example>) {
    let mut code: Vec<CodeLine> =
        lines.iter().map(|line| CodeLine { text: String::new(), at: line.at }).collect();
    let mut examples: Vec<Example> = Vec::new();
    let mut open = false;
    let mut skipped = false;
    for (index, line) in lines.iter().enumerate() {
        if let Some(typed) = input(&line.text, PROMPT) {
            examples.push(Example { first: index, last: index, output: Vec::new() });
            skipped = is_skipped(typed);
            open = !skipped;
            if open {
                code[index] = shifted(line, typed);
            }
            continue;
        }
        if skipped {
            continue;
        }
        let Some(example) = examples.last_mut() else {
            // What stands before the first prompt was typed too.
            code[index] = line.clone();
            continue;
        };
        let typed = input(&line.text, CONTINUATION).filter(|_| example.output.is_empty());
        // Who writes `...` once in a statement writes it before all of its lines.
        let prompted =
            example.last > example.first && input(&lines[example.last].text, CONTINUATION).is_some();
        if let Some(typed) =
            typed.map(|typed| shifted(line, typed)).or_else(|| continued(&code, example, line, prompted))
        {
            code[index] = typed;
            example.last = index;
        } else if line.text.trim().is_empty() {
            // A blank line ends an output, and the block of a statement typed without `...`.
            open = example.output.is_empty() && example.last > example.first;
        } else if open {
            example.output.push((index, answer(&line.text).to_owned()));
        }
    }
    (code, examples)
}

/// A line of output without what marks it as one.
fn answer(line: &str) -> &str {
    SHELL
        .captures(line)
        .filter(|shell| shell.name("out").is_some())
        .map_or(line, |shell| &line[shell[0].len()..])
}

/// An example that its author does not want run.
fn is_skipped(typed: &str) -> bool {
    typed
        .split_once('#')
        .is_some_and(|(_, comment)| comment.contains("doctest:") && comment.contains("+SKIP"))
}

/// What follows the prompt on a line.
fn input<'a>(line: &'a str, prompt: &str) -> Option<&'a str> {
    if let Some(shell) = SHELL.captures(line) {
        let wanted = if prompt == PROMPT { shell.name("typed") } else { shell.name("more") };
        return wanted.map(|_| &line[shell[0].len()..]);
    }
    let rest = line.trim_start().strip_prefix(prompt)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix(' ') }
}

fn shifted(line: &CodeLine, typed: &str) -> CodeLine {
    CodeLine { text: typed.to_owned(), at: line.at + line.text.len() - typed.len() }
}

/// How many lines of one input are looked at: each further one is read together with them.
const MOST_TYPED: usize = 100;

/// A line without a prompt that the unfinished input above it needs (authors leave `...` away).
fn continued(code: &[CodeLine], example: &Example, line: &CodeLine, prompted: bool) -> Option<CodeLine> {
    let count = example.last - example.first + 1;
    if !example.output.is_empty() || line.text.trim().is_empty() || count > MOST_TYPED {
        return None;
    }
    let typed: Vec<_> = code[example.first..=example.last].iter().map(|l| l.text.as_str()).collect();
    let typed = typed.join("\n") + "\n";
    let unfinished = Code::parse(&typed).broken().is_some_and(|broken| broken.line >= count - 1);
    let body = typed.trim_end().ends_with(':') || (count > 1 && !prompted && line.text.starts_with(' '));
    (unfinished || (body && line.text.starts_with([' ', '\t']))).then(|| line.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::type_complexity, reason = "read in one look by the tests below")]
    fn taken_apart(text: &str) -> (Vec<String>, Vec<(usize, usize, Vec<String>)>) {
        let lines: Vec<_> = text.lines().map(|text| CodeLine { text: text.into(), at: 0 }).collect();
        assert!(is_session(&lines));
        let (code, examples) = session(&lines);
        let outputs = |e: &Example| e.output.iter().map(|(_, text)| text.clone()).collect();
        (
            code.into_iter().map(|line| line.text).collect(),
            examples.iter().map(|e| (e.first, e.last, outputs(e))).collect(),
        )
    }

    #[test]
    fn prompts_and_outputs() {
        let (code, examples) =
            taken_apart("# start\n>>> x = 1\n>>> for i in 'a':\n...     i\n...\n'a'\n\nwords\n>>>");
        assert_eq!(code, ["# start", "x = 1", "for i in 'a':", "    i", "", "", "", "", ""]);
        assert_eq!(examples[1], (2, 4, vec!["'a'".to_string()]));
        assert_eq!(examples.len(), 3);
    }

    #[test]
    fn forgotten_continuation_prompts() {
        let (code, examples) = taken_apart(">>> d = {\n  'a': 1,\n}\n>>> for k in d:\n        print(k)\na\n");
        assert_eq!(code, ["d = {", "  'a': 1,", "}", "for k in d:", "        print(k)", ""]);
        assert_eq!(examples[1].2, ["a"]);
    }

    #[test]
    fn what_is_not_to_run_is_left_out_to_its_end() {
        let (code, examples) = taken_apart(">>> def f():  # doctest: +SKIP\n...     x\n1\n\n>>> 2\n2\n");
        assert_eq!(code, ["", "", "", "", "2", ""]);
        assert_eq!(examples.iter().map(|it| it.2.len()).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn indented_output_below_continuation_prompts() {
        let (code, examples) = taken_apart(">>> for k in 'a':\n...     print('', k)\n a\n");
        assert_eq!(code, ["for k in 'a':", "    print('', k)", ""]);
        assert_eq!(examples[0].2, [" a"]);
    }
}
