//! From the words of one comment to what they claim, by their shape.

use super::exception::raises;
use super::in_comment::evaluates;
use super::shape::{is_number, is_whole_value, respelled, value_prefix};
use super::words::*;
use super::{Certainty, Effect, Kind, Meaning, Versions};
use crate::python::{expression, literal, literal_prefix};

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
    /// Whether the comment has its line to itself.
    pub own_line: bool,
    /// The names of the snippet's code.
    pub names: &'a dyn Fn(&str) -> bool,
}

/// The word for a container without items.
const EMPTY: &str = "empty";

/// Understands a comment's text (without its `#`); `None` for a remark.
pub fn understand(text: &str, context: &Context<'_>) -> Option<Understood> {
    let text = text.trim();
    let (scope, scoped) = Versions::scope(text);
    if let Some(version) = Versions::required(text).filter(|_| scope.is_none() || !is_value(scoped)) {
        return Some(plain(Kind::Version, version.to_string(), Meaning::Version(version)));
    }
    // Nobody claims a book.
    if text.is_empty() || text.len() > 20_000 || TRAP.is_match(text) || NUMBERED.is_match(text) {
        return None;
    }
    let hedged = HEDGE.is_match(text);
    let (unhedged, introduced) = strip(&HEDGE_PREFIX, text);
    let (scope, scoped) = Versions::scope(unhedged);
    let mut found = claim(scoped, context)?;
    found.hedged = hedged;
    found.versions = scope;
    if introduced && found.certainty == Certainty::Implied {
        found.certainty = Certainty::Explicit;
    }
    Some(found)
}

fn claim(text: &str, context: &Context<'_>) -> Option<Understood> {
    let (bare, arrow) = strip(&ARROW, text);
    if arrow {
        return marked(bare, context);
    }
    if let Some(found) = raises(text) {
        return Some(found).filter(|_| context.has_value);
    }
    let (bare, equals) = strip(&EQUALS, text);
    if equals && literal_prefix(bare).is_some() {
        return marked(bare, context);
    }
    if let Some(keyword) = KEYWORD.captures(text) {
        let rest = &text[keyword[0].len()..];
        if !rest.is_empty() {
            return keyword_claim(&keyword["word"], rest, context);
        }
    }
    unmarked(text, context)
}

/// Whether a text is a value, perhaps after an arrow.
fn is_value(text: &str) -> bool {
    is_whole_value(strip(&ARROW, text).0)
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
    let found = raises(text).or_else(|| structured(text, context)).unwrap_or_else(|| {
        let certainty = if context.prints || keyword { Certainty::Explicit } else { Certainty::Implied };
        Understood { certainty, ..shows(text, vec![text.to_owned()], context) }
    });
    Some(Understood { marked: true, ..found })
}

/// What follows `Output:` and the like: whatever it is, it is what should be seen.
fn keyword_claim(word: &str, rest: &str, context: &Context<'_>) -> Option<Understood> {
    let output = is_about_output(word);
    let found = match raises(rest).or_else(|| valued(rest, context)) {
        Some(found) => found,
        None if output => shows(rest, vec![rest.to_owned()], context),
        // `returns: the area` describes.
        None => Understood { certainty: Certainty::Implied, ..shows(rest, vec![rest.to_owned()], context) },
    };
    let kind = if output && found.kind == Kind::Value { Kind::Stdout } else { found.kind };
    Some(Understood { marked: true, kind, ..found })
}

/// A comment without any marker.
fn unmarked(text: &str, context: &Context<'_>) -> Option<Understood> {
    if let Some(found) = structured(text, context) {
        return Some(found);
    }
    if let Some(effect) = Effect::understand(text) {
        return Some(plain(Kind::Effect, text.to_owned(), Meaning::Effect(effect)));
    }
    // Words that merely could be what is printed or shown at a prompt.
    let could_be = (context.prints || context.shows) && !text.ends_with(':');
    let mut readings = vec![text.to_owned()];
    if let Some(printed) = PRINTS.captures(text).filter(|_| context.prints) {
        readings.push(printed["text"].to_owned());
    }
    let expected = readings.last().cloned().unwrap_or_default();
    could_be.then(|| Understood { certainty: Certainty::Implied, ..shows(&expected, readings, context) })
}

/// Everything whose shape alone says what it is.
fn structured(text: &str, context: &Context<'_>) -> Option<Understood> {
    names(text, context)
        .or_else(|| evaluates(text, context))
        .or_else(|| valued(text, context).filter(|_| context.has_value))
        .or_else(|| in_sentence(text, context).filter(|_| context.has_value))
}

fn shows(expected: &str, mut readings: Vec<String>, context: &Context<'_>) -> Understood {
    readings.extend(readings.iter().filter_map(|text| respelled(text)).collect::<Vec<_>>());
    plain(shown_kind(context), expected.to_owned(), Meaning::Shows(readings))
}

/// A whole value, or a value and a remark that is set apart from it.
fn valued(text: &str, context: &Context<'_>) -> Option<Understood> {
    if is_whole_value(text) {
        return Some(shows(text, vec![text.to_owned()], context));
    }
    if let Some(about) = ABOUT.captures(text) {
        return Some(shows(about[0].trim(), vec![about[0].trim().to_owned()], context));
    }
    apart(text, context).or_else(|| labelled(text, context))
}

/// A value that something sets apart from the remark behind it. An own-line number before a word is a
/// legend or a step.
fn apart(text: &str, context: &Context<'_>) -> Option<Understood> {
    let (value, rest) = value_prefix(text)?;
    let digits = value.chars().all(|c| c.is_ascii_digit());
    let legend = context.own_line && digits && !rest.trim_start().starts_with('(');
    let apart = SEPARATOR.is_match(rest) || (is_number(value) && UNIT.is_match(rest));
    let loose = !context.prints && LOOSE_UNIT.is_match(rest) && !SEPARATOR.is_match(rest);
    let certainty = if loose { Certainty::Implied } else { Certainty::Explicit };
    (apart && !legend)
        .then(|| Understood { certainty, ..shows(value, vec![text.to_owned(), value.to_owned()], context) })
}

/// `Union: {1, 2}`: any label before a display; a number or string needs a label that says output.
fn labelled(text: &str, context: &Context<'_>) -> Option<Understood> {
    let label = LABEL.find(text)?;
    let rest = &text[label.end()..];
    let display = rest.starts_with(['[', '{', '(']) && literal(rest).is_some();
    display.then(|| shows(rest, vec![text.to_owned(), rest.to_owned()], context))
}

/// `Creates [1, 4] all at once`: a value inside a sentence, after a verb that announces it.
fn in_sentence(text: &str, context: &Context<'_>) -> Option<Understood> {
    let found = VERB.find_iter(text).find_map(|verb| {
        let rest = &text[verb.end()..];
        let contains = verb.as_str().to_lowercase().starts_with("contain");
        let (end, _) = literal_prefix(rest)?;
        let (value, rest) = rest.split_at(end);
        let display = value.starts_with(['[', '{']) || (value.starts_with('(') && value.contains(','));
        let bare = !contains && (SEPARATOR.is_match(rest) || (is_number(value) && UNIT.is_match(rest)));
        (display || bare).then_some(value)
    })?;
    Some(shows(found, vec![found.to_owned()], context))
}

/// `li is now [1]`, `x = 2, y = 1`, `now li is [1]`.
fn names(text: &str, context: &Context<'_>) -> Option<Understood> {
    let mut rest =
        text.strip_prefix("Now ").or(text.strip_prefix("now ")).or(text.strip_prefix("so ")).unwrap_or(text);
    let mut found: Vec<(String, String)> = Vec::new();
    while let Some((name, value, after)) = name_and_value(rest, context) {
        found.push((name.to_owned(), value.to_owned()));
        let next = after.trim_start_matches([',', ';', ' ']);
        let next = next.strip_prefix("and ").unwrap_or(next);
        if next.is_empty() || next == after {
            break;
        }
        rest = next;
    }
    let expected =
        found.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ");
    (!found.is_empty()).then(|| plain(Kind::Value, expected, Meaning::Names(found)))
}

/// One `name is value` at the start of a text, and what follows it.
fn name_and_value<'t>(text: &'t str, context: &Context<'_>) -> Option<(&'t str, &'t str, &'t str)> {
    let end = text.find(|c: char| c.is_whitespace() || c == '=').filter(|end| *end > 0)?;
    let name = &text[..end];
    let base = name.split(['.', '[']).next().unwrap_or_default();
    let plain_name =
        expression(name).is_some_and(|e| e.is_name_expr() || e.is_attribute_expr() || e.is_subscript_expr());
    if !plain_name || !(context.names)(base) {
        return None;
    }
    let relation = RELATION.find(&text[end..])?;
    // An own-line `x = 5` is code that was commented out.
    if context.own_line && relation.as_str().trim() == "=" {
        return None;
    }
    let rest = &text[end + relation.end()..];
    if rest.trim_end_matches(['.', '!']) == EMPTY && relation.as_str().contains("is") {
        return Some((name, EMPTY, ""));
    }
    let (length, _) = literal_prefix(rest)?;
    let (value, after) = rest.split_at(length);
    let display = value.starts_with(['[', '{', '(']);
    (display || SEPARATOR.is_match(after)).then_some((name, value, after))
}

#[cfg(test)]
mod tests {
    use super::super::{Exception, Says};
    use super::*;

    fn on(text: &str, prints: bool, own_line: bool) -> Option<Understood> {
        let names = |name: &str| ["x", "y", "li", "D", "f", "self", "len"].contains(&name);
        understand(text, &Context { prints, shows: true, has_value: true, own_line, names: &names })
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
        let index = Exception { name: Some("IndexError".into()), message: None };
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
