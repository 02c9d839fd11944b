//! Places in the text of a file. Lines and columns count from 1, columns in code points.

/// Byte offset of a line; the text's end for a line beyond it.
pub fn line_start(text: &str, line: usize) -> usize {
    match line {
        0 | 1 => 0,
        _ => text.match_indices('\n').nth(line - 2).map_or(text.len(), |(at, _)| at + 1),
    }
}

/// A line without its end.
pub fn line_of(text: &str, line: usize) -> &str {
    text[line_start(text, line)..].lines().next().unwrap_or_default()
}

/// Some lines in a row, without the last one's end.
pub fn lines(text: &str, first: usize, last: usize) -> &str {
    let (from, to) = (line_start(text, first), line_start(text, last.max(first) + 1));
    text[from..to].trim_end_matches(['\r', '\n'])
}

/// Line and column of a byte offset; of the text's end for one beyond it.
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_in_code_points() {
        let text = "é = 1\r\n\nx";
        assert_eq!((line_start(text, 1), line_start(text, 3), line_start(text, 9)), (0, 9, 10));
        assert_eq!((line_of(text, 1), line_of(text, 2), line_of(text, 9)), ("é = 1", "", ""));
        assert_eq!((lines(text, 1, 1), lines(text, 1, 9), lines(text, 3, 1)), ("é = 1", text, "x"));
        assert_eq!((position(text, 0), position(text, 3), position(text, 10)), ((1, 1), (1, 3), (3, 2)));
        assert_eq!(position(text, 99), (3, 2));
    }
}
