//! Workers, one for each thread that asks, started when first needed and kept warm.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::cancel::Cancel;
use super::interrupt;
use super::kept::{Kept, Key, Store};
use super::modules::Modules;
use super::observation::Observation;
use super::packages;
use super::protocol::{Ending, Hello, Layer, Page, Setup, Site};
use super::stem::{Stem, Wanted, Worker};
use super::surroundings::Surroundings;
use super::team::Team;
use crate::job::Job;
use crate::moment;
use crate::pythons::Interpreter;

/// Which of the two worlds a run happens in: they differ in their hash seed, so that output which
/// depends on it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum World {
    /// Where every run happens.
    First,
    /// Where a run is repeated to see whether it comes out the same.
    Second,
}

/// Which sandbox runs get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Isolation {
    /// Namespaces, or nothing is run
    Require,
    /// The strongest that the machine allows
    Best,
    /// None: snippets run with your rights
    Off,
}

/// How snippets are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The packages that runs find.
    pub site: Site,
    /// What workers import before the first run that needs it, for all of theirs.
    pub preload: Modules,
    /// Their sandbox.
    pub isolation: Isolation,
    /// Whether waiting is simulated.
    pub virtual_time: bool,
    /// The Python that runs them, where it is not the embedded one.
    pub python: Option<Interpreter>,
}

impl Settings {
    /// What all workers of a stem have.
    pub fn setup(&self) -> Setup {
        let Settings { site, virtual_time, python, .. } = self.clone();
        Setup { site, virtual_time, python }
    }
}

/// What is settled about a run beside its job.
#[derive(Clone, Debug)]
pub struct Terms {
    /// What it has around it.
    pub around: Surroundings,
    /// What other machines answer it.
    pub pages: Vec<Page>,
    /// The world that it happens in.
    pub world: World,
    /// When it ends at the latest.
    pub until: Until,
}

/// When a run ends at the latest.
#[derive(Clone, Debug)]
pub struct Until {
    /// After so much real time.
    pub time: Duration,
    /// When nobody waits for it any more.
    pub cancel: Cancel,
}

impl Terms {
    /// Those of a run that has nothing around it.
    pub fn plain(until: Until) -> Terms {
        Terms { around: Surroundings::default(), pages: Vec::new(), world: World::First, until }
    }
}

/// Held by a run that has ports of the machine itself.
static PORTS: Mutex<()> = Mutex::new(());

/// How often it is looked whether packages have changed.
const LOOK: Duration = Duration::from_secs(1);

/// Warm workers.
pub struct Pool {
    settings: Settings,
    /// Where observations are kept, if they are.
    kept: Option<Arc<dyn Store>>,
    // Workers go before what they grow from.
    teams: Mutex<HashMap<(Surroundings, World), Arc<Team>>>,
    stems: Mutex<HashMap<World, Arc<Stem>>>,
    /// The layer of the sandbox, and why it is not the strongest; known once a worker was started.
    layer: OnceLock<(Layer, Option<String>)>,
    hello: OnceLock<Hello>,
    /// How the packages were, and when they were so.
    looked: Mutex<Option<(Instant, Option<String>)>>,
}

impl Pool {
    /// A pool without any worker yet. What its runs show is kept in `kept`, and taken from there.
    pub fn new(settings: Settings, kept: Option<Arc<dyn Store>>) -> Pool {
        let (teams, stems) = (Mutex::default(), Mutex::default());
        let looked = Mutex::default();
        Pool { settings, kept, teams, stems, layer: OnceLock::new(), hello: OnceLock::new(), looked }
    }

    /// The Python that runs the snippets, where it is not the embedded one.
    pub fn python(&self) -> Option<&Interpreter> {
        self.settings.python.as_ref()
    }

    /// Says that so many workers are wanted. Returns how many of them there are not yet: who needs a worker waits
    /// for as many calls of [`warm_up`](Pool::warm_up).
    pub fn announce(&self, around: &Surroundings, count: usize) -> usize {
        self.team(around, World::First).announce(count)
    }

    /// Starts a worker ahead of those who will need it, who are told if it cannot be.
    pub fn warm_up(&self, around: &Surroundings) {
        let team = self.team(around, World::First);
        team.welcome(self.start(&team));
    }

    /// Takes a stem that was started, with the same setup, for the workers of the first world.
    pub fn adopt(&self, stem: Stem) {
        self.stems.lock().expect("no panic holds it").insert(World::First, Arc::new(stem));
    }

    /// Says that a run in this world is likely.
    pub fn expect(&self, world: World) {
        // Who needs it is told if it cannot be.
        let _ = self.stem(world);
    }

    /// The interpreter that runs the snippets, and its sandbox. Waits for a worker to ask.
    pub fn hello(&self) -> anyhow::Result<&Hello> {
        if self.hello.get().is_none() {
            let team = self.team(&Surroundings::default(), World::First);
            let worker = self.take(&team)?;
            team.give_back(worker);
        }
        self.hello.get().context("a started worker has said hello")
    }

    /// Keeps what the first worker has said about itself.
    fn note(&self, worker: &Worker) {
        if self.hello.get().is_some() {
            return;
        }
        let mut hello = worker.hello.clone();
        if let Some((_, Some(why))) = self.layer.get() {
            hello.sandbox.lacks.insert(0, format!("namespaces: {why}"));
        }
        let _ = self.hello.set(hello);
    }

    /// What a run of a job shows. Errors are failures of verify itself.
    pub fn run(&self, job: &Job, terms: &Terms) -> anyhow::Result<Observation> {
        interrupt::check()?;
        terms.until.cancel.check()?;
        let Some(store) = &self.kept else { return self.run_now(job, terms) };
        let servers = &self.team(&terms.around, terms.world).servers;
        let Some(identity) = self.identity()? else { return self.run_now(job, terms) };
        let about = (identity, servers, terms.world as u32, terms.until.time);
        let (key, day) = (Key::new(&about, job, &terms.around, &terms.pages), moment::day());
        if let Some(seen) = store.get(&key).and_then(|kept| kept.observation(job, &day)) {
            return Ok(Observation { kept: Some(key), ..seen });
        }
        let seen = self.run_now(job, terms)?;
        let Some(kept) = Kept::of(job, &seen, &day) else { return Ok(seen) };
        store.put(&key, &kept);
        Ok(Observation { kept: Some(key), ..seen })
    }

    /// All of the interpreter, its packages and its sandbox that a run's outcome depends on. None where that cannot
    /// be told.
    fn identity(&self) -> anyhow::Result<Option<String>> {
        let hello = self.hello()?;
        let Settings { site, virtual_time, python, .. } = &self.settings;
        let Some(packages) = self.packages(hello) else { return Ok(None) };
        Ok(Some(serde_json::to_string(&(hello, site, virtual_time, python, packages))?))
    }

    /// The state of the packages, looked at again every now and then.
    fn packages(&self, hello: &Hello) -> Option<String> {
        let mut looked = self.looked.lock().expect("no panic holds it");
        if let Some((when, state)) = &*looked
            && when.elapsed() < LOOK
        {
            return state.clone();
        }
        let state = packages::state(&hello.files).map(|state| state.hash);
        *looked = Some((Instant::now(), state.clone()));
        state
    }

    /// Runs a job. A worker that breaks during a run is not used again: it never breaks by itself, so the run
    /// did it.
    fn run_now(&self, job: &Job, terms: &Terms) -> anyhow::Result<Observation> {
        let team = self.team(&terms.around, terms.world);
        let mut worker = self.take(&team)?;
        let _ports = self.ports_for(&team);
        match worker.run(job, terms, &self.settings.preload.all()) {
            Ok(Observation { ending: Some(Ending::NotStarted), output: [_, why], .. }) => {
                bail!("{}", String::from_utf8_lossy(&why).trim())
            }
            Ok(mut observation) => {
                team.give_back(worker);
                observation.lacking.extend(team.lacking.iter().cloned());
                Ok(observation)
            }
            Err(_) => {
                interrupt::check()?;
                if let Err(cancelled) = terms.until.cancel.check() {
                    worker.leave();
                    return Err(cancelled);
                }
                worker.kill();
                Ok(Observation { ending: Some(Ending::Lost), ..Observation::default() })
            }
        }
    }

    /// Without a sandbox servers stand at the ports of the machine: one run after the other has them.
    fn ports_for(&self, team: &Team) -> Option<MutexGuard<'static, ()>> {
        let is_shared = matches!(self.layer.get(), Some((Layer::Off, _))) && !team.servers.is_empty();
        is_shared.then(|| PORTS.lock().expect("no panic holds it"))
    }

    fn team(&self, around: &Surroundings, world: World) -> Arc<Team> {
        let mut teams = self.teams.lock().expect("no panic holds it");
        let team = teams.entry((around.clone(), world)).or_insert_with(|| Arc::new(Team::new(around, world)));
        Arc::clone(team)
    }

    /// An idle worker, or one that comes, or else a new one.
    fn take(&self, team: &Team) -> anyhow::Result<Worker> {
        let worker = match team.take()? {
            Some(worker) => worker,
            None => self.start(team)?,
        };
        self.note(&worker);
        Ok(worker)
    }

    /// Starts a worker in the strongest layer that is wanted and to be had.
    fn start(&self, team: &Team) -> anyhow::Result<Worker> {
        if let Some((layer, _)) = self.layer.get() {
            return self.grow(team, *layer)?.map_err(|why| anyhow::anyhow!(why));
        }
        let first = if self.settings.isolation == Isolation::Off { Layer::Off } else { Layer::Namespaces };
        match self.grow(team, first)? {
            Ok(worker) => {
                let _ = self.layer.set((first, None));
                Ok(worker)
            }
            Err(why) if self.settings.isolation == Isolation::Best => self.start_second_best(team, why),
            Err(why) => {
                bail!("snippets cannot be run in namespaces of their own: {why}; --sandbox best does without")
            }
        }
    }

    fn start_second_best(&self, team: &Team, why: String) -> anyhow::Result<Worker> {
        let worker = self.grow(team, Layer::Rules)?.map_err(|also| {
            anyhow::anyhow!(
                "there is no sandbox here: {why}; {also}. --sandbox off runs snippets without one"
            )
        });
        let _ = self.layer.set((Layer::Rules, Some(why)));
        worker
    }

    /// A worker in a layer, if that is to be had.
    fn grow(&self, team: &Team, layer: Layer) -> anyhow::Result<Result<Worker, String>> {
        // The few runs of the second world would be over before everything is imported.
        let at_once = team.world == World::First;
        let preload = if at_once { self.settings.preload.all() } else { BTreeSet::new() };
        let wanted = Wanted { layer, preload, servers: &team.servers, grace: team.grace() };
        Worker::grow(&*self.stem(team.world)?, wanted)
    }

    /// The stem of a world's workers.
    fn stem(&self, world: World) -> anyhow::Result<Arc<Stem>> {
        let mut stems = self.stems.lock().expect("no panic holds it");
        if let Some(stem) = stems.get(&world).filter(|stem| !stem.is_lost()) {
            return Ok(Arc::clone(stem));
        }
        let stem = Arc::new(Stem::start(world, &self.settings.setup())?);
        stems.insert(world, Arc::clone(&stem));
        Ok(stem)
    }
}
