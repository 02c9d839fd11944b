//! `verify watch`: checks again at each save.
//!
//! Everything that happens is a message to one loop: something was saved, a check is done, a signal came. Checks are
//! made in a thread of their own; one that is under way when something is saved is given up, and what it was to
//! check is checked with the next.

mod changes;
mod checker;
mod folders;
mod screen;

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context, bail};
use rustix::event::{PollFd, PollFlags, poll};

use crate::check::{Options, STACK};
use crate::config::Found;
use crate::run::{Cancel, Cancelled, interrupt};
use changes::Changes;
use checker::Checker;
pub use screen::Screen;

/// What is watched, and how it is checked.
pub struct Asked<'a> {
    /// Guides and folders of guides; those that the configuration names where there are none.
    pub given: &'a [PathBuf],
    /// Only these blocks or snippets.
    pub blocks: &'a [String],
    /// How guides with these configurations are checked.
    pub options: &'a OptionsFor<'a>,
}

/// The options for guides with these configurations.
pub type OptionsFor<'a> = dyn Fn(&[(PathBuf, Found)]) -> anyhow::Result<Options> + Sync + 'a;

/// Something that happened.
enum Message {
    /// Something was saved.
    Saved(Changes),
    /// A check is done, or was given up.
    Done(anyhow::Result<()>),
    /// A signal came.
    Stop,
}

/// Checks the guides, and again whenever something is saved that they depend on, until a signal comes.
pub fn run(asked: &Asked<'_>, screen: Screen) -> anyhow::Result<u8> {
    let (messages, inbox) = channel();
    let checker = Checker::new(asked, screen, messages.clone())?;
    tell_of_signals(messages.clone())?;
    let (orders, open) = channel();
    std::thread::scope(|scope| {
        let check = move || check_all(checker, &open, &messages);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, check);
        thread.context("cannot start a thread")?;
        wait(&inbox, orders)
    })
}

/// What is to be checked, and how that is given up.
type Order = (Changes, Cancel);

fn check_all(mut checker: Checker<'_>, open: &Receiver<Order>, messages: &Sender<Message>) {
    for (changes, cancel) in open {
        let done = checker.check(&changes, &cancel);
        // Nobody listens any more where everything ends.
        let _ = messages.send(Message::Done(done));
    }
}

/// Waits for what happens, and orders checks.
fn wait(inbox: &Receiver<Message>, orders: Sender<Order>) -> anyhow::Result<u8> {
    let mut waiting = Changes::everything();
    loop {
        while waiting.is_nothing() {
            match inbox.recv()? {
                Message::Saved(changes) => waiting.add(changes),
                Message::Done(_) => {}
                Message::Stop => bail!("interrupted"),
            }
        }
        let (under_way, cancel) = (std::mem::take(&mut waiting), Cancel::new()?);
        orders.send((under_way.clone(), cancel.clone()))?;
        let done = loop {
            match inbox.recv()? {
                Message::Saved(changes) => {
                    waiting.add(changes);
                    cancel.cancel();
                }
                Message::Done(done) => break done,
                Message::Stop => {
                    cancel.cancel();
                    bail!("interrupted")
                }
            }
        };
        match done {
            Err(error) if error.is::<Cancelled>() => waiting.add(under_way),
            done => done?,
        }
    }
}

/// Turns a signal into a message.
fn tell_of_signals(messages: Sender<Message>) -> anyhow::Result<()> {
    let signal = interrupt::descriptor()?;
    std::thread::spawn(move || {
        let mut signal = [PollFd::from_borrowed_fd(signal, PollFlags::empty())];
        while poll(&mut signal, None).is_err() {}
        let _ = messages.send(Message::Stop);
    });
    Ok(())
}
