//! How much Python is read at once. The syntax tree of more than this would exhaust the stack or the
//! memory, and nobody's example is as long or as deep.

/// Bytes in one text. Each may open another level of its tree.
const MAX_LENGTH: usize = 4 << 20;

/// Brackets inside each other.
const MAX_DEPTH: usize = 200;

/// Why a text is not read as Python, where that is so.
pub fn unread(text: &str) -> Option<&'static str> {
    match () {
        () if text.len() > MAX_LENGTH => Some("it is longer than 4 MiB"),
        () if is_too_deep(text) => Some("its brackets nest too deeply"),
        () => None,
    }
}

/// Whether the brackets of a text nest deeper than any reader could follow. Strings are not told apart.
fn is_too_deep(text: &str) -> bool {
    let mut depth = 0usize;
    text.bytes().any(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_writes_is_left_unread() {
        assert_eq!(unread(&"f(x)\n".repeat(10_000)), None);
        assert_eq!(unread(&"(".repeat(100)), None);
        assert_eq!(unread(&"(".repeat(201)), Some("its brackets nest too deeply"));
        assert_eq!(unread(&"-".repeat((4 << 20) + 1)), Some("it is longer than 4 MiB"));
    }
}
