//! What a URL answers.

use super::resolve::{Done, Written, problem};
use crate::keys::{Answer, Placed, TextOr};
use crate::needs::{Content, Page};

impl Written<'_> {
    pub(super) fn page(&self, url: &Placed<String>, answer: &Placed<Answer>) -> Done<Page> {
        let mut page = Page {
            url: url.value().clone(),
            status: 200,
            headers: Default::default(),
            body: Content::Inline("".into()),
        };
        page.address().or_else(|message| problem(url, message))?;
        let response = match answer.value() {
            TextOr::Text(body) => return Ok(Page { body: Content::Inline(body.as_str().into()), ..page }),
            TextOr::Table(response) => response,
        };
        if let Some(status) = &response.status {
            if !(100..600).contains(status.value()) {
                return problem(status, format!("{} is no status: they go from 100 to 599", status.value()));
            }
            page.status = *status.value();
        }
        for (name, value) in &response.headers {
            let whole = format!("{}{value}", name.value());
            if name.value().is_empty() || whole.contains(['\r', '\n', '\0']) {
                return problem(name, "this is no header: write a name and a text of one line");
            }
            page.headers.insert(name.value().clone(), value.clone());
        }
        page.body = match (&response.body, &response.path) {
            (Some(_), Some(path)) => {
                return problem(path, "the body is given twice: write either `body` or `path`");
            }
            (None, Some(path)) => Content::From(self.file(path)?),
            (body, None) => Content::Inline(body.as_deref().unwrap_or_default().into()),
        };
        Ok(page)
    }
}
