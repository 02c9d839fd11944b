//! Times whole processes, in rounds in which all commands take turns.

#![allow(dead_code, reason = "each benchmark uses what it needs of it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The Python that verify embeds.
pub const PYTHON: &str = env!("VERIFY_PYTHON");
/// The executable under test.
pub const VERIFY: &str = env!("CARGO_BIN_EXE_verify");

/// What a command took.
#[derive(Clone, Copy, Default)]
pub struct Cost {
    /// Milliseconds from start to end.
    pub wall: f64,
    /// Milliseconds of processor time, of what it waited for too.
    pub processor: f64,
    /// Its own largest memory, in KiB.
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
        memory: of(index, |cost| cost.memory),
    };
    (0..commands.len()).map(median).collect()
}

#[expect(clippy::zombie_processes, reason = "`wait4` waits for it, and tells what it took")]
pub fn measure(mut command: Command) -> Cost {
    let started = Instant::now();
    let child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut status = 0;
    // SAFETY: all zeros is a value of this plain structure; the process is a child that nobody has waited for.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::wait4(child.id() as i32, &raw mut status, 0, &raw mut usage);
        usage
    };
    let wall = started.elapsed().as_secs_f64() * 1000.0;
    let milliseconds = |time: libc::timeval| time.tv_sec as f64 * 1000.0 + time.tv_usec as f64 / 1000.0;
    Cost {
        wall,
        processor: milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
        memory: usage.ru_maxrss as f64,
    }
}
