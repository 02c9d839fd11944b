//! verify beside other tools that run the fences of a guide: `cargo bench --bench peers [GUIDE]`.
//!
//! They are installed from PyPI into a throw-away environment, or taken from the one that `VERIFY_PEERS` names.
//! None of them isolates a snippet or looks at what a comment says; the table shows what each has to say all the
//! same. A guide with an endless loop is ended after [`PATIENCE`].

mod measuring;

use std::path::{Path, PathBuf};
use std::process::Command;

use measuring::{Cost, PYTHON, medians, verify, write_guide};

const ROUNDS: usize = 5;
/// What a tool may take, in seconds.
const PATIENCE: &str = "60";
const PACKAGES: [&str; 5] =
    ["pytest", "pytest-codeblocks", "pytest-markdown-docs", "pytest-examples", "doccmd"];
/// pytest-examples has no option for a guide: a test hands it over.
const EXAMPLES: &str = "
import os, pytest
from pytest_examples import find_examples

@pytest.mark.parametrize('example', find_examples(os.environ['GUIDE']), ids=str)
def test_example(example, eval_example):
    eval_example.run(example)
";

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(peers) = installed(folder.path()) else {
        println!("the other tools cannot be installed here: nothing is compared");
        return;
    };
    let examples = folder.path().join("test_examples.py");
    std::fs::write(&examples, EXAMPLES).expect("a writable folder");
    // `cargo bench` adds an option of its own.
    for guide in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        compare(Path::new(&guide), &peers, &examples);
    }
    compare(&write_guide(folder.path(), "thousand", "x = 1", 1000), &peers, &examples);
}

/// The folder of the tools' executables.
fn installed(folder: &Path) -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("VERIFY_PEERS") {
        return Some(PathBuf::from(given).join("bin"));
    }
    let environment = folder.join("peers");
    let ran = |command: &mut Command| command.status().is_ok_and(|status| status.success());
    let made = ran(Command::new(PYTHON).args(["-m", "venv"]).arg(&environment));
    let pip = environment.join("bin/pip");
    (made && ran(Command::new(pip).args(["install", "--quiet"]).args(PACKAGES)))
        .then(|| environment.join("bin"))
}

/// The tools that run all fences of a guide, by name.
fn tools(guide: &Path, peers: &Path, examples: &Path) -> Vec<(&'static str, Command)> {
    let bounded = |program: &str, arguments: &[&str]| {
        let mut command = Command::new("timeout");
        command.arg(PATIENCE).arg(peers.join(program)).args(arguments);
        command.env("GUIDE", guide).current_dir(examples.parent().expect("a folder"));
        command
    };
    let pytest = |arguments: &[&str], on: &Path| {
        let mut command = bounded("pytest", &["-q", "-p", "no:cacheprovider"]);
        command.args(arguments).arg(on);
        command
    };
    let python = peers.join("python");
    let mut doccmd = bounded("doccmd", &["--language", "python", "--command"]);
    doccmd.arg(&python).arg(guide);
    vec![
        ("pytest-codeblocks", pytest(&["--codeblocks"], guide)),
        ("pytest-markdown-docs", pytest(&["--markdown-docs"], guide)),
        ("pytest-examples", pytest(&[], examples)),
        ("doccmd", doccmd),
    ]
}

fn compare(guide: &Path, peers: &Path, examples: &Path) {
    let guide = std::path::absolute(guide).expect("a path");
    let names: Vec<_> = tools(&guide, peers, examples).into_iter().map(|(name, _)| name).collect();
    let by_name = |index: usize| {
        let (guide, peers, examples) = (guide.clone(), peers.to_owned(), examples.to_owned());
        Box::new(move || tools(&guide, &peers, &examples).swap_remove(index).1) as Box<dyn Fn() -> Command>
    };
    let mut commands: Vec<Box<dyn Fn() -> Command + '_>> = vec![Box::new(|| verify(&guide, &[]))];
    commands.extend((0..names.len()).map(by_name));
    let costs = medians(&commands, ROUNDS);
    let fastest = costs[1..].iter().map(|cost| cost.wall).fold(f64::INFINITY, f64::min);
    println!("{}\n{:<24} {:>10} {:>8}  says", guide.display(), "", "wall", "ratio");
    for (index, name) in ["verify"].into_iter().chain(names).enumerate() {
        row(name, costs[index], fastest, &said(commands[index]()));
    }
    println!("ratio: to the fastest of the others\n");
}

fn row(name: &str, cost: Cost, fastest: f64, said: &str) {
    println!("{name:<24} {:>7.0} ms {:>8.2}  {said}", cost.wall, cost.wall / fastest);
}

/// The last line of what a tool says, and its exit code.
fn said(mut command: Command) -> String {
    let done = command.output().expect("it starts");
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let last = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let last: String = last.chars().take(70).collect();
    format!("exit {}; {last}", done.status.code().map_or("by a signal".to_owned(), |code| code.to_string()))
}
