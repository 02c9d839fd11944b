//! However verify is ended, nothing of it stays: no process, no file, no half of a report.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::common::{Place, ports, servers};
use crate::processes::{family, is_alive, name, ticks, until};

const ENDLESS: &str = "```python\nopen('mark', 'w').close()\nwhile True:\n    pass\n```\n";
const BESIDE_SERVERS: &str = "<!-- verify: with services = [\"postgres\", \"redis\"] -->\n";

/// verify with an endless snippet under way.
struct Running {
    place: Place,
    verify: Child,
}

impl Running {
    fn start(arguments: &[&str]) -> Running {
        Running::start_with("", arguments)
    }

    fn start_with(directive: &str, arguments: &[&str]) -> Running {
        let place = Place::new();
        place.write("guide.md", [directive, ENDLESS].concat());
        fs::create_dir(place.path("temporary")).expect("a folder");
        // Servers are run by somebody else than root, who has to come past it.
        fs::set_permissions(place.path("."), Permissions::from_mode(0o755)).expect("a folder of ours");
        let verify = Command::new(env!("CARGO_BIN_EXE_verify"))
            .args(["guide.md", "--timeout", "60", "--output", "report.txt"])
            .args(arguments)
            .env("TMPDIR", place.path("temporary"))
            .current_dir(place.path("."))
            .stderr(Stdio::null())
            .spawn()
            .expect("verify starts");
        let running = Running { place, verify };
        until("the snippet runs", || running.busy());
        running
    }

    /// Whether one of its processes computes: nothing but the snippet takes that long.
    fn busy(&self) -> bool {
        let servers = ["postgres", "redis-server", "initdb"];
        let is_server = |process: u32| servers.contains(&name(process).as_str());
        family(self.verify.id()).iter().any(|process| ticks(*process) > 20 && !is_server(*process))
    }

    /// Whether it has a process of that name.
    fn has(&self, program: &str) -> bool {
        family(self.verify.id()).iter().any(|process| name(*process) == program)
    }

    /// Sends a signal to verify alone; returns how it ended, when everything has ended.
    fn end_by(mut self, signal: i32) -> (Place, ExitStatus) {
        let all = family(self.verify.id());
        assert!(all.len() > 1, "it has workers");
        let verify = i32::try_from(self.verify.id()).expect("a small number");
        assert!(verify > 1);
        // SAFETY: the number of a child that was not waited for yet.
        unsafe { libc::kill(verify, signal) };
        let status = self.verify.wait().expect("it ends");
        until("its processes end", || all.iter().all(|process| !is_alive(*process)));
        (self.place, status)
    }
}

fn nothing_is_left(place: &Place) {
    let names = |folder: &str| -> Vec<_> {
        let entries = fs::read_dir(place.path(folder)).expect("a folder").flatten();
        entries.map(|entry| entry.file_name()).collect()
    };
    until("the folders of runs are gone", || names("temporary").is_empty());
    let mut here = names(".");
    here.sort();
    assert_eq!(here, ["guide.md", "temporary"]);
}

#[test]
fn a_signal_ends_it_as_it_ends_any_program_and_leaves_nothing() {
    for (signal, sandbox) in [(libc::SIGINT, "best"), (libc::SIGTERM, "off"), (libc::SIGHUP, "off")] {
        let (place, status) = Running::start(&["--sandbox", sandbox]).end_by(signal);
        assert_eq!(status.signal(), Some(signal), "{status}");
        nothing_is_left(&place);
    }
}

#[test]
fn even_killed_it_leaves_nothing() {
    for sandbox in ["best", "off"] {
        let (place, status) = Running::start(&["--sandbox", sandbox]).end_by(libc::SIGKILL);
        assert_eq!(status.signal(), Some(libc::SIGKILL), "{status}");
        nothing_is_left(&place);
    }
}

#[test]
fn servers_end_with_it() {
    let _ports = ports();
    if !servers(&["postgres", "redis"]) {
        return;
    }
    for (signal, sandbox) in
        [(libc::SIGINT, "best"), (libc::SIGKILL, "best"), (libc::SIGINT, "off"), (libc::SIGKILL, "off")]
    {
        let running = Running::start_with(BESIDE_SERVERS, &["--sandbox", sandbox]);
        assert!(running.has("postgres") && running.has("redis-server"), "servers run beside it ({sandbox})");
        let (place, status) = running.end_by(signal);
        assert_eq!(status.signal(), Some(signal), "{status}");
        nothing_is_left(&place);
    }
}
