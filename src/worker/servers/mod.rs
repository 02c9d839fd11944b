//! Real servers beside a worker's runs. Those that a run has used are ended with it, and others begin in
//! their place: each run finds servers that nobody has spoken to, down to the numbers that they count up.

pub mod postgres;
pub mod redis;

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

use super::family;
use super::sandbox::{Home, Quarters, Sandbox, Ties};
use crate::limits;
use crate::needs::{Lack, Service};
use crate::run::protocol::{Lacking, Server};

/// How long servers may take to begin.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a server is asked whether it has begun.
const PAUSE: Duration = Duration::from_millis(3);
/// How often it is looked at what servers take.
const LOOK: Duration = Duration::from_millis(100);

/// What is said when all went well.
const DONE: &str = "done";
/// What is said of those who say nothing.
const SILENT: &str = "it does not say why";

/// The servers of a worker.
#[derive(Default)]
pub struct Servers {
    wanted: Vec<Server>,
    /// What PostgreSQL begins with: made once, copied for each that is started.
    template: Option<Home>,
    running: Option<Running>,
    /// Those that cannot be had.
    lacking: Vec<Lacking>,
}

struct Running {
    quarters: Quarters,
    /// Those that did not begin; unknown at first.
    lacking: Option<Vec<Lacking>>,
}

impl Servers {
    /// Starts them. `requests` closes when nobody needs them any more.
    pub fn start(wanted: &[Server], sandbox: &Sandbox, requests: &File) -> Servers {
        let mut servers = Servers::default();
        for server in wanted {
            match servers.prepare(server, sandbox, requests) {
                Ok(()) => servers.wanted.push(server.clone()),
                Err(lacking) => servers.lacking.push(lacking),
            }
        }
        servers.begin(sandbox);
        servers
    }

    fn prepare(&mut self, server: &Server, sandbox: &Sandbox, requests: &File) -> Result<(), Lacking> {
        let service = server.service;
        if !sandbox.has_sockets() {
            return Err(Lacking::network(Lack::Service(Some(service))));
        }
        if !server.programs.is_dir() {
            let why = format!("lies in {}, which the sandbox does not show", server.programs.display());
            let remedy = "install it below /usr".to_owned();
            return Err(Lacking { what: Lack::Service(Some(service)), why, remedy });
        }
        if service == Service::Postgres {
            let template = template(server, sandbox, requests);
            self.template = Some(template.map_err(|why| broken(service, &why))?);
        }
        Ok(())
    }

    /// Starts them where they do not run, without waiting for them.
    pub fn begin(&mut self, sandbox: &Sandbox) {
        if self.running.is_some() || self.wanted.is_empty() {
            return;
        }
        let live = |home: &Path, ties| live(&self.wanted, home, ties, sandbox.is_apart());
        match sandbox.quarter(self.template.as_ref(), live) {
            Ok(quarters) => self.running = Some(Running { quarters, lacking: None }),
            Err(error) => {
                let why = format!("{error:#}");
                self.lacking.extend(self.wanted.drain(..).map(|server| broken(server.service, &why)));
            }
        }
    }

    /// Waits until they have begun.
    pub fn wait(&mut self, sandbox: &Sandbox, requests: &File) {
        self.begin(sandbox);
        let Some(Running { quarters, lacking: lacking @ None }) = &mut self.running else { return };
        let report = quarters.report(requests, PATIENCE);
        *lacking = Some(serde_json::from_slice(&report).unwrap_or_else(|_| {
            let why = complaint(&String::from_utf8_lossy(&report));
            self.wanted.iter().map(|server| broken(server.service, &why)).collect()
        }));
    }

    /// Those that have begun.
    pub fn ready(&self) -> impl Iterator<Item = Service> {
        let is_lacking =
            move |service| self.lacking().iter().any(|lacking| lacking.service() == Some(service));
        self.wanted.iter().map(|server| server.service).filter(move |service| !is_lacking(*service))
    }

    /// Those that are wanted and are not there.
    pub fn lacking(&self) -> Vec<Lacking> {
        let running = self.running.as_ref().and_then(|running| running.lacking.as_ref());
        self.lacking.iter().chain(running.into_iter().flatten()).cloned().collect()
    }

    /// Where their sockets are.
    pub fn home(&self) -> Option<&Home> {
        self.running.as_ref().map(|running| running.quarters.home())
    }

    /// Ends them.
    pub fn end(&mut self) {
        self.running = None;
    }
}

/// What PostgreSQL begins with. The error is what it says itself.
fn template(server: &Server, sandbox: &Sandbox, requests: &File) -> Result<Home, String> {
    let make = |home: &Path, mut ties: Ties| {
        let said = postgres::make(&server.programs, home).err().unwrap_or_else(|| DONE.to_owned());
        i32::from(ties.report.write_all(said.as_bytes()).is_err())
    };
    let mut quarters = sandbox.quarter(None, make).map_err(|error| format!("{error:#}"))?;
    let said = quarters.report(requests, PATIENCE);
    match String::from_utf8_lossy(&said).trim() {
        DONE => Ok(quarters.leave()),
        "" => Err(SILENT.to_owned()),
        why => Err(why.to_owned()),
    }
}

/// A server that is there and does not work.
fn broken(service: Service, why: &str) -> Lacking {
    let remedy = format!("try it outside of verify; it comes with the Debian package {}", service.package());
    Lacking { what: Lack::Service(Some(service)), why: format!("does not start: {why}"), remedy }
}

/// Starts servers in quarters that this process is the first in, says how they are, and stays until it is
/// told to leave. Apart from the rest of the system it minds what they take.
fn live(servers: &[Server], home: &Path, ties: Ties, is_apart: bool) -> i32 {
    let Ties { mut report, stay } = ties;
    let started: Vec<_> = servers.iter().map(|server| (server.service, start(server, home))).collect();
    let (mut alive, mut lacking) = (Vec::new(), Vec::new());
    for (service, child) in started {
        let ready = child.and_then(|mut child| {
            wait_for(service, home, &mut child, &stay)?;
            Ok(child)
        });
        match ready {
            Ok(child) => alive.push((service, child)),
            Err(why) => lacking.push(broken(service, &why)),
        }
    }
    let said = serde_json::to_vec(&lacking).is_ok_and(|bytes| report.write_all(&bytes).is_ok());
    drop(report);
    while said && !is_over(&stay, LOOK) {
        let processes = if is_apart { family::all() } else { Vec::new() };
        if family::are_beyond(&processes, limits::SERVER_MEMORY) {
            // With this one everything else goes that it could be.
            family::kill(&processes);
        }
    }
    for (service, child) in alive {
        stop(service, child);
    }
    0
}

/// Whether nobody holds the other end any more; waits a little for that.
fn is_over(stay: &OwnedFd, time: Duration) -> bool {
    let mut end = [PollFd::new(stay, PollFlags::IN)];
    let time = Timespec::try_from(time).ok();
    !matches!(poll(&mut end, time.as_ref()), Ok(0))
}

fn start(server: &Server, home: &Path) -> Result<Child, String> {
    let log = File::create(log(server.service, home)).and_then(|log| Ok((log.try_clone()?, log)));
    let (out, err) = log.map_err(|error| format!("no log: {error}"))?;
    let command = match server.service {
        Service::Postgres => postgres::command(&server.programs, home),
        Service::Redis => redis::command(&server.programs, home),
    };
    let mut command = plain(command);
    // Should this process be killed, nobody else would end them.
    let follow = || Ok(set_parent_process_death_signal(Some(Signal::KILL))?);
    // SAFETY: a system call that touches no memory.
    unsafe { command.pre_exec(follow) };
    command.stdout(out).stderr(err).spawn().map_err(|error| error.to_string())
}

/// A program with an environment that is the same everywhere.
fn plain(mut command: Command) -> Command {
    command.env_clear().envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C"), ("TZ", "UTC")]);
    command.stdin(Stdio::null());
    command
}

fn log(service: Service, home: &Path) -> PathBuf {
    home.join(service.name()).with_extension("log")
}

/// Asks a server until it answers, as long as somebody wants it. The error is what it says itself.
fn wait_for(service: Service, home: &Path, child: &mut Child, stay: &OwnedFd) -> Result<(), String> {
    let until = Instant::now() + PATIENCE;
    let answers = || match service {
        Service::Postgres => postgres::answers(home),
        Service::Redis => redis::answers(home),
    };
    while !answers() {
        let ended = child.try_wait().map_err(|error| error.to_string())?;
        if ended.is_some() || Instant::now() > until || is_over(stay, Duration::ZERO) {
            let _ = child.kill().and_then(|()| child.wait());
            let said = fs::read_to_string(log(service, home)).unwrap_or_default();
            return Err(complaint(&said));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// What a program says is wrong: where it says so, else in its last line.
fn complaint(text: &str) -> String {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let bad = lines().find(|line| ["FATAL", "error:"].iter().any(|word| line.contains(word)));
    bad.or_else(|| lines().next_back()).unwrap_or(SILENT).to_owned()
}

/// Ends a server in its quickest orderly way.
fn stop(service: Service, mut child: Child) {
    let signal = match service {
        Service::Postgres => Signal::QUIT,
        Service::Redis => Signal::KILL,
    };
    if let Some(pid) = i32::try_from(child.id()).ok().filter(|pid| *pid > 1).and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
    let _ = child.wait();
}
