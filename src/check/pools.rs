//! Workers for each set of packages: what snippets ask for, and who runs them with it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use crate::environment::{Environment, Environments, Failure, Requirements};
use crate::job::{Job, Unit};
use crate::judge::{Broken, Packages, broken_file};
use crate::pythons::EMBEDDED;
use crate::report::EnvironmentReport;
use crate::run::protocol::{Sandbox, minor};
use crate::run::{Failure as Raised, Pool, Settings, Site, Store, Terms, Until};

/// Checks after which workers with packages are let go that none of them needed.
const PATIENCE: u64 = 8;

/// Workers of one interpreter, those with the same packages together.
pub struct Pools {
    settings: Settings,
    environments: Arc<Result<Environments, Failure>>,
    kept: Option<Arc<dyn Store>>,
    /// For snippets that ask for nothing.
    plain: Arc<Supplied>,
    others: Mutex<HashMap<Requirements, Other>>,
    /// The number of the check.
    check: u64,
}

/// Workers with packages, once they are there.
#[derive(Default)]
struct Other {
    place: Arc<OnceLock<Arc<Supplied>>>,
    /// The last check that needed them.
    used: u64,
}

impl Other {
    fn is_refused(&self) -> bool {
        self.place.get().is_some_and(|supplied| supplied.packages.failure.is_some())
    }
}

/// Workers with what they are supplied with.
pub struct Supplied {
    /// The workers.
    pub pool: Pool,
    /// What they have, or why they have nothing.
    pub packages: Packages,
    environment: Option<Environment>,
}

impl Supplied {
    /// The folder of their environment, if they have one.
    pub fn folder(&self) -> Option<&Path> {
        self.environment.as_ref().map(|environment| environment.prefix.as_path())
    }
}

impl Pools {
    /// No workers yet. `settings` are those of snippets that ask for nothing.
    pub fn new(
        settings: Settings,
        environments: Arc<Result<Environments, Failure>>,
        kept: Option<Arc<dyn Store>>,
    ) -> Pools {
        let (pool, packages) = (Pool::new(settings.clone(), kept.clone()), Packages::default());
        let plain = Arc::new(Supplied { pool, packages, environment: None });
        Pools { settings, environments, kept, plain, others: Mutex::default(), check: 0 }
    }

    /// Begins another check. What could not be installed for an earlier one is tried again.
    pub fn begin(&mut self) {
        self.check += 1;
        let others = self.others.get_mut().expect("no panic holds it");
        others.retain(|_, other| other.used + PATIENCE > self.check && !other.is_refused());
    }

    /// Those with packages that this check needed.
    fn others(&self) -> Vec<Arc<Supplied>> {
        let others = self.others.lock().expect("no panic holds it");
        let used = others.values().filter(|other| other.used == self.check);
        used.filter_map(|other| other.place.get().cloned()).collect()
    }

    /// The executable of the interpreter.
    fn python(&self) -> &Path {
        self.settings.python.as_ref().map_or(Path::new(EMBEDDED), |python| &python.executable)
    }

    /// Says that runs are likely to import these modules of the standard library.
    pub fn preload(&self, modules: &[String]) {
        self.settings.preload.add(modules);
    }

    /// The workers for snippets that ask for nothing.
    pub fn plain(&self) -> &Pool {
        &self.plain.pool
    }

    /// Where the interpreters of this check look for modules, and have their own parts.
    pub fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for supplied in self.others().into_iter().chain([Arc::clone(&self.plain)]) {
            let hello = supplied.pool.hello()?;
            files.extend(hello.files.iter().cloned().chain([hello.path.clone().into()]));
        }
        Ok(files)
    }

    /// The sandboxes in which snippets ran.
    pub fn sandboxes(&self) -> anyhow::Result<Vec<Sandbox>> {
        let used = self.others().into_iter().chain([Arc::clone(&self.plain)]);
        used.map(|supplied| Ok(supplied.pool.hello()?.sandbox.clone())).collect()
    }

    /// Why what is required is not for this interpreter.
    pub fn refused(&self, requirements: &Requirements) -> anyhow::Result<Option<String>> {
        if !requirements.is_particular() {
            return Ok(None);
        }
        let version = &self.plain().hello()?.version;
        let refused = requirements.refuses(version);
        Ok(refused.map(|condition| format!("Python {condition} is required, and this is {version}")))
    }

    /// The workers that have what is required. If that is not to be had, they have no packages at all: what needs
    /// none of them runs, and nothing runs with other versions than those that were asked for.
    pub fn with(&self, requirements: &Requirements) -> Arc<Supplied> {
        if requirements.is_empty() {
            return Arc::clone(&self.plain);
        }
        let requirements = requirements.for_all_pythons();
        let place = {
            let mut others = self.others.lock().expect("no panic holds it");
            let other = others.entry(requirements.clone()).or_default();
            other.used = self.check;
            Arc::clone(&other.place)
        };
        Arc::clone(place.get_or_init(|| Arc::new(self.supply(requirements))))
    }

    fn supply(&self, requirements: Requirements) -> Supplied {
        let made = match &*self.environments {
            Ok(environments) => environments.environment(self.python(), &requirements),
            Err(failure) => Err(failure.clone()),
        };
        let (environment, failure) = match made {
            Ok(environment) => (Some(environment), None),
            Err(failure) => (None, Some(failure)),
        };
        let site = environment.as_ref().map_or(Site::Empty, |made| Site::Environment(made.python.clone()));
        let packages = Packages { requirements, failure };
        let pool = Pool::new(Settings { site, ..self.settings.clone() }, self.kept.clone());
        Supplied { pool, packages, environment }
    }

    /// What was installed for whom, or why not, in the order of what was asked for.
    pub fn report(&self, python: &str) -> Vec<EnvironmentReport> {
        let mut found: Vec<_> = self.others().iter().map(|other| report(other, python)).collect();
        found.sort_by(|one, other| one.packages.cmp(&other.packages));
        found
    }

    /// The installed distribution that an exception comes from, if its module cannot be imported by itself either.
    pub fn broken(
        &self,
        supplied: &Supplied,
        raised: &Raised,
        until: Until,
    ) -> anyhow::Result<Option<Broken>> {
        let owner = broken_file(raised).and_then(|file| supplied.environment.as_ref()?.owner(file));
        let (Some(owner), Ok(environments)) = (owner, &*self.environments) else { return Ok(None) };
        let seen = supplied.pool.run(&importing(&owner.module), &Terms::plain(until))?;
        let again = seen.units.get(&0).and_then(|unit| unit.failure.as_ref());
        if again.is_none_or(|again| again.headline() != raised.headline()) {
            return Ok(None);
        }
        let allow_source = supplied.packages.requirements.allows_source();
        let newest = environments.newest(self.python(), &owner.name, allow_source);
        let python = minor(&supplied.pool.hello()?.version);
        Ok(Some(Broken { name: owner.name, version: owner.version, newest, python }))
    }
}

fn report(supplied: &Supplied, python: &str) -> EnvironmentReport {
    let Packages { requirements, failure } = &supplied.packages;
    EnvironmentReport {
        python: python.to_owned(),
        packages: requirements.packages().map(str::to_owned).collect(),
        path: supplied.environment.as_ref().map(|made| made.prefix.to_string_lossy().into_owned()),
        error: failure.as_ref().map(|failure| failure.message.clone()),
        help: failure.as_ref().map(|failure| failure.help.clone()),
        said: failure.as_ref().map(|failure| failure.said.clone()).unwrap_or_default(),
    }
}

/// A run that imports a module and does nothing else.
fn importing(module: &str) -> Job {
    let source = format!("import {module}");
    let unit = Unit { line: 1, source, interactive: false, probes: Vec::new() };
    Job { guide: "import".to_owned(), units: vec![unit], ..Job::default() }
}
