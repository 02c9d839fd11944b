//! Subcommands beside the check itself.

pub mod explain;
pub mod extract;
pub mod fix;
pub mod guides;
pub mod init;
pub mod list;
pub mod watch;
