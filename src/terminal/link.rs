//! Links to the lines of files, where a terminal has them.

use std::path::Path;

use crate::uri::encoded;

/// How to link to files so that this terminal opens them.
#[derive(Clone, Debug)]
pub struct Links {
    host: String,
    manner: Manner,
}

/// Whom a terminal hands a link to, and so how the line is named.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// To whatever opens such files: a line would be taken for a part of the name.
    Plain,
    /// To rules of kitty's own, which look for a line behind `#`.
    Kitty,
    /// To the editor around it.
    Code,
}

impl Links {
    /// Links for standard output, if it has them.
    pub fn of_stdout() -> Option<Links> {
        if !super::has_colours() || !supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout) {
            return None;
        }
        let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
        let manner = match () {
            () if is("TERM_PROGRAM", "vscode") => Manner::Code,
            () if is("TERM", "xterm-kitty") => Manner::Kitty,
            () => Manner::Plain,
        };
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Some(Links { host, manner })
    }

    /// A text that leads to a place in a file.
    pub fn to(&self, text: &str, path: &Path, line: usize, column: usize) -> String {
        let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let path = encoded(whole.as_os_str().as_encoded_bytes());
        let host = encoded(self.host.as_bytes());
        let target = match self.manner {
            Manner::Plain => format!("file://{host}{path}"),
            Manner::Kitty => format!("file://{host}{path}#{line}"),
            Manner::Code => format!("vscode://file{path}:{line}:{column}"),
        };
        format!("\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_terminal_is_told_in_its_manner() {
        let link = |manner| {
            let links = Links { host: "here".into(), manner };
            links.to("a b.md:3:1", Path::new("/no such/a b.md"), 3, 1)
        };
        let around = |target: &str| format!("\x1b]8;;{target}\x1b\\a b.md:3:1\x1b]8;;\x1b\\");
        assert_eq!(link(Manner::Plain), around("file://here/no%20such/a%20b.md"));
        assert_eq!(link(Manner::Kitty), around("file://here/no%20such/a%20b.md#3"));
        assert_eq!(link(Manner::Code), around("vscode://file/no%20such/a%20b.md:3:1"));
    }
}
