//! What went wrong in a run, each thing once, at its cause.

use std::collections::HashMap;

use super::package::{Broken, Missing};
use super::verdict::Evidence;
use super::{absent, cause, package};
use crate::claims::Claim;
use crate::limits::Limit;
use crate::needs::{Lack, Service};
use crate::plan::Plan;
use crate::python::{Versions, is_builtin};
use crate::run::{Ending, Failure, Lacking, Observation, SetupSeen};

/// Something that kept a statement, or the rest of the run, from running.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// The unit in which it happened.
    pub unit: usize,
    /// The guide line.
    pub line: usize,
    /// The guide line inside a called function at which it really happened.
    pub inner: Option<usize>,
    /// What it is.
    pub kind: Kind,
    /// The exception, where there is one.
    pub failure: Option<Failure>,
    /// Whether a claim says that it happens.
    pub announced: bool,
    /// The versions that the guide says the code is for, if this Python is none of them.
    pub meant_for: Option<Versions>,
    /// The installed package that it comes from, where that cannot be imported.
    pub broken: Option<Broken>,
}

/// Kinds of trouble.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A file that the reader must supply.
    MissingFile(String),
    /// A package that the reader must install.
    MissingPackage(Missing),
    /// Another Python: what is asked for.
    OtherPython(String),
    /// Another machine.
    Network(String),
    /// What another machine answers.
    Page(String),
    /// A server on this machine: which, where that shows.
    Service(Option<Service>),
    /// Something typed.
    Input,
    /// A name that is not defined when it is used.
    Name(String),
    /// A name that an earlier failure left undefined: that one's reason.
    Consequence(String),
    /// It does not compile.
    Syntax,
    /// Something that only other versions of Python have.
    Version(String, Versions),
    /// The snippet ended itself.
    Exit,
    /// Its time was up.
    Timeout,
    /// It waits longer in its own time than anybody would.
    Wait,
    /// It takes more of the machine than verify gives.
    Limit(Limit),
    /// What the sandbox does not let a run use.
    Outside(String),
    /// It ended without coming to its end, with these words about how.
    Crash(String),
    /// What was to be done before the snippet fails: what that is, and how.
    Setup(String, String),
    /// Any other exception.
    Raises,
}

impl Trouble {
    fn new(unit: usize, line: usize, kind: Kind) -> Trouble {
        let (inner, failure, announced) = Default::default();
        Trouble { unit, line, inner, kind, failure, announced, meant_for: None, broken: None }
    }

    /// A snippet that begins on a line is for another Python, for this reason.
    pub fn on_another_python(line: usize, why: &str) -> Trouble {
        Trouble::new(0, line, Kind::OtherPython(why.to_owned()))
    }

    /// Whether something that the guide's reader must supply is missing.
    pub fn is_blocked(&self) -> bool {
        use Kind::*;
        matches!(
            self.kind,
            MissingFile(_)
                | MissingPackage(_)
                | OtherPython(_)
                | Network(_)
                | Page(_)
                | Service(_)
                | Input
                | Outside(_)
                | Version(..)
        )
    }

    /// What would have to be supplied for it not to happen.
    pub fn lack(&self) -> Option<Lack> {
        match &self.kind {
            Kind::MissingFile(name) => Some(Lack::File(name.clone())),
            Kind::MissingPackage(missing) => missing.lack(),
            Kind::Network(host) => Some(Lack::Host(host.clone())),
            Kind::Page(url) => Some(Lack::Page(url.clone())),
            Kind::Service(service) => Some(Lack::Service(*service)),
            Kind::Input => Some(Lack::Input),
            _ => None,
        }
    }

    /// What was to be supplied for it not to happen, and was not there.
    pub fn lacking<'l>(&self, lacking: &'l [Lacking]) -> Option<&'l Lacking> {
        let own = self.lack().filter(|lack| !matches!(lack, Lack::Page(_)))?;
        // One that cannot be told is any.
        let is_any = own == Lack::Service(None);
        lacking.iter().find(|lacking| lacking.what == own || is_any && lacking.service().is_some())
    }

    /// Whether the run did not come to its own end because of it.
    pub fn ends_the_run(&self) -> bool {
        let by_limit = matches!(self.kind, Kind::Limit(_)) && self.failure.is_none();
        by_limit || matches!(self.kind, Kind::Timeout | Kind::Wait | Kind::Crash(_) | Kind::Setup(..))
    }

    /// Its exception as the last line of a traceback says it.
    pub fn headline(&self) -> String {
        self.failure.as_ref().map(Failure::headline).unwrap_or_default()
    }

    /// Whether the guide's reader does not meet it, who may do more, has what is missing here, or the Python that the
    /// guide is for.
    fn is_not_the_readers(&self) -> bool {
        const CAUSES: [&str; 3] = ["other version", "needs interpreter", "blocked"];
        let reason = self.reason();
        matches!(self.kind, Kind::Outside(_)) || CAUSES.iter().any(|cause| reason.starts_with(cause))
    }

    /// Whether it happened in the statement that a guide line belongs to, or on that line in a function.
    pub fn touches(&self, plan: &Plan, line: usize) -> bool {
        lines(plan, self.unit).contains(&line) || self.inner == Some(line)
    }

    /// Why what depends on it is undecided, as the contract words it.
    pub fn reason(&self) -> String {
        let line = self.line;
        let headline = self.headline();
        if let Some(versions) = self.meant_for {
            return format!("other version: line {line} is for {versions}");
        }
        match &self.kind {
            Kind::MissingFile(name) => format!("blocked: the file `{name}` is missing (line {line})"),
            Kind::MissingPackage(missing) => {
                format!("blocked: the package `{}` is missing (line {line})", missing.package())
            }
            Kind::OtherPython(why) => format!("needs interpreter: {why}"),
            Kind::Network(host) => format!("blocked: `{host}` cannot be reached (line {line})"),
            Kind::Page(url) => format!("blocked: no answer is given for `{url}` (line {line})"),
            Kind::Service(_) => format!("blocked: no server answers (line {line})"),
            Kind::Input => format!("blocked: nothing is typed (line {line})"),
            Kind::Consequence(reason) => reason.clone(),
            Kind::Exit => format!("not reached: the snippet exits at line {line}"),
            Kind::Outside(name) => format!("blocked: `{name}` may not be used (line {line})"),
            Kind::Timeout => format!("not reached: line {line} does not end"),
            Kind::Wait => format!("not reached: line {line} waits too long"),
            Kind::Limit(limit) => format!("not reached: line {line} takes more than {}", limit.allowance()),
            Kind::Crash(how) => format!("not reached: line {line} {how}"),
            Kind::Setup(what, how) => format!("blocked: {what} {how}"),
            Kind::Syntax => format!("not reached: line {line} is not Python"),
            Kind::Version(what, versions) => {
                format!("needs interpreter: {what} is for {versions} (line {line})")
            }
            Kind::Name(_) | Kind::Raises => format!("not reached: line {line} raises {headline}"),
        }
    }
}

/// The names that each guide line binds at its snippet's top level, and those that it uses.
#[derive(Default)]
pub struct NamesByLine {
    /// Bound.
    pub bound: HashMap<usize, Vec<String>>,
    /// Used, at once or in a function.
    pub used: HashMap<usize, Vec<String>>,
}

/// What the guide tells about what goes wrong.
pub struct Told<'a> {
    /// The names of its lines.
    pub names: &'a NamesByLine,
    /// The Python that it was run on.
    pub python: (u8, u8),
    /// For which other versions code is, if the guide says that it is for some.
    pub meant_for: &'a dyn Fn(&Trouble) -> Option<Versions>,
    /// The package of a module that was not found, where a guide line imports it.
    pub missing: &'a dyn Fn(&str, usize) -> Missing,
    /// The line of a command above a line that may have defined names and was not run.
    pub command: &'a dyn Fn(usize) -> Option<usize>,
}

/// Names that a unit did not bind although it should have, with the reason.
pub type Lost = HashMap<String, String>;

/// The troubles of a run, in order, those of earlier snippets' statements first; and the units that use
/// a name which an earlier trouble left undefined or as it was before.
pub fn troubles(plan: &Plan, seen: &Observation, told: &Told<'_>) -> (Vec<Trouble>, HashMap<usize, String>) {
    if let Some(setup) = &seen.setup {
        return (vec![not_set_up(plan, seen, setup, told)], HashMap::new());
    }
    let mut found: Vec<Trouble> = Vec::new();
    let mut lost = Lost::new();
    let mut spoilt = HashMap::new();
    for index in 0..plan.units.len() {
        let Some(unit) = seen.units.get(&index) else { break };
        let mut trouble = match (&unit.failure, unit.end) {
            (Some(failure), _) => {
                let kind = match cause::of_exception(plan, seen, index, told, &lost, failure) {
                    Kind::Name(name) => {
                        unknown(plan, index, told, &found).map_or(Kind::Name(name), Kind::Consequence)
                    }
                    kind => kind,
                };
                failed(plan, index, failure, kind)
            }
            (None, None) => ended(plan, seen, index),
            (None, Some(_)) => {
                let in_vain = absent::in_vain(plan, seen, index);
                if let Some(reason) = passes_on(plan, index, told.names, &mut lost, in_vain) {
                    spoilt.insert(index, reason);
                }
                continue;
            }
        };
        trouble.meant_for = (told.meant_for)(&trouble);
        // What it was to change is not what it should be either.
        let changed = trouble.is_not_the_readers().then_some(&told.names.used);
        let touched = [Some(&told.names.bound), changed].into_iter().flatten();
        let names =
            touched.flat_map(|names| lines(plan, index).filter_map(|line| names.get(&line))).flatten();
        for name in names.filter(|name| !is_builtin(name)) {
            lost.entry(name.clone()).or_insert_with(|| trouble.reason());
        }
        found.push(trouble);
    }
    if !seen.done && !found.iter().any(Trouble::ends_the_run) {
        // Something went wrong after the last statement: in an exit function or a thread.
        let last = seen.last_unit().unwrap_or(plan.before.min(plan.units.len().saturating_sub(1)));
        if !plan.units.is_empty() {
            found.push(ended(plan, seen, last));
        }
    }
    (found, spoilt)
}

/// Why nobody can tell which names there should be: an import of everything failed, or a command was not run.
fn unknown(plan: &Plan, unit: usize, told: &Told<'_>, found: &[Trouble]) -> Option<String> {
    let star =
        |trouble: &&Trouble| trouble.is_blocked() && plan.units[trouble.unit].source.contains("import *");
    let command = || {
        let line = (told.command)(plan.units[unit].line)?;
        Some(format!("blocked: the command on line {line} is not run"))
    };
    found.iter().find(star).map(Trouble::reason).or_else(command)
}

/// Nothing has run: the first line of the snippet stands for it.
fn not_set_up(plan: &Plan, seen: &Observation, setup: &SetupSeen, told: &Told<'_>) -> Trouble {
    let imports = plan.needs.setup.iter().any(|it| it.imports && it.place == setup.place);
    let what = match &setup.database {
        Some(path) => format!("the database `{path}` of {}", setup.place),
        None if imports => format!("the import of {}", setup.place),
        None => format!("the setup in {}", setup.place),
    };
    let own_line = setup.line.filter(|_| !imports);
    let at = own_line.map_or_else(String::new, |line| format!(" at its line {line}"));
    let how = match (&setup.failure, cause::of_ending(seen)) {
        (Some(failure), _) => format!("raises {}{at}", failure.headline()),
        (None, Kind::Crash(how)) => how,
        (None, Kind::Limit(limit)) => format!("takes more than {}", limit.allowance()),
        (None, _) => "does not end in time".to_owned(),
    };
    let line = plan.units.get(plan.before).map_or(0, |unit| unit.line);
    let missing = setup.failure.as_ref().and_then(package::not_found);
    let kind = match missing {
        Some(name) => Kind::MissingPackage((told.missing)(&name, line)),
        None => Kind::Setup(what, how),
    };
    Trouble::new(plan.before, line, kind)
}

/// Whether a unit that ran uses a lost name, or says nothing for a reason of its own; what it binds is lost too
/// then, else found again.
fn passes_on(
    plan: &Plan,
    unit: usize,
    names: &NamesByLine,
    lost: &mut Lost,
    own: Option<String>,
) -> Option<String> {
    let used = lines(plan, unit).filter_map(|line| names.used.get(&line)).flatten();
    let reason = own.or_else(|| used.filter_map(|name| lost.get(name)).next().cloned());
    for name in lines(plan, unit).filter_map(|line| names.bound.get(&line)).flatten() {
        match &reason {
            Some(reason) => lost.insert(name.clone(), reason.clone()),
            None => lost.remove(name),
        };
    }
    reason
}

/// Why what was observed at a claim's place says nothing about the claim.
pub fn spoilt(claim: &Claim, target: usize, evidence: &Evidence<'_>) -> Option<String> {
    let line = evidence.first_line + claim.targets[target].lines.0;
    evidence.spoilt.get(&unit_at(evidence.plan, line)?).cloned()
}

/// The snippet's own unit that a guide line belongs to.
fn unit_at(plan: &Plan, line: usize) -> Option<usize> {
    let started = plan.units[plan.before..].partition_point(|unit| unit.line <= line);
    let unit = plan.before + started.checked_sub(1)?;
    lines(plan, unit).contains(&line).then_some(unit)
}

/// The guide lines of a unit.
pub fn lines(plan: &Plan, unit: usize) -> std::ops::RangeInclusive<usize> {
    let unit = &plan.units[unit];
    unit.line..=unit.line + unit.source.matches('\n').count()
}

fn failed(plan: &Plan, unit: usize, failure: &Failure, kind: Kind) -> Trouble {
    let line = line_of(plan, unit, failure);
    let inner = failure.lines.last().copied().filter(|inner| *inner != line);
    Trouble { inner, failure: Some(failure.clone()), ..Trouble::new(unit, line, kind) }
}

/// The guide line of the running statement at which it failed.
pub fn line_of(plan: &Plan, unit: usize, failure: &Failure) -> usize {
    let broken = failure.syntax_line.filter(|_| failure.is_a("SyntaxError"));
    failure.line.or(broken).unwrap_or(plan.units[unit].line)
}

/// A unit during which the process ended or was ended.
fn ended(plan: &Plan, seen: &Observation, unit: usize) -> Trouble {
    let own = lines(plan, unit);
    // Where a loop was when its time was up is chance: the statement is what does not end.
    let exact = seen.last_lines.iter().rfind(|line| own.contains(line)).copied();
    let line = exact.filter(|_| seen.ending != Some(Ending::TimedOut)).unwrap_or(*own.start());
    let inner = seen.last_lines.first().copied().filter(|inner| !own.contains(inner));
    Trouble { inner, ..Trouble::new(unit, line, cause::of_ending(seen)) }
}

/// Whether a claim's place failed for a reason that lies elsewhere: a name that is not there, something
/// that is missing.
pub fn is_consequence(claim: &Claim, target: usize, evidence: &Evidence<'_>) -> bool {
    let line = evidence.first_line + claim.targets[target].lines.0;
    let unit = unit_at(evidence.plan, line);
    let here = |trouble: &&Trouble| Some(trouble.unit) == unit;
    let elsewhere = |kind: &Kind| !matches!(kind, Kind::Raises | Kind::Syntax | Kind::Exit);
    evidence.troubles.iter().filter(here).any(|trouble| elsewhere(&trouble.kind))
}

/// Why the place that a claim is about was never executed to its end.
pub fn why_not_reached(claim: &Claim, target: usize, evidence: &Evidence<'_>) -> String {
    let line = evidence.first_line + claim.targets[target].lines.0;
    let Some(unit) = unit_at(evidence.plan, line) else {
        return format!("not reached: line {line} is not Python");
    };
    if let Some(trouble) = evidence.troubles.iter().find(|trouble| trouble.unit == unit) {
        return trouble.reason();
    }
    match evidence.seen.units.contains_key(&unit) {
        true => format!("never runs: nothing calls the code on line {line}"),
        false => evidence.troubles.last().map_or_else(|| "not reached".to_owned(), Trouble::reason),
    }
}
