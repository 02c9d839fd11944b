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
pub fn check_labels(documents: &[&Document], labels: &[String]) -> anyhow::Result<()> {
    let known: BTreeSet<&str> = documents
        .iter()
        .flat_map(|document| document.guide.snippets.iter().flat_map(|s| [s.block.as_str(), s.id.as_str()]))
        .collect();
    match labels.iter().find(|label| !known.contains(label.as_str())) {
        Some(unknown) => {
            let known: Vec<_> = known.into_iter().collect();
            anyhow::bail!("no block or snippet is called `{unknown}`; there are: {}", known.join(", "))
        }
        None => Ok(()),
    }
}

/// The snippets that are to run, each as the index of its guide and its own.
pub fn tasks(documents: &[(&Document, Chosen)]) -> Vec<(usize, usize)> {
    let wanted = |(guide, index): &(usize, usize)| {
        let (document, chosen) = &documents[*guide];
        chosen.has(*index) && document.guide.snippets[*index].skipped().is_none()
    };
    let all = documents.iter().enumerate();
    all.flat_map(|(guide, (document, _))| (0..document.codes.len()).map(move |index| (guide, index)))
        .filter(wanted)
        .collect()
}

/// Whether the author of some of the snippets means to say something false, which will be looked at in both worlds.
pub fn is_false_on_purpose(documents: &[(&Document, Chosen)], tasks: &[(usize, usize)]) -> bool {
    let expects = |(guide, index): &(usize, usize)| {
        let (document, _) = &documents[*guide];
        document.guide.snippets[*index].expects().any(|code| code == Code::FalseClaim.name())
    };
    tasks.iter().any(expects)
}

/// Modules of the standard library that the chosen snippets import and that do nothing when imported.
pub fn preload(documents: &[(&Document, Chosen)]) -> Vec<String> {
    const NOT: [&str; 8] =
        ["this", "antigravity", "turtle", "tkinter", "idlelib", "turtledemo", "test", "lib2to3"];
    let mut modules = BTreeSet::new();
    for (document, chosen) in documents {
        let codes = document.codes.iter().enumerate().filter(|(index, _)| chosen.has(*index));
        modules.extend(codes.flat_map(|(_, code)| code.imports()));
    }
    let root = |module: &String| module.split('.').next().unwrap_or_default().to_owned();
    let known = |module: &String| ruff_python_stdlib::sys::is_known_standard_library(14, &root(module));
    // A package's program is not imported but run.
    let is_program = |module: &String| module.ends_with("__main__");
    let harmless = |module: &String| !NOT.contains(&root(module).as_str()) && !is_program(module);
    modules.into_iter().filter(|module| known(module) && harmless(module)).collect()
}

/// How many workers begin that have no packages but the interpreter's own, and with what around them. Those with
/// servers take long to start, and one of them serves many runs.
pub fn workers(
    documents: &[(&Document, Chosen)],
    tasks: &[(usize, usize)],
    threads: usize,
) -> HashMap<Surroundings, usize> {
    let mut counts = HashMap::new();
    for (guide, index) in tasks {
        let (document, _) = &documents[*guide];
        if !document.requirements[*index].is_empty() {
            continue;
        }
        let around = Surroundings::of(&document.guide.snippets[*index].needs);
        let most = if around.services.is_empty() { threads } else { 1 };
        let count = counts.entry(around).or_insert(0);
        *count = most.min(*count + 1);
    }
    counts
}
