//! The runner's Python, as the executable carries it.

/// Its modules, in an order in which each finds what it imports.
pub const RUNNER: [(&str, &str); 10] = [
    ("own", include_str!("runner/own.py")),
    ("describe", include_str!("runner/describe.py")),
    ("state", include_str!("runner/state.py")),
    ("capture", include_str!("runner/capture.py")),
    ("rewrite", include_str!("runner/rewrite.py")),
    ("probe", include_str!("runner/probe.py")),
    ("translate", include_str!("runner/translate.py")),
    ("program", include_str!("runner/program.py")),
    ("supply", include_str!("runner/supply.py")),
    ("run", include_str!("runner/run.py")),
];
/// The same, compiled for the Python of the build.
pub const COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runner.bin"));
/// What makes them importable.
pub const LOADER: &str = include_str!("runner/load.py");
/// What begins a run in an interpreter of its own.
pub const BOOT: &str = include_str!("runner/boot.py");
