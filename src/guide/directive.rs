//! What an author tells verify in an HTML comment on the line before a fence.

use std::sync::LazyLock;

use regex::Regex;

/// One directive. Lines count from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Directive {
    /// The guide line it stands on.
    pub line: usize,
    /// What it asks for.
    pub order: Order,
    /// Why, in the author's words.
    pub reason: String,
}

/// What a directive asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// The snippet is not run.
    Skip,
    /// Findings with these codes are meant to be there.
    Expect(Vec<String>),
}

static COMMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\s>]*<!--\s*verify:\s*(?P<order>.*?)\s*-->\s*$").expect("valid"));
static REASON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\s+reason\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')\s*$"#).expect("valid")
});

/// Reads a line as a directive: `None` for any other line, an error that says what to write instead
/// for a directive that cannot be understood.
pub fn parse(line: &str, number: usize) -> Option<Result<Directive, String>> {
    if !line.contains("verify:") {
        return None;
    }
    let order = COMMENT.captures(line)?["order"].to_owned();
    Some(understand(&order).map(|(order, reason)| Directive { line: number, order, reason }))
}

fn understand(text: &str) -> Result<(Order, String), String> {
    let found = REASON.captures(text).ok_or_else(|| {
        format!(
            "the directive `{text}` gives no reason: write `skip reason=\"…\"` or `expect CODE reason=\"…\"`"
        )
    })?;
    let reason = found.name("double").or(found.name("single")).map_or("", |m| m.as_str()).trim().to_owned();
    if reason.is_empty() {
        return Err("the directive's reason is empty: say why in a few words".into());
    }
    let mut words =
        text[..found.get(0).map_or(0, |m| m.start())].split([' ', ',', '\t']).filter(|w| !w.is_empty());
    match (words.next(), words.map(str::to_owned).collect::<Vec<_>>()) {
        (Some("skip"), rest) if rest.is_empty() => Ok((Order::Skip, reason)),
        (Some("expect"), codes) if !codes.is_empty() => Ok((Order::Expect(codes), reason)),
        (Some("expect"), _) => {
            Err("`expect` names no finding: write `expect false-claim reason=\"…\"`".into())
        }
        (verb, _) => Err(format!(
            "unknown directive `{}`: known are `skip reason=\"…\"` and `expect CODE reason=\"…\"`",
            verb.unwrap_or_default()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_understood() {
        let skip = parse("<!-- verify: skip reason=\"needs a GPU\" -->", 3).unwrap().unwrap();
        assert_eq!(skip, Directive { line: 3, order: Order::Skip, reason: "needs a GPU".into() });
        let expect =
            parse("> <!--verify: expect false-claim, raises reason='shows it'-->", 1).unwrap().unwrap();
        assert_eq!(expect.order, Order::Expect(vec!["false-claim".into(), "raises".into()]));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for line in [
            "<!-- verify: skip -->",
            "<!-- verify: expect reason=\"x\" -->",
            "<!-- verify: skp reason=\"x\" -->",
        ] {
            assert!(parse(line, 1).unwrap().is_err(), "{line}");
        }
        assert_eq!(parse("<!-- verify this later -->", 1), None);
        assert_eq!(parse("text", 1), None);
    }
}
