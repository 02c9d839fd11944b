//! Where own-line comments stand, and which statements they may be about.

use super::target::{self, Target};
use super::understand::Understood;
use super::{Certainty, Effect, Form, Kind, Meaning};
use crate::python::{Code, Comment};

/// The surroundings of a group of own-line comments.
pub struct Place {
    /// The nearest statement above.
    pub above: Option<Target>,
    /// Blank or other lines between that and the group.
    pub gap: usize,
    /// The statement that starts right below.
    pub below: Option<Target>,
}

impl Place {
    /// The place of a group's first and last comment.
    pub fn of(code: &Code, first: &Comment, last: &Comment) -> Place {
        let above = target::above(code, first.line, code.column_of(first.start));
        let gap = above.as_ref().map_or(usize::MAX, |above| first.line - above.lines.1 - 1);
        Place { above, gap, below: target::starting_on(code, last.line + 1) }
    }

    /// Whether the statement above may have printed something.
    pub fn could_print(&self) -> bool {
        self.above.as_ref().is_some_and(|above| !above.is_constant)
    }

    /// The statement that an expression of a comment is evaluated at.
    pub fn any(&self) -> Vec<Target> {
        self.above.iter().chain(&self.below).take(1).cloned().collect()
    }

    /// Which statements an own-line claim may be about; `None` where it is about none. `last` says
    /// whether nothing but code follows it.
    pub fn targets(&self, found: &Understood, adjacent: bool, last: bool) -> Option<(Form, Vec<Target>)> {
        let found = match &found.meaning {
            Meaning::Version(_) => (Form::Below, self.below.clone().map_or_else(|| self.any(), |b| vec![b])),
            Meaning::Evaluates { .. } => (Form::InComment, self.any()),
            Meaning::Names(_) => (Form::Below, self.any()),
            Meaning::Effect(Effect { .. }) | Meaning::Silent if adjacent && self.below.is_none() => {
                (Form::Below, self.any())
            }
            Meaning::Effect(Effect { .. }) | Meaning::Silent => return None,
            // A definition shows nothing, and may fail all the same.
            Meaning::Raises(_) if found.certainty == Certainty::Implied => {
                (Form::Below, self.above.iter().filter(|_| adjacent).cloned().collect())
            }
            _ if found.certainty == Certainty::Implied => (Form::Below, self.shown_above(adjacent)),
            _ => self.shown(found, adjacent, last)?,
        };
        Some(found).filter(|(_, targets)| !targets.is_empty())
    }

    /// Words that could be output, right below something that could have printed them.
    fn shown_above(&self, adjacent: bool) -> Vec<Target> {
        let could_print = |above: &&Target| above.prints || above.shows;
        self.above.iter().filter(|_| adjacent).filter(could_print).cloned().collect()
    }

    /// Right below a statement a claim is about that one, between two perhaps about either; one that is
    /// set off from what is above it introduces what is below.
    fn shown(&self, found: &Understood, adjacent: bool, last: bool) -> Option<(Form, Vec<Target>)> {
        let above: Vec<_> = self.above.iter().cloned().collect();
        let below: Vec<_> = self.below.iter().filter(|_| last).cloned().collect();
        let both = || above.iter().chain(&below).cloned().collect::<Vec<_>>();
        match () {
            () if adjacent => Some((Form::Below, both())),
            () if found.marked && below.is_empty() && !above.is_empty() => Some((Form::Below, above)),
            () if found.marked && found.kind == Kind::Stdout => Some((Form::Below, both())),
            () if found.marked || matches!(found.meaning, Meaning::Raises(_)) => Some((Form::Above, below)),
            () => None,
        }
    }
}
