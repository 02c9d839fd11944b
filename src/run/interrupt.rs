//! Signals that end verify: what runs is given up at once, and everything is put away on the way out.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use anyhow::bail;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// How long everything may take to be put away.
const PATIENCE: Duration = Duration::from_secs(3);

/// The signal that came, or 0.
static SIGNAL: AtomicI32 = AtomicI32::new(0);
/// A pipe whose writing end is closed when a signal comes.
static PIPE: OnceLock<(PipeReader, Mutex<Option<PipeWriter>>)> = OnceLock::new();

/// From now on signals are obeyed in order. A second one, or one that is not obeyed in time, ends the
/// process at once.
pub fn listen() -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    pipe()?;
    std::thread::spawn(move || {
        let mut signals = signals.forever();
        let first = signals.next().unwrap_or(SIGTERM);
        SIGNAL.store(first, SeqCst);
        if let Some((_, writer)) = PIPE.get() {
            drop(writer.lock().map(|mut writer| writer.take()));
        }
        std::thread::spawn(move || {
            std::thread::sleep(PATIENCE);
            let _ = emulate_default_handler(first);
        });
        let second = signals.next().unwrap_or(first);
        let _ = emulate_default_handler(second);
    });
    Ok(())
}

fn pipe() -> io::Result<&'static PipeReader> {
    if PIPE.get().is_none() {
        let (reader, writer) = io::pipe()?;
        let _ = PIPE.set((reader, Mutex::new(Some(writer))));
    }
    PIPE.get().map(|(reader, _)| reader).ok_or_else(|| io::ErrorKind::BrokenPipe.into())
}

/// A descriptor that hangs up when a signal comes.
pub fn descriptor() -> io::Result<BorrowedFd<'static>> {
    Ok(pipe()?.as_fd())
}

/// An error if a signal came.
pub fn check() -> anyhow::Result<()> {
    match SIGNAL.load(SeqCst) {
        0 => Ok(()),
        _ => bail!("interrupted"),
    }
}

/// Ends the process by the signal that came, if one did, as it would have ended without us.
pub fn obey() {
    let signal = SIGNAL.load(SeqCst);
    if signal != 0 {
        let _ = emulate_default_handler(signal);
    }
}
