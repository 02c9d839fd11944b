//! Claims about versions: `(Python 3.9+)`, `removed in 3.12`. One Python shows whether the code works on it;
//! only several together show from when on.

use super::OnPython;
use super::tried::Tried;
use super::verdict::Verdict;
use crate::python::Versions;
use crate::pythons::OLDEST;

/// The verdict on a claim about versions on each Python that was tried.
pub fn decide(versions: Versions, tried: &[(OnPython<'_>, &Tried)]) -> Vec<Verdict> {
    let inside = |on: &OnPython<'_>| versions.contains(on.version);
    let is_as_said = |(on, tried): &&(OnPython<'_>, &Tried)| match tried {
        Tried::Works(_) | Tried::Seems => inside(on),
        Tried::Fails(_) => !inside(on),
        Tried::Unclear(_) => false,
    };
    let as_said: Vec<_> = tried.iter().filter(is_as_said).map(|(on, _)| inside(on)).collect();
    let on_both_sides = as_said.contains(&true) && as_said.contains(&false);
    let prints_the_same = |shown: &String| {
        let other = |tried: &Tried| matches!(tried, Tried::Works(text) if text != shown);
        !tried.iter().any(|(on, tried)| inside(on) && other(tried))
    };
    let verdict = |(on, it): &(OnPython<'_>, &Tried)| match it {
        Tried::Unclear(reason) => Verdict::undecided(reason.clone()),
        Tried::Works(shown) if !inside(on) => match prints_the_same(shown) {
            true => Verdict::remarked(false, "it works"),
            false => Verdict::undecided("context: it works here, and prints something else"),
        },
        Tried::Seems if !inside(on) => Verdict::undecided("never runs: some of this code may not have run"),
        Tried::Fails(headline) if inside(on) => Verdict::remarked(false, headline.clone()),
        _ if on_both_sides => Verdict::new(true, None),
        _ => Verdict::undecided(missing_side(versions, tried, !inside(on))),
    };
    tried.iter().map(verdict).collect()
}

/// Which interpreter would decide: one `inside` of what the claim names, or one that is not.
fn missing_side(versions: Versions, tried: &[(OnPython<'_>, &Tried)], inside: bool) -> String {
    let shown = |(major, minor): (u8, u8)| format!("{major}.{minor}");
    let listed = |wanted: &dyn Fn(&OnPython<'_>) -> bool| {
        let mut minors: Vec<_> =
            tried.iter().filter(|(on, _)| wanted(on)).map(|(on, _)| on.version).collect();
        minors.dedup();
        minors.into_iter().map(shown).collect::<Vec<_>>().join(", ")
    };
    let there = listed(&|on| versions.contains(on.version) == inside);
    if !there.is_empty() {
        return format!("needs interpreter: what {there} shows says nothing about the version");
    }
    let all = listed(&|_| true);
    let was = if all.contains(',') { "were" } else { "was" };
    let wanted = match (inside, versions.from, versions.until) {
        (false, Some(from), _) => format!("one before {}, where it should fail", shown(from)),
        (false, _, Some(until)) => format!("{} or later, where it should fail", shown(until)),
        _ => format!("one that is {versions}"),
    };
    let one = if inside { versions.one_inside() } else { versions.one_outside() };
    match one.filter(|one| *one >= OLDEST).map(shown) {
        Some(one) => format!("needs interpreter: only {all} {was} tried; add {wanted} (--python {one})"),
        None => {
            format!("needs interpreter: only {all} {was} tried; {wanted}, is too old to be run here")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Decision::{self, False, Holds, Undecided};

    /// What comes of a claim where Pythons of these minor versions show this.
    fn decisions(versions: Versions, shown: &[(u8, Tried)]) -> Vec<(Decision, String)> {
        let on = |(index, (minor, tried)): (usize, &'_ (u8, Tried))| {
            (OnPython { index, id: "", version: (3, *minor) }, tried.clone())
        };
        let shown: Vec<_> = shown.iter().enumerate().map(on).collect();
        let shown: Vec<_> = shown.iter().map(|(on, tried)| (*on, tried)).collect();
        let decided = decide(versions, &shown).into_iter();
        decided.map(|verdict| (verdict.decision, verdict.reason.unwrap_or_default())).collect()
    }

    fn only(versions: Versions, shown: &[(u8, Tried)]) -> Vec<Decision> {
        decisions(versions, shown).into_iter().map(|(decision, _)| decision).collect()
    }

    const SINCE_9: Versions = Versions { from: Some((3, 9)), until: None };
    const UNTIL_12: Versions = Versions { from: None, until: Some((3, 12)) };

    fn works() -> Tried {
        Tried::Works("1\n".into())
    }

    fn fails() -> Tried {
        Tried::Fails("TypeError: no".into())
    }

    #[test]
    fn a_claim_holds_by_both_sides_and_is_contradicted_by_either() {
        assert_eq!(only(SINCE_9, &[(8, fails()), (9, works()), (13, Tried::Seems)]), [Holds; 3]);
        assert_eq!(only(SINCE_9, &[(8, works()), (9, works())]), [False, Undecided]);
        assert_eq!(only(SINCE_9, &[(8, fails()), (9, works()), (10, fails())]), [Holds, Holds, False]);
        assert_eq!(only(UNTIL_12, &[(11, works()), (12, fails())]), [Holds; 2]);
        assert_eq!(only(UNTIL_12, &[(11, works()), (12, works())]), [Undecided, False]);
        assert_eq!(only(SINCE_9, &[(8, Tried::Seems), (9, works())]), [Undecided; 2], "it may not have run");
        let other = Tried::Works("2\n".into());
        assert_eq!(
            only(SINCE_9, &[(8, other), (9, works())]),
            [Undecided; 2],
            "it may be about what is shown"
        );
        let missing = Tried::Unclear("blocked: a file".into());
        assert_eq!(only(SINCE_9, &[(8, fails()), (9, missing)]), [Undecided; 2], "that says nothing");
    }

    #[test]
    fn what_is_undecided_names_the_python_to_add() {
        let reason = |versions, minor, tried| decisions(versions, &[(minor, tried)]).remove(0).1;
        assert!(
            reason(SINCE_9, 11, works()).ends_with("add one before 3.9, where it should fail (--python 3.8)")
        );
        assert!(reason(SINCE_9, 8, fails()).ends_with("add one that is Python 3.9+ (--python 3.9)"));
        assert!(
            reason(UNTIL_12, 11, works()).ends_with("3.12 or later, where it should fail (--python 3.12)")
        );
        assert!(reason(UNTIL_12, 12, fails()).ends_with("add one that is Python <3.12 (--python 3.11)"));
        let old = Versions { from: Some((3, 6)), until: None };
        assert!(
            reason(old, 11, works())
                .ends_with("one before 3.6, where it should fail, is too old to be run here")
        );
        let unclear = decisions(SINCE_9, &[(8, Tried::Unclear("blocked: x".into())), (11, works())]);
        assert_eq!(unclear[1].1, "needs interpreter: what 3.8 shows says nothing about the version");
    }
}
