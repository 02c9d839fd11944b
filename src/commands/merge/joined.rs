//! Parts of one run put together, in the order in which one run has everything.

use crate::check::add_surroundings;
use crate::report::{GuideReport, Report};

/// Joins the parts of a run, of which all name the same guides. Their durations are added up.
pub fn join(parts: Vec<Report>) -> Report {
    let mut parts = parts.into_iter();
    let mut whole = parts.next().expect("there is a part");
    for mut part in parts {
        add_surroundings(&mut whole, &mut part);
        whole.guides.iter_mut().zip(part.guides).for_each(|(guide, more)| add(guide, more));
    }
    whole.shard = None;
    whole.count(whole.summary.duration_ms);
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

/// An id whose numbers count as numbers.
fn natural(id: &str) -> Vec<(usize, String)> {
    let part = |part: &str| (part.trim_start_matches('L').parse().unwrap_or(usize::MAX), part.to_owned());
    id.split('.').map(part).collect()
}
