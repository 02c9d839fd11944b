//! What a child sends is untrusted: any bytes are taken apart, and give no more than they are.

use verify::run::observation::{Observation, observation};
use verify::run::protocol::{Answer, Ending, read_frame};

/// The bytes as frames, and each line of them as an event.
pub fn wire(bytes: &[u8]) {
    frames_hold_what_came(bytes);
    let answer = Answer { ending: Ending::Exited(0), duration_ms: 1.0, lacking: vec![] };
    let seen = observation(&answer, bytes, bytes.to_vec(), Vec::new(), "guide.md");
    nothing_is_made_up(&seen, bytes);
    any_place_of_the_output_is_text(&seen);
}

fn frames_hold_what_came(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some(frame)) = read_frame(&mut rest) {
        assert!(
            frame.len() <= bytes.len() && frame.capacity() <= 2 * bytes.len() + 64,
            "{}",
            frame.capacity()
        );
    }
}

/// Every fact is an event's, and an event is a line.
fn nothing_is_made_up(seen: &Observation, bytes: &[u8]) {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let executions: usize = seen.probes.values().map(Vec::len).sum();
    for facts in [seen.units.len(), executions, seen.marks.len(), seen.network.len(), seen.last_lines.len()] {
        assert!(facts <= lines, "{facts} of {lines} lines");
    }
}

/// Places are the child's word: whatever they are, there is a text between two of them.
fn any_place_of_the_output_is_text(seen: &Observation) {
    let units = seen.units.values().map(|unit| (unit.start, unit.end));
    let executions = seen.probes.values().flatten().map(|execution| (execution.start, execution.end));
    for (start, end) in units.chain(executions) {
        let end = end.unwrap_or([usize::MAX; 2]);
        for stream in 0..2 {
            let text = seen.text(stream, start[stream], end[stream]);
            assert!(text.len() <= 3 * seen.output[stream].len(), "each byte is a character at most");
        }
    }
}
