//! Output that stands outside comments: below the prompts of a session, in a fence of its own.

use ruff_python_ast::Stmt;

use super::exception::exception;
use super::target::Target;
use super::{Certainty, Claim, Exception, Form, Kind, Meaning};
use crate::guide::{Guide, OtherFence};
use crate::python::Code;

/// Languages of fences that hold nothing but output.
const OUTPUT: [&str; 9] =
    ["output", "out", "stdout", "error", "stderr", "result", "results", "pytb", "traceback"];
/// Languages of fences that may hold output.
const TEXT: [&str; 6] = ["text", "txt", "console", "plaintext", "plain", ""];
const TRACEBACK: &str = "Traceback (most recent call last)";

/// The outputs that a session shows.
pub fn doctests(guide: &Guide, index: usize, code: &Code) -> Vec<Claim> {
    let snippet = &guide.snippets[index];
    let mut claims = Vec::new();
    for example in snippet.session.iter().flatten() {
        let Some(((first, _), (last, last_text))) = example.output.first().zip(example.output.last()) else {
            continue;
        };
        let inside = |stmt: &&Stmt| (example.first..=example.last).contains(&code.lines(*stmt).0);
        // Placeholders of an exercise: the reader is to find out.
        if example.output.iter().all(|(_, text)| ["?", "??", "???", "...", "…"].contains(&text.trim())) {
            continue;
        }
        let Some(stmt) = code.statements().iter().rfind(inside) else { continue };
        let lines: Vec<_> = example.output.iter().map(|(_, text)| text.as_str()).collect();
        let start = snippet.starts[*first];
        let end = snippet.starts[*last] + last_text.len();
        let lines_of_guide = (snippet.guide_line(*first), snippet.guide_line(*last));
        let target = Target::statement(code, stmt);
        claims.push(claim(index, lines_of_guide, (start, end), Form::Doctest, &plain(&lines), target));
    }
    claims
}

/// Outputs may be commented, and `<BLANKLINE>` stands for an empty line.
fn plain(lines: &[&str]) -> Vec<String> {
    let commented = lines.iter().all(|line| line.trim_start().starts_with('#'));
    let bare = |line: &&str| match line.trim() {
        "<BLANKLINE>" => String::new(),
        text if commented => text.trim_start_matches('#').trim().to_owned(),
        _ => (*line).to_owned(),
    };
    lines.iter().map(bare).collect()
}

/// Fences that show the output of the snippet right before them.
pub fn output_fences(guide: &Guide, codes: &[Code]) -> Vec<Claim> {
    guide.others.iter().filter_map(|fence| output_fence(guide, codes, fence)).collect()
}

fn output_fence(guide: &Guide, codes: &[Code], fence: &OtherFence) -> Option<Claim> {
    let index = guide.snippets.iter().rposition(|snippet| snippet.opening < fence.opening)?;
    let snippet = &guide.snippets[index];
    let after = snippet.lines.1 + usize::from(snippet.fenced);
    let other_between = guide.others.iter().any(|o| o.opening > snippet.opening && o.opening < fence.opening);
    if snippet.session.is_some() || other_between || fence.lines.is_empty() {
        return None;
    }
    let between: Vec<_> = (after + 1..fence.opening)
        .map(|line| guide.source.line_text(line).trim())
        .filter(|t| !t.is_empty())
        .collect();
    let certainty = certainty(fence, &between)?;
    let ((first, _), (last, last_text)) = fence.lines.first().zip(fence.lines.last())?;
    let lines: Vec<_> = fence.lines.iter().map(|(_, text)| text.clone()).collect();
    let span = (guide.source.line_start(*first), guide.source.line_start(*last) + last_text.len());
    let target = Target::whole(&codes[index]);
    Some(Claim { certainty, ..claim(index, (*first, *last), span, Form::OutputFence, &lines, target) })
}

/// Whether a fence holds the output of the code above it, by its label and what leads up to it.
fn certainty(fence: &OtherFence, between: &[&str]) -> Option<Certainty> {
    let language = fence.language.as_str();
    let heading = between.iter().any(|line| line.starts_with('#'));
    let shell = fence.lines.iter().any(|(_, text)| text.starts_with("$ ") || text.starts_with("% "));
    if heading || shell || between.len() > 6 {
        return None;
    }
    let cue = between.last().is_some_and(|line| is_cue(line));
    match () {
        () if OUTPUT.contains(&language) => Some(Certainty::Explicit),
        () if TEXT.contains(&language) && cue => Some(Certainty::Explicit),
        () if TEXT.contains(&language) && between.is_empty() && !language.is_empty() => {
            Some(Certainty::Explicit)
        }
        () if TEXT.contains(&language) && between.is_empty() => Some(Certainty::Implied),
        () => None,
    }
}

/// A line that announces output: it ends with a colon or is short, and says so.
fn is_cue(line: &str) -> bool {
    let words = line.to_lowercase();
    let words = words.trim_matches(|c: char| "*_`> ".contains(c));
    let says = ["output", "print", "result", "gives", "produces", "returns", "displays", "shows", "yields"];
    (words.ends_with(':') || words.len() < 20) && says.iter().any(|word| words.contains(word))
}

fn claim(
    index: usize,
    lines: (usize, usize),
    span: (usize, usize),
    form: Form,
    shown: &[String],
    target: Target,
) -> Claim {
    let text = shown.join("\n");
    let raised = raised(shown);
    let (kind, expected) = match &raised {
        Some(_) => (Kind::Raises, shown.last().cloned().unwrap_or_default()),
        None => (Kind::Stdout, text.clone()),
    };
    let meaning = raised.map_or_else(|| Meaning::Shows(vec![text.clone()]), Meaning::Raises);
    Claim {
        id: String::new(),
        lines,
        snippet: index,
        kind,
        form,
        certainty: Certainty::Explicit,
        text,
        expected,
        span,
        targets: vec![target],
        meaning,
        marked: true,
        hedged: false,
        versions: None,
    }
}

/// The exception in whose traceback an output ends, with all lines of its message.
fn raised(lines: &[String]) -> Option<Exception> {
    let traceback = lines.iter().any(|line| line.contains(TRACEBACK) || line.starts_with("  File \""));
    let outside = |line: &&String| !line.starts_with([' ', '\t']) && !line.contains(TRACEBACK);
    let headline = |line: &&String| outside(line) && exception(line.trim()).is_some_and(|e| e.name.is_some());
    let first = lines.iter().position(|line| headline(&line));
    let alone = first == Some(0) && lines.len() == 1 && lines[0].contains(':');
    match first {
        Some(first) if traceback || alone => {
            let found = exception(lines[first].trim())?;
            let more = lines[first + 1..].iter().map(|line| format!("\n{}", line.trim_end()));
            let message = found.message.map(|message| message + &more.collect::<String>());
            Some(Exception { message, ..found })
        }
        // A class that we do not know as an exception.
        None if traceback => {
            let last = lines.iter().rfind(|line| !line.trim().is_empty())?;
            let (name, message) = last.trim().split_once(':').unwrap_or((last.trim(), ""));
            let message = Some(message.trim().to_owned()).filter(|m| !m.is_empty());
            Some(Exception { name: Some(name.to_owned()), message })
        }
        _ => None,
    }
}
