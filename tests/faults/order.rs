//! What goes into the cage and what comes out of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What is to be run inside.
#[derive(Serialize, Deserialize)]
pub struct Order {
    /// The executable under test.
    pub verify: PathBuf,
    /// An empty folder for everything.
    pub folder: PathBuf,
    /// A word that stands in the name of whatever an attack leaves in shared places.
    pub mark: String,
    /// The guide, with placeholders.
    pub guide: String,
    /// Whether the control guide is judged, too.
    pub control: bool,
    /// Snippets at a time.
    pub jobs: u16,
    /// Seconds for each run.
    pub timeout: u16,
    /// Whether namespaces are refused, as in a container.
    pub contained: bool,
    /// Whether the cage maps its one user to root, which verify then has to be mapped back from.
    pub mapped: bool,
    /// The user to be, instead of whoever runs the tests.
    pub uid: Option<u32>,
}

impl Order {
    /// What nobody may get to know.
    pub fn secret(&self) -> String {
        format!("secret-of-{}", self.mark)
    }
}

/// What was seen.
#[derive(Serialize, Deserialize)]
pub struct Seen {
    /// The exit code; none where a signal ended it, or the watchdog.
    pub exit: Option<i32>,
    /// Standard output: the report.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// What happened around it that must not happen.
    pub wrongs: Vec<String>,
}
