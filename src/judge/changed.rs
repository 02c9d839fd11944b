//! Claims about what a statement changes, against the states before and after it.

use std::collections::BTreeSet;

use super::observed::Observed;
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
            Some(fact) => Verdict::remarked(held, shown(fact)),
            None => Verdict::undecided("unreadable: no file is in sight here"),
        };
    }
    let items = Difference::of(execution, |kind| matches!(kind, "keys" | "items"));
    let values = Difference::of(execution, |kind| kind == "values" && !effect.of_a_key);
    let mine = |item: &String| literal(item).zip(literal(&effect.item)).is_some_and(|(a, b)| a.same(&b));
    let shown = items.to_string();
    if [&items, &values].iter().any(|difference| difference.on(effect.change).iter().any(mine)) {
        return Verdict::remarked(true, shown);
    }
    let there = |facts: &[Fact]| facts.iter().any(|Fact(_, _, items)| items.iter().any(mine));
    if effect.change == Change::Contained {
        let shown =
            if there(&execution.after) { shown } else { format!("it does not contain {}", effect.item) };
        return Verdict::remarked(there(&execution.after), shown);
    }
    let root = |path: &str| path.split(['.', '[']).next().unwrap_or_default().to_owned();
    let known: BTreeSet<_> = execution.before.iter().map(|Fact(path, ..)| root(path)).collect();
    if execution.after.iter().any(|Fact(path, ..)| !known.contains(&root(path))) {
        return Verdict::undecided("unreadable: the statement makes something new; there is no before");
    }
    match !items.is_empty() || there(&execution.before) || there(&execution.after) {
        true => Verdict::new(
            false,
            match items.on(effect.change) {
                [only] => Observed::Item(only.clone(), shown),
                _ => Observed::Remark(shown),
            },
        ),
        false => Verdict::undecided("unreadable: no container in sight changed"),
    }
}

/// What is gone from and new in the containers that were in sight.
#[derive(Default)]
struct Difference {
    removed: Vec<String>,
    added: Vec<String>,
}

impl Difference {
    /// The difference that an execution made to facts of some kinds.
    fn of(execution: &Execution, kinds: impl Fn(&str) -> bool) -> Difference {
        let mut found = Difference::default();
        for Fact(path, kind, new) in execution.after.iter().filter(|Fact(_, kind, _)| kinds(kind)) {
            let old = execution.before.iter().find(|Fact(p, k, _)| p == path && k == kind);
            let old = old.map_or(&[][..], |fact| &fact.2);
            note_missing(old, new, &mut found.removed);
            note_missing(new, old, &mut found.added);
        }
        found
    }

    fn on(&self, change: Change) -> &[String] {
        if change == Change::Added { &self.added } else { &self.removed }
    }

    fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty()
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (removed, added) = (self.removed.join(", "), self.added.join(", "));
        match (removed.is_empty(), added.is_empty()) {
            (true, true) => write!(f, "nothing is removed or added"),
            (false, true) => write!(f, "removes {removed}"),
            (true, false) => write!(f, "adds {added}"),
            (false, false) => write!(f, "removes {removed} and adds {added}"),
        }
    }
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
