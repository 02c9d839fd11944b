//! Runs the Python of a Markdown guide and tells its author, line by line, which of the guide's own
//! words are not true.
//!
//! Data flows one way: [`guide`] reads the Markdown, [`claims`] understands the comments, [`plan`]
//! decides what runs, [`run`] and [`worker`] run it, [`judge`] compares, [`report`] shows. See
//! `docs/architecture.md`.

pub mod guide;
pub mod python;
pub mod run;
pub mod value;
pub mod worker;
