//! Snippets that are files: later ones can import them.

use std::path::{Component, Path};
use std::sync::LazyLock;

use regex::Regex;

/// In an info string or an option of a directive: `title="shapes.py"`, `:caption: shapes.py`.
static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s{,:])(?:title|file|filename|file_name|name|caption|path)\s*[=:]\s*["']?(?P<path>[\w./-]+\.py)\b"#)
        .expect("valid")
});
/// Right behind the language: `python:shapes.py`.
static BEHIND: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*(?:python3?|py):(?P<path>[\w./-]+\.py)\b").expect("valid"));
/// A comment that is a file name: `# shapes.py`, `# file: app/shapes.py`.
static COMMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*#\s*(?i:(?:file|filename|path|in)\s*:?\s+)?(?P<path>[\w./-]+\.py)\s*:?\s*$")
        .expect("valid")
});

/// The path that a fence's info string, its directive's options or its first line give it.
pub fn path<'t>(info: &str, options: impl Iterator<Item = &'t str>, first_line: &str) -> Option<String> {
    let attribute = |text: &str| ATTRIBUTE.captures(text).map(|found| found["path"].to_owned());
    let found = attribute(info)
        .or_else(|| BEHIND.captures(info).map(|found| found["path"].to_owned()))
        .or_else(|| options.filter_map(attribute).next())
        .or_else(|| COMMENT.captures(first_line).map(|found| found["path"].to_owned()))?;
    let path = found.strip_prefix("./").unwrap_or(&found);
    // Where the guide keeps its sources is not part of a module's name.
    let path = path.strip_prefix("src/").unwrap_or(path);
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    inside.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_every_spelling() {
        let named = |info: &str, line: &str| path(info, std::iter::empty(), line);
        assert_eq!(named("python title=\"shapes.py\" {1,3}", "").as_deref(), Some("shapes.py"));
        assert_eq!(named("{.python file=src/app/a.py}", "").as_deref(), Some("app/a.py"));
        assert_eq!(named("python:a.py", "").as_deref(), Some("a.py"));
        assert_eq!(named("python", "# shapes.py").as_deref(), Some("shapes.py"));
        assert_eq!(named("python", "# file: app/shapes.py").as_deref(), Some("app/shapes.py"));
        assert_eq!(path("{code-block} python", [":caption: b.py"].into_iter(), "").as_deref(), Some("b.py"));
        for line in ["# see shapes.py for more", "# ../up.py", "# /etc/x.py", "x = 1  # a.py", "# .py"] {
            assert_eq!(named("python", line), None, "{line}");
        }
    }
}
