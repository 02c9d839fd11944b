//! Runs the Python of a Markdown guide and tells its author, line by line, which of the guide's own
//! words are not true.
//!
//! Data flows one way: [`guide`] reads the Markdown, [`claims`] understands the comments, [`plan`]
//! decides what runs, [`run`] and [`worker`] run it, [`judge`] compares, [`report`] shows. See
//! `docs/architecture.md`.

#[cfg(not(target_os = "linux"))]
compile_error!("verify runs on Linux for now: it needs pidfds, memfds and subreapers");

pub mod cache;
pub mod check;
pub mod claims;
pub mod cli;
pub mod commands;
pub mod config;
pub mod environment;
pub mod guide;
pub mod history;
pub mod job;
pub mod judge;
pub mod keys;
pub mod limits;
pub mod lsp;
mod moment;
pub mod needs;
pub mod plan;
pub mod python;
pub mod pythons;
pub mod report;
pub mod run;
pub mod snapshot;
mod terminal;
mod uri;
pub mod value;
mod whole;
pub mod worker;
