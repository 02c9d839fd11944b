//! What a run left, put in order: the facts that the judge works on.
//!
//! Events come from a process that ran a stranger's code. Whatever cannot be read is passed over;
//! nothing here fails.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::bytes::Regex;
use serde::Deserialize;

use super::protocol::{Answer, Ending};
use crate::value::Value;

/// What happened in one run.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// The day of the run in the ways that programs write it.
    pub today: Vec<String>,
    /// How the process ended.
    pub ending: Option<Ending>,
    /// Whether the runner came to its own end.
    pub done: bool,
    /// Real time, in milliseconds.
    pub duration_ms: f64,
    /// Bytes written to standard output and standard error, up to the limit.
    pub output: [Vec<u8>; 2],
    /// Whether more was written than is kept.
    pub truncated: bool,
    /// What happened to each unit that was started.
    pub units: HashMap<usize, UnitSeen>,
    /// Every execution of each probe's place, in order.
    pub probes: HashMap<usize, Vec<Execution>>,
    /// Which guide lines caused the output from a byte on, innermost first.
    pub marks: Vec<Mark>,
    /// Units that tried to reach another machine, and which.
    pub network: Vec<(usize, String)>,
    /// Whether earlier snippets had changed what every snippet takes for granted: builtins, the streams.
    pub tampered: bool,
    /// The looked-for names that exist at the end.
    pub names: HashSet<String>,
    /// Guide lines of the traceback dumped at a crash or timeout, innermost first.
    pub last_lines: Vec<usize>,
}

/// A unit that was started.
#[derive(Clone, Debug, Default)]
pub struct UnitSeen {
    /// Bytes of each stream at its start.
    pub start: [usize; 2],
    /// Bytes of each stream at its end, if it came to it.
    pub end: Option<[usize; 2]>,
    /// The exception that left it.
    pub failure: Option<Failure>,
}

/// From a byte of a stream on, these guide lines caused the output.
#[derive(Clone, Debug, Deserialize)]
pub struct Mark {
    /// 0 for standard output, 1 for standard error.
    #[serde(rename = "s")]
    pub stream: usize,
    /// Guide lines on the stack, innermost first.
    #[serde(rename = "l")]
    pub lines: Vec<usize>,
    /// Bytes written to each stream before.
    #[serde(rename = "o")]
    pub at: [usize; 2],
}

/// One execution of the place that a probe stands on.
#[derive(Clone, Debug, Default)]
pub struct Execution {
    /// Bytes of each stream at its start.
    pub start: [usize; 2],
    /// Bytes of each stream at its end, if it came to it.
    pub end: Option<[usize; 2]>,
    /// Values, each with its role: `value`, `assigned`, `returned`, `yielded`, `test`, `item`, `after:x`.
    pub values: Vec<Seen>,
    /// The exception that left it.
    pub caught: Option<Failure>,
    /// The state of the objects it names, before.
    pub before: Vec<Fact>,
    /// The same, after.
    pub after: Vec<Fact>,
    /// Expressions of claims, evaluated after it.
    pub evaluated: Vec<Evaluated>,
}

/// A value that was seen.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Seen {
    /// Where it was seen.
    #[serde(default)]
    pub role: String,
    /// The value, taken apart.
    #[serde(rename = "v")]
    pub value: Value,
    /// Its `repr`.
    pub repr: String,
    /// Its `str`, where that differs.
    pub str: Option<String>,
    /// An iterator's items.
    #[serde(default)]
    pub contents: Option<Vec<Value>>,
}

/// A fact about an object's state: path, kind, items.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Fact(pub String, pub String, pub Vec<String>);

/// What became of an expression of a claim.
#[derive(Clone, Debug, Deserialize)]
pub struct Evaluated {
    /// The expression.
    pub code: String,
    /// What it printed.
    pub out: String,
    /// Its value.
    pub fact: Option<Seen>,
    /// Its exception.
    #[serde(rename = "e")]
    pub failure: Option<Failure>,
}

/// An exception. Lines are the guide's.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Failure {
    /// Its class's name.
    #[serde(rename = "type")]
    pub kind: String,
    /// The names of its class and all its bases.
    pub bases: Vec<String>,
    /// `str` of it.
    pub message: String,
    /// The name that was not found (`NameError`, `ImportError`).
    pub name: Option<String>,
    /// The file that was not found (`OSError`).
    pub filename: Option<String>,
    /// The line of a `SyntaxError`.
    pub syntax_line: Option<usize>,
    /// Its class's name and those of the exceptions it came from.
    pub chain: Vec<String>,
    /// The guide's lines in its traceback, outermost first.
    pub lines: Vec<usize>,
    /// The line of the running statement.
    pub line: Option<usize>,
}

impl Failure {
    /// Whether its class is or derives from one of that name.
    pub fn is_a(&self, class: &str) -> bool {
        let last = class.rsplit('.').next().unwrap_or(class);
        self.bases.iter().any(|base| base == last)
    }

    /// The last line of its traceback.
    pub fn headline(&self) -> String {
        if self.message.is_empty() { self.kind.clone() } else { format!("{}: {}", self.kind, self.message) }
    }
}

#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
enum Event {
    Ready {
        #[serde(default)]
        today: Vec<String>,
    },
    Unit {
        i: usize,
        o: [usize; 2],
    },
    UnitEnd {
        i: usize,
        o: [usize; 2],
        e: Option<Failure>,
    },
    Mark(Mark),
    Begin {
        p: usize,
        o: [usize; 2],
    },
    Close {
        p: usize,
        o: [usize; 2],
    },
    Value {
        p: usize,
        #[serde(flatten)]
        seen: Seen,
    },
    Caught {
        p: usize,
        e: Failure,
    },
    State {
        p: usize,
        when: String,
        facts: Vec<Fact>,
    },
    Evaluated {
        p: usize,
        #[serde(flatten)]
        evaluated: Evaluated,
    },
    Network {
        i: usize,
        host: String,
    },
    Done {
        names: HashSet<String>,
    },
    Tampered,
    #[serde(other)]
    Other,
}

/// Puts a run's answer and its bytes in order. `guide` is the file name of its tracebacks.
pub fn observation(
    answer: &Answer,
    events: &[u8],
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    guide: &str,
) -> Observation {
    const LIMIT: usize = 1 << 20;
    let mut seen = Observation {
        ending: Some(answer.ending.clone()),
        duration_ms: answer.duration_ms,
        truncated: stdout.len() > LIMIT || stderr.len() > LIMIT,
        output: [stdout, stderr],
        ..Observation::default()
    };
    seen.output.iter_mut().for_each(|bytes| bytes.truncate(LIMIT));
    for line in events.split(|byte| *byte == b'\n') {
        match serde_json::from_slice(line) {
            Ok(event) => seen.take(event),
            Err(_) => seen.last_lines.extend(dumped_line(line, guide)),
        }
    }
    seen
}

static DUMPED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^  File "(?P<file>.*)", line (?P<line>\d+) in "#).expect("valid"));

/// The guide line in a line of a dumped traceback.
fn dumped_line(line: &[u8], guide: &str) -> Option<usize> {
    let found = DUMPED.captures(line)?;
    let ours = &found["file"] == guide.as_bytes() || found["file"].ends_with(b"...");
    ours.then(|| std::str::from_utf8(&found["line"]).ok()?.parse().ok()).flatten()
}

impl Observation {
    fn take(&mut self, event: Event) {
        match event {
            Event::Unit { i, o } => {
                self.units.insert(i, UnitSeen { start: o, ..UnitSeen::default() });
            }
            Event::UnitEnd { i, o, e } => {
                if let Some(unit) = self.units.get_mut(&i) {
                    (unit.end, unit.failure) = (Some(o), e);
                }
            }
            Event::Mark(mark) => self.marks.push(mark),
            Event::Begin { p, o } => {
                self.probes.entry(p).or_default().push(Execution { start: o, ..Execution::default() });
            }
            Event::Close { p, o } => {
                // With recursion the innermost execution is the first to end.
                let open = self.probes.get_mut(&p).and_then(|all| all.iter_mut().rfind(|e| e.end.is_none()));
                if let Some(execution) = open {
                    execution.end = Some(o);
                }
            }
            Event::Value { p, seen } => self.execution(p).values.push(seen),
            Event::Caught { p, e } => self.execution(p).caught = Some(e),
            Event::State { p, when, facts } => {
                let execution = self.execution(p);
                if when == "before" { execution.before = facts } else { execution.after = facts }
            }
            Event::Evaluated { p, evaluated } => self.execution(p).evaluated.push(evaluated),
            Event::Network { i, host } => self.network.push((i, host)),
            Event::Done { names } => (self.done, self.names) = (true, names),
            Event::Ready { today } => self.today = today,
            Event::Tampered => self.tampered = true,
            Event::Other => {}
        }
    }

    /// The execution of a probe that is under way. A probe on an expression has no begin: each of its
    /// values is an execution.
    fn execution(&mut self, probe: usize) -> &mut Execution {
        let all = self.probes.entry(probe).or_default();
        let open = all.iter().rposition(|execution| execution.end.is_none());
        if open.is_none() {
            all.push(Execution { end: Some([0, 0]), ..Execution::default() });
        }
        let last = open.unwrap_or(all.len() - 1);
        &mut all[last]
    }

    /// The text of a stream (0 or 1) between two offsets.
    pub fn text(&self, stream: usize, from: usize, to: usize) -> String {
        let bytes = &self.output[stream];
        let to = to.min(bytes.len());
        String::from_utf8_lossy(&bytes[from.min(to)..to]).into_owned()
    }

    /// The last unit that was started.
    pub fn last_unit(&self) -> Option<usize> {
        self.units.keys().max().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(events: &str) -> Observation {
        let answer = Answer { ending: Ending::Exited(0), duration_ms: 1.0 };
        observation(&answer, events.as_bytes(), b"one\ntwo\n".to_vec(), vec![], "g.md")
    }

    #[test]
    fn events_are_put_in_order() {
        let seen = seen(concat!(
            "{\"t\":\"unit\",\"i\":0,\"o\":[0,0]}\n",
            "{\"t\":\"begin\",\"p\":3,\"o\":[0,0]}\n",
            "{\"t\":\"value\",\"p\":3,\"role\":\"value\",\"v\":{\"t\":\"int\",\"v\":\"1\"},\"repr\":\"1\",\"str\":null,\"contents\":null,\"o\":[4,0]}\n",
            "{\"t\":\"close\",\"p\":3,\"o\":[4,0]}\n",
            "{\"t\":\"unit_end\",\"i\":0,\"e\":null,\"o\":[8,0]}\n",
            "{\"t\":\"done\",\"names\":[\"x\"],\"o\":[8,0]}\n",
        ));
        let execution = &seen.probes[&3][0];
        assert_eq!(execution.values[0].value, Value::Int("1".into()));
        assert_eq!(seen.text(0, execution.start[0], execution.end.unwrap()[0]), "one\n");
        assert!(seen.done && seen.names.contains("x") && seen.units[&0].end == Some([8, 0]));
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        let seen = seen(
            "{\"t\":\"unit\"\n\u{0}garbage\n{\"t\":\"later\"}\n  File \"g.md\", line 7 in <module>\n{\"t\":\"close\",\"p\":9,\"o\":[0,0]}\n[1,2]\n",
        );
        assert_eq!(seen.last_lines, [7]);
        assert!(!seen.done && seen.units.is_empty());
        assert_eq!(seen.text(0, 900, 1), "");
    }
}
