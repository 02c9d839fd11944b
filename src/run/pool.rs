//! Workers, one for each thread that asks, started when first needed and kept warm.

use std::io::{BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use anyhow::{Context, bail};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::observation::{Observation, observation};
use super::protocol::{Answer, Ending, Hello, Request, WORKER, read_frame, write_frame};
use crate::job::Job;

/// Environment variables that a worker inherits; it sees no other, least of all a CI job's tokens.
const INHERITED: [&str; 3] = ["PATH", "TZ", "TMPDIR"];

/// A fixed environment: one locale for everybody, and no thread pools started by numeric libraries.
const SET: [(&str, &str); 6] = [
    ("LANG", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("OPENBLAS_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
    ("MKL_NUM_THREADS", "1"),
    ("NUMEXPR_NUM_THREADS", "1"),
];

/// What a worker may take beyond the time of a run: to sweep up, to answer.
const GRACE: Duration = Duration::from_secs(10);

/// Which of the two worlds a run happens in: they differ in their hash seed, so that output which
/// depends on it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// Where every run happens.
    First,
    /// Where a run is repeated to see whether it comes out the same.
    Second,
}

/// Settings and warm workers.
pub struct Pool {
    /// Modules to import before the fork.
    preload: Vec<String>,
    /// Real time for each run.
    timeout: Duration,
    idle: [Mutex<Vec<Worker>>; 2],
    hello: OnceLock<Hello>,
}

impl Pool {
    /// A pool without any worker yet.
    pub fn new(preload: Vec<String>, timeout: Duration) -> Pool {
        Pool { preload, timeout, idle: [Mutex::default(), Mutex::default()], hello: OnceLock::new() }
    }

    /// The interpreter that runs the snippets. Starts a worker to ask.
    pub fn hello(&self) -> anyhow::Result<&Hello> {
        if self.hello.get().is_none() {
            let worker = Worker::start(World::First)?;
            let _ = self.hello.set(worker.hello.clone());
            self.give_back(World::First, worker);
        }
        self.hello.get().context("a started worker has said hello")
    }

    /// Runs a job. Errors are failures of verify itself. A worker that breaks during a run is not used
    /// again: it never breaks by itself, so the run did it.
    pub fn run(&self, job: &Job, world: World) -> anyhow::Result<Observation> {
        let idle = self.idle[world as usize].lock().expect("no panic holds it").pop();
        let mut worker = idle.map_or_else(|| Worker::start(world), Ok)?;
        match worker.run(job, &self.preload, self.timeout) {
            Ok(observation) => {
                self.give_back(world, worker);
                Ok(observation)
            }
            Err(_) => {
                // It may be stopped: then it would not notice that nobody needs it any more.
                let _ = worker.process.kill();
                Ok(Observation { ending: Some(Ending::Lost), ..Observation::default() })
            }
        }
    }

    fn give_back(&self, world: World, worker: Worker) {
        self.idle[world as usize].lock().expect("no panic holds it").push(worker);
    }
}

struct Worker {
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    hello: Hello,
}

impl Worker {
    fn start(world: World) -> anyhow::Result<Worker> {
        let program = std::env::current_exe().context("cannot find verify's own executable")?;
        let inherited = INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        let mut process = Command::new(program)
            .arg(WORKER)
            .arg((world as u32).to_string())
            .env_clear()
            .envs(inherited)
            .envs(SET)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start a worker")?;
        let mut answers = BufReader::new(process.stdout.take().context("a worker's output is piped")?);
        let requests = process.stdin.take();
        match read_frame(&mut answers) {
            Ok(Some(hello)) => {
                Ok(Worker { process, requests, answers, hello: serde_json::from_slice(&hello)? })
            }
            _ => {
                let status = process.wait()?;
                bail!("the worker did not start ({status}); its own message stands above");
            }
        }
    }

    fn run(&mut self, job: &Job, preload: &[String], timeout: Duration) -> anyhow::Result<Observation> {
        let preload = preload.iter().map(String::as_str).collect();
        let request = Request { preload, timeout_ms: timeout.as_millis() as u64 };
        let requests = self.requests.as_mut().context("the worker is still open")?;
        write_frame(requests, &serde_json::to_vec(&request)?)?;
        write_frame(requests, &serde_json::to_vec(job)?)?;
        requests.flush()?;
        self.wait_for_answer(timeout)?;
        let mut frame =
            || read_frame(&mut self.answers)?.context("the worker died; its own message stands above");
        let answer: Answer = serde_json::from_slice(&frame()?)?;
        let (events, stdout, stderr) = (frame()?, frame()?, frame()?);
        Ok(observation(&answer, &events, stdout, stderr, &job.guide))
    }
}

impl Worker {
    /// A worker keeps its runs' time itself; one that a run has stopped or killed answers no more.
    fn wait_for_answer(&mut self, timeout: Duration) -> anyhow::Result<()> {
        let mut pipe = [PollFd::new(self.answers.get_ref(), PollFlags::IN)];
        let ready = poll(&mut pipe, Some(&Timespec::try_from(timeout + GRACE)?))?;
        if ready == 0 {
            bail!("the worker does not answer any more");
        }
        Ok(())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Its input closes, so it ends by itself; waiting leaves no zombie.
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}
