//! What false claims should say, as edits. Offered only for the very text that was checked.

use std::collections::HashMap;

use lsp_types::{
    CodeAction, CodeActionContext, CodeActionKind, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextEdit, WorkspaceEdit,
};

use super::diagnostics;
use super::documents::Document;
use crate::commands::fix::proposed;
use crate::report::{FindingReport, Fix};

/// The kind of the action that does all of it, as an editor may run it on save.
pub const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.verify");

/// The actions for a range. `versioned` says whether the editor minds which version an edit is for.
pub fn actions(
    document: &Document,
    range: Range,
    context: &CodeActionContext,
    versioned: bool,
) -> Vec<CodeAction> {
    let Some(checked) = document.checked.as_ref().filter(|_| document.is_as_checked()) else {
        return Vec::new();
    };
    let fixes = proposed(&checked.guide);
    let is_wanted = |kind: &CodeActionKind| {
        let includes = |wanted: &CodeActionKind| {
            let rest = kind.as_str().strip_prefix(wanted.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        context.only.as_ref().is_none_or(|only| only.iter().any(includes))
    };
    let mut actions = Vec::new();
    if is_wanted(&CodeActionKind::QUICKFIX) {
        for (finding, fix) in &fixes {
            let shown = diagnostics::diagnostic(document, checked, finding);
            // Whoever is in the line need not stand on the very word.
            if shown.range.start.line <= range.end.line && range.start.line <= shown.range.end.line {
                actions.push(CodeAction {
                    diagnostics: Some(vec![shown]),
                    is_preferred: Some(true),
                    ..action(title(finding, fix), CodeActionKind::QUICKFIX, edit(document, &[fix], versioned))
                });
            }
        }
    }
    if is_wanted(&FIX_ALL) && !fixes.is_empty() {
        let all: Vec<_> = fixes.iter().map(|(_, fix)| *fix).collect();
        let title = "Write what was observed into all false claims".to_owned();
        actions.push(action(title, FIX_ALL, edit(document, &all, versioned)));
    }
    actions
}

fn action(title: String, kind: CodeActionKind, edit: WorkspaceEdit) -> CodeAction {
    CodeAction { title, kind: Some(kind), edit: Some(edit), ..CodeAction::default() }
}

fn title(finding: &FindingReport, fix: &Fix) -> String {
    match (fix.replacement.trim(), finding.help.lines().next()) {
        (new, _) if !new.is_empty() && !new.contains('\n') && new.len() < 60 => format!("Write `{new}`"),
        (_, Some(help)) if !help.is_empty() => help.to_owned(),
        _ => "Write what was observed".to_owned(),
    }
}

fn edit(document: &Document, fixes: &[&Fix], versioned: bool) -> WorkspaceEdit {
    let edit = |fix: &&Fix| TextEdit {
        range: document.text.range(fix.range.start, fix.range.end),
        new_text: fix.replacement.clone(),
    };
    let edits: Vec<_> = fixes.iter().map(edit).collect();
    if !versioned {
        let changes = HashMap::from([(document.url.clone(), edits)]);
        return WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() };
    }
    let text_document = OptionalVersionedTextDocumentIdentifier {
        uri: document.url.clone(),
        version: Some(document.version),
    };
    let edits = edits.into_iter().map(OneOf::Left).collect();
    let changes = DocumentChanges::Edits(vec![TextDocumentEdit { text_document, edits }]);
    WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() }
}
