//! Where pages and places on them are, and where the links of guides lead.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path};

use percent_encoding::percent_decode_str;

use super::page::Listed;
use crate::uri::encoded;

/// Longer names than most systems take are cut.
const LONGEST: usize = 120;

/// The pages of a report.
pub struct Links {
    /// The page of each guide, relative to the folder of all; none where all are one page.
    pages: Vec<String>,
    /// Whether there is one guide, so that places need no prefix.
    alone: bool,
    /// The guides by their paths, for links from one to another.
    guides: HashMap<String, usize>,
}

impl Links {
    /// All guides on one page.
    pub fn of_page(listed: &[Listed]) -> Links {
        Links { pages: Vec::new(), alone: listed.len() == 1, guides: guides(listed) }
    }

    /// A page for each guide.
    pub fn of_site(listed: &[Listed]) -> Links {
        let mut taken = HashSet::from(["index.html".to_owned()]);
        let pages = listed.iter().map(|guide| page(&guide.path, &mut taken)).collect();
        Links { pages, alone: true, guides: guides(listed) }
    }

    /// The page of a guide, relative to the folder of all.
    pub fn page(&self, guide: usize) -> Option<&str> {
        self.pages.get(guide).map(String::as_str)
    }

    /// What the names of places in a guide begin with.
    pub fn prefix(&self, guide: usize) -> String {
        if self.alone { String::new() } else { format!("g{}-", guide + 1) }
    }

    /// The way from the list of all guides to one of them.
    pub fn to_guide(&self, guide: usize) -> String {
        match self.page(guide) {
            Some(page) => encoded(page.as_bytes()),
            None => format!("#{}guide", self.prefix(guide)),
        }
    }

    /// The way from a guide's page to the list of all.
    pub fn to_index(&self, guide: usize) -> Option<String> {
        Some(format!("{}index.html", up(self.page(guide)?)))
    }

    /// The way that a link of a guide leads; none where it leads out of what is reported.
    pub fn resolved(&self, from: usize, path: &str, link: &str) -> Option<String> {
        let (target, place) = link.split_once('#').unwrap_or((link, ""));
        if target.is_empty() {
            return Some(format!("#{}{}", self.prefix(from), in_guide(place)));
        }
        let target = percent_decode_str(target).decode_utf8().ok()?;
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        let to = *self.guides.get(&plain(&folder.join(target.as_ref()))?)?;
        let place = if place.is_empty() { String::new() } else { in_guide(place) };
        Some(match self.page(to) {
            Some(page) => {
                let back = up(self.page(from)?);
                let place = if place.is_empty() { place } else { format!("#{place}") };
                format!("{back}{}{place}", encoded(page.as_bytes()))
            }
            None if place.is_empty() => self.to_guide(to),
            None => format!("#{}{place}", self.prefix(to)),
        })
    }
}

/// The name on the page of a place that a guide names itself: never one of ours.
pub fn in_guide(place: &str) -> String {
    format!("h-{place}")
}

/// From a page to the folder of all.
fn up(page: &str) -> String {
    "../".repeat(page.matches('/').count())
}

fn guides(listed: &[Listed]) -> HashMap<String, usize> {
    let of = |(index, guide): (usize, &Listed)| Some((plain(Path::new(&guide.path))?, index));
    listed.iter().enumerate().filter_map(of).collect()
}

/// A path without detours.
fn plain(path: &Path) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if parts.last().is_some_and(|last| !["..", "/"].contains(last)) => {
                parts.pop();
            }
            part => parts.push(part.as_os_str().to_str()?),
        }
    }
    Some(parts.join("/"))
}

/// The page of a guide: its path in the folder of all, whatever the path, with a name that no other has.
fn page(path: &str, taken: &mut HashSet<String>) -> String {
    let path = plain(Path::new(path)).unwrap_or_default();
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).map(name).collect();
    let stem = if parts.is_empty() { "guide".to_owned() } else { parts.join("/") };
    let names = (1..).map(|number| match number {
        1 => format!("{stem}.html"),
        number => format!("{stem}-{number}.html"),
    });
    // Where folders do not tell upper and lower case apart, pages must not be one.
    names.into_iter().find(|name| taken.insert(name.to_lowercase())).unwrap_or_default()
}

/// A name that every file system takes and that leads nowhere else.
fn name(part: &str) -> String {
    if part == ".." {
        return "up".to_owned();
    }
    let safe = |c: char| if c.is_control() || "<>:\"|?*\\".contains(c) { '_' } else { c };
    let name: String = part.chars().map(safe).collect();
    // A folder of that name is hidden, and not published by many.
    let name = if name.starts_with('.') { format!("_{name}") } else { name };
    match name.char_indices().find(|(at, c)| at + c.len_utf8() > LONGEST) {
        Some((at, _)) => name[..at].to_owned(),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(paths: &[&str]) -> Vec<String> {
        let mut taken = HashSet::from(["index.html".to_owned()]);
        paths.iter().map(|path| page(path, &mut taken)).collect()
    }

    #[test]
    fn a_page_stands_in_the_folder_whatever_the_path() {
        assert_eq!(
            pages(&["docs/a b.md", "../x/../../é.md", "/etc/g.md", "./.hid/a:b.md", "..", ""]),
            [
                "docs/a b.md.html",
                "up/up/é.md.html",
                "etc/g.md.html",
                "_.hid/a_b.md.html",
                "up.html",
                "guide.html"
            ]
        );
    }

    #[test]
    fn no_two_guides_share_a_page() {
        assert_eq!(
            pages(&["a.md", "A.md", "./a.md", "index", "a?.md", "a*.md"]),
            ["a.md.html", "A.md-2.html", "a.md-3.html", "index-2.html", "a_.md.html", "a_.md-2.html"]
        );
        assert!(pages(&[&"é".repeat(300)])[0].len() < 255);
    }

    #[test]
    fn links_lead_from_page_to_page() {
        let guides = HashMap::from([("docs/a.md".to_owned(), 0), ("b c.md".to_owned(), 1)]);
        let pages = vec!["docs/a.md.html".to_owned(), "b c.md.html".to_owned()];
        let site = Links { pages, alone: true, guides: guides.clone() };
        let from = |link| site.resolved(0, "docs/a.md", link);
        assert_eq!(from("../b%20c.md#two").as_deref(), Some("../b%20c.md.html#h-two"));
        assert_eq!(from("#x").as_deref(), Some("#h-x"));
        assert_eq!(from("a.md").as_deref(), Some("../docs/a.md.html"));
        assert_eq!(from("other.md"), None);
        let page = Links { pages: Vec::new(), alone: false, guides };
        assert_eq!(page.resolved(0, "docs/a.md", "../b c.md").as_deref(), Some("#g2-guide"));
        assert_eq!(page.resolved(0, "docs/a.md", "#x").as_deref(), Some("#g1-h-x"));
    }
}
