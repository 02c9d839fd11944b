//! Random edits of guides and of what stands around them: a session says after each what a first check says.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::Trial;
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use tempfile::TempDir;
use verify::cache::Cache;
use verify::check::{Held, Options, Read, Session, Wanted, check_documents, check_files, read};
use verify::config::{self, Found};
use verify::report::Report;

use super::guides::{checked, told};
use super::trial;

/// How many edits there are in all; more by an environment variable of this name.
const EDITS: &str = "SESSION_EDITS";
/// Names a folder of other people's guides.
const CORPUS: &str = "SESSION_CORPUS";
const FEW: usize = 12;
/// Edits after which a guide is as it was: else little is left of it in the end.
const ROUND: usize = 6;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("a_session_says_after_any_edit_what_a_first_check_says", || any_edit(&session)),
        trial("a_cache_says_after_any_edit_what_a_first_check_says", through_a_cache),
        trial("a_cache_says_of_every_guide_what_a_first_check_says", of_every_guide),
    ]
}

/// Checks a project again and again, and gives what was said about it.
type Checks<'a> = Box<dyn FnMut(&Project) -> Vec<String> + 'a>;

fn session() -> Checks<'static> {
    let mut session = Session::new(options()).unwrap();
    Box::new(move |project| vec![told(&checked(&mut session, &[project.read()]))])
}

fn through_a_cache() {
    let (known, asked) = (Cell::new(0), Cell::new(0));
    any_edit(&|| {
        let folder = tempfile::tempdir().unwrap();
        let cache = Arc::new(Cache::new(folder.path().to_owned(), 64 << 20));
        let (known, asked) = (&known, &asked);
        Box::new(move |project| {
            let _folder = &folder;
            let guides = [(project.guide.clone(), config::find(project.folder.path()))];
            let check = || through(&cache, &guides);
            let (first, second) = (check(), check());
            // Only what is kept took as long, to the bit. What differs beside it is in no JSON.
            known.set(
                known.get() + usize::from(format!("{:?}", first.guides) == format!("{:?}", second.guides)),
            );
            asked.set(asked.get() + 1);
            vec![told(&first), told(&second)]
        })
    });
    println!("{} of {} reports were taken from a cache", known.get(), asked.get());
    assert!(known.get() * 2 > asked.get(), "hardly anything was taken from a cache");
}

/// The project's own guides, those of its tests, and those of a folder that the environment names.
fn of_every_guide() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = ["snippets", "tests/dialects"].map(|folder| root.join(folder));
    let more = std::env::var_os(CORPUS).map(PathBuf::from);
    if more.is_none() {
        println!("{CORPUS} names no folder of other guides: they are not looked at");
    }
    let folder = tempfile::tempdir().unwrap();
    let cache = Arc::new(Cache::new(folder.path().to_owned(), 64 << 20));
    let (mut known, mut asked) = (0, 0);
    for path in own.into_iter().chain(more).flat_map(|folder| guides_in(&folder)) {
        let guides = [(path.clone(), Ok(None))];
        let (first, second) = (through(&cache, &guides), through(&cache, &guides));
        let documents = [(path.clone(), read(&path, &Ok(None)))];
        let cold = first_check(&documents);
        for warm in [told(&first), told(&second)].iter().filter(|warm| **warm != cold) {
            let others = [(); 3].map(|()| first_check(&documents));
            if let Some(differing) = differing(warm, &cold, &others) {
                panic!("{}, by {differing}:\n{}", path.display(), difference(&cold, warm));
            }
        }
        known += usize::from(format!("{:?}", first.guides) == format!("{:?}", second.guides));
        asked += 1;
    }
    println!("{known} of {asked} guides were taken from a cache as a whole");
    assert!(asked > 20 && known * 2 > asked, "hardly anything was taken from a cache");
}

fn guides_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of guides").flatten().map(|entry| entry.path());
    let mut all: Vec<_> = entries.filter(|path| path.extension().is_some_and(|it| it == "md")).collect();
    all.sort();
    all
}

fn through(cache: &Arc<Cache>, guides: &[(PathBuf, Found)]) -> Report {
    let mut held = Held::default();
    let wanted = Wanted { guides, ..Wanted::default() };
    let around = check_files(&wanted, options(), Some(cache), &mut held).unwrap();
    let mut report = around.with(held.reports());
    report.count(0);
    report
}

fn any_edit<'a>(checks: &dyn Fn() -> Checks<'a>) {
    let edits = std::env::var(EDITS).ok().and_then(|text| text.parse().ok()).unwrap_or(FEW);
    let seed = std::env::var("SESSION_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut random = Random(TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let (mut done, mut unsteady, mut of_session) = (0, 0, 0);
    while done < edits {
        let mut project = Project::new(&mut random);
        let mut check = checks();
        for _ in 0..ROUND {
            let edit = project.edit(&mut random);
            let said = check(&project);
            let documents = [project.read()];
            let cold = first_check(&documents);
            if let Some(warm) = said.iter().find(|warm| **warm != cold) {
                let others = [(); 3].map(|()| first_check(&documents));
                if let Some(differing) = differing(warm, &cold, &others) {
                    project.keep();
                    let all = difference(&cold, warm);
                    panic!("{edit}, seed {seed}, by {differing}:\n{all}");
                }
                unsteady += 1;
            }
            done += 1;
            of_session += usize::from(said[0].contains("\"ran\""));
        }
    }
    println!("{done} edits, after {unsteady} of which two first checks differ");
    assert!(unsteady * 10 <= done, "hardly anything was compared");
    assert!(of_session * 2 > done, "hardly anything ran");
}

fn options() -> Options {
    Options { timeout: Some(std::time::Duration::from_secs(60)), ..Options::default() }
}

fn first_check(documents: &[(PathBuf, Read)]) -> String {
    told(&check_documents(documents, &[], options()).unwrap())
}

/// The first line of a session's report that a first check has otherwise, though all first checks agree on it.
fn differing(warm: &str, cold: &str, others: &[String]) -> Option<String> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (warm, cold) = (lines(warm), lines(cold));
    let others: Vec<_> = others.iter().map(|text| lines(text)).collect();
    if warm.len() != cold.len() || others.iter().any(|other| other.len() != cold.len()) {
        return others.iter().all(|other| *other == cold).then(|| "another number of lines".to_owned());
    }
    let is_steady = |line: &usize| others.iter().all(|other| other[*line] == cold[*line]);
    (0..cold.len()).filter(is_steady).find(|line| warm[*line] != cold[*line]).map(|line| warm[line].clone())
}

fn difference(cold: &str, warm: &str) -> String {
    similar::TextDiff::from_lines(cold, warm)
        .unified_diff()
        .header("a first check", "the session")
        .to_string()
}

struct Random(TestRng);

impl Random {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        (self.0.next_u64() % end.max(1) as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

/// A guide in a folder of its own, with what may stand around it.
struct Project {
    folder: TempDir,
    guide: PathBuf,
    /// What the guide's name is in a configuration.
    name: String,
}

const CONFIGURATIONS: [&str; 5] = [
    "",
    "env = { MODE = 'test' }\n",
    "files = { 'input.txt' = 'Hello' }\nstdin = \"Ada\\nBob\\n\"\n",
    "files = { 'data' = { path = 'data' } }\n",
    "setup = 'total = 6'\ntimeout = 50\n",
];
const DIRECTIVES: [&str; 5] = [
    "<!-- verify: skip reason=\"later\" -->",
    "<!-- verify: expect false-claim reason=\"wrong\" -->",
    "<!-- verify: with files.\"input.txt\" = \"7\" -->",
    "<!-- verify: with setup = \"x = 3\" -->",
    "<!-- verify: with stdin = \"Eve\\n\" -->",
];
const LINES: [&str; 9] = [
    "",
    "# a comment",
    "A line of prose.",
    "x = 3",
    "print(x)  # 3",
    "## Another section",
    "```python",
    "```",
    "import json, datetime",
];

impl Project {
    fn new(random: &mut Random) -> Project {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let own = root.join("tests/session/project");
        let mut guides = vec![own.join("lines.md"); 6];
        guides.push(root.join("snippets/python-refresher.md"));
        guides.push(root.join("snippets/common-mistakes.md"));
        let dialects = std::fs::read_dir(root.join("tests/dialects")).expect("guides");
        let mut dialects: Vec<_> = dialects.map(|entry| entry.expect("an entry").path()).collect();
        dialects.retain(|path| path.extension().is_some_and(|ending| ending == "md") && is_steady(path));
        dialects.sort();
        guides.extend(dialects);
        let original = guides[random.below(guides.len())].clone();
        let folder = tempfile::tempdir().expect("a folder");
        let name = original.file_name().expect("a name").to_string_lossy().into_owned();
        let guide = folder.path().join(&name);
        std::fs::copy(&original, &guide).expect("a copy");
        let project = Project { folder, guide, name };
        project.write("data/one.txt", "1");
        project.write("data/two.txt", "2");
        project.write("verify.toml", "");
        let companion = own.join("snippets/lines/names.3.check.py");
        if original.starts_with(own) {
            project
                .write("snippets/lines/names.3.check.py", &std::fs::read_to_string(companion).expect("text"));
        }
        project
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("writable");
    }

    fn read(&self) -> (PathBuf, Read) {
        (self.guide.clone(), read(&self.guide, &config::find(self.folder.path())))
    }

    /// Leaves it behind for whoever looks into a failure.
    fn keep(&mut self) {
        self.folder.disable_cleanup(true);
        println!("see {}", self.folder.path().display());
    }

    /// Changes something, and says what.
    fn edit(&mut self, random: &mut Random) -> String {
        let text = std::fs::read_to_string(&self.guide).expect("a guide");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = random.below(lines.len());
        let what = match random.below(12) {
            0 | 1 => {
                lines.insert(at, random.of(&LINES).to_owned());
                "a line is inserted"
            }
            2 => {
                lines.remove(at);
                "a line is deleted"
            }
            3 => {
                lines.swap(at, (at + 1).min(text.lines().count() - 1));
                "two lines change places"
            }
            4 | 5 => {
                change_a_number(&mut lines, at, random);
                "a number is changed"
            }
            6 | 7 => {
                move_a_fence(&mut lines, random);
                "a fence is moved"
            }
            8 => {
                let fences: Vec<_> = (0..lines.len()).filter(|at| lines[*at].starts_with("```py")).collect();
                if let Some(fence) = fences.get(random.below(fences.len())) {
                    lines.insert(*fence, random.of(&DIRECTIVES).to_owned());
                }
                "a directive is inserted"
            }
            9 => {
                let (first, last) = (random.below(lines.len()), random.below(lines.len()));
                lines[first].push_str("  # 42");
                lines.insert(last, "\nProse.\n\n".to_owned());
                "a claim and prose are inserted"
            }
            10 => {
                let about = format!("[[guide]]\npath = \"{}\"\n", self.name);
                self.write(
                    "verify.toml",
                    &format!("{}{}", random.of(&CONFIGURATIONS), random.of(&["", &about])),
                );
                "the configuration is changed"
            }
            _ => {
                self.write(random.of(&["data/one.txt", "data/three.txt"]), random.of(&["5", "6"]));
                let companion = format!("snippets/{}", self.name.replace(".md", "/1.1.check.py"));
                self.write(&companion, random.of(&["x = 1\nx  # 1\n", "\n\nx = 2\nx  # 1\n", ""]));
                "files around it are changed"
            }
        };
        std::fs::write(&self.guide, lines.join("\n") + "\n").expect("writable");
        format!("{what} near line {} of {}", at + 1, self.name)
    }
}

/// Whether nothing in a guide comes out otherwise each time.
fn is_steady(guide: &Path) -> bool {
    let text = std::fs::read_to_string(guide).expect("a guide");
    !["random", "perf_counter", "monotonic", " id("].iter().any(|word| text.contains(word))
}

/// Another digit in the next line that has one.
fn change_a_number(lines: &mut [String], from: usize, random: &mut Random) {
    let digit = random.below(10).to_string();
    for line in &mut lines[from..] {
        if let Some(at) = line.find(|c: char| c.is_ascii_digit()) {
            line.replace_range(at..=at, &digit);
            return;
        }
    }
}

/// A fence with all that is in it stands elsewhere.
fn move_a_fence(lines: &mut Vec<String>, random: &mut Random) {
    let marks: Vec<_> = (0..lines.len()).filter(|at| lines[*at].starts_with("```")).collect();
    if marks.len() < 2 {
        return;
    }
    let fence = random.below(marks.len() / 2) * 2;
    let taken: Vec<_> = lines.drain(marks[fence]..=marks[fence + 1]).collect();
    let to = random.below(lines.len() + 1);
    lines.splice(to..to, taken);
}
