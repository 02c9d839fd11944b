//! Workers, one for each thread that asks, started when first needed and kept warm.

use std::collections::HashMap;
use std::io::{BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use anyhow::{Context, bail};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::cancel::Cancel;
use super::folder::Folder;
use super::interrupt;
use super::kept::{Kept, Key, Store};
use super::observation::{Observation, observation};
use super::protocol::{
    Answer, Ending, Greeting, Hello, Layer, Page, Request, Setup, Site, WORKER, read_frame, write_frame,
};
use super::surroundings::Surroundings;
use super::team::Team;
use crate::job::Job;
use crate::moment;
use crate::pythons::Interpreter;

/// The environment variable that a worker inherits; it sees no other, least of all a CI job's tokens.
const TIME_ZONE: &str = "TZ";

/// A fixed environment: one locale for everybody, and no thread pools started by numeric libraries.
const SET: [(&str, &str); 6] = [
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("OPENBLAS_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
    ("MKL_NUM_THREADS", "1"),
    ("NUMEXPR_NUM_THREADS", "1"),
];

/// How long a worker may take to put a run away that nobody waits for.
const LEAVE: Duration = Duration::from_secs(1);

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
    /// Modules to import before the fork.
    pub preload: Vec<String>,
    /// Their sandbox.
    pub isolation: Isolation,
    /// Whether waiting is simulated.
    pub virtual_time: bool,
    /// The Python that runs them, where it is not the embedded one.
    pub python: Option<Interpreter>,
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

/// Warm workers.
pub struct Pool {
    settings: Settings,
    /// Where observations are kept, if they are.
    kept: Option<Arc<dyn Store>>,
    teams: Mutex<HashMap<(Surroundings, World), Arc<Team>>>,
    /// The layer of the sandbox, and why it is not the strongest; known once a worker was started.
    layer: OnceLock<(Layer, Option<String>)>,
    hello: OnceLock<Hello>,
}

impl Pool {
    /// A pool without any worker yet. What its runs show is kept in `kept`, and taken from there.
    pub fn new(settings: Settings, kept: Option<Arc<dyn Store>>) -> Pool {
        let teams = Mutex::default();
        Pool { settings, kept, teams, layer: OnceLock::new(), hello: OnceLock::new() }
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
        let about = (self.identity()?, terms.world as u32, terms.until.time);
        let (key, day) = (Key::new(&about, job, &terms.around, &terms.pages), moment::day());
        if let Some(seen) = store.get(&key).and_then(|kept| kept.observation(job, &day)) {
            return Ok(seen);
        }
        let seen = self.run_now(job, terms)?;
        if let Some(kept) = Kept::of(job, &seen, &day) {
            store.put(&key, &kept);
        }
        Ok(seen)
    }

    /// All of the interpreter, its packages and its sandbox that a run's outcome depends on.
    fn identity(&self) -> anyhow::Result<String> {
        let hello = self.hello()?;
        let Settings { site, virtual_time, python, .. } = &self.settings;
        // An installer makes a file or a folder in one of these.
        let changed = |path: &PathBuf| path.metadata().and_then(|it| it.modified()).ok();
        let changed: Vec<_> = hello.files.iter().map(changed).collect();
        Ok(serde_json::to_string(&(hello, site, virtual_time, python, changed))?)
    }

    /// Runs a job. A worker that breaks during a run is not used again: it never breaks by itself, so the run
    /// did it.
    fn run_now(&self, job: &Job, terms: &Terms) -> anyhow::Result<Observation> {
        let team = self.team(&terms.around, terms.world);
        let mut worker = self.take(&team)?;
        let _ports = self.ports_for(&team);
        match worker.run(job, terms) {
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
                // It may be stopped: then it would not notice that nobody needs it any more.
                let _ = worker.process.kill();
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
            return Worker::start(&self.settings, team, *layer)?.map_err(|why| anyhow::anyhow!(why));
        }
        let first = if self.settings.isolation == Isolation::Off { Layer::Off } else { Layer::Namespaces };
        match Worker::start(&self.settings, team, first)? {
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
        let worker = Worker::start(&self.settings, team, Layer::Rules)?.map_err(|also| {
            anyhow::anyhow!(
                "there is no sandbox here: {why}; {also}. --sandbox off runs snippets without one"
            )
        });
        let _ = self.layer.set((Layer::Rules, Some(why)));
        worker
    }
}

/// A worker's process.
pub struct Worker {
    /// Where its runs have their folders, if not in mounts of their own. Should the worker be lost, nothing
    /// stays there; should this process be lost, the worker removes it.
    _folder: Option<Folder>,
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    hello: Hello,
    grace: Duration,
}

impl Worker {
    /// Starts a worker. The inner error says why the layer is not to be had.
    fn start(settings: &Settings, team: &Team, layer: Layer) -> anyhow::Result<Result<Worker, String>> {
        let program = std::env::current_exe().context("cannot find verify's own executable")?;
        let folder = match layer {
            Layer::Namespaces => None,
            Layer::Rules | Layer::Off => Some(Folder::make(&std::env::temp_dir())?),
        };
        let zone = std::env::var_os(TIME_ZONE).map(|zone| (TIME_ZONE, zone));
        let mut process = Command::new(program)
            .arg(WORKER)
            .args([(team.world as u32).to_string(), layer.name().to_owned()])
            .args(folder.as_ref().map(Folder::path))
            .env_clear()
            .envs(zone)
            .envs(SET)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a worker")?;
        let mut answers = BufReader::new(process.stdout.take().context("a worker's output is piped")?);
        let mut requests = process.stdin.take().context("a worker's input is piped")?;
        let Settings { site, preload, virtual_time, python, .. } = settings.clone();
        let setup = Setup { site, preload, virtual_time, python, servers: team.servers.clone() };
        // One that dies at once has said why.
        let _ = write_frame(&mut requests, &serde_json::to_vec(&setup)?);
        if !is_ready(&answers, team.grace(), None)? {
            let _ = process.kill();
            process.wait()?;
            return Ok(Err("it takes too long to set up".to_owned()));
        }
        let greeting = read_frame(&mut answers).ok().flatten();
        match greeting.map(|frame| serde_json::from_slice(&frame)).transpose()? {
            Some(Greeting::Ready(hello)) => {
                let requests = Some(requests);
                Ok(Ok(Worker { _folder: folder, process, requests, answers, hello, grace: team.grace() }))
            }
            Some(Greeting::Refused(why)) => {
                process.wait()?;
                Ok(Err(why))
            }
            Some(Greeting::Failed(why)) => {
                process.wait()?;
                bail!("{why}")
            }
            None => {
                let status = process.wait()?;
                bail!("the worker did not start ({status}); its own message stands above");
            }
        }
    }

    fn run(&mut self, job: &Job, terms: &Terms) -> anyhow::Result<Observation> {
        let Terms { pages, until, .. } = terms;
        let request = Request { timeout_ms: until.time.as_millis() as u64, pages: pages.clone() };
        let requests = self.requests.as_mut().context("the worker is still open")?;
        write_frame(requests, &serde_json::to_vec(&request)?)?;
        write_frame(requests, &serde_json::to_vec(job)?)?;
        pages.iter().try_for_each(|page| write_frame(requests, &page.body))?;
        requests.flush()?;
        // A worker keeps its runs' time itself; one that a run has stopped or killed answers no more.
        anyhow::ensure!(
            is_ready(&self.answers, until.time + self.grace, Some(&until.cancel))?,
            "the worker does not answer any more"
        );
        let mut frame =
            || read_frame(&mut self.answers)?.context("the worker died; its own message stands above");
        let answer: Answer = serde_json::from_slice(&frame()?)?;
        let (events, stdout, stderr) = (frame()?, frame()?, frame()?);
        Ok(observation(&answer, &events, stdout, stderr, &job.guide))
    }

    /// Lets it end in the middle of a run, and it puts the run away. One that the run has stopped cannot.
    fn leave(&mut self) {
        drop(self.requests.take());
        if !is_ready(&self.answers, LEAVE, None).unwrap_or(false) {
            let _ = self.process.kill();
        }
    }
}

/// Whether something comes from a worker in time, be it its end. An error if that is not waited for any more.
fn is_ready(
    answers: &BufReader<ChildStdout>,
    time: Duration,
    cancel: Option<&Cancel>,
) -> anyhow::Result<bool> {
    let mut all = vec![
        PollFd::new(answers.get_ref(), PollFlags::IN),
        PollFd::from_borrowed_fd(interrupt::descriptor()?, PollFlags::empty()),
    ];
    all.extend(cancel.map(|cancel| PollFd::from_borrowed_fd(cancel.descriptor(), PollFlags::IN)));
    let ready = poll(&mut all, Some(&Timespec::try_from(time)?))?;
    interrupt::check()?;
    cancel.map_or(Ok(()), Cancel::check)?;
    Ok(ready > 0)
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Its input closes, so it ends by itself; waiting leaves no zombie.
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}
