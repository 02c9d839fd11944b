//! Single keys, and what they mean: those of `cargo insta review`, and `q`.

use std::io;

use console::{Key, Term};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::run::interrupt;

/// What a reviewer decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decision {
    /// It is the reviewed one from now on.
    Accept,
    /// It is deleted.
    Reject,
    /// It waits on.
    Skip,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wish {
    /// To decide this one.
    One(Decision),
    /// To decide this one and all that follow.
    All(Decision),
    /// To show or hide what is known of it beside its text.
    Info,
    /// To show the changes or the new text alone.
    Diff,
    /// To leave the rest as it is.
    Quit,
}

impl Wish {
    fn of(key: &Key) -> Option<Wish> {
        Some(match key {
            Key::Char('a') | Key::Enter => Wish::One(Decision::Accept),
            Key::Char('A') => Wish::All(Decision::Accept),
            Key::Char('r') | Key::Escape => Wish::One(Decision::Reject),
            Key::Char('R') => Wish::All(Decision::Reject),
            Key::Char('s' | ' ') => Wish::One(Decision::Skip),
            Key::Char('S') => Wish::All(Decision::Skip),
            Key::Char('i') => Wish::Info,
            Key::Char('d') => Wish::Diff,
            Key::Char('q') => Wish::Quit,
            _ => return None,
        })
    }
}

/// The keys of the terminal at standard input, one by one and without an echo. Afterwards it is as it was.
pub struct Keys {
    before: Termios,
}

impl Keys {
    /// From now on.
    pub fn listen() -> io::Result<Keys> {
        let before = tcgetattr(io::stdin())?;
        let mut modes = before.clone();
        // Signals are still those of keys: they end verify in order.
        modes.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        tcsetattr(io::stdin(), OptionalActions::Now, &modes)?;
        Ok(Keys { before })
    }

    /// The next key that means something. An error where verify is to end.
    pub fn next(&self, terminal: &Term) -> anyhow::Result<Wish> {
        loop {
            self.wait()?;
            match terminal.read_key_raw() {
                Ok(Key::CtrlC) => {
                    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::INT)?
                }
                // Who closes the terminal decides nothing more.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Wish::Quit),
                key => {
                    if let Some(wish) = Wish::of(&key?) {
                        return Ok(wish);
                    }
                }
            }
        }
    }

    /// Waits for a key, or for a signal that ends verify.
    fn wait(&self) -> anyhow::Result<()> {
        let (input, signal) = (io::stdin(), interrupt::descriptor()?);
        let mut waited = [PollFd::new(&input, PollFlags::IN), PollFd::new(&signal, PollFlags::IN)];
        loop {
            interrupt::check()?;
            match poll(&mut waited, None) {
                Err(rustix::io::Errno::INTR) => {}
                done => {
                    done?;
                    return interrupt::check();
                }
            }
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
