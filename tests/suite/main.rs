//! The real binary from outside. `docs/testing.md` says what is tested where.

mod architecture;
mod cases;
mod command_line;
mod common;
mod companions;
mod config;
mod dialects;
mod docs;
mod endings;
mod explain;
mod fixes;
mod fuzz_seeds;
mod hostile_guides;
#[path = "../laws/mod.rs"]
mod laws;
mod packages;
mod properties;
mod pythons;
mod runner;
mod services;
mod snapshots;
mod sources;
