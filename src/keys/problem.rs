//! What is wrong with written keys, in words for those who wrote them.

use std::sync::LazyLock;

use regex::Regex;
use serde::de::DeserializeOwned;

/// No name that is longer is meant to be one of ours.
const LONGEST: usize = 64;

/// Something wrong, at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The byte of the text.
    pub at: usize,
    /// What it is, and what to write instead.
    pub message: String,
}

impl Problem {
    /// A problem at a byte.
    pub fn new(at: usize, message: impl Into<String>) -> Problem {
        Problem { at, message: message.into() }
    }

    /// The line and the column in a text, from 1.
    pub fn line_and_column(&self, text: &str) -> (usize, usize) {
        let before = &text[..text.floor_char_boundary(self.at)];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }
}

/// Reads TOML.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    toml::from_str(text).map_err(|error| translated(&error, text))
}

static UNKNOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^unknown (?P<what>field|variant) `(?P<name>.*)`, expected (?:one of )?(?P<known>`.*)")
        .expect("valid")
});

/// Serde's words are for those who know its types.
fn translated(error: &toml::de::Error, text: &str) -> Problem {
    let span = error.span().unwrap_or_default();
    let message = error.message().trim();
    let Some(found) = UNKNOWN.captures(message) else {
        return Problem::new(span.start, in_words_of_toml(message.lines().next().unwrap_or_default()));
    };
    let name = &found["name"];
    let known: Vec<_> = found["known"].split('`').skip(1).step_by(2).collect();
    let is_key = &found["what"] == "field";
    // In an inline table the place is the table's.
    let inside = text.get(span.clone()).filter(|_| is_key).and_then(|table| table.find(name));
    let what = if is_key { "key" } else { "name" };
    let remedy = instead(name, known.iter().copied());
    let shown: String = name.chars().take(LONGEST).collect();
    Problem::new(span.start + inside.unwrap_or_default(), format!("unknown {what} `{shown}`: {remedy}"))
}

fn in_words_of_toml(message: &str) -> String {
    let Some((is, wanted)) = message.rsplit_once(", expected ") else { return message.to_owned() };
    let is = is.replace("type: sequence", "type: list").replace("type: map", "type: table");
    let wanted = match wanted {
        "a sequence" => "a list",
        "a map" => "a table",
        "f64" | "u16" => "a number",
        other => other,
    };
    format!("{is}, expected {wanted}")
}

/// The names that are most like a misspelt one, in their order and in quotes; none where none is.
pub fn near<'k>(name: &str, known: impl Iterator<Item = &'k str> + Clone) -> Vec<String> {
    const LEAST: f32 = 0.5;
    const OF_THE_BEST: f32 = 0.8;
    if name.len() > LONGEST {
        return Vec::new();
    }
    let likeness = |known: &str| similar::TextDiff::from_chars(name, known).ratio();
    let best = known.clone().map(likeness).fold(0.0, f32::max);
    let enough = LEAST.max(best * OF_THE_BEST);
    known.filter(|known| likeness(known) >= enough).map(|known| format!("`{known}`")).collect()
}

/// What to write instead of a name that is not known.
pub fn instead<'k>(name: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    match near(name, known.clone()) {
        near if near.is_empty() => {
            let known: Vec<_> = known.map(|known| format!("`{known}`")).collect();
            format!("there are {}", known.join(", "))
        }
        near => format!("did you mean {}?", near.join(", ")),
    }
}
