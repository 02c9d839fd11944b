//! Many guides: globs, `--fail-fast`, `--max-findings`, and what is said of their folders.

use std::io::BufRead;

use crate::common::Place;

const TRUE: &str = "```python\n1 + 1  # 2\n```\n";
const FALSE: &str = "```python\n1 + 1  # 3\n1 + 2  # 4\n```\n";

fn paths(place: &Place, args: &[&str]) -> Vec<String> {
    let report = place.verify(&[args, &["--format", "json"]].concat()).json();
    let guides = report["guides"].as_array().expect("guides").iter();
    guides.map(|guide| guide["path"].as_str().expect("a path").to_owned()).collect()
}

#[test]
fn globs_and_folders_pass_over_what_git_ignores() {
    let place = Place::new();
    place.write(".git/HEAD", "");
    place.write(".gitignore", "build/\ndraft.md\n");
    for guide in ["a.md", "docs/b.md", "docs/draft.md", "build/c.md", "docs/[1].md"] {
        place.write(guide, TRUE);
    }
    assert_eq!(paths(&place, &["."]), ["./a.md", "./docs/[1].md", "./docs/b.md"]);
    assert_eq!(paths(&place, &["**/*.md"]), ["a.md", "docs/[1].md", "docs/b.md"]);
    assert_eq!(paths(&place, &["docs/[1].md"]), ["docs/[1].md"], "a file of that name");
    assert_eq!(paths(&place, &["docs/draft.md"]), ["docs/draft.md"], "it is named");
    place.write("verify.toml", "guides = ['docs/*.md']\n");
    assert_eq!(paths(&place, &[]), ["docs/[1].md", "docs/b.md"]);
    let nothing = place.verify(&["none/*.md"]);
    assert_eq!(nothing.code(), Some(2));
    assert!(nothing.stdout().contains("none/*.md cannot be read"), "{}", nothing.stdout());
}

#[test]
fn the_first_guide_that_is_wrong_is_the_last_where_that_is_asked_for() {
    let place = Place::new();
    let names: Vec<_> = (10..50).map(|number| format!("{number}.md")).collect();
    names.iter().for_each(|name| place.write(name, TRUE));
    assert_eq!(paths(&place, &[".", "--fail-fast"]).len(), 40);
    place.write("33.md", FALSE);
    place.write("40.md", FALSE);
    let done = place.verify(&["--fail-fast", ".", "--report", "json=report.json"]);
    assert_eq!(done.code(), Some(1));
    assert!(done.stdout().contains("24 snippets in 24 guides, 16 guides left out"), "{}", done.stdout());
    assert!(done.stdout().contains("33.md:2:10") && !done.stdout().contains("40.md"), "{}", done.stdout());
    assert!(place.read("report.json").contains(r#""left_out":16"#));
    place.write("12.md", [0xff]);
    assert_eq!(place.verify(&["--fail-fast", "."]).code(), Some(2));
    assert_eq!(paths(&place, &["--fail-fast", "."]).len(), 3);
    place.write("12.md", "## 7\n\n```python\nx = [\n```\n\n## 8\n\n```python\n1 + 1\n```\n");
    place.write("49.md", format!("## 9\n\n{TRUE}"));
    assert_eq!(paths(&place, &["--fail-fast", ".", "--block", "9"]).len(), 40, "a label of a later guide");
    assert_eq!(place.verify(&["--fail-fast", ".", "--block", "nowhere"]).code(), Some(2));
    assert_eq!(place.verify(&["--fail-fast", ".", "--shard", "1/2"]).code(), Some(2));
}

/// Who looks on sees what is wrong in the first guide while the last still runs.
#[test]
fn what_is_found_is_shown_before_all_is_done() {
    for format in ["full", "concise"] {
        let place = Place::new();
        place.write("1.md", FALSE);
        place.write("2.md", "```python\nimport time\ntime.sleep(4)\n1 + 1  # 3\n```\n");
        place.write("3.md", FALSE);
        let mut verify = std::process::Command::new(env!("CARGO_BIN_EXE_verify"));
        verify.args([".", "--real-time", "--format", format]).current_dir(place.path("."));
        let mut verify = verify.stdout(std::process::Stdio::piped()).spawn().expect("verify starts");
        let mut lines = std::io::BufReader::new(verify.stdout.take().expect("a pipe")).lines();
        let first = lines.next().expect("a line").expect("text");
        assert!(first.contains("false-claim"), "{first}");
        assert!(verify.try_wait().expect("a child").is_none(), "{format}: it still runs");
        let rest: Vec<_> = lines.map(|line| line.expect("text")).collect();
        let places =
            rest.iter().flat_map(|line| ["1.md", "2.md", "3.md"].into_iter().filter(|it| line.contains(it)));
        assert!(places.clone().is_sorted() && places.last() == Some("3.md"), "{rest:?}");
        assert_eq!(verify.wait().expect("a child").code(), Some(1));
    }
}

/// What was read of a guide is forgotten when its report is written.
#[test]
#[expect(clippy::zombie_processes, reason = "`wait4` waits for it, and tells its memory")]
fn memory_does_not_grow_with_the_guides() {
    let text = |number: usize| {
        let text = "A line of a text that nobody runs.\n".repeat(2000);
        format!("{text}\n```python\n{number} + 1  # {}\n```\n", number + 1)
    };
    let place = Place::new();
    (100..340).for_each(|number| place.write(&format!("all/{number}.md"), text(number)));
    (100..140).for_each(|number| place.write(&format!("some/{number}.md"), text(number)));
    let peak = |folder: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_verify"));
        command.args([folder, "--report", "json=all.json", "--jobs", "2"]).current_dir(place.path("."));
        let child = command.stdout(std::process::Stdio::null()).spawn().expect("verify starts");
        // SAFETY: plain numbers, which the call fills in; the child is waited for once.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        let waited = unsafe { libc::wait4(child.id() as i32, &mut 0, 0, &mut usage) };
        assert_eq!(waited, child.id() as i32);
        usage.ru_maxrss as f64
    };
    let (some, all) = (peak("some"), peak("all"));
    assert!(all < some * 1.2, "{some} KiB for 40 guides, {all} KiB for 240");
}

#[test]
fn no_more_is_shown_than_is_asked_for_and_all_is_counted() {
    let place = Place::new();
    place.write("a.md", FALSE);
    place.write("b.md", FALSE);
    let shown = |format: &str, most: &str| {
        let args = ["a.md", "b.md", "--format", format, "--report", "json=all.json"];
        let done = place.verify(&[&args[..], &["--max-findings", most]].concat());
        assert!(done.stdout().contains("4 errors, 0 warnings"), "{}", done.stdout());
        assert_eq!(place.read("all.json").matches("\"code\":\"false-claim\"").count(), 4);
        (done.stdout().matches("error[false-claim]").count(), done.stdout())
    };
    for format in ["full", "concise"] {
        let (count, text) = shown(format, "3");
        assert!(count == 3 && text.contains("1 more finding is not shown"), "{text}");
        let (count, text) = shown(format, "1");
        assert!(count == 1 && text.contains("3 more findings are not shown"), "{text}");
        let (count, text) = shown(format, "4");
        assert!(count == 4 && !text.contains("not shown"), "{text}");
    }
    assert_eq!(place.verify(&["a.md", "--max-findings", "0"]).code(), Some(2));
}

#[test]
fn of_many_guides_each_folder_with_findings_has_a_line() {
    let place = Place::new();
    for number in 10..20 {
        place.write(&format!("clean/{number}.md"), TRUE);
        place.write(&format!("docs/api/{number}.md"), if number < 12 { FALSE } else { TRUE });
    }
    let clean = place.verify(&["clean", "--format", "concise"]).stdout();
    assert!(!clean.contains("without findings"), "{clean}");
    place.write("docs/x.md", [0xff]);
    for format in ["full", "concise"] {
        let shown = place.verify(&["clean", "docs", "--format", format]).stdout();
        let lines = "docs: 1 guide, 1 not checked: no findings\ndocs/api: 10 guides: 4 errors, 0 warnings\n1 folder without findings\n\n20 snippets in 21 guides";
        assert!(shown.contains(lines), "{shown}");
        assert!(!place.verify(&["clean", "docs", "-q", "--format", format]).stdout().contains("10 guides"));
    }
}
