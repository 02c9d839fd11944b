//! Findings about the Markdown and the syntax: what can be told without running anything.

use super::blame::line_span;
use super::finding::{Code, Finding};
use crate::environment::Requirements;
use crate::guide::{Format, Guide, Problem, ProblemKind};
use crate::python::{Broken, Code as Python};

/// Findings about fences, directives and syntax. Some snippets are meant not to compile.
pub fn findings(guide: &Guide, codes: &[Python], meant_broken: &dyn Fn(usize) -> bool) -> Vec<Finding> {
    let mut found: Vec<_> = guide.problems.iter().map(|problem| about(guide, problem)).collect();
    for (index, (snippet, code)) in guide.snippets.iter().zip(codes).enumerate() {
        if !snippet.fenced {
            found.push(outside(guide, index));
        }
        found.extend(bad_metadata(guide, index, code));
        if snippet.skipped().is_none() && !meant_broken(index) {
            found.extend(code.broken().map(|broken| syntax(guide, index, code, &broken)));
        }
    }
    found
}

fn about(guide: &Guide, problem: &Problem) -> Finding {
    let span = guide.source.trimmed_line(problem.line);
    match &problem.kind {
        ProblemKind::UnclosedFence => Finding::new(
            Code::UnclosedFence,
            span,
            "this fence is never closed",
            "close it below its last line of code; until then everything after it is code to a reader",
        ),
        ProblemKind::UnlabelledPython => Finding::new(
            Code::UnlabelledPython,
            span,
            "this reads as Python and is not marked as such",
            match guide.format {
                Format::Markdown | Format::Notebook => "write ```python above it to have it run and checked",
                _ => "write `.. code-block:: python` above it to have it run and checked",
            },
        ),
        ProblemKind::BadDirective(message) => Finding::new(
            Code::BadDirective,
            span,
            message.clone(),
            match guide.format {
                Format::Markdown => "directives stand on the lines right above a Python fence",
                Format::Rst => "directives are comments, `.. verify: …`, right before code",
                Format::Notebook => "directives are comments, `# verify: …`, at the top of a code cell",
                Format::Python => {
                    "directives are comments, `# verify: …`, right above what has the docstring"
                }
            },
        ),
        ProblemKind::NotebookCommand { words, .. } => Finding::new(
            Code::NotebookCommand,
            span,
            format!("`{words}` is no Python: it is not run"),
            "what it gives is missing here; where that matters, say it in Python or configure it",
        ),
        ProblemKind::LostCompanion(path) => Finding::new(
            Code::CompanionOrphan,
            span,
            format!("the companion {path} belongs to no snippet of the guide"),
            "name it after a snippet that `verify list` shows, or remove it",
        ),
    }
}

/// Inline metadata that ask for something which cannot be understood.
fn bad_metadata(guide: &Guide, index: usize, code: &Python) -> Option<Finding> {
    let script = code.script()?;
    let error = Requirements::of_script(&script.text).err()?;
    let span = line_span(guide, &guide.snippets[index], guide.snippets[index].guide_line(script.lines.0));
    let message = format!("the snippet's metadata cannot be understood: {}", error.trim_end());
    let help =
        "they are TOML in comments, from `# /// script` to `# ///`: `# dependencies = [\"six>=1.16\"]`";
    Some(Finding::new(Code::BadDirective, span, message, help).in_snippet(index))
}

fn outside(guide: &Guide, index: usize) -> Finding {
    let snippet = &guide.snippets[index];
    let (first, last) = snippet.lines;
    let span = (guide.source.trimmed_line(first).0, guide.source.trimmed_line(last).1);
    let above = guide.snippets[..index].last().filter(|above| above.lines.1 + 2 >= first);
    let help = match above {
        Some(above) => format!(
            "the fence of snippet {} closes too early: move its closing line below line {last}; a reader sees headings and prose here",
            above.id
        ),
        None => "put it between ```python and ```; a reader sees headings and prose here".to_owned(),
    };
    let count = last - first + 1;
    let message = match count {
        1 => "a line of Python stands outside any fence".to_owned(),
        _ => format!("{count} lines of Python stand outside any fence"),
    };
    Finding::new(Code::CodeOutsideFence, span, message, help)
        .label("run and checked all the same")
        .in_snippet(index)
}

fn syntax(guide: &Guide, index: usize, code: &Python, broken: &Broken) -> Finding {
    let snippet = &guide.snippets[index];
    let line = snippet.guide_line(broken.line.min(code.line_count().saturating_sub(1)));
    let (what, help) = diagnosis(code, broken);
    Finding::new(Code::SyntaxError, line_span(guide, snippet, line), what, help)
        .label(broken.message.clone())
        .in_snippet(index)
}

/// What code that does not parse most likely is.
fn diagnosis(code: &Python, broken: &Broken) -> (String, String) {
    let line = code.line_text(broken.line).trim();
    let first = code.code.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let shell = ["$ ", "pip install", "python -m ", "% "].iter().any(|start| first.starts_with(start));
    let python_2 = line.starts_with("print ")
        || line.starts_with("exec ")
        || (line.starts_with("except ") && line.contains(','));
    let output = code.is_uncommented_output(broken.line);
    let (what, help) = match () {
        () if code.is_unread() => (
            "this is more than is read as Python",
            "take it apart into snippets that a reader could follow, or label the fence `text`",
        ),
        () if shell => ("this is a shell session, not Python", "label the fence `console` or `bash`"),
        () if python_2 => ("this is Python 2", "write it for Python 3: `print(…)`, `except E as e`"),
        () if output => (
            "output stands uncommented here",
            "put `# ` before it, so that the snippet is Python and the line a claim",
        ),
        () if line.contains("...") => {
            ("this is pseudo-code, not Python", "label the fence `text`, or write code that runs")
        }
        () if code.code.contains("\n>>> ") => {
            ("a session starts in the middle of this", "give the session a fence of its own")
        }
        () => ("this is not Python", "mend the line, or label the fence as what it is"),
    };
    (what.to_owned(), help.to_owned())
}
