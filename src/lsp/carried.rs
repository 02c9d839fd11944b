//! What a check found, moved to where it stands in a text that was edited since. What speaks of a changed line
//! is left out: nobody knows whether it is still so.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use super::documents::Place;
use super::position::Text;
use crate::report::{ClaimReport, FindingReport, GuideReport, Related, SnippetReport};

/// How long two texts are compared; what is not done by then counts as changed.
const PATIENCE: Duration = Duration::from_millis(200);

/// What a check found in a text.
pub struct Checked {
    /// The text.
    pub text: Arc<Text>,
    /// What was found in it.
    pub guide: GuideReport,
    /// How many Pythons it was run on.
    pub pythons: usize,
    /// First lines of snippets that were edited since.
    pub edited: BTreeSet<usize>,
}

impl Checked {
    /// The same, as far as it is about lines that a newer text has too.
    pub fn carried(&self, now: &Arc<Text>) -> Checked {
        let lines = Lines::between(&self.text, now);
        let guide = &self.guide;
        let snippets: Vec<_> = guide.snippets.iter().filter_map(|it| lines.snippet(it)).collect();
        let edited = self.edited.iter().filter_map(|line| lines.line(*line));
        let changed = snippets.iter().filter(|(_, whole)| !whole).map(|(snippet, _)| snippet.lines.0);
        Checked {
            text: Arc::clone(now),
            edited: edited.chain(changed).collect(),
            guide: GuideReport {
                path: guide.path.clone(),
                error: guide.error.clone(),
                digest: guide.digest.clone(),
                snippets: snippets.into_iter().map(|(snippet, _)| snippet).collect(),
                claims: guide.claims.iter().filter_map(|it| lines.claim(it)).collect(),
                // Editors show none.
                remarks: Vec::new(),
                findings: guide.findings.iter().filter_map(|it| lines.finding(it)).collect(),
                text: String::new(),
                companions: guide.companions.clone(),
            },
            pythons: self.pythons,
        }
    }

    /// Gives snippets the ids that they have in the text as it is now.
    pub fn name_snippets(&mut self, places: &[Place]) {
        let mut names = HashMap::new();
        for snippet in &mut self.guide.snippets {
            if let Some(place) = places.iter().find(|place| place.first == snippet.lines.0) {
                names.insert(std::mem::replace(&mut snippet.id, place.id.clone()), place.id.clone());
            }
        }
        let name = |id: &mut String| names.get(id).into_iter().for_each(|new| id.clone_from(new));
        self.guide.claims.iter_mut().for_each(|claim| name(&mut claim.snippet));
        self.guide.findings.iter_mut().filter_map(|finding| finding.snippet.as_mut()).for_each(name);
    }

    /// The same with what a later check of some of its snippets found in the same text.
    pub fn with(mut self, later: Checked) -> Checked {
        let first_lines: BTreeSet<_> = later.guide.snippets.iter().map(|snippet| snippet.lines.0).collect();
        let again = |snippet: &SnippetReport| first_lines.contains(&snippet.lines.0);
        let ids: BTreeSet<_> =
            self.guide.snippets.iter().filter(|it| again(it)).map(|it| it.id.clone()).collect();
        let guide = &mut self.guide;
        guide.snippets.retain(|snippet| !again(snippet));
        guide.claims.retain(|claim| !ids.contains(&claim.snippet));
        guide.findings.retain(|finding| finding.snippet.as_ref().is_none_or(|id| !ids.contains(id)));
        guide.error = later.guide.error;
        guide.snippets.extend(later.guide.snippets);
        guide.claims.extend(later.guide.claims);
        guide.findings.extend(later.guide.findings);
        guide.companions.extend(later.guide.companions);
        self.edited.retain(|line| !first_lines.contains(line));
        Checked { text: later.text, pythons: later.pythons, ..self }
    }
}

/// Where each line of an older text is in a newer one.
struct Lines<'a> {
    old: &'a Text,
    new: &'a Text,
    moved: HashMap<usize, usize>,
}

impl Lines<'_> {
    fn between<'a>(old: &'a Text, new: &'a Text) -> Lines<'a> {
        let deadline = Some(Instant::now() + PATIENCE);
        let (before, after) = (old.all_lines(), new.all_lines());
        let mut moved = HashMap::new();
        for op in capture_diff_slices_deadline(Algorithm::Myers, &before, &after, deadline) {
            if let DiffOp::Equal { old_index, new_index, len } = op {
                moved.extend((0..len).map(|at| (old_index + at + 1, new_index + at + 1)));
            }
        }
        Lines { old, new, moved }
    }

    fn line(&self, line: usize) -> Option<usize> {
        self.moved.get(&line).copied()
    }

    /// A stretch of lines, if all of it is there as it was.
    fn stretch(&self, (first, last): (usize, usize)) -> Option<(usize, usize)> {
        let start = self.line(first)?;
        let is_there = (first..=last).all(|line| self.line(line) == Some(start + line - first));
        is_there.then_some((start, start + last - first))
    }

    /// A snippet of which the fence or the first line is there, and whether all of it is.
    fn snippet(&self, snippet: &SnippetReport) -> Option<(SnippetReport, bool)> {
        let (first, last) = snippet.lines;
        let whole = self.stretch(snippet.lines);
        let fence = || self.line(first.checked_sub(1)?).filter(|_| snippet.fenced).map(|line| line + 1);
        let start = fence().or_else(|| self.line(first))?;
        let end = self.line(last).or_else(|| self.line(last + 1).map(|line| line - 1));
        let end = end.unwrap_or(start + last - first).max(start);
        let mut moved = SnippetReport { lines: (start, end), ..snippet.clone() };
        for run in &mut moved.runs {
            run.line = run.line.and_then(|line| self.line(line));
            run.printed = std::mem::take(&mut run.printed)
                .into_iter()
                .filter_map(|it| Some(crate::report::Printed { line: self.line(it.line)?, ..it }))
                .collect();
        }
        Some((moved, whole.is_some()))
    }

    fn claim(&self, claim: &ClaimReport) -> Option<ClaimReport> {
        if claim.file.is_some() {
            return Some(claim.clone());
        }
        let mut moved = ClaimReport { lines: self.stretch(claim.lines)?, ..claim.clone() };
        if let Some(subject) = &mut moved.subject {
            subject.lines = self.stretch(subject.lines)?;
        }
        Some(moved)
    }

    fn finding(&self, finding: &FindingReport) -> Option<FindingReport> {
        if finding.file.is_some() {
            return Some(finding.clone());
        }
        let (line, end_line) = self.stretch((finding.line, finding.end_line))?;
        let (from, to) = (self.old.line_start(finding.line), self.new.line_start(line));
        let by = |at: usize| (at + to).saturating_sub(from);
        let related = |it: &Related| Some(Related { line: self.line(it.line)?, ..it.clone() });
        Some(FindingReport {
            line,
            end_line,
            span: (by(finding.span.0), by(finding.span.1)),
            related: finding.related.iter().filter_map(related).collect(),
            fix: None,
            ..finding.clone()
        })
    }
}
