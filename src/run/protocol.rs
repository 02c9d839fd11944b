//! What goes over the wire between `verify`, its stems, its workers and the runs in them.
//!
//! Frames are a length (four bytes, big end first) and that many bytes. What a run sends is
//! untrusted: it is kept as bytes here and read by [`super::observation`].

use std::io::{self, Read, Write};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits::Limit;
use crate::needs::{Address, Lack, Service};
use crate::pythons::Interpreter;

/// The name of the hidden subcommand that a stem of workers is started with.
pub const WORKER: &str = "__worker";

/// The largest frame that is accepted, in bytes.
const MAX_FRAME: usize = 1 << 28;

/// How runs are kept away from everything that is not theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Layer A: in a system of their own.
    Namespaces,
    /// Layer B: by rules on the system that is there.
    Rules,
    /// Not at all.
    Off,
}

impl Layer {
    /// Its name, as a worker's argument and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Layer::Namespaces => "namespaces",
            Layer::Rules => "rules",
            Layer::Off => "off",
        }
    }
}

/// A worker's first frame.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Greeting {
    /// It is ready.
    Ready(Hello),
    /// Its layer of the sandbox is not to be had, for this reason.
    Refused(String),
    /// The interpreter that its runs are to have does not work, for this reason.
    Failed(String),
}

/// The sandbox that a run is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sandbox {
    /// Its layer.
    pub layer: Layer,
    /// What it cannot do on this machine, in words.
    pub lacks: Vec<String>,
}

/// A worker that is ready: the interpreter and the sandbox that its runs have.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// `3.11.7`.
    pub version: String,
    /// `CPython`.
    pub implementation: String,
    /// Its executable.
    pub path: String,
    /// Where it runs snippets.
    pub sandbox: Sandbox,
    /// Where it looks for modules, and its own parts.
    pub files: Vec<PathBuf>,
}

impl Hello {
    /// Its version as (major, minor).
    pub fn minor(&self) -> (u8, u8) {
        minor(&self.version)
    }
}

/// `3.11.7` as (3, 11).
pub fn minor(version: &str) -> (u8, u8) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// Which packages runs find beside the standard library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Site {
    /// Those that the interpreter has.
    #[default]
    Own,
    /// Those of an environment, given the path of its interpreter.
    Environment(PathBuf),
    /// None.
    Empty,
}

impl Site {
    /// The folder of the environment.
    pub fn prefix(&self) -> Option<PathBuf> {
        match self {
            Site::Environment(python) => python.ancestors().nth(2).map(PathBuf::from),
            Site::Own | Site::Empty => None,
        }
    }

    /// Its name, as the runner knows it.
    pub fn name(&self) -> &'static str {
        match self {
            Site::Own => "own",
            Site::Environment(_) => "environment",
            Site::Empty => "empty",
        }
    }
}

/// What is the same for all workers of a stem; the first frame that it gets.
#[derive(Debug, Serialize, Deserialize)]
pub struct Setup {
    /// Where packages come from.
    pub site: Site,
    /// Whether waiting is simulated.
    pub virtual_time: bool,
    /// The interpreter that runs have, if not the embedded one.
    pub python: Option<Interpreter>,
}

/// What a stem is asked for: one more worker. It comes with the worker's end of the line to it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Start {
    /// Its sandbox.
    pub layer: Layer,
    /// Where runs without a mount of their own have their folders. It is removed in the end.
    pub folder: Option<PathBuf>,
    /// Modules to import before it is made, for all that come after it.
    pub preload: Vec<String>,
    /// Servers that it keeps beside its runs.
    pub servers: Vec<Server>,
}

/// A server that this machine has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Server {
    /// Which.
    pub service: Service,
    /// The folder of its programs.
    pub programs: PathBuf,
}

/// What a worker is asked to do; followed by a frame with the job, and one with the body of each page.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// Real time the run may take, in milliseconds.
    pub timeout_ms: u64,
    /// Modules to import before it, for all runs of the worker.
    pub preload: Vec<String>,
    /// What other machines answer.
    pub pages: Vec<Page>,
}

/// An answer of another machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Page {
    /// Where it is asked for.
    pub address: Address,
    /// Its status code.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body, which has a frame of its own.
    #[serde(skip)]
    pub body: Vec<u8>,
}

/// Something that was to be supplied to a run and was not there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lacking {
    /// What.
    pub what: Lack,
    /// Why, in words that follow its name.
    pub why: String,
    /// What to do about it.
    pub remedy: String,
}

impl Lacking {
    /// What takes a network that runs do not have in this sandbox.
    pub fn network(what: Lack) -> Lacking {
        let why = "cannot be had: the sandbox has no network of its own here".to_owned();
        let remedy = "run verify where it may make namespaces: `verify -v` says what keeps it from that";
        Lacking { what, why, remedy: remedy.to_owned() }
    }

    /// What a run asked another machine for that nobody has given.
    pub fn page(url: String) -> Lacking {
        Lacking { what: Lack::Page(url), why: "is not given".to_owned(), remedy: String::new() }
    }

    /// The server that it is.
    pub fn service(&self) -> Option<Service> {
        match self.what {
            Lack::Service(service) => service,
            _ => None,
        }
    }
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
    /// It was ended because it slept too long in its own time.
    Slept,
    /// It was ended because it took more than a run may have.
    Over(Limit),
    /// It could not be put into its sandbox.
    NotStarted,
    /// Its worker died or stopped with it.
    Lost,
}

/// A worker's answer; followed by three frames: events, standard output, standard error.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// How it ended.
    pub ending: Ending,
    /// Real time from fork to end, in milliseconds.
    pub duration_ms: f64,
    /// What was not there for it.
    pub lacking: Vec<Lacking>,
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
    // What was announced need not come: memory grows with what does.
    let mut bytes = Vec::new();
    from.take(length as u64).read_to_end(&mut bytes)?;
    match bytes.len() == length {
        true => Ok(Some(bytes)),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_what_was_written() {
        let mut wire = Vec::new();
        write_frame(&mut wire, b"one").unwrap();
        write_frame(&mut wire, b"").unwrap();
        let from = &mut &wire[..];
        assert_eq!(read_frame(from).unwrap().unwrap(), b"one");
        assert_eq!(read_frame(from).unwrap().unwrap(), b"");
        assert_eq!(read_frame(from).unwrap(), None);
    }

    #[test]
    fn a_frame_that_is_cut_or_too_long_is_an_error() {
        assert!(read_frame(&mut &b"\0\0\0\x05four"[..]).is_err());
        assert!(read_frame(&mut &b"\xff\xff\xff\xff"[..]).is_err());
    }
}
