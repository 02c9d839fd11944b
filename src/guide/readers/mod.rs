//! One reader for each kind of source. What they give is the same: see [`Structure`].

mod docstrings;
mod magic;
mod markdown;
mod notebook;
mod rst;

use std::path::Path;

use super::Source;
use super::structure::Structure;
pub use markdown::{Shown, ShownCode};

/// Whether a source is Markdown, by the ending of its path.
pub fn is_markdown(path: &str) -> bool {
    !["ipynb", "py", "rst"].contains(&ending(path).as_str())
}

fn ending(path: &str) -> String {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ending.to_lowercase()
}

/// Reads a source as the ending of its path says; Markdown where it says nothing. The error says what keeps the
/// source from being what it is called.
pub fn read(path: &str, source: Source) -> Result<(Source, Structure), String> {
    let structure = match ending(path).as_str() {
        "ipynb" => return notebook::read(source),
        "py" => return Ok(docstrings::read(source)),
        "rst" => rst::read(&source),
        "mdx" => markdown::read_mdx(&source),
        _ => markdown::read(&source),
    };
    Ok((source, structure))
}
