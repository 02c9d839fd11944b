//! The same statements at other lines of the guide.
//!
//! A unit is compiled alone, so nothing of a run depends on where it stands but the lines themselves: where output
//! came from, the lines of tracebacks. They are moved along. A run that could show one of them is not moved.

use std::sync::LazyLock;

use regex::Regex;

use super::key::texts;
use crate::job::Job;
use crate::run::observation::Observation;

/// The first guide line of each unit, and how many it has.
pub type Lines = Vec<(usize, usize)>;

/// The lines of a job's units.
pub fn lines_of(job: &Job) -> Lines {
    job.units.iter().map(|unit| (unit.line, unit.source.split('\n').count())).collect()
}

/// What may make something else of a line than a number in a text, or lead to one that nobody prints.
static LOOKS_AT_LINES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"lineno|\bco_|\bf_|\btb_|getframe|currentframe|_frames|inspect|trace|warning|\bdis\b|logging|linecache|profile|monitoring|__code__|marshal|\bpdb\b|bdb|faulthandler|__file__|__main__|argv|stat\b|getsize|snippet\.py|unittest|doctest|pytest",
    )
    .expect("valid")
});

/// What was observed of a job whose units stood at these lines, as it is where they stand now. None where that is
/// not sure.
pub fn to_lines(mut seen: Observation, from: &Lines, job: &Job) -> Option<Observation> {
    let to = lines_of(job);
    if *from == to {
        return Some(seen);
    }
    let ranges: Vec<_> = from.iter().chain(&to).copied().collect();
    let shown = |text: &String| numbers(text).any(|number| is_in(&ranges, number));
    if texts(job).any(|text| LOOKS_AT_LINES.is_match(text)) || seen.texts().iter().any(shown) {
        return None;
    }
    let mut is_whole = true;
    seen.each_line(&mut |line| {
        let unit = from.iter().position(|(first, count)| (*first..first + count).contains(line));
        match unit {
            Some(unit) => *line = *line - from[unit].0 + to[unit].0,
            None => is_whole = false,
        }
    });
    is_whole.then_some(seen)
}

fn is_in(ranges: &[(usize, usize)], line: usize) -> bool {
    ranges.iter().any(|(first, count)| (*first..first + count).contains(&line))
}

/// The numbers that a text shows, as far as they could be lines.
fn numbers(text: &str) -> impl Iterator<Item = usize> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Unit;
    use crate::run::Failure;
    use crate::run::observation::{Mark, UnitSeen};

    fn job(units: &[(usize, &str)]) -> Job {
        let unit = |(line, source): &(usize, &str)| Unit {
            line: *line,
            source: (*source).to_owned(),
            interactive: false,
            probes: Vec::new(),
        };
        Job { units: units.iter().map(unit).collect(), ..Job::default() }
    }

    fn printing(text: &str, lines: &[usize]) -> Observation {
        let marks = vec![Mark { stream: 0, lines: lines.to_vec(), at: [0, 0] }];
        Observation { output: [text.into(), vec![]], marks, ..Observation::default() }
    }

    #[test]
    fn each_unit_moves_by_itself() {
        let (before, after) =
            (job(&[(10, "def f():\n    g()"), (14, "f()")]), job(&[(20, "def f():\n    g()"), (23, "f()")]));
        let mut seen = printing("one", &[11, 14]);
        let failure = Failure { lines: vec![14, 11], line: Some(14), ..Failure::default() };
        seen.units.insert(1, UnitSeen { failure: Some(failure), ..UnitSeen::default() });
        let moved = to_lines(seen, &lines_of(&before), &after).unwrap();
        assert_eq!(moved.marks[0].lines, [21, 23]);
        let failure = moved.units[&1].failure.as_ref().unwrap();
        assert_eq!((&failure.lines[..], failure.line), (&[23, 21][..], Some(23)));
    }

    #[test]
    fn what_could_show_a_line_is_not_moved() {
        let (before, after) = (job(&[(10, "f()\n")]), job(&[(20, "f()\n")]));
        let moved = |text: &str, lines: &[usize]| {
            to_lines(printing(text, lines), &lines_of(&before), &after).is_some()
        };
        assert!(moved("9 12 22 110", &[10]) && !moved("line 11", &[10]) && !moved("20", &[10]));
        assert!(!moved("", &[99]), "a line of nobody");
        let looks = |line: usize| job(&[(line, "import inspect")]);
        assert!(to_lines(printing("", &[]), &lines_of(&looks(1)), &looks(2)).is_none());
        assert!(to_lines(printing("1", &[]), &lines_of(&looks(1)), &looks(1)).is_some(), "it did not move");
    }
}
