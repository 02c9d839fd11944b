//! What each Python gives for a claim, side by side.

use super::OnPython;
use super::mistakes::one_line;
use super::observed::Observed;
use super::verdict::{Decision, Verdict};
use crate::python::Versions;

/// What was observed for a claim on each Python that shows something.
pub struct Given<'a> {
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    on: OnPython<'a>,
    shown: String,
    holds: bool,
}

impl<'a> Given<'a> {
    /// Puts verdicts side by side. What was observed where nothing was decided is left out.
    pub fn of(verdicts: &[(OnPython<'a>, &Verdict)]) -> Given<'a> {
        let shows = |(_, verdict): &&(OnPython<'a>, &Verdict)| verdict.decision != Decision::Undecided;
        let row = |(on, verdict): &(OnPython<'a>, &Verdict)| {
            let actual = verdict.actual.as_ref().map(Observed::to_string).unwrap_or_default();
            Row { on: *on, shown: one_line(&actual), holds: verdict.decision == Decision::Holds }
        };
        Given { rows: verdicts.iter().filter(shows).map(row).collect() }
    }

    /// Whether not all give the same, or not all of them what the claim says.
    pub fn differs(&self) -> bool {
        let same = |pair: &[Row<'_>]| (&pair[0].shown, pair[0].holds) == (&pair[1].shown, pair[1].holds);
        !self.rows.windows(2).all(same)
    }

    /// What the first of them gives.
    pub fn first(&self) -> &str {
        self.rows.first().map_or("", |row| &row.shown)
    }

    /// `112` (3.9.18, 3.10.13), `104` (3.11.7); the value alone where all give the same.
    pub fn in_a_line(&self) -> String {
        if !self.differs() {
            return self.first().to_owned();
        }
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for Row { on, shown, .. } in &self.rows {
            match groups.iter_mut().find(|(other, _)| other == shown) {
                Some((_, ids)) => ids.push(on.id),
                None => groups.push((shown, vec![on.id])),
            }
        }
        let group = |(shown, ids): (&str, Vec<&str>)| format!("{} ({})", quoted(shown), ids.join(", "));
        groups.into_iter().map(group).collect::<Vec<_>>().join(", ")
    }

    /// A line for each Python.
    pub fn as_table(&self) -> String {
        let width = self.rows.iter().map(|row| row.on.id.len()).max().unwrap_or(0);
        let line = |Row { on, shown, holds }: &Row<'_>| {
            let as_said = if *holds { "  (as the guide says)" } else { "" };
            format!("{:width$}  {shown}{as_said}", on.id)
        };
        self.rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The versions for which the claim holds, if a few words can say them and nothing between what was tried
    /// is guessed.
    pub fn holds_for(&self) -> Option<Versions> {
        let mut rows: Vec<_> = self.rows.iter().map(|row| (row.on.version, row.holds)).collect();
        rows.sort_unstable();
        rows.dedup();
        let holding: Vec<_> = rows.iter().filter(|(_, holds)| *holds).map(|(version, _)| *version).collect();
        let next = |(major, minor): (u8, u8)| (major, minor + 1);
        let versions = match holding[..] {
            [] => return None,
            [only] => Versions { from: Some(only), until: Some(next(only)) },
            [first, .., last] if rows.last() == Some(&(last, true)) => {
                Versions { from: Some(first), until: None }
            }
            [.., last] => Versions { from: None, until: Some(next(last)) },
        };
        let is_so = |(version, holds): &((u8, u8), bool)| versions.contains(*version) == *holds;
        let is_known = |end: Option<(u8, u8)>| {
            end.is_none_or(|end| {
                rows.iter().any(|(version, holds)| !holds && (*version == end || next(*version) == end))
            })
        };
        let whole = holding.len() == 1 || (is_known(versions.from) && is_known(versions.until));
        (whole && rows.iter().all(is_so)).then_some(versions)
    }
}

fn quoted(shown: &str) -> String {
    if shown.is_empty() { "nothing".to_owned() } else { format!("`{shown}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verdicts on Pythons of these minor versions.
    fn with<T>(seen: &[(u8, &str, Decision)], work: impl Fn(Given<'_>) -> T) -> T {
        let ids: Vec<_> = seen.iter().map(|(minor, ..)| format!("3.{minor}.1")).collect();
        let verdicts: Vec<_> = seen
            .iter()
            .map(|(_, shown, decision)| Verdict {
                decision: *decision,
                ..Verdict::remarked(true, (*shown).to_owned())
            })
            .collect();
        let on = |index: usize| OnPython { index, id: &ids[index], version: (3, seen[index].0) };
        let all: Vec<_> = verdicts.iter().enumerate().map(|(index, verdict)| (on(index), verdict)).collect();
        work(Given::of(&all))
    }

    #[test]
    fn values_are_shown_by_version() {
        use Decision::{False, Holds, Undecided};
        let sizes = [(9, "112", False), (10, "112", False), (11, "104", Holds), (12, "", Undecided)];
        with(&sizes, |given| {
            assert!(given.differs());
            assert_eq!(given.in_a_line(), "`112` (3.9.1, 3.10.1), `104` (3.11.1)");
            assert_eq!(given.as_table(), "3.9.1   112\n3.10.1  112\n3.11.1  104  (as the guide says)");
        });
        with(&[(9, "1", False), (10, "1", False)], |given| {
            assert_eq!((given.differs(), given.in_a_line()), (false, "1".to_owned()));
        });
    }

    #[test]
    fn the_versions_for_which_it_holds_are_those_in_between() {
        let holds_for = |held: [bool; 4]| {
            let seen = [9, 10, 11, 12]
                .into_iter()
                .zip(held)
                .map(|(minor, held)| (minor, "x", if held { Decision::Holds } else { Decision::False }));
            with(&seen.collect::<Vec<_>>(), |given| given.holds_for().map(|versions| versions.to_string()))
        };
        assert_eq!(holds_for([false, false, true, true]).as_deref(), Some("Python 3.11+"));
        assert_eq!(holds_for([true, true, false, false]).as_deref(), Some("Python <3.11"));
        assert_eq!(holds_for([true, false, false, false]).as_deref(), Some("Python 3.9"));
        assert_eq!(holds_for([false, true, false, false]).as_deref(), Some("Python 3.10"));
        assert_eq!(holds_for([false, true, true, false]), None, "there are no words for it");
        assert_eq!(holds_for([true, false, true, false]), None);
        assert_eq!(holds_for([false; 4]), None);
        use Decision::{False, Holds};
        let gap = [(9, "x", False), (11, "y", Holds), (12, "y", Holds)];
        with(&gap, |given| assert_eq!(given.holds_for(), None, "3.10 was not tried"));
    }
}
