//! Processes that a test has started, and their families.

use std::fs;
use std::time::{Duration, Instant};

/// What a loaded machine may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until something is so.
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{what}: it does not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A process and its descendants.
pub fn family(process: u32) -> Vec<u32> {
    let mut all = vec![process];
    let mut next = 0;
    while let Some(process) = all.get(next) {
        let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        let children: Vec<u32> = children
            .flat_map(|list| list.split(' ').filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
            .collect();
        all.extend(children);
        next += 1;
    }
    all
}

fn stat(process: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    Some(after_name.split_whitespace().map(str::to_owned).collect())
}

/// Whether a process is there and not yet dead.
pub fn is_alive(process: u32) -> bool {
    stat(process).is_some_and(|stat| stat[0] != "Z")
}

/// What a process is called.
pub fn name(process: u32) -> String {
    fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default().trim().to_owned()
}

/// Processor time in hundredths of a second.
pub fn ticks(process: u32) -> u64 {
    stat(process).and_then(|stat| stat[11].parse().ok()).unwrap_or(0)
}
