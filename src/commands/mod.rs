//! Subcommands that run nothing.

pub mod extract;
pub mod list;
