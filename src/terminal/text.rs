//! Texts as a terminal shows them: what they do to it, and how many columns they take.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::visible;

/// A tab, whose width would depend on where it stands.
const TAB: &str = "    ";

/// The line of a text of others, so that it cannot do anything to a terminal and takes the columns that it says.
pub fn clean(text: &str) -> String {
    visible(text).replace('\t', TAB).replace('\n', "␊").replace('\r', "␍")
}

/// The columns that a text without control characters takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// A text with lines of at most so many columns where its words allow that. What stands in backticks stays on one
/// line: somebody may want to copy it.
pub fn filled(text: &str, most: usize) -> String {
    let lines = text.split('\n').map(|line| {
        let (mut filled, mut taken) = (String::new(), 0);
        for word in words(line) {
            let width = columns(word);
            match taken {
                0 => {}
                taken_ if taken_ + 1 + width > most => {
                    filled.push('\n');
                    taken = 0;
                }
                _ => {
                    filled.push(' ');
                    taken += 1;
                }
            }
            filled.push_str(word);
            taken += width;
        }
        filled
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What stands between the blanks of a line, but for those in backticks.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |character| {
        quoted ^= character == '`';
        character == ' ' && !quoted
    })
}

/// A piece of a line that is shown in one manner.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Whether it stands out.
    pub strong: bool,
}

/// A line in rows of at most so many columns, each with the columns that it takes. What a reader sees as one
/// character stays whole.
pub fn wrapped(parts: &[Part], most: usize) -> Vec<(Vec<Part>, usize)> {
    let mut rows = vec![(Vec::new(), 0)];
    for part in parts {
        for character in part.text.graphemes(true) {
            let width = columns(character);
            if rows.last().is_some_and(|(_, taken)| taken + width > most && *taken > 0) {
                rows.push((Vec::new(), 0));
            }
            let Some((row, taken)) = rows.last_mut() else { continue };
            *taken += width;
            push(row, character, part.strong);
        }
    }
    rows
}

fn push(row: &mut Vec<Part>, character: &str, strong: bool) {
    match row.last_mut().filter(|last| last.strong == strong) {
        Some(last) => last.text.push_str(character),
        None => row.push(Part { text: character.to_owned(), strong }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_done_to_the_terminal() {
        assert_eq!(clean("\x1b[31m\rred\t!\x7f\u{9b}\u{202e}"), "␛[31m␍red    !␡��");
    }

    #[test]
    fn lines_are_filled_with_words() {
        assert_eq!(filled("one two three", 7), "one two\nthree");
        assert_eq!(filled("日本 語 a", 5), "日本\n語 a");
        assert_eq!(filled("give `a = 1, b = 2` in it\nor not", 10), "give\n`a = 1, b = 2`\nin it\nor not");
        assert_eq!(filled("", 3), "");
    }

    #[test]
    fn rows_are_as_wide_as_they_look() {
        let part = |text: &str, strong| Part { text: text.into(), strong };
        let rows = |text: &str, most| {
            let rows = wrapped(&[part(text, false)], most).into_iter();
            rows.map(|(parts, taken)| (parts.into_iter().map(|part| part.text).collect::<String>(), taken))
                .collect::<Vec<_>>()
        };
        assert_eq!(rows("", 4), [(String::new(), 0)]);
        assert_eq!(rows("日本語", 4), [("日本".to_owned(), 4), ("語".to_owned(), 2)]);
        assert_eq!(rows("e\u{301}e\u{301}e", 2), [("e\u{301}e\u{301}".to_owned(), 2), ("e".to_owned(), 1)]);
        assert_eq!(rows("👩‍👩‍👧a", 2), [("👩‍👩‍👧".to_owned(), 2), ("a".to_owned(), 1)]);
        let both = wrapped(&[part("ab", false), part("cd", true)], 3);
        assert_eq!(both[0], (vec![part("ab", false), part("c", true)], 3));
    }
}
