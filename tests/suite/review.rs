//! `verify review`, at a terminal, and `verify accept` and `verify reject` without one.

use std::process::Command;

use rustix::process::Signal;

use crate::common::Place;
use crate::terminal::Terminal;

const GUIDE: &str = "# Title\n\n## Block 1: One\n\n```python\nprint('one')  # one\nprint(1)  # 2\n```\n\n\
                     ```python\nprint('two')\n```\n\n## Block 2: Two\n\n```python\nprint('日本語')\n```\n";

/// A guide with three snippets, all of them pending.
fn place() -> Place {
    let place = Place::new();
    place.write("verify.toml", "guides = [\"guide.md\"]\n");
    place.write("guide.md", GUIDE);
    check(&place);
    place
}

fn check(place: &Place) -> String {
    place.verify(&["--format", "concise", "-q"]).stdout()
}

fn command(place: &Place) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verify"));
    command.arg("review").current_dir(place.path("")).env("TERM", "xterm").env_remove("NO_COLOR");
    command
}

fn review(place: &Place, columns: u16) -> Terminal {
    Terminal::start(command(place), columns).expect("a terminal")
}

fn snapshots(place: &Place) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(place.path("expected/guide")) else { return Vec::new() };
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

#[test]
fn one_after_the_other_is_accepted_rejected_or_skipped() {
    let place = place();
    let mut terminal = review(&place, 80);
    let page = terminal.until("remaining snapshots");
    for wanted in [
        "Reviewing [1/3] guide.md 1.1",
        "guide.md:6  Block 1: One",
        "   7 │ print(1)  # 2",
        "observed (Python 3",
        "false: the guide says `2`, observed was `1`",
        "accepting does not make it true",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    terminal.keys("a");
    assert!(terminal.until("remaining snapshots").contains("Reviewing [2/3] guide.md 1.2"));
    terminal.keys("r");
    assert!(terminal.until("remaining snapshots").contains("日本語"));
    terminal.keys("s");
    let (status, summary) = terminal.rest();
    let summary = anstream::adapter::strip_str(&summary).to_string().replace('\r', "");
    assert_eq!(status.code(), Some(0));
    let wanted = "verify review finished\naccepted (1):\n  guide.md 1.1; a claim in it is false and stays an error\n\
                  rejected (1):\n  guide.md 1.2\nskipped (1):\n  guide.md 2.1\n";
    assert!(summary.ends_with(wanted), "{summary}");
    assert!(terminal.is_sane());
    assert_eq!(snapshots(&place), ["1.1.snap", "2.1.snap.new"]);
    assert!(check(&place).contains("error[false-claim]"), "an accepted snapshot makes no claim true");
}

#[test]
fn a_change_is_shown_in_one_column_or_in_two() {
    let place = place();
    place.verify(&["accept"]);
    place.write("guide.md", GUIDE.replace("日本語", "日本"));
    check(&place);
    let mut narrow = review(&place, 80);
    let page = narrow.until("remaining snapshots");
    assert!(page.contains("\n   2      │-日本語") && page.contains("\n        2 │+日本"), "{page}");
    let mut wide = review(&place, 120);
    let page = wide.until("remaining snapshots");
    assert!(page.lines().any(|line| line.contains("-日本語") && line.contains("+日本")), "{page}");
    wide.keys("d");
    let page = wide.until("remaining snapshots");
    assert!(!page.contains("-日本語") && page.contains("show diff"), "{page}");
    wide.keys("i");
    let page = wide.until("remaining snapshots");
    assert!(!page.contains("guide.md:16") && page.contains("show info"), "{page}");
    wide.keys("q");
    assert!(wide.rest().1.contains("skipped"));
    assert_eq!(snapshots(&place).len(), 4, "nothing is decided");
}

#[test]
fn a_capital_decides_all_that_are_left() {
    let place = place();
    let mut terminal = review(&place, 80);
    terminal.until("remaining snapshots");
    terminal.keys("sA");
    assert!(terminal.rest().1.contains("guide.md 2.1"));
    assert_eq!(snapshots(&place), ["1.1.snap.new", "1.2.snap", "2.1.snap"]);
    let mut terminal = review(&place, 80);
    terminal.until("remaining snapshots");
    terminal.keys("R");
    terminal.rest();
    assert_eq!(snapshots(&place), ["1.2.snap", "2.1.snap"]);
}

#[test]
fn whatever_ends_it_leaves_the_terminal_as_it_was() {
    let place = place();
    for signal in [None, Some(Signal::TERM), Some(Signal::HUP)] {
        let mut terminal = review(&place, 80);
        terminal.until("remaining snapshots");
        assert!(!terminal.is_sane(), "keys are read one by one");
        match signal {
            None => terminal.keys("\x03"),
            Some(signal) => terminal.signal(signal),
        }
        let (status, _) = terminal.rest();
        assert_eq!(status.code(), None, "it ends by the signal: {status}");
        assert!(terminal.is_sane(), "{signal:?}");
    }
    assert_eq!(snapshots(&place).len(), 3);
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let place = place();
    let done = place.verify(&["review"]);
    assert_eq!(done.code(), Some(2));
    assert!(done.stderr().contains("`verify accept` and `verify reject`"), "{}", done.stderr());
}

#[test]
fn scripts_accept_and_reject() {
    let place = place();
    let done = place.verify(&["accept", "--block", "1.1"]);
    assert_eq!(done.stdout(), "accepted guide.md 1.1; a claim in it is false and stays an error\n");
    assert_eq!(snapshots(&place), ["1.1.snap", "1.2.snap.new", "2.1.snap.new"]);
    let done = place.verify(&["reject", "guide.md", "--block", "1"]);
    assert_eq!((done.code(), done.stdout().as_str()), (Some(0), "rejected guide.md 1.2\n"));
    let done = place.verify(&["accept", "."]);
    assert_eq!((done.code(), done.stdout().as_str()), (Some(0), "accepted ./guide.md 2.1\n"));
    for command in ["accept", "reject"] {
        let done = place.verify(&[command]);
        assert_eq!((done.code(), done.stdout().as_str()), (Some(0), "no snapshot waits for review\n"));
    }
    let done = place.verify(&["accept", "--block", "7"]);
    assert!(done.code() == Some(2) && done.stderr().contains("no block or snippet is called `7`"));
}

#[test]
fn what_is_damaged_or_of_no_snippet_can_only_be_rejected() {
    let place = place();
    place.verify(&["accept"]);
    let lost = place.read("expected/guide/1.1.snap");
    place.write("expected/guide/9.1.snap.new", &lost);
    place.write("expected/gone/1.1.snap.new", &lost);
    place.write("expected/guide/1.2.snap.new", "half of");
    let done = place.verify(&["accept"]);
    assert_eq!(done.code(), Some(2));
    for wanted in
        ["guide.md 1.2 is left: it is damaged", "9.1.snap is left: no guide", "gone/1.1.snap is left"]
    {
        assert!(done.stderr().contains(wanted), "{wanted}: {}", done.stderr());
    }
    let mut terminal = review(&place, 80);
    let page = terminal.until("remaining snapshots");
    assert!(page.contains("it cannot be accepted: it is damaged"), "{page}");
    terminal.keys("a");
    assert!(terminal.until("remaining snapshots").contains("[1/3]"));
    terminal.until("it is damaged");
    terminal.keys("R");
    assert_eq!(terminal.rest().0.code(), Some(0));
    assert_eq!(snapshots(&place), ["1.1.snap", "1.2.snap", "2.1.snap"]);
    assert!(!place.path("expected/gone/1.1.snap.new").exists());
}

#[test]
fn of_two_reviewers_one_decides() {
    let place = place();
    let mut terminal = review(&place, 80);
    terminal.until("remaining snapshots");
    place.verify(&["reject", "--block", "1.1"]);
    place.write("guide.md", GUIDE.replace("'two'", "'other'"));
    check(&place);
    place.verify(&["reject", "--block", "1.1"]);
    terminal.keys("a");
    assert!(terminal.until("remaining snapshots").contains("[2/3]"));
    terminal.keys("a");
    let page = terminal.until("it has changed since it was read");
    assert!(page.contains("[2/3]") && page.contains("other"), "what is accepted was looked at: {page}");
    terminal.keys("aq");
    let (status, summary) = terminal.rest();
    assert_eq!(status.code(), Some(2));
    assert!(summary.contains("guide.md 1.1: somebody else has decided it"), "{summary}");
    assert_eq!(snapshots(&place), ["1.2.snap", "2.1.snap.new"]);
    assert!(place.read("expected/guide/1.2.snap").contains("other"));
}

#[test]
fn a_check_withdraws_what_waits_of_a_snippet_that_is_gone() {
    let place = place();
    place.write("guide.md", GUIDE.replace("```python\nprint('two')\n```\n", ""));
    check(&place);
    assert_eq!(snapshots(&place), ["1.1.snap.new", "2.1.snap.new"]);
}

/// Both have accepted the same: theirs in a package that it insists on.
#[test]
fn what_is_accepted_is_what_cargo_insta_accepts() {
    if Command::new("cargo-insta").arg("--version").output().is_err() {
        return eprintln!("not tested: cargo-insta is not on PATH (cargo install cargo-insta)");
    }
    let (ours, theirs) = (place(), place());
    ours.verify(&["accept"]);
    theirs.write("Cargo.toml", "[package]\nname = \"any\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    theirs.write("src/lib.rs", "");
    let mut insta = Command::new("cargo-insta");
    insta.args(["insta", "accept", "--workspace-root", "."]).current_dir(theirs.path(""));
    let done = insta.output().expect("cargo-insta starts");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(snapshots(&ours), ["1.1.snap", "1.2.snap", "2.1.snap"]);
    assert_eq!(snapshots(&ours), snapshots(&theirs));
    for name in snapshots(&ours) {
        let name = format!("expected/guide/{name}");
        assert_eq!(ours.read(&name), theirs.read(&name), "{name}");
    }
}
