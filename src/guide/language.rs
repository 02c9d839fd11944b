//! What a fence's info string says its content is.

/// The language that an info string names, in lower case: `python` for `{.python title="x"}`,
/// `py` for `py,ignore`, `ipython3` for `{code-cell} ipython3`; empty where it names none.
pub fn language(info: &str) -> String {
    let mut words = info
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '{' | '}' | ';' | '[' | ']' | '='))
        .map(|word| word.trim_start_matches('.').to_lowercase())
        .filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    match first.as_str() {
        // Directives whose argument is the language (MyST, Sphinx, Pandoc).
        "code" | "code-block" | "sourcecode" => words.next().unwrap_or_default(),
        // Without one, a cell is in the notebook's, which is Python.
        "code-cell" => words.next().unwrap_or_else(|| "python".to_owned()),
        "testcode" | "testsetup" | "testcleanup" => "python".to_owned(),
        "testoutput" => "output".to_owned(),
        _ => first.split(':').next().unwrap_or_default().to_owned(),
    }
}

/// Whether an info string marks Python 3 code or a session of it.
pub fn is_python(info: &str) -> bool {
    let language = language(info);
    let names = ["python", "py", "pycon", "ipython", "python-repl", "pyodide", "jupyter-python", "doctest"];
    names.contains(&language.as_str()) || is_python_3(&language)
}

/// `python3`, `py3`, `ipython3`, `pycon3`, `python3.12`.
fn is_python_3(language: &str) -> bool {
    let version = ["python", "py", "ipython", "pycon"].iter().find_map(|name| language.strip_prefix(name));
    version.is_some_and(|v| v == "3" || v.strip_prefix("3.").is_some_and(|minor| minor.parse::<u8>().is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_in_every_spelling() {
        for info in
            ["python", "Python", "py", "python3", "PY3", "{.python}", "{python}", "{.python .numberLines}"]
        {
            assert!(is_python(info), "{info}");
        }
        for info in [
            "python title=\"a.py\"",
            "py,ignore",
            "python {1,3}",
            "python{hl_lines=2}",
            "{code-cell} ipython3",
        ] {
            assert!(is_python(info), "{info}");
        }
        for info in ["{code-block} python", "pycon", "python3.12", "python:main.py", "python; x"] {
            assert!(is_python(info), "{info}");
        }
        for info in ["", "bash", "python2", "pyx", "pytb", "text", "rust,python", "toml", "{output}"] {
            assert!(!is_python(info), "{info}");
        }
    }
}
