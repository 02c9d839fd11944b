//! `verify lsp`: what verify finds, in an editor, while a guide is written.
//!
//! One thread reads what the editor says, one checks, and the server between them waits for both; it alone
//! writes to standard output, which belongs to the protocol.

mod actions;
mod carried;
mod changes;
mod checker;
mod checks;
mod diagnostics;
mod documents;
mod hints;
mod hover;
mod lens;
mod news;
mod position;
mod server;
mod settings;
mod start;
mod wire;

use std::sync::mpsc::channel;

use server::Server;

/// Serves an editor until it is done. Returns the exit code: 1 where it ended without a shutdown.
pub fn run() -> anyhow::Result<u8> {
    let (sender, events) = channel();
    wire::listen_for_signals(sender.clone())?;
    wire::listen(sender.clone());
    let mut server = Server::new(checker::start(sender)?);
    let code = events.into_iter().find_map(|event| server.take(event)).unwrap_or(1);
    server.end();
    Ok(code)
}
