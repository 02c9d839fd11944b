//! Claims about what a statement changes, against the states before and after it.

use std::collections::BTreeSet;

use super::verdict::Verdict;
use crate::claims::{Change, Effect};
use crate::python::literal;
use crate::run::{Execution, Fact};

pub fn changed(effect: &Effect, executions: &[Execution]) -> Verdict {
    let Some(execution) = executions.last() else { return Verdict::undecided("not reached") };
    if effect.change == Change::Closed {
        let closed: Vec<_> = execution.after.iter().filter(|Fact(_, kind, _)| kind == "closed").collect();
        let held = closed.iter().any(|Fact(_, _, items)| items[..] == ["True"]);
        let shown = |Fact(path, _, items): &Fact| format!("{path}.closed is {}", items.join(", "));
        return match closed.first() {
            Some(fact) => Verdict::new(held, shown(fact)),
            None => Verdict::undecided("unreadable: no file is in sight here"),
        };
    }
    let changes = changes(&execution.before, &execution.after);
    let mine = |item: &String| literal(item).zip(literal(&effect.item)).is_some_and(|(a, b)| a.same(&b));
    let (wanted, other) = match effect.change {
        Change::Added => (&changes.added, &changes.removed),
        _ => (&changes.removed, &changes.added),
    };
    let shown = changes.to_string();
    if wanted.iter().any(mine) {
        return Verdict::new(true, shown);
    }
    let there = |facts: &[Fact]| facts.iter().any(|Fact(_, _, items)| items.iter().any(mine));
    if effect.change == Change::Contained {
        let shown =
            if there(&execution.after) { shown } else { format!("it does not contain {}", effect.item) };
        return Verdict::new(there(&execution.after), shown);
    }
    let root = |path: &str| path.split(['.', '[']).next().unwrap_or_default().to_owned();
    let known: BTreeSet<_> = execution.before.iter().map(|Fact(path, ..)| root(path)).collect();
    if execution.after.iter().any(|Fact(path, ..)| !known.contains(&root(path))) {
        return Verdict::undecided("unreadable: the statement makes something new; there is no before");
    }
    let contradicted =
        !wanted.is_empty() || !other.is_empty() || there(&execution.before) || there(&execution.after);
    match contradicted {
        true => Verdict::new(false, shown),
        false => Verdict::undecided("unreadable: no container in sight changed"),
    }
}

/// What is gone from and new in the containers that were in sight.
#[derive(Default)]
struct Changes {
    removed: Vec<String>,
    added: Vec<String>,
    /// The values of mappings among them: they count, but keys say enough.
    values: Vec<String>,
}

impl std::fmt::Display for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |items: &[String]| {
            items.iter().filter(|item| !self.values.contains(item)).cloned().collect::<Vec<_>>().join(", ")
        };
        let (removed, added) = (list(&self.removed), list(&self.added));
        match (removed.is_empty(), added.is_empty()) {
            (true, true) => write!(f, "nothing is removed or added"),
            (false, true) => write!(f, "removes {removed}"),
            (true, false) => write!(f, "adds {added}"),
            (false, false) => write!(f, "removes {removed} and adds {added}"),
        }
    }
}

fn changes(before: &[Fact], after: &[Fact]) -> Changes {
    let mut found = Changes::default();
    for Fact(path, kind, items) in after.iter().filter(|Fact(_, kind, _)| kind != "value") {
        let old = before.iter().find(|Fact(p, k, _)| p == path && k == kind).map_or(&[][..], |fact| &fact.2);
        note_missing(old, items, &mut found.removed);
        note_missing(items, old, &mut found.added);
        if kind == "values" {
            note_missing(old, items, &mut found.values);
            note_missing(items, old, &mut found.values);
        }
    }
    found
}

/// Adds the items of `from` that `other` lacks, counting repetitions.
fn note_missing(from: &[String], other: &[String], found: &mut Vec<String>) {
    let count = |items: &[String], item: &String| items.iter().filter(|other| *other == item).count();
    for item in from {
        if count(from, item) > count(other, item) && !found.contains(item) {
            found.push(item.clone());
        }
    }
}
