//! Parts of one run put together, in the order in which one run has everything.

use crate::report::{EnvironmentReport, GuideReport, Report};

/// Joins the parts of a run, of which all name the same guides. Their durations are added up.
pub fn join(parts: Vec<Report>) -> Report {
    let duration = parts.iter().map(|part| part.summary.duration_ms).sum();
    let mut parts = parts.into_iter();
    let mut whole = parts.next().expect("there is a part");
    for part in parts {
        whole.environments.extend(part.environments);
        // The weakest is what can be relied on.
        if part.sandbox.lacks.len() > whole.sandbox.lacks.len() {
            whole.sandbox = part.sandbox;
        }
        whole.virtual_time &= part.virtual_time;
        whole.guides.iter_mut().zip(part.guides).for_each(|(guide, more)| add(guide, more));
    }
    whole.shard = None;
    whole.environments = environments(&whole);
    whole.count(duration);
    whole
}

fn add(guide: &mut GuideReport, more: GuideReport) {
    guide.error = guide.error.take().or(more.error);
    guide.digest = guide.digest.take().or(more.digest);
    weave(&mut guide.snippets, more.snippets, |it| (it.lines, natural(&it.id)));
    weave(&mut guide.claims, more.claims, |it| (it.file.clone(), it.lines.0, natural(&it.id)));
    weave(&mut guide.findings, more.findings, |it| {
        let place = (it.line, it.column, it.end_line, it.end_column);
        (it.file.clone(), place, it.severity, it.snippet.is_some())
    });
}

/// Puts more among what is there, by the places in the file. What is in order already stays so: inside a notebook's
/// cell that is another order.
fn weave<T, K: Ord>(all: &mut Vec<T>, more: Vec<T>, key: impl Fn(&T) -> K) {
    let mut more = more.into_iter().peekable();
    let mut woven = Vec::with_capacity(all.len() + more.len());
    for it in all.drain(..) {
        let own = key(&it);
        woven.extend(std::iter::from_fn(|| more.next_if(|other| key(other) < own)));
        woven.push(it);
    }
    woven.extend(more);
    *all = woven;
}

/// Each once, in the order of the Pythons; where one machine could not install what others did, what it said.
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

/// An id whose numbers count as numbers.
fn natural(id: &str) -> Vec<(usize, String)> {
    let part = |part: &str| (part.trim_start_matches('L').parse().unwrap_or(usize::MAX), part.to_owned());
    id.split('.').map(part).collect()
}
