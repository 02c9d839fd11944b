//! Takes out of a guide's HTML what could do anything but show text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use ammonia::{Builder, UrlRelative};
use regex::Regex;

use super::View;
use super::links::in_guide;

/// Tags that turn all that follows into something else; they are shown as text, as GitHub does.
static SWALLOWING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)<(/?(?:title|textarea|style|xmp|iframe|noembed|noframes|noscript|script|plaintext|template|select|math|svg)\b)")
        .expect("valid")
});

/// A picture, and what it shows in words.
static PICTURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)<img\b(?:[^>]*?\balt\s*=\s*(?:"([^">]*)"|'([^'>]*)'))?[^>]*>"#).expect("valid")
});

/// Raw HTML of a guide with the tags that would swallow the rest of the page as text, and pictures, which are not
/// loaded, in words.
pub fn tamed(html: &str) -> String {
    let html = SWALLOWING.replace_all(html, "&lt;$1");
    PICTURE.replace_all(&html, "<span class=\"picture\">$1$2</span>").into_owned()
}

/// A guide's HTML with nothing but text, its structure, and links that lead to places of the report or to the web.
/// The names that it gives to places are kept apart from the page's own.
pub fn clean(html: &str, view: View<'_>) -> String {
    let (links, index) = (Arc::clone(view.links), view.index);
    let (prefix, path) = (view.prefix(), view.guide.path.clone());
    Builder::default()
        .add_generic_attributes(["id"])
        .rm_tags(["img", "map", "area"])
        .add_allowed_classes("span", ["picture"])
        .add_allowed_classes("div", ["footnote-definition"])
        .add_allowed_classes("sup", ["footnote-reference", "footnote-definition-label"])
        .add_allowed_classes("blockquote", ALERTS)
        // Who prints, searches or steps through a page finds what is folded away, too.
        .set_tag_attribute_value("details", "open", "")
        // What may be wider than the page scrolls; so that keys reach it:
        .set_tag_attribute_value("figure", "tabindex", "0")
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .attribute_filter(move |element, name, value| match (element, name) {
            (_, "id") | ("a", "name") => Some(format!("{prefix}{}", in_guide(value)).into()),
            ("a", "href") if !is_elsewhere(value) => links.resolved(index, &path, value).map(Cow::Owned),
            _ => Some(value.into()),
        })
        .clean(html)
        .to_string()
}

const ALERTS: [&str; 5] = [
    "markdown-alert-note",
    "markdown-alert-tip",
    "markdown-alert-important",
    "markdown-alert-warning",
    "markdown-alert-caution",
];

/// Whether a link names a scheme, or a machine. Which ones are allowed is not decided here.
fn is_elsewhere(link: &str) -> bool {
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    link.starts_with("//") || link.split_once(':').is_some_and(|(scheme, _)| scheme.chars().all(is_of_scheme))
}
