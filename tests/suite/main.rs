//! The real binary from outside. `docs/testing.md` says what is tested where.

mod architecture;
mod cases;
mod ci;
mod colours;
mod command_line;
mod common;
mod companions;
mod config;
mod dialects;
mod docs;
mod drawn;
mod endings;
mod explain;
mod fixes;
mod fuzz_seeds;
mod getting_started;
mod hostile_guides;
mod html;
#[path = "../laws/mod.rs"]
mod laws;
mod lsp;
mod many;
mod merge;
mod packages;
mod processes;
mod properties;
mod pythons;
mod reports;
mod review;
mod runner;
mod services;
mod since;
mod snapshots;
mod sources;
mod terminal;
mod watch;
