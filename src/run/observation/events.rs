//! From what a run sent to an [`Observation`].
//!
//! Events come from a process that ran a stranger's code. Whatever cannot be read is passed over;
//! nothing here fails.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::bytes::Regex;
use serde::Deserialize;

use super::super::protocol::Answer;
use super::{Evaluated, Execution, Fact, Failure, Mark, Observation, Seen, SetupSeen, UnitSeen};
use crate::limits::OUTPUT;

#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
enum Event {
    Ready {
        #[serde(default)]
        today: Vec<String>,
    },
    Setup {
        place: String,
        database: Option<String>,
    },
    SetupEnd {
        e: Option<Failure>,
        line: Option<usize>,
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
    Server {
        i: usize,
        port: u16,
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
    let mut seen = Observation {
        ending: Some(answer.ending.clone()),
        duration_ms: answer.duration_ms,
        lacking: answer.lacking.clone(),
        truncated: stdout.len().max(stderr.len()) > OUTPUT,
        output: [stdout, stderr],
        ..Observation::default()
    };
    seen.output.iter_mut().for_each(|bytes| bytes.truncate(OUTPUT));
    let mut open = Open::default();
    for line in events.split(|byte| *byte == b'\n') {
        match serde_json::from_slice(line) {
            Ok(event) => seen.take(event, &mut open),
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

/// The executions of each probe that are under way, by their places in its list, the innermost last.
type Open = HashMap<usize, Vec<usize>>;

impl Observation {
    fn take(&mut self, event: Event, open: &mut Open) {
        match event {
            Event::Setup { place, database } => {
                self.setup = Some(SetupSeen { place, database, line: None, failure: None });
            }
            Event::SetupEnd { e: None, .. } => self.setup = None,
            Event::SetupEnd { e, line } => {
                if let Some(setup) = &mut self.setup {
                    (setup.failure, setup.line) = (e, line);
                }
            }
            Event::Unit { i, o } => {
                self.units.insert(i, UnitSeen { start: o, ..UnitSeen::default() });
            }
            Event::UnitEnd { i, o, e } => {
                if let Some(unit) = self.units.get_mut(&i) {
                    (unit.end, unit.failure) = (Some(o), e);
                }
            }
            Event::Mark(mark) => self.marks.push(mark),
            Event::Begin { p, o } => self.begin(p, o, open),
            Event::Close { p, o } => {
                // With recursion the innermost execution is the first to end.
                if let Some(innermost) = open.get_mut(&p).and_then(Vec::pop) {
                    self.probes.entry(p).or_default()[innermost].end = Some(o);
                }
            }
            Event::Value { p, seen } => self.execution(p, open).values.push(seen),
            Event::Caught { p, e } => self.execution(p, open).caught = Some(e),
            Event::State { p, when, facts } => {
                let execution = self.execution(p, open);
                if when == "before" { execution.before = facts } else { execution.after = facts }
            }
            Event::Evaluated { p, evaluated } => self.execution(p, open).evaluated.push(evaluated),
            Event::Network { i, host } => self.network.push((i, host)),
            Event::Server { i, port } => self.servers.push((i, port)),
            Event::Done { names } => (self.done, self.names) = (true, names),
            Event::Ready { today } => self.today = today,
            Event::Tampered => self.tampered = true,
            Event::Other => {}
        }
    }

    fn begin(&mut self, probe: usize, start: [usize; 2], open: &mut Open) {
        let all = self.probes.entry(probe).or_default();
        open.entry(probe).or_default().push(all.len());
        all.push(Execution { start, ..Execution::default() });
    }

    /// The execution of a probe that is under way. A probe on an expression has no begin: each of its
    /// values is an execution.
    fn execution(&mut self, probe: usize, open: &Open) -> &mut Execution {
        let all = self.probes.entry(probe).or_default();
        let innermost = open.get(&probe).and_then(|open| open.last()).copied();
        let at = innermost.unwrap_or(all.len());
        if at == all.len() {
            all.push(Execution { end: Some([0, 0]), ..Execution::default() });
        }
        &mut all[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Ending;
    use crate::value::Value;

    fn seen(events: &str) -> Observation {
        let answer = Answer { ending: Ending::Exited(0), duration_ms: 1.0, lacking: vec![] };
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

    #[test]
    fn the_end_of_an_output_is_found_from_behind() {
        let seen = Observation { output: [b"a\nb\n\nc\n".to_vec(), vec![]], ..Observation::default() };
        assert_eq!(seen.last_lines_of(0, 0, 99, 1), "c\n");
        assert_eq!(seen.last_lines_of(0, 0, 99, 3), "b\n\nc\n");
        assert_eq!(seen.last_lines_of(0, 0, 99, 60), "a\nb\n\nc\n");
        assert_eq!(seen.last_lines_of(0, 2, 3, 60), "b");
        assert_eq!((seen.begun_line(0, 0, 3), seen.begun_line(0, 0, 4)), ("b".into(), String::new()));
    }
}
