//! What a terminal can show: how wide it is, whether it has colours and links, and texts as it shows them.

mod link;
mod text;

use std::io::{self, IsTerminal};

pub use link::Links;
pub use text::{Part, clean, columns, wrapped};

/// Width of a report that no terminal shows.
pub const ELSEWHERE: usize = 140;

/// Whether standard output shows colours: as was asked for with `--color`, else as `NO_COLOR`, `CLICOLOR`,
/// `CLICOLOR_FORCE` and `TERM` say, and on terminals only.
pub fn has_colours() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// The columns of standard output.
pub fn width() -> usize {
    match io::stdout().is_terminal() {
        true => usize::from(console::Term::stdout().size().1).clamp(60, 200),
        false => ELSEWHERE,
    }
}
