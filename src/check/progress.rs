//! A bar on a terminal, for checks that take longer than a glance.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A check is not worth a bar until it has lasted this long.
const PATIENCE: Duration = Duration::from_millis(500);

/// The progress of a check. Hidden where standard error is no terminal.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Starts counting to `length`.
    pub fn start(length: usize, shown: bool) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::hidden());
        if shown {
            let style = ProgressStyle::with_template("{bar:24} {pos}/{len} snippets {elapsed} {wide_msg}")
                .expect("a valid template");
            bar.set_style(style);
            let waiting = bar.clone();
            std::thread::spawn(move || {
                std::thread::sleep(PATIENCE);
                if !waiting.is_finished() {
                    waiting.set_draw_target(ProgressDrawTarget::stderr());
                    waiting.enable_steady_tick(Duration::from_millis(100));
                }
            });
        }
        Progress { bar }
    }

    /// Says what else is being done, as long as it is.
    pub fn teller(&self) -> Box<dyn Fn(&str) + Send + Sync> {
        let bar = self.bar.clone();
        Box::new(move |what| bar.set_message(what.to_owned()))
    }

    /// Counts one snippet.
    pub fn one_done(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
