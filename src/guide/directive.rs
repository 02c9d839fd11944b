//! What an author tells verify in an HTML comment on the line before a fence.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::Source;
use super::structure::CodeLine;
use crate::keys::{self, Keys, Problem};

/// One directive. Lines count from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Directive {
    /// The guide line it stands on.
    pub line: usize,
    /// What it asks for.
    pub order: Order,
    /// Why, in the author's words; empty where nothing has to be explained.
    pub reason: String,
}

/// What a directive asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// The snippet is not run.
    Skip,
    /// Findings with these codes are meant to be there.
    Expect(Vec<String>),
    /// Findings with these codes may be there.
    Allow(Vec<String>),
    /// The snippet is supplied with something.
    With(Box<Given>),
}

/// What a snippet is given by a directive.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The keys.
    pub keys: Keys,
    /// The text that they have their places in. Its first line is the directive's.
    pub text: String,
}

/// A comment that is a directive.
#[derive(Debug)]
pub struct Found {
    /// The guide line on which it starts.
    pub line: usize,
    /// The guide line on which what it is about opens, or another directive about the same.
    pub above: usize,
    /// The directive; else the line of what cannot be understood, and what to write instead.
    pub directive: Result<Directive, (usize, String)>,
}

const KNOWN: &str = "known are `skip reason=\"…\"`, `expect CODE reason=\"…\"` and `with KEY = VALUE`";

static REASON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\s+reason\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')\s*$"#).expect("valid")
});

/// How a comment is marked in the text around the code.
pub struct Marks {
    open: &'static str,
    close: &'static str,
}

/// In Markdown.
pub const HTML: Marks = Marks { open: "<!--", close: "-->" };
/// In MDX.
pub const JSX: Marks = Marks { open: "{/*", close: "*/}" };

impl Marks {
    /// The lines of a guide on which comments end.
    pub fn ends(&self, source: &Source) -> Vec<usize> {
        (1..=source.line_count()).filter(|line| source.line_text(*line).contains(self.close)).collect()
    }

    /// What follows the opening of a directive that stands first on a line, and what precedes it.
    fn opened<'l>(&self, line: &'l str) -> Option<(&'l str, &'l str)> {
        let words = line.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
        let order = words.strip_prefix(self.open)?.trim_start().strip_prefix("verify:")?.trim_start();
        Some((&line[..line.len() - words.len()], order))
    }

    /// Finds the directive that starts on a guide line. `ends` are the lines on which comments do.
    pub fn find(&self, source: &Source, line: usize, ends: &[usize]) -> Option<Found> {
        let (quote, first) = self.opened(source.line_text(line))?;
        let bad =
            |last, message: String| Some(Found { line, above: last + 1, directive: Err((line, message)) });
        let Some(&last) = ends.get(ends.partition_point(|end| *end < line)) else {
            return bad(line, format!("this directive is never closed: end it with `{}`", self.close));
        };
        let mut text = first.to_owned();
        for line in line + 1..=last {
            text.extend(["\n", without(quote, source.line_text(line))]);
        }
        let (order, behind) = text.split_once(self.close)?;
        match behind.trim().is_empty() {
            true => Some(Found::new(line, last, last + 1, order)),
            false if last == line => None,
            false => {
                let close = self.close;
                bad(
                    last,
                    format!(
                        "a directive has its lines for itself: write what comes behind `{close}` below it"
                    ),
                )
            }
        }
    }
}

impl Found {
    /// What a tag of a notebook's cell says of the cell that opens on a line.
    pub fn of_tag(tag: &str, line: usize) -> Option<Found> {
        let order = match tag {
            "raises-exception" => Order::Allow(vec!["raises".to_owned(), "undefined-name".to_owned()]),
            "skip-execution" => Order::Skip,
            _ => return None,
        };
        let directive = Ok(Directive { line, order, reason: format!("it is tagged {tag}") });
        Some(Found { line, above: line, directive })
    }

    /// The same so many lines further down.
    pub fn moved(self, lines: usize) -> Found {
        let directive = match self.directive {
            Ok(directive) => Ok(Directive { line: directive.line + lines, ..directive }),
            Err((line, message)) => Err((line + lines, message)),
        };
        Found { line: self.line + lines, above: self.above + lines, directive }
    }

    /// What the words of a comment order that goes from a line to another.
    pub fn new(line: usize, last: usize, above: usize, words: &str) -> Found {
        let directive = understand(words.trim_end()).map(|(order, reason)| Directive { line, order, reason });
        Found {
            line,
            above,
            directive: directive.map_err(|(below, message)| (last.min(line + below), message)),
        }
    }
}

/// What comments of Python (`# verify: …`) say of the block that opens on a line. What is given may go on in the
/// comments below.
pub fn in_comments(comments: &[CodeLine], source: &Source, opening: usize) -> Vec<Found> {
    let words = |comment: &CodeLine| {
        let text = comment.text.trim_start_matches('#').trim_start();
        text.strip_prefix("verify:").map(|words| words.trim_start().to_owned())
    };
    let mut found = Vec::new();
    for (index, comment) in comments.iter().enumerate() {
        let Some(mut words) = words(comment) else { continue };
        let below = if words.trim_end() == "with" { &comments[index + 1..] } else { &[] };
        for line in below {
            let text = line.text.trim_start_matches('#');
            words.extend(["\n", text.strip_prefix(' ').unwrap_or(text)]);
        }
        let line = source.line(comment.at);
        found.push(Found::new(line, line + below.len(), opening, &words));
    }
    found
}

/// A line without the marks of the quote or the list that the comment stands in.
fn without<'l>(quote: &str, line: &'l str) -> &'l str {
    let same = quote.bytes().zip(line.bytes()).take_while(|(a, b)| a == b).count();
    &line[same..]
}

/// The error is counted in lines from the first.
fn understand(text: &str) -> Result<(Order, String), (usize, String)> {
    let (verb, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
    let here = |message| (0, message);
    match verb {
        "with" => given(rest).map(|given| (Order::With(Box::new(given)), String::new())),
        "skip" | "expect" => with_reason(verb, rest).map_err(here),
        _ => Err(here(format!("unknown directive `{verb}`: {KNOWN}"))),
    }
}

fn with_reason(verb: &str, rest: &str) -> Result<(Order, String), String> {
    let found = REASON.captures(rest).ok_or_else(|| {
        let example = if verb == "skip" { "skip" } else { "expect CODE" };
        format!("the directive `{verb}{rest}` gives no reason: write `{example} reason=\"…\"`")
    })?;
    let reason = found.name("double").or(found.name("single")).map_or("", |m| m.as_str()).trim().to_owned();
    if reason.is_empty() {
        return Err("the directive's reason is empty: say why in a few words".into());
    }
    let words = rest[..found.get(0).map_or(0, |m| m.start())].split([' ', ',', '\t', '\n']);
    let codes: Vec<_> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
    match (verb, codes.is_empty()) {
        ("skip", true) => Ok((Order::Skip, reason)),
        ("skip", false) => Err("`skip` takes a reason and nothing else: write `skip reason=\"…\"`".into()),
        (_, true) => Err("`expect` names no finding: write `expect false-claim reason=\"…\"`".into()),
        (_, false) => Ok((Order::Expect(codes), reason)),
    }
}

/// What stands behind `with` on its line is the inside of an inline table, else the lines below are TOML.
fn given(rest: &str) -> Result<Given, (usize, String)> {
    #[derive(Deserialize)]
    struct Inline {
        with: Keys,
    }
    let is_inline = !rest.lines().next().unwrap_or_default().trim().is_empty();
    let text = if is_inline { format!("with = {{{rest}\n}}") } else { rest.to_owned() };
    let keys = match is_inline {
        true => keys::parse(&text).map(|inline: Inline| inline.with),
        false => keys::parse(&text),
    };
    match keys {
        Ok(keys) if keys == Keys::default() => {
            Err((0, "`with` gives nothing: write `with KEY = VALUE`, or TOML on the lines below".to_owned()))
        }
        Ok(keys) => Ok(Given { keys, text }),
        Err(problem) => Err(on_its_line(&problem, &text)),
    }
}

fn on_its_line(problem: &Problem, text: &str) -> (usize, String) {
    (problem.line_and_column(text).0 - 1, problem.message.clone())
}

#[cfg(test)]
mod tests;
