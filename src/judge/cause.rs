//! What an exception, or the end of a run, says of its cause.

use super::absent;
use super::package::{broken_file, not_found};
use super::trouble::{Kind, Lost, Told, line_of};
use crate::limits::Limit;
use crate::plan::Plan;
use crate::python::Versions;
use crate::run::{Ending, Failure, Observation};

/// What the runner calls the host where no socket could be made for it.
const NO_SOCKETS: &str = "this machine";

/// There is no way to another network.
const NO_NETWORK: i32 = libc::ENETUNREACH;
/// A file may not be used like that.
const NOT_ALLOWED: [i32; 2] = [libc::EACCES, libc::EROFS];

/// Why a unit raised an exception. `lost` are the names that earlier units did not bind.
pub fn of_exception(
    plan: &Plan,
    seen: &Observation,
    unit: usize,
    told: &Told<'_>,
    lost: &Lost,
    failure: &Failure,
) -> Kind {
    let missing = || {
        let line = failure.lines.last().copied().unwrap_or_else(|| line_of(plan, unit, failure));
        not_found(failure).map(|name| Kind::MissingPackage((told.missing)(&name, line)))
    };
    let of_version = of_version(plan, unit, failure, told.python, lost);
    of_version.or_else(missing).unwrap_or_else(|| kind_of(seen, unit, failure, lost))
}

/// What fails because other versions of Python have it and this one does not.
fn of_version(plan: &Plan, unit: usize, failure: &Failure, python: (u8, u8), lost: &Lost) -> Option<Kind> {
    let found = |what: String, versions: Option<Versions>| {
        versions.filter(|versions| !versions.contains(python)).map(|versions| Kind::Version(what, versions))
    };
    if broken_file(failure).is_some() {
        // A package's own trouble with versions is no matter of the guide's code.
        return None;
    }
    if failure.is_a("SyntaxError") {
        return found("this syntax".to_owned(), Versions::of_syntax(&plan.units[unit].source));
    }
    let name = missing_name(failure);
    if failure.is_a("ModuleNotFoundError") {
        let root = name.split('.').next().unwrap_or_default();
        return found(format!("the module `{root}`"), Versions::of_module(root));
    }
    let undefined = failure.is_a("NameError") && !lost.contains_key(&name);
    undefined.then(|| found(format!("`{name}`"), Versions::of_builtin(&name)))?
}

/// The name that an exception says is not there.
pub fn missing_name(failure: &Failure) -> String {
    failure.name.clone().or_else(|| quoted(&failure.message)).unwrap_or_default()
}

fn kind_of(seen: &Observation, unit: usize, failure: &Failure, lost: &Lost) -> Kind {
    let network = seen.network.iter().rfind(|(index, _)| *index == unit).map(|(_, host)| host.clone());
    let is = |class: &str| failure.is_a(class);
    match network {
        Some(host) if host == NO_SOCKETS && seen.lacking.iter().any(|it| it.service().is_some()) => {
            return Kind::Service(absent::server(seen, unit, failure));
        }
        Some(host) if is("OSError") || failure.chain.iter().any(|c| c == "gaierror") => {
            return Kind::Network(host);
        }
        _ => {}
    }
    if failure.chain.iter().any(|class| class == "gaierror") || error_number(failure) == Some(NO_NETWORK) {
        return Kind::Network("another machine".to_owned());
    }
    if broken_file(failure).is_some() {
        return Kind::Raises;
    }
    if is("SyntaxError") {
        return Kind::Syntax;
    }
    if is("NameError") && !is("UnboundLocalError") {
        let name = missing_name(failure);
        return match lost.get(&name) {
            Some(reason) => Kind::Consequence(reason.clone()),
            None => Kind::Name(name),
        };
    }
    if is("FileNotFoundError")
        && let Some(name) = &failure.filename
    {
        return Kind::MissingFile(name.clone());
    }
    if let Some(limit) = limit(failure) {
        return Kind::Limit(limit);
    }
    if let Some(what) = refused(failure) {
        return Kind::Outside(what);
    }
    if let Some(url) = absent::page(seen, failure) {
        return Kind::Page(url);
    }
    match () {
        () if is("SystemExit") => Kind::Exit,
        () if is("EOFError") && failure.message.contains("EOF when reading a line") => Kind::Input,
        () if absent::is_refused(failure) => Kind::Service(absent::server(seen, unit, failure)),
        () => Kind::Raises,
    }
}

/// What an exception says that comes from a limit.
fn limit(failure: &Failure) -> Option<Limit> {
    match error_number(failure) {
        _ if failure.is_a("MemoryError") => Some(Limit::Memory),
        _ if failure.message.starts_with("can't start new thread") => Some(Limit::Processes),
        Some(libc::ENOMEM) => Some(Limit::Memory),
        Some(libc::EMFILE) => Some(Limit::OpenFiles),
        Some(libc::EFBIG) => Some(Limit::File),
        Some(libc::ENOSPC) => Some(Limit::Folder),
        _ => None,
    }
}

/// What a run may not do or use: that takes rights which a reader may have and a run never has.
fn refused(failure: &Failure) -> Option<String> {
    if failure.is_a("OSError") && failure.message.contains("[Errno 1] Operation not permitted") {
        return Some(failure.filename.clone().unwrap_or_else(|| "a call to the system".to_owned()));
    }
    let refused = error_number(failure).is_some_and(|number| NOT_ALLOWED.contains(&number));
    failure.filename.clone().filter(|name| refused && name.starts_with('/'))
}

/// The number of an `OSError`, which stands first in its message.
fn error_number(failure: &Failure) -> Option<i32> {
    let number = failure.message.strip_prefix("[Errno ")?.split(']').next()?;
    number.parse().ok().filter(|_| failure.is_a("OSError"))
}

/// The name in quotes in a message; Pythons before 3.10 have it nowhere else.
fn quoted(message: &str) -> Option<String> {
    message.split('\'').nth(1).map(str::to_owned)
}

/// How a run ended that did not come to its end.
pub fn of_ending(seen: &Observation) -> Kind {
    match &seen.ending {
        Some(Ending::TimedOut) => Kind::Timeout,
        Some(Ending::Slept) => Kind::Wait,
        Some(Ending::Over(limit)) => Kind::Limit(*limit),
        Some(Ending::Exited(code)) => Kind::Crash(format!("ends the process (exit code {code})")),
        Some(Ending::Signalled(signal)) => {
            Kind::Crash(format!("crashes the interpreter ({})", signal_name(*signal)))
        }
        Some(Ending::Lost) => Kind::Crash("kills or stops the process that runs it".into()),
        Some(Ending::NotStarted) | None => Kind::Crash("does not start".into()),
    }
}

fn signal_name(signal: i32) -> String {
    let known = [
        (4, "SIGILL"),
        (6, "SIGABRT"),
        (7, "SIGBUS"),
        (8, "SIGFPE"),
        (9, "SIGKILL"),
        (11, "SIGSEGV"),
        (15, "SIGTERM"),
    ];
    known
        .iter()
        .find(|(number, _)| *number == signal)
        .map_or(format!("signal {signal}"), |(_, name)| (*name).into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn failure(kind: &str, bases: &[&str]) -> Failure {
        Failure {
            kind: kind.into(),
            bases: bases.iter().map(|b| (*b).into()).collect(),
            ..Failure::default()
        }
    }

    fn kind_of(failure: &Failure) -> Kind {
        let lost = HashMap::from([("gone".to_owned(), "blocked: x".to_owned())]);
        super::kind_of(&Observation::default(), 0, failure, &lost)
    }

    #[test]
    fn exceptions_are_told_apart() {
        let name =
            |message: &str| Failure { message: message.into(), ..failure("NameError", &["NameError"]) };
        assert_eq!(kind_of(&name("name 'x' is not defined")), Kind::Name("x".into()));
        assert_eq!(kind_of(&name("name 'gone' is not defined")), Kind::Consequence("blocked: x".into()));
        let unbound = failure("UnboundLocalError", &["UnboundLocalError", "NameError"]);
        assert_eq!(kind_of(&unbound), Kind::Raises);
        assert_eq!(kind_of(&failure("ImportError", &["ImportError"])), Kind::Raises);
    }
    #[test]
    fn what_a_package_gets_wrong_is_not_said_of_the_guide() {
        for kind in ["SyntaxError", "NameError"] {
            let inside = Failure {
                importing: vec!["/p/a.py".into()],
                filename: Some("/p/b.py".into()),
                ..failure(kind, &[kind])
            };
            assert_eq!(kind_of(&inside), Kind::Raises);
        }
    }
}
