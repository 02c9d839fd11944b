//! Hostile and honest snippets against the real binary, one data file for each: see `docs/testing.md`.
//!
//! Each runs in namespaces of its own, so that what gets through verify's fences meets another one and
//! not the machine. After each, a control guide runs in the same workers and must be judged as ever.

mod cage;
mod case;
mod container;
mod inside;
mod order;
mod report;
mod scene;
mod terminal;
mod tree;
mod verdict;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use cage::Cage;
use case::{Case, Place};

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(cage::INSIDE) {
        return inside::main();
    }
    let mut arguments = Arguments::from_args();
    // Each trial is two busy processes; more at a time only makes them late.
    arguments.test_threads.get_or_insert(2);
    let cage = Cage::find();
    if cage.is_none() {
        eprintln!("faults: this machine allows no namespaces, so nothing is run: see docs/testing.md");
    }
    let mut trials = Vec::new();
    for (kind, folder) in [(case::Kind::Attack, "attacks"), (case::Kind::Honest, "honest")] {
        for path in data(folder) {
            trials.extend(trials_of(&path, kind, cage));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn data(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults").join(folder);
    let entries = std::fs::read_dir(&folder).expect("a folder of data files");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    files.sort();
    files
}

/// A data file's trial, and its second one in a container where it asks for that.
fn trials_of(path: &Path, kind: case::Kind, cage: Option<Cage>) -> Vec<Trial> {
    let text = std::fs::read_to_string(path).expect("a readable data file");
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let lacking = case::lacking(&text);
    if let Some(lacking) = &lacking {
        eprintln!("faults: {name} is not tried: {lacking}");
    }
    let mut trials = Vec::new();
    for place in [Place::Machine, Place::Container] {
        let (text, name) = (text.clone(), name.clone());
        if place == Place::Container && !case::is_for_containers(&text) {
            continue;
        }
        let trial = move || match cage {
            Some(cage) => attempt(&name, &text, kind, place, cage),
            None => Ok(()),
        };
        let title = format!("{}::{}", place.title(kind), path.file_stem().expect("a name").to_string_lossy());
        trials.push(Trial::test(title, trial).with_ignored_flag(cage.is_none() || lacking.is_some()));
    }
    trials
}

fn attempt(name: &str, text: &str, kind: case::Kind, place: Place, cage: Cage) -> Result<(), Failed> {
    let case = Case::read(text, kind, place)?;
    let seen = cage.run(name, &case, place)?;
    let wrongs = verdict::wrongs(&case, &seen);
    if wrongs.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n\n{}", wrongs.join("\n"), report::excerpt(&seen)).into())
}
