//! What a notebook's cell may hold beside Python: `%magic`, `!command`, `object?`.

use std::sync::LazyLock;

use regex::Regex;

use crate::guide::structure::CodeLine;
use crate::guide::{Problem, ProblemKind, Source};
use crate::python::Code;

/// Magics after which the rest of a cell is Python all the same.
const PYTHON: [&str; 6] = ["time", "timeit", "capture", "prun", "python", "python3"];
/// A whole line that is no Python.
static LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:%{1,2}[A-Za-z]|!|\?{1,2}\s*\w|get_ipython\(\)\.|[\w.]+\?{1,2}\s*$)").expect("valid")
});
/// `names = !ls` and `names = %sql …`.
static ASSIGNED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*\w+(?:\s*,\s*\w+)*\s*=\s*(?:%[A-Za-z]|!)").expect("valid"));

/// The language of a cell that starts with a magic which makes it another; `python` where it stays so.
pub fn language(code: &[CodeLine]) -> Option<String> {
    let first = code.iter().find(|line| !line.is_blank())?.text.trim();
    let magic = first.strip_prefix("%%")?.split_whitespace().next()?;
    Some(if PYTHON.contains(&magic) { "python".into() } else { magic.to_lowercase() })
}

/// Takes the lines that are no Python out of a cell. Returns them.
pub fn taken_out(code: &mut [CodeLine]) -> Vec<CodeLine> {
    let is_command = |line: &CodeLine| LINE.is_match(&line.text) || ASSIGNED.is_match(&line.text);
    if !code.iter().any(is_command) {
        return Vec::new();
    }
    let text: String = code.iter().map(|line| format!("{}\n", line.text)).collect();
    // Inside of a text, or between brackets, such a line may well be Python.
    if Code::parse(&text).broken().is_none() {
        return code
            .iter_mut()
            .filter(|line| line.text.trim_start().starts_with("get_ipython()"))
            .map(take)
            .collect();
    }
    let mut taken = Vec::new();
    let mut goes_on = false;
    for line in code.iter_mut() {
        if goes_on || is_command(line) {
            goes_on = line.text.trim_end().ends_with('\\');
            taken.push(take(line));
        }
    }
    taken
}

fn take(line: &mut CodeLine) -> CodeLine {
    let emptied = line.emptied();
    std::mem::replace(line, emptied)
}

/// Says that a line was taken out.
pub fn problem(line: &CodeLine, source: &Source) -> Problem {
    let (words, defines) = (line.text.trim().to_owned(), defines(&line.text));
    Problem { line: source.line(line.at), kind: ProblemKind::NotebookCommand { words, defines } }
}

/// Whether a line that was taken out may define names.
fn defines(line: &str) -> bool {
    const DEFINING: [&str; 6] = ["pylab", "run", "store", "load", "sql", "rpull"];
    let Some(magic) = line.trim().strip_prefix('%') else { return ASSIGNED.is_match(line) };
    DEFINING.contains(&name(magic)) || magic.contains(" = ")
}

/// The name that a magic starts with.
fn name(magic: &str) -> &str {
    magic.trim_start_matches('%').split_whitespace().next().unwrap_or_default()
}

/// Whether a line that was taken out shows nothing and changes nothing that is shown.
pub fn is_silent(line: &str) -> bool {
    const SILENT: [&str; 7] =
        ["matplotlib", "load_ext", "reload_ext", "autoreload", "config", "pip", "conda"];
    SILENT.contains(&name(line.trim())) || line.trim_start().starts_with("get_ipython()")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str) -> (Vec<String>, Vec<String>) {
        let mut code: Vec<_> = text.lines().map(|text| CodeLine { text: text.into(), at: 0 }).collect();
        let texts = |lines: Vec<CodeLine>| lines.into_iter().map(|line| line.text).collect::<Vec<_>>();
        let taken = texts(taken_out(&mut code));
        (texts(code), taken)
    }

    #[test]
    fn commands_are_taken_out_and_nothing_else() {
        let (code, taken) = left("%matplotlib inline\nx = 1\n!pip install \\\n  six\nx?\nprint(x)");
        assert_eq!(code, ["", "x = 1", "", "", "", "print(x)"]);
        assert_eq!(taken.len(), 4);
        assert_eq!(left("x = (5\n%y)").1, Vec::<String>::new());
        assert_eq!(left("s = '''\n!no\n'''").1, Vec::<String>::new());
    }

    #[test]
    fn some_commands_define_names() {
        for (line, expected) in [
            ("%pylab inline", true),
            ("names = !ls", true),
            ("%time x = f()", true),
            ("%timeit f()", false),
            ("!ls", false),
        ] {
            assert_eq!(defines(line), expected, "{line}");
        }
    }

    #[test]
    fn a_cell_may_be_in_another_language() {
        let of = |text: &str| language(&[CodeLine { text: text.into(), at: 0 }]);
        assert_eq!(of("%%bash").as_deref(), Some("bash"));
        assert_eq!(of("%%time").as_deref(), Some("python"));
        assert_eq!(of("%time f()"), None);
    }
}
