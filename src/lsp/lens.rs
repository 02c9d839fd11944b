//! Above each snippet: a way to run it, and what became of it.

use lsp_types::{CodeLens, Command, Range};
use serde_json::json;

use super::carried::Checked;
use super::documents::{Document, Place};
use super::hover::word;
use crate::judge::Decision;
use crate::report::{ClaimReport, SnippetReport, Status};

/// The command that runs one snippet, with what it needs: of a document, by its id.
pub const RUN_SNIPPET: &str = "verify.runSnippet";
/// The command that checks a whole document.
pub const CHECK: &str = "verify.check";

/// Two for each snippet.
pub fn lenses(document: &Document) -> Vec<CodeLens> {
    let known = document.known();
    document.snippets().iter().flat_map(|place| of_snippet(document, place, known)).collect()
}

fn of_snippet(document: &Document, place: &Place, known: Option<&Checked>) -> [CodeLens; 2] {
    let lens = |title: String, command: &str, arguments| CodeLens {
        range: {
            let start = document.text.position(document.text.line_start(place.opening));
            Range::new(start, start)
        },
        command: Some(Command { title, command: command.to_owned(), arguments: Some(arguments) }),
        data: None,
    };
    let state = state(place, known);
    [
        lens("▶ run this snippet".to_owned(), RUN_SNIPPET, vec![json!(document.url), json!(place.id)]),
        lens(state, CHECK, vec![json!(document.url)]),
    ]
}

/// In a few words.
fn state(place: &Place, known: Option<&Checked>) -> String {
    let found = known.and_then(|known| {
        let snippet = known.guide.snippets.iter().find(|snippet| snippet.lines.0 == place.first)?;
        Some((known, snippet))
    });
    match found {
        None => "not checked".to_owned(),
        Some((known, _)) if known.edited.contains(&place.first) => "edited since it was checked".to_owned(),
        Some((known, snippet)) => checked(known, snippet),
    }
}

fn checked(known: &Checked, snippet: &SnippetReport) -> String {
    let own: Vec<_> = known.guide.claims.iter().filter(|claim| claim.snippet == snippet.id).collect();
    let count = |decision| own.iter().filter(|claim| claim.decision() == decision).count();
    let expected = known.guide.findings.iter().filter(|finding| finding.expected);
    let expected: Vec<_> = expected.filter_map(|finding| finding.claim.as_ref()).collect();
    let is_expected = |claim: &&&ClaimReport| expected.contains(&&claim.id);
    let expected = own.iter().filter(|it| it.decision() == Decision::False).filter(is_expected).count();
    let false_ = count(Decision::False) - expected;
    let some = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let claims = |count: usize, verbs: [&str; 2]| match count {
        0 => None,
        1 => Some(format!("1 claim {}", verbs[0])),
        more => Some(format!("{more} claims {}", verbs[1])),
    };
    let holds = claims(count(Decision::Holds), ["holds", "hold"]);
    let parts = [
        status(snippet).map(str::to_owned),
        some(false_, "false"),
        holds,
        some(count(Decision::Undecided), "undecided"),
        some(expected, "false as expected"),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "no claims".to_owned() } else { parts.join(", ") }
}

/// How its runs ended, where one did not come to its end.
fn status(snippet: &SnippetReport) -> Option<&'static str> {
    let status = snippet.runs.iter().map(|run| run.status).min()?;
    (status != Status::Ran).then(|| word(status))
}
