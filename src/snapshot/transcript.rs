//! What a snippet showed, as a reviewer reads it.

use std::path::Path;

use crate::claims::Claim;
use crate::guide::Guide;
use crate::judge::{Decision, Judged, Trouble, Verdict, is_reported};
use crate::plan::Plan;
use crate::run::Observation;

/// What a snapshot says instead of output that is not the same every time.
const DIFFERS: &str = "(differs from run to run)";

/// What a snapshot says instead of the path of an environment.
const ENVIRONMENT: &str = "(environment)";

/// Between what a false claim says and what was observed.
const OBSERVED: &str = " | observed: ";

/// What a snippet's statements printed, and what became of the claims on them.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    /// The statement's first line.
    source: String,
    /// What it printed, and how it failed.
    output: Vec<String>,
    /// The verdicts on its claims.
    verdicts: Vec<String>,
}

/// The transcript of a run; none where something was missing or time was up, since then the output
/// says nothing about the guide.
pub fn transcript(
    guide: &Guide,
    claims: &[Claim],
    plan: &Plan,
    seen: &Observation,
    judged: &Judged,
) -> Option<Transcript> {
    if judged.is_cut_short() || judged.troubles.iter().any(Trouble::is_blocked) {
        return None;
    }
    let snippet = &guide.snippets[plan.snippet];
    let mut entries = Vec::new();
    for unit in plan.before..plan.units.len() {
        let lines = crate::judge::unit_lines(plan, unit);
        let on_it = |claim: &&Claim| {
            let line = claim.targets.first().map_or(0, |target| snippet.guide_line(target.lines.0));
            claim.snippet == plan.snippet && lines.contains(&line)
        };
        let verdicts = claims
            .iter()
            .enumerate()
            .filter(|(_, claim)| on_it(claim))
            .filter_map(|(index, claim)| verdict_line(claim, judged.verdicts.get(&index)?))
            .collect::<Vec<_>>();
        let output = output(seen, unit);
        if !output.is_empty() || !verdicts.is_empty() {
            entries.push(Entry { source: headline(&plan.units[unit].source), output, verdicts });
        }
    }
    Some(Transcript { entries })
}

fn headline(source: &str) -> String {
    let mut lines = source.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    if lines.next().is_some() { format!("{first} …") } else { first }
}

fn output(seen: &Observation, unit: usize) -> Vec<String> {
    let Some(unit) = seen.units.get(&unit) else { return vec!["(not reached)".into()] };
    let end = unit.end.unwrap_or([usize::MAX; 2]);
    let text = |stream: usize| seen.text(stream, unit.start[stream], end[stream]);
    let mut lines: Vec<_> = text(0).lines().chain(text(1).lines()).map(str::to_owned).collect();
    lines.extend(unit.failure.as_ref().map(|failure| failure.headline()));
    lines
}

fn verdict_line(claim: &Claim, verdict: &Verdict) -> Option<String> {
    if !is_reported(claim, Some(verdict)) {
        return None;
    }
    let expected = crate::judge::one_line(&claim.expected);
    Some(match verdict.decision {
        Decision::Holds => format!("holds: {expected}"),
        Decision::False => {
            let actual = verdict.actual.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("false: {expected}{OBSERVED}{}", crate::judge::one_line(&actual))
        }
        Decision::Undecided | Decision::Remark => format!("undecided: {expected}"),
    })
}

/// What a line of a transcript says of a false claim: its words, and what was observed.
pub fn false_claim(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("    # false: ")?.split_once(OBSERVED)
}

impl Transcript {
    /// The same where a folder is that of an environment: it lies elsewhere on each machine.
    pub fn without(mut self, folder: &Path) -> Transcript {
        let folder = folder.display().to_string();
        for line in self.entries.iter_mut().flat_map(|entry| &mut entry.output) {
            *line = line.replace(&folder, ENVIRONMENT);
        }
        self
    }

    /// This transcript with everything left out that a second run shows otherwise.
    pub fn agreed(&self, second: &Transcript) -> Transcript {
        let mut entries = self.entries.clone();
        if self.entries.len() != second.entries.len() {
            return Transcript {
                entries: vec![Entry { source: DIFFERS.into(), output: vec![], verdicts: vec![] }],
            };
        }
        for (entry, other) in entries.iter_mut().zip(&second.entries) {
            if entry.output != other.output {
                entry.output = vec![DIFFERS.into()];
            }
            if entry.verdicts != other.verdicts {
                entry.verdicts = vec![DIFFERS.into()];
            }
        }
        Transcript { entries }
    }
}

impl std::fmt::Display for Transcript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.entries.is_empty() {
            return writeln!(f, "(nothing is printed, nothing is claimed)");
        }
        for entry in &self.entries {
            writeln!(f, ">>> {}", entry.source)?;
            for line in &entry.output {
                writeln!(f, "{line}")?;
            }
            for line in &entry.verdicts {
                writeln!(f, "    # {line}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_lies_nowhere_in_particular() {
        let output = vec!["/home/me/env/lib/x.py:1: Warning".to_owned(), "/home/me".to_owned()];
        let entry = Entry { source: "import x".into(), output, verdicts: vec![] };
        let transcript = Transcript { entries: vec![entry] }.without(Path::new("/home/me/env"));
        assert_eq!(transcript.entries[0].output, ["(environment)/lib/x.py:1: Warning", "/home/me"]);
    }
}
