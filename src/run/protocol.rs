//! What goes over the wire between `verify`, its workers and the runs in them.
//!
//! Frames are a length (four bytes, big end first) and that many bytes. What a run sends is
//! untrusted: it is kept as bytes here and read by [`super::observation`].

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

/// The largest frame that is accepted, in bytes.
const MAX_FRAME: usize = 1 << 28;

/// A worker's first frame: the interpreter it embeds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// `3.11.7`.
    pub version: String,
    /// `CPython`.
    pub implementation: String,
    /// Its executable.
    pub path: String,
}

/// What a worker is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request<'a> {
    /// Modules to import before the fork, once per worker.
    #[serde(borrow)]
    pub preload: Vec<&'a str>,
    /// Real time the run may take, in milliseconds.
    pub timeout_ms: u64,
}

/// One run, as the runner in the child reads it.
#[derive(Clone, Debug, Serialize)]
pub struct Job {
    /// The file name that tracebacks show: the guide's path.
    pub guide: String,
    /// The run's working folder.
    pub folder: String,
    /// Where `__main__`'s file is written.
    pub main: String,
    /// What runs, in order.
    pub units: Vec<Unit>,
    /// Names to look for at the end.
    pub names: Vec<String>,
}

/// A top-level statement (several, where they share a line).
#[derive(Clone, Debug, Serialize)]
pub struct Unit {
    /// The guide line of its first line.
    pub line: usize,
    /// Its text.
    pub source: String,
    /// Whether expressions show their value, as at a prompt.
    pub interactive: bool,
    /// What is looked at while it runs.
    pub probes: Vec<Probe>,
}

/// A place whose values, exceptions or states are wanted. Lines are the guide's, columns are bytes
/// from 0 within the unit's line, as in Python's `ast`.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// Names the probe in the events.
    pub id: usize,
    /// `statement` or `expression`.
    pub part: Part,
    /// Where it starts.
    pub line: usize,
    /// Where it starts.
    pub column: usize,
    /// Where it ends.
    pub end_line: usize,
    /// Where it ends.
    pub end_column: usize,
    /// Whether the statement's own value is wanted.
    pub value: bool,
    /// Expressions (names, attributes) to read after it.
    pub after: Vec<String>,
    /// Expressions to evaluate after it, in a process of their own.
    pub evaluate: Vec<String>,
    /// Whether the state of the objects that it names is wanted, before and after.
    pub state: bool,
}

/// What a probe stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Part {
    Statement,
    Expression,
}

/// How a run's process ended, as its worker saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With this exit code.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// It was ended because its time was up.
    TimedOut,
    /// It was ended because it sent more than anybody would read.
    Flooded,
}

/// A worker's answer; followed by three frames: events, standard output, standard error.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// How it ended.
    pub ending: Ending,
    /// Real time from fork to end, in milliseconds.
    pub duration_ms: f64,
}

/// Writes one frame.
pub fn write_frame(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::Error::other("frame too long"))?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

/// Reads one frame; `None` at the end of the stream.
pub fn read_frame(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "frame too long"));
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}
