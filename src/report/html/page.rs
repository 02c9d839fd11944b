//! A page around one guide, around all, or around the list of all.

use std::io;
use std::sync::Arc;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::article::{Article, Bar};
use super::links::Links;
use super::text::{Plain, count};
use crate::report::{AnyReport, GuideReport, Summary};

/// What begins every page: by it a page of ours is known.
pub const MARK: &str = "<!doctype html>\n<!-- written by verify -->\n";
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    mark: &'static str,
    version: &'a str,
    policy: String,
    title: Plain<'a>,
    style: &'static str,
    script: &'static str,
    index: Option<String>,
    pythons: String,
    /// Counts for the filter, where there is a guide to filter.
    sum: Option<Summary>,
    found: String,
    guides: Vec<Entry<'a>>,
    articles: Vec<Article<'a>>,
}

/// A guide in the list of all.
struct Entry<'a> {
    to: String,
    path: Plain<'a>,
    broken: bool,
    sum: Summary,
    bar: Bar,
}

/// All guides on one page.
pub fn all(report: &AnyReport, links: &Arc<Links>) -> io::Result<String> {
    let listed = listed(report)?;
    let all = report.guides.iter().collect::<io::Result<Vec<_>>>()?;
    let article = |(index, guide)| Article::of(report, guide, index, links);
    let all = all.iter().map(std::ops::Deref::deref).enumerate();
    let articles = all.map(article).collect::<askama::Result<_>>().map_err(io::Error::other)?;
    let (title, guides) = match &listed[..] {
        [only] => (only.path.as_str(), Vec::new()),
        _ => ("verify", entries(&listed, links)),
    };
    let sum = report.summary.clone();
    rendered(Page { articles, guides, sum: Some(sum), ..page(report, title) })
}

/// The page of one guide of several.
pub fn one(report: &AnyReport, index: usize, links: &Arc<Links>) -> io::Result<String> {
    let guide = report.guides.get(index)?;
    let article = Article::of(report, &guide, index, links).map_err(io::Error::other)?;
    let index = links.to_index(index);
    rendered(Page { articles: vec![article], index, sum: Some(guide.count()), ..page(report, &guide.path) })
}

/// The list of all guides.
pub fn index(report: &AnyReport, listed: &[Listed], links: &Arc<Links>) -> io::Result<String> {
    rendered(Page { guides: entries(listed, links), ..page(report, "verify") })
}

fn page<'a>(report: &'a AnyReport, title: &'a str) -> Page<'a> {
    let pythons: Vec<_> = report.pythons.iter().map(|p| format!("{} {}", p.implementation, p.id)).collect();
    Page {
        mark: MARK,
        version: &report.tool.version,
        policy: policy(),
        title: Plain(title),
        style: STYLE,
        script: SCRIPT,
        index: None,
        pythons: pythons.join(", "),
        sum: None,
        found: String::new(),
        guides: Vec::new(),
        articles: Vec::new(),
    }
}

fn rendered(mut page: Page<'_>) -> io::Result<String> {
    page.found = page.sum.as_ref().map(found).unwrap_or_default();
    page.render().map_err(io::Error::other)
}

fn found(sum: &Summary) -> String {
    match (sum.errors, sum.warnings) {
        (0, 0) => "no errors".to_owned(),
        (0, warnings) => count(warnings, "warning"),
        (errors, 0) => count(errors, "error"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}

/// What the list of all says about a guide.
pub struct Listed {
    /// Its path.
    pub path: String,
    broken: bool,
    sum: Summary,
}

/// All guides of a report.
pub fn listed(report: &AnyReport) -> io::Result<Vec<Listed>> {
    let of = |guide: &GuideReport| {
        Some(Listed { path: guide.path.clone(), broken: guide.error.is_some(), sum: guide.count() })
    };
    report.guides.flat_map(of)
}

/// Those with most mistakes first.
fn entries<'a>(listed: &'a [Listed], links: &Arc<Links>) -> Vec<Entry<'a>> {
    let entry = |(index, guide): (usize, &'a Listed)| {
        let Listed { path, broken, sum } = guide;
        let (to, bar) = (links.to_guide(index), Bar::of(sum));
        Entry { to, path: Plain(path), broken: *broken, bar, sum: sum.clone() }
    };
    let mut entries: Vec<_> = listed.iter().enumerate().map(entry).collect();
    entries.sort_by_key(|entry| {
        (!entry.broken, std::cmp::Reverse((entry.sum.errors, entry.sum.false_, entry.sum.warnings)))
    });
    entries
}

/// What the browser lets a page do: its own style and script, and nothing else.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, text.as_bytes())));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
