//! What equals what: a claim's words against a value or an output that was observed.
//!
//! The readings are tried from the strictest to the most lenient; the first that fits decides.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::python::literal;
use crate::run::Seen;
use crate::value::Value;

pub static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\bat 0x[0-9a-fA-F]*(?:…|\.\.\.)?").expect("valid"));
/// What names differ by from one way of running to another: the main module, and where a module lies.
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b__main__\.|(?:<locals>|[\w.]+\.<locals>)\.| from '[^']*'").expect("valid")
});
static DURATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\b\d+\.\d+(?:e-?\d+)?\s*(?P<unit>s|sec|secs|seconds?|ms|milliseconds?|µs|us|microseconds?|ns)\b",
    )
    .expect("valid")
});
static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:~|≈|about|approximately|approx\.?|roughly|around)\s*(?P<number>-?\d[\d_]*(?:\.\d+)?)$|^(?P<cut>-?\d+\.\d+)(?:\.\.\.|…)$")
        .expect("valid")
});

/// Whether a claim's text shows this value: as its repr, its str, by value, or by an iterator's items.
pub fn shows(claimed: &str, seen: &Seen) -> bool {
    let claimed = claimed.trim();
    let texts = [Some(seen.repr.as_str()), seen.str.as_deref()];
    if texts.iter().flatten().any(|text| same_text(claimed, text)) || is_exception(claimed, seen) {
        return true;
    }
    if let Some(value) = literal(claimed) {
        return value.same(&seen.value)
            || seen.contents.as_ref().is_some_and(|items| holds_items(&value, items))
            || (is_bare_row(claimed) && lists(&value, &seen.value))
            || elides(claimed, &seen.repr);
    }
    let names = |text: &&str| loosely(claimed, text) || is_bare_quote(claimed, text);
    if is_row_of_words(claimed, &seen.value) {
        return true;
    }
    texts.iter().flatten().any(names)
        || is_type(claimed, &seen.repr)
        || is_instance(claimed, &seen.value)
        || (claimed == "empty" && is_empty(&seen.value))
}

/// Items without brackets around them: of a list, a tuple, a set.
fn is_bare_row(claimed: &str) -> bool {
    !claimed.starts_with(['(', '[', '{']) && claimed.contains(',')
}

/// `a, b, c` or `a b c`: the texts that a list holds, without quotes around them.
fn is_row_of_words(claimed: &str, seen: &Value) -> bool {
    let (Value::List(items) | Value::Tuple(items)) = seen else { return false };
    let text = |item: &Value| if let Value::Str(text) = item { Some(text.clone()) } else { None };
    let texts: Option<Vec<_>> = items.iter().map(text).collect();
    let texts = texts.filter(|texts| texts.len() > 1).unwrap_or_default();
    !texts.is_empty() && [", ", " "].iter().any(|mark| texts.join(mark) == claimed)
}

/// Whether a row of items is what a container holds; a row that goes on shows how it begins.
fn lists(claimed: &Value, seen: &Value) -> bool {
    let Value::Tuple(row) = claimed else { return false };
    match seen {
        Value::List(items) | Value::Tuple(items) => begins(row, items),
        Value::Set(items) => Value::Set(row.clone()).same(&Value::Set(items.clone())),
        _ => false,
    }
}

fn begins(row: &[Value], items: &[Value]) -> bool {
    match row.split_last() {
        Some((Value::Ellipsis, shown)) => {
            shown.len() <= items.len() && shown.iter().zip(items).all(|(a, b)| a.same(b))
        }
        _ => row.len() == items.len() && row.iter().zip(items).all(|(a, b)| a.same(b)),
    }
}

/// `'don't'`, quoted without regard to what is inside.
fn is_bare_quote(claimed: &str, text: &str) -> bool {
    let inside = |quote: char| claimed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    claimed.len() > 2 && inside('\'').or(inside('"')) == Some(text)
}

/// `Dog()` for an object that shows nothing but its type.
fn is_instance(claimed: &str, seen: &Value) -> bool {
    let Value::Other(kind, repr) = seen else { return false };
    claimed.strip_suffix("()").is_some_and(|name| name == kind) && ADDRESS.is_match(repr)
}

/// `KeyError: 'k'` for an exception object.
fn is_exception(claimed: &str, seen: &Seen) -> bool {
    let Value::Other(kind, _) = &seen.value else { return false };
    claimed.strip_prefix(kind.as_str()).and_then(|rest| rest.strip_prefix(": ")) == seen.str.as_deref()
        && seen.str.is_some()
}

/// `empty` for any container without items.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) | Value::FrozenSet(items) => {
            items.is_empty()
        }
        Value::Dict(entries) => entries.is_empty(),
        Value::Str(text) => text.is_empty(),
        _ => false,
    }
}

/// `int` for `<class 'int'>`.
fn is_type(claimed: &str, text: &str) -> bool {
    let name = text.strip_prefix("<class '").and_then(|rest| rest.strip_suffix("'>"));
    name.is_some_and(|name| {
        [name, name.rsplit('.').next().unwrap_or(name)].contains(&claimed.trim_start_matches("class "))
    })
}

/// Whether a display lists an iterator's items, whatever its brackets.
fn holds_items(claimed: &Value, items: &[Value]) -> bool {
    let (Value::List(claimed) | Value::Tuple(claimed) | Value::Set(claimed)) = claimed else { return false };
    begins(claimed, items)
}

/// Whether a claim's text shows this output: as it stands, quoted, by value, as a list of what was
/// printed, or as one line of it.
pub fn printed(claimed: &str, output: &str) -> bool {
    printed_whole(claimed, output)
        || (!claimed.trim().contains('\n')
            && output.lines().any(|line| may_show(claimed, line) && printed_line(claimed, line)))
}

/// Whether a text may be what a claim shows, by its length. However an author spells it, nobody says
/// this much more than there is; a long claim must not be read anew for each line of a long output.
pub fn may_show(claimed: &str, text: &str) -> bool {
    const SPELLING: usize = 8;
    const ADORNMENT: usize = 100;
    let text = text.trim();
    !text.is_empty() && claimed.trim().len() <= SPELLING * text.len() + ADORNMENT
}

/// The same without the reading as one line of many.
pub fn printed_whole(claimed: &str, output: &str) -> bool {
    printed_line(claimed, output) || is_list_of(claimed, output)
}

fn printed_line(claimed: &str, output: &str) -> bool {
    let (bare, output) = (trimmed(claimed), trimmed(output));
    if same_text(&bare, &output) || words(&bare) == words(&output) || is_type(&bare, &output) {
        return true;
    }
    match (literal(&bare), literal(&output)) {
        (Some(Value::Str(text)), _) if same_text(&trimmed(&text), &output) => true,
        // A prompt answers with a string's repr.
        (Some(a @ Value::Str(_)), Some(b @ Value::Str(_))) if b.to_string() == output => a.same(&b),
        (None, Some(Value::Str(text))) if is_bare_quote(&bare, &text) => true,
        (Some(a), Some(b)) if is_pythons_own(&b, &output) => {
            a.same(&b) || (is_bare_row(&bare) && lists(&a, &b)) || elides(&bare, &output)
        }
        _ => loosely(&bare, &output) || is_bare_quote(&bare, &output),
    }
}

/// Whether a text is a container as Python writes it: then its spelling in a claim is free. A number
/// that is printed is a text, which its author may have formatted.
fn is_pythons_own(value: &Value, text: &str) -> bool {
    let container = matches!(
        value,
        Value::List(_) | Value::Tuple(_) | Value::Set(_) | Value::FrozenSet(_) | Value::Dict(_)
    );
    container && value.to_string() == text
}

/// Whether a claim is this output but for spaces inside its lines, which a fence or a session shows as
/// they are.
pub fn is_respaced(claimed: &str, output: &str) -> bool {
    let lines = |text: &str| {
        let lines = trimmed(text);
        lines
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    words(claimed) == words(output) && lines(claimed) != lines(output)
}

/// Text without spaces at line ends, blank lines around it and common indentation.
fn trimmed(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let common = lines.iter().filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
    lines
        .iter()
        .map(|line| line.get(common..).unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
        .trim_matches('\n')
        .to_owned()
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Whether a list on one line names all lines of an output: `D, B, C, A`, `4 6 8`, `'a', 'b'`.
fn is_list_of(claimed: &str, output: &str) -> bool {
    let lines: Vec<_> = output.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() < 2 {
        return false;
    }
    let bare = claimed.trim().trim_end_matches(['.', ',']);
    let inner = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(bare);
    let inner = inner.trim_end_matches('!');
    let are_lines = |items: Vec<&str>| {
        let items: Vec<_> = items.into_iter().map(str::trim).filter(|item| !item.is_empty()).collect();
        items.len() == lines.len() && items.iter().zip(&lines).all(|(item, line)| is_item(item, line))
    };
    let separators = [", ", ",", "; ", " -> ", " → ", " then ", " and ", "\n", " "];
    are_lines(at_outer_commas(inner))
        || separators.iter().any(|separator| are_lines(inner.split(separator).collect()))
}

/// The parts between commas that stand outside brackets.
fn at_outer_commas(text: &str) -> Vec<&str> {
    let mut depth = 0;
    text.split(|c: char| {
        match c {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
    .collect()
}

fn is_item(item: &str, line: &str) -> bool {
    let item = item.strip_prefix("and ").or(item.strip_prefix("then ")).unwrap_or(item);
    same_text(item, line) || matches!(literal(item), Some(Value::Str(text)) if text == line)
}

fn same_text(claimed: &str, seen: &str) -> bool {
    claimed == seen.trim_end() || masked(claimed) == masked(seen.trim_end())
}

/// Addresses and measured times differ from run to run, modules from place to place: any stands for any
/// other.
fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains("0x") && !text.contains('.') {
        return Cow::Borrowed(text);
    }
    let text = PLACE.replace_all(text, "");
    let text = ADDRESS.replace_all(&text, "at 0x");
    Cow::Owned(DURATION.replace_all(&text, "0.0 $unit").into_owned())
}

/// A module before a class that shows itself as a call: `datetime.date(`.
static QUALIFIED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(?:[A-Za-z_]\w*\.)+(?P<name>[A-Za-z_]\w*[(\[])").expect("valid"));

/// Text without what depends on where it was made.
fn placeless(text: &str) -> Cow<'_, str> {
    match masked(text) {
        Cow::Borrowed(text) => QUALIFIED.replace_all(text, "$name"),
        Cow::Owned(text) => Cow::Owned(QUALIFIED.replace_all(&text, "$name").into_owned()),
    }
}

/// Spacing and quotes inside displays, the order in braces, elisions, approximations.
fn loosely(claimed: &str, seen: &str) -> bool {
    let bracketed = claimed.contains(['[', '{', '(']);
    // Python shows strings in single quotes: double ones are part of the text (JSON).
    let quotes = !seen.contains('"') || claimed.contains('"');
    let same = || {
        let (claimed, seen) = (squeezed(&placeless(claimed)), squeezed(&placeless(seen)));
        claimed == seen || in_brace_order(&claimed) == in_brace_order(&seen)
    };
    (bracketed && quotes && same()) || elides(claimed, seen) || is_about(claimed, seen)
}

/// Text with what stands between braces sorted: neither sets nor dicts are told apart by their order.
/// One pass, since an output may be nothing but braces.
fn in_brace_order(text: &str) -> String {
    let mut braces = vec![Brace::default()];
    for c in text.chars() {
        if c == '{' {
            braces.push(Brace::default());
            continue;
        }
        let closes = c == '}' && braces.len() > 1;
        let closed = if closes { braces.pop().map(Brace::sorted) } else { None };
        let Some(open) = braces.last_mut() else { break };
        match closed {
            Some(sorted) => open.item += &sorted,
            None => open.take(c),
        }
    }
    // Braces that are never closed are text.
    braces.into_iter().map(Brace::unsorted).collect::<Vec<_>>().join("{")
}

/// What stands behind a brace, item by item.
#[derive(Default)]
struct Brace {
    items: Vec<String>,
    item: String,
    depth: i64,
}

impl Brace {
    fn take(&mut self, c: char) {
        match c {
            '[' | '(' => self.depth += 1,
            ']' | ')' => self.depth -= 1,
            ',' if self.depth == 0 => return self.items.push(std::mem::take(&mut self.item)),
            _ => {}
        }
        self.item.push(c);
    }

    fn unsorted(mut self) -> String {
        self.items.push(self.item);
        self.items.join(",")
    }

    fn sorted(mut self) -> String {
        self.items.push(self.item);
        self.items.sort_unstable();
        format!("{{{}}}", self.items.join(","))
    }
}

/// Text without the spaces inside brackets but outside strings, all quotes alike.
fn squeezed(text: &str) -> String {
    let (mut quote, mut depth) = (None, 0);
    let mut kept = String::new();
    for c in text.chars() {
        let opens = quote.is_none() && matches!(c, '"' | '\'');
        let closes = quote == Some(c);
        if opens || closes {
            quote = opens.then_some(c);
            kept.push('"');
            continue;
        }
        match c {
            _ if quote.is_some() => {}
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth -= 1,
            _ if c.is_whitespace() && depth > 0 => continue,
            _ => {}
        }
        kept.push(c);
    }
    kept.replace(",]", "]").replace(",}", "}")
}

/// Whether `...` in a claim stands for what is missing there.
fn elides(claimed: &str, seen: &str) -> bool {
    let elided = claimed.contains("...") || claimed.contains('…');
    if elided && ["...", "…", "[...]"].contains(&claimed.trim()) {
        return false;
    }
    if !elided || seen.contains("...") || seen.contains('…') {
        return false;
    }
    // `[...]` on a line of its own, or behind others, leaves something out too.
    let claimed = claimed.replace('…', "...").replace("[...]", "...").replace("(...)", "...");
    let pieces: Vec<_> = claimed.split("...").map(|piece| words(piece).join(" ")).collect();
    if pieces.iter().all(|piece| piece.is_empty()) {
        return false;
    }
    let seen = words(seen).join(" ");
    in_order(&pieces, &seen) || in_order(&pieces, &PLACE.replace_all(&seen, ""))
}

/// Whether the pieces occur one after the other, the first at the start and the last at the end.
fn in_order(pieces: &[String], text: &str) -> bool {
    let mut at = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let piece = piece.trim();
        let found = match (index, index + 1 == pieces.len()) {
            (0, _) => text.starts_with(piece).then_some(0),
            (_, true) => text[at..].ends_with(piece).then(|| text.len() - piece.len()),
            _ => text[at..].find(piece).map(|found| at + found),
        };
        match found {
            Some(start) if start >= at => at = start + piece.len(),
            _ => return false,
        }
    }
    true
}

/// `~3.14`, `3.14…`: right to the digits given.
fn is_about(claimed: &str, seen: &str) -> bool {
    let Some(found) = ABOUT.captures(claimed) else { return false };
    let digits = found.name("number").or(found.name("cut")).map_or("", |m| m.as_str()).replace('_', "");
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let (Ok(claimed), Ok(seen)) = (digits.parse::<f64>(), seen.trim().replace('_', "").parse::<f64>()) else {
        return false;
    };
    // Rounded or cut off, but right to the last digit given; a whole number to a tenth of itself.
    let unit = 10f64.powi(-(decimals as i32));
    let near = |exact: f64| (claimed - exact).abs() < unit / 1000.0;
    let roughly = decimals == 0 && (claimed - seen).abs() <= claimed.abs() * 0.1;
    roughly || near((seen / unit).round() * unit) || near((seen / unit).trunc() * unit)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn seen(repr: &str) -> Seen {
        let value = literal(repr).unwrap_or(Value::Other("object".into(), repr.into()));
        Seen { role: "value".into(), value, repr: repr.into(), str: None, contents: None }
    }

    #[test]
    fn values_by_any_spelling() {
        assert!(shows("{(0,0): 0, \"a\": [1]}", &seen("{'a': [1], (0, 0): 0}")));
        assert!(shows("Point(x=1,y=\"a\")", &seen("Point(x=1, y='a')")));
        assert!(shows("<function f at 0x7f...>", &seen("<function f at 0x7fabcdef0123>")));
        assert!(shows("[1, 2, ..., 9]", &seen("[1, 2, 3, 9]")));
        assert!(shows("int", &seen("<class 'int'>")));
        assert!(shows("≈ 3.14", &seen("3.1416")) && shows("3.14…", &seen("3.1416")));
        let items = vec![Value::Int("2".into()), Value::Int("4".into())];
        assert!(shows("[2, 4]", &Seen { contents: Some(items), ..seen("<map object at 0x7fabcdef0123>") }));
    }

    #[test]
    fn other_values_are_other() {
        for (claimed, repr) in
            [("1", "True"), ("1", "1.0"), ("0.3", "0.30000000000000004"), ("[1, 2]", "(1, 2)")]
        {
            assert!(!shows(claimed, &seen(repr)), "{claimed} {repr}");
        }
        assert!(!shows("≈ 3.2", &seen("3.1416")) && !shows("3.15…", &seen("3.1416")));
        assert!(!shows("[1, ..., 8]", &seen("[1, 2, 9]")));
    }

    #[test]
    fn outputs() {
        assert!(printed("D, B, C, A", "D\nB\nC\nA\n"));
        assert!(printed("4 6 8", "4\n6\n8\n"));
        assert!(printed("'Hi'", "Hi\n"));
        assert!(printed("  a\n    b", "a\n  b\n"));
        assert!(printed("{\"aa\": 12}", "{'aa': 12}\n"));
        assert!(printed("two", "one\ntwo\n"));
        assert!(printed("Error : x", "Error :  x\n"));
        assert!(printed("took 0.5 s", "took 0.71 s\n"));
        assert!(!printed("D, C, B, A", "D\nB\nC\nA\n"));
        assert!(!printed("Hi", "hi\n"));
        assert!(!printed("96 bytes", "120 bytes\n"));
        assert!(!printed("1, 2", "1\n2\n3\n"));
    }
}
