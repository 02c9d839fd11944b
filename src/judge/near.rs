//! Near misses: a comment that might be a remark, but is so close to what was seen that it is more
//! likely a claim with a slip in it.

use std::sync::LazyLock;

use regex::Regex;
use similar::TextDiff;

use crate::claims::is_builtin_type;

static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+(?:\.\d+)?").expect("valid"));

/// How alike two texts must be to count as one with a slip.
const ALIKE: f32 = 0.82;
/// Longer texts are not compared letter by letter, in bytes.
const LONGEST: usize = 2000;

/// Whether `claimed` is `seen` but for a small slip: case, order, one number, a letter or two.
pub fn is_near(claimed: &str, seen: &str) -> bool {
    let (claimed, seen) = (claimed.trim(), seen.trim());
    if claimed.is_empty() || seen.is_empty() || claimed == seen {
        return false;
    }
    if claimed.parse::<f64>().is_ok() && seen.parse::<f64>().is_ok() {
        return false;
    }
    claimed.to_lowercase() == seen.to_lowercase()
        || one_letter_off(claimed, seen)
        || one_word_off(claimed, seen)
        || reordered(claimed, seen)
        || (seen.starts_with("<class '") && is_builtin_type(claimed))
        || one_number_off(claimed, seen)
        || one_line_off(claimed, seen)
        || (is_long(claimed, seen) && alike(claimed, seen) >= ALIKE)
}

/// A word with a letter that is another.
fn one_letter_off(claimed: &str, seen: &str) -> bool {
    let letters = |text: &str| text.chars().all(char::is_alphabetic);
    let differing = claimed.chars().zip(seen.chars()).filter(|(a, b)| a != b).count();
    let alike = claimed.chars().count() == seen.chars().count() && differing == 1;
    alike && claimed.chars().count() >= 4 && letters(claimed) && letters(seen)
}

fn reordered(claimed: &str, seen: &str) -> bool {
    let sorted = |text: &str| {
        let mut words: Vec<_> =
            text.split([' ', ',', '\n']).filter(|w| !w.is_empty()).map(str::to_owned).collect();
        words.sort();
        words
    };
    let (a, b) = (sorted(claimed), sorted(seen));
    a.len() > 1 && a == b
}

/// Lines of which one is another, or there on one side only.
fn one_line_off(claimed: &str, seen: &str) -> bool {
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let (a, b) = (lines(claimed), lines(seen));
    let pairs = || a.iter().zip(&b);
    let before = pairs().take_while(|(a, b)| a == b).count();
    let most = a.len().min(b.len()) - before;
    let after = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    before + after >= 2 && before + after + 1 == a.len().max(b.len())
}

/// A row of words or numbers of which one is another.
fn one_word_off(claimed: &str, seen: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (words(claimed), words(seen));
    let numbers = a.iter().all(|word| word.parse::<f64>().is_ok());
    let enough = if numbers { 2 } else { 3 };
    a.len() >= enough && a.len() == b.len() && a.iter().zip(&b).filter(|(a, b)| a != b).count() == 1
}

fn one_number_off(claimed: &str, seen: &str) -> bool {
    let shape = |text: &str| NUMBER.replace_all(text, "#").into_owned();
    // A sign behind a number belongs to it (`51%`); a lone number is near to any.
    let letters = claimed.chars().filter(|c| c.is_alphabetic()).count();
    let signed = claimed.ends_with(['%', '°', '€', '£']) || claimed.starts_with(['$', '€', '£']);
    if (letters < 3 && !signed) || shape(claimed) != shape(seen) {
        return false;
    }
    let pairs = NUMBER.find_iter(claimed).zip(NUMBER.find_iter(seen));
    pairs.filter(|(a, b)| a.as_str() != b.as_str()).count() == 1
}

/// Long enough for likeness to mean something, short enough to be told in time.
fn is_long(claimed: &str, seen: &str) -> bool {
    let shortest = claimed.chars().count().min(seen.chars().count());
    shortest >= 4 && claimed.len().max(seen.len()) < LONGEST
}

/// How alike two texts are, from 0 to 1; 0 for those that are too long to tell.
pub fn alike(a: &str, b: &str) -> f32 {
    match a.len().max(b.len()) < LONGEST {
        true => TextDiff::from_chars(a.trim(), b.trim()).ratio(),
        false => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_near() {
        for (claimed, seen) in [
            ("Hello World", "hello world"),
            ("B, A", "A, B"),
            ("took 3 steps", "took 4 steps"),
            ("Helo, World", "Hello, World"),
            ("ok\ndone\n7", "done\n7"),
            ("a\nb\nc", "a\nx\nc"),
        ] {
            assert!(is_near(claimed, seen), "{claimed} / {seen}");
        }
    }

    #[test]
    fn remarks_are_far() {
        for (claimed, seen) in [
            ("Find index", "1"),
            ("1", "2"),
            ("call it", "Hello"),
            ("a\nb", "a\nc"),
            ("the answer", "42"),
            ("same", "same"),
        ] {
            assert!(!is_near(claimed, seen), "{claimed} / {seen}");
        }
    }
}
