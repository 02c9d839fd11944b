//! `verify watch`: saves of all kinds, until it is ended.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::common::Place;

/// What a loaded machine may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// verify as it watches.
struct Watching {
    place: Place,
    verify: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(place: Place, args: &[&str]) -> Watching {
        let mut verify = Command::new(env!("CARGO_BIN_EXE_verify"))
            .args([&["watch", "--format", "concise"], args].concat())
            .current_dir(place.path("."))
            .stdout(Stdio::piped())
            .spawn()
            .expect("verify starts");
        let output = BufReader::new(verify.stdout.take().expect("its output is piped"));
        let (to, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = to.send(line);
            }
        });
        Watching { place, verify, lines }
    }

    /// What is shown next, up to the line with the time of day.
    fn next(&self) -> String {
        let mut shown = String::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("nothing more than: {shown}"));
            shown += &format!("{line}\n");
            let time = line.get(..8).unwrap_or_default().split(':');
            if time.clone().count() == 3 && time.clone().all(|part| part.parse::<u8>().is_ok()) {
                return shown;
            }
        }
    }

    /// What is shown when it comes to show something: a save may show in several steps.
    fn until(&self, what: &str) -> String {
        loop {
            let shown = self.next();
            if shown.contains(what) {
                return shown;
            }
        }
    }

    /// Ends it as Ctrl-C does, which says nothing.
    fn end(mut self) {
        let verify = i32::try_from(self.verify.id()).expect("a small number");
        assert!(verify > 1);
        // SAFETY: the number of a child that was not waited for yet.
        unsafe { libc::kill(verify, libc::SIGINT) };
        assert_eq!(self.verify.wait().expect("it ends").signal(), Some(libc::SIGINT));
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // A test that failed did not end it.
        let _ = self.verify.kill();
        let _ = self.verify.wait();
    }
}

fn guide(code: &str) -> String {
    format!("## 1\n\n```python\n{code}\n```\n")
}

fn place(code: &str) -> Place {
    let place = Place::new();
    place.write("guide.md", guide(code));
    place
}

#[test]
fn a_guide_is_checked_however_it_is_saved() {
    let watching = Watching::start(place("1 + 1  # 3"), &["guide.md"]);
    let place = &watching.place;
    let first = watching.next();
    assert!(first.contains("guide.md:4:10: error[false-claim]") && first.contains("1 false"), "{first}");
    place.write("guide.md", guide("1 + 1  # 2"));
    assert!(!watching.until("1 hold, 0 false").contains("guide.md:"), "nothing is wrong any more");
    // As editors do that write another file and put it in the place of the first.
    place.write(".guide.md.new", guide("1 + 1  # 2\n2 + 2  # 4"));
    fs::rename(place.path(".guide.md.new"), place.path("guide.md")).unwrap();
    watching.until("2 hold, 0 false");
    fs::rename(place.path("guide.md"), place.path("guide.md~")).unwrap();
    watching.until("guide.md: error: cannot be read");
    place.write("guide.md", "");
    place.write("guide.md", guide("1 + 1  # 2"));
    watching.until("1 hold, 0 false");
    watching.end();
}

#[test]
fn what_stands_around_a_guide_is_watched() {
    let watching = Watching::start(place("int(open('n.txt').read())  # 5"), &["guide.md"]);
    let place = &watching.place;
    watching.until("1 undecided");
    place.write("n.txt", "5");
    place.write("verify.toml", "files.'n.txt' = { path = 'n.txt' }\n");
    watching.until("1 hold");
    place.write("n.txt", "6");
    watching.until("1 false");
    place.write("verify.toml", "filess = 1\n");
    assert!(watching.until("error: cannot be checked").contains("verify.toml:1:1"));
    place.write("verify.toml", "files.'n.txt' = '5'\n");
    watching.until("1 hold");
    place.write("snippets/guide/1.1.check.py", "2 * 2  # 4\n");
    watching.until("2 hold");
    assert!(place.path("expected/guide/1.1.snap.new").exists(), "snapshots are compared as in a check");
    watching.end();
}

#[test]
fn what_it_writes_itself_is_no_save() {
    let place = place("print(1)  # 1");
    place.write("verify.toml", "guides = ['*.md']\n");
    let watching = Watching::start(place, &[]);
    assert!(
        watching.next().contains("1 hold") && watching.place.path("expected/guide/1.1.snap.new").exists()
    );
    watching.place.write("other.md", guide("print(2)  # 2"));
    let next = watching.next();
    assert!(next.contains("2 hold") && next.contains("2 snippets in 2 guides"), "{next}");
    watching.place.write("guide.md", guide("print(1)  # 7"));
    let next = watching.next();
    assert!(next.contains("guide.md:4:13: error") && next.contains("1 hold, 1 false"), "{next}");
    watching.end();
}

#[test]
fn a_folder_shows_new_guides_and_forgets_those_that_are_gone() {
    let place = place("1  # 1");
    fs::create_dir(place.path("docs")).unwrap();
    place.write("docs/a.md", guide("1  # 1"));
    let watching = Watching::start(place, &["docs"]);
    watching.until("1 snippet in 1 guide");
    watching.place.write("docs/deep/er/b.md", guide("2  # 3"));
    assert!(watching.until("2 snippets in 2 guides").contains("docs/deep/er/b.md:4:6: error"));
    fs::remove_file(watching.place.path("docs/a.md")).unwrap();
    watching.until("1 snippet in 1 guide");
    watching.end();
}

#[test]
fn a_save_gives_up_what_is_under_way() {
    let watching = Watching::start(place("1  # 1"), &["guide.md", "--timeout", "600"]);
    watching.until("1 hold");
    watching.place.write("guide.md", guide("open('mark', 'w')\nwhile True: pass"));
    std::thread::sleep(Duration::from_secs(1));
    watching.place.write("guide.md", guide("2  # 2"));
    watching.until("1 hold");
    watching.place.write("guide.md", guide("while True: pass"));
    std::thread::sleep(Duration::from_millis(500));
    watching.end();
}

#[test]
fn what_cannot_be_watched_at_all_is_an_error() {
    let place = Place::new();
    let none = place.verify(&["watch"]);
    assert_eq!(none.code(), Some(2));
    assert!(none.stderr().contains("no guide given"), "{}", none.stderr());
    place.write("guide.md", guide("1  # 1"));
    let unknown = place.verify(&["watch", "guide.md", "--block", "7"]);
    assert_eq!(unknown.code(), Some(2));
    assert!(unknown.stderr().contains("no block or snippet is called `7`"), "{}", unknown.stderr());
}
