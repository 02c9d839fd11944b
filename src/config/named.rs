//! The files that a configuration and the directives of a guide name: what a guide's report depends on beside them.

use std::path::{Path, PathBuf};

use super::{Config, PROJECT, matches};
use crate::guide::{Guide, Order};
use crate::keys::{Keys, Text, TextOr};

/// Files that are named for the snippets of a guide, be there such files or not.
#[derive(Debug, Default, PartialEq)]
pub struct Named {
    /// Files, and folders with all that is in them.
    pub files: Vec<PathBuf>,
    /// Requirements files, which may name others.
    pub requirements: Vec<PathBuf>,
}

/// What is named for the snippets of a guide.
pub fn named(config: &Config, guide: &Guide) -> Named {
    let mut named = Named::default();
    let mut add = |keys: &Keys| named.add(&config.folder, keys);
    add(&config.project.keys());
    let inside = config.inside(&guide.path);
    for table in config.project.guide.iter().filter(|table| matches(table.path.value(), &inside)) {
        add(&table.keys());
        table.block.values().chain(table.snippet.values()).for_each(&mut add);
    }
    for directive in guide.snippets.iter().flat_map(|snippet| &snippet.directives) {
        if let Order::With(given) = &directive.order {
            add(&given.keys);
        }
    }
    named
}

impl Named {
    fn add(&mut self, folder: &Path, keys: &Keys) {
        let of_text = |text: &Text| match text {
            TextOr::Table(from) => Some(folder.join(from.path.value())),
            TextOr::Text(_) => None,
        };
        let texts = keys.files.values().chain(&keys.stdin);
        let texts = texts.chain(keys.setup.iter().chain(keys.sqlite.values()).map(|text| text.value()));
        self.files.extend(texts.filter_map(of_text));
        for answer in keys.http.values() {
            if let TextOr::Table(response) = answer.value() {
                self.files.extend(response.path.iter().map(|path| folder.join(path.value())));
            }
        }
        if !keys.groups.is_empty() {
            self.files.push(folder.join(PROJECT));
        }
        self.requirements.extend(keys.requirements.iter().map(|path| folder.join(path.value())));
    }
}
