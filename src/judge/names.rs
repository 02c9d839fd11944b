//! Findings about names: defined too late, in another snippet, or nowhere.

use std::collections::{BTreeMap, HashSet};

use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;

use super::finding::{Code, Finding, Severity};
use super::trouble::{Kind, Trouble};
use crate::guide::{Behind, Guide};
use crate::plan::{Source, Supplied, Supply};
use crate::python::{Name, each_statement};
use crate::run::Observation;

/// What the findings about a snippet's names are made from.
pub struct Naming<'a> {
    /// The guide.
    pub guide: &'a Guide,
    /// Its snippets' codes and names.
    pub sources: &'a [Source<'a>],
    /// The snippet.
    pub snippet: usize,
    /// What it needs from others.
    pub supply: &'a Supply,
    /// What went wrong in its run.
    pub troubles: &'a [Trouble],
    /// What was observed.
    pub seen: &'a Observation,
    /// Guide lines of the statements that ran to their end.
    pub passed_lines: &'a HashSet<usize>,
}

impl Naming<'_> {
    /// All findings about names, each name once.
    pub fn findings(&self) -> Vec<Finding> {
        // What a companion continues is not hidden from its reader, nor what every reader of the format runs first.
        let snippet = &self.guide.snippets[self.snippet];
        let known = snippet.continues.is_some() || snippet.behind != Behind::Perhaps;
        let mut found = if known { Vec::new() } else { self.hidden() };
        let mut by_name: BTreeMap<&str, Vec<&Name>> = BTreeMap::new();
        let absent = self.supply.supplied.iter().filter(|supplied| self.is_absent(supplied)).map(|s| &s.name);
        for name in self.supply.missing.iter().chain(absent) {
            by_name.entry(&name.name).or_default().push(name);
        }
        found.extend(by_name.into_values().filter_map(|uses| self.missing(&uses)));
        found
    }

    /// Whether a star import was to bring a name and did not, although it ran.
    fn is_absent(&self, supplied: &Supplied) -> bool {
        let named = self.sources[supplied.by].names.first_binding(&supplied.name.name).is_some();
        !named && self.seen.done && !self.seen.names.contains(&supplied.name.name)
    }

    fn span(&self, at: usize, end: usize) -> (usize, usize) {
        let snippet = &self.guide.snippets[self.snippet];
        let start = snippet.guide_offset(at);
        (start, start + end - at)
    }

    fn line(&self, snippet: usize, at: usize) -> usize {
        self.guide.source.line(self.guide.snippets[snippet].guide_offset(at))
    }

    /// Names from earlier snippets: one finding for each of those, at the first use.
    fn hidden(&self) -> Vec<Finding> {
        let mut by_snippet: BTreeMap<usize, Vec<&Name>> = BTreeMap::new();
        // Code that fell out of a fence belongs to that fence's snippet; its own finding says so.
        let fallen_from = |by: usize| !self.guide.snippets[self.snippet].fenced && by + 1 == self.snippet;
        let real = |supplied: &&Supplied| !fallen_from(supplied.by) && !self.is_absent(supplied);
        for supplied in self.supply.supplied.iter().filter(real) {
            by_snippet.entry(supplied.by).or_default().push(&supplied.name);
        }
        by_snippet.into_iter().map(|(by, names)| self.hidden_in(by, &names)).collect()
    }

    fn hidden_in(&self, by: usize, names: &[&Name]) -> Finding {
        let supplier = &self.guide.snippets[by].id;
        let listed = names.iter().map(|name| format!("`{}`", name.name)).collect::<Vec<_>>().join(", ");
        let (verb, them) = if names.len() == 1 { ("comes", "it") } else { ("come", "them") };
        let message = format!("{listed} {verb} from snippet {supplier}");
        let help =
            format!("a reader who copies this snippet alone lacks {them}: import or define {them} here too");
        let first = names[0];
        let mut finding = Finding::new(Code::HiddenDependency, self.span(first.at, first.end), message, help)
            .label(format!("defined only in {supplier}"))
            .in_snippet(self.snippet);
        for name in names {
            if let Some(binding) = self.sources[by].names.first_binding(&name.name) {
                finding =
                    finding.related(self.line(by, binding.at), format!("`{}` is defined here", name.name));
            }
        }
        finding
    }

    /// A name that no earlier snippet binds, with all its uses.
    fn missing(&self, uses: &[&Name]) -> Option<Finding> {
        let name = uses[0].name.as_str();
        let failing = self.troubles.iter().find(|t| matches!(&t.kind, Kind::Name(n) if n == name));
        if failing.is_some_and(|trouble| trouble.announced) {
            return None;
        }
        let at_once: Vec<_> = uses.iter().copied().filter(|name| !name.deferred).collect();
        let own = self.sources[self.snippet].names.first_binding(name);
        if let Some(binding) = own {
            failing?;
            return Some(self.too_early(at_once.first()?, self.snippet, binding.at));
        }
        if self.is_excused(name, uses, failing.is_some()) {
            return None;
        }
        match self.later(name) {
            Some((snippet, at)) if failing.is_some() || !at_once.is_empty() => {
                Some(self.too_early(at_once.first().copied().unwrap_or(uses[0]), snippet, at))
            }
            Some((snippet, at)) => Some(self.only_later(uses[0], snippet, at)),
            None => {
                let fails = failing.is_some() || at_once.iter().any(|name| !self.passed(name));
                Some(self.undefined(uses, fails))
            }
        }
    }

    /// Whether the statement that a name stands in ran to its end: then a branch with it did not run.
    fn passed(&self, name: &Name) -> bool {
        let line = self.line(self.snippet, name.at);
        self.passed_lines.contains(&line)
    }

    /// A name that came into being all the same, or whose absence the code provides for.
    fn is_excused(&self, name: &str, uses: &[&Name], failed: bool) -> bool {
        let stars = self.supply.snippets().into_iter().chain([self.snippet]);
        let star = stars.into_iter().any(|snippet| self.sources[snippet].names.star_import)
            && self.troubles.iter().any(Trouble::is_blocked);
        let command =
            uses.iter().any(|name| self.guide.command_above(self.line(self.snippet, name.at)).is_some());
        let provided_for = uses.iter().all(|name| !name.deferred && self.is_guarded(name));
        let is_there = self.seen.names.contains(name);
        !failed && (is_there || command || ((star || provided_for) && !self.escaped()))
    }

    /// Whether the absence of some name was caught and then escaped all the same.
    fn escaped(&self) -> bool {
        let escaped = |trouble: &Trouble| {
            trouble.failure.as_ref().is_some_and(|f| f.chain.iter().any(|c| c == "NameError"))
        };
        self.troubles.iter().any(|trouble| !trouble.announced && escaped(trouble))
    }

    /// Whether a use stands in a `try` that catches what its absence raises.
    fn is_guarded(&self, name: &Name) -> bool {
        let source = &self.sources[self.snippet];
        let mut guarded = false;
        each_statement(source.code.statements(), &mut |stmt| {
            if let Stmt::With(with) = stmt
                && with.range.contains_range(name_range(name))
            {
                let heads = with.items.iter().map(|item| source.code.text(&item.context_expr));
                guarded |=
                    heads.into_iter().any(|head| head.contains("NameError") || head.contains("Exception"));
            }
            let Stmt::Try(tried) = stmt else { return };
            let inside = tried.body.iter().any(|s| s.range().contains_range(name_range(name)));
            guarded |= inside
                && tried.handlers.iter().filter_map(|h| h.as_except_handler()).any(|handler| {
                    handler.type_.as_ref().is_none_or(|class| {
                        let class = source.code.text(class.as_ref());
                        ["NameError", "Exception", "BaseException"]
                            .iter()
                            .any(|caught| class.contains(caught))
                    })
                });
        });
        guarded
    }

    /// The first later snippet that binds a name.
    fn later(&self, name: &str) -> Option<(usize, usize)> {
        let after = self.guide.whole(self.snippet) + 1;
        let own = &self.sources[self.snippet];
        let is_later = |later: &usize| {
            *later != self.snippet && (!own.own_block || self.sources[*later].block == own.block)
        };
        (after..self.sources.len()).filter(is_later).find_map(|later| {
            self.sources[later].names.first_binding(name).map(|binding| (later, binding.at))
        })
    }

    fn too_early(&self, name: &Name, snippet: usize, at: usize) -> Finding {
        let line = self.line(snippet, at);
        let place = match snippet == self.snippet {
            true => format!("on line {line}"),
            false => format!("in snippet {}, on line {line}", self.guide.snippets[snippet].id),
        };
        let message = format!("`{}` is used before it is defined", name.name);
        let help = format!("it is defined {place}: move the definition above this use");
        Finding::new(Code::UseBeforeDefinition, self.span(name.at, name.end), message, help)
            .label(format!("defined {place}"))
            .in_snippet(self.snippet)
            .related(line, format!("`{}` is defined here", name.name))
    }

    fn only_later(&self, name: &Name, snippet: usize, at: usize) -> Finding {
        let id = &self.guide.snippets[snippet].id;
        let message = format!("`{}` is defined only in the later snippet {id}", name.name);
        let help = "whoever calls this before then gets a NameError: define it here or earlier";
        Finding::new(Code::HiddenDependency, self.span(name.at, name.end), message, help)
            .label(format!("defined in {id}"))
            .in_snippet(self.snippet)
            .related(self.line(snippet, at), format!("`{}` is defined here", name.name))
    }

    fn undefined(&self, uses: &[&Name], at_once: bool) -> Finding {
        let first = uses.iter().find(|name| !name.deferred).unwrap_or(&uses[0]);
        let name = &first.name;
        let message = format!("nothing in the guide defines `{name}`");
        let standard = ruff_python_stdlib::sys::is_known_standard_library(14, name);
        let help = match standard {
            true => format!("add `import {name}` to the snippet"),
            false => format!("define `{name}`, or import it, before this line"),
        };
        let mut finding = Finding::new(Code::UndefinedName, self.span(first.at, first.end), message, help)
            .label(if at_once { "not defined" } else { "not defined, should this ever run" })
            .severity(if at_once { Severity::Error } else { Severity::Warning })
            .in_snippet(self.snippet);
        for other in uses.iter().filter(|other| other.at != first.at) {
            finding =
                finding.related(self.line(self.snippet, other.at), format!("`{name}` is used here too"));
        }
        finding
    }
}

fn name_range(name: &Name) -> ruff_text_size::TextRange {
    let size = |offset: usize| ruff_text_size::TextSize::try_from(offset).unwrap_or_default();
    ruff_text_size::TextRange::new(size(name.at), size(name.end))
}
