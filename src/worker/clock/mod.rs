//! Virtual time: a run's waiting is simulated.
//!
//! The run's clock is the real one plus an offset. When every thread waits (in a sleep, for a lock, for
//! a descriptor that only this process could make ready) nothing can happen but that time passes: the
//! offset grows up to the first moment at which one of them wakes, and that one is woken. Computing takes
//! the time that it takes. A thread that waits for anything else counts as busy, and so does the whole run
//! while it has child processes; everybody's waiting is then real.
//!
//! It works at the border to the C library ([`symbols`]): the executable's own `sem_wait`, `poll` and the
//! like come before the library's, so CPython and its extensions wait here without knowing it.

pub mod real;
mod symbols;
mod threads;
mod waiting;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};

use rustix::process::{WaitId, WaitIdOptions, waitid};

use crate::limits;
use threads::Threads;

/// The signal by which a run ends that sleeps too long in its own time.
pub const SLEPT_TOO_LONG: i32 = libc::SIGSTKFLT;

/// Nanoseconds in a second.
const SECOND: i64 = 1_000_000_000;

/// Whether waiting is simulated at the moment.
static IS_ON: AtomicBool = AtomicBool::new(false);
/// How far the run's clock is ahead of the real one, in nanoseconds.
static OFFSET: AtomicI64 = AtomicI64::new(0);
/// Whether the kernel keeps a timer for the run, whose time is real.
static HAS_TIMER: AtomicBool = AtomicBool::new(false);
/// Whether the run has made a socket that may lead out of its process.
static HAS_SOCKET: AtomicBool = AtomicBool::new(false);
/// Whether sockets lead to processes that are none of the run's.
static IS_OPEN: AtomicBool = AtomicBool::new(false);
/// Whether some of these have clocks that count for the run.
static HAS_CLOCKS: AtomicBool = AtomicBool::new(false);

/// To whom a run's sockets lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outside {
    /// To itself.
    Nobody,
    /// To others, who take their time to answer.
    Others,
    /// To others in whom time passes: what is kept there for a minute is gone a real minute later.
    Clocks,
}

/// Begins to simulate in this process, which has one thread. What cannot be had is simulated by nobody: time
/// stays real.
pub fn start(outside: Outside) {
    if waiting::make_bell().is_ok() && threads::follow_forks() {
        IS_OPEN.store(outside >= Outside::Others, SeqCst);
        HAS_CLOCKS.store(outside == Outside::Clocks, SeqCst);
        // Those so far were the worker's.
        HAS_SOCKET.store(false, SeqCst);
        resume();
    }
}

/// Begins again in a fork, where it ends by itself.
pub fn resume() {
    IS_ON.store(waiting::has_bell(), SeqCst);
}

/// Notes a semaphore that other processes post, too.
pub fn share(semaphore: *mut libc::sem_t) {
    threads::with(|threads| threads.share(semaphore));
}

fn is_on() -> bool {
    IS_ON.load(SeqCst)
}

fn offset() -> i64 {
    OFFSET.load(SeqCst)
}

/// The run's monotonic clock, in nanoseconds.
fn now() -> i64 {
    real::now(libc::CLOCK_MONOTONIC) + offset()
}

/// Lets time pass if nothing else can happen: called whenever the last busy thread begins to wait.
fn settle(threads: &mut Threads) {
    if !threads.all_wait() || threads.is_one_ready() || is_held() || threads.wait_for_others() {
        return;
    }
    if let Some(first) = threads.first_to_wake() {
        advance(first.deadline - now());
        threads.wake(first);
    }
}

/// Whether something may happen that no thread of this process makes happen.
fn is_held() -> bool {
    let has_clocks = HAS_CLOCKS.load(SeqCst) && HAS_SOCKET.load(SeqCst);
    HAS_TIMER.load(SeqCst) || has_clocks || has_children()
}

fn has_children() -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::All, look).is_ok()
}

fn advance(by: i64) {
    if by > 0 && OFFSET.fetch_add(by, SeqCst) + by > limits::SLEEP as i64 * SECOND {
        // Nobody means to wait that long. At the first signal the runner says where it is; the second is
        // one that nothing else sends, so that the worker knows.
        // SAFETY: plain numbers.
        unsafe {
            libc::raise(libc::SIGUSR2);
            libc::raise(SLEPT_TOO_LONG);
        }
    }
}
