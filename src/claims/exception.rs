//! Exceptions as authors name them.

use super::understand::{Understood, plain};
use super::words::{CONDITION, EXCEPTION, EXCEPTION_END, FAILS, is_exception};
use super::{Exception, Kind, Meaning};

/// `raises ValueError`, `KeyError: 'x'`, `Error!`.
pub fn raises(text: &str) -> Option<Understood> {
    let found = exception(text)?;
    let expected = match (&found.name, &found.message) {
        (Some(name), Some(message)) => format!("{name}: {message}"),
        (Some(name), None) => name.clone(),
        _ => text.to_owned(),
    };
    Some(plain(Kind::Raises, expected, Meaning::Raises(found)))
}

/// An exception as the words name it.
pub fn exception(text: &str) -> Option<Exception> {
    if FAILS.is_match(text) {
        return Some(Exception::default());
    }
    let found = EXCEPTION.captures(text)?;
    let (name, rest) = (&found["name"], found["rest"].trim_end());
    if !is_exception(name) || ["Error", "Warning"].contains(&name) || CONDITION.is_match(rest) {
        return None;
    }
    let verb = found.name("verb").is_some_and(|verb| !verb.as_str().trim().is_empty());
    if !verb && !EXCEPTION_END.is_match(rest) {
        return None;
    }
    let message = rest.strip_prefix(':').map(|message| message.trim().to_owned()).filter(|m| !m.is_empty());
    let other = rest.starts_with(['(', '.', '[', '_']) && message.is_none();
    (!other).then(|| Exception { name: Some(name.to_owned()), message })
}
