//! What a terminal can show: how wide it is, whether it has colours and links, and texts as it shows them.

mod link;
mod text;
mod visible;

use std::io::{self, IsTerminal};

pub use link::Links;
pub use text::{Part, clean, columns, filled, wrapped};
pub use visible::visible;

/// Width of a report that no terminal shows.
pub const ELSEWHERE: usize = 140;

/// Whether standard output shows colours: as was asked for with `--color`, else as `NO_COLOR`, `CLICOLOR`,
/// `CLICOLOR_FORCE` and `TERM` say, and on terminals only.
pub fn has_colours() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Whether standard error is a terminal on which something can be drawn and taken back.
pub fn can_draw() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The columns of standard output.
pub fn width() -> usize {
    match io::stdout().is_terminal() {
        true => usize::from(console::Term::stdout().size().1).clamp(60, 200),
        false => ELSEWHERE,
    }
}
