//! From a source to a [`Guide`]: blocks, snippets, directives and their places. The [`readers`] know the formats;
//! what they give is the same for all. Nothing here knows what the code means.

mod block;
mod companion;
mod directive;
mod language;
mod named;
mod origin;
mod readers;
mod session;
mod source;
mod structure;

use std::collections::HashMap;

pub use block::Block;
pub use companion::Companion;
pub use directive::{Directive, Given, Order};
pub use readers::{Shown, ShownCode, is_markdown};
pub use session::Example;
pub use source::Source;

use crate::needs::Needs;
use crate::python::{Looks, looks};
use directive::Found;
use structure::{CodeBlock, CodeLine, Heading, Region, Structure};

/// One source of snippets, mostly a Markdown file. Lines count from 1.
pub struct Guide {
    /// The path as the user gave it.
    pub path: String,
    /// What its snippets come from.
    pub format: Format,
    /// The text and its places.
    pub source: Source,
    /// Its blocks, in order.
    pub blocks: Vec<Block>,
    /// Its snippets, in order.
    pub snippets: Vec<Snippet>,
    /// Fences of anything but Python and indented blocks, in order: some hold the output of the snippet above.
    pub others: Vec<OtherFence>,
    /// What is wrong with the Markdown itself.
    pub problems: Vec<Problem>,
    /// Files that continue snippets, in order; their lines stand below the guide's own.
    pub companions: Vec<Companion>,
}

/// One piece of Python.
pub struct Snippet {
    /// `<block label>.<n>`.
    pub id: String,
    /// Its block's label.
    pub block: String,
    /// The headings above it, the block's first.
    pub headings: Vec<String>,
    /// First and last guide line of its code.
    pub lines: (usize, usize),
    /// The guide line of the opening fence; the first line of code outside a fence.
    pub opening: usize,
    /// Whether a fence marks it.
    pub fenced: bool,
    /// The code, without fences, prompts and common indentation, one line for each guide line.
    pub code: String,
    /// Byte offset in the guide of each code line's first character.
    pub starts: Vec<usize>,
    /// Byte offset in the code of each line.
    offsets: Vec<usize>,
    /// The prompts and outputs, where it is an interactive session.
    pub session: Option<Vec<Example>>,
    /// What the author ordered for it.
    pub directives: Vec<Directive>,
    /// What it is supplied with, once the configuration was asked.
    pub needs: Needs,
    /// The path of the file that it is, relative; later snippets can import it.
    pub file: Option<String>,
    /// The index of the snippet that it continues, where it is a companion.
    pub continues: Option<usize>,
    /// What of the guide is behind it.
    pub behind: Behind,
}

/// What snippets come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Markdown, or one of its relatives.
    #[default]
    Markdown,
    /// reStructuredText.
    Rst,
    /// A Jupyter notebook.
    Notebook,
    /// The docstrings of a Python file.
    Python,
}

/// What of a guide is behind a snippet when it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behind {
    /// What a reader may not have run: whoever copies the snippet lacks it.
    #[default]
    Perhaps,
    /// What comes before it, as everybody knows of this format: a notebook's cells run in order.
    Guide,
    /// What comes before it in its own block, and nothing else: a docstring's examples start afresh.
    Block,
}

/// What a code block shows of the one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// What it printed.
    Printed,
    /// The value of its last expression.
    Value,
    /// What it raised.
    Raised,
}

/// A fence of something else than Python, or an indented block.
pub struct OtherFence {
    /// Whether it is a fence.
    pub fenced: bool,
    /// The language its info string names, in lower case; empty for none.
    pub language: String,
    /// The guide line of the opening fence; the first line of an indented block.
    pub opening: usize,
    /// The last line that belongs to it, the closing fence included.
    pub closing: usize,
    /// Each line with its guide line.
    pub lines: Vec<(usize, String)>,
    /// What it shows of the snippet above it, where the format says so.
    pub output: Option<Output>,
}

/// Something wrong with the Markdown, at a guide line.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The guide line.
    pub line: usize,
    /// What it is.
    pub kind: ProblemKind,
}

/// Kinds of [`Problem`].
#[derive(Clone, Debug, PartialEq)]
pub enum ProblemKind {
    /// The fence opened here is never closed.
    UnclosedFence,
    /// Code that reads as Python and is not marked so.
    UnlabelledPython,
    /// A directive that cannot be understood, with what to write instead.
    BadDirective(String),
    /// A companion, by its path, whose snippet is not there.
    LostCompanion(String),
    /// A line of a notebook that is no Python but a command of its own.
    NotebookCommand {
        /// The line.
        words: String,
        /// Whether it may define names.
        defines: bool,
    },
}

impl Snippet {
    /// The guide line (from 1) of a code line (from 0).
    pub fn guide_line(&self, line: usize) -> usize {
        self.lines.0 + line
    }

    /// The guide byte offset of a byte offset in the code.
    pub fn guide_offset(&self, offset: usize) -> usize {
        let line = self.offsets.partition_point(|start| *start <= offset).saturating_sub(1);
        let column = offset - self.offsets.get(line).copied().unwrap_or_default();
        self.starts.get(line).copied().unwrap_or_default() + column
    }

    /// Codes of findings that the author expects.
    pub fn expects(&self) -> impl Iterator<Item = &str> {
        let codes = self.directives.iter().filter_map(|directive| match &directive.order {
            Order::Expect(codes) => Some(codes),
            _ => None,
        });
        codes.flatten().map(String::as_str)
    }

    /// Why the author has it skipped.
    pub fn skipped(&self) -> Option<&str> {
        let directive = self.directives.iter().find(|directive| directive.order == Order::Skip);
        directive.map(|directive| directive.reason.as_str()).or(self.needs.skip.as_deref())
    }

    /// The module that importing its file gives: `shapes`, `app.shapes`.
    pub fn module(&self) -> Option<String> {
        let stem = self.file.as_ref()?.strip_suffix(".py")?;
        Some(stem.strip_suffix("/__init__").unwrap_or(stem).replace('/', "."))
    }
}

impl Guide {
    /// The line of a notebook's command above a line that may define names, which are missing then.
    pub fn command_above(&self, line: usize) -> Option<usize> {
        let defines =
            |problem: &&Problem| matches!(problem.kind, ProblemKind::NotebookCommand { defines: true, .. });
        self.problems.iter().filter(defines).map(|problem| problem.line).find(|command| *command < line)
    }
}

/// Reads a guide's text. The error says what is wrong with it and what to do.
pub fn read(path: &str, source: Source) -> Result<Guide, String> {
    let (source, structure) = readers::read(path, source)?;
    let Structure { format, headings, code, stray, directives, mut problems } = structure;
    let mut snippets: Vec<_> = stray.iter().map(|region| from_region(region, &source)).collect();
    let mut others = Vec::new();
    for block in code {
        if is_python(&block) {
            snippets.push(from_block(block, &source));
        } else {
            problems.extend(unlabelled(&block));
            others.push(other(block, &source));
        }
    }
    snippets.sort_by_key(|snippet| snippet.opening);
    let blocks = place(&mut snippets, &headings);
    problems.extend(direct(&mut snippets, directives));
    problems.sort_by_key(|problem| problem.line);
    let (path, companions) = (path.to_owned(), Vec::new());
    Ok(Guide { path, format, source, blocks, snippets, others, problems, companions })
}

fn is_python(block: &CodeBlock) -> bool {
    block.info.as_deref().is_some_and(|info| {
        let prose = ["markdown", "md", "rst"].contains(&language::language(info).as_str());
        language::is_python(info) || (!prose && session::is_session(&block.code))
    })
}

fn unlabelled(block: &CodeBlock) -> Option<Problem> {
    let unlabelled = block.info.as_deref().is_none_or(|info| language::language(info).is_empty());
    let text: Vec<_> = block.code.iter().map(|line| line.text.as_str()).collect();
    let python = unlabelled && looks(&dedented(&text).join("\n")) == Looks::Python;
    python.then_some(Problem { line: block.opening, kind: ProblemKind::UnlabelledPython })
}

fn other(block: CodeBlock, source: &Source) -> OtherFence {
    let language = language::language(block.info.as_deref().unwrap_or_default());
    let lines = block.code.into_iter().map(|line| (source.line(line.at), line.text));
    let blank = |line: &(usize, String)| line.1.trim().is_empty();
    let mut lines: Vec<_> = lines.skip_while(blank).collect();
    while lines.last().is_some_and(blank) {
        lines.pop();
    }
    OtherFence {
        language,
        fenced: block.info.is_some(),
        opening: block.opening,
        closing: block.closing,
        lines,
        output: block.output,
    }
}

fn from_region(region: &Region, source: &Source) -> Snippet {
    let line = |number| CodeLine { text: source.line_text(number).to_owned(), at: source.line_start(number) };
    let lines: Vec<_> = (region.first..=region.last).map(line).collect();
    Snippet { fenced: region.fenced, ..snippet(lines, region.first, region.first) }
}

fn from_block(block: CodeBlock, source: &Source) -> Snippet {
    let info = block.info.unwrap_or_default();
    let first = block.code.iter().map(|line| line.text.as_str()).find(|text| !text.trim().is_empty());
    let file = named::path(&info, block.options.iter().map(String::as_str), first.unwrap_or_default());
    let first = block.code.first().map_or(block.opening + 1, |line| source.line(line.at));
    Snippet { file, behind: block.behind, ..snippet(block.code, block.opening, first) }
}

/// A snippet that does not yet know its block. `first` is the guide line of its first code line.
fn snippet(lines: Vec<CodeLine>, opening: usize, first: usize) -> Snippet {
    let (lines, session) = match session::is_session(&lines) {
        true => {
            let (code, examples) = session::session(&lines);
            (code, Some(examples))
        }
        false => (lines, None),
    };
    let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
    let dedented = dedented(&texts);
    let starts =
        lines.iter().zip(&dedented).map(|(line, text)| line.at + line.text.len() - text.len()).collect();
    let code: String = dedented.iter().map(|line| format!("{line}\n")).collect();
    let offsets = std::iter::once(0).chain(code.match_indices('\n').map(|(at, _)| at + 1)).collect();
    Snippet {
        id: String::new(),
        block: String::new(),
        headings: Vec::new(),
        lines: (first, (first + lines.len()).saturating_sub(1).max(first)),
        opening,
        fenced: true,
        code,
        starts,
        offsets,
        session,
        directives: Vec::new(),
        needs: Needs::default(),
        file: None,
        continues: None,
        behind: Behind::default(),
    }
}

/// Lines without the indentation that all of them share; a reader who copies them loses it too.
fn dedented<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let indent = |line: &&&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common =
        lines.iter().filter(|line| !line.trim().is_empty()).map(|line| indent(&line)).min().unwrap_or(0);
    lines.iter().map(|line| line.get(common..).unwrap_or_default()).collect()
}

/// Gives each snippet its block, its id and the headings above it.
fn place(snippets: &mut [Snippet], headings: &[Heading]) -> Vec<Block> {
    let blocks = block::blocks(headings);
    let mut counts = vec![0; blocks.len()];
    let mut path = block::Path::new(headings);
    for snippet in snippets {
        let index = blocks.partition_point(|block| block.line <= snippet.opening).saturating_sub(1);
        counts[index] += 1;
        snippet.block.clone_from(&blocks[index].label);
        snippet.id = format!("{}.{}", snippet.block, counts[index]);
        snippet.headings = path.at(snippet.opening);
    }
    blocks
}

/// Gives each snippet the directives that are right above it; returns those that cannot be understood or have
/// no Python below them.
fn direct(snippets: &mut [Snippet], found: Vec<Found>) -> Vec<Problem> {
    // One may stand above another: from the last up, each leads to a block.
    let mut below: HashMap<usize, usize> = HashMap::new();
    let mut openings = Vec::new();
    for found in found.iter().rev() {
        let opening = below.get(&found.above).copied().unwrap_or(found.above);
        below.insert(found.line, opening);
        openings.push(opening);
    }
    let mut problems = Vec::new();
    for (found, opening) in found.into_iter().zip(openings.into_iter().rev()) {
        let snippet = snippets.binary_search_by_key(&opening, |snippet| snippet.opening);
        let lost = "no Python fence opens on the line below this directive";
        match (found.directive, snippet) {
            (Ok(directive), Ok(index)) => snippets[index].directives.push(directive),
            (Ok(directive), Err(_)) => problems.push(bad(directive.line, lost)),
            (Err((line, message)), _) => problems.push(bad(line, &message)),
        }
    }
    problems
}

fn bad(line: usize, message: &str) -> Problem {
    Problem { line, kind: ProblemKind::BadDirective(message.to_owned()) }
}
