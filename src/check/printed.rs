//! Which line of a snippet printed what.

use crate::guide::Guide;
use crate::plan::Plan;
use crate::report::{Printed, Stream};
use crate::run::Observation;

/// Characters that are kept of what one line printed to one stream.
const MOST: usize = 2000;

/// What each line of a snippet printed, standard output first, in the order in which they began. What is printed by a
/// function that is called from another snippet is that of the line that called it.
pub fn printed(guide: &Guide, plan: &Plan, seen: &Observation) -> Vec<Printed> {
    let (first, last) = guide.snippets[plan.snippet].lines;
    let mut printed: Vec<Printed> = Vec::new();
    for (stream, name) in [(0, Stream::Stdout), (1, Stream::Stderr)] {
        let begins = begins(plan, seen, stream);
        let ends = begins.iter().skip(1).map(|(at, _)| *at).chain([seen.output[stream].len()]);
        for ((start, lines), end) in begins.iter().zip(ends) {
            let own = lines.iter().find(|line| (first..=last).contains(*line));
            if let Some(line) = own.filter(|_| *start < end) {
                add(&mut printed, guide.place(*line).1, name, &seen.text(stream, *start, end));
            }
        }
    }
    printed
}

/// From which byte of a stream on which lines caused the output. The statement itself did where no line of it is
/// known, as that of a program that it started.
fn begins(plan: &Plan, seen: &Observation, stream: usize) -> Vec<(usize, Vec<usize>)> {
    let own = plan.units.iter().enumerate().skip(plan.before);
    let units =
        own.filter_map(|(index, unit)| Some((seen.units.get(&index)?.start[stream], vec![unit.line])));
    let first = seen.units.get(&plan.before).map_or(usize::MAX, |unit| unit.start[stream]);
    let marks = seen.marks.iter().filter(|mark| mark.stream == stream && mark.at[stream] >= first);
    let mut begins: Vec<_> = units.chain(marks.map(|mark| (mark.at[stream], mark.lines.clone()))).collect();
    // What begins at the same byte stays in this order: a statement starts before it prints.
    begins.sort_by_key(|(at, _)| *at);
    begins
}

fn add(printed: &mut Vec<Printed>, line: usize, stream: Stream, text: &str) {
    let found = printed.iter().position(|it| it.line == line && it.stream == stream);
    let at = found.unwrap_or_else(|| {
        printed.push(Printed { line, stream, text: String::new(), truncated: false });
        printed.len() - 1
    });
    let printed = &mut printed[at];
    let room = MOST.saturating_sub(printed.text.chars().count());
    let cut = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
    printed.text.push_str(&text[..cut]);
    printed.truncated |= cut < text.len();
}
