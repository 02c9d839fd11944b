//! From what went wrong in a run to findings at the guide's lines.

use super::collect::Outcome;
use super::finding::{Code, Finding, Severity};
use super::package::Packages;
use super::trouble::{Kind, Trouble};
use super::{absent, distributions};
use crate::guide::{Guide, Snippet};
use crate::limits;
use crate::python::Versions;
use crate::pythons::OLDEST;

/// The finding about a trouble; none where a claim announces it or another trouble caused it.
/// Names that are not defined are found with all their uses in [`super::names`].
pub fn finding(guide: &Guide, outcome: &Outcome<'_>, trouble: &Trouble) -> Option<Finding> {
    if trouble.announced {
        return None;
    }
    let snippet = outcome.snippet;
    let lacking = trouble.lacking(&outcome.seen.lacking);
    let found = words(trouble, outcome.packages)?;
    let (code, mut message, mut help) = match &trouble.broken {
        Some(broken) => broken.words(&trouble.headline(), found),
        None => found,
    };
    if let Some(lacking) = lacking {
        message = format!("{message}: {}", absent::what_lacks(lacking));
        help.clone_from(&lacking.remedy);
    }
    let span = line_span(guide, &guide.snippets[snippet], trouble.line);
    let mut finding = Finding::new(code, span, message, help).in_snippet(snippet);
    // It was said already, and is not to be had.
    finding.lack = trouble.lack().filter(|_| lacking.is_none());
    if let Some(inner) = trouble.inner.filter(|_| !matches!(trouble.kind, Kind::Syntax | Kind::Version(..))) {
        let what = if trouble.failure.is_some() { "raised here" } else { "it was here" };
        finding = finding.related(inner, what);
    }
    Some(finding)
}

/// The finding about output that is not kept to its end.
pub fn cut_output(guide: &Guide, snippet: usize) -> Finding {
    let snippet_lines = &guide.snippets[snippet];
    let span = line_span(guide, snippet_lines, snippet_lines.lines.0);
    let kept = limits::OUTPUT >> 20;
    let message = format!("the snippet prints more than {kept} MiB, of which the rest is not kept");
    let help = "claims about what comes later cannot be checked: print less";
    Finding::new(Code::Limit, span, message, help).severity(Severity::Warning).in_snippet(snippet)
}

/// The code of a guide line, without its indentation and its comment's spaces.
pub fn line_span(guide: &Guide, snippet: &Snippet, line: usize) -> (usize, usize) {
    let index = line.saturating_sub(snippet.lines.0);
    let code = snippet.code.lines().nth(index).unwrap_or_default();
    let indent = code.len() - code.trim_start().len();
    match snippet.starts.get(index) {
        Some(start) if !code.trim().is_empty() => (start + indent, start + code.trim_end().len()),
        _ => (
            guide.source.line_start(line),
            guide.source.line_start(line) + guide.source.line_text(line).len(),
        ),
    }
}

fn words(trouble: &Trouble, packages: &Packages) -> Option<(Code, String, String)> {
    let headline = trouble.headline();
    let supplied = trouble.lack().and_then(|lack| lack.line("…"));
    let supplied = supplied.map(|line| format!("`{line}` in verify.toml"));
    Some(match &trouble.kind {
        Kind::MissingFile(name) => (
            Code::MissingFile,
            format!("the file `{name}` does not exist"),
            match supplied {
                Some(line) => format!("create it in the snippet before this line, so that a reader has it too, or give it: {line}"),
                None => "read it from the folder in which the snippet runs: nothing else can be given".to_owned(),
            },
        ),
        Kind::MissingPackage(missing) => missing.words(packages, supplied),
        Kind::Network(host) => (
            Code::NeedsNetwork,
            format!("this needs the network: {host}"),
            match supplied {
                Some(_) => absent::give(supplied),
                None => "snippets run offline: show the answer in the guide, or read it from a file".to_owned(),
            },
        ),
        Kind::Page(url) => (Code::NeedsNetwork, absent::no_answer(url), absent::give(supplied)),
        Kind::Service(_) => (
            Code::NeedsService,
            format!("no server answers here: {}", headline.lines().next().unwrap_or_default()),
            match supplied {
                Some(line) => format!("have it run beside the snippet: {line}"),
                None => "start the server that this talks to in the snippet, or skip it with a reason".to_owned(),
            },
        ),
        Kind::Input => (
            Code::NeedsInput,
            "this waits for something to be typed".to_owned(),
            format!("nobody types while the guide is checked: give what is typed, {}", supplied.unwrap_or_default()),
        ),
        Kind::Timeout => (
            Code::Timeout,
            "this does not end in time".to_owned(),
            "give it an end, or more time: `timeout = …` in verify.toml, or --timeout SECONDS".to_owned(),
        ),
        Kind::Wait => (
            Code::Timeout,
            format!("this waits for more than {} minutes of its own time", limits::SLEEP / 60),
            "give it an end, or wait for less".to_owned(),
        ),
        Kind::Limit(limit) => (
            Code::Limit,
            match headline.is_empty() {
                true => format!("this takes more than {}", limit.allowance()),
                false => format!("this raises {headline}"),
            },
            format!("a snippet may have {}: show the same with less", limit.allowance()),
        ),
        Kind::Outside(name) => (
            Code::OutsideAccess,
            match name.starts_with('/') {
                true => format!("this uses `{name}`, which lies outside of the snippet's folder"),
                false => format!("the sandbox refuses this: {headline}"),
            },
            "a snippet has a folder of its own and no rights beyond it; skip what needs more, with the reason"
                .to_owned(),
        ),
        Kind::Crash(how) => (
            Code::Crash,
            format!("this {how}"),
            "a reader's session would be gone here, with everything after it".to_owned(),
        ),
        Kind::Setup(what, how) => (
            Code::BadSetup,
            format!("{what} {how}"),
            "mend it there: nothing of the snippet has run".to_owned(),
        ),
        Kind::Syntax => (Code::SyntaxError, headline, "this Python cannot compile it".to_owned()),
        Kind::Version(what, versions) => (
            Code::NeedsInterpreter,
            format!("{what} is for {versions}"),
            other_version(versions) + &instead(trouble),
        ),
        Kind::Raises => (
            Code::Raises,
            format!("this raises {headline}"),
            "if it is meant to, say so in a comment: the exception's name is enough".to_owned(),
        ),
        Kind::Name(_) | Kind::Consequence(_) | Kind::OtherPython(_) | Kind::Exit => return None,
    })
}

/// What does the work of a module that Python has lost.
fn instead(trouble: &Trouble) -> String {
    let lost = trouble.failure.as_ref().filter(|failure| failure.is_a("ModuleNotFoundError"));
    let instead = lost.and_then(|failure| distributions::instead(failure.name.as_deref()?));
    instead.map(|instead| format!("\n{instead}")).unwrap_or_default()
}

/// How to try another version, and how to tell the reader.
fn other_version(versions: &Versions) -> String {
    let runnable = versions.one_inside().filter(|version| *version >= OLDEST);
    let add = runnable.map(|(major, minor)| format!("check it with --python {major}.{minor}, and "));
    let say = match (versions.from, versions.until) {
        (None, Some((major, minor))) => format!("removed in {major}.{minor}"),
        _ => format!("({versions})"),
    };
    format!("{}tell the reader in a comment: `# {say}`", add.unwrap_or_default())
}
