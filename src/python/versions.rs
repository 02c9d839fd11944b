//! Ranges of Python versions: those that a guide names, and those in which something is part of Python.

use std::fmt;

use ruff_python_ast::PythonVersion;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_python_stdlib::{builtins, sys};

/// A range of Python versions, as (major, minor).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The first that belongs to it.
    pub from: Option<(u8, u8)>,
    /// The first that does not any more.
    pub until: Option<(u8, u8)>,
}

/// The minor versions whose syntax, modules and builtins are known.
const KNOWN: std::ops::RangeInclusive<u8> = 7..=14;

/// Whether a module belongs to the standard library of any version.
pub fn is_standard(module: &str) -> bool {
    KNOWN.into_iter().any(|minor| sys::is_known_standard_library(minor, module))
}

impl Versions {
    /// Those in which code compiles; `None` where it does in all or in none.
    pub fn of_syntax(code: &str) -> Option<Versions> {
        let parsed = |minor: u8| {
            let version = PythonVersion { major: 3, minor };
            parse_unchecked(code, ParseOptions::from(Mode::Module).with_target_version(version))
        };
        match parsed(*KNOWN.end()).errors() {
            [] => Versions::of(|minor| parsed(minor).unsupported_syntax_errors().is_empty()),
            _ => None,
        }
    }

    /// Those whose standard library has a module; `None` where all have it or none.
    pub fn of_module(name: &str) -> Option<Versions> {
        Versions::of(|minor| sys::is_known_standard_library(minor, name))
    }

    /// Those in which a name is a builtin; `None` where it is in all or in none.
    pub fn of_builtin(name: &str) -> Option<Versions> {
        Versions::of(|minor| builtins::is_python_builtin(name, minor, false))
    }

    /// Those that have something which came at some time, or went.
    fn of(has: impl Fn(u8) -> bool) -> Option<Versions> {
        let first = KNOWN.into_iter().find(|minor| has(*minor))?;
        let last = KNOWN.into_iter().rfind(|minor| has(*minor))?;
        let from = (first > *KNOWN.start()).then_some((3, first));
        let until = (last < *KNOWN.end()).then_some((3, last + 1));
        (from.is_some() || until.is_some()).then_some(Versions { from, until })
    }

    /// Whether a version belongs to the range.
    pub fn contains(&self, version: (u8, u8)) -> bool {
        self.from.is_none_or(|from| version >= from) && self.until.is_none_or(|until| version < until)
    }

    fn is_one(&self) -> bool {
        self.from.zip(self.until).is_some_and(|(from, until)| (from.0, from.1 + 1) == until)
    }

    /// One that belongs to it, the nearest to those that do not.
    pub fn one_inside(&self) -> Option<(u8, u8)> {
        self.from.or_else(|| self.until.and_then(before))
    }

    /// One that does not belong to it, the nearest to those that do.
    pub fn one_outside(&self) -> Option<(u8, u8)> {
        self.from.map_or(self.until, before)
    }
}

fn before((major, minor): (u8, u8)) -> Option<(u8, u8)> {
    Some((major, minor.checked_sub(1)?))
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.until) {
            (Some((a, b)), None) => write!(f, "Python {a}.{b}+"),
            (None, Some((a, b))) => write!(f, "Python <{a}.{b}"),
            (Some((a, b)), Some(_)) if self.is_one() => write!(f, "Python {a}.{b}"),
            (Some((a, b)), Some((c, d))) => write!(f, "Python {a}.{b} to before {c}.{d}"),
            (None, None) => write!(f, "any Python"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_and_went() {
        let shown = |versions: Option<Versions>| versions.map(|versions| versions.to_string());
        assert_eq!(
            shown(Versions::of_syntax("match x:\n    case 1: pass\n")).as_deref(),
            Some("Python 3.10+")
        );
        assert_eq!(shown(Versions::of_syntax("def f[T](x: T): ...")).as_deref(), Some("Python 3.12+"));
        assert_eq!(shown(Versions::of_syntax("f'{\"a\" + \"b\"}'")), None);
        assert_eq!(shown(Versions::of_syntax("f\"{\"a\"}\"")).as_deref(), Some("Python 3.12+"));
        assert_eq!(shown(Versions::of_syntax("x = 1")), None);
        assert_eq!(shown(Versions::of_syntax("print 'x'")), None, "no Python 3 at all");
        assert_eq!(shown(Versions::of_module("tomllib")).as_deref(), Some("Python 3.11+"));
        assert_eq!(shown(Versions::of_module("imp")).as_deref(), Some("Python <3.12"));
        assert_eq!(shown(Versions::of_module("json")), None);
        assert_eq!(shown(Versions::of_module("numpy")), None);
        assert_eq!(shown(Versions::of_builtin("ExceptionGroup")).as_deref(), Some("Python 3.11+"));
        assert_eq!(shown(Versions::of_builtin("print")), None);
    }

    #[test]
    fn the_nearest_on_each_side() {
        let from = Versions { from: Some((3, 9)), until: None };
        assert_eq!((from.one_inside(), from.one_outside()), (Some((3, 9)), Some((3, 8))));
        let until = Versions { from: None, until: Some((3, 12)) };
        assert_eq!((until.one_inside(), until.one_outside()), (Some((3, 11)), Some((3, 12))));
    }
}
