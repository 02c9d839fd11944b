//! Asks an interpreter who it is. What is asked may be anything: it has a few seconds.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

const QUESTION: &str = include_str!("question.py");

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an interpreter said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// `3.12.1` as `[3, 12, 1]`.
    pub version: Vec<u8>,
    /// `cpython`.
    pub implementation: String,
    /// Whether its threads run without a common lock.
    pub free_threaded: bool,
    /// The executable itself, whatever led to it.
    pub executable: PathBuf,
    /// Where it is installed; an environment has its own.
    pub prefix: PathBuf,
    /// Where its own files lie.
    pub files: Vec<PathBuf>,
}

/// The exit code of a Python that does not know an option.
const USAGE: i32 = 2;

/// Which Python it is, asked without letting its packages begin anything. The error says what came instead.
pub fn who(program: &Path) -> Result<Answer, String> {
    let (status, text) = output(program, &["-I", "-S", "-B"])?;
    match status.code() {
        // Python 2 has no `-I`.
        Some(USAGE) => output(program, &["-E", "-s", "-S", "-B"]).and_then(answer),
        _ => answer((status, text)),
    }
}

/// The same with all that it finds its modules and packages in.
pub fn surroundings(program: &Path) -> Result<Answer, String> {
    output(program, &["-I", "-B"]).and_then(answer)
}

fn answer((status, text): (ExitStatus, String)) -> Result<Answer, String> {
    match status.success() {
        true => read(&text).ok_or_else(|| "what it answers is not what a Python would".to_owned()),
        false => Err(format!("it ends with {status}")),
    }
}

fn output(program: &Path, options: &[&str]) -> Result<(ExitStatus, String), String> {
    let said = output_in_time(program, options).map_err(|error| error.to_string())?;
    said.ok_or_else(|| format!("no answer came in {} seconds", PATIENCE.as_secs()))
}

/// What it prints, if it ends in time.
fn output_in_time(program: &Path, options: &[&str]) -> io::Result<Option<(ExitStatus, String)>> {
    let mut child = Command::new(program)
        .args(options)
        .args(["-c", QUESTION])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let ended = ends_in_time(&child)?;
    if !ended && let Some(group) = Pid::from_raw(child.id() as i32).filter(|pid| pid.as_raw_pid() > 1) {
        // It may have started others.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let status = child.wait()?;
    Ok(if ended { Some((status, printed(&mut child)?)) } else { None })
}

fn ends_in_time(child: &Child) -> io::Result<bool> {
    let process = Pid::from_raw(child.id() as i32).ok_or(io::ErrorKind::NotFound)?;
    let process = pidfd_open(process, PidfdFlags::empty())?;
    let patience = Timespec::try_from(PATIENCE).map_err(io::Error::other)?;
    Ok(poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&patience))? > 0)
}

/// What is in the pipe of a process that has ended. Another one may hold it open.
fn printed(child: &mut Child) -> io::Result<String> {
    let mut pipe = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    fcntl_setfl(&pipe, OFlags::NONBLOCK)?;
    let mut bytes = Vec::new();
    match pipe.read_to_end(&mut bytes) {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
        _ => Ok(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

fn read(text: &str) -> Option<Answer> {
    let mut answer = Answer::default();
    for (kind, fact) in text.lines().filter_map(|line| line.split_once(' ')) {
        match kind {
            "version" => answer.version = fact.split('.').map(str::parse).collect::<Result<_, _>>().ok()?,
            "implementation" => answer.implementation = fact.to_owned(),
            "threads" => answer.free_threaded = fact == "free",
            "executable" => answer.executable = fact.into(),
            "prefix" => answer.prefix = fact.into(),
            "file" => answer.files.push(fact.into()),
            _ => {}
        }
    }
    answer.files.push(answer.executable.clone());
    // What is a link leads somewhere.
    let real: Vec<_> = answer.files.iter().filter_map(|file| file.canonicalize().ok()).collect();
    answer.files.extend(real);
    answer.files.retain(|file| file.is_absolute());
    answer.files.sort();
    answer.files.dedup();
    (answer.version.len() == 3 && answer.executable.is_absolute()).then_some(answer)
}
