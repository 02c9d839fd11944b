//! Python versions that a claim names.

use std::sync::LazyLock;

use regex::Regex;

use crate::python::Versions;

static REQUIRED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:\((?:requires?\s+|needs\s+|since\s+|new in\s+)?python\s*(?P<a>3\.\d+)\s*(?:\+|and (?:later|up|above|newer)|or (?:later|newer|higher|above))\s*\)|\b(?:requires?|needs?|require|since|new in|added in|introduced in|available (?:since|from)|works (?:since|from))\s+python\s*(?P<b>3\.\d+)|^python\s*(?P<c>3\.\d+)\s*(?:\+|and later|or later)|(?P<gone>removed in|gone in|not (?:in|since))\s+(?:python\s*)?(?P<d>3\.\d+))",
    )
    .expect("valid")
});
static SCOPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\s*(?:\(|\(?\b(?:in|on|since|from|before|for|with)\s+)python\s*(?P<compare><=|>=|<|>|≥|≤)?\s*(?P<version>[23](?:\.\d+)?)(?P<plus>\s*\+|\s+and later|\s+or later)?\)?\s*[.]?$")
        .expect("valid")
});

/// Names that classes or modules have since a version: a guide that shows one was written with that
/// version.
const NAMES_SINCE: [(&str, (u8, u8)); 10] = [
    ("__annotate__", (3, 14)),
    ("__annotate_func__", (3, 14)),
    ("__annotations_cache__", (3, 14)),
    ("__replace__", (3, 13)),
    ("__static_attributes__", (3, 13)),
    ("__firstlineno__", (3, 13)),
    ("__type_params__", (3, 12)),
    ("__buffer__", (3, 12)),
    ("__notes__", (3, 11)),
    ("__getstate__", (3, 11)),
];

/// The first version that can show what a text shows, as far as names tell.
pub fn shown_since(text: &str) -> Option<(u8, u8)> {
    let words = || text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    NAMES_SINCE.iter().filter(|(name, _)| words().any(|word| word == *name)).map(|(_, since)| *since).max()
}

fn parse(version: &str) -> (u8, u8) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// A claim that the code needs certain versions: `(Python 3.9+)`, `requires Python 3.6`.
pub fn required(text: &str) -> Option<Versions> {
    let found = REQUIRED.captures(text)?;
    let version = ["a", "b", "c", "d"].iter().find_map(|name| found.name(name))?;
    let version = parse(version.as_str());
    Some(match found.name("gone") {
        Some(_) => Versions { from: None, until: Some(version) },
        None => Versions { from: Some(version), until: None },
    })
}

/// Splits `[1] in Python <3.7` into the versions it is said for and the rest.
pub fn scope(text: &str) -> (Option<Versions>, &str) {
    let Some(found) = SCOPE.captures(text) else { return (None, text) };
    let version = parse(&found["version"]);
    let next = (version.0, version.1 + 1);
    let major = !found["version"].contains('.');
    let versions = match (found.name("compare").map(|m| m.as_str()), found.name("plus")) {
        (Some("<"), _) => Versions { from: None, until: Some(version) },
        (Some("<=" | "≤"), _) => Versions { from: None, until: Some(next) },
        (Some(">"), _) => Versions { from: Some(next), until: None },
        (Some(_), _) | (None, Some(_)) => Versions { from: Some(version), until: None },
        (None, None) if major => Versions { from: Some(version), until: Some((version.0 + 1, 0)) },
        (None, None) => Versions { from: Some(version), until: Some(next) },
    };
    (Some(versions), text[..found.get(0).map_or(0, |m| m.start())].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements() {
        let required = |text: &str| super::required(text).map(|v| v.to_string());
        assert_eq!(required("Merge (Python 3.9+)").as_deref(), Some("Python 3.9+"));
        assert_eq!(required("- f-strings require Python 3.6+").as_deref(), Some("Python 3.6+"));
        assert_eq!(required("Python 3.8+").as_deref(), Some("Python 3.8+"));
        assert_eq!(required("removed in 3.12").as_deref(), Some("Python <3.12"));
        assert_eq!(required("Python 3 is fine"), None);
        assert_eq!(required("use Python 3.9 here"), None);
    }

    #[test]
    fn scopes() {
        let (before, rest) = scope("[1, 2] in Python <3.7");
        assert_eq!(rest, "[1, 2]");
        assert!(before.unwrap().contains((3, 6)) && !before.unwrap().contains((3, 7)));
        assert!(scope("x in Python 3.7+").0.unwrap().contains((3, 12)));
        assert!(!scope("x in Python 2").0.unwrap().contains((3, 1)));
        assert_eq!(scope("'a' (Python 3.9+)").1, "'a'");
        assert_eq!(scope("plain").0, None);
    }
}
