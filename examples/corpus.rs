//! Scores verify on labelled guides: `cargo run --release --example corpus -- FOLDER [-v]`.
//!
//! FOLDER holds guides and `labels.json`, a list of `{file, line, truth, claim}` in which
//! `truth` is `holds`, `false`, `not-checkable` or `not-a-claim`. With `-v` every false verdict without a
//! label is listed, to be looked at by hand. Exit code 1 where a label is missed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde::Deserialize;
use verify::check::{self, Options};
use verify::claims::Form;
use verify::judge::Decision;
use verify::report::{ClaimReport, GuideReport};
use verify::run::protocol::WORKER;

/// What somebody who ran the code says about one line of a guide.
#[derive(Deserialize)]
struct Label {
    file: String,
    line: usize,
    truth: Truth,
    #[serde(default)]
    claim: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
enum Truth {
    Holds,
    False,
    NotCheckable,
    NotAClaim,
}

fn main() -> anyhow::Result<ExitCode> {
    if std::env::args().nth(1).as_deref() == Some(WORKER) {
        return Ok(verify::cli::run());
    }
    let folder = std::env::args().nth(1).context("give a folder with guides and labels.json")?;
    let verbose = std::env::args().nth(2).as_deref() == Some("-v");
    let score = std::thread::Builder::new().stack_size(check::STACK);
    let missed = score.spawn(move || score_folder(Path::new(&folder), verbose))?.join().expect("no panic")?;
    Ok(ExitCode::from(u8::from(missed > 0)))
}

/// Prints the scores of a folder's guides; returns how many labels are missed.
fn score_folder(folder: &Path, verbose: bool) -> anyhow::Result<usize> {
    let text = std::fs::read(folder.join("labels.json")).context("cannot read labels.json")?;
    let labels: Vec<Label> = serde_json::from_slice(&text).context("labels.json")?;
    let mut guides: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    const ENDINGS: [&str; 5] = ["md", "mdx", "rst", "ipynb", "py"];
    let is_guide =
        |path: &PathBuf| path.extension().is_some_and(|ending| ENDINGS.iter().any(|it| ending == *it));
    guides.retain(|path| is_guide(path) && !path.ends_with("README.md"));
    guides.sort();
    let given: Vec<_> = guides.into_iter().map(|path| (path, Ok(None))).collect();
    let report = check::check(&given, &[], Options::default())?;
    let mut all = Score::default();
    for guide in &report.guides {
        let name = Path::new(&guide.path).file_name().unwrap_or_default().to_string_lossy();
        let own: Vec<_> = labels.iter().filter(|label| label.file == name).collect();
        let score = score_guide(guide, &own, verbose);
        println!("{name}: {score}");
        all.add(&score);
    }
    println!("\nall: {all}");
    Ok(all.labels.values().map(|(right, of)| of - right).sum())
}

#[derive(Default)]
struct Score {
    /// By truth: how many are decided rightly, of how many.
    labels: BTreeMap<Truth, (usize, usize)>,
    /// Verdicts on claims without a label, by form.
    others: BTreeMap<(String, String), usize>,
    /// Why labelled claims are undecided, where that is right.
    undecided: BTreeMap<String, usize>,
}

fn score_guide(guide: &GuideReport, labels: &[&Label], verbose: bool) -> Score {
    let mut score = Score::default();
    for label in labels {
        let about = claims_at(guide, label.line);
        let right = is_right(label.truth, &about);
        let entry = score.labels.entry(label.truth).or_default();
        *entry = (entry.0 + usize::from(right), entry.1 + 1);
        let undecided = about.iter().filter(|claim| decision(claim) == Decision::Undecided);
        for claim in undecided.filter(|_| matches!(label.truth, Truth::Holds | Truth::False)) {
            *score.undecided.entry(kind_of_reason(claim).to_owned()).or_default() += 1;
        }
        if !right {
            println!("  missed {}:{} ({:?}) {}", label.file, label.line, label.truth, label.claim);
            about.iter().for_each(|claim| println!("    {}", described(claim)));
        }
    }
    for claim in guide.claims.iter().filter(|claim| !is_labelled(guide, claim, labels)) {
        let key = (claim.form.name().to_owned(), format!("{:?}", decision(claim)).to_lowercase());
        *score.others.entry(key).or_default() += 1;
        if verbose && decision(claim) == Decision::False {
            println!("  false without a label: {}", described(claim));
        }
    }
    score
}

/// The claims that a label's line makes: on it, or shown right below its prompt or its fence line.
fn claims_at(guide: &GuideReport, line: usize) -> Vec<&ClaimReport> {
    let on = |claim: &&ClaimReport| (claim.lines.0..=claim.lines.1).contains(&line);
    let typed = |claim: &&ClaimReport| {
        let subject = claim.subject.as_ref().map_or((0, 0), |subject| subject.lines);
        claim.form == Form::Doctest && (subject.0..=subject.1).contains(&line)
    };
    let below = |claim: &&ClaimReport| {
        claim.form == Form::OutputFence && (line + 1..line + 5).contains(&claim.lines.0)
    };
    let found: Vec<_> = guide.claims.iter().filter(on).collect();
    if found.is_empty() { guide.claims.iter().filter(|c| typed(c) || below(c)).collect() } else { found }
}

fn is_labelled(guide: &GuideReport, claim: &ClaimReport, labels: &[&Label]) -> bool {
    labels.iter().any(|label| claims_at(guide, label.line).iter().any(|other| other.id == claim.id))
}

fn is_right(truth: Truth, claims: &[&ClaimReport]) -> bool {
    let any = |decided: Decision| claims.iter().any(|claim| decision(claim) == decided);
    let blocked = claims.iter().any(|claim| kind_of_reason(claim) == "blocked");
    match truth {
        Truth::Holds => !any(Decision::False) && (any(Decision::Holds) || blocked),
        Truth::False => any(Decision::False),
        Truth::NotCheckable | Truth::NotAClaim => !any(Decision::False),
    }
}

fn decision(claim: &ClaimReport) -> Decision {
    claim.verdicts[0].verdict
}

/// The first word of why a claim is undecided.
fn kind_of_reason(claim: &ClaimReport) -> &str {
    let reason = claim.verdicts[0].reason.as_deref().unwrap_or_default();
    reason.split(':').next().unwrap_or_default()
}

fn described(claim: &ClaimReport) -> String {
    let verdict = &claim.verdicts[0];
    let why = verdict.reason.as_deref().unwrap_or_default();
    let actual = verdict.actual.as_deref().unwrap_or_default();
    let text = claim.text.replace('\n', "⏎");
    format!("{} {:?} `{text}` observed `{}` {why}", claim.id, verdict.verdict, actual.replace('\n', "⏎"))
}

impl Score {
    fn add(&mut self, other: &Score) {
        for (truth, (right, of)) in &other.labels {
            let entry = self.labels.entry(*truth).or_default();
            *entry = (entry.0 + right, entry.1 + of);
        }
        for (key, count) in &other.others {
            *self.others.entry(key.clone()).or_default() += count;
        }
        for (key, count) in &other.undecided {
            *self.undecided.entry(key.clone()).or_default() += count;
        }
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = |(truth, (right, of)): (&Truth, &(usize, usize))| format!("{truth:?} {right}/{of}");
        let labels: Vec<_> = self.labels.iter().map(counts).collect();
        let others: Vec<_> =
            self.others.iter().map(|((form, verdict), count)| format!("{form} {verdict} {count}")).collect();
        let why: Vec<_> = self.undecided.iter().map(|(why, count)| format!("{why} {count}")).collect();
        write!(
            f,
            "labels: {} | undecided: {} | without a label: {}",
            labels.join(", "),
            why.join(", "),
            others.join(", ")
        )
    }
}
