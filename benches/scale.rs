//! What checking a whole documentation costs: `cargo bench --bench scale [GUIDES]`.
//!
//! The guides are made of the blocks of this project's own guide, ten snippets each, no two alike. Aims are those of
//! docs/testing.md.

mod measuring;

use std::path::{Path, PathBuf};
use std::process::Command;

use measuring::{Cost, VERIFY, measure, measure_memory, medians, python};

/// Guides where nobody says how many.
const GUIDES: usize = 1000;
/// Snippets of each.
const SNIPPETS: usize = 10;
/// Of these few things that take long are measured.
const FEW: usize = 100;
const ROUNDS: usize = 5;
const OWN: &str = include_str!("../snippets/python-refresher.md");
const FENCE: &str = "```python\n";

fn main() {
    // `cargo bench` adds an option of its own.
    let given = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let guides = given.unwrap_or(GUIDES);
    let place = tempfile::tempdir().expect("a folder");
    let (all, few) = (place.path().join("all"), place.path().join("few"));
    (0..guides).for_each(|number| write(&all, number));
    (0..FEW.min(guides)).for_each(|number| write(&few, number));
    let cache = place.path().join("cache");
    let bare = measure(python(&["-I", "-S", "-c", "pass"])).wall;
    println!("bare python {bare:.1} ms = 1; {guides} guides, {} snippets", guides * SNIPPETS);
    of_all(&all, &few, &cache, guides);
    jobs(&few);
    shards(&all, guides);
}

/// The blocks of a guide, each with its heading.
fn blocks(guide: &str) -> Vec<String> {
    let blocks = guide.split("\n## ").skip(1).map(|block| format!("\n## {block}\n"));
    blocks.filter(|block| block.contains(FENCE)).collect()
}

/// Writes a guide of ten snippets, which has a comment of its own in each.
fn write(folder: &Path, number: usize) {
    let blocks = blocks(OWN);
    let text: String = blocks.iter().cycle().skip(number % blocks.len()).take(SNIPPETS).cloned().collect();
    let mut parts = text.split(FENCE);
    let mut text = format!("# Guide {number}\n{}", parts.next().unwrap_or_default());
    for part in parts.take(SNIPPETS) {
        // As far to the right as the fence.
        let indent = text.lines().last().filter(|line| line.trim().is_empty()).unwrap_or_default().to_owned();
        text += &format!("{FENCE}{indent}# of guide {number}\n{part}");
    }
    // What leads to the next fence is not for this guide.
    let end = text.rfind("```\n").map_or(text.len(), |at| at + "```\n".len());
    text.truncate(end);
    std::fs::create_dir_all(folder).expect("a folder");
    std::fs::write(path(folder, number), text).expect("a writable folder");
}

fn path(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{number:05}.md"))
}

/// A check that keeps results in a folder, or none.
fn check(guides: &Path, cache: Option<&Path>, more: &[&str]) -> Command {
    let mut command = Command::new(VERIFY);
    command.arg(guides).args(["--format", "concise"]).args(more);
    command.env("VERIFY_CACHE", cache.map_or("off".as_ref(), Path::as_os_str));
    command
}

fn row(name: &str, cost: Cost, says: &str) {
    println!("{name:<34} {:>9.0} ms wall {:>9.0} ms of processors  {says}", cost.wall, cost.processor);
}

fn of_all(all: &Path, few: &Path, cache: &Path, guides: usize) {
    let snippets = (guides * SNIPPETS) as f64;
    let small = measure_memory(check(few, None, &[]));
    row("cold, few", small, &format!("{:.0} KiB at most for {} guides", small.memory, FEW.min(guides)));
    let cold = measure_memory(check(all, Some(cache), &[]));
    let grown = cold.memory / small.memory;
    row("cold", cold, &format!("{:.0} KiB at most, {grown:.2} times that of few (aim 1)", cold.memory));
    let one = path(all, guides / 2);
    let warm: [Box<dyn Fn() -> Command>; 2] =
        [Box::new(|| check(all, Some(cache), &[])), Box::new(|| check(&one, Some(cache), &[]))];
    // The one alone goes by another path, so that it is kept once more.
    measure(check(&one, Some(cache), &[]));
    let costs = medians(&warm, ROUNDS);
    let each = costs[0].processor * 1000.0 / snippets;
    row("warm", costs[0], &format!("{each:.1} us of a processor for each snippet (aim 20)"));
    row("warm, one guide alone", costs[1], "(aim 100)");
    edited(all, cache, guides);
}

/// One guide is edited, another one each time.
fn edited(all: &Path, cache: &Path, guides: usize) {
    let rounds: Vec<_> = (0..ROUNDS)
        .map(|round| {
            let one = path(all, (guides / 7 * round) % guides);
            let text = std::fs::read_to_string(&one).expect("a guide");
            std::fs::write(&one, text.replacen(FENCE, &format!("{FENCE}# round {round}\n"), 1))
                .expect("writable");
            let alone = measure(check(&one, None, &[]));
            // What was written a moment ago is not kept.
            std::thread::sleep(std::time::Duration::from_millis(20));
            let with_all = measure(check(all, Some(cache), &[]));
            (with_all, alone, with_all.wall - alone.wall)
        })
        .collect();
    let mut sorted = rounds;
    sorted.sort_by(|one, other| one.2.total_cmp(&other.2));
    let (with_all, alone, more) = sorted[ROUNDS / 2];
    row(
        "one edited",
        with_all,
        &format!("{more:.0} ms more than that one alone, {:.0} (aim 150)", alone.wall),
    );
}

fn jobs(few: &Path) {
    let with = |jobs: &'static str| {
        let few = few.to_owned();
        Box::new(move || check(&few, None, &["--jobs", jobs])) as Box<dyn Fn() -> Command>
    };
    let costs = medians(&[with("1"), with("2"), with("4")], 3);
    for (jobs, cost) in ["1", "2", "4"].iter().zip(&costs) {
        let ratio = cost.wall / costs[0].wall;
        row(&format!("cold, few, {jobs} at a time"), *cost, &format!("{ratio:.2} of one at a time"));
    }
}

/// All parts of a run, one after the other, beside one run.
fn shards(all: &Path, guides: usize) {
    let one = measure(check(all, None, &[]));
    row("one run", one, "");
    for count in 2..=4 {
        let part = |index| measure(check(all, None, &["--shard", &format!("{index}/{count}")]));
        let parts: Vec<_> = (1..=count).map(part).collect();
        let sum = Cost {
            wall: parts.iter().map(|cost| cost.wall).sum(),
            processor: parts.iter().map(|cost| cost.processor).sum(),
            memory: 0.0,
        };
        let longest = parts.iter().map(|cost| cost.wall).fold(0.0, f64::max);
        let (ratio, share) = (sum.wall / one.wall, longest * f64::from(count) / one.wall);
        row(
            &format!("{count} parts of {guides} guides, summed"),
            sum,
            &format!("{ratio:.2} of one run (aim 1.1); the longest {share:.2} of its share"),
        );
    }
}
