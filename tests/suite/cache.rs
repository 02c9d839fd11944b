//! What is kept on disk: taken where nothing has changed, and never anything else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::common::{Done, Place};

const GUIDE: &str =
    "# Guide\n\n## 1\n\n```python\nx = 2\nprint(x)  # 3\n```\n\n## 2\n\n```python\nx + 1  # 3\n```\n";

/// A place with a guide and a cache of its own.
fn place() -> Place {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    place
}

/// Runs verify with the place's own cache.
fn verify(place: &Place, arguments: &[&str]) -> Done {
    // What has just been written may still change unseen.
    sleep(Duration::from_millis(20));
    Done(command(place, arguments).output().expect("verify starts"))
}

fn command(place: &Place, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verify"));
    command.args(arguments).current_dir(place.path(".")).env("VERIFY_CACHE", place.path("cache"));
    command
}

fn report(place: &Place, arguments: &[&str]) -> Value {
    let mut report = verify(place, &[&["--format", "json"], arguments].concat()).json();
    report["summary"]["duration_ms"] = 0.into();
    report
}

/// A report without how long its runs took: only what is kept took as long again.
fn without_times(report: &Value) -> Value {
    let mut report = report.clone();
    for guide in report["guides"].as_array_mut().expect("guides") {
        for snippet in guide["snippets"].as_array_mut().expect("snippets") {
            snippet["runs"]
                .as_array_mut()
                .expect("runs")
                .iter_mut()
                .for_each(|run| run["duration_ms"] = 0.into());
        }
    }
    report
}

/// Runs a verify whose file is gone by then: it finds nothing to start workers from.
fn without_its_file(place: &Place, arguments: &[&str]) -> Done {
    let verify = PathBuf::from(env!("CARGO_BIN_EXE_verify"));
    let link = verify.with_file_name(format!("verify-{}", std::process::id()));
    fs::hard_link(&verify, &link).expect("a link");
    let shell = "exec 3<\"$0\"; rm \"$0\"; exec /proc/self/fd/3 \"$@\"";
    let mut command = Command::new("bash");
    command.args(["-c", shell]).arg(&link).args(arguments).current_dir(place.path("."));
    Done(command.env("VERIFY_CACHE", place.path("cache")).output().expect("a shell"))
}

fn entries(place: &Place) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.path("cache")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Checks twice: the second report is the first, run times and all.
fn is_kept(place: &Place) -> bool {
    report(place, &["guide.md"]) == report(place, &["guide.md"])
}

#[test]
fn an_unchanged_guide_gives_the_same_report_and_no_interpreter_is_started() {
    let place = place();
    let first = report(&place, &["guide.md"]);
    assert_eq!(first["summary"]["false"], 1);
    assert_eq!(report(&place, &["guide.md"]), first);
    let fresh = report(&place, &["guide.md", "--no-cache"]);
    assert_ne!(fresh, first, "it runs again, which takes another time");
    assert_eq!(without_times(&fresh), without_times(&first));
    let nobody_can_start = without_its_file(&place, &["guide.md", "--format", "json"]);
    let mut told = nobody_can_start.json();
    told["summary"]["duration_ms"] = 0.into();
    assert_eq!(told, first, "what is kept needs no interpreter");
    assert_eq!(without_its_file(&place, &["guide.md", "--no-cache"]).code(), Some(2), "all else does");
    let times = r"\d+(\.\d+)? ?m?s\b|(time|timestamp|uuid|startTimeUtc|endTimeUtc)\W+[^ ,]+";
    let times = regex::Regex::new(times).expect("valid");
    for format in ["full", "concise", "markdown", "html", "sarif", "junit"] {
        let asked = ["guide.md", "-v", "--format", format];
        let (kept, fresh) = (verify(&place, &asked), verify(&place, &[&asked[..], &["--no-cache"]].concat()));
        let steady = |done: &Done| times.replace_all(&done.stdout(), "…").into_owned();
        assert_eq!(steady(&kept), steady(&fresh), "{format}");
        assert_eq!(kept.code(), fresh.code());
    }
}

/// Of guides that a part has as a whole it keeps the reports, of others what their runs have shown.
#[test]
fn a_part_takes_from_the_cache_what_it_can() {
    let place = place();
    (100..200).for_each(|number| {
        place.write(&format!("docs/{number}.md"), format!("```python\n{number}  # {number}\n```\n"))
    });
    let part = ["docs", "--shard", "1/2"];
    let first = report(&place, &part);
    let again = without_its_file(&place, &[&["--format", "json"], &part[..]].concat()).json();
    assert_eq!(without_times(&again)["guides"], without_times(&first)["guides"]);
    let block = ["guide.md", "--block", "2"];
    assert_eq!(report(&place, &block), report(&place, &block), "run times and all");
    let whole = report(&place, &["guide.md"]);
    assert_eq!(report(&place, &["guide.md"]), whole);
    report(&place, &["guide.md", "--block", "1"]);
    assert_eq!(report(&place, &["guide.md"]), whole, "a part leaves the whole as it is");
    let stopped = report(&place, &["guide.md", "docs", "--fail-fast"]);
    assert_eq!(stopped["left_out"], 100);
    assert_eq!(stopped["guides"], whole["guides"]);
}

/// What a docstring's module imports is given to it, and looked for.
#[test]
fn a_module_depends_on_what_lies_beside_it() {
    let place = place();
    place.write(
        "shapes.py",
        "import helper\n\ndef area():\n    \"\"\"\n    >>> helper.SIDE\n    3\n    \"\"\"\n",
    );
    place.write("helper.py", "SIDE = 3\n");
    let errors = || report(&place, &["shapes.py"])["summary"]["errors"].clone();
    assert_eq!(errors(), 0);
    assert_eq!(without_its_file(&place, &["shapes.py"]).code(), Some(0));
    place.write("helper.py", "SIDE = 4\n");
    assert_eq!(errors(), 1);
    place.write("helper.py", "SIDE = 3\n");
    assert_eq!(errors(), 0);
    place.write("helper/__init__.py", "SIDE = 5\n");
    assert_eq!(errors(), 1, "a package goes before a module");
    fs::remove_dir_all(place.path("helper")).expect("removed");
    assert_eq!(errors(), 0);
    place.write("__init__.py", "");
    assert_eq!(errors(), 1, "it is in a package now, where the other is no module of its own");
}

#[test]
fn a_change_of_anything_shows() {
    let place = place();
    place.write("verify.toml", "guides = [\"guide.md\"]\n[[guide]]\npath = \"guide.md\"\nfiles.\"in.txt\" = { path = \"data/in.txt\" }\nsetup = { path = \"setup.py\" }\n");
    place.write("setup.py", "more = 1\n");
    place.write("data/in.txt", "5");
    place.write("guide.md", "```python\nprint(open('in.txt').read(), more)  # 5 1\n```\n");
    let verdict =
        || report(&place, &["guide.md"])["guides"][0]["claims"][0]["verdicts"][0]["verdict"].clone();
    assert_eq!((verdict(), verdict()), ("holds".into(), "holds".into()));
    assert!(is_kept(&place));
    place.write("data/in.txt", "6");
    assert_eq!((verdict(), verdict()), ("false".into(), "false".into()));
    place.write("data/in.txt", "5");
    assert_eq!(verdict(), "holds");
    place.write("setup.py", "more = 2\n");
    assert_eq!(verdict(), "false");
    place.write("setup.py", "more = 1\n");
    assert_eq!(verdict(), "holds");
    // Its output waits for review, which is a finding; accepted it is none.
    let pending =
        fs::read_dir(place.path("expected/guide")).expect("pending").flatten().next().expect("one").path();
    assert!(report(&place, &["guide.md"]).to_string().contains("snapshot-new"));
    fs::remove_file(&pending).expect("removed");
    assert!(report(&place, &["guide.md"]).to_string().contains("snapshot-new"));
    assert!(pending.exists(), "it is written again");
    assert_eq!(verify(&place, &["accept"]).code(), Some(0));
    assert!(!report(&place, &["guide.md"]).to_string().contains("snapshot-new"));
    assert!(is_kept(&place));
    place.write("snippets/guide/top.1.check.py", "more  # 3\n");
    assert_eq!(report(&place, &["guide.md"])["summary"]["false"], 1);
    place.write("verify.toml", "skip = \"later\"\n");
    assert_eq!(report(&place, &["guide.md"])["guides"][0]["snippets"][0]["runs"][0]["status"], "skipped");
}

#[test]
fn what_failed_from_outside_and_what_the_day_decides_is_not_kept() {
    let place = place();
    place.write("guide.md", "```python\nwhile True: pass\n```\n");
    let slow = || report(&place, &["guide.md", "--timeout", "0.3"]);
    assert_ne!(slow(), slow(), "it may be in time on a better day");
    place.write(
        "guide.md",
        "<!-- verify: with files.\"a\" = { path = \"gone\" } -->\n```python\n1  # 1\n```\n",
    );
    report(&place, &["guide.md"]);
    place.write("guide.md", [0xff, 0xfe, 0xff]);
    assert_eq!(verify(&place, &["guide.md"]).code(), Some(2));
    assert_eq!(verify(&place, &["guide.md"]).code(), Some(2));
    place.write("guide.md", GUIDE);
    assert!(is_kept(&place));
    assert_ne!(
        report(&place, &["guide.md", "--sandbox", "off"]),
        report(&place, &["guide.md", "--sandbox", "off"])
    );
}

#[test]
fn damage_is_a_miss() {
    let place = place();
    let first = report(&place, &["guide.md"]);
    let entry = entries(&place).pop().expect("an entry");
    let whole = fs::read(&entry).expect("readable");
    let places = (0..12).map(|step| step * (whole.len() - 1) / 11);
    for at in places {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        for bytes in [&damaged[..], &whole[..at]] {
            fs::write(&entry, bytes).expect("written");
            let report = report(&place, &["guide.md"]);
            assert_eq!(without_times(&report), without_times(&first), "byte {at} of {}", whole.len());
        }
    }
}

#[test]
fn several_at_a_time_do_no_harm() {
    let place = place();
    let expected = without_times(&report(&place, &["guide.md", "--no-cache"]));
    for _ in 0..3 {
        let running = [(); 3].map(|()| {
            let mut command = command(&place, &["guide.md", "--format", "json"]);
            command.stdout(std::process::Stdio::piped()).spawn().expect("verify starts")
        });
        for child in running {
            let mut told = Done(child.wait_with_output().expect("it ends")).json();
            told["summary"]["duration_ms"] = 0.into();
            assert_eq!(without_times(&told), expected);
        }
        for entry in entries(&place) {
            assert!(entry.extension().is_some_and(|ending| ending == "kept"), "{}", entry.display());
            fs::remove_file(entry).expect("removed");
        }
    }
}

#[test]
fn a_folder_that_takes_nothing_is_one_warning() {
    let place = place();
    place.write("cache", "a file");
    let done = verify(&place, &["guide.md"]);
    assert_eq!(done.code(), Some(1));
    assert_eq!(done.stderr().matches("keeps no results").count(), 1, "{}", done.stderr());
    fs::remove_file(place.path("cache")).expect("removed");
    fs::create_dir(place.path("cache")).expect("a folder");
    fs::set_permissions(place.path("cache"), fs::Permissions::from_mode(0o555)).expect("permissions");
    assert_eq!(verify(&place, &["guide.md", "-q"]).code(), Some(1));
    fs::set_permissions(place.path("cache"), fs::Permissions::from_mode(0o755)).expect("permissions");
}

#[test]
fn a_full_disk_is_one_warning() {
    let place = place();
    place.write("guide.md", "```python\nprint('x' * 100_000)\n```\n");
    // A limit on the size of files is met as a full disk is: in the middle of one.
    let shell = format!("trap '' XFSZ; ulimit -f 64; exec {} guide.md", env!("CARGO_BIN_EXE_verify"));
    let mut command = Command::new("bash");
    command.args(["-c", &shell]).current_dir(place.path(".")).env("VERIFY_CACHE", place.path("cache"));
    let done = Done(command.output().expect("a shell"));
    assert_eq!(done.stderr().matches("keeps no results").count(), 1, "{}", done.stderr());
    assert!(done.stdout().contains("1 snippet"), "{}", done.stdout());
    assert!(entries(&place).is_empty(), "no half a file stays");
}

#[test]
fn the_cache_is_shown_and_cleared() {
    let place = place();
    place.write("other.md", "```python\n1  # 1\n```\n");
    assert!(verify(&place, &["cache", "info"]).stdout().contains("guides: 0\n"));
    verify(&place, &["guide.md", "other.md"]);
    verify(&place, &["guide.md", "--real-time"]);
    let info = verify(&place, &["cache", "info"]).stdout();
    assert!(info.contains("guides: 2\n") && info.contains("of 512.0 MiB\n"), "{info}");
    assert_eq!(verify(&place, &["cache", "clear", "guide.md"]).stdout(), "removed 2 entries\n");
    assert!(verify(&place, &["cache", "info"]).stdout().contains("guides: 1\n"));
    assert_eq!(verify(&place, &["cache", "clear"]).stdout(), "removed 1 entry\n");
    assert!(entries(&place).is_empty());
    for (name, value) in [("VERIFY_CACHE", "relative"), ("VERIFY_CACHE_LIMIT", "much")] {
        let done = Done(command(&place, &["guide.md"]).env(name, value).output().expect("verify starts"));
        assert_eq!(done.code(), Some(2));
        assert!(done.stderr().contains(name), "{}", done.stderr());
    }
}

#[test]
fn of_too_much_the_longest_unused_goes() {
    let place = place();
    place.write("large.md", "```python\nprint('x' * 700_000)\n```\n");
    place.write("larger.md", "```python\nprint('y' * 700_000)\n```\n");
    for guide in ["guide.md", "large.md", "larger.md"] {
        let mut command = command(&place, &[guide]);
        command.env("VERIFY_CACHE_LIMIT", "1").output().expect("verify starts");
    }
    let size: u64 = entries(&place).iter().map(|entry| entry.metadata().expect("there").len()).sum();
    assert!(size <= 1 << 20, "{size}");
}
