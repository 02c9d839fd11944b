//! What several checks of one run have around their guides.

use crate::report::{EnvironmentReport, Report};

/// Adds what another check of the same run had around its guides. Of sandboxes the weakest is what can be relied on.
pub fn add_surroundings(whole: &mut Report, other: &mut Report) {
    whole.environments.append(&mut other.environments);
    whole.environments = environments(whole);
    if other.sandbox.lacks.len() > whole.sandbox.lacks.len() {
        whole.sandbox = other.sandbox.clone();
    }
    whole.virtual_time &= other.virtual_time;
    whole.summary.duration_ms += other.summary.duration_ms;
}

/// Each once, in the order of the Pythons; where one check could not install what others did, what it said.
fn environments(whole: &Report) -> Vec<EnvironmentReport> {
    let at = |it: &EnvironmentReport| whole.pythons.iter().position(|python| python.id == it.python);
    let mut all = whole.environments.clone();
    all.sort_by(|one, other| {
        let key = |it: &EnvironmentReport| (at(it), it.packages.clone(), it.error.is_none());
        key(one).cmp(&key(other))
    });
    all.dedup_by(|one, other| (&one.python, &one.packages) == (&other.python, &other.packages));
    all
}
