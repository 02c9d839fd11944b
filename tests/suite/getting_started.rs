//! A stranger's session, as `docs/getting-started.md` tells it: what the page shows is what happens, in a repository
//! that is no Cargo package.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

use crate::common::Place;

const PAGE: &str = include_str!("../../docs/getting-started.md");

/// What stands between the output of one command and that of the next.
const BETWEEN: &str = "\u{1}";

#[test]
fn the_page_shows_what_happens() {
    follow(Path::new(env!("CARGO_BIN_EXE_verify")));
}

/// The page's first step, too.
#[test]
#[ignore = "installs: cargo test --test suite -- --ignored installed"]
fn the_page_shows_what_happens_once_it_is_installed() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["install", "--locked", "--debug", "--path", env!("CARGO_MANIFEST_DIR"), "--root"]);
    // What was built for the tests is built.
    cargo.arg(root.path()).arg("--target-dir").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("target"));
    assert!(cargo.status().expect("cargo starts").success());
    follow(&root.path().join("bin/verify"));
}

fn follow(verify: &Path) {
    let place = Place::new();
    place.write("shopping.md", fences("markdown")[0]);
    let mut steps = 0;
    for block in fences("console") {
        let commands: Vec<_> = block.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
        steps += commands.len();
        assert_eq!(plain(&run(&place, verify, &commands)), plain(block));
    }
    assert!(steps > 10, "the page has commands");
}

/// What stands inside the page's fences of a language. They are longer than those that they show.
fn fences(language: &str) -> Vec<&'static str> {
    let opening = format!("\n````{language}\n");
    let blocks = PAGE.split(&*opening).skip(1);
    blocks.map(|rest| rest.split_once("\n````\n").expect("it is closed").0).collect()
}

/// The commands with what they write, as at a terminal.
fn run(place: &Place, verify: &Path, commands: &[&str]) -> String {
    let script: String = commands
        .iter()
        // Each finds how the one before it ended.
        .map(|command| format!("code=$?; printf '{BETWEEN}'; (exit $code)\n{command}\n"))
        .collect();
    let folder = verify.parent().expect("a folder").display().to_string();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec 2>&1\n{script}")]).current_dir(place.path("")).env("PATH", path);
    for (name, value) in [("AUTHOR", "a"), ("COMMITTER", "c")] {
        shell.env(format!("GIT_{name}_NAME"), value).env(format!("GIT_{name}_EMAIL"), "a@example.com");
    }
    shell.env("GIT_CONFIG_GLOBAL", "/dev/null").env_remove("CLICOLOR_FORCE");
    let output = shell.output().expect("a shell").stdout;
    let output = String::from_utf8(output).expect("text");
    let outputs = output.split(BETWEEN).skip(1);
    commands.iter().zip(outputs).map(|(command, output)| format!("$ {command}\n{output}")).collect()
}

/// A session without what differs from machine to machine.
fn plain(session: &str) -> String {
    static VERSION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(Python |python: ")3\.\d+(\.\d+)?"#).expect("valid"));
    static TIME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"in (\d+ ms|[\d.]+ s)\b").expect("valid"));
    let session = VERSION.replace_all(session, "${1}3");
    TIME.replace_all(session.trim_end(), "in no time").into_owned()
}
