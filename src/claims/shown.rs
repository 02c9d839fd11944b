//! Output that stands outside comments: below the prompts of a session, in a fence of its own.

use ruff_python_ast::Stmt;

use super::exception::traceback;
use super::notebook;
use super::shape::is_whole_value;
use super::target::Target;
use super::vocabulary::Vocabulary;
use super::words::{CUE, HEDGE};
use super::{Certainty, Claim, Exception, Form, Kind, Meaning};
use crate::guide::{Guide, OtherFence, Output};
use crate::python::{Code, Looks, looks};

/// Languages of fences that hold nothing but output.
const OUTPUT: [&str; 9] =
    ["output", "out", "stdout", "error", "stderr", "result", "results", "pytb", "traceback"];
/// Languages of fences that may hold output.
const TEXT: [&str; 6] = ["text", "txt", "console", "plaintext", "plain", ""];
const TRACEBACK: &str = "Traceback (most recent call last)";

/// The outputs that a session shows.
pub fn doctests(guide: &Guide, index: usize, code: &Code, known: &Vocabulary) -> Vec<Claim> {
    let snippet = &guide.snippets[index];
    let mut claims = Vec::new();
    for example in snippet.session.iter().flatten() {
        let output = without_remarks(&example.output);
        let Some(((first, _), (last, _))) = output.first().zip(output.last()) else {
            continue;
        };
        // Placeholders of an exercise: the reader is to find out.
        if example.output.iter().all(|(_, text)| ["?", "??", "???", "...", "…"].contains(&text.trim())) {
            continue;
        }
        let typed = statements_on(code, example.first, example.last);
        let targets: Vec<_> = typed.iter().map(|stmt| Target::statement(code, stmt)).collect();
        if targets.is_empty() {
            continue;
        }
        let lines: Vec<_> = output.iter().map(|(_, text)| text.as_str()).collect();
        let shown = Shown {
            snippet: index,
            lines: (snippet.guide_line(*first), snippet.guide_line(*last)),
            span: (snippet.starts[*first], guide.source.trimmed_line(snippet.guide_line(*last)).1),
            form: Form::Doctest,
            certainty: certainty_of_answer(&lines, known),
            targets,
        };
        let typed = |says: &dyn Fn(&str) -> bool| {
            let line = |line| guide.source.line_text(snippet.guide_line(line));
            (example.first..=example.last).any(|index| says(line(index)))
        };
        let ignores = typed(&|line| line.contains("+IGNORE_EXCEPTION_DETAIL"));
        let hedged = typed(&|line| line.split_once(" # ").is_some_and(|(_, remark)| HEDGE.is_match(remark)));
        claims.push(Claim { hedged, ..shown.claim(&plain(&lines), ignores, known) });
    }
    claims
}

/// The statements that start on these lines.
fn statements_on(code: &Code, first: usize, last: usize) -> &[Stmt] {
    let all = code.statements();
    let before = |line: usize| all.partition_point(|stmt| code.lines(stmt).0 < line);
    &all[before(first)..before(last + 1)]
}

/// What an example shows without the comments behind it, which lead to the next.
fn without_remarks(output: &[(usize, String)]) -> &[(usize, String)] {
    let comment = |(_, text): &(usize, String)| text.trim_start().starts_with("# ");
    let shown = output.iter().rposition(|line| !comment(line)).map_or(output.len(), |last| last + 1);
    &output[..shown]
}

/// Below a prompt everything is its output; a commented line there may as well be a remark.
fn certainty_of_answer(lines: &[&str], known: &Vocabulary) -> Certainty {
    let remark = |line: &&str| {
        let words = line.trim_start().strip_prefix('#');
        words.is_some_and(|words| !is_whole_value(words.trim(), known))
    };
    if lines.iter().all(remark) { Certainty::Implied } else { Certainty::Explicit }
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
pub fn output_fences(guide: &Guide, codes: &[Code], known: &Vocabulary) -> Vec<Claim> {
    guide.others.iter().filter_map(|fence| output_fence(guide, codes, fence, known)).collect()
}

fn output_fence(guide: &Guide, codes: &[Code], fence: &OtherFence, known: &Vocabulary) -> Option<Claim> {
    let index = guide.snippets.partition_point(|snippet| snippet.opening < fence.opening).checked_sub(1)?;
    if let Some(output) = fence.output {
        return stored(guide, (index, &codes[index]), fence, output, known);
    }
    let snippet = &guide.snippets[index];
    let after = snippet.lines.1 + usize::from(snippet.fenced);
    let before = guide.others.partition_point(|other| other.opening < fence.opening);
    let other_between = guide.others[..before].last().is_some_and(|other| other.opening > snippet.opening);
    if snippet.session.is_some() || other_between || fence.lines.is_empty() {
        return None;
    }
    let between: Vec<_> = (after + 1..fence.opening)
        .map(|line| guide.source.line_text(line).trim_matches([' ', '\t', '>']))
        .filter(|t| !t.is_empty())
        .collect();
    // A shell that runs the code shows its command first.
    let command = |text: &str| {
        text.starts_with("$ python") || text.starts_with("$ py ") || text.starts_with("> python")
    };
    let lines: Vec<_> = fence.lines.iter().skip_while(|(_, text)| command(text)).collect();
    let certainty = certainty(fence, &lines, &between, known)?;
    let ((first, first_text), (last, last_text)) = lines.first().zip(lines.last())?;
    let texts: Vec<_> = lines.iter().map(|(_, text)| text.clone()).collect();
    let shown = Shown {
        snippet: index,
        lines: (*first, *last),
        span: span(guide, (*first, first_text), (*last, last_text)),
        form: Form::OutputFence,
        certainty,
        targets: vec![Target::whole(&codes[index])],
    };
    Some(shown.claim(&texts, false, known))
}

/// The bytes from a line's text to the end of another one's.
fn span(guide: &Guide, first: (usize, &str), last: (usize, &str)) -> (usize, usize) {
    (text_start(guide, first.0, first.1), text_start(guide, last.0, last.1) + last.1.trim().len())
}

/// What the format itself says is the output of the code above.
fn stored(
    guide: &Guide,
    (index, code): (usize, &Code),
    fence: &OtherFence,
    output: Output,
    known: &Vocabulary,
) -> Option<Claim> {
    let ((first, first_text), (last, last_text)) = fence.lines.first().zip(fence.lines.last())?;
    let target = match output {
        Output::Printed => Target { has_value: false, shows: false, ..Target::whole(code) },
        Output::Value => {
            Target::statement(code, code.statements().last().filter(|last| last.is_expr_stmt())?)
        }
        Output::Raised => Target::whole(code),
    };
    let shown = Shown {
        snippet: index,
        lines: (*first, *last),
        span: span(guide, (*first, first_text), (*last, last_text)),
        form: Form::OutputFence,
        certainty: Certainty::Explicit,
        targets: vec![target],
    };
    let texts: Vec<_> = fence.lines.iter().map(|(_, text)| text.as_str()).collect();
    let claim = shown.claim(&plain(&texts), false, known);
    match output {
        Output::Printed => return Some(claim),
        Output::Value => {
            return Some(Claim { meaning: Meaning::Shows(notebook::readings(&claim.text)), ..claim });
        }
        Output::Raised => {}
    }
    let (name, message) = claim.text.split_once(": ").unwrap_or((&claim.text, ""));
    let message = Some(message.to_owned()).filter(|message| !message.is_empty());
    let exception = Exception { name: Some(name.to_owned()), message, printed: None };
    Some(Claim { kind: Kind::Raises, meaning: Meaning::Raises(exception), ..claim })
}

/// The byte at which a fence's line starts behind what its containers have there.
fn text_start(guide: &Guide, line: usize, text: &str) -> usize {
    let whole = guide.source.line_text(line);
    guide.source.line_start(line) + whole.rfind(text.trim()).filter(|_| !text.trim().is_empty()).unwrap_or(0)
}

/// Whether a fence holds the output of the code above it, by its label, its content and what leads up
/// to it.
fn certainty(
    fence: &OtherFence,
    lines: &[&(usize, String)],
    between: &[&str],
    known: &Vocabulary,
) -> Option<Certainty> {
    let language = fence.language.as_str();
    let heading = between.iter().any(|line| line.starts_with('#'));
    let shell = lines.iter().any(|(_, text)| text.starts_with("$ ") || text.starts_with("% "));
    if heading || shell || between.len() > 6 {
        return None;
    }
    let cue = between.last().is_some_and(|line| is_cue(line));
    let text: String = lines.iter().map(|(_, text)| format!("{text}\n")).collect();
    let plain = TEXT.contains(&language);
    let adjacent = plain && between.is_empty();
    let itself = is_whole_value(text.trim(), known) || text.contains(TRACEBACK);
    match () {
        () if OUTPUT.contains(&language) => Some(Certainty::Explicit),
        () if plain && !itself && looks(&text) == Looks::Python => None,
        () if plain && cue => Some(Certainty::Explicit),
        () if adjacent && (!language.is_empty() || itself) => Some(Certainty::Explicit),
        () if adjacent => Some(Certainty::Implied),
        () => None,
    }
}

/// A line that announces output: it ends with a colon or is short, and says so.
fn is_cue(line: &str) -> bool {
    let words = line.trim_matches(|c: char| "*_`> ".contains(c));
    (words.ends_with([':', '：']) || words.chars().count() < 20) && CUE.is_match(words)
}

/// Where output is shown.
struct Shown {
    snippet: usize,
    lines: (usize, usize),
    span: (usize, usize),
    form: Form,
    certainty: Certainty,
    targets: Vec<Target>,
}

impl Shown {
    /// The claim that the code gives these lines.
    fn claim(self, shown: &[String], ignores_message: bool, known: &Vocabulary) -> Claim {
        let text = shown.join("\n");
        let raised = traceback(shown, known);
        let raised = raised.map(|e| if ignores_message { Exception { message: None, ..e } } else { e });
        let (kind, expected) = match &raised {
            Some(_) => (Kind::Raises, shown.last().cloned().unwrap_or_default()),
            None => (Kind::Stdout, text.clone()),
        };
        Claim {
            id: String::new(),
            lines: self.lines,
            snippet: self.snippet,
            kind,
            form: self.form,
            certainty: self.certainty,
            meaning: raised.map_or_else(|| Meaning::Shows(vec![text.clone()]), Meaning::Raises),
            text,
            expected,
            span: self.span,
            targets: self.targets,
            marked: true,
            hedged: false,
            versions: None,
        }
    }
}
