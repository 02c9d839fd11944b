//! What the editor and the server tell each other about themselves at the start.

use std::path::PathBuf;

use lsp_types::notification::{DidChangeWatchedFiles, Notification};
use lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CodeLensOptions,
    DidChangeWatchedFilesRegistrationOptions, ExecuteCommandOptions, FileSystemWatcher,
    HoverProviderCapability, InitializeParams, InitializeResult, OneOf, Registration, RegistrationParams,
    SaveOptions, ServerCapabilities, ServerInfo, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Url, WatchKind, WorkDoneProgressOptions,
    WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};

use super::actions::FIX_ALL;
use super::lens::{CHECK, RUN_SNIPPET};
use super::position::Encoding;
use crate::config;

/// What an editor can do beyond what all can.
#[derive(Clone, Copy, Debug, Default)]
pub struct Features {
    /// It minds which version of a text an edit is for.
    pub versioned_edits: bool,
    /// It tells of changed files.
    pub watches_files: bool,
    /// It shows progress.
    pub progress: bool,
    /// It asks again for hints.
    pub hint_refresh: bool,
    /// It asks again for lenses.
    pub lens_refresh: bool,
    /// It can be asked for settings.
    pub configuration: bool,
}

impl Features {
    /// What it says it can do.
    pub fn of(client: &ClientCapabilities) -> Features {
        let workspace = client.workspace.clone().unwrap_or_default();
        let is_so = |flag: Option<bool>| flag == Some(true);
        Features {
            versioned_edits: is_so(workspace.workspace_edit.and_then(|it| it.document_changes)),
            watches_files: is_so(workspace.did_change_watched_files.and_then(|it| it.dynamic_registration)),
            progress: is_so(client.window.as_ref().and_then(|it| it.work_done_progress)),
            hint_refresh: is_so(workspace.inlay_hint.and_then(|it| it.refresh_support)),
            lens_refresh: is_so(workspace.code_lens.and_then(|it| it.refresh_support)),
            configuration: is_so(workspace.configuration),
        }
    }
}

/// The columns that are agreed on.
pub fn encoding(client: &ClientCapabilities) -> Encoding {
    Encoding::agreed(client.general.as_ref().and_then(|general| general.position_encodings.as_ref()))
}

/// The folders that are open.
pub fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    #[expect(deprecated, reason = "older editors know no other way to say it")]
    let root = params.root_uri.as_ref();
    let folders = params.workspace_folders.iter().flatten().map(|folder| &folder.uri);
    let mut folders: Vec<_> = folders.filter_map(path).collect();
    if folders.is_empty() {
        folders.extend(root.and_then(path));
    }
    folders
}

/// Where a folder is.
pub fn path(url: &Url) -> Option<PathBuf> {
    url.to_file_path().ok()
}

/// What the server can do.
pub fn result(encoding: Encoding) -> InitializeResult {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    let actions = CodeActionOptions {
        code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, FIX_ALL]),
        ..CodeActionOptions::default()
    };
    let commands = ExecuteCommandOptions {
        commands: vec![RUN_SNIPPET.to_owned(), CHECK.to_owned()],
        work_done_progress_options: WorkDoneProgressOptions { work_done_progress: Some(true) },
    };
    let folders = WorkspaceFoldersServerCapabilities {
        supported: Some(true),
        change_notifications: Some(OneOf::Left(true)),
    };
    InitializeResult {
        capabilities: ServerCapabilities {
            position_encoding: Some(encoding.kind()),
            text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            inlay_hint_provider: Some(OneOf::Left(true)),
            code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
            code_action_provider: Some(CodeActionProviderCapability::Options(actions)),
            execute_command_provider: Some(commands),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(folders),
                file_operations: None,
            }),
            ..ServerCapabilities::default()
        },
        server_info: Some(ServerInfo {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    }
}

/// Asks to be told of files that change what is found, and of guides that are deleted.
pub fn watched_files() -> RegistrationParams {
    let any = |pattern: String, kind| FileSystemWatcher { glob_pattern: pattern.into(), kind };
    let files = [config::FILE, config::PROJECT, "*.check.py"];
    let mut watchers: Vec<_> = files.into_iter().map(|name| any(format!("**/{name}"), None)).collect();
    watchers.push(any("**/*.{md,markdown}".to_owned(), Some(WatchKind::Delete)));
    let options = DidChangeWatchedFilesRegistrationOptions { watchers };
    RegistrationParams {
        registrations: vec![Registration {
            id: "verify.files".to_owned(),
            method: DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: serde_json::to_value(options).ok(),
        }],
    }
}
