//! What is opened, edited, saved, closed or deleted.

use std::path::Path;

use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, FileChangeType,
};

use super::documents::{Document, is_companion};
use super::position::Text;
use super::server::Server;
use super::start;
use crate::config;

impl Server {
    pub(super) fn open(&mut self, params: DidOpenTextDocumentParams) {
        let document = Document::open(params.text_document, self.encoding);
        let (url, is_guide) = (document.url.clone(), document.is_guide);
        self.documents.insert(url.clone(), document);
        if is_guide && self.settings.runs_what_is_opened() {
            self.want_whole(url);
        }
    }

    pub(super) fn change(&mut self, params: DidChangeTextDocumentParams) {
        if let Some(document) = self.documents.get_mut(&params.text_document.uri) {
            document.change(params.text_document.version, params.content_changes);
        }
    }

    pub(super) fn save(&mut self, params: DidSaveTextDocumentParams) {
        let url = params.text_document.uri;
        let Some(document) = self.documents.get_mut(&url) else { return };
        if let Some(text) = params.text.filter(|text| *text != document.text.text) {
            document.text = Text::new(text, self.encoding).into();
            document.change(document.version, Vec::new());
        }
        match (document.is_guide, document.path.clone()) {
            (true, _) => self.want_whole(url),
            (false, Some(path)) => self.companion_changed(&path),
            (false, None) => {}
        }
    }

    pub(super) fn close(&mut self, params: DidCloseTextDocumentParams) {
        let url = params.text_document.uri;
        self.give_up(&url);
        if let Some(mut document) = self.documents.remove(&url) {
            document.forget();
            self.tell(&mut document, None);
        }
    }

    /// A configuration, a companion or a guide was changed or deleted, by whomever.
    pub(super) fn files_changed(&mut self, params: DidChangeWatchedFilesParams) {
        for change in params.changes {
            let Some(path) = start::path(&change.uri) else { continue };
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if [config::FILE, config::PROJECT].contains(&name) {
                let folder = path.parent().map(Path::to_owned).unwrap_or_default();
                self.check_again(|document| {
                    document.path.as_ref().is_none_or(|path| path.starts_with(&folder))
                });
            } else if is_companion(Some(&path)) {
                self.companion_changed(&path);
            } else if change.typ == FileChangeType::DELETED {
                self.give_up(&change.uri);
                self.update(&change.uri, Document::forget);
            }
        }
    }

    pub(super) fn change_folders(&mut self, params: DidChangeWorkspaceFoldersParams) {
        let gone: Vec<_> =
            params.event.removed.iter().filter_map(|folder| start::path(&folder.uri)).collect();
        self.folders.retain(|folder| !gone.contains(folder));
        self.folders.extend(params.event.added.iter().filter_map(|folder| start::path(&folder.uri)));
    }

    /// Checks the guides to which a companion may belong: those after which its folder is called.
    fn companion_changed(&mut self, companion: &Path) {
        let folder = companion.parent().and_then(Path::file_name);
        self.check_again(|document| document.path.as_ref().is_some_and(|path| path.file_stem() == folder));
    }

    /// Checks guides again, if they were or may be.
    pub(super) fn check_again(&mut self, which: impl Fn(&Document) -> bool) {
        let may_run = self.settings.runs_what_is_opened();
        self.check_all(|document| (may_run || document.checked.is_some()) && which(document));
    }

    /// Checks guides.
    pub(super) fn check_all(&mut self, which: impl Fn(&Document) -> bool) {
        let guides = self.documents.values().filter(|document| document.is_guide && which(document));
        let urls: Vec<_> = guides.map(|guide| guide.url.clone()).collect();
        urls.into_iter().for_each(|url| self.want_whole(url));
    }
}
