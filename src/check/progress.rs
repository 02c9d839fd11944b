//! A bar on a terminal, for checks that take longer than a glance. It names the snippet that takes long.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use console::{Term, truncate_str};

/// A check is not worth a bar until it has lasted this long.
const PATIENCE: Duration = Duration::from_millis(500);

/// A run that lasts longer is named.
const SLOW: Duration = Duration::from_secs(1);

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(100);

/// Columns of the bar.
const BAR: usize = 24;

/// Columns that stay free: what Ctrl-C echoes must not begin another line, which would be the one that is cleared.
const FREE: usize = 3;

/// The progress of a check. Hidden where standard error is no terminal.
pub struct Progress(Arc<Mutex<State>>);

/// What goes on at the moment.
struct State {
    began: Instant,
    /// Snippets that have run, and those of guides that were opened.
    done: usize,
    length: usize,
    /// Guides that are done, and all.
    guides: (usize, usize),
    /// What is being done besides running.
    told: String,
    /// What runs, and since when; the longest first.
    running: Vec<(String, Instant)>,
    /// Whether a bar is on the terminal.
    is_drawn: bool,
    /// Whether nothing is drawn any more.
    over: bool,
}

impl Progress {
    /// Starts counting on the way through so many guides.
    pub fn start(guides: usize, shown: bool) -> Progress {
        let state = Arc::new(Mutex::new(State::new(guides)));
        if shown {
            let state = Arc::clone(&state);
            std::thread::spawn(move || draw(&state));
        }
        Progress(state)
    }

    /// Says what else is being done, as long as it is.
    pub fn teller(&self) -> Box<dyn Fn(&str) + Send + Sync> {
        let state = Arc::clone(&self.0);
        Box::new(move |what| what.clone_into(&mut locked(&state).told))
    }

    /// A guide has so many runs.
    pub fn expect(&self, runs: usize) {
        locked(&self.0).length += runs;
    }

    /// A guide is done. What that writes, perhaps to the same terminal, stands where the bar was.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        let mut state = locked(&self.0);
        state.guides.0 += 1;
        state.clear();
        write()
    }

    /// Does a snippet's work, which has a name, and counts it.
    pub fn count<T>(&self, name: &str, work: impl FnOnce() -> T) -> T {
        let since = Instant::now();
        locked(&self.0).running.push((name.to_owned(), since));
        let done = work();
        let mut state = locked(&self.0);
        state.running.retain(|running| *running != (name.to_owned(), since));
        state.done += 1;
        done
    }
}

/// Draws until it is over. Whether the terminal takes it is no matter for a check.
fn draw(state: &Mutex<State>) {
    let terminal = Term::stderr();
    std::thread::sleep(PATIENCE);
    loop {
        let mut state = locked(state);
        if state.over {
            return;
        }
        let room = usize::from(terminal.size().1).saturating_sub(FREE);
        let _ = terminal.clear_line();
        let _ = terminal.write_str(&truncate_str(&state.line(), room, "…"));
        state.is_drawn = true;
        drop(state);
        std::thread::sleep(TICK);
    }
}

impl State {
    fn new(guides: usize) -> State {
        let (told, running) = (String::new(), Vec::new());
        let (began, guides) = (Instant::now(), (0, guides));
        State { began, done: 0, length: 0, guides, told, running, is_drawn: false, over: false }
    }

    fn line(&self) -> String {
        let State { done, length, guides, .. } = self;
        // How many snippets there are in many guides shows as they are opened.
        let (part, all, what) = match guides {
            (_, 0 | 1) => (done, length, "snippets"),
            (part, all) => (part, all, "guides"),
        };
        let full = BAR * part / all.max(&1);
        let (full, empty) = ("█".repeat(full), "░".repeat(BAR - full));
        let seconds = self.began.elapsed().as_secs();
        format!("{full}{empty} {part}/{all} {what} {seconds} s {}", self.message())
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.is_drawn) {
            let _ = Term::stderr().clear_line();
        }
    }

    fn message(&self) -> String {
        let slow = self.running.first().map(|(name, since)| (name, since.elapsed()));
        match slow.filter(|(_, time)| *time >= SLOW) {
            _ if !self.told.is_empty() => self.told.clone(),
            Some((name, time)) => format!("({name} takes {} s)", time.as_secs()),
            None => String::new(),
        }
    }
}

/// Nobody leaves it half changed.
fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Progress {
    fn drop(&mut self) {
        let mut state = locked(&self.0);
        state.over = true;
        state.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_named() {
        let ago = |seconds| Instant::now() - Duration::from_secs(seconds);
        let mut state = State::new(1);
        state.length = 4;
        state.running = vec![("a.md 1.1".to_owned(), ago(7)), ("a.md 1.2".to_owned(), ago(2))];
        assert!(state.line().ends_with(" 0/4 snippets 0 s (a.md 1.1 takes 7 s)"), "{}", state.line());
        state.told = "installing x".into();
        assert!(state.line().ends_with(" 0 s installing x"), "{}", state.line());
        state.told.clear();
        state.running = vec![("a.md 1.1".to_owned(), Instant::now())];
        assert_eq!(state.message(), "");
    }

    #[test]
    fn what_is_done_runs_no_more() {
        let progress = Progress::start(1, false);
        progress.expect(1);
        let running = |progress: &Progress| locked(&progress.0).running.len();
        assert_eq!(progress.count("a.md 1.1", || running(&progress)), 1);
        assert_eq!((running(&progress), locked(&progress.0).done), (0, 1));
        assert!(locked(&progress.0).line().starts_with(&"█".repeat(BAR)));
    }

    #[test]
    fn of_many_guides_those_that_are_done_are_counted() {
        let progress = Progress::start(4, false);
        progress.expect(9);
        progress.aside(|| ());
        let line = locked(&progress.0).line();
        assert!(line.starts_with(&"█".repeat(BAR / 4)) && line.contains(" 1/4 guides 0 s"), "{line}");
    }
}
