//! Servers and pages that a run went for and did not get.

use std::collections::HashSet;

use super::blame::line_span;
use super::collect::Outcome;
use super::finding::{Code, Finding};
use crate::guide::Guide;
use crate::needs::{Lack, Service};
use crate::plan::Plan;
use crate::run::{Failure, Lacking, Observation};

/// Whether nobody listened at the other end. Libraries put that into exceptions of their own, and drivers that
/// are written in C have only words for it.
pub fn is_refused(failure: &Failure) -> bool {
    const WORDS: [&str; 3] = ["onnection refused", "[Errno 111]", "rror 111 "];
    failure.chain.iter().any(|class| class == "ConnectionRefusedError")
        || WORDS.iter().any(|words| failure.message.contains(words))
}

/// The server that an exception is about: by the port that it names, else by whom its unit spoke to.
pub fn server(seen: &Observation, unit: usize, failure: &Failure) -> Option<Service> {
    let numbers = failure.message.split(|c: char| !c.is_ascii_digit());
    let named = numbers.filter_map(|number| number.parse().ok()).find_map(Service::at);
    named.or_else(|| spoken_to(seen, unit).next())
}

/// The servers that a unit spoke to, or tried to; the last first.
fn spoken_to(seen: &Observation, unit: usize) -> impl Iterator<Item = Service> {
    let tried = seen.servers.iter().rev().filter(move |(index, _)| *index == unit);
    tried.filter_map(|(_, port)| Service::at(*port))
}

/// The page that was asked for and is not there, which whoever asked is told by a number.
pub fn page(seen: &Observation, failure: &Failure) -> Option<String> {
    let mut pages = seen.lacking.iter().filter_map(|lacking| match &lacking.what {
        Lack::Page(url) if failure.message.contains("404") => Some(url),
        _ => None,
    });
    let first = pages.clone().next()?;
    Some(pages.find(|url| failure.message.contains(*url)).unwrap_or(first).clone())
}

/// What a unit wanted of a server that was to be there and was not, whatever it made of that.
pub fn in_vain(plan: &Plan, seen: &Observation, unit: usize) -> Option<String> {
    let lacks = |service: &Service| seen.lacking.iter().any(|lacking| lacking.service() == Some(*service));
    let service = spoken_to(seen, unit).find(lacks)?;
    Some(format!("blocked: {} is not there (line {})", service.title(), plan.units[unit].line))
}

/// Findings about what no other finding speaks of: a snippet may catch what it gets instead. Each is said once,
/// where it is first spoken to, else where it is first wanted.
pub fn findings(guide: &Guide, outcomes: &[Outcome<'_>], found: &[Finding]) -> Vec<Finding> {
    let named = |name: &str| found.iter().any(|finding| finding.message.contains(name));
    let is_named = |lacking: &Lacking| match &lacking.what {
        Lack::Service(Some(service)) => named(service.title()),
        Lack::Page(url) => named(url),
        _ => true,
    };
    let speaks_to = |outcome: &Outcome<'_>, lacking: &Lacking| {
        let port = lacking.service().map(Service::port);
        outcome.seen.servers.iter().any(|(_, spoken_to)| Some(*spoken_to) == port)
    };
    let all = || outcomes.iter().flat_map(|outcome| outcome.seen.lacking.iter().map(move |it| (outcome, it)));
    let first = all().filter(|(outcome, lacking)| speaks_to(outcome, lacking)).chain(all());
    let mut said = HashSet::new();
    first
        .filter(|(_, lacking)| !is_named(lacking) && said.insert(&lacking.what))
        .filter_map(|(outcome, lacking)| finding(guide, outcome.snippet, lacking))
        .collect()
}

fn finding(guide: &Guide, snippet: usize, lacking: &Lacking) -> Option<Finding> {
    let (code, message, help) = match &lacking.what {
        Lack::Service(Some(_)) => {
            let message = format!("this is to have a server beside it, and {}", what_lacks(lacking));
            (Code::NeedsService, message, lacking.remedy.clone())
        }
        Lack::Page(url) => {
            let line = lacking.what.line("…").map(|line| format!("`{line}` in verify.toml"));
            (Code::NeedsNetwork, no_answer(url), give(line))
        }
        _ => return None,
    };
    let own = &guide.snippets[snippet];
    let mut finding = Finding::new(code, line_span(guide, own, own.lines.0), message, help);
    finding.lack = Some(lacking.what.clone()).filter(|what| matches!(what, Lack::Page(_)));
    Some(finding.in_snippet(snippet))
}

/// What lacks, and why.
pub fn what_lacks(lacking: &Lacking) -> String {
    let name = lacking.service().map_or("what it answers", Service::title);
    format!("{name} {}", lacking.why)
}

/// The message about a page that is not there.
pub fn no_answer(url: &str) -> String {
    format!("no answer is given for {url}")
}

/// What to do about it: write this line.
pub fn give(line: Option<String>) -> String {
    format!("snippets run offline: give the answer, {}", line.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(message: &str, chain: &[&str]) -> Failure {
        let chain = chain.iter().map(|class| (*class).to_owned()).collect();
        Failure { message: message.into(), chain, ..Failure::default() }
    }

    #[test]
    fn whoever_says_it_a_refused_connection_is_known_and_its_server() {
        for (message, chain, server) in [
            ("[Errno 111] Connection refused", &["ConnectionRefusedError"][..], None),
            ("Error 111 connecting to localhost:6379. Connection refused.", &[], Some(Service::Redis)),
            (
                "Multiple exceptions: [Errno 111] Connect call failed ('::1', 5432, 0, 0), [Errno 111] …",
                &["OSError"],
                Some(Service::Postgres),
            ),
            (
                "connection to server at \"localhost\" (::1), port 5432 failed: Connection refused",
                &["OperationalError"],
                Some(Service::Postgres),
            ),
        ] {
            let failure = failure(message, chain);
            assert!(is_refused(&failure), "{message}");
            assert_eq!(super::server(&Observation::default(), 0, &failure), server, "{message}");
        }
        assert!(!is_refused(&failure("[Errno 110] timed out", &["TimeoutError"])));
    }

    #[test]
    fn a_server_is_known_by_whom_its_unit_spoke_to() {
        let servers = vec![(0, 5432), (1, 5432), (1, 6379)];
        let seen = Observation { servers, ..Observation::default() };
        let refused = failure("[Errno 111] Connection refused", &["ConnectionRefusedError"]);
        assert_eq!(server(&seen, 0, &refused), Some(Service::Postgres));
        assert_eq!(server(&seen, 1, &refused), Some(Service::Redis));
        assert_eq!(server(&seen, 2, &refused), None);
    }

    #[test]
    fn of_pages_that_are_not_there_the_one_that_is_named_is_meant() {
        let lacking = ["http://a.org/", "http://b.org/x"].map(|url| Lacking::page(url.into())).to_vec();
        let seen = Observation { lacking, ..Observation::default() };
        let page = |message: &str| page(&seen, &failure(message, &[]));
        assert_eq!(
            page("404 Client Error: Not Found for url: http://b.org/x"),
            Some("http://b.org/x".into())
        );
        assert_eq!(page("HTTP Error 404: Not Found"), Some("http://a.org/".into()));
        assert_eq!(page("HTTP Error 500: Internal Server Error"), None);
    }
}
