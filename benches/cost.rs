//! What checking costs, as ratios against a bare Python that is timed in the same run: `cargo bench`.
//!
//! Every figure is the median over rounds in which all commands take turns, so that a busy machine slows
//! them alike. Start-up (what one snippet costs) and margin (what each further one costs) stand apart.

mod measuring;

use std::path::{Path, PathBuf};
use std::process::Command;

use measuring::{Cost, VERIFY, measure_memory, medians, python, verify, write_guide};

const ROUNDS: usize = 5;
/// The guide that is measured as a whole.
const GUIDE: &str = "snippets/python-refresher.md";
/// Runs files in one process, one after the other as in a notebook, whatever they raise.
const PLAIN: &str = "
import pathlib, sys
names = {'__name__': '__main__'}
for path in sys.argv[1:]:
    try:
        exec(compile(pathlib.Path(path).read_text(), path, 'exec'), names)
    except BaseException:
        pass
";
const TRIVIAL: &str = "x = 1";
const IMPORTS: &str = "import asyncio, sqlite3, json, re, dataclasses, typing";

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let guide = |name: &str, snippet: &str, count: usize| write_guide(folder.path(), name, snippet, count);
    let checked = |path: &Path, more: &[&str]| verify(path, more);
    let (one, thousand) = (guide("one", TRIVIAL, 1), guide("thousand", TRIVIAL, 1000));
    let (few, many) = (guide("few", IMPORTS, 20), guide("many", IMPORTS, 220));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ended = that_end(&root.join(GUIDE));
    let commands: Vec<Box<dyn Fn() -> Command>> = vec![
        Box::new(|| python(&["-I", "-S", "-c", "pass"])),
        Box::new(|| python(&["-c", "pass"])),
        Box::new(|| {
            let mut command = python(&["-I", "-c", PLAIN]);
            command.args(&ended);
            command
        }),
        Box::new(|| checked(&root.join(GUIDE), &[])),
        Box::new(|| checked(&one, &[])),
        Box::new(|| checked(&thousand, &[])),
        Box::new(|| checked(&one, &["--sandbox", "off"])),
        Box::new(|| checked(&thousand, &["--sandbox", "off"])),
        Box::new(|| checked(&few, &[])),
        Box::new(|| checked(&many, &[])),
    ];
    let [bare, site, plain, whole, one, thousand, one_off, thousand_off, few, many] =
        medians(&commands, ROUNDS).try_into().ok().expect("as many as commands");
    let base = bare.wall;
    println!("python -I -S -c pass: {base:.1} ms (1.0); python -c pass: {:.2}\n", site.wall / base);
    println!("(a) {GUIDE}");
    row("    verify, whole process", whole.wall, base);
    row("    the same snippets in one python, with their sleeps", plain.wall, base);
    row("    their processor time alone", plain.processor - bare.processor, base);
    row("    verify beyond that", whole.wall - (plain.processor - bare.processor), base);
    println!("(b) trivial snippets");
    row("    start-up, one snippet", one.wall, base);
    margin("    margin of each further one", one, thousand, 999, base);
    row("    start-up, --sandbox off", one_off.wall, base);
    margin("    margin, --sandbox off", one_off, thousand_off, 999, base);
    println!("(c) snippets that import asyncio, sqlite3, json, re, dataclasses, typing");
    row("    start-up, twenty snippets", few.wall, base);
    margin("    margin of each further one", few, many, 200, base);
    println!("(d) growth");
    grow(folder.path(), base);
}

fn row(what: &str, time: f64, base: f64) {
    println!("{what:<56} {time:>9.1} ms {:>7.2}", time / base);
}

fn margin(what: &str, less: Cost, more: Cost, count: usize, base: f64) {
    let each = (more.wall - less.wall) / count as f64;
    let processor = (more.processor - less.processor) / count as f64;
    println!(
        "{what:<56} {each:>9.3} ms {:>7.3}   {:.0} a second, {processor:.3} ms of processor time",
        each / base,
        1000.0 / each
    );
}

/// Time and memory per snippet as a guide grows.
fn grow(folder: &Path, base: f64) {
    let costs: Vec<_> = [10, 100, 1000, 10_000]
        .iter()
        .map(|count| (*count, write_guide(folder, &format!("grow{count}"), TRIVIAL, *count)))
        .map(|(count, path)| (count, measure_memory(verify(&path, &[]))))
        .collect();
    for pair in costs.windows(2) {
        let [(less, before), (more, after)] = [pair[0], pair[1]];
        let memory = (after.memory - before.memory) / (more - less) as f64;
        margin(&format!("    from {less} to {more} snippets, each"), before, after, more - less, base);
        println!("{:<56} {memory:>9.1} KiB of memory in all {:.0} MiB", "", after.memory / 1024.0);
    }
}

/// The extracted files of a guide's snippets that come to their end.
fn that_end(guide: &Path) -> Vec<PathBuf> {
    let report =
        Command::new(VERIFY).arg(guide).args(["--format", "json"]).output().expect("it starts").stdout;
    let report: serde_json::Value = serde_json::from_slice(&report).expect("a report");
    let snippets = report["guides"][0]["snippets"].as_array().expect("snippets");
    let ended = snippets.iter().filter(|snippet| snippet["runs"][0]["status"] == "ran");
    let file = |id: &str| guide.with_extension("").join(format!("{id}.py"));
    ended.filter_map(|snippet| snippet["id"].as_str()).map(file).collect()
}
