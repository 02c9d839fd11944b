//! From the words of one comment to what they claim, by their shape.

use std::borrow::Cow;

use super::exception::raises;
use super::in_comment::evaluates;
use super::remark::Why;
use super::sentence::{further, in_sentence, names};
use super::shape::{is_display, is_number, is_whole_value, respelled, value_prefix};
use super::vocabulary::Vocabulary;
use super::words::*;
use super::{Certainty, Effect, Kind, Meaning, version};
use crate::python::{Versions, literal, literal_prefix};

/// What a comment claims.
#[derive(Clone, Debug, PartialEq)]
pub struct Understood {
    /// By kind.
    pub kind: Kind,
    /// How sure.
    pub certainty: Certainty,
    /// What should be seen.
    pub expected: String,
    /// What it says.
    pub meaning: Meaning,
    /// Whether it is introduced by an arrow or a keyword.
    pub marked: bool,
    /// Whether the author hedges.
    pub hedged: bool,
    /// For which versions it is said.
    pub versions: Option<Versions>,
}

/// What the comment stands beside.
pub struct Context<'a> {
    /// Whether the statement is a call of `print`.
    pub prints: bool,
    /// Whether the statement is an expression, whose value a prompt would show.
    pub shows: bool,
    /// Whether the statement has a value at all.
    pub has_value: bool,
    /// Whether the statement binds a name to a literal: nobody repeats that in a comment.
    pub is_constant: bool,
    /// Whether the comment has its line to itself.
    pub own_line: bool,
    /// The names of the snippet's code.
    pub names: &'a dyn Fn(&str) -> bool,
    /// The names of the guide's code.
    pub known: &'a Vocabulary,
}

/// The longest comment that is looked at, in bytes: nobody claims a book.
pub const LONGEST: usize = 20_000;

/// The longest comment that is read as a sentence, in bytes: its words are tried one after the other.
const LONGEST_SENTENCE: usize = 600;

/// Understands a comment's text (without its `#`) as the claims it makes. The error says what makes it a remark.
pub fn understand(text: &str, context: &Context<'_>) -> Result<Vec<Understood>, Why> {
    let text = bare(text);
    match &*text {
        "" => return Err(Why::Empty),
        text if text.len() > LONGEST => return Err(Why::TooLong),
        text if TRAP.is_match(text) => return Err(Why::Aside),
        text if NUMBERED.is_match(text) => return Err(Why::Numbered),
        _ => {}
    }
    if let Some(scoped) = by_version(&text, context) {
        return Ok(scoped);
    }
    let (scope, scoped) = version::scope(&text);
    if let Some(version) = version::required(&text).filter(|_| scope.is_none() || !is_value(scoped, context))
    {
        let value = text.split(['(', ',']).next().map(str::trim).filter(|value| is_value(value, context));
        return match value {
            Some(value) => Ok(vec![scoped_value(value, version, context).ok_or(Why::NoValue)?]),
            None => Ok(vec![plain(Kind::Version, version.to_string(), Meaning::Version(version))]),
        };
    }
    let (unhedged, introduced) = strip(&HEDGE_PREFIX, scoped);
    let hedged = HEDGE.is_match(&text);
    let first = claim(unhedged, context);
    let why = first.as_ref().err().copied();
    let mut found: Vec<_> = first.into_iter().collect();
    let more = Some(unhedged).filter(|text| text.len() <= LONGEST_SENTENCE);
    let more = more.and_then(|text| further(text, found.first(), context));
    if more.is_some() && found.first().is_some_and(|first| first.certainty == Certainty::Implied) {
        // The words only led to it.
        found.clear();
    }
    found.extend(more);
    for claim in &mut found {
        claim.hedged = hedged;
        claim.versions = scope;
        if introduced && claim.certainty == Certainty::Implied {
            claim.certainty = Certainty::Explicit;
        }
    }
    match why {
        Some(why) if found.is_empty() => Err(why),
        _ => Ok(found),
    }
}

/// A text without what only adorns it: badges, backticks, bold.
fn bare(text: &str) -> Cow<'_, str> {
    let text = strip(&BADGE, text.trim()).0;
    let text = text.strip_prefix("**").and_then(|rest| rest.strip_suffix("**")).unwrap_or(text);
    match text.matches('`').count() {
        count if count > 0 && count.is_multiple_of(2) => Cow::Owned(text.replace('`', "")),
        _ => Cow::Borrowed(text),
    }
}

/// `1.5 in Python 3, 1 in Python 2`: each value for its own versions.
fn by_version(text: &str, context: &Context<'_>) -> Option<Vec<Understood>> {
    let parts: Vec<_> = text.split([',', ';']).map(str::trim).collect();
    let claims = parts.iter().map(|part| {
        let (scope, value) = version::scope(part);
        scoped_value(value, scope?, context)
    });
    (parts.len() > 1).then(|| claims.collect())?
}

fn scoped_value(value: &str, versions: Versions, context: &Context<'_>) -> Option<Understood> {
    let found = claim(value, context).ok().filter(|_| is_value(value, context))?;
    Some(Understood { versions: Some(versions), ..found })
}

fn claim(text: &str, context: &Context<'_>) -> Result<Understood, Why> {
    let (bare, arrow) = strip(&ARROW, text);
    if arrow {
        return marked(bare, context).ok_or(Why::Empty);
    }
    if let Some(found) = raises(text, context.known) {
        return Ok(match context.has_value {
            true => found,
            // An import or a definition may fail; its comment may as well describe what it brings.
            false => Understood { certainty: Certainty::Implied, ..found },
        });
    }
    let (bare, equals) = strip(&EQUALS, text);
    if equals && literal_prefix(bare).is_some() {
        return marked(bare, context).ok_or(Why::Empty);
    }
    if let Some(keyword) = KEYWORD.captures(text) {
        let rest = &text[keyword[0].len()..];
        if !rest.is_empty() {
            return Ok(keyword_claim(&keyword["word"], rest, context));
        }
    }
    unmarked(text, context)
}

/// Whether a text is a value, perhaps after an arrow.
fn is_value(text: &str, context: &Context<'_>) -> bool {
    is_whole_value(strip(&ARROW, text).0, context.known)
}

fn strip<'t>(pattern: &regex::Regex, text: &'t str) -> (&'t str, bool) {
    match pattern.find(text) {
        Some(found) => (text[found.end()..].trim_start(), true),
        None => (text, false),
    }
}

/// An explicit claim without any marker.
pub fn plain(kind: Kind, expected: String, meaning: Meaning) -> Understood {
    let certainty = Certainty::Explicit;
    Understood { kind, certainty, expected, meaning, marked: false, hedged: false, versions: None }
}

/// The kind of a claim that shows something on this statement.
fn shown_kind(context: &Context<'_>) -> Kind {
    if context.prints { Kind::Stdout } else { Kind::Value }
}

/// What follows an arrow. Prose there is a claim only where something is printed.
fn marked(text: &str, context: &Context<'_>) -> Option<Understood> {
    if text.is_empty() {
        return None;
    }
    let (text, keyword) = match KEYWORD.find(text) {
        Some(found) if found.end() < text.len() => (&text[found.end()..], true),
        _ => (text, false),
    };
    let found = raises(text, context.known).or_else(|| structured(text, context)).unwrap_or_else(|| {
        let sure = (context.prints || keyword) && !DESCRIBED.is_match(text);
        let certainty = if sure { Certainty::Explicit } else { Certainty::Implied };
        Understood { certainty, ..shows(text, vec![text.to_owned()], context) }
    });
    Some(Understood { marked: true, ..found })
}

/// What follows `Output:` and the like: whatever it is, it is what should be seen.
fn keyword_claim(word: &str, rest: &str, context: &Context<'_>) -> Understood {
    let output = is_about_output(word);
    let shown = || shows(rest, vec![rest.to_owned()], context);
    let found = match raises(rest, context.known).or_else(|| valued(rest, context)) {
        Some(found) if found.certainty == Certainty::Explicit => found,
        _ if output && (context.prints || context.shows) && !DESCRIBED.is_match(rest) => shown(),
        // `returns: the area` describes.
        _ => Understood { certainty: Certainty::Implied, ..shown() },
    };
    let kind = if output && found.kind == Kind::Value { Kind::Stdout } else { found.kind };
    Understood { marked: true, kind, ..found }
}

/// A comment without any marker.
fn unmarked(text: &str, context: &Context<'_>) -> Result<Understood, Why> {
    if let Some(found) = structured(text, context) {
        return Ok(found);
    }
    if is_silent(text) {
        return Ok(plain(Kind::Stdout, String::new(), Meaning::Silent));
    }
    if let Some(effect) = Effect::understand(text) {
        return Ok(plain(Kind::Effect, text.to_owned(), Meaning::Effect(effect)));
    }
    if text.ends_with(':') {
        return Err(Why::Introduces);
    }
    // Words that merely could be what is printed or shown at a prompt.
    let row = text.split_whitespace().all(|word| literal(word).is_some());
    let valued = context.has_value && (row || is_misspelt(text));
    if !(context.prints || context.shows || valued) {
        return Err(Why::NotShown);
    }
    let mut readings = vec![text.to_owned()];
    // What stands in brackets at the end may be a remark.
    readings.extend(text.strip_suffix(')').and_then(|text| Some(text.rsplit_once(" (")?.0.to_owned())));
    let printed = PRINTS.captures(text).filter(|_| context.prints).map(|printed| printed["text"].to_owned());
    let expected = printed.clone().unwrap_or_else(|| text.to_owned());
    readings.extend(printed);
    Ok(Understood { certainty: Certainty::Implied, ..shows(&expected, readings, context) })
}

/// Whether a text says, without a condition, that nothing is printed.
fn is_silent(text: &str) -> bool {
    let rest = SILENT.captures(text).and_then(|silent| silent.name("rest"));
    rest.is_some_and(|rest| SEPARATOR.is_match(rest.as_str()) && !CONDITIONAL.is_match(text))
}

/// Everything whose shape alone says what it is.
fn structured(text: &str, context: &Context<'_>) -> Option<Understood> {
    if text.len() > LONGEST_SENTENCE {
        return names(text, context).or_else(|| valued(text, context).filter(|_| context.has_value));
    }
    names(text, context)
        .or_else(|| evaluates(text, context))
        .or_else(|| valued(text, context).filter(|_| context.has_value))
        .or_else(|| in_sentence(text, context).filter(|_| context.has_value))
}

/// A claim that one of these readings is what is seen.
pub fn shows(expected: &str, mut readings: Vec<String>, context: &Context<'_>) -> Understood {
    readings.extend(readings.iter().filter_map(|text| respelled(text)).collect::<Vec<_>>());
    plain(shown_kind(context), expected.to_owned(), Meaning::Shows(readings))
}

/// A whole value, or a value and a remark that is set apart from it.
fn valued(text: &str, context: &Context<'_>) -> Option<Understood> {
    let bare = text.trim_end_matches(['.', '!']);
    if is_choice(bare) {
        return None;
    }
    if is_whole_value(text, context.known) || is_row(text) || THOUSANDS.is_match(text) {
        return Some(shows(text, vec![text.to_owned()], context));
    }
    if constant(bare).is_some() {
        return Some(shows(bare, vec![text.to_owned(), bare.to_owned()], context));
    }
    if let Some(about) = ABOUT.captures(text) {
        let certainty = if context.is_constant { Certainty::Implied } else { Certainty::Explicit };
        let about = about[0].trim();
        return Some(Understood { certainty, ..shows(about, vec![about.to_owned()], context) });
    }
    if let Some(rounded) = ROUNDED.captures(text) {
        let about = format!("~{}", &rounded["number"]);
        return Some(shows(&rounded["number"], vec![about], context));
    }
    apart(text, context).or_else(|| labelled(text, context)).or_else(|| qualified(text, context))
}

/// `'a', 'b' or ''`: what one may choose from.
fn is_choice(text: &str) -> bool {
    let Some((first, last)) = text.rsplit_once(" or ") else { return false };
    first.split(", ").chain([last]).all(|item| literal(item.trim().trim_end_matches(',')).is_some())
}

/// `[1] then [1, 2]!`: values in a row.
fn is_row(text: &str) -> bool {
    let bare = text.trim_end_matches(['.', '!']);
    let items: Vec<_> = ROW.split(bare).collect();
    items.len() > 1 && items.iter().all(|item| literal(item).is_some())
}

/// A value that something sets apart from the remark behind it. An own-line number before a word is a
/// legend or a step.
fn apart(text: &str, context: &Context<'_>) -> Option<Understood> {
    let (value, rest) = value_prefix(text, context.known)?;
    let digits = value.chars().all(|c| c.is_ascii_digit());
    let legend = context.own_line && digits && !rest.trim_start().starts_with('(');
    let unit = is_number(value) && UNIT.is_match(rest);
    let loose = is_number(value) && !context.prints && LOOSE_UNIT.is_match(rest) && !SEPARATOR.is_match(rest);
    let alternative = rest.trim_start().starts_with("(or ");
    let sure = (SEPARATOR.is_match(rest) && !alternative) || (unit && !loose);
    let certainty = match sure && !context.is_constant {
        true => Certainty::Explicit,
        false => Certainty::Implied,
    };
    let apart = sure || loose || WEAK_SEPARATOR.is_match(rest);
    (apart && !legend)
        .then(|| Understood { certainty, ..shows(value, vec![text.to_owned(), value.to_owned()], context) })
}

/// `Union: {1, 2}`: any label before a display; a number or string needs a label that says output.
fn labelled(text: &str, context: &Context<'_>) -> Option<Understood> {
    let (value, after) = value_prefix(behind_label(text)?, context.known)?;
    let display = is_display(value) && (after.is_empty() || SEPARATOR.is_match(after));
    display.then(|| shows(value, vec![text.to_owned(), value.to_owned()], context))
}

/// `always true`, `still 2 elements`: a value behind a word that does not change it.
fn qualified(text: &str, context: &Context<'_>) -> Option<Understood> {
    let adverb = ADVERB.find(text)?;
    let found = valued(text[adverb.end()..].trim_start(), context)?;
    Some(Understood { certainty: Certainty::Implied, ..found })
}

#[cfg(test)]
mod tests {
    use super::super::{Exception, Says};
    use super::*;
    use crate::python::Code;

    fn on(text: &str, prints: bool, own_line: bool) -> Option<Understood> {
        let names = |name: &str| ["x", "y", "li", "D", "f", "self", "len"].contains(&name);
        let known = Vocabulary::of(&[Code::parse("class Point: pass\nclass Short(Exception): pass\n")]);
        let context = Context {
            prints,
            shows: true,
            has_value: true,
            is_constant: false,
            own_line,
            names: &names,
            known: &known,
        };
        understand(text, &context).ok()?.into_iter().next()
    }

    fn expected(text: &str) -> Option<(Kind, String)> {
        on(text, false, false).filter(|u| u.certainty == Certainty::Explicit).map(|u| (u.kind, u.expected))
    }

    fn value(text: &str) -> Option<String> {
        expected(text).filter(|(kind, _)| *kind == Kind::Value).map(|(_, value)| value)
    }

    #[test]
    fn values() {
        for (text, wanted) in [
            ("{3, 4}", "{3, 4}"),
            ("=> True", "True"),
            ("-1 (not found)", "-1"),
            ("True, because it is", "True"),
            ("2  — calls __len__", "2"),
            ("4; even", "4"),
            ("96 bytes", "96"),
            ("Creates [1, 4, 9] all at once", "[1, 4, 9]"),
            ("=> Returns [] because state is saved", "[]"),
            ("<class 'int'>", "<class 'int'>"),
            ("Decimal('1.0')", "Decimal('1.0')"),
            ("deque([1])", "deque([1])"),
            ("Union: {1, 2}", "{1, 2}"),
            ("li is now [1, 2]", "li = [1, 2]"),
            ("=> x = 2, y = 1", "x = 2, y = 1"),
            ("so x is now 3", "x = 3"),
            ("≈ 3.14", "≈ 3.14"),
            ("evaluates to: 5", "5"),
            ("True!  whatever it says", "True"),
            ("[2, 2], not [0, 1]", "[2, 2]"),
            ("=> 4 (Integer Division)", "4"),
        ] {
            assert_eq!(value(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn remarks_are_no_claims() {
        for text in [
            "1. Lists",
            "TODO fix",
            "type: ignore",
            "noqa",
            "fmt: off",
            "(1)!",
            "-----",
            "None = no limit",
            "'success', 'info' or ''",
            "2 digits after the point",
            "[width]",
            "Type check error",
            "Prints each word on its own line",
            "Returns the area",
            "Returns 0 if empty",
            "Avoid",
            "List - memory intensive",
            "Simulate 2 seconds of work",
            "ValueError if negative",
            "Example:",
            "lists allow indexing (my_list[5])",
            "there are 3 of them",
            "len(my_list) works, len(my_gen) doesn't",
            "Step 2: open",
            "prints 1 to 10",
            "Return False to stop",
        ] {
            assert_eq!(expected(text), None, "{text}");
        }
    }

    #[test]
    fn exceptions() {
        for (text, wanted) in [
            ("IndexError", "IndexError"),
            ("raises KeyError: 'x'", "KeyError: 'x'"),
            ("=> Yield a TypeError: unhashable type: 'list'", "TypeError: unhashable type: 'list'"),
            ("Raises a ValueError as 2 is not in the list", "ValueError"),
            ("Error!", "Error!"),
        ] {
            assert_eq!(expected(text), Some((Kind::Raises, wanted.into())), "{text}");
        }
    }

    #[test]
    fn expressions() {
        let evaluated = |text: &str| match on(text, false, true)?.meaning {
            Meaning::Evaluates { code, says } => Some((code, says)),
            _ => None,
        };
        let prints = |text: &str| Says::Prints(text.into());
        assert_eq!(evaluated("D().m() prints: D, B"), Some(("D().m()".into(), prints("D, B"))));
        assert_eq!(evaluated("len(x) == 3"), Some(("len(x)".into(), Says::Equals("3".into()))));
        let index = Exception { name: Some("IndexError".into()), message: None, printed: None };
        assert_eq!(evaluated("x[5] raises IndexError"), Some(("x[5]".into(), Says::Raises(index))));
        assert_eq!(evaluated("(3+5)/2 => 4.0"), Some(("(3+5)/2".into(), Says::Equals("4.0".into()))));
        assert_eq!(evaluated("f(x) returns a list"), None);
        assert_eq!(evaluated("unknown(x) == 3"), None);
    }

    #[test]
    fn words_after_a_print_are_implied() {
        let found = on("Find index", true, false).unwrap();
        assert_eq!((found.kind, found.certainty), (Kind::Stdout, Certainty::Implied));
        assert_eq!(on("Output: Hello you", true, false).unwrap().certainty, Certainty::Explicit);
        assert!(on("e.g., 12:30", true, false).unwrap().hedged);
    }
}
