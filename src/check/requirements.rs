//! What snippets ask to be installed, from all places in which that is said.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::read_to_string;

use super::Document;
use crate::config::{Config, PROJECT};
use crate::environment::Requirements;
use crate::guide::{Guide, Snippet};
use crate::needs::Needs;
use crate::plan::Supply;
use crate::python::Code;

/// What each snippet itself asks for: in the configuration, in directives, in its own metadata. The error is one of
/// the configuration; metadata that cannot be understood ask for nothing, and are a finding.
pub fn of_snippets(
    guide: &Guide,
    codes: &[Code],
    config: Option<&Config>,
) -> Result<Vec<Requirements>, String> {
    // Most snippets are given the same, be it in a file: that is read once.
    let mut known = HashMap::new();
    let of = |(snippet, code): (&Snippet, &Code)| {
        let needs = &snippet.needs;
        let key =
            (needs.packages.clone(), needs.requirements.clone(), needs.groups.clone(), needs.allow_source);
        let mut all = match known.entry(key) {
            Entry::Occupied(place) => Requirements::clone(place.get()),
            Entry::Vacant(place) => place.insert(given(needs, config)?).clone(),
        };
        let script = code.script().map(|script| Requirements::of_script(&script.text));
        script.and_then(Result::ok).into_iter().for_each(|script| all.extend(&script));
        Ok(all)
    };
    guide.snippets.iter().zip(codes).map(of).collect()
}

/// What the configuration and directives give.
fn given(needs: &Needs, config: Option<&Config>) -> Result<Requirements, String> {
    let mut all = Requirements::default();
    needs.packages.iter().try_for_each(|package| all.add(package))?;
    if let Some(Config { folder, .. }) = config {
        needs.requirements.iter().try_for_each(|file| all.add_file(file, folder))?;
        if !needs.groups.is_empty() {
            let project = folder.join(PROJECT);
            let text = read_to_string(&project)
                .map_err(|error| format!("{} cannot be read: {error}", project.display()))?;
            needs.groups.iter().try_for_each(|group| all.add_group(&text, group))?;
        }
    }
    if needs.allow_source {
        all.allow_source();
    }
    Ok(all)
}

/// What a snippet asks for together with those that it needs.
pub fn of_run(document: &Document, index: usize, supply: &Supply) -> Requirements {
    let mut all = document.requirements[index].clone();
    document.needed_by(index, supply).into_iter().for_each(|other| all.extend(&document.requirements[other]));
    all
}
