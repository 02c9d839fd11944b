//! Everything that a snippet is supplied with, and what a run lacked of it. Plain data.

mod lack;
mod page;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits;
pub use lack::{Lack, is_inside, quoted};
pub use page::Address;

/// What a snippet is supplied with, after all that is said about it was put together. Texts are shared by the
/// snippets that they are given to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    /// Packages to install, as PEP 508 writes them.
    pub packages: Vec<String>,
    /// Requirements files.
    pub requirements: Vec<PathBuf>,
    /// Dependency groups of the configuration's `pyproject.toml`.
    pub groups: Vec<String>,
    /// Whether packages may be built, which runs their code outside of the sandbox.
    pub allow_source: bool,
    /// Servers that run beside the snippet.
    pub services: Vec<Service>,
    /// What lies in its folder.
    pub files: Vec<Fixture>,
    /// Environment variables.
    pub env: BTreeMap<String, String>,
    /// What is typed.
    pub stdin: Option<Arc<str>>,
    /// Python that runs before it, in its namespace. Several only where earlier snippets bring their own.
    pub setup: Vec<Setup>,
    /// Databases in its folder.
    pub sqlite: Vec<Database>,
    /// What other machines answer.
    pub http: Vec<Page>,
    /// Real time that it may take.
    pub timeout: Option<Duration>,
    /// Why it is not run.
    pub skip: Option<String>,
}

/// A server that can run beside a snippet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Service {
    Postgres,
    Redis,
}

impl Service {
    /// All that there are.
    pub const ALL: [Service; 2] = [Service::Postgres, Service::Redis];

    /// Its name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Service::Postgres => "postgres",
            Service::Redis => "redis",
        }
    }

    /// Its name among people.
    pub fn title(self) -> &'static str {
        match self {
            Service::Postgres => "PostgreSQL",
            Service::Redis => "Redis",
        }
    }

    /// The port at which everybody looks for it.
    pub fn port(self) -> u16 {
        match self {
            Service::Postgres => 5432,
            Service::Redis => 6379,
        }
    }

    /// The server that has a port.
    pub fn at(port: u16) -> Option<Service> {
        Service::ALL.into_iter().find(|service| service.port() == port)
    }

    /// The Debian package that it comes in.
    pub fn package(self) -> &'static str {
        match self {
            Service::Postgres => "postgresql",
            Service::Redis => "redis-server",
        }
    }
}

/// What something consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// This text.
    Inline(Arc<str>),
    /// What is in this file or folder; the path is whole.
    From(PathBuf),
}

/// A file or a folder that a snippet finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixture {
    /// Where, in the folder that the snippet runs in.
    pub path: String,
    /// What.
    pub content: Content,
}

/// Code that runs before a snippet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setup {
    /// The code.
    pub code: Arc<str>,
    /// Where it is written: `verify.toml:12`, `docs/setup.py`.
    pub place: String,
    /// Whether it only imports what is at that place.
    #[serde(skip)]
    pub imports: bool,
}

/// A SQLite database that a snippet finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Database {
    /// Where, in the folder that the snippet runs in.
    pub path: String,
    /// What makes it.
    pub sql: Arc<str>,
    /// Where that is written.
    pub place: String,
}

/// An answer to a request over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The whole URL that it answers for.
    pub url: String,
    /// Its status code.
    pub status: u16,
    /// Its headers.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Content,
}

impl Needs {
    /// Real time that it may take.
    pub fn time(&self) -> Duration {
        self.timeout.unwrap_or(limits::TIMEOUT)
    }

    /// Adds what the statements of another snippet need that run before this one. What is its own stays.
    pub fn join(&mut self, earlier: &Needs) {
        extend(&mut self.packages, &earlier.packages, |a, b| a == b);
        extend(&mut self.requirements, &earlier.requirements, |a, b| a == b);
        extend(&mut self.groups, &earlier.groups, |a, b| a == b);
        self.allow_source |= earlier.allow_source;
        extend(&mut self.services, &earlier.services, |a, b| a == b);
        extend(&mut self.files, &earlier.files, |a, b| a.path == b.path);
        for (name, value) in &earlier.env {
            self.env.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self.stdin = self.stdin.take().or_else(|| earlier.stdin.clone());
        let own = std::mem::take(&mut self.setup);
        self.setup.clone_from(&earlier.setup);
        extend(&mut self.setup, &own, |a, b| a == b);
        extend(&mut self.sqlite, &earlier.sqlite, |a, b| a.path == b.path);
        extend(&mut self.http, &earlier.http, |a, b| a.url == b.url);
        self.timeout = earlier.timeout.filter(|more| *more > self.time()).or(self.timeout);
    }
}

/// Adds those items that are not there yet.
fn extend<T: Clone>(own: &mut Vec<T>, others: &[T], same: impl Fn(&T, &T) -> bool) {
    for other in others {
        if !own.iter().any(|item| same(item, other)) {
            own.push(other.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_its_own_stays_and_setups_run_in_order() {
        let file = |text: &str| Fixture { path: "a".into(), content: Content::Inline(text.into()) };
        let setup = |code: &str| Setup { code: code.into(), place: "verify.toml:1".into(), imports: false };
        let earlier = Needs {
            files: vec![file("earlier")],
            setup: vec![setup("x = 1")],
            stdin: Some("Ada".into()),
            timeout: Some(Duration::from_secs(11)),
            skip: Some("its own affair".into()),
            ..Needs::default()
        };
        let own = Needs { files: vec![file("own")], setup: vec![setup("y = 2")], ..Needs::default() };
        let mut joined = own.clone();
        joined.join(&earlier);
        assert_eq!(joined.files, own.files);
        assert_eq!(joined.setup, [setup("x = 1"), setup("y = 2")]);
        assert_eq!((joined.stdin.as_deref(), &joined.skip), (Some("Ada"), &None));
        assert_eq!((own.time(), joined.time()), (limits::TIMEOUT, Duration::from_secs(11)));
        let mut twice = joined.clone();
        twice.join(&earlier);
        assert_eq!(twice.setup, joined.setup);
        twice.join(&Needs { timeout: Some(Duration::from_secs(3)), ..Needs::default() });
        assert_eq!(twice.time(), joined.time());
    }
}
