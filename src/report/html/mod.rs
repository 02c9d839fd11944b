//! The report as web pages: each guide as its readers see it, with what became of its claims where they stand.
//! A page loads nothing, runs no script but its own, and is read without any.

mod article;
mod body;
mod clean;
mod code;
mod colored;
mod links;
mod marks;
mod notes;
mod page;
mod site;
mod snippet;
mod text;

use std::io::{self, Write};
use std::sync::Arc;

use super::{AnyReport, GuideReport};
use crate::guide::Shown;
use links::Links;
pub use site::write as write_site;

/// What is drawn, and where it will stand.
#[derive(Clone, Copy)]
struct View<'a> {
    report: &'a AnyReport,
    guide: &'a GuideReport,
    /// The place of the guide among the report's.
    index: usize,
    links: &'a Arc<Links>,
    shown: &'a Shown,
}

impl View<'_> {
    /// What the names of places on the page begin with.
    fn prefix(&self) -> String {
        self.links.prefix(self.index)
    }
}

/// Writes one page with all guides.
pub fn write(report: &AnyReport, to: &mut dyn Write) -> io::Result<()> {
    let links = Arc::new(Links::of_page(&page::listed(report)?));
    to.write_all(page::all(report, &links)?.as_bytes())
}
