//! Which guide is checked when. One at a time; what is newer comes instead of what is older.

use std::collections::VecDeque;
use std::path::Path;

use lsp_server::{ErrorCode, RequestId};
use lsp_types::{CancelParams, NumberOrString, ProgressToken, Url, WorkDoneProgressCancelParams};
use serde_json::Value;

use super::checker::{Done, Job};
use super::server::Server;
use super::wire::refusal;
use crate::run::Cancel;

/// A check that somebody wants.
pub struct Wanted {
    /// The document.
    pub url: Url,
    /// Only these snippets; all where it is empty.
    pub only: Vec<String>,
    /// Requests to answer when it is done.
    pub requests: Vec<RequestId>,
    /// Where its progress goes, if the editor says so.
    pub token: Option<ProgressToken>,
}

/// The check that is under way.
pub struct Running {
    /// What is wanted.
    pub wanted: Wanted,
    /// Ends it.
    pub cancel: Cancel,
}

impl Server {
    /// Wants a whole document checked.
    pub(super) fn want_whole(&mut self, url: Url) {
        self.want(Wanted { url, only: Vec::new(), requests: Vec::new(), token: None });
    }

    /// Wants a check. One of a whole guide comes instead of all others of it, of which it answers the requests.
    pub(super) fn want(&mut self, mut wanted: Wanted) {
        if wanted.only.is_empty() {
            self.queue.retain_mut(|other| {
                let is_other = other.url != wanted.url;
                if !is_other {
                    wanted.requests.append(&mut other.requests);
                }
                is_other
            });
            if let Some(running) = self.running.as_mut().filter(|running| running.wanted.url == wanted.url) {
                wanted.requests.append(&mut running.wanted.requests);
                running.cancel.cancel();
            }
        }
        self.queue.push_back(wanted);
        self.start_next();
    }

    /// Takes back all that is wanted of a document.
    pub(super) fn give_up(&mut self, url: &Url) {
        let queue = std::mem::take(&mut self.queue);
        let (gone, kept): (VecDeque<_>, _) = queue.into_iter().partition(|it| it.url == *url);
        self.queue = kept;
        gone.into_iter().flat_map(|wanted| wanted.requests).for_each(|id| self.refuse(id));
        if let Some(running) = self.running.as_ref().filter(|running| running.wanted.url == *url) {
            running.cancel.cancel();
        }
    }

    fn refuse(&mut self, id: RequestId) {
        self.client.answer(id, Err(refusal(ErrorCode::RequestCanceled, "the check was cancelled")));
    }

    pub(super) fn cancel_request(&mut self, params: CancelParams) {
        let id = match params.id {
            NumberOrString::Number(number) => number.into(),
            NumberOrString::String(name) => RequestId::from(name),
        };
        let running = self.running.as_mut().map(|running| &mut running.wanted);
        let Some(wanted) = running.into_iter().chain(&mut self.queue).find(|it| it.requests.contains(&id))
        else {
            return;
        };
        wanted.requests.retain(|other| *other != id);
        // A check that somebody else waits for goes on.
        let is_needed = |wanted: &Wanted| !wanted.requests.is_empty() || wanted.only.is_empty();
        self.queue.retain(is_needed);
        if let Some(running) = self.running.as_ref().filter(|running| !is_needed(&running.wanted)) {
            running.cancel.cancel();
        }
        self.refuse(id);
    }

    pub(super) fn cancel_progress(&mut self, params: WorkDoneProgressCancelParams) {
        let is_meant = |running: &&Running| running.wanted.token.as_ref() == Some(&params.token);
        if let Some(running) = self.running.as_ref().filter(is_meant) {
            running.cancel.cancel();
        }
    }

    /// Starts the next check, if none is under way.
    fn start_next(&mut self) {
        while self.running.is_none() {
            let Some(mut wanted) = self.queue.pop_front() else { return };
            let (Some(document), Ok(cancel)) = (self.documents.get(&wanted.url), Cancel::new()) else {
                wanted.requests.into_iter().for_each(|id| self.refuse(id));
                continue;
            };
            let folder = match &document.path {
                Some(path) => path.parent().filter(|folder| folder.is_dir()),
                None => self.folders.first().map(|folder| folder.as_path()),
            };
            let job = Job {
                url: wanted.url.clone(),
                name: document.name(),
                folder: folder.map(Path::to_owned),
                text: document.text.clone(),
                only: wanted.only.clone(),
                settings: self.settings.clone(),
                cancel: cancel.clone(),
            };
            let name = job.name.display().to_string();
            self.begin_progress(&mut wanted, name);
            // Its thread ends after this one.
            let _ = self.checker.send(job);
            self.running = Some(Running { wanted, cancel });
        }
    }

    /// Takes what became of a check.
    pub(super) fn done(&mut self, done: Done) {
        let Some(Running { wanted, .. }) = self.running.take() else { return };
        self.end_progress(&wanted);
        match done.found {
            Ok(Some(outcome)) => {
                self.failure = None;
                outcome.warnings.into_iter().for_each(|warning| self.warn(warning));
                self.update(&done.url, |document| document.keep(outcome.checked, wanted.only.is_empty()));
                wanted.requests.into_iter().for_each(|id| self.client.answer(id, Ok(Value::Null)));
            }
            Ok(None) => wanted.requests.into_iter().for_each(|id| self.refuse(id)),
            Err(why) => {
                self.fail(&why);
                let refusal = || Err(refusal(ErrorCode::RequestFailed, why.clone()));
                wanted.requests.into_iter().for_each(|id| self.client.answer(id, refusal()));
            }
        }
        self.start_next();
    }
}
