//! Runs jobs in workers.
pub mod protocol;
