//! How a notebook shows values where it does not do so as Python does.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// An object that has no repr of its own: `<shapes.Square at 0x7f1c>`.
static OBJECT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<([\w.]+) at (0x[0-9a-fA-F]+)>").expect("valid"));
/// A function, with its module and its parameters: `<function __main__.area(side)>`.
static FUNCTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<function (?:[\w.<>]*\.)?(\w+|<lambda>)\([^<>]*\)>").expect("valid"));
/// A class: `shapes.Square`.
static CLASS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[A-Za-z_][\w.]*$").expect("valid"));

/// What a value that is shown so may be for Python.
pub fn readings(text: &str) -> Vec<String> {
    let mut readings = vec![text.to_owned()];
    if CLASS.is_match(text) {
        readings.push(format!("<class '{text}'>"));
    }
    let objects = OBJECT.replace_all(text, "<$1 object at $2>");
    let function = |found: &Captures<'_>| format!("<function ...{} at 0x...>", &found[1]);
    let functions = FUNCTION.replace_all(&objects, function);
    if functions != text {
        readings.push(functions.into_owned());
    }
    readings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_python_shows_them() {
        let python = |text: &str| readings(text).pop().unwrap();
        assert_eq!(python("[<a.B at 0x7f>]"), "[<a.B object at 0x7f>]");
        assert_eq!(python("<function __main__.A.f(x, y=1)>"), "<function ...f at 0x...>");
        assert_eq!(python("<function __main__.<lambda>(x)>"), "<function ...<lambda> at 0x...>");
        assert_eq!(python("a.B"), "<class 'a.B'>");
        assert_eq!(readings("[1, 2]"), ["[1, 2]"]);
    }
}
