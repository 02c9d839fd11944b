//! Fences inside admonitions, tabs and definitions (`!!! note`, `=== "Tab"`, `:   …`) and inside directives
//! (`{tip}`): to CommonMark their content is code, to the tools that know them it is Markdown.

use super::commonmark::read;
use super::myst::holds_markdown;
use crate::guide::Source;
use crate::guide::structure::{CodeBlock, CodeLine};

/// What introduces an indented body in Markdown.
pub const MARKDOWN: [&str; 6] = ["!!! ", "??? ", "???+ ", "=== ", ":   ", ": "];
/// What does in MDX: a component.
pub const MDX: [&str; 1] = ["<"];

/// Replaces indented code below such a marker by the code blocks inside it.
pub fn expanded(blocks: Vec<CodeBlock>, source: &Source, markers: &[&str]) -> Vec<CodeBlock> {
    blocks.into_iter().flat_map(|block| expand(block, source, markers)).collect()
}

fn expand(block: CodeBlock, source: &Source, markers: &[&str]) -> Vec<CodeBlock> {
    let fences = block.code.iter().any(|line| line.text.contains("```") || line.text.contains("~~~"));
    let indented = || block.info.is_none() && is_marked(block.opening, source, markers);
    if !fences || !(holds_markdown(&block) || indented()) {
        return vec![block];
    }
    let text: String = block.code.iter().map(|line| format!("{}\n", line.text)).collect();
    let Ok(inner) = Source::new(text.into_bytes()) else { return vec![block] };
    let found = expanded(read(&inner.text, &inner).code, &inner, markers);
    found.into_iter().map(|nested| placed(nested, &inner, &block.code, source)).collect()
}

/// Whether the nearest text above that is indented less introduces an indented body.
fn is_marked(line: usize, source: &Source, markers: &[&str]) -> bool {
    let indent = |line: usize| source.line_text(line).len() - source.line_text(line).trim_start().len();
    let own = indent(line);
    let above = (1..line).rev().find(|l| !source.line_text(*l).trim().is_empty() && indent(*l) < own);
    let Some(text) = above.map(|line| source.line_text(line).trim_start()) else { return false };
    markers.iter().any(|mark| text.starts_with(mark))
}

/// A block of the inner text at its place in the outer one.
fn placed(block: CodeBlock, inner: &Source, outer: &[CodeLine], source: &Source) -> CodeBlock {
    let line = |number: usize| &outer[(number - 1).min(outer.len() - 1)];
    let guide_line = |number: usize| source.line(line(number).at);
    let at = |code: &CodeLine| {
        let number = inner.line(code.at);
        line(number).at + code.at - inner.line_start(number)
    };
    CodeBlock {
        opening: guide_line(block.opening),
        closing: guide_line(block.closing),
        code: block.code.iter().map(|code| CodeLine { text: code.text.clone(), at: at(code) }).collect(),
        ..block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::type_complexity, reason = "read in one look by the tests below")]
    fn found(text: &str) -> Vec<(Option<String>, usize, usize, Vec<(usize, String)>)> {
        let source = Source::new(text.into()).unwrap();
        let blocks = expanded(read(&source.text, &source).code, &source, &MARKDOWN);
        let line = |code: &CodeLine| {
            assert!(source.text[code.at..].starts_with(&code.text), "{code:?}");
            (source.line(code.at), code.text.clone())
        };
        blocks
            .iter()
            .map(|b| (b.info.clone(), b.opening, b.closing, b.code.iter().map(line).collect()))
            .collect()
    }

    #[test]
    fn admonitions_and_tabs_hold_fences() {
        let guide = "!!! note\n\n    Words.\n\n    ```python\n    a = 1\n    ```\n\n=== \"Tab\"\n\n    ??? tip\n\n        ```py\n        b = 2\n        ```\n";
        let found = found(guide);
        assert_eq!(found[0], (Some("python".into()), 5, 7, vec![(6, "a = 1".into())]));
        assert_eq!(found[1], (Some("py".into()), 13, 15, vec![(14, "b = 2".into())]));
    }

    #[test]
    fn directives_hold_fences() {
        let tip = found("````{tip} More\n:class: x\n\nWords.\n```python\na = 1\n```\n````\n");
        assert_eq!(tip, [(Some("python".into()), 5, 7, vec![(6, "a = 1".into())])]);
        let code = found("````{code-block} python\n\"\"\"\n```\n\"\"\"\n````\n");
        assert_eq!((code.len(), code[0].3.len()), (1, 3));
    }

    #[test]
    fn other_indented_code_stays() {
        assert_eq!(found("Text:\n\n    ```python\n    a\n    ```\n")[0].0, None);
    }
}
