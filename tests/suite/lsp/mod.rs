//! The server of editors, spoken to in its own protocol.

mod changes;
mod client;
mod ends;
mod protocol;
mod shows;
