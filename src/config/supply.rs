//! What a configuration and the guide's own directives say about each snippet, put together: what is nearer
//! to the snippet goes first.

use super::resolve::Written;
use super::{Config, matches};
use crate::guide::{Directive, Given, Guide, Order, Problem as Fault, ProblemKind, Snippet};
use crate::keys::{GuideKeys, Keys, Placed, Problem};
use crate::needs::Needs;

/// Directives above a fence of which each is taken for itself.
const MOST_DIRECTIVES: usize = 100;

/// Gives each snippet of a guide what it needs. What is wrong with a directive becomes a problem of the
/// guide; the error is one of the configuration.
pub fn supply(config: Option<&Config>, guide: &mut Guide) -> Result<(), String> {
    let scopes = config.map(|config| Scopes::new(config, guide)).transpose()?;
    let mut faults = Vec::new();
    for index in 0..guide.snippets.len() {
        let snippet = &guide.snippets[index];
        if let Some(continued) = snippet.continues {
            guide.snippets[index].needs = guide.snippets[continued].needs.clone();
            continue;
        }
        let needs = scopes.as_ref().map(|scopes| scopes.needs(snippet)).transpose()?;
        let mut needs = needs.unwrap_or_default();
        for (count, directive) in snippet.directives.iter().enumerate() {
            let Order::With(given) = &directive.order else { continue };
            if count >= MOST_DIRECTIVES {
                let message =
                    format!("there are more than {MOST_DIRECTIVES} directives: put some of them together");
                faults.push(fault(directive, given, Problem::new(0, message)));
                continue;
            }
            let mut more = needs.clone();
            match Written::in_guide(config, directive.line, &given.text).add(&given.keys, &mut more) {
                Ok(()) => needs = more,
                Err(problem) => faults.push(fault(directive, given, problem)),
            }
        }
        guide.snippets[index].needs = needs;
    }
    guide.problems.extend(faults);
    guide.problems.sort_by_key(|problem| problem.line);
    Ok(())
}

fn fault(directive: &Directive, given: &Given, problem: Problem) -> Fault {
    let line = directive.line + problem.line_and_column(&given.text).0 - 1;
    Fault { line, kind: ProblemKind::BadDirective(problem.message) }
}

/// What a configuration says about one guide.
struct Scopes<'a> {
    config: &'a Config,
    /// About all of it.
    whole: Needs,
    /// The tables that are about it, in their order.
    tables: Vec<&'a GuideKeys>,
}

impl<'a> Scopes<'a> {
    fn new(config: &'a Config, guide: &Guide) -> Result<Scopes<'a>, String> {
        let inside = config.inside(&guide.path);
        let tables = config.project.guide.iter();
        let tables: Vec<_> = tables.filter(|table| matches(table.path.value(), &inside)).collect();
        let mut scopes = Scopes { config, whole: Needs::default(), tables };
        let mut whole = Needs::default();
        scopes.add(&config.project.keys(), &mut whole)?;
        for table in &scopes.tables {
            scopes.add(&table.keys(), &mut whole)?;
        }
        scopes.whole = whole;
        Ok(scopes)
    }

    fn needs(&self, snippet: &Snippet) -> Result<Needs, String> {
        let mut needs = self.whole.clone();
        let of_block =
            self.tables.iter().flat_map(|table| &table.block).filter(|(label, _)| is(label, &snippet.block));
        let own = self.tables.iter().flat_map(|table| &table.snippet).filter(|(id, _)| is(id, &snippet.id));
        for (_, keys) in of_block.chain(own) {
            self.add(keys, &mut needs)?;
        }
        Ok(needs)
    }

    fn add(&self, keys: &Keys, needs: &mut Needs) -> Result<(), String> {
        Written::in_config(self.config).add(keys, needs).map_err(|problem| self.config.at(&problem))
    }
}

fn is(written: &Placed<String>, label: &str) -> bool {
    written.value() == label
}
