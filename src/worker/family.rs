//! The processes of a run, as /proc shows them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, wait};

/// How long the descendants of a run may take to die.
const SWEEP: Duration = Duration::from_secs(5);

/// Everything that /proc shows.
pub fn all() -> Vec<PathBuf> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_number = |name: &std::ffi::OsStr| name.as_encoded_bytes().iter().all(u8::is_ascii_digit);
    entries.filter(|entry| is_number(&entry.file_name())).map(|entry| entry.path()).collect()
}

/// What this process has started, and what that has started.
pub fn descendants() -> Vec<PathBuf> {
    let mut found = children(getpid());
    let mut next = 0;
    while let Some(process) = found.get(next) {
        found.extend(children(*process));
        next += 1;
    }
    found.iter().map(|pid| PathBuf::from(format!("/proc/{}", pid.as_raw_pid()))).collect()
}

/// Kills everything that this process, the subreaper of a run, has inherited from it.
pub fn sweep() {
    let until = Instant::now() + SWEEP;
    while Instant::now() < until {
        for child in children(getpid()) {
            let _ = kill_process(child, Signal::KILL);
        }
        match wait(WaitOptions::NOHANG) {
            Err(_) => return,
            Ok(Some(_)) => {}
            Ok(None) => std::thread::sleep(Duration::from_micros(200)),
        }
    }
}

fn children(process: Pid) -> Vec<Pid> {
    let process = process.as_raw_pid();
    let list = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    let pids = list.split_whitespace().filter_map(|pid| pid.parse().ok());
    pids.filter(|pid| *pid > 1).filter_map(Pid::from_raw).collect()
}

/// How many threads a user has at the moment.
pub fn threads_of(uid: u32) -> u64 {
    let own = |process: &&PathBuf| fs::metadata(process).is_ok_and(|it| it.uid() == uid);
    let threads =
        |process: &PathBuf| fs::read_dir(process.join("task")).map_or(0, |tasks| tasks.count() as u64);
    all().iter().filter(own).map(threads).sum()
}

/// The memory of processes in bytes, at most: what several share counts for each.
fn memory_at_most(processes: &[PathBuf]) -> u64 {
    let pages = |process: &PathBuf| {
        let sizes = fs::read_to_string(process.join("statm")).unwrap_or_default();
        sizes.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0)
    };
    processes.iter().map(pages).sum::<u64>() * rustix::param::page_size() as u64
}

/// The same with what is shared counted once, which takes long to find out.
fn memory(processes: &[PathBuf]) -> u64 {
    processes.iter().filter_map(|process| proportional(process)).sum::<u64>() << 10
}

/// Whether processes have more memory than so much together.
pub fn are_beyond(processes: &[PathBuf], bytes: u64) -> bool {
    memory_at_most(processes) > bytes && memory(processes) > bytes
}

/// Kills processes, but neither this one nor the first of its namespace.
pub fn kill(processes: &[PathBuf]) {
    let pid = |process: &PathBuf| process.file_name()?.to_str()?.parse().ok();
    for pid in processes.iter().filter_map(pid).filter(|pid| *pid > 1).filter_map(Pid::from_raw) {
        if pid != getpid() {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

fn proportional(process: &Path) -> Option<u64> {
    let sizes = fs::read_to_string(process.join("smaps_rollup")).ok()?;
    let line = sizes.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
