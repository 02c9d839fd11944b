//! Comments of a snippet, each with the code it is about.

use std::collections::HashSet;

use super::exception::exception;
use super::header::header;
use super::in_comment::starts_known;
use super::target::{self, Target};
use super::understand::{Context, Understood, understand};
use super::words::ARROW;
use super::{Certainty, Claim, Effect, Form, Kind, Meaning, Says};
use crate::guide::{Guide, Snippet};
use crate::python::{Code, Comment, expression, literal};

/// The claims that a snippet's comments make.
pub fn claims(guide: &Guide, index: usize, code: &Code, shows_by_hashes: bool) -> Vec<Claim> {
    let snippet = &guide.snippets[index];
    let comments = code.comments();
    let mut reader =
        Reader { snippet, index, code, names: code.identifiers(), shows_by_hashes, claims: Vec::new() };
    for group in groups(code, &comments) {
        reader.group(group);
    }
    reader.claims
}

/// Runs of comments on consecutive lines: one that trails code and the own-line ones below it, or
/// own-line ones at one column.
fn groups<'c>(code: &Code, comments: &'c [Comment]) -> Vec<&'c [Comment]> {
    let joined = |above: &Comment, below: &Comment| {
        let alike = code.column_of(above.start) == code.column_of(below.start) && mark(above) == mark(below);
        below.own_line && above.line + 1 == below.line && (!above.own_line || alike)
    };
    comments.chunk_by(joined).collect()
}

/// Whether the author shows output in `##` lines right below prints: then every such block is output.
pub fn shows_by_hashes(code: &Code) -> bool {
    code.comments().iter().filter(|c| c.own_line && c.text.starts_with("## ")).any(|comment| {
        let above = target::above(code, comment.line, code.column_of(comment.start));
        above.is_some_and(|above| above.prints && above.lines.1 + 1 == comment.line)
    })
}

/// Which kind of comment lines a line belongs to.
fn mark(comment: &Comment) -> &str {
    ["##", "#>"].into_iter().find(|mark| comment.text.starts_with(mark)).unwrap_or("#")
}

/// A comment's text without its mark: what follows `#`, `##` or `#>`.
fn words(comment: &Comment) -> &str {
    let text = comment.text.trim_start_matches('#');
    let text = if comment.text.starts_with("#>") { text.trim_start_matches('>') } else { text };
    text.strip_prefix(' ').unwrap_or(text)
}

/// Where a group of own-line comments stands.
struct Place {
    above: Option<Target>,
    /// Blank or other lines between the statement above and the group.
    gap: usize,
    /// The statement that starts right below.
    below: Option<Target>,
}

struct Reader<'a> {
    snippet: &'a Snippet,
    index: usize,
    code: &'a Code,
    names: HashSet<String>,
    shows_by_hashes: bool,
    claims: Vec<Claim>,
}

impl Reader<'_> {
    fn group(&mut self, lines: &[Comment]) {
        let taken = match lines.first() {
            Some(first) if !first.own_line => self.trailing(lines),
            _ => 0,
        };
        if let Some(first) = lines.get(taken) {
            let place = self.place(first, &lines[lines.len() - 1]);
            self.own_lines(&lines[taken..], &place);
        }
    }

    fn place(&self, first: &Comment, last: &Comment) -> Place {
        let above = target::above(self.code, first.line, self.code.column_of(first.start));
        let gap = above.as_ref().map_or(usize::MAX, |above| first.line - above.lines.1 - 1);
        Place { above, gap, below: target::starting_on(self.code, last.line + 1) }
    }

    fn understand(&self, text: &str, target: Option<&Target>, own_line: bool) -> Option<Understood> {
        let names = |name: &str| self.names.contains(name);
        understand(
            text,
            &Context {
                prints: target.is_some_and(|t| t.prints),
                shows: target.is_some_and(|t| t.shows),
                has_value: target.is_some_and(|t| t.has_value),
                own_line,
                names: &names,
            },
        )
    }

    /// A comment beside code. Returns how many lines of the group it takes.
    fn trailing(&mut self, lines: &[Comment]) -> usize {
        let Some(target) = target::beside(self.code, lines[0].line) else { return 1 };
        if header(words(&lines[0])).is_some() {
            return 1 + self.announced(lines, std::slice::from_ref(&target), false);
        }
        let (text, count) = self.whole_text(lines, false);
        if let Some(found) = self.understand(&text, Some(&target), false) {
            let form = if found.kind == Kind::Expression { Form::InComment } else { Form::Trailing };
            let continued = &lines[count..];
            self.push(&lines[..count], form, vec![target], self.with_continuation(found, &text, continued));
        }
        count
    }

    /// The lines below a header that `lines` starts with. Returns how many they are.
    fn announced(&mut self, lines: &[Comment], targets: &[Target], plural: bool) -> usize {
        let body: Vec<_> =
            lines[1..].iter().take_while(|c| header(words(c)).is_none() && c.text.len() > 1).collect();
        let Some(target) = targets.first().filter(|_| !body.is_empty()) else { return 0 };
        let texts: Vec<_> = body.iter().map(|comment| words(comment).to_owned()).collect();
        if plural {
            self.listed(&body, &texts, target);
        } else {
            let found = shown(texts.join("\n"), &texts);
            self.push(&lines[1..=body.len()], Form::Header, targets.to_vec(), found);
        }
        body.len()
    }

    /// Lines of which each is about another print above.
    fn listed(&mut self, body: &[&Comment], texts: &[String], last: &Target) {
        let prints = self.run_up_to(last, texts.len(), |target| target.prints);
        for (index, (comment, text)) in body.iter().zip(texts).enumerate() {
            let mut found = shown(text.clone(), std::slice::from_ref(text));
            let target = match prints.get(index).filter(|_| prints.len() == texts.len()) {
                Some(target) => target.clone(),
                None => {
                    let from_end = texts.len() - 1 - index;
                    found.meaning = Meaning::ShowsLine { text: text.clone(), from_end };
                    last.clone()
                }
            };
            self.push(std::slice::from_ref(*comment), Form::Header, vec![target], found);
        }
    }

    /// The `count` statements of a kind that end with `last`, in order; fewer where another stands between.
    fn run_up_to(&self, last: &Target, count: usize, kind: fn(&Target) -> bool) -> Vec<Target> {
        let column = self.code.column_of(last.start);
        let mut found: Vec<Target> = Vec::new();
        let mut next = Some(last.clone());
        while let Some(target) = next.filter(|target| kind(target) && found.len() < count) {
            next = target::above(self.code, target.lines.0, column);
            found.insert(0, target);
        }
        found
    }

    fn own_lines(&mut self, lines: &[Comment], place: &Place) {
        if self.is_inside_statement(&lines[0]) || self.hashes(lines, place) || self.paired(lines, place) {
            return;
        }
        let mut at = 0;
        while at < lines.len() {
            at += match header(words(&lines[at])) {
                Some(header) if at + 1 < lines.len() && place.above.is_some() => {
                    let targets: Vec<_> = place.above.iter().cloned().collect();
                    1 + self.announced(&lines[at..], &targets, header.plural)
                }
                _ => self.own_line(lines, at, place),
            };
        }
    }

    /// A comment between the brackets of a statement says something about a part of it.
    fn is_inside_statement(&self, comment: &Comment) -> bool {
        target::beside(self.code, comment.line).is_some()
    }

    /// A block of `##` or `#>` lines right below the statement whose output it is.
    fn hashes(&mut self, lines: &[Comment], place: &Place) -> bool {
        let arrows = lines.iter().all(|line| line.text.starts_with("#>"));
        let double = lines.iter().all(|line| line.text.starts_with("##")) && self.shows_by_hashes;
        let Some(above) = place.above.as_ref().filter(|_| place.gap == 0 && (arrows || double)) else {
            return false;
        };
        let uncommented = self.code.is_uncommented_output(lines[0].line);
        let text = |line: &Comment| if uncommented { words(line).trim() } else { words(line) }.to_owned();
        let texts: Vec<_> = lines.iter().map(text).collect();
        let found = shown(texts.join("\n"), &texts);
        let form = if uncommented { Form::Uncommented } else { Form::Below };
        self.push(lines, form, vec![above.clone()], found);
        true
    }

    /// One own-line comment (several, where one value goes over them). Returns how many lines.
    fn own_line(&mut self, lines: &[Comment], at: usize, place: &Place) -> usize {
        let adjacent = at == 0 && place.gap == 0;
        let (text, count) = self.whole_text(&lines[at..], true);
        if let Some(found) = self.commented_code(lines, at) {
            self.push(&lines[at..at + 1], Form::InComment, place.any(), found);
            return 1;
        }
        let target = place.above.as_ref().filter(|_| place.gap == 0).or(place.below.as_ref());
        let Some(found) = self.understand(&text, target.or(place.above.as_ref()), true) else { return count };
        let Some((form, targets)) = place.targets(&found, adjacent, at + count == lines.len()) else {
            return count;
        };
        let (found, count) = match self.row(&lines[at..], &found) {
            Some(row) => row,
            None => (self.with_continuation(found, &text, &lines[at + count..]), count),
        };
        self.push(&lines[at..at + count], form, targets, found);
        count
    }

    /// A row of values below a row of expressions: one for each.
    fn paired(&mut self, lines: &[Comment], place: &Place) -> bool {
        let values = lines.iter().all(|comment| literal(words(comment)).is_some());
        let Some(last) = place.above.as_ref().filter(|_| place.gap == 0 && values && lines.len() > 1) else {
            return false;
        };
        let above = self.run_up_to(last, lines.len(), |target| target.shows && !target.prints);
        if above.len() != lines.len() {
            return false;
        }
        for (comment, target) in lines.iter().zip(above) {
            if let Some(found) = self.understand(words(comment), Some(&target), true) {
                self.push(std::slice::from_ref(comment), Form::Below, vec![target], found);
            }
        }
        true
    }

    /// Several unmarked lines in a row that show a line of output each.
    fn row(&self, lines: &[Comment], first: &Understood) -> Option<(Understood, usize)> {
        if first.marked || first.kind != Kind::Stdout || !matches!(first.meaning, Meaning::Shows(_)) {
            return None;
        }
        let alike = |comment: &&Comment| match first.certainty {
            Certainty::Explicit => literal(words(comment)).is_some(),
            Certainty::Implied => !words(comment).trim().is_empty(),
        };
        let texts: Vec<_> = lines.iter().take_while(alike).map(|comment| words(comment).to_owned()).collect();
        let mut row = shown(texts.join("\n"), &texts);
        row.marked = false;
        row.certainty = first.certainty;
        let Meaning::Shows(readings) = &mut row.meaning else { return None };
        if first.certainty == Certainty::Implied {
            // The further lines may as well be about something else.
            readings.push(texts.first()?.clone());
        }
        (texts.len() > 1).then_some((row, texts.len()))
    }

    /// `# x[9]  # IndexError`, or an exception's line below a commented-out expression.
    fn commented_code(&self, lines: &[Comment], at: usize) -> Option<Understood> {
        let text = words(&lines[at]);
        let (code, remark) = match text.split_once(" # ") {
            Some((code, remark)) => (code.trim(), remark.trim()),
            None => (words(lines.get(at.checked_sub(1)?)?).trim(), text.trim()),
        };
        let code = assigned(code).unwrap_or(code);
        let runs = expression(code).is_some_and(|e| {
            e.is_call_expr()
                || e.is_attribute_expr()
                || e.is_subscript_expr()
                || e.is_dict_expr()
                || e.is_bin_op_expr()
        });
        let beside_expression = Context {
            shows: true,
            prints: false,
            has_value: true,
            own_line: false,
            names: &|name| self.names.contains(name),
        };
        if !runs || !starts_known(code, &beside_expression) {
            return None;
        }
        let found = understand(remark, &beside_expression).filter(|f| f.certainty == Certainty::Explicit);
        let says = match (exception(remark), found.map(|found| found.meaning)) {
            (Some(exception), _) => Says::Raises(exception),
            (None, Some(Meaning::Shows(_))) if !text.contains(" # ") => return None,
            (None, Some(Meaning::Shows(readings))) => match code.starts_with("print(") {
                true => Says::Prints(readings.last()?.clone()),
                false => Says::Equals(readings.last()?.clone()),
            },
            _ => return None,
        };
        let meaning = Meaning::Evaluates { code: code.to_owned(), says };
        Some(Understood {
            kind: Kind::Expression,
            expected: remark.to_owned(),
            meaning,
            ..shown(String::new(), &[])
        })
    }

    /// The text of a line, with the lines that complete a value whose brackets it leaves open.
    fn whole_text(&self, lines: &[Comment], own_line: bool) -> (String, usize) {
        let first = words(&lines[0]).trim().to_owned();
        let understood = || self.understand(&first, None, own_line);
        if depth(&first) <= 0 || understood().is_some_and(|f| f.certainty == Certainty::Explicit) {
            return (first, 1);
        }
        let mut text = first.clone();
        for (count, line) in lines.iter().enumerate().skip(1).take(60) {
            text = format!("{text}\n{}", continued(words(line), &first));
            if depth(&text) == 0 {
                return (text, count + 1);
            }
        }
        (first, 1)
    }

    /// Unmarked lines below a claim continue it: what is shown may be all of them.
    fn with_continuation(&self, mut found: Understood, text: &str, below: &[Comment]) -> Understood {
        let more: Vec<_> =
            below.iter().map(|c| words(c).to_owned()).take_while(|t| !t.trim().is_empty()).take(50).collect();
        if let Meaning::Shows(readings) = &mut found.meaning
            && found.marked
            && literal(text).is_none()
        {
            let first = readings[0].clone();
            let mut lines = vec![first];
            for line in more {
                lines.push(line);
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

impl Place {
    fn any(&self) -> Vec<Target> {
        self.above.iter().chain(&self.below).take(1).cloned().collect()
    }

    /// Which statements an own-line claim may be about; `None` where it is about none.
    ///
    /// Right below a statement it is about that one, between two perhaps about either, and one that is
    /// set off from what is above it introduces what is below.
    fn targets(&self, found: &Understood, adjacent: bool, last: bool) -> Option<(Form, Vec<Target>)> {
        let above: Vec<_> = self.above.iter().cloned().collect();
        let below: Vec<_> = self.below.iter().filter(|_| last).cloned().collect();
        let both = || above.iter().chain(&below).cloned().collect::<Vec<_>>();
        let implied = found.certainty == Certainty::Implied;
        match (&found.meaning, found.kind) {
            (Meaning::Version(_), _) => Some((
                Form::Below,
                if self.below.is_some() { self.below.iter().cloned().collect() } else { above },
            )),
            (Meaning::Evaluates { .. }, _) => {
                Some((Form::InComment, self.any())).filter(|(_, t)| !t.is_empty())
            }
            (Meaning::Names(_), _) => Some((Form::Below, self.any())).filter(|(_, t)| !t.is_empty()),
            (Meaning::Effect(Effect { .. }), _) => {
                (adjacent && below.is_empty() && !above.is_empty()).then_some((Form::Below, above))
            }
            _ if implied => (adjacent && below.is_empty() && above.iter().any(|t| t.prints))
                .then_some((Form::Below, above)),
            _ if adjacent => Some((Form::Below, both())),
            _ if found.marked && below.is_empty() && !above.is_empty() => Some((Form::Below, above)),
            _ if found.marked && found.kind == Kind::Stdout => Some((Form::Below, both())),
            _ if found.marked || matches!(found.meaning, Meaning::Raises(_)) => {
                (!below.is_empty()).then_some((Form::Above, below))
            }
            _ => None,
        }
    }
}

/// The value of a commented-out assignment.
fn assigned(code: &str) -> Option<&str> {
    let (target, value) = code.split_once(" = ")?;
    expression(target).is_some_and(|e| e.is_name_expr()).then_some(value)
}

/// What is shown over several lines: as they stand, or as one line that the author wrapped.
fn shown(expected: String, lines: &[String]) -> Understood {
    Understood {
        kind: Kind::Stdout,
        certainty: Certainty::Explicit,
        expected,
        meaning: Meaning::Shows(joined(lines)),
        marked: true,
        hedged: false,
        versions: None,
    }
}

fn joined(lines: &[String]) -> Vec<String> {
    let mut readings = vec![lines.join("\n"), lines.join(" "), lines.concat()];
    readings.dedup();
    readings
}

/// A further line of a value; an author who marks every line with an arrow means only the first.
fn continued<'w>(words: &'w str, first: &str) -> &'w str {
    let arrow = ARROW.find(first).map(|found| found.as_str().trim());
    let bare = words.trim();
    arrow.and_then(|arrow| bare.strip_prefix(arrow)).unwrap_or(words).trim_end()
}

/// How many brackets are open at the end, strings left out as far as a line tells.
fn depth(text: &str) -> i64 {
    let mut quote = None;
    let mut depth = 0;
    for c in text.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '[' | '(' | '{') => depth += 1,
            (None, ']' | ')' | '}') => depth -= 1,
            _ => {}
        }
    }
    depth
}
