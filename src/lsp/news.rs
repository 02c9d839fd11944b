//! What the editor is told: what was found, how far a check is, and what went wrong.

use lsp_types::notification::{Progress, PublishDiagnostics};
use lsp_types::request::{CodeLensRefresh, InlayHintRefreshRequest, WorkDoneProgressCreate};
use lsp_types::{
    NumberOrString, ProgressParams, ProgressParamsValue, PublishDiagnosticsParams, Url, WorkDoneProgress,
    WorkDoneProgressBegin, WorkDoneProgressCreateParams, WorkDoneProgressEnd,
};

use super::checks::Wanted;
use super::diagnostics;
use super::documents::Document;
use super::server::Server;

impl Server {
    /// Shows a failure of verify itself, once as long as it lasts.
    pub(super) fn fail(&mut self, why: &str) {
        if self.failure.as_deref() != Some(why) {
            self.client.show(why);
            self.failure = Some(why.to_owned());
        }
    }

    /// Writes into the log what is not there yet.
    pub(super) fn warn(&mut self, what: String) {
        if self.said.insert(what.clone()) {
            self.client.log(what);
        }
    }

    /// Changes what is known about a document, and tells the editor.
    pub(super) fn update(&mut self, url: &Url, change: impl FnOnce(&mut Document)) {
        let Some(mut document) = self.documents.remove(url) else { return };
        change(&mut document);
        let version = document.version;
        self.tell(&mut document, Some(version));
        self.documents.insert(url.clone(), document);
        if self.features.hint_refresh {
            self.client.ask::<InlayHintRefreshRequest>(());
        }
        if self.features.lens_refresh {
            self.client.ask::<CodeLensRefresh>(());
        }
    }

    /// Tells the editor what is found, of companions also where nothing is found any more.
    pub(super) fn tell(&mut self, document: &mut Document, version: Option<i32>) {
        let mut found = diagnostics::of(document);
        let told = std::mem::take(&mut document.told);
        document.told = found.keys().filter(|url| **url != document.url).cloned().collect();
        for url in told {
            found.entry(url).or_default();
        }
        for (uri, diagnostics) in found {
            let version = version.filter(|_| uri == document.url);
            self.client.tell::<PublishDiagnostics>(PublishDiagnosticsParams { uri, diagnostics, version });
        }
    }

    pub(super) fn begin_progress(&mut self, wanted: &mut Wanted, name: String) {
        if wanted.token.is_none() && self.features.progress {
            let token = NumberOrString::String(format!("verify/{}", self.client.next()));
            let params = WorkDoneProgressCreateParams { token: token.clone() };
            self.client.ask::<WorkDoneProgressCreate>(params);
            wanted.token = Some(token);
        }
        self.progress(
            wanted,
            WorkDoneProgress::Begin(WorkDoneProgressBegin {
                title: "verify".to_owned(),
                cancellable: Some(true),
                message: Some(name),
                percentage: None,
            }),
        );
    }

    pub(super) fn end_progress(&mut self, wanted: &Wanted) {
        self.progress(wanted, WorkDoneProgress::End(WorkDoneProgressEnd { message: None }));
    }

    pub(super) fn progress(&mut self, wanted: &Wanted, value: WorkDoneProgress) {
        if let Some(token) = wanted.token.clone() {
            let value = ProgressParamsValue::WorkDone(value);
            self.client.tell::<Progress>(ProgressParams { token, value });
        }
    }
}
