//! From a Markdown text to a [`Guide`]: blocks, snippets, directives and their places. Knows fences
//! in every spelling, in lists and quotes, and the code that a misplaced fence left bare.
//! Nothing here knows what the code means.

mod block;
mod companion;
mod directive;
mod language;
mod markdown;
mod named;
mod nested;
mod repair;
mod session;
mod source;
mod stray;

use std::collections::HashSet;

pub use block::Block;
pub use companion::Companion;
pub use directive::{Directive, Given, Order};
pub use session::Example;
pub use source::Source;

use crate::needs::Needs;
use crate::python::{Looks, looks};
use markdown::{CodeBlock, CodeLine, Heading, Markdown};

/// One Markdown file. Lines count from 1.
pub struct Guide {
    /// The path as the user gave it.
    pub path: String,
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

/// Reads a guide's text.
pub fn read(path: &str, source: Source) -> Guide {
    let (text, misplaced) = repair::repair(&source.text);
    let Markdown { mut headings, code, opaque } = markdown::read(&text, &source);
    let code = nested::expanded(code, &source);
    let covered = covered(&code, &opaque, &source);
    let shown: HashSet<_> = code.iter().flat_map(|block| block.opening..=block.closing).collect();
    let unclosed: HashSet<_> =
        misplaced.iter().filter(|fence| fence.python).map(|fence| fence.line).collect();
    let closings = code.iter().filter(|b| is_python(b)).map(|b| b.closing).collect();
    let lines = stray::Lines { covered: &covered, closings: &closings, unclosed: &unclosed };
    let regions = stray::regions(&source, &lines);
    let stray: HashSet<_> = regions.iter().flat_map(|region| region.first..=region.last).collect();
    headings.retain(|heading| !stray.contains(&heading.line));

    let mut problems: Vec<_> = misplaced
        .iter()
        .map(|fence| Problem { line: fence.line, kind: ProblemKind::UnclosedFence })
        .collect();
    let mut snippets: Vec<_> = regions.iter().map(|region| from_region(region, &source)).collect();
    let mut others = Vec::new();
    for block in code.into_iter().filter(|block| !stray.contains(&block.opening)) {
        if is_python(&block) {
            snippets.push(from_block(block));
        } else {
            problems.extend(unlabelled(&block));
            others.push(other(block, &source));
        }
    }
    snippets.sort_by_key(|snippet| snippet.opening);
    let blocks = place(&mut snippets, &headings);
    problems.extend(direct(&mut snippets, &source, &shown));
    problems.sort_by_key(|problem| problem.line);
    Guide { path: path.to_owned(), source, blocks, snippets, others, problems, companions: Vec::new() }
}

/// Lines in which nothing is prose. Indented code may be the rest of code outside a fence.
fn covered(code: &[CodeBlock], opaque: &[std::ops::Range<usize>], source: &Source) -> HashSet<usize> {
    let fences =
        code.iter().filter(|block| block.info.is_some()).flat_map(|block| block.opening..=block.closing);
    let raw = opaque.iter().flat_map(|range| {
        let text = source.text[range.clone()].trim_end();
        source.line(range.start)..=source.line(range.start + text.len().saturating_sub(1))
    });
    fences.chain(raw).collect()
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

fn other(mut block: CodeBlock, source: &Source) -> OtherFence {
    let options = taken_options(&mut block).len();
    let language = language::language(block.info.as_deref().unwrap_or_default());
    let lines = block.code.into_iter().skip(options).map(|line| (source.line(line.at), line.text));
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
    }
}

fn from_region(region: &stray::Region, source: &Source) -> Snippet {
    let line = |number| CodeLine { text: source.line_text(number).to_owned(), at: source.line_start(number) };
    let lines: Vec<_> = (region.first..=region.last).map(line).collect();
    Snippet { fenced: region.fenced, ..snippet(lines, region.first, region.first) }
}

fn from_block(mut block: CodeBlock) -> Snippet {
    let info = block.info.clone().unwrap_or_default();
    let options = taken_options(&mut block);
    let first = block.code.iter().map(|line| line.text.as_str()).find(|text| !text.trim().is_empty());
    let file = named::path(&info, options.iter().map(String::as_str), first.unwrap_or_default());
    Snippet { file, ..snippet(block.code, block.opening, block.opening + 1) }
}

/// Takes the options of a directive (`:tags: [hide]`), which stand before its content, out of it.
fn taken_options(block: &mut CodeBlock) -> Vec<String> {
    if !block.info.as_deref().is_some_and(|info| info.trim_start().starts_with('{')) {
        return Vec::new();
    }
    let option = |line: &&mut CodeLine| line.text.starts_with(':') && line.text[1..].contains(':');
    block.code.iter_mut().take_while(option).map(|line| std::mem::take(&mut line.text)).collect()
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

/// Gives each snippet the directives on the lines right above its fence; returns those that cannot
/// be understood or have no fence below them.
fn direct(snippets: &mut [Snippet], source: &Source, shown: &HashSet<usize>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut waiting: Vec<Directive> = Vec::new();
    let bad = |line, message: &str| Problem { line, kind: ProblemKind::BadDirective(message.to_owned()) };
    let mut openings = snippets.iter_mut().peekable();
    let ends = directive::ends(source);
    let mut line = 1;
    while line <= source.line_count() {
        while openings.next_if(|snippet| snippet.opening < line).is_some() {}
        // In a code block a directive is only shown.
        let found = directive::find(source, line, &ends).filter(|_| !shown.contains(&line));
        let last = found.as_ref().map_or(line, |found| found.last);
        if let Some(snippet) = openings.next_if(|snippet| snippet.opening == line) {
            snippet.directives.append(&mut waiting);
        } else if let Some(found) = found {
            match found.directive {
                Ok(directive) => waiting.push(directive),
                Err((line, message)) => problems.push(bad(line, &message)),
            }
        } else {
            let lost = waiting.drain(..);
            problems.extend(
                lost.map(|lost| bad(lost.line, "no Python fence opens on the line below this directive")),
            );
        }
        line = last + 1;
    }
    problems.extend(waiting.iter().map(|lost| bad(lost.line, "no Python fence opens below this directive")));
    problems
}
