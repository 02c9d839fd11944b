//! Whether a configuration is right as a whole, whatever guide it is asked about.

use std::collections::{BTreeMap, BTreeSet};

use glob::Pattern;

use super::Config;
use super::resolve::Written;
use crate::guide::{self, Source};
use crate::keys::{GuideKeys, Keys, Placed, Problem, instead};
use crate::needs::{Needs, is_inside};

impl Config {
    /// The first thing that is wrong.
    pub(super) fn check(&self) -> Result<(), Problem> {
        for pattern in &self.project.guides {
            check_glob(pattern)?;
        }
        self.check_keys(&self.project.keys())?;
        for guide in &self.project.guide {
            self.check_guide(guide)?;
        }
        Ok(())
    }

    fn check_guide(&self, guide: &GuideKeys) -> Result<(), Problem> {
        if guide.path.value().is_empty() {
            let at = self.text.find("[[guide]]").unwrap_or_default();
            return Err(Problem::new(
                at.max(guide.path.at()),
                "this names no guide: add `path = \"docs/intro.md\"`",
            ));
        }
        check_glob(&guide.path)?;
        self.check_labels(guide)?;
        for keys in guide.block.values().chain(guide.snippet.values()) {
            self.check_keys(keys)?;
        }
        self.check_keys(&guide.keys())
    }

    fn check_keys(&self, keys: &Keys) -> Result<(), Problem> {
        Written::in_config(self).add(keys, &mut Needs::default())
    }

    /// Whether its guides have the blocks and the snippets that it speaks of.
    fn check_labels(&self, guide: &GuideKeys) -> Result<(), Problem> {
        let found = self.found_by(&guide.path)?;
        let mut labels = [BTreeSet::new(), BTreeSet::new()];
        let wanted: [&BTreeMap<Placed<String>, Keys>; 2] = [&guide.block, &guide.snippet];
        if wanted.iter().all(|labels| labels.is_empty()) {
            return Ok(());
        }
        for path in found {
            // What is wrong with a guide's file is told when it is its turn.
            let Some(source) = std::fs::read(&path).ok().and_then(|bytes| Source::new(bytes).ok()) else {
                return Ok(());
            };
            let Ok(read) = guide::read(&path.to_string_lossy(), source) else { return Ok(()) };
            labels[0].extend(read.blocks.into_iter().map(|block| block.label));
            labels[1].extend(read.snippets.into_iter().map(|snippet| snippet.id));
        }
        for ((wanted, known), what) in wanted.into_iter().zip(labels).zip(["block", "snippet"]) {
            if let Some(label) = wanted.keys().find(|label| !known.contains(label.value())) {
                let name = label.value();
                let instead = instead(name, known.iter().map(String::as_str));
                let message = format!("no {what} of {} is called `{name}`: {instead}", guide.path.value());
                return Err(Problem::new(label.at(), message));
            }
        }
        Ok(())
    }
}

/// Whether a glob stays inside of the configuration's folder.
fn check_glob(pattern: &Placed<String>) -> Result<(), Problem> {
    let name = pattern.value();
    let problem = |message| Err(Problem::new(pattern.at(), message));
    match Pattern::new(name) {
        Err(error) => problem(format!("the glob `{name}` is not valid: {}", error.msg)),
        Ok(_) if !is_inside(name) => problem(format!(
            "`{name}` leads out of the configuration's folder: write a path from there, without `..`"
        )),
        Ok(_) => Ok(()),
    }
}
