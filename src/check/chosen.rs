//! What is asked for: which snippets of a guide are to run, and what their workers have to be ready for.

use std::collections::{BTreeSet, HashMap};

use super::Document;
use crate::judge::Code;
use crate::run::Surroundings;

/// Which snippets of a guide are asked for.
pub struct Chosen {
    snippets: Vec<bool>,
    /// Whether that is the guide as a whole, with what is in no snippet.
    pub is_whole: bool,
}

impl Chosen {
    /// Those of the blocks, or with the ids; all where there are none. Of a document that is read for some of its
    /// snippets, no others.
    pub fn new(document: &Document, blocks: &[String]) -> Chosen {
        let guide = &document.guide;
        let is_chosen = |index: usize| {
            let snippet = &guide.snippets[guide.whole(index)];
            let is_asked = blocks.is_empty()
                || blocks.iter().any(|label| *label == snippet.block || *label == snippet.id);
            is_asked && document.only.as_ref().is_none_or(|only| only.snippets.contains(&guide.whole(index)))
        };
        let snippets = (0..guide.snippets.len()).map(is_chosen).collect();
        let has_rest = document.only.as_ref().is_none_or(|only| only.rest);
        Chosen { snippets, is_whole: blocks.is_empty() && has_rest }
    }

    /// Whether a snippet was asked for.
    pub fn has(&self, index: usize) -> bool {
        self.snippets[index]
    }
}

/// A label that no guide has is a mistake of the command line.
pub fn check_labels<'a>(
    documents: impl IntoIterator<Item = &'a Document>,
    labels: &[String],
) -> anyhow::Result<()> {
    if labels.is_empty() {
        return Ok(());
    }
    let snippets = documents.into_iter().flat_map(|document| &document.guide.snippets);
    let known: BTreeSet<&str> = snippets.flat_map(|it| [it.block.as_str(), it.id.as_str()]).collect();
    match labels.iter().find(|label| !known.contains(label.as_str())) {
        Some(unknown) => {
            let known: Vec<_> = known.into_iter().collect();
            anyhow::bail!("no block or snippet is called `{unknown}`; there are: {}", known.join(", "))
        }
        None => Ok(()),
    }
}

/// The snippets that are to run.
pub fn tasks<'a>(document: &'a Document, chosen: &'a Chosen) -> impl Iterator<Item = usize> + 'a {
    let is_run = |index: &usize| chosen.has(*index) && document.guide.snippets[*index].skipped().is_none();
    (0..document.codes.len()).filter(is_run)
}

/// Whether the author of some of the snippets means to say something false, which will be looked at in both worlds.
pub fn is_false_on_purpose(document: &Document, chosen: &Chosen) -> bool {
    let expects =
        |index: usize| document.guide.snippets[index].expects().any(|code| code == Code::FalseClaim.name());
    tasks(document, chosen).any(expects)
}

/// Modules of the standard library that the chosen snippets import and that do nothing when imported.
pub fn preload(document: &Document, chosen: &Chosen) -> Vec<String> {
    const NOT: [&str; 8] =
        ["this", "antigravity", "turtle", "tkinter", "idlelib", "turtledemo", "test", "lib2to3"];
    let codes = document.codes.iter().enumerate().filter(|(index, _)| chosen.has(*index));
    let modules: BTreeSet<_> = codes.flat_map(|(_, code)| code.imports()).collect();
    let root = |module: &String| module.split('.').next().unwrap_or_default().to_owned();
    let known = |module: &String| ruff_python_stdlib::sys::is_known_standard_library(14, &root(module));
    // A package's program is not imported but run.
    let is_program = |module: &String| module.ends_with("__main__");
    let harmless = |module: &String| !NOT.contains(&root(module).as_str()) && !is_program(module);
    modules.into_iter().filter(|module| known(module) && harmless(module)).collect()
}

/// How many workers begin that have no packages but the interpreter's own, and with what around them. Those with
/// servers take long to start, and one of them serves many runs.
pub fn workers(document: &Document, chosen: &Chosen, threads: usize) -> HashMap<Surroundings, usize> {
    let mut counts = HashMap::new();
    for index in tasks(document, chosen).filter(|index| document.requirements[*index].is_empty()) {
        let around = Surroundings::of(&document.guide.snippets[index].needs);
        let most = if around.services.is_empty() { threads } else { 1 };
        let count = counts.entry(around).or_insert(0);
        *count = most.min(*count + 1);
    }
    counts
}
