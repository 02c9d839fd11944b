//! Jupyter notebooks: what their reader sees, one cell after the other. Code cells are snippets, what is stored
//! below them are claims, the text between them is Markdown.
//!
//! The guide's text is made from what the strings in the file say, so that it has a line for each line of a cell,
//! however the file is written; [`Origin`](crate::guide::origin::Origin) knows where each comes from.

mod cell;
mod json;

use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{magic, markdown};
use crate::guide::directive::{self, Found};
use crate::guide::origin::Making;
use crate::guide::structure::{CodeBlock, CodeLine, Heading, Region, Structure, lines_of};
use crate::guide::{Behind, Format, Output, Problem, Source};
use cell::{Cell, Language};

/// A notebook's file, as far as it is of interest.
#[derive(Deserialize)]
struct Notebook<'a> {
    #[serde(borrow)]
    cells: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    metadata: Language,
    nbformat: Option<u32>,
}

/// Reads a notebook. The error says what keeps it from being one.
pub fn read(file: Source) -> Result<(Source, Structure), String> {
    let notebook: Notebook<'_> = serde_json::from_str(&file.text)
        .map_err(|error| format!("is not a notebook: {error}; open it in Jupyter and save it anew"))?;
    let Some(cells) = notebook.cells else {
        let version =
            notebook.nbformat.map_or_else(String::new, |version| format!(" (its format is {version})"));
        return Err(format!(
            "has no cells of a notebook of format 4{version}: bring it there with `jupyter nbconvert --to notebook`"
        ));
    };
    let mut making = Making::default();
    let mut parts = Vec::new();
    for raw in cells {
        let cell: Cell<'_> = serde_json::from_str(raw.get()).map_err(|error| {
            format!("has a cell that cannot be read: {error}; open it in Jupyter and save it anew")
        })?;
        cell.write(&file.text, &mut making, &mut parts);
    }
    let is_python = notebook.metadata.is_python();
    let source = making.finished(file);
    let mut structure = Structure { format: Format::Notebook, ..Structure::default() };
    // Whether what is stored below the cell is what its Python gives.
    let mut is_shown = true;
    for part in parts {
        match part.kind {
            Kind::Text => part.add_text(&source, &mut structure),
            Kind::Code => is_shown = part.add_code(&source, is_python, &mut structure),
            Kind::Shown(output) if is_shown => structure.code.push(part.shown(output, &source)),
            Kind::Shown(_) => {}
        }
    }
    Ok((source, structure))
}

/// A part of the guide's text.
pub struct Part {
    kind: Kind,
    /// The bytes of its text. On the line before, it is said to open.
    range: Range<usize>,
    tags: Vec<String>,
}

/// Kinds of parts.
pub enum Kind {
    /// A cell of Markdown.
    Text,
    /// A cell of code.
    Code,
    /// What is stored below a cell.
    Shown(Output),
}

impl Part {
    fn opening(&self, source: &Source) -> usize {
        source.line(self.range.start) - 1
    }

    fn add_text(self, source: &Source, structure: &mut Structure) {
        let Ok(inner) = Source::new(source.text[self.range.clone()].as_bytes().to_vec()) else { return };
        let (lines, bytes) = (self.opening(source), self.range.start);
        let found = markdown::read(&inner);
        let moved = |line: CodeLine| CodeLine { at: line.at + bytes, ..line };
        structure
            .headings
            .extend(found.headings.into_iter().map(|it| Heading { line: it.line + lines, ..it }));
        structure.code.extend(found.code.into_iter().map(|block| CodeBlock {
            opening: block.opening + lines,
            closing: block.closing + lines,
            code: block.code.into_iter().map(moved).collect(),
            ..block
        }));
        structure.directives.extend(found.directives.into_iter().map(|it| it.moved(lines)));
        structure.stray.extend(found.stray.into_iter().map(|it| Region {
            first: it.first + lines,
            last: it.last + lines,
            ..it
        }));
        structure
            .problems
            .extend(found.problems.into_iter().map(|it| Problem { line: it.line + lines, ..it }));
    }

    /// Whether all of it is Python, so that what is stored below it is what that gives.
    fn add_code(self, source: &Source, is_python: bool, structure: &mut Structure) -> bool {
        let opening = self.opening(source);
        let mut code = lines_of(&source.text, self.range.clone());
        let language = magic::language(&code).or_else(|| (!is_python).then(|| "other".to_owned()));
        let info = language.unwrap_or_else(|| "python".to_owned());
        let mut is_shown = info == "python";
        if is_shown {
            let taken = magic::taken_out(&mut code);
            is_shown = taken.iter().all(|line| magic::is_silent(&line.text));
            structure.problems.extend(taken.iter().map(|line| magic::problem(line, source)));
            structure.directives.extend(self.directives(&code, source));
        }
        structure.code.push(CodeBlock {
            info: Some(info),
            opening,
            closing: source.line(self.range.end),
            code,
            behind: Behind::Guide,
            ..CodeBlock::default()
        });
        is_shown
    }

    /// `# verify:` at the top of a cell, and the tags that say the same.
    fn directives(&self, code: &[CodeLine], source: &Source) -> Vec<Found> {
        let opening = self.opening(source);
        let is_comment = |line: &&CodeLine| line.text.starts_with('#');
        let comments: Vec<_> = code.iter().take_while(is_comment).cloned().collect();
        let said = directive::in_comments(&comments, source, opening);
        self.tags.iter().filter_map(|tag| Found::of_tag(tag, opening)).chain(said).collect()
    }

    fn shown(&self, output: Output, source: &Source) -> CodeBlock {
        CodeBlock {
            info: Some("output".to_owned()),
            opening: self.opening(source),
            closing: source.line(self.range.end),
            code: lines_of(&source.text, self.range.clone()),
            output: Some(output),
            ..CodeBlock::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str) -> (Source, Structure) {
        read(Source::new(json.into()).unwrap()).unwrap()
    }

    fn error(json: &str) -> String {
        read(Source::new(json.into()).unwrap()).unwrap_err()
    }

    #[test]
    fn cells_follow_each_other_with_what_is_stored_below_them() {
        let (source, structure) = found(
            r##"{"cells": [
  {"cell_type": "markdown", "source": ["# A\n", "\n", "```python\n", "1\n", "```"]},
  {"cell_type": "raw", "source": ">>> no"},
  {"cell_type": "code", "source": [], "outputs": []},
  {"cell_type": "code", "metadata": {"tags": ["skip-execution"]}, "source": ["x = 1\n", "x"], "outputs": [
    {"output_type": "execute_result", "data": {"text/plain": "1", "text/html": ["<b>1</b>"]}},
    {"output_type": "stream", "name": "stderr", "text": ["no"]},
    {"output_type": "error", "ename": "E", "evalue": "why", "traceback": []},
    {"output_type": "stream", "name": "stdout", "text": ["a\n"]},
    {"output_type": "stream", "name": "stdout", "text": ["b\n"]}]}]}"##,
        );
        assert_eq!(structure.headings[0].text, "A");
        let text =
            |block: &CodeBlock| block.code.iter().map(|line| line.text.clone()).collect::<Vec<_>>().join("|");
        let code: Vec<_> = structure.code.iter().map(|block| (text(block), block.output)).collect();
        let expected = [
            ("1", None),
            ("x = 1|x", None),
            ("a|b", Some(Output::Printed)),
            ("1", Some(Output::Value)),
            ("E: why", Some(Output::Raised)),
        ];
        assert_eq!(code, expected.map(|(text, output)| (text.to_owned(), output)));
        assert_eq!(structure.directives.len(), 1);
        let lines = structure.code.iter().map(|block| source.line_in_file(source.line(block.code[0].at)));
        assert_eq!(lines.collect::<Vec<_>>(), [2, 5, 9, 6, 8]);
    }

    #[test]
    fn what_commands_may_show_is_not_compared() {
        let cell = |code: &str| {
            let cell = r#"{"cells": [{"cell_type": "code", "source": "CODE", "outputs": [
              {"output_type": "stream", "name": "stdout", "text": "1"}]}]}"#;
            let structure = found(&cell.replace("CODE", code)).1;
            (structure.code.len(), structure.problems.len())
        };
        assert_eq!(cell("%matplotlib inline\\nprint(1)"), (2, 1));
        assert_eq!(cell("!ls\\nprint(1)"), (1, 1));
        assert_eq!(cell("%%bash\\nls"), (1, 0));
    }

    #[test]
    fn what_is_no_notebook_says_what_to_do() {
        assert!(error("{").contains("is not a notebook"));
        assert!(error("[]").contains("is not a notebook"));
        assert!(error(r#"{"worksheets": [], "nbformat": 3}"#).contains("its format is 3"));
        assert!(error(r#"{"cells": [{"source": 1}]}"#).contains("has a cell that cannot be read"));
    }

    #[test]
    fn cells_of_another_language_are_not_run() {
        let json = r#"{"cells": [{"cell_type": "code", "source": "x <- 1"}], "metadata": {"kernelspec": {"language": "R"}}}"#;
        assert_eq!(found(json).1.code[0].info.as_deref(), Some("other"));
    }
}
