//! Subcommands beside the check itself.

pub mod cache;
pub mod explain;
pub mod extract;
pub mod fix;
pub mod generated;
pub mod guides;
pub mod init;
pub mod list;
pub mod merge;
pub mod review;
pub mod watch;
