//! Stems and the workers that grow from them. A stem is a process with an interpreter that has everything ready
//! which its workers share: each of them is a fork of it.

use std::collections::BTreeSet;
use std::io::BufReader;
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process, pidfd_send_signal};

use super::cancel::Cancel;
use super::folder::Folder;
use super::observation::{Observation, observation};
use super::pool::{Terms, World};
use super::protocol::{
    Answer, Greeting, Hello, Layer, Request, Server, Setup, Start, WORKER, read_frame, write_frame,
};
use super::{interrupt, passing};
use crate::job::Job;

/// The environment variable that a stem inherits; it sees no other, least of all a CI job's tokens.
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

/// It has said why itself.
const GONE: &str = "the workers' interpreter did not start or is gone; its own message stands above";

/// How long a worker may take to put a run away that nobody waits for.
const LEAVE: Duration = Duration::from_secs(1);

/// A stem's process. It ends when its line is closed and its workers have ended.
pub struct Stem {
    line: Mutex<UnixStream>,
    process: Child,
    is_lost: AtomicBool,
}

impl Stem {
    /// Starts a stem, which gets ready while this process goes on.
    pub fn start(world: World, setup: &Setup) -> anyhow::Result<Stem> {
        let program = std::env::current_exe().context("cannot find verify's own executable")?;
        let (mut line, other) = UnixStream::pair().context("no line to a stem of workers")?;
        let zone = std::env::var_os(TIME_ZONE).map(|zone| (TIME_ZONE, zone));
        let process = Command::new(program)
            .args([WORKER, &(world as u32).to_string()])
            .env_clear()
            .envs(zone)
            .envs(SET)
            .stdin(Stdio::from(OwnedFd::from(other)))
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start a stem of workers")?;
        // One that dies at once has said why.
        let _ = write_frame(&mut line, &serde_json::to_vec(setup)?);
        Ok(Stem { line: Mutex::new(line), process, is_lost: AtomicBool::new(false) })
    }

    /// Has a worker made that speaks over this line. If it cannot, this stem is lost; its workers are not.
    fn grow(&self, start: &Start, line: UnixStream, patience: Duration) -> anyhow::Result<OwnedFd> {
        let grown = self.ask(start, line, patience);
        if grown.is_err() && interrupt::check().is_ok() {
            self.is_lost.store(true, SeqCst);
            let _ = kill_process(Pid::from_child(&self.process), Signal::KILL);
        }
        grown
    }

    /// Whether it is of no more use.
    pub fn is_lost(&self) -> bool {
        self.is_lost.load(SeqCst)
    }

    fn ask(&self, start: &Start, line: UnixStream, patience: Duration) -> anyhow::Result<OwnedFd> {
        let mut stem = self.line.lock().expect("no panic holds it");
        let asked = passing::send(&stem, line.as_fd());
        asked.and_then(|()| write_frame(&mut *stem, &serde_json::to_vec(start)?)).context(GONE)?;
        drop(line);
        anyhow::ensure!(is_ready(&stem, patience, None)?, "an interpreter takes too long to start");
        passing::receive(&stem)?.context(GONE)
    }
}

impl Drop for Stem {
    fn drop(&mut self) {
        // It waits for its workers itself; waiting for it leaves no zombie.
        let line = self.line.get_mut().expect("no panic holds it");
        let _ = line.shutdown(Shutdown::Both);
        let _ = self.process.wait();
    }
}

/// A worker. It ends when its line is closed.
pub struct Worker {
    /// Where its runs have their folders, if not in mounts of their own. Should the worker be lost, nothing
    /// stays there; should this process be lost, the worker removes it.
    _folder: Option<Folder>,
    process: OwnedFd,
    line: BufReader<UnixStream>,
    /// What it has said about itself.
    pub hello: Hello,
    grace: Duration,
    /// What it was asked to import.
    imported: BTreeSet<String>,
}

/// What a worker is made with.
pub struct Wanted<'a> {
    /// Its sandbox.
    pub layer: Layer,
    /// Modules that are imported before the first run.
    pub preload: BTreeSet<String>,
    /// Servers beside its runs.
    pub servers: &'a [Server],
    /// What it may take to start, and beyond the time of a run.
    pub grace: Duration,
}

impl Worker {
    /// Has one made. The inner error says why the layer is not to be had.
    pub fn grow(stem: &Stem, wanted: Wanted<'_>) -> anyhow::Result<Result<Worker, String>> {
        let Wanted { layer, grace, preload: imported, servers } = wanted;
        let folder = match layer {
            Layer::Namespaces => None,
            Layer::Rules | Layer::Off => Some(Folder::make(&std::env::temp_dir())?),
        };
        let (line, other) = UnixStream::pair().context("no line to a worker")?;
        let start = Start {
            layer,
            folder: folder.as_ref().map(|folder| folder.path().to_owned()),
            preload: imported.iter().cloned().collect(),
            servers: servers.to_vec(),
        };
        let process = stem.grow(&start, other, grace)?;
        let mut line = BufReader::new(line);
        if !is_ready(line.get_ref(), grace, None)? {
            let _ = pidfd_send_signal(&process, Signal::KILL);
            return Ok(Err("it takes too long to set up".to_owned()));
        }
        let greeting = read_frame(&mut line).ok().flatten();
        match greeting.map(|frame| serde_json::from_slice(&frame)).transpose()? {
            Some(Greeting::Ready(hello)) => {
                let _folder = folder;
                Ok(Ok(Worker { _folder, process, line, hello, grace, imported }))
            }
            Some(Greeting::Refused(why)) => Ok(Err(why)),
            Some(Greeting::Failed(why)) => bail!("{why}"),
            None => bail!("a worker did not start; its own message stands above"),
        }
    }

    /// Runs a job. Those of the modules that it speaks of are imported before, for all later runs as well.
    pub fn run(
        &mut self,
        job: &Job,
        terms: &Terms,
        modules: &BTreeSet<String>,
    ) -> anyhow::Result<Observation> {
        let Terms { pages, until, .. } = terms;
        let new = modules.difference(&self.imported).filter(|module| job.speaks_of(module));
        let preload: Vec<_> = new.cloned().collect();
        self.imported.extend(preload.iter().cloned());
        let timeout_ms = until.time.as_millis() as u64;
        let request = Request { timeout_ms, preload, pages: pages.clone() };
        let requests = self.line.get_mut();
        write_frame(requests, &serde_json::to_vec(&request)?)?;
        write_frame(requests, &serde_json::to_vec(job)?)?;
        pages.iter().try_for_each(|page| write_frame(requests, &page.body))?;
        // A worker keeps its runs' time itself; one that a run has stopped or killed answers no more.
        anyhow::ensure!(
            is_ready(self.line.get_ref(), until.time + self.grace, Some(&until.cancel))?,
            "the worker does not answer any more"
        );
        let mut frame =
            || read_frame(&mut self.line)?.context("the worker died; its own message stands above");
        let answer: Answer = serde_json::from_slice(&frame()?)?;
        let (events, stdout, stderr) = (frame()?, frame()?, frame()?);
        Ok(observation(&answer, &events, stdout, stderr, &job.guide))
    }

    /// Lets it end in the middle of a run, and it puts the run away. One that the run has stopped cannot.
    pub fn leave(self) {
        let _ = self.line.get_ref().shutdown(Shutdown::Write);
        if !is_ready(self.line.get_ref(), LEAVE, None).unwrap_or(false) {
            self.kill();
        }
    }

    /// Ends it whatever it does. It may be stopped: then it would not notice that nobody needs it any more.
    pub fn kill(self) {
        let _ = pidfd_send_signal(&self.process, Signal::KILL);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The folder goes when nobody writes to it any more.
        if self._folder.is_some() {
            let _ = self.line.get_ref().shutdown(Shutdown::Both);
            let _ = poll(&mut [PollFd::new(&self.process, PollFlags::IN)], None);
        }
    }
}

/// Whether something comes in time, be it an end. An error if that is not waited for any more.
fn is_ready(line: &UnixStream, time: Duration, cancel: Option<&Cancel>) -> anyhow::Result<bool> {
    let mut all = vec![
        PollFd::new(line, PollFlags::IN),
        PollFd::from_borrowed_fd(interrupt::descriptor()?, PollFlags::empty()),
    ];
    all.extend(cancel.map(|cancel| PollFd::from_borrowed_fd(cancel.descriptor(), PollFlags::IN)));
    let ready = poll(&mut all, Some(&Timespec::try_from(time)?))?;
    interrupt::check()?;
    cancel.map_or(Ok(()), Cancel::check)?;
    Ok(ready > 0)
}
