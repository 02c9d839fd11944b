//! Comment lines that only announce what the lines below them show.

use super::words::{HEADER, PLURAL};

/// A line such as `Output:` or `The prints will show:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whether each line below it is a claim of its own.
    pub plural: bool,
}

/// Reads a comment's text as a header. Without a colon only the bare word counts.
pub fn header(text: &str) -> Option<Header> {
    // `--- Output ---` is framed as well as announced.
    let text = text.trim();
    let framed = text.trim_matches(['-', '=', '*', '~', ' ']);
    let found = HEADER.captures(framed)?;
    let bare = found["word"].len() == framed.len();
    let announces = found.name("colon").is_some()
        || framed.len() + 4 < text.len()
        || (bare && ["prints", "output"].contains(&&*found["word"].to_lowercase()));
    announces.then(|| Header { plural: PLURAL.is_match(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        for text in [
            "Output:",
            "Will print:",
            "prints",
            "输出:",
            "Expected output:",
            "This will print:",
            "Salida：",
            "Result is:",
        ] {
            assert_eq!(header(text), Some(Header { plural: false }), "{text}");
        }
        assert_eq!(header("The prints will show:"), Some(Header { plural: true }));
        for text in [
            "Example:",
            "Explanation:",
            "Memory usage comparison:",
            "Output of the model is large:",
            "Results",
            "Output: 5",
        ] {
            assert_eq!(header(text), None, "{text}");
        }
    }
}
