//! Times whole processes, in rounds in which all commands take turns.

#![allow(dead_code, reason = "each benchmark uses what it needs of it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// The Python that verify embeds.
pub const PYTHON: &str = env!("VERIFY_PYTHON");
/// How often it is looked at what memory a command has.
const LOOK: Duration = Duration::from_millis(2);
/// The executable under test.
pub const VERIFY: &str = env!("CARGO_BIN_EXE_verify");

/// What a command took.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    /// Milliseconds from start to end.
    pub wall: f64,
    /// Milliseconds of processor time, of what it waited for too.
    pub processor: f64,
    /// Its own largest memory, in KiB, where that is looked at.
    pub memory: f64,
}

/// A guide with so many snippets of the same kind.
pub fn write_guide(folder: &Path, name: &str, snippet: &str, count: usize) -> PathBuf {
    let mut text = String::new();
    for number in 1..=count {
        write!(text, "## {number}\n\n```python\n{snippet}\n```\n\n").expect("a text takes everything");
    }
    let path = folder.join(format!("{name}.md"));
    std::fs::write(&path, text).expect("a writable folder");
    path
}

pub fn python(arguments: &[&str]) -> Command {
    let mut command = Command::new(PYTHON);
    command.args(arguments);
    command
}

pub fn verify(guide: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(VERIFY);
    command.arg(guide).args(["--format", "concise"]).args(more);
    command
}

/// The median cost of each command.
pub fn medians(commands: &[Box<dyn Fn() -> Command + '_>], rounds: usize) -> Vec<Cost> {
    let rounds: Vec<Vec<Cost>> =
        (0..rounds).map(|_| commands.iter().map(|command| measure(command())).collect()).collect();
    let of = |index: usize, part: fn(&Cost) -> f64| {
        let mut all: Vec<_> = rounds.iter().map(|round| part(&round[index])).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let median = |index| Cost {
        wall: of(index, |cost| cost.wall),
        processor: of(index, |cost| cost.processor),
        memory: 0.0,
    };
    (0..commands.len()).map(median).collect()
}

pub fn measure(command: Command) -> Cost {
    let started = Instant::now();
    ended(&start(command), started)
}

/// The same with its memory, which is looked at while it runs: what the system says in the end is the largest
/// of it and its workers.
#[expect(clippy::zombie_processes, reason = "`ended` waits for it")]
pub fn measure_memory(command: Command) -> Cost {
    let started = Instant::now();
    let child = start(command);
    let status = format!("/proc/{}/status", child.id());
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let memory = scope.spawn(|| {
            let mut most = 0.0;
            while !is_over.load(SeqCst) {
                most = largest(&status).unwrap_or(most);
                std::thread::sleep(LOOK);
            }
            most
        });
        let cost = ended(&child, started);
        is_over.store(true, SeqCst);
        Cost { memory: memory.join().expect("no panic"), ..cost }
    })
}

/// The largest memory that a process has had, in KiB.
fn largest(status: &str) -> Option<f64> {
    let status = std::fs::read_to_string(status).ok()?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    size.trim().trim_end_matches(" kB").parse().ok()
}

fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

/// Waits for a process, which tells what it took.
fn ended(child: &Child, started: Instant) -> Cost {
    let mut status = 0;
    // SAFETY: all zeros is a value of this plain structure; the process is a child that nobody has waited for.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::wait4(child.id() as i32, &raw mut status, 0, &raw mut usage);
        usage
    };
    let wall = started.elapsed().as_secs_f64() * 1000.0;
    let milliseconds = |time: libc::timeval| time.tv_sec as f64 * 1000.0 + time.tv_usec as f64 / 1000.0;
    Cost { wall, processor: milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime), memory: 0.0 }
}
