//! Comments of a snippet, each with the code it is about.

use std::collections::HashSet;

use super::commented::{commented, session};
use super::exception::traceback;
use super::header::header;
use super::lines::{block_end, continued, depth, groups, joined, shown, words};
use super::parts::Parts;
use super::place::Place;
use super::remark::{Remark, Why};
use super::target::{self, Target};
use super::understand::{Context, LONGEST, Understood, plain, understand};
use super::vocabulary::Vocabulary;
use super::words::{ARROW, RETURNED, ROW};
use super::{Certainty, Claim, Form, Kind, Meaning};
use crate::guide::{Guide, Snippet};
use crate::python::{Code, Comment, literal};

/// What is known of a guide before its comments are read.
pub struct Habits<'a> {
    /// The names of its code.
    pub known: &'a Vocabulary,
    /// Whether it shows output in `##` lines.
    pub shows_by_hashes: bool,
}

/// The claims that a snippet's comments make, and the comments that make none.
pub fn claims(guide: &Guide, index: usize, code: &Code, habits: &Habits<'_>) -> (Vec<Claim>, Vec<Remark>) {
    let snippet = &guide.snippets[index];
    let (names, parts) = (code.identifiers(), Parts::of(code));
    let mut reader =
        Reader { snippet, index, code, names, parts, habits, claims: Vec::new(), remarks: Vec::new() };
    for group in groups(code, code.comments()) {
        reader.group(group);
    }
    let Reader { mut claims, remarks, .. } = reader;
    doubt_steps(&mut claims);
    (claims, remarks)
}

/// Comments that count 1, 2, 3 number the steps as likely as they show output.
fn doubt_steps(claims: &mut [Claim]) {
    const SURE: usize = 3;
    let number =
        |claim: &Claim| claim.text.trim().parse::<usize>().ok().filter(|_| claim.form == Form::Trailing);
    for run in claims.chunk_by_mut(|a, b| number(a).is_some_and(|n| number(b) == Some(n + 1))) {
        if run.len() >= SURE && number(&run[0]) == Some(1) {
            run.iter_mut().for_each(|claim| claim.certainty = Certainty::Implied);
        }
    }
}

struct Reader<'a> {
    snippet: &'a Snippet,
    index: usize,
    code: &'a Code,
    names: HashSet<String>,
    parts: Parts<'a>,
    habits: &'a Habits<'a>,
    claims: Vec<Claim>,
    remarks: Vec<Remark>,
}

impl Reader<'_> {
    fn group(&mut self, lines: &[Comment]) {
        let taken = match lines.first() {
            Some(first) if !first.own_line => self.trailing(lines),
            _ => 0,
        };
        if let Some(first) = lines.get(taken) {
            let place = Place::of(self.code, first, &lines[lines.len() - 1]);
            self.own_lines(&lines[taken..], &place);
        }
    }

    fn with_context<T>(
        &self,
        target: Option<&Target>,
        own_line: bool,
        work: impl FnOnce(&Context<'_>) -> T,
    ) -> T {
        work(&Context {
            prints: target.is_some_and(|t| t.prints),
            shows: target.is_some_and(|t| t.shows),
            has_value: target.is_some_and(|t| t.has_value),
            is_constant: target.is_some_and(|t| t.is_constant),
            own_line,
            names: &|name| self.names.contains(name),
            known: self.habits.known,
        })
    }

    fn understand(
        &self,
        text: &str,
        target: Option<&Target>,
        own_line: bool,
    ) -> Result<Vec<Understood>, Why> {
        self.with_context(target, own_line, |context| understand(text, context))
    }

    /// What a text says first.
    fn first(&self, text: &str, target: Option<&Target>, own_line: bool) -> Result<Understood, Why> {
        self.understand(text, target, own_line)?.into_iter().next().ok_or(Why::NotShown)
    }

    fn remark(&mut self, lines: &[Comment], why: Why) {
        self.remarks.extend(lines.iter().map(|line| Remark::new(self.snippet, self.index, line, why)));
    }

    /// A comment beside code. Returns how many lines of the group it takes.
    fn trailing(&mut self, lines: &[Comment]) -> usize {
        let targets = target::beside(self.code, &self.parts, lines[0].line);
        let Some(target) = targets.last() else {
            self.remark(&lines[..1], Why::NoStatement);
            return 1;
        };
        if header(words(&lines[0])).is_some() {
            self.remark(&lines[..1], Why::Announces);
            return 1 + self.announced(lines, std::slice::from_ref(target), false);
        }
        let (text, count) = self.whole_text(lines, false);
        if self.one_for_each(&lines[0], &text, &targets) {
            return count;
        }
        let all = self.understand(&text, Some(target), false);
        if let Err(why) = all {
            self.remark(&lines[..count], why);
        }
        for found in all.unwrap_or_default() {
            let form = if found.kind == Kind::Expression { Form::InComment } else { Form::Trailing };
            let found = self.with_continuation(found, &text, &lines[count..]);
            let round = target::around(self.code, lines[0].line).filter(|_| found.kind == Kind::Raises);
            let about = targets.iter().cloned().chain(round).collect();
            self.push(&lines[..count], form, about, found);
        }
        count
    }

    /// `f(1); f(2)  # [1], then [2]`: a value for each statement of the line.
    fn one_for_each(&mut self, comment: &Comment, text: &str, targets: &[Target]) -> bool {
        let bare = ARROW.replace(text, "");
        let values: Vec<_> = ROW.split(bare.trim_end_matches(['.', '!'])).collect();
        let shows = targets.iter().all(|target| target.shows && !target.prints);
        if targets.len() < 2
            || values.len() != targets.len()
            || !shows
            || values.iter().any(|v| literal(v).is_none())
        {
            return false;
        }
        for (value, target) in values.iter().zip(targets) {
            if let Ok(found) = self.first(value, Some(target), false) {
                self.push(std::slice::from_ref(comment), Form::Trailing, vec![target.clone()], found);
            }
        }
        true
    }

    /// The lines below a header that `lines` starts with. Returns how many they are.
    fn announced(&mut self, lines: &[Comment], targets: &[Target], plural: bool) -> usize {
        let body: Vec<_> = lines[1..].iter().take_while(|c| header(words(c)).is_none()).collect();
        let body = &body[..block_end(&body)];
        let Some(target) = targets.first().filter(|_| !body.is_empty()) else { return 0 };
        let texts: Vec<_> = body.iter().map(|comment| words(comment).to_owned()).collect();
        if plural {
            self.listed(body, &texts, target);
        } else {
            let found = self.shown_or_raised(&texts);
            self.push(&lines[1..=body.len()], Form::Header, targets.to_vec(), found);
        }
        body.len()
    }

    /// Lines that show output, or a traceback.
    fn shown_or_raised(&self, texts: &[String]) -> Understood {
        match traceback(texts, self.habits.known).filter(|_| texts.len() > 1) {
            Some(exception) => {
                let expected = texts.last().cloned().unwrap_or_default();
                Understood { marked: true, ..plain(Kind::Raises, expected, Meaning::Raises(exception)) }
            }
            None => shown(texts),
        }
    }

    /// Lines of which each is about another print above.
    fn listed(&mut self, body: &[&Comment], texts: &[String], last: &Target) {
        let prints = self.run_up_to(last, texts.len(), |target| target.prints);
        if prints.len() != texts.len() {
            return self.lines_of(body, texts, last, Form::Header);
        }
        for (index, (comment, text)) in body.iter().zip(texts).enumerate() {
            let found = shown(std::slice::from_ref(text));
            self.push(std::slice::from_ref(*comment), Form::Header, vec![prints[index].clone()], found);
        }
    }

    /// Lines of which each is one of the last lines that were printed so far.
    fn lines_of(&mut self, body: &[&Comment], texts: &[String], last: &Target, form: Form) {
        for (index, (comment, text)) in body.iter().zip(texts).enumerate() {
            let mut found = shown(std::slice::from_ref(text));
            found.meaning = Meaning::ShowsLine { text: text.clone(), from_end: texts.len() - 1 - index };
            self.push(std::slice::from_ref(*comment), form, vec![last.clone()], found);
        }
    }

    /// The `count` statements of a kind that end with `last`, in order; fewer where another stands between.
    fn run_up_to(&self, last: &Target, count: usize, kind: fn(&Target) -> bool) -> Vec<Target> {
        let column = self.code.column_of(last.start);
        let mut found: Vec<Target> = Vec::new();
        let mut next = Some(last.clone());
        while let Some(target) = next.filter(|target| kind(target) && found.len() < count) {
            next = target::above(self.code, target.lines.0, column);
            found.push(target);
        }
        found.reverse();
        found
    }

    fn own_lines(&mut self, lines: &[Comment], place: &Place) {
        if self.is_inside_statement(&lines[0]) {
            return self.remark(lines, Why::Inside);
        }
        if self.hashes(lines, place) || self.paired(lines, place) || self.traceback(lines, place) {
            return;
        }
        let mut at = 0;
        while at < lines.len() {
            at += match header(words(&lines[at])) {
                Some(header) if at + 1 < lines.len() && place.could_print() => {
                    let targets: Vec<_> = place.above.iter().cloned().collect();
                    self.remark(&lines[at..=at], Why::Announces);
                    1 + self.announced(&lines[at..], &targets, header.plural)
                }
                _ => self.own_line(lines, at, place),
            };
        }
    }

    /// A comment between the brackets of a statement says something about a part of it.
    fn is_inside_statement(&self, comment: &Comment) -> bool {
        !target::beside(self.code, &self.parts, comment.line).is_empty()
    }

    /// A traceback right below the statement that it is of.
    fn traceback(&mut self, lines: &[Comment], place: &Place) -> bool {
        let texts: Vec<_> = lines.iter().map(|comment| words(comment).to_owned()).collect();
        let raised = texts[0].starts_with("Traceback (most recent call last)");
        let Some(above) = place.above.as_ref().filter(|_| raised && place.gap == 0) else { return false };
        let found = self.shown_or_raised(&texts);
        self.push(lines, Form::Below, vec![above.clone()], found);
        true
    }

    /// A block of `##` or `#>` lines right below the statement whose output it is.
    fn hashes(&mut self, lines: &[Comment], place: &Place) -> bool {
        let arrows = lines.iter().all(|line| line.text.starts_with("#>"));
        let double = lines.iter().all(|line| line.text.starts_with("##")) && self.habits.shows_by_hashes;
        if lines.iter().any(|line| header(words(line)).is_some()) {
            return false;
        }
        let Some(above) = place.above.as_ref().filter(|_| place.gap == 0 && (arrows || double)) else {
            return false;
        };
        let uncommented = self.code.is_uncommented_output(lines[0].line);
        let text = |line: &Comment| if uncommented { words(line).trim() } else { words(line) }.to_owned();
        let texts: Vec<_> = lines.iter().map(text).collect();
        let found = shown(&texts);
        let form = if uncommented { Form::Uncommented } else { Form::Below };
        self.push(lines, form, vec![above.clone()], found);
        true
    }

    /// One own-line comment (several, where one value goes over them). Returns how many lines.
    fn own_line(&mut self, lines: &[Comment], at: usize, place: &Place) -> usize {
        let adjacent = at == 0 && place.gap == 0;
        if let Some((found, count)) = self.commented_out(lines, at) {
            self.push(&lines[at..at + count], Form::InComment, place.any(), found);
            return count;
        }
        let (text, count) = self.whole_text(&lines[at..], true);
        let target = place.above.as_ref().filter(|_| place.gap == 0).or(place.below.as_ref());
        let understood = self.first(&text, target.or(place.above.as_ref()), true).and_then(|found| {
            let about = place.targets(&found, adjacent, at + count == lines.len());
            Ok((found, about.ok_or(Why::Apart)?))
        });
        let (found, (form, targets)) = match understood {
            Ok(understood) => understood,
            Err(why) => {
                self.remark(&lines[at..at + count], why);
                return count;
            }
        };
        let (found, count) = match self.row(&lines[at..], &found) {
            Some(row) => row,
            None => (self.with_continuation(found, &text, &lines[at + count..]), count),
        };
        self.push(&lines[at..at + count], form, targets, found);
        count
    }

    /// Code that was commented out and carries a claim, with the number of lines that it takes.
    fn commented_out(&self, lines: &[Comment], at: usize) -> Option<(Understood, usize)> {
        self.with_context(None, true, |context| {
            session(&lines[at..], context).or_else(|| Some((commented(lines, at, context)?, 1)))
        })
    }

    /// A row of values below a row of statements: one for each, or each for a line that the last printed.
    fn paired(&mut self, lines: &[Comment], place: &Place) -> bool {
        let one = |comment: &Comment| {
            let (text, marked) = (words(comment).trim(), ARROW.is_match(words(comment)));
            literal(text).is_some() || (marked && depth(text) == 0 && text.len() > 3)
        };
        let marked = lines.iter().all(|comment| ARROW.is_match(words(comment)));
        // Marks on all lines say that they are output, also where a blank line sets them off.
        let apart = |above: &Target| marked && above.prints && place.below.is_none();
        let Some(last) =
            place.above.as_ref().filter(|above| lines.len() > 1 && (place.gap == 0 || apart(above)))
        else {
            return false;
        };
        let values = lines.iter().all(one);
        let kind = if marked {
            |target: &Target| target.shows
        } else {
            |target: &Target| target.shows && !target.prints
        };
        let above = self.run_up_to(last, lines.len(), kind);
        if marked && last.prints && (place.gap > 0 || above.len() != lines.len()) {
            let texts: Vec<_> =
                lines.iter().map(|comment| ARROW.replace(words(comment), "").into_owned()).collect();
            self.lines_of(&lines.iter().collect::<Vec<_>>(), &texts, last, Form::Below);
            return true;
        }
        if !values || above.len() != lines.len() {
            return false;
        }
        for (comment, target) in lines.iter().zip(above) {
            let found = self.first(words(comment), Some(&target), true);
            let targets = if target == *last || !marked { vec![target] } else { vec![target, last.clone()] };
            match found {
                Ok(found) => self.push(std::slice::from_ref(comment), Form::Below, targets, found),
                Err(why) => self.remark(std::slice::from_ref(comment), why),
            }
        }
        true
    }

    /// Several unmarked lines in a row that show a line of output each.
    fn row(&self, lines: &[Comment], first: &Understood) -> Option<(Understood, usize)> {
        let fits = first.kind == Kind::Stdout || first.certainty == Certainty::Implied;
        if first.marked || !fits || !matches!(first.meaning, Meaning::Shows(_)) {
            return None;
        }
        let alike = |comment: &&Comment| match first.certainty {
            Certainty::Explicit => literal(words(comment)).is_some(),
            Certainty::Implied => !words(comment).trim().is_empty(),
        };
        let lines = match lines.split_last() {
            Some((last, printed)) if RETURNED.is_match(words(last)) => printed,
            _ => lines,
        };
        let texts: Vec<_> = lines.iter().take_while(alike).map(|comment| words(comment).to_owned()).collect();
        let mut row = shown(&texts);
        row.marked = false;
        row.certainty = first.certainty;
        let Meaning::Shows(readings) = &mut row.meaning else { return None };
        if first.certainty == Certainty::Implied {
            // The further lines may as well be about something else.
            readings.push(texts.first()?.clone());
        }
        (texts.len() > 1).then_some((row, texts.len()))
    }

    /// The text of a line, with the lines that complete a value whose brackets it leaves open.
    fn whole_text(&self, lines: &[Comment], own_line: bool) -> (String, usize) {
        let first = words(&lines[0]).trim().to_owned();
        let understood = || self.understand(&first, None, own_line).unwrap_or_default();
        if depth(&first) <= 0 || understood().iter().any(|f| f.certainty == Certainty::Explicit) {
            return (first, 1);
        }
        let mut text = first.clone();
        for (count, line) in lines.iter().enumerate().skip(1).take(60) {
            text = format!("{text}\n{}", continued(words(line), &first));
            if depth(&text) == 0 {
                return (text, count + 1);
            }
            if text.len() > LONGEST {
                break;
            }
        }
        (first, 1)
    }

    /// Unmarked lines below a claim continue it: what is shown may be all of them.
    fn with_continuation(&self, mut found: Understood, text: &str, below: &[Comment]) -> Understood {
        let more =
            below.iter().map(words).take_while(|t| !t.trim().is_empty() && !ARROW.is_match(t)).take(50);
        if let Meaning::Shows(readings) = &mut found.meaning
            && found.marked
            && literal(text).is_none()
        {
            let first = readings[0].clone();
            let mut lines = vec![first];
            for line in more {
                lines.push(line.to_owned());
                readings.extend(joined(&lines));
            }
        }
        found
    }

    fn push(&mut self, lines: &[Comment], form: Form, targets: Vec<Target>, found: Understood) {
        let (first, last) = (&lines[0], &lines[lines.len() - 1]);
        let text = lines.iter().map(words).collect::<Vec<_>>().join("\n");
        let start = first.start + first.text.len() - words(first).len();
        self.claims.push(Claim {
            id: String::new(),
            lines: (self.snippet.guide_line(first.line), self.snippet.guide_line(last.line)),
            snippet: self.index,
            kind: found.kind,
            form,
            certainty: found.certainty,
            text,
            expected: found.expected,
            span: (self.snippet.guide_offset(start), self.snippet.guide_offset(last.start + last.text.len())),
            targets,
            meaning: found.meaning,
            marked: found.marked,
            hedged: found.hedged,
            versions: found.versions,
        });
    }
}
