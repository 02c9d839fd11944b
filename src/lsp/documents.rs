//! What is open in the editor, and what is known about it.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{TextDocumentContentChangeEvent, TextDocumentItem, Url};

use super::carried::Checked;
use super::position::{Encoding, Text};
use crate::config;
use crate::guide::{self, Source};

/// What the name of a companion ends with.
const COMPANION: &str = ".check.py";

/// A document that is open.
pub struct Document {
    /// Its address, as the editor says it.
    pub url: Url,
    /// Where its file is, if it has one.
    pub path: Option<PathBuf>,
    /// Whether it is a guide, and not a companion or something else.
    pub is_guide: bool,
    /// Counts its changes.
    pub version: i32,
    /// Its text, as the editor has it.
    pub text: Arc<Text>,
    /// What was last found in it.
    pub checked: Option<Checked>,
    /// Its companions about which the editor was told something.
    pub told: BTreeSet<Url>,
    carried: OnceCell<Checked>,
    snippets: OnceCell<Vec<Place>>,
}

/// A snippet as the text has it now.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Its id.
    pub id: String,
    /// The line of its fence.
    pub opening: usize,
    /// Its first line.
    pub first: usize,
}

impl Document {
    /// A document that was opened.
    pub fn open(item: TextDocumentItem, encoding: Encoding) -> Document {
        let path = item.uri.to_file_path().ok();
        Document {
            is_guide: !is_companion(path.as_deref()),
            path,
            url: item.uri,
            version: item.version,
            text: Arc::new(Text::new(item.text, encoding)),
            checked: None,
            told: BTreeSet::new(),
            carried: OnceCell::new(),
            snippets: OnceCell::new(),
        }
    }

    /// Takes changes over, each to what the one before left.
    pub fn change(&mut self, version: i32, changes: Vec<TextDocumentContentChangeEvent>) {
        self.version = version;
        for change in changes {
            self.text = Arc::new(self.text.changed(change.range, &change.text));
        }
        (self.carried, self.snippets) = (OnceCell::new(), OnceCell::new());
    }

    /// Keeps what a check found: of the whole guide, or besides what is known.
    pub fn keep(&mut self, found: Checked, is_whole: bool) {
        let before = self.checked.take().filter(|_| !is_whole);
        self.checked = Some(match before {
            Some(before) => {
                let mut before = before.carried(&found.text);
                before.name_snippets(&places(&self.name(), &found.text));
                before.with(found)
            }
            None => found,
        });
        self.carried = OnceCell::new();
    }

    /// Forgets what was found.
    pub fn forget(&mut self) {
        (self.checked, self.carried) = (None, OnceCell::new());
    }

    /// What is known about the text as it is now.
    pub fn known(&self) -> Option<&Checked> {
        let checked = self.checked.as_ref()?;
        match self.is_as_checked() {
            true => Some(checked),
            false => Some(self.carried.get_or_init(|| checked.carried(&self.text))),
        }
    }

    /// Whether it is still the text that was checked.
    pub fn is_as_checked(&self) -> bool {
        self.checked.as_ref().is_some_and(|checked| checked.text == self.text)
    }

    /// The snippets of the text as it is now.
    pub fn snippets(&self) -> &[Place] {
        self.snippets.get_or_init(|| places(&self.name(), &self.text))
    }

    /// The path that it goes by in reports: from the folder of the server, as on the command line.
    pub fn name(&self) -> PathBuf {
        match &self.path {
            Some(path) => config::shown(path).into(),
            None => self.url.path().into(),
        }
    }
}

/// The snippets of a text.
fn places(name: &Path, text: &Text) -> Vec<Place> {
    let source = Source::new(text.text.clone().into_bytes());
    let read = source.and_then(|source| guide::read(&name.to_string_lossy(), source));
    let Ok(guide) = read else { return Vec::new() };
    let place = |snippet: &guide::Snippet| Place {
        id: snippet.id.clone(),
        opening: guide.place(snippet.opening).1,
        first: guide.place(snippet.lines.0).1,
    };
    guide.snippets.iter().map(place).collect()
}

/// Whether a file continues a guide's snippet.
pub fn is_companion(path: Option<&Path>) -> bool {
    path.is_some_and(|path| path.to_string_lossy().ends_with(COMPANION))
}

/// The address of a companion, which goes by a path from the folder of the server.
pub fn address(path: &str) -> Option<Url> {
    Url::from_file_path(std::path::absolute(path).ok()?).ok()
}
