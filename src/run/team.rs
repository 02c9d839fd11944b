//! The workers that have the same around them, lent to one run after the other.

use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use anyhow::bail;

use super::pool::World;
use super::protocol::{Lacking, Server};
use super::stem::Worker;
use super::surroundings::Surroundings;

/// What a worker may take to start, and beyond the time of a run: to sweep up, to answer.
const GRACE: Duration = Duration::from_secs(10);
/// The same with servers, which begin with nothing.
const GRACE_OF_SERVERS: Duration = Duration::from_secs(60);

/// How long a second run waits for a worker before another is started: about as long as that takes.
const PATIENCE: Duration = Duration::from_millis(50);
/// The same for runs that have servers around them, for all of them together.
const PATIENCE_FOR_SERVERS: Duration = Duration::from_millis(1500);

/// The workers of one world that have the same around them.
pub struct Team {
    /// Their world.
    pub world: World,
    /// Servers beside their runs.
    pub servers: Vec<Server>,
    /// Servers that this machine has not.
    pub lacking: Vec<Lacking>,
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
    /// How long runs have waited for one with servers since the last was started.
    waited: Duration,
    /// Why one could not be started ahead.
    failure: Option<String>,
}

impl Team {
    /// A team without any worker yet.
    pub fn new(around: &Surroundings, world: World) -> Team {
        let (servers, lacking) = around.servers();
        Team { world, servers, lacking, state: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic holds it")
    }

    /// Says that so many workers are wanted, when all are idle. Returns how many have to be started for that.
    pub fn announce(&self, count: usize) -> usize {
        let mut state = self.lock();
        let lacking = count.saturating_sub(state.idle.len() + state.coming);
        state.coming += lacking;
        state.is_staffed = true;
        // What kept one from starting may be over.
        state.failure = None;
        lacking
    }

    /// Takes one of these in, if it could be started.
    pub fn welcome(&self, started: anyhow::Result<Worker>) {
        let mut state = self.lock();
        state.coming -= 1;
        match started {
            Ok(worker) => state.idle.push(worker),
            Err(error) => state.failure = Some(format!("{error:#}")),
        }
        self.changed.notify_all();
    }

    /// An idle worker; none where one has to be started.
    pub fn take(&self) -> anyhow::Result<Option<Worker>> {
        let since = Instant::now();
        let mut state = self.lock();
        loop {
            if let Some(worker) = state.idle.pop() {
                if !self.servers.is_empty() {
                    state.waited += since.elapsed();
                }
                return Ok(Some(worker));
            }
            if let Some(failure) = &state.failure {
                bail!("{failure}");
            }
            let patience = match () {
                () if state.coming > state.waiting => self.grace(),
                () if state.is_staffed => self.patience().saturating_sub(state.waited + since.elapsed()),
                () => Duration::ZERO,
            };
            if patience.is_zero() {
                (state.is_staffed, state.waited) = (true, Duration::ZERO);
                return Ok(None);
            }
            state.waiting += 1;
            state = self.changed.wait_timeout(state, patience).expect("no panic holds it").0;
            state.waiting -= 1;
        }
    }

    /// Takes a worker back that is of use to others.
    pub fn give_back(&self, worker: Worker) {
        self.lock().idle.push(worker);
        self.changed.notify_one();
    }

    /// How long a run waits for a worker that others use before another is started. To wait a little takes
    /// less than that where runs are few, as second ones are, or starting takes long.
    fn patience(&self) -> Duration {
        match self.world {
            _ if !self.servers.is_empty() => PATIENCE_FOR_SERVERS,
            World::Second => PATIENCE,
            World::First => Duration::ZERO,
        }
    }

    /// What a worker of it may take beyond the time of a run.
    pub fn grace(&self) -> Duration {
        if self.servers.is_empty() { GRACE } else { GRACE_OF_SERVERS }
    }
}
