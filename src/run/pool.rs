//! Workers, one for each thread that asks, started when first needed and kept warm.

use std::io::{BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::folder::Folder;
use super::interrupt;
use super::observation::{Observation, observation};
use super::protocol::{
    Answer, Ending, Greeting, Hello, Layer, Request, Setup, Site, WORKER, read_frame, write_frame,
};
use crate::job::Job;
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

/// What a worker may take to start, and beyond the time of a run: to sweep up, to answer.
const GRACE: Duration = Duration::from_secs(10);

/// How long a second run waits for a worker before another is started: about as long as that takes.
const PATIENCE: Duration = Duration::from_millis(50);

/// Which of the two worlds a run happens in: they differ in their hash seed, so that output which
/// depends on it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Warm workers.
pub struct Pool {
    settings: Settings,
    /// The workers of each world.
    teams: [Team; 2],
    /// The layer of the sandbox, and why it is not the strongest; known once a worker was started.
    layer: OnceLock<(Layer, Option<String>)>,
    hello: OnceLock<Hello>,
}

/// The workers of one world.
#[derive(Default)]
struct Team {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Worker>,
    /// How many are being started ahead of those who will need them.
    coming: usize,
    /// How many wait for one.
    waiting: usize,
    /// Whether one was ever started.
    is_staffed: bool,
    /// Why one could not be started ahead.
    failure: Option<String>,
}

impl Pool {
    /// A pool without any worker yet.
    pub fn new(settings: Settings) -> Pool {
        let teams = [Team::default(), Team::default()];
        Pool { settings, teams, layer: OnceLock::new(), hello: OnceLock::new() }
    }

    /// The Python that runs the snippets, where it is not the embedded one.
    pub fn python(&self) -> Option<&Interpreter> {
        self.settings.python.as_ref()
    }

    /// Says that so many calls of [`warm_up`](Pool::warm_up) will come: who needs a worker waits for these.
    pub fn announce(&self, count: usize) {
        self.teams[World::First as usize].lock().coming += count;
    }

    /// Starts a worker ahead of those who will need it, who are told if it cannot be.
    pub fn warm_up(&self) {
        let started = self.start(World::First);
        let team = &self.teams[World::First as usize];
        let mut state = team.lock();
        state.coming -= 1;
        match started {
            Ok(worker) => state.idle.push(worker),
            Err(error) => state.failure = Some(format!("{error:#}")),
        }
        team.changed.notify_all();
    }

    /// The interpreter that runs the snippets, and its sandbox. Waits for a worker to ask.
    pub fn hello(&self) -> anyhow::Result<&Hello> {
        if self.hello.get().is_none() {
            let worker = self.take(World::First)?;
            let mut hello = worker.hello.clone();
            if let Some((_, Some(why))) = self.layer.get() {
                hello.sandbox.lacks.insert(0, format!("namespaces: {why}"));
            }
            let _ = self.hello.set(hello);
            self.give_back(World::First, worker);
        }
        self.hello.get().context("a started worker has said hello")
    }

    /// Runs a job, which may take so much real time. Errors are failures of verify itself. A worker that breaks during a run is not used
    /// again: it never breaks by itself, so the run did it.
    pub fn run(&self, job: &Job, world: World, timeout: Duration) -> anyhow::Result<Observation> {
        interrupt::check()?;
        let mut worker = self.take(world)?;
        match worker.run(job, timeout) {
            Ok(Observation { ending: Some(Ending::NotStarted), output: [_, why], .. }) => {
                bail!("{}", String::from_utf8_lossy(&why).trim())
            }
            Ok(observation) => {
                self.give_back(world, worker);
                Ok(observation)
            }
            Err(_) => {
                interrupt::check()?;
                // It may be stopped: then it would not notice that nobody needs it any more.
                let _ = worker.process.kill();
                Ok(Observation { ending: Some(Ending::Lost), ..Observation::default() })
            }
        }
    }

    /// An idle worker, or one that comes, or else a new one.
    fn take(&self, world: World) -> anyhow::Result<Worker> {
        match self.teams[world as usize].take(world)? {
            Some(worker) => Ok(worker),
            None => self.start(world),
        }
    }

    fn give_back(&self, world: World, worker: Worker) {
        let team = &self.teams[world as usize];
        team.lock().idle.push(worker);
        team.changed.notify_one();
    }

    /// Starts a worker in the strongest layer that is wanted and to be had.
    fn start(&self, world: World) -> anyhow::Result<Worker> {
        if let Some((layer, _)) = self.layer.get() {
            return Worker::start(&self.settings, world, *layer)?.map_err(|why| anyhow::anyhow!(why));
        }
        let first = if self.settings.isolation == Isolation::Off { Layer::Off } else { Layer::Namespaces };
        match Worker::start(&self.settings, world, first)? {
            Ok(worker) => {
                let _ = self.layer.set((first, None));
                Ok(worker)
            }
            Err(why) if self.settings.isolation == Isolation::Best => self.start_second_best(world, why),
            Err(why) => {
                bail!("snippets cannot be run in namespaces of their own: {why}; --sandbox best does without")
            }
        }
    }

    fn start_second_best(&self, world: World, why: String) -> anyhow::Result<Worker> {
        let worker = Worker::start(&self.settings, world, Layer::Rules)?.map_err(|also| {
            anyhow::anyhow!(
                "there is no sandbox here: {why}; {also}. --sandbox off runs snippets without one"
            )
        });
        let _ = self.layer.set((Layer::Rules, Some(why)));
        worker
    }
}

impl Team {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic holds it")
    }

    /// An idle worker; none where one has to be started.
    fn take(&self, world: World) -> anyhow::Result<Option<Worker>> {
        let since = Instant::now();
        let mut state = self.lock();
        loop {
            if let Some(worker) = state.idle.pop() {
                return Ok(Some(worker));
            }
            if let Some(failure) = &state.failure {
                bail!("{failure}");
            }
            // Second runs are few: to wait a little for who makes them takes less than to start another.
            let patience = match world {
                World::Second if state.is_staffed => PATIENCE.saturating_sub(since.elapsed()),
                World::First if state.coming > state.waiting => GRACE,
                _ => Duration::ZERO,
            };
            if patience.is_zero() {
                state.is_staffed = true;
                return Ok(None);
            }
            state.waiting += 1;
            state = self.changed.wait_timeout(state, patience).expect("no panic holds it").0;
            state.waiting -= 1;
        }
    }
}

struct Worker {
    /// Where its runs have their folders, if not in mounts of their own. Should the worker be lost, nothing
    /// stays there; should this process be lost, the worker removes it.
    _folder: Option<Folder>,
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    hello: Hello,
}

impl Worker {
    /// Starts a worker. The inner error says why the layer is not to be had.
    fn start(settings: &Settings, world: World, layer: Layer) -> anyhow::Result<Result<Worker, String>> {
        let program = std::env::current_exe().context("cannot find verify's own executable")?;
        let folder = match layer {
            Layer::Namespaces => None,
            Layer::Rules | Layer::Off => Some(Folder::make(&std::env::temp_dir())?),
        };
        let zone = std::env::var_os(TIME_ZONE).map(|zone| (TIME_ZONE, zone));
        let mut process = Command::new(program)
            .arg(WORKER)
            .args([(world as u32).to_string(), layer.name().to_owned()])
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
        let setup = Setup { site, preload, virtual_time, python };
        // One that dies at once has said why.
        let _ = write_frame(&mut requests, &serde_json::to_vec(&setup)?);
        if !is_ready(&answers, GRACE)? {
            let _ = process.kill();
            process.wait()?;
            return Ok(Err("it takes too long to set up".to_owned()));
        }
        let greeting = read_frame(&mut answers).ok().flatten();
        match greeting.map(|frame| serde_json::from_slice(&frame)).transpose()? {
            Some(Greeting::Ready(hello)) => {
                Ok(Ok(Worker { _folder: folder, process, requests: Some(requests), answers, hello }))
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

    fn run(&mut self, job: &Job, timeout: Duration) -> anyhow::Result<Observation> {
        let request = Request { timeout_ms: timeout.as_millis() as u64 };
        let requests = self.requests.as_mut().context("the worker is still open")?;
        write_frame(requests, &serde_json::to_vec(&request)?)?;
        write_frame(requests, &serde_json::to_vec(job)?)?;
        requests.flush()?;
        // A worker keeps its runs' time itself; one that a run has stopped or killed answers no more.
        anyhow::ensure!(is_ready(&self.answers, timeout + GRACE)?, "the worker does not answer any more");
        let mut frame =
            || read_frame(&mut self.answers)?.context("the worker died; its own message stands above");
        let answer: Answer = serde_json::from_slice(&frame()?)?;
        let (events, stdout, stderr) = (frame()?, frame()?, frame()?);
        Ok(observation(&answer, &events, stdout, stderr, &job.guide))
    }
}

/// Whether something comes from a worker in time.
fn is_ready(answers: &BufReader<ChildStdout>, time: Duration) -> anyhow::Result<bool> {
    let mut both = [
        PollFd::new(answers.get_ref(), PollFlags::IN),
        PollFd::from_borrowed_fd(interrupt::descriptor()?, PollFlags::empty()),
    ];
    let ready = poll(&mut both, Some(&Timespec::try_from(time)?))?;
    interrupt::check()?;
    Ok(ready > 0)
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Its input closes, so it ends by itself; waiting leaves no zombie.
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}
