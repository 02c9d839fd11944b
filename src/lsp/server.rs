//! The server: takes what happens, one event after the other, and never waits for a check.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::mpsc::Sender;

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use lsp_types::notification::{self as told, Notification as _};
use lsp_types::request::{self as asked, Request as _};
use lsp_types::{
    CodeActionOrCommand, CodeActionParams, CodeLensParams, ConfigurationItem, ConfigurationParams,
    DidChangeConfigurationParams, ExecuteCommandParams, HoverParams, InitializeParams, InlayHintParams, Url,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::checker::Job;
use super::checks::{Running, Wanted};
use super::documents::Document;
use super::position::Encoding;
use super::settings::Settings;
use super::start::{self, Features};
use super::wire::{Client, Event, refusal};
use super::{actions, hints, hover, lens};

/// How far the editor and the server have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting,
    Serving,
    ShutDown,
}

/// A server and all that it knows.
pub struct Server {
    pub(super) client: Client,
    pub(super) checker: Sender<Job>,
    pub(super) features: Features,
    pub(super) settings: Settings,
    /// The folders that are open.
    pub(super) folders: Vec<PathBuf>,
    pub(super) documents: BTreeMap<Url, Document>,
    /// Checks that wait for their turn.
    pub(super) queue: VecDeque<Wanted>,
    pub(super) running: Option<Running>,
    /// What was written into the log already.
    pub(super) said: BTreeSet<String>,
    /// The failure that was shown last, unless all went well since.
    pub(super) failure: Option<String>,
    phase: Phase,
    pub(super) encoding: Encoding,
    /// The request for settings that is not answered yet.
    asked: Option<RequestId>,
}

type Answer = Result<Value, ResponseError>;

impl Server {
    /// A server that waits for its editor.
    pub fn new(checker: Sender<Job>) -> Server {
        Server {
            client: Client::new(),
            checker,
            features: Features::default(),
            settings: Settings::default(),
            folders: Vec::new(),
            documents: BTreeMap::new(),
            queue: VecDeque::new(),
            running: None,
            said: BTreeSet::new(),
            failure: None,
            phase: Phase::Waiting,
            encoding: Encoding::Utf16,
            asked: None,
        }
    }

    /// Takes an event. Returns the exit code where it is the last one.
    pub fn take(&mut self, event: Event) -> Option<u8> {
        let over = Some(u8::from(self.phase != Phase::ShutDown));
        match event {
            Event::Message(Message::Notification(it)) if it.method == told::Exit::METHOD => return over,
            Event::Closed => return over,
            Event::Interrupted => return Some(2),
            Event::Message(Message::Notification(notification)) => self.told(notification),
            Event::Message(Message::Request(request)) => self.asked(request),
            Event::Message(Message::Response(response)) => self.answered(response),
            Event::Malformed(why) => self.client.log(format!("a message cannot be read: {why}")),
            Event::Done(done) => self.done(*done),
        }
        if self.client.is_gone { over } else { None }
    }

    /// Gives up what still runs.
    pub fn end(&mut self) {
        if let Some(running) = &self.running {
            running.cancel.cancel();
        }
    }

    fn asked(&mut self, Request { id, method, params }: Request) {
        let answer = match (self.phase, method.as_str()) {
            (Phase::Waiting, asked::Initialize::METHOD) => self.initialize(params),
            (Phase::Waiting, _) => {
                Err(refusal(ErrorCode::ServerNotInitialized, format!("`{method}` comes before `initialize`")))
            }
            (Phase::ShutDown, _) | (_, asked::Initialize::METHOD) => {
                Err(refusal(ErrorCode::InvalidRequest, format!("it is too late for `{method}`")))
            }
            (_, asked::Shutdown::METHOD) => {
                self.phase = Phase::ShutDown;
                self.end();
                Ok(Value::Null)
            }
            (_, asked::HoverRequest::METHOD) => answer(params, |it| self.hover(it)),
            (_, asked::InlayHintRequest::METHOD) => answer(params, |it| self.hints(it)),
            (_, asked::CodeActionRequest::METHOD) => answer(params, |it| self.actions(it)),
            (_, asked::CodeLensRequest::METHOD) => answer(params, |it| self.lenses(it)),
            (_, asked::ExecuteCommand::METHOD) => return self.execute(id, params),
            _ => {
                let why = format!("`{method}` is nothing that verify can do");
                Err(refusal(ErrorCode::MethodNotFound, why))
            }
        };
        self.client.answer(id, answer);
    }

    fn initialize(&mut self, params: Value) -> Answer {
        answer(params, |params: InitializeParams| {
            self.phase = Phase::Serving;
            self.encoding = start::encoding(&params.capabilities);
            self.features = Features::of(&params.capabilities);
            self.folders = start::folders(&params);
            self.set(&params.initialization_options.unwrap_or_default());
            start::result(self.encoding)
        })
    }

    fn told(&mut self, Notification { method, params }: Notification) {
        if self.phase != Phase::Serving {
            return;
        }
        let read = match method.as_str() {
            told::Initialized::METHOD => {
                if self.features.watches_files {
                    self.client.ask::<asked::RegisterCapability>(start::watched_files());
                }
                Ok(())
            }
            told::DidOpenTextDocument::METHOD => take(params, |it| self.open(it)),
            told::DidChangeTextDocument::METHOD => take(params, |it| self.change(it)),
            told::DidSaveTextDocument::METHOD => take(params, |it| self.save(it)),
            told::DidCloseTextDocument::METHOD => take(params, |it| self.close(it)),
            told::DidChangeWatchedFiles::METHOD => take(params, |it| self.files_changed(it)),
            told::DidChangeConfiguration::METHOD => take(params, |it| self.configure(it)),
            told::DidChangeWorkspaceFolders::METHOD => take(params, |it| self.change_folders(it)),
            told::Cancel::METHOD => take(params, |it| self.cancel_request(it)),
            told::WorkDoneProgressCancel::METHOD => take(params, |it| self.cancel_progress(it)),
            // Whatever else there is can be passed over.
            _ => Ok(()),
        };
        if let Err(why) = read {
            self.client.log(format!("`{method}` cannot be read: {why}"));
        }
    }

    /// Takes settings over, as far as they are some. Says whether they are others than before.
    fn set(&mut self, value: &Value) -> bool {
        match Settings::read(value) {
            Ok(settings) => std::mem::replace(&mut self.settings, settings.clone()) != settings,
            Err(error) => {
                self.client.show(&format!("{error:#}"));
                false
            }
        }
    }

    fn configure(&mut self, DidChangeConfigurationParams { settings }: DidChangeConfigurationParams) {
        if settings.is_null() && self.features.configuration {
            let item = ConfigurationItem { scope_uri: None, section: Some("verify".to_owned()) };
            let params = ConfigurationParams { items: vec![item] };
            self.asked = Some(self.client.ask::<asked::WorkspaceConfiguration>(params));
        } else if self.set(&settings) {
            self.check_again(|_| true);
        }
    }

    /// An answer of the editor: only that about settings says something.
    fn answered(&mut self, response: Response) {
        if self.asked.as_ref() != Some(&response.id) {
            return;
        }
        self.asked = None;
        let settings = response.response_result.ok().and_then(|found| found.get(0).cloned());
        if self.set(&settings.unwrap_or_default()) {
            self.check_again(|_| true);
        }
    }

    fn hover(&self, params: HoverParams) -> Option<lsp_types::Hover> {
        let place = params.text_document_position_params;
        hover::hover(self.guide(&place.text_document.uri)?, place.position)
    }

    fn hints(&self, params: InlayHintParams) -> Vec<lsp_types::InlayHint> {
        let guide = self.guide(&params.text_document.uri);
        guide.map(|guide| hints::hints(guide, params.range)).unwrap_or_default()
    }

    fn lenses(&self, params: CodeLensParams) -> Vec<lsp_types::CodeLens> {
        self.guide(&params.text_document.uri).map(lens::lenses).unwrap_or_default()
    }

    fn actions(&self, params: CodeActionParams) -> Vec<CodeActionOrCommand> {
        let Some(guide) = self.guide(&params.text_document.uri) else { return Vec::new() };
        let found = actions::actions(guide, params.range, &params.context, self.features.versioned_edits);
        found.into_iter().map(CodeActionOrCommand::CodeAction).collect()
    }

    fn guide(&self, url: &Url) -> Option<&Document> {
        self.documents.get(url).filter(|document| document.is_guide)
    }

    fn execute(&mut self, id: RequestId, params: Value) {
        let command = serde_json::from_value(params).map_err(|error| error.to_string());
        let wanted = command.and_then(|params: ExecuteCommandParams| self.command(id.clone(), params));
        match wanted {
            Ok(Some(wanted)) => self.want(wanted),
            Ok(None) => {
                self.check_all(|_| true);
                self.client.answer(id, Ok(Value::Null));
            }
            Err(why) => self.client.answer(id, Err(refusal(ErrorCode::InvalidParams, why))),
        }
    }

    /// What a command wants; nothing in particular where it names no document. The error says what it lacks.
    fn command(&self, id: RequestId, params: ExecuteCommandParams) -> Result<Option<Wanted>, String> {
        let text = |at: usize| params.arguments.get(at).and_then(Value::as_str);
        let only = match (params.command.as_str(), text(1)) {
            (lens::CHECK, _) if params.arguments.is_empty() => return Ok(None),
            (lens::CHECK, _) => Vec::new(),
            (lens::RUN_SNIPPET, Some(snippet)) => vec![snippet.to_owned()],
            (lens::RUN_SNIPPET, None) => return Err("which snippet? Its id is the second argument".into()),
            (other, _) => return Err(format!("there is no command `{other}`")),
        };
        let url = text(0)
            .and_then(|url| url.parse().ok())
            .ok_or("which document? Its URI is the first argument")?;
        let document = self.guide(&url).ok_or(format!("{url} is not open"))?;
        if let Some(unknown) = only.iter().find(|id| document.snippets().iter().all(|it| it.id != **id)) {
            return Err(format!("no snippet is called `{unknown}` any more"));
        }
        let token = params.work_done_progress_params.work_done_token;
        Ok(Some(Wanted { url, only, requests: vec![id], token }))
    }
}

/// Answers a request whose parameters can be read.
fn answer<P: DeserializeOwned, R: Serialize>(params: Value, answer: impl FnOnce(P) -> R) -> Answer {
    let unreadable = |error: serde_json::Error| refusal(ErrorCode::InvalidParams, error.to_string());
    let answer = answer(serde_json::from_value(params).map_err(unreadable)?);
    serde_json::to_value(answer).map_err(|error| refusal(ErrorCode::InternalError, error.to_string()))
}

/// Takes a notification whose parameters can be read.
fn take<P: DeserializeOwned>(params: Value, take: impl FnOnce(P)) -> Result<(), serde_json::Error> {
    serde_json::from_value(params).map(take)
}
