//! Modules that the runs of several workers have in common.

use std::collections::BTreeSet;
use std::sync::{Arc, RwLock};

/// Modules that runs are likely to import, known as guides are read. A copy is the same.
#[derive(Clone, Debug, Default)]
pub struct Modules(Arc<RwLock<BTreeSet<String>>>);

impl Modules {
    /// Adds some.
    pub fn add(&self, modules: &[String]) {
        let is_new = |module: &String| !self.0.read().expect("no panic holds it").contains(module);
        let new: Vec<_> = modules.iter().filter(|module| is_new(module)).cloned().collect();
        if !new.is_empty() {
            self.0.write().expect("no panic holds it").extend(new);
        }
    }

    /// Those that are known by now.
    pub fn all(&self) -> BTreeSet<String> {
        self.0.read().expect("no panic holds it").clone()
    }
}
