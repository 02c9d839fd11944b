//! `--since`: what changed in a git repository, and what needs it.

use std::path::Path;
use std::process::Command;

use crate::common::{Done, Place};

const GUIDE: &str = "\
## 1

```python
def double(x):
    return 2 * x

limit = 5
```

## 2

```python
1 + 1  # 2
```

## 3

```python
double(4)  # 8
```

<!-- verify: expect raises reason=\"shows it\" -->
```python
open('missing.txt')
```
";

fn git(folder: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let git = Command::new("git").args(identity).args(args).current_dir(folder).output().expect("git starts");
    assert!(git.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&git.stderr));
}

/// A repository with some files.
fn repository(files: &[(&str, &str)]) -> Place {
    let place = Place::new();
    git(&place.path("."), &["init", "-q", "-b", "main"]);
    files.iter().for_each(|(name, text)| place.write(name, text));
    commit(&place);
    place
}

fn commit(place: &Place) {
    git(&place.path("."), &["add", "-A"]);
    git(&place.path("."), &["commit", "-q", "-m", "a change"]);
}

/// The snippets that are run, those of several guides one after the other.
fn run(place: &Place, args: &[&str]) -> Vec<String> {
    let report = place.verify(&[&["--format", "json"], args].concat()).json();
    let guides = report["guides"].as_array().expect("guides");
    let snippets = guides.iter().flat_map(|guide| guide["snippets"].as_array().expect("snippets"));
    snippets.map(|snippet| snippet["id"].as_str().expect("an id").to_owned()).collect()
}

fn since(place: &Place, revision: &str) -> Vec<String> {
    run(place, &["guide.md", "--since", revision])
}

#[test]
fn what_changed_and_what_needs_it_is_run() {
    let place = repository(&[("guide.md", GUIDE)]);
    assert_eq!(since(&place, "HEAD"), [""; 0]);
    let edited = |from: &str, to: &str| {
        assert!(GUIDE.contains(from));
        place.write("guide.md", GUIDE.replace(from, to));
        since(&place, "HEAD")
    };
    assert_eq!(edited("1 + 1  # 2", "1 + 1  # 3"), ["2.1"], "a claim");
    assert_eq!(edited("2 * x", "x + x"), ["1.1", "3.1"], "what a later one calls");
    assert_eq!(edited("limit = 5", "limit = 6"), ["1.1"], "what nobody needs");
    assert_eq!(edited("## 1\n", "## 1\n\nMore prose.\n"), [""; 0], "lines that moved");
    assert_eq!(edited("shows it", "shows that"), ["3.2"], "a directive");
    let fence = GUIDE.split("## 1\n\n").nth(1).and_then(|text| text.split("\n## 2").next()).expect("a fence");
    assert_eq!(edited(fence, ""), ["3.1"], "what needed a snippet that is gone");
    let last = "\n## 0\n\n```python\n3  # 3\n```\n";
    place.write("guide.md", [GUIDE, last].concat());
    assert_eq!(since(&place, "HEAD"), ["0.1"], "a new one");
    commit(&place);
    assert_eq!(since(&place, "HEAD"), [""; 0]);
    assert_eq!(since(&place, "HEAD~1"), ["0.1"]);
    let Done(shown) = place.verify(&["guide.md", "--since", "HEAD~1"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("1 of 5 snippets in 1 guide, changed since HEAD~1, run on"), "{shown}");
    assert_eq!(
        run(&place, &["guide.md", "--since", "HEAD~1", "--block", "2"]),
        [""; 0],
        "both are asked for"
    );
}

#[test]
fn a_part_says_nothing_about_the_rest() {
    let place = repository(&[("guide.md", &[GUIDE, "\n```python\n1  # 2\n```\n"].concat())]);
    assert_eq!(place.verify(&["guide.md"]).code(), Some(1));
    assert_eq!(place.verify(&["guide.md", "--since", "HEAD"]).code(), Some(0));
}

#[test]
fn what_stands_around_a_guide_counts_where_it_is_used() {
    let config =
        "[[guide]]\npath = 'guide.md'\n[guide.snippet.'2.1']\nfiles.'a.txt' = { path = 'data/a.txt' }\n";
    let place = repository(&[
        ("guide.md", GUIDE),
        ("verify.toml", config),
        ("data/a.txt", "1"),
        ("other.md", "```python\n2  # 2\n```\n"),
    ]);
    let around = |name: &str, text: &str| {
        place.write(name, text);
        let run = since(&place, "HEAD");
        git(&place.path("."), &["checkout", "-q", "."]);
        git(&place.path("."), &["clean", "-fdq"]);
        run
    };
    assert_eq!(around("data/a.txt", "2"), ["2.1"], "a file");
    assert_eq!(around("data/b.txt", "2"), [""; 0], "a file that nobody is given");
    assert_eq!(around("verify.toml", &format!("\n\n{config}")), [""; 0], "lines of the configuration");
    assert_eq!(around("verify.toml", &format!("{config}[guide.block.3]\nenv.A = '1'\n")), ["3.1", "3.2"]);
    assert_eq!(around("snippets/guide/1.1.check.py", "double(1)  # 2\n"), ["1.1"], "a companion");
    assert_eq!(around("expected/guide/2.1.snap", "---\n---\n"), ["2.1"], "a snapshot");
    assert_eq!(around("other.md", "```python\n2  # 3\n```\n"), [""; 0], "another guide");
}

#[test]
fn companions_count_without_a_configuration() {
    let place = repository(&[("guide.md", GUIDE)]);
    place.write("snippets/guide/3.1.check.py", "double(2)  # 4\n");
    assert_eq!(since(&place, "HEAD"), ["3.1"]);
    commit(&place);
    assert_eq!(since(&place, "HEAD"), [""; 0]);
    place.write("guide.md", format!("Prose.\n\n{GUIDE}"));
    assert_eq!(since(&place, "HEAD"), [""; 0], "one that has not changed");
}

#[test]
fn a_new_guide_is_run_and_a_renamed_one_is_the_same() {
    let place = repository(&[("guide.md", GUIDE)]);
    git(&place.path("."), &["mv", "guide.md", "renamed.md"]);
    assert_eq!(run(&place, &["renamed.md", "--since", "HEAD"]), [""; 0]);
    place.write("new.md", GUIDE);
    assert_eq!(run(&place, &["new.md", "--since", "HEAD"]), ["1.1", "2.1", "3.1", "3.2"]);
}

#[test]
fn what_others_changed_meanwhile_is_no_change_of_ours() {
    let place = repository(&[("guide.md", GUIDE)]);
    git(&place.path("."), &["checkout", "-q", "-b", "ours"]);
    place.write("guide.md", GUIDE.replace("# 8", "# 9"));
    commit(&place);
    git(&place.path("."), &["checkout", "-q", "main"]);
    place.write("guide.md", GUIDE.replace("1 + 1  # 2", "2 + 2  # 4"));
    commit(&place);
    git(&place.path("."), &["checkout", "-q", "ours"]);
    assert_eq!(since(&place, "main"), ["3.1"]);
}

#[test]
fn where_nothing_is_known_of_earlier_it_is_said() {
    let said = |place: &Place, revision: &str| {
        let done = place.verify(&["guide.md", &format!("--since={revision}")]);
        assert_eq!(done.code(), Some(2));
        done.stderr()
    };
    let alone = Place::new();
    alone.write("guide.md", GUIDE);
    assert!(said(&alone, "main").contains("is in no git repository"));
    let place = repository(&[("guide.md", GUIDE)]);
    let unknown = said(&place, "no-such-branch");
    assert!(
        unknown.contains("has no revision `no-such-branch`") && unknown.contains("fetch it"),
        "{unknown}"
    );
    assert!(said(&place, "--output=x").contains("has no revision `--output=x`"), "no option of git's");
    place.write("guide.md", "");
    commit(&place);
    let clone = Place::new();
    let url = format!("file://{}", place.path(".").display());
    git(&clone.path("."), &["clone", "-q", "--depth", "1", &url, "clone"]);
    let done = clone.verify(&["clone/guide.md", "--since", "HEAD~1"]);
    assert!(done.stderr().contains("fetch-depth: 0"), "{}", done.stderr());
}
