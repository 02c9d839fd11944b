//! What a script says about itself in its first comments: inline metadata, PEP 723.

/// A script's own metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// First and last line, from 0, the two marks included.
    pub lines: (usize, usize),
    /// What stands between the marks, as TOML.
    pub text: String,
}

impl Script {
    /// The first `# /// script` in a piece of code; one that is never closed is an ordinary comment.
    pub fn find(code: &str) -> Option<Script> {
        let lines: Vec<_> = code.lines().map(str::trim_end).collect();
        let first = lines.iter().position(|line| *line == "# /// script")?;
        let inside = |line: &&&str| **line == "#" || line.starts_with("# ");
        let length = lines[first + 1..].iter().take_while(inside).count();
        let last = first + lines[first..=first + length].iter().rposition(|line| *line == "# ///")?;
        let bare = |line: &&str| line.strip_prefix("# ").unwrap_or_default().to_owned() + "\n";
        Some(Script { lines: (first, last), text: lines[first + 1..last].iter().map(bare).collect() })
    }

    /// Whether a line (from 0) belongs to it.
    pub fn contains(&self, line: usize) -> bool {
        (self.lines.0..=self.lines.1).contains(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_at_the_last_mark_of_its_comment() {
        let code =
            "#!/usr/bin/env python\n# /// script\n# dependencies = [\n#\n#   \"six\",\n# ]\n# ///\n\nx = 1\n";
        let script = Script::find(code).unwrap();
        assert_eq!((script.lines, script.text.as_str()), ((1, 6), "dependencies = [\n\n  \"six\",\n]\n"));
        assert!(script.contains(6) && !script.contains(7));
    }

    #[test]
    fn what_is_not_closed_or_of_another_kind_is_a_comment() {
        for code in ["# /// script\n# x = 1\n", "# /// script\nx = 1\n# ///\n", "# /// other\n# ///\n", ""] {
            assert_eq!(Script::find(code), None, "{code}");
        }
    }
}
