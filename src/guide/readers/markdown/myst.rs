//! What MyST adds to Markdown: fences of colons, directives with options, cells that run.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::repair::Fence;
use crate::guide::directive::Found;
use crate::guide::readers::magic;
use crate::guide::structure::{CodeBlock, CodeLine};
use crate::guide::{Behind, Output, Problem, Source};

static COLONS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[ \t>]*(?P<marks>:{3,})\{(?:code|code-block|code-cell|sourcecode|doctest|testcode|testsetup|testcleanup|testoutput)\}")
        .expect("valid")
});

/// The text with fences of colons that hold code (`:::{code-block} python`) made fences of backticks, length for
/// length. Others hold Markdown, and are no fences to it.
pub fn with_backticks(text: &str) -> String {
    if !text.contains(":::") {
        return text.to_owned();
    }
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let mut at = 0;
    // Where one is not closed, no later one of its length is.
    let mut open = HashSet::new();
    while at < lines.len() {
        let marks = COLONS.captures(&lines[at]).map(|found| found["marks"].to_owned());
        if let Some(marks) = marks.filter(|marks| !open.contains(marks)) {
            let closes = |line: &String| line.trim_matches([' ', '\t', '>', '\r']) == marks;
            if let Some(inside) = lines[at + 1..].iter().position(closes) {
                for line in [at, at + 1 + inside] {
                    lines[line] = lines[line].replacen(&marks, &"`".repeat(marks.len()), 1);
                }
                at += 1 + inside;
            } else {
                open.insert(marks);
            }
        } else if let Some(fence) = Fence::opened_by(lines[at].trim_end_matches('\r'), at) {
            let ends = |line: &String| fence.closed_by(line) || fence.left_by(line);
            at += 1 + lines[at + 1..].iter().position(ends).unwrap_or(0);
        }
        at += 1;
    }
    lines.join("\n")
}

/// Takes the options of a directive, which stand before its content, out of it: `:tags: [hide]`, or YAML between
/// two lines of dashes.
pub fn take_options(block: &mut CodeBlock) {
    let Some(name) = name(block) else { return };
    block.behind = match name.as_str() {
        "code-cell" | "doctest" | "testcode" | "testsetup" | "testcleanup" => Behind::Guide,
        _ => block.behind,
    };
    block.output = (name == "testoutput").then_some(Output::Printed);
    let is_option = |line: &&CodeLine| {
        line.text.trim_start().strip_prefix(':').is_some_and(|option| option.contains(':'))
    };
    let is_rule = |line: &CodeLine| line.text.trim_end() == "---";
    let count = match block.code.first() {
        Some(first) if is_rule(first) => block.code[1..].iter().position(is_rule).map_or(0, |last| last + 2),
        _ => block.code.iter().take_while(is_option).count(),
    };
    block.options = block.code.drain(..count).map(|line| line.text.trim_start().to_owned()).collect();
}

/// Whether a block is a directive whose content is Markdown: a note, a tab, a figure's legend.
pub fn holds_markdown(block: &CodeBlock) -> bool {
    let code = |name: &str| name.contains("code") || name.contains("test") || name == "eval-rst";
    name(block).is_some_and(|name| !code(&name))
}

/// The name of the directive that a block is.
fn name(block: &CodeBlock) -> Option<String> {
    let inside = block.info.as_deref()?.trim_start().strip_prefix('{')?;
    Some(inside.split('}').next().unwrap_or_default().trim().to_owned())
}

/// Takes out of the cells what is no Python in them, and says so.
pub fn commands(code: &mut [CodeBlock], source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    for block in code.iter_mut().filter(|block| name(block).as_deref() == Some("code-cell")) {
        match magic::language(&block.code).filter(|language| language != "python") {
            Some(language) => block.info = Some(language),
            None => {
                let taken = magic::taken_out(&mut block.code);
                problems.extend(taken.iter().map(|line| magic::problem(line, source)));
            }
        }
    }
    problems
}

/// What the tags of a cell say of it.
pub fn tags(block: &CodeBlock) -> impl Iterator<Item = Found> {
    let words = block.options.iter().flat_map(|option| option.split([' ', ',', '[', ']', '"', '\'']));
    words.filter_map(|tag| Found::of_tag(tag, block.opening))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_of_colons_that_hold_code_become_fences() {
        let text =
            "::::{tab-set}\n:::{code-block} python\nx\n:::\n::::\n```\n:::{code} py\n```\n:::{note}\n:::\n";
        let read = with_backticks(text);
        assert_eq!(
            read,
            text.replacen(":::{code-block} python\nx\n:::", "```{code-block} python\nx\n```", 1)
        );
        assert_eq!(with_backticks(":::{code-cell}\nopen"), ":::{code-cell}\nopen");
    }

    #[test]
    fn options_are_no_code() {
        let line = |text: &&str| CodeLine { text: (*text).into(), at: 0 };
        let taken = |info: &str, lines: &[&str]| {
            let code = lines.iter().map(line).collect();
            let mut block = CodeBlock { info: Some(info.into()), code, ..CodeBlock::default() };
            take_options(&mut block);
            (block.options.len(), block.code.len(), tags(&block).count())
        };
        assert_eq!(
            taken("{code-cell} ipython3", &["---", "tags: [raises-exception]", "---", "x"]),
            (3, 1, 1)
        );
        assert_eq!(taken("{code-block} python", &[":linenos:", "", "x"]), (1, 2, 0));
        assert_eq!(taken("{doctest}", &["    :options: +SKIP", "", ">>> x"]), (1, 2, 0));
        assert_eq!(taken("python", &["---", "x", "---"]), (0, 3, 0));
    }
}
