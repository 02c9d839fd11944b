//! reStructuredText: sections by their underlines, doctest blocks, literal blocks behind `::`, and the directives
//! that hold code. Docstrings are read by it too.

use std::sync::LazyLock;

use regex::Regex;

use crate::guide::directive::Found;
use crate::guide::structure::{CodeBlock, CodeLine, Heading, Structure, lines_of};
use crate::guide::{Behind, Format, Output, Source};

/// Reads a file.
pub fn read(source: &Source) -> Structure {
    let lines = lines_of(&source.text, 0..source.text.len());
    Structure { format: Format::Rst, ..Scanner::new(&lines, source).read() }
}

/// Reads the lines of a docstring, in which there may be fences as well.
pub fn read_docstring(lines: &[CodeLine], source: &Source) -> Structure {
    Scanner { fences: true, ..Scanner::new(lines, source) }.read()
}

static EXPLICIT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*\.\.(?:\s+(?P<text>.*))?$").expect("valid"));
static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:\|[^|]+\|\s+)?(?P<name>[\w:+.-]*\w)\s?::(?:\s+(?P<argument>.*))?$").expect("valid")
});
/// What stands before the text of a list item.
static ITEM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*(?:[-*+•]|\(?(?:\d+|\w|#)[.)])\s+").expect("valid"));
static FENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$").expect("valid"));

/// Directives whose content is no prose and no code of ours.
const OPAQUE: [&str; 12] = [
    "raw",
    "math",
    "parsed-literal",
    "csv-table",
    "graphviz",
    "digraph",
    "productionlist",
    "prompt",
    "toctree",
    "autosummary",
    "mermaid",
    "include",
];

struct Scanner<'a> {
    lines: &'a [CodeLine],
    source: &'a Source,
    fences: bool,
    /// What code without a language is, as the last `.. highlight::` says.
    language: String,
    /// How titles of each level are marked: by which rule, and whether there is one above.
    styles: Vec<(char, bool)>,
    found: Structure,
}

impl<'a> Scanner<'a> {
    fn new(lines: &'a [CodeLine], source: &'a Source) -> Scanner<'a> {
        let (language, styles, found) = Default::default();
        Scanner { lines, source, fences: false, language, styles, found }
    }

    fn read(mut self) -> Structure {
        let mut at = 0;
        while at < self.lines.len() {
            at = self.next(at);
        }
        self.found
    }

    /// Reads what starts on a line. Returns the line after it.
    fn next(&mut self, at: usize) -> usize {
        let line = &self.lines[at];
        if line.is_blank() {
            return at + 1;
        }
        let next = if is_prompt(&line.text) { Some(self.doctest(at)) } else { None };
        next.or_else(|| self.explicit(at))
            .or_else(|| self.title(at))
            .or_else(|| self.fence(at))
            .or_else(|| self.literal(at))
            .unwrap_or(at + 1)
    }

    fn guide_line(&self, at: usize) -> usize {
        self.source.line(self.lines[at].at)
    }

    /// A paragraph that starts with a prompt, with those that follow it at once.
    fn doctest(&mut self, first: usize) -> usize {
        let indent = self.lines[first].indent();
        let goes_on = |line: &CodeLine| !line.is_blank() && line.indent() >= indent;
        let mut last = first;
        loop {
            last += self.lines[last + 1..].iter().take_while(|line| goes_on(line)).count();
            let gap = self.lines[last + 1..].iter().take_while(|line| line.is_blank()).count();
            match self.lines.get(last + gap + 1) {
                Some(line) if gap > 0 && line.indent() == indent && is_prompt(&line.text) => last += gap + 1,
                _ => break,
            }
        }
        self.add("doctest".to_owned(), first, (first, last + 1), Vec::new());
        last + 1
    }

    /// A title with the rule below it, and perhaps one above.
    fn title(&mut self, at: usize) -> Option<usize> {
        let rule = |at: usize| self.lines.get(at).and_then(|line| rule(&line.text));
        let (over, text) = if rule(at).is_some() { (true, at + 1) } else { (false, at) };
        let line = self.lines.get(text).filter(|line| !line.is_blank())?;
        let (mark, length) = rule(text + 1)?;
        let title = line.text.trim();
        let fits = length >= title.chars().count().min(4) && (over || line.indent() == 0);
        let apart = at == 0 || self.lines[at - 1].is_blank();
        let same = !over || rule(at).is_some_and(|(above, _)| above == mark);
        if !fits || !apart || !same || rule(text).is_some() {
            return None;
        }
        let style = (mark, over);
        let level = self.styles.iter().position(|known| *known == style).unwrap_or_else(|| {
            self.styles.push(style);
            self.styles.len() - 1
        });
        self.found.headings.push(Heading::new(level + 1, plain(title), self.guide_line(at)));
        Some(text + 2)
    }

    /// What starts with two dots: a directive, or a comment.
    fn explicit(&mut self, at: usize) -> Option<usize> {
        let found = EXPLICIT.captures(&self.lines[at].text)?;
        let text = found.name("text").map_or("", |text| text.as_str().trim());
        let end = self.end_of_body(at + 1, self.lines[at].indent());
        if let Some(directive) = DIRECTIVE.captures(text) {
            let argument = directive.name("argument").map_or("", |it| it.as_str().trim());
            return Some(self.directive(&directive["name"], argument, at, end));
        }
        if let Some(words) = text.strip_prefix("verify:") {
            self.order(words.trim_start(), at, end);
            return Some(end);
        }
        let is_comment = !text.starts_with(['[', '_', '|']);
        let is_empty = text.is_empty() && self.lines.get(at + 1).is_none_or(CodeLine::is_blank);
        Some(if is_comment && !is_empty { end } else { at + 1 })
    }

    /// The first line that is not in the body of what is indented so far.
    fn end_of_body(&self, from: usize, indent: usize) -> usize {
        let inside = |line: &&CodeLine| line.is_blank() || line.indent() > indent;
        let end = from + self.lines[from..].iter().take_while(inside).count();
        let blank = self.lines[from..end].iter().rev().take_while(|line| line.is_blank()).count();
        end - blank
    }

    /// A directive in a comment, about what comes next.
    fn order(&mut self, words: &str, at: usize, end: usize) {
        let body = &self.lines[at + 1..end];
        let indent = common_indent(body);
        let below = body.iter().map(|line| format!("\n{}", line.text.get(indent..).unwrap_or_default()));
        let words = words.to_owned() + &below.collect::<String>();
        let gap = self.lines[end..].iter().take_while(|line| line.is_blank()).count();
        let above = self.lines.get(end + gap).map_or(0, |line| self.source.line(line.at));
        let (first, last) = (self.guide_line(at), self.guide_line(end - 1));
        self.found.directives.push(Found::new(first, last, above, &words));
    }

    fn directive(&mut self, name: &str, argument: &str, at: usize, end: usize) -> usize {
        let default = || if argument.is_empty() { self.language.clone() } else { argument.to_owned() };
        let info = match name {
            "code" | "code-block" | "sourcecode" | "code-cell" => default(),
            "doctest" | "ipython" => name.to_owned(),
            "testcode" | "testsetup" | "testcleanup" => "python".to_owned(),
            "testoutput" => "output".to_owned(),
            "highlight" | "highlightlang" => {
                self.language = argument.to_owned();
                return at + 1;
            }
            _ if OPAQUE.contains(&name) => return end.max(at + 1),
            // Its content is more of the same.
            _ => return at + 1,
        };
        let options = at + 1;
        let is_option = |line: &&CodeLine| line.text.trim_start().starts_with(':');
        let content = options + self.lines[options..end.max(options)].iter().take_while(is_option).count();
        let options = &self.lines[options..content];
        let options: Vec<_> = options.iter().map(|line| line.text.trim().to_owned()).collect();
        let skipped = options.iter().find(|option| option.starts_with(":skipif:")).cloned();
        let blank = self.lines[content..end.max(content)].iter().take_while(|line| line.is_blank()).count();
        let first = (content + blank).min(end);
        self.add(info, at, (first, end), options);
        let block = self.found.code.last_mut().expect("just added");
        match name {
            "testoutput" => block.output = Some(Output::Printed),
            "doctest" | "ipython" | "testcode" | "testsetup" | "testcleanup" => block.behind = Behind::Guide,
            _ => {}
        }
        if let Some(option) = skipped {
            let line = self.guide_line(at);
            let words = format!("skip reason=\"{}\"", option.replace('"', "'"));
            self.found.directives.push(Found::new(line, line, line, &words));
        }
        end.max(at + 1)
    }

    fn fence(&mut self, at: usize) -> Option<usize> {
        let opening = FENCE.captures(&self.lines[at].text).filter(|_| self.fences)?;
        let (marks, info) = (opening["marks"].to_owned(), opening["info"].trim().to_owned());
        let closes = |line: &CodeLine| {
            let text = line.text.trim();
            text.len() >= marks.len() && text.chars().all(|c| marks.starts_with(c))
        };
        let inside = self.lines[at + 1..].iter().take_while(|line| !closes(line)).count();
        self.add(info, at, (at + 1, at + 1 + inside), Vec::new());
        let closing = (at + 1 + inside).min(self.lines.len() - 1);
        let closing = self.guide_line(closing);
        self.found.code.last_mut()?.closing = closing;
        Some(at + inside + 2)
    }

    /// The indented block that a paragraph announces with two colons at its end.
    fn literal(&mut self, at: usize) -> Option<usize> {
        let line = &self.lines[at];
        if !line.text.trim_end().ends_with("::") {
            return None;
        }
        let gap = self.lines[at + 1..].iter().take_while(|line| line.is_blank()).count();
        let first = at + 1 + gap;
        let indent = ITEM.find(&line.text).map_or(line.indent(), |item| item.end());
        if gap == 0 || self.lines.get(first)?.indent() <= indent {
            return None;
        }
        let end = self.end_of_body(first, indent);
        self.add(self.language.clone(), first, (first, end), Vec::new());
        Some(end)
    }

    /// Adds a block whose code is what stands on these lines, the last excluded.
    fn add(&mut self, info: String, opening: usize, (first, end): (usize, usize), options: Vec<String>) {
        let lines = &self.lines[first..end.max(first)];
        let indent = common_indent(lines);
        let inside = |line: &CodeLine| match line.text.is_char_boundary(indent) && indent <= line.text.len() {
            true => line.without(indent),
            false => line.emptied(),
        };
        let session = lines.iter().any(|line| is_prompt(&line.text));
        self.found.code.push(CodeBlock {
            info: Some(info),
            opening: self.guide_line(opening),
            closing: self.guide_line(end.max(opening + 1) - 1),
            options,
            code: lines.iter().map(inside).collect(),
            output: None,
            behind: if session { Behind::Guide } else { Behind::Perhaps },
        });
    }
}

pub(super) fn is_prompt(text: &str) -> bool {
    text.trim_start().strip_prefix(">>>").is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// A line of one mark: which, and how often.
fn rule(text: &str) -> Option<(char, usize)> {
    let text = text.trim_end();
    let mark = text.chars().next().filter(char::is_ascii_punctuation)?;
    (text.len() > 1 && text.chars().all(|c| c == mark)).then_some((mark, text.len()))
}

fn common_indent(lines: &[CodeLine]) -> usize {
    lines.iter().filter(|line| !line.is_blank()).map(CodeLine::indent).min().unwrap_or(0)
}

/// A title without its markup: ``code``, *emphasis*, :role:`text`.
fn plain(title: &str) -> String {
    static ROLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r":[\w:+.-]+:`~?(?P<text>[^`<]*?)\s*(?:<[^`]*>)?`").expect("valid"));
    ROLE.replace_all(title, "$text").replace(['`', '*'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line with its number.
    type Line = (usize, String);

    struct Read {
        headings: Vec<(usize, String, usize)>,
        code: Vec<(String, usize, Vec<Line>)>,
    }

    fn read(text: &str) -> Read {
        let source = Source::new(text.into()).unwrap();
        let found = super::read(&source);
        let line = |line: &CodeLine| {
            assert!(source.text[line.at..].starts_with(&line.text), "{line:?}");
            (source.line(line.at), line.text.clone())
        };
        Read {
            headings: found.headings.iter().map(|h| (h.level, h.text.clone(), h.line)).collect(),
            code: found
                .code
                .iter()
                .map(|b| (b.info.clone().unwrap(), b.opening, b.code.iter().map(line).collect()))
                .collect(),
        }
    }

    #[test]
    fn titles_have_their_levels_by_their_rules() {
        let found = read(
            "====\nTop\n====\n\nOne ``x``\n=======\n\nA\n-\n\nB :func:`b`\n-----------\n\nTwo\n===\nx\n\ntext\n....\nx\n",
        );
        let levels: Vec<_> = found.headings.iter().map(|(level, text, _)| (*level, text.as_str())).collect();
        assert_eq!(levels[..3], [(1, "Top"), (2, "One x"), (3, "B b")]);
        assert_eq!(levels[3], (2, "Two"));
        assert_eq!(found.headings[1].2, 5);
    }

    #[test]
    fn doctest_blocks_go_on_over_blank_lines_alone() {
        let found = read("Text\n\n  >>> x = 1\n\n  >>> x\n  1\n\nwords\n\n>>> y\n-----\n\nmore\n");
        let lines: Vec<_> = found.code.iter().map(|(_, opening, code)| (*opening, code.len())).collect();
        assert_eq!(lines, [(3, 4), (10, 2)]);
        assert_eq!(found.code[0].2[3], (6, "1".into()));
        assert_eq!(found.headings, []);
    }

    #[test]
    fn directives_hold_code() {
        let found = read(
            ".. code-block:: python\n   :caption: a.py\n   :linenos:\n\n   x = 1\n\n     y\n\nText\n\n.. note::\n\n   .. code:: py\n\n      z\n\n.. raw:: html\n\n   >>> no\n\n.. no\n   >>> no\n\n.. testcode::\n\n   t\n",
        );
        let code: Vec<_> =
            found.code.iter().map(|(info, line, code)| (info.as_str(), *line, code.len())).collect();
        assert_eq!(code, [("python", 1, 3), ("py", 13, 1), ("python", 24, 1)]);
        assert_eq!(found.code[0].2, [(5, "x = 1".into()), (6, "".into()), (7, "  y".into())]);
    }

    #[test]
    fn literal_blocks_are_what_the_text_announces() {
        let found = read(
            "As in::\n\n   a\n\n     b\n\nBut::\n\nnot this\n\n- item::\n\n      c\n\n  text\n\n.. highlight:: python\n\n::\n\n  d\n",
        );
        let code: Vec<_> =
            found.code.iter().map(|(info, line, code)| (info.as_str(), *line, code.len())).collect();
        assert_eq!(code, [("", 3, 3), ("", 13, 1), ("python", 21, 1)]);
    }

    #[test]
    fn a_directive_is_a_comment_about_what_comes_next() {
        let text = ".. verify: skip reason=\"slow\"\n\n>>> f()\n\n.. verify: with\n   stdin = 'x'\n\n.. code:: python\n\n   input()\n";
        let source = Source::new(text.into()).unwrap();
        let found = super::read(&source);
        let above: Vec<_> =
            found.directives.iter().map(|it| (it.line, it.above, it.directive.is_ok())).collect();
        assert_eq!(above, [(1, 3, true), (5, 8, true)]);
    }
}
