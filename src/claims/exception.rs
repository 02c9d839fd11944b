//! Exceptions as authors name them.

use super::understand::{Understood, plain};
use super::vocabulary::Vocabulary;
use super::words::{CONDITION, EXCEPTION, EXCEPTION_END, FAILS, is_exception};
use super::{Exception, Kind, Meaning};
use crate::python::literal;
use crate::value::Value;

/// `raises ValueError`, `KeyError: 'x'`, `Error!`.
pub fn raises(text: &str, known: &Vocabulary) -> Option<Understood> {
    let found = exception(text, known)?;
    let called = found.name.as_ref().and_then(|name| {
        let rest = &text[text.find(name.as_str())?..];
        let end = rest.find(')')? + 1;
        rest[name.len()..].starts_with('(').then(|| rest[..end].to_owned())
    });
    let expected = match (&found.name, &found.message) {
        (Some(_), Some(_)) if called.is_some() => called.unwrap_or_default(),
        (Some(name), Some(message)) => format!("{name}: {message}"),
        (Some(name), None) => name.clone(),
        _ => text.to_owned(),
    };
    Some(plain(Kind::Raises, expected, Meaning::Raises(found)))
}

/// An exception as the words name it.
pub fn exception(text: &str, known: &Vocabulary) -> Option<Exception> {
    if FAILS.is_match(text) {
        return Some(Exception::default());
    }
    let found = EXCEPTION.captures(text)?;
    let (name, rest) = (&found["name"], found["rest"].trim_end());
    let verb = found.name("verb").map_or("", |verb| verb.as_str().trim());
    let last = name.rsplit('.').next().unwrap_or(name);
    // `raises Overdrawn` says by its verb that it is one; `gives Spam` does not.
    let said = RAISING.iter().any(|word| verb.to_lowercase().contains(word)) && last.len() > 3;
    let is_one = known.is_exception(name)
        || known.is_exception(last)
        || (said && last.contains(|c: char| c.is_lowercase()));
    if !is_one || ["Error", "Warning"].contains(&name) || CONDITION.is_match(rest) {
        return None;
    }
    if verb.is_empty() && !EXCEPTION_END.is_match(rest) && constructed(rest).is_none() {
        return None;
    }
    let message = rest.strip_prefix(':').map(|message| message.trim().to_owned()).filter(|m| !m.is_empty());
    // The message of a KeyError is its key's repr.
    let key = |message: String| if last == "KeyError" { Value::Str(message).to_string() } else { message };
    let message = message.or_else(|| constructed(rest).map(key));
    let other = rest.starts_with(['(', '.', '[', '_']) && message.is_none();
    (!other || rest.trim_matches('.').is_empty()).then(|| Exception {
        name: Some(name.to_owned()),
        message,
        printed: None,
    })
}

/// Verbs after which any class is an exception.
const RAISING: [&str; 12] = [
    "rais",
    "throw",
    "lanza",
    "levanta",
    "wirft",
    "löst",
    "lève",
    "lança",
    "solleva",
    "抛出",
    "引发",
    "бросает",
];

/// The message of `ValueError("bad")`.
fn constructed(rest: &str) -> Option<String> {
    let inside = rest.strip_prefix('(')?.strip_suffix(')')?;
    match literal(inside)? {
        Value::Str(message) => Some(message),
        _ => None,
    }
}

/// The exception in whose traceback an output ends, with all lines of its message and what was printed
/// before it.
pub fn traceback(lines: &[String], known: &Vocabulary) -> Option<Exception> {
    const TRACEBACK: &str = "Traceback (most recent call last)";
    let start = lines.iter().position(|line| line.contains(TRACEBACK) || line.starts_with("  File \""));
    let bare = |line: &String| line.trim_start_matches(['|', '+', '-', ' ']).trim_end().to_owned();
    let group = lines.iter().any(|line| line.contains("Exception Group Traceback"));
    let outside = |line: &String| group || !line.starts_with([' ', '\t']);
    let headline = |line: &String| {
        outside(line)
            && !line.contains(TRACEBACK)
            && exception(&bare(line), known).is_some_and(|e| e.name.is_some())
    };
    let named = |line: usize| {
        let found = exception(&bare(&lines[line]), known)?;
        let more = lines[line + 1..].iter().map(|line| format!("\n{}", line.trim_end()));
        let message = found.message.clone().map(|m| if group { m } else { m + &more.collect::<String>() });
        Some(Exception { message, ..found })
    };
    let Some(start) = start else {
        let alone = lines.len() == 1 && headline(&lines[0]) && lines[0].contains(':');
        return alone.then(|| named(0)).flatten();
    };
    let before = lines[..start].iter().filter(|line| !line.trim().is_empty() && !is_rule(line));
    let before = before.cloned().collect::<Vec<_>>().join("\n");
    let printed = (!before.is_empty() && !group).then_some(before);
    // Of a chain of tracebacks the last one is what is raised.
    let found = match lines.iter().rposition(headline) {
        Some(last) if !group => named(last),
        _ => lines.iter().position(headline).and_then(named),
    };
    let found = found.or_else(|| unknown(lines));
    found.map(|found| Exception { printed, ..found })
}

/// A line between a notebook's parts.
fn is_rule(line: &str) -> bool {
    line.trim().chars().all(|c| c == '-')
}

/// The last line of a traceback names a class that we do not know as an exception, or is left out.
fn unknown(lines: &[String]) -> Option<Exception> {
    let last = lines.iter().rfind(|line| !line.trim().is_empty())?.trim();
    let (name, message) = last.split_once(':').unwrap_or((last, ""));
    let class = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.') && !name.starts_with('.');
    match class && !is_exception(name) {
        true => {
            let message = Some(message.trim().to_owned()).filter(|message| !message.is_empty());
            Some(Exception { name: Some(name.to_owned()), message, printed: None })
        }
        false => Some(Exception::default()),
    }
}
