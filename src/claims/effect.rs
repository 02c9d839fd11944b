//! Claims about what a statement changes: `evicts key 2`, `file is closed after the block`.

use std::sync::LazyLock;

use regex::Regex;

use crate::python::literal_prefix;

use super::words::SEPARATOR;

/// What an author says a statement changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// How.
    pub change: Change,
    /// The item's literal, where the change is about one.
    pub item: String,
    /// Whether the author calls it a key: then a value of a mapping is not meant.
    pub of_a_key: bool,
}

/// Kinds of changes that can be told by comparing states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// An item or key is gone.
    Removed,
    /// An item or key is there now.
    Added,
    /// An item or key is there, whether or not it was before.
    Contained,
    /// A file is closed.
    Closed,
}

static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:(?:and|now|this|it|also|which|cache|automatically)\s+)*(?:(?P<removed>evicts?|evicted|removes|removed|deletes|deleted|drops|dropped|pops|popped|discards|discarded|expels)|(?P<contained>(?:[a-z_]\w*\s+)?now\s+contains|(?:[a-z_]\w*\s+)?now\s+has)|(?P<added>adds|added|appends|appended|inserts|inserted|pushes|pushed|enqueues))\s+(?:the\s+|an?\s+)?(?:(?:key|item|element|value|entry|number|string|least recently used)\s+)*",
    )
    .expect("valid")
});
static CLOSED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:the\s+|and\s+|now\s+)*(?:file|files|it|[a-z_]\w*)\s+(?:is|are|was|has been|gets)\s+(?:now\s+|automatically\s+|already\s+|always\s+|then\s+|properly\s+)*closed\b(?P<rest>.*)$")
        .expect("valid")
});
static DESCRIBES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:if|when|unless|once|by|later|soon|eventually|afterwards|before)\b").expect("valid")
});

impl Effect {
    /// Reads a comment as an effect: only with an item that can be looked for, or a file closed.
    pub fn understand(text: &str) -> Option<Effect> {
        if let Some(closed) = CLOSED.captures(text) {
            let unconditional = !DESCRIBES.is_match(&closed["rest"]);
            return unconditional.then(|| Effect {
                change: Change::Closed,
                item: String::new(),
                of_a_key: false,
            });
        }
        let verb = ITEM.captures(text)?;
        let of_a_key = verb[0].to_lowercase().contains("key");
        let rest = &text[verb[0].len()..];
        let change = match () {
            () if verb.name("removed").is_some() => Change::Removed,
            () if verb.name("contained").is_some() => Change::Contained,
            () => Change::Added,
        };
        let (end, _) = literal_prefix(rest)?;
        let (item, after) = rest.split_at(end);
        let place =
            ["from ", "to ", "at ", "in ", "into "].iter().any(|word| after.trim_start().starts_with(word));
        let whole = SEPARATOR.is_match(after) || place;
        (whole && !DESCRIBES.is_match(after)).then(|| Effect { change, item: item.to_owned(), of_a_key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_need_something_to_look_for() {
        let found = |text: &str| Effect::understand(text).map(|e| (e.change, e.item));
        assert_eq!(found("evicts key 2"), Some((Change::Removed, "2".into())));
        assert_eq!(found("Removes the key \"one\" from the dict"), Some((Change::Removed, "\"one\"".into())));
        assert_eq!(found("xs now contains 2"), Some((Change::Contained, "2".into())));
        assert_eq!(found("adds 'x'"), Some((Change::Added, "'x'".into())));
        assert_eq!(
            found("File is automatically closed after the block"),
            Some((Change::Closed, String::new()))
        );
        for text in [
            "Remove least recently used",
            "removes calls older than a minute",
            "adds 2 numbers",
            "closed set",
            "adds them up",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        assert_eq!(found("the file is closed if open() failed"), None);
    }
}
