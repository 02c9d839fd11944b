//! The fence around a trial: namespaces of its own, in which the first process is this test's own
//! executable. When it ends, whatever is left in them ends with it.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::case::{Case, Kind, Place};
use crate::order::{Order, Seen};

/// The argument that makes the executable the first process of a cage.
pub const INSIDE: &str = "--inside";
/// Tests another executable than the one that cargo built.
const UNDER_TEST: &str = "VERIFY_UNDER_TEST";
/// Has verify run as this user, where the tests run as root.
const USER: &str = "FAULTS_UID";
/// What a run may take, in seconds, where a case does not say.
const TIMEOUT: u16 = 3;
/// Beyond the watchdog inside: nobody else would notice when that hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// How namespaces are made here.
#[derive(Clone, Copy)]
pub struct Cage {
    options: &'static [&'static str],
    mapped: bool,
}

const AS_ROOT: &[&str] =
    &["--pid", "--fork", "--kill-child", "--mount-proc", "--net", "--ipc", "--uts", "--cgroup"];
const AS_USER: &[&str] = &[
    "--user",
    "--map-root-user",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--net",
    "--ipc",
    "--uts",
    "--cgroup",
];

impl Cage {
    /// The way that this machine allows.
    pub fn find() -> Option<Cage> {
        let works = |cage: &Cage| {
            let tried = cage.command().arg("true").stderr(Stdio::null()).status();
            tried.is_ok_and(|status| status.success())
        };
        [(AS_ROOT, false), (AS_USER, true)]
            .map(|(options, mapped)| Cage { options, mapped })
            .into_iter()
            .find(works)
    }

    fn command(self) -> Command {
        let mut command = Command::new("unshare");
        command.args(self.options).arg("--");
        command
    }

    /// Runs a case and tells what was seen.
    pub fn run(self, name: &str, case: &Case, place: Place) -> Result<Seen, String> {
        let failed = |what: &str, error: &dyn std::fmt::Display| format!("{what}: {error}");
        let prefix = format!("faults-{name}-");
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir().map_err(|e| failed("folder", &e))?;
        let order = Order {
            verify: std::env::var_os(UNDER_TEST).map_or(env!("CARGO_BIN_EXE_verify").into(), Into::into),
            folder: folder.path().to_owned(),
            mark: folder.path().file_name().expect("a name").to_string_lossy().into_owned(),
            guide: case.guide.clone(),
            control: case.kind == Kind::Attack,
            jobs: case.expected.jobs.unwrap_or(1),
            timeout: case.expected.timeout.unwrap_or(TIMEOUT),
            mapped: self.mapped,
            contained: place == Place::Container,
            uid: std::env::var(USER).ok().and_then(|uid| uid.parse().ok()),
        };
        let mut answer = tempfile::tempfile().map_err(|e| failed("file", &e))?;
        let status = self.wait(&order, &answer).map_err(|e| failed("cage", &e))?;
        let mut text = String::new();
        answer.rewind().and_then(|()| answer.read_to_string(&mut text)).map_err(|e| failed("answer", &e))?;
        serde_json::from_str(&text).map_err(|error| format!("the cage broke ({status}): {error}"))
    }

    fn wait(self, order: &Order, answer: &File) -> std::io::Result<ExitStatus> {
        let mut command = self.command();
        command.arg(std::env::current_exe()?).arg(INSIDE);
        let mut first = command.stdin(Stdio::piped()).stdout(answer.try_clone()?).spawn()?;
        let mut orders = first.stdin.take().expect("it is piped");
        orders.write_all(&serde_json::to_vec(order)?)?;
        drop(orders);
        let watched = within(&mut first, PATIENCE)?;
        Ok(match watched {
            Some(status) => status,
            None => {
                first.kill()?;
                first.wait()?
            }
        })
    }
}

/// Waits for a process of ours, but not for ever.
pub fn within(process: &mut Child, patience: Duration) -> std::io::Result<Option<ExitStatus>> {
    let until = Instant::now() + patience;
    while Instant::now() < until {
        if let Some(status) = process.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    Ok(None)
}
