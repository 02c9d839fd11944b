//! The threads of the run's process: how many there are, and which of them wait for what.

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use super::{HAS_SOCKET, IS_ON, IS_OPEN, settle, waiting};

/// What a thread waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum For {
    /// That time passes.
    Time,
    /// That a semaphore is posted.
    Semaphore(*mut libc::sem_t),
    /// That one of these descriptors is ready.
    Descriptors(*mut libc::pollfd, usize),
}

/// A thread that waits. It lies on that thread's stack.
pub struct Waiter {
    /// For what.
    pub what: For,
    /// Until when at most by the run's clock, in nanoseconds; [`NEVER`] for ever.
    pub deadline: i64,
    /// What it sleeps on: 0 until it is woken.
    pub woken: AtomicU32,
}

/// No deadline.
pub const NEVER: i64 = i64::MAX;

/// A waiter that is known to lie on a stack while it is listed.
#[derive(Clone, Copy)]
pub struct Listed {
    waiter: *const Waiter,
    /// Its deadline.
    pub deadline: i64,
}

/// All threads.
pub struct Threads {
    alive: usize,
    waiting: Vec<*const Waiter>,
    /// Semaphores that other processes post, too.
    shared: Vec<usize>,
}

struct Guarded {
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    threads: UnsafeCell<Threads>,
}

// SAFETY: `threads` is only reached through `with`, which holds the mutex, or in a process with one thread.
unsafe impl Sync for Guarded {}

static ALL: Guarded = Guarded {
    mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
    threads: UnsafeCell::new(Threads { alive: 1, waiting: Vec::new(), shared: Vec::new() }),
};

/// Works on the threads while nobody else does.
pub fn with<T>(work: impl FnOnce(&mut Threads) -> T) -> T {
    // SAFETY: the mutex is held for as long as the reference lives. A plain mutex, since a fork must be
    // able to take it in one process and to give it back in two.
    unsafe {
        libc::pthread_mutex_lock(ALL.mutex.get());
        let done = work(&mut *ALL.threads.get());
        libc::pthread_mutex_unlock(ALL.mutex.get());
        done
    }
}

/// Starts over in every fork: it has one thread, and its time is real. False if that cannot be arranged.
pub fn follow_forks() -> bool {
    extern "C" fn before() {
        // SAFETY: given back by `after` or `in_child`.
        unsafe { libc::pthread_mutex_lock(ALL.mutex.get()) };
    }
    extern "C" fn after() {
        // SAFETY: taken by `before`.
        unsafe { libc::pthread_mutex_unlock(ALL.mutex.get()) };
    }
    extern "C" fn in_child() {
        IS_ON.store(false, SeqCst);
        // SAFETY: taken by `before`, in the only thread that is left.
        unsafe {
            let threads = &mut *ALL.threads.get();
            threads.alive = 1;
            threads.waiting.clear();
            libc::pthread_mutex_unlock(ALL.mutex.get());
        }
    }
    // SAFETY: functions that live for ever.
    unsafe { libc::pthread_atfork(Some(before), Some(after), Some(in_child)) == 0 }
}

impl Threads {
    /// Whether no thread is busy.
    pub fn all_wait(&self) -> bool {
        self.waiting.len() >= self.alive
    }

    /// Notes that a thread begins to wait. It must be taken back before the waiter goes.
    pub fn wait(&mut self, waiter: &Waiter) {
        self.waiting.push(waiter);
        settle(self);
    }

    /// Notes that a thread waits no more, whoever woke it.
    pub fn forget(&mut self, waiter: &Waiter) {
        self.waiting.retain(|listed| !std::ptr::eq(*listed, waiter));
    }

    /// Notes a thread that begins.
    pub fn begin(&mut self) {
        self.alive += 1;
    }

    /// Notes a thread that ends.
    pub fn end(&mut self) {
        self.alive -= 1;
        settle(self);
    }

    /// Notes a semaphore that other processes post, too.
    pub fn share(&mut self, semaphore: *mut libc::sem_t) {
        self.shared.push(semaphore as usize);
    }

    /// Whether other processes post it, too.
    pub fn is_shared(&self, semaphore: *mut libc::sem_t) -> bool {
        self.shared.contains(&(semaphore as usize))
    }

    fn all(&self) -> impl Iterator<Item = &Waiter> {
        // SAFETY: what is listed lies on the stack of a thread that takes it back before it goes on.
        self.waiting.iter().map(|waiter| unsafe { &**waiter })
    }

    /// Whether a descriptor is ready that a thread waits for: it is about to see that.
    pub fn is_one_ready(&self) -> bool {
        self.all().any(|waiter| match waiter.what {
            For::Descriptors(fds, count) => waiting::is_ready(fds, count),
            _ => false,
        })
    }

    /// Whether a thread waits for what may come from outside of this process.
    pub fn wait_for_others(&self) -> bool {
        let leads_out = IS_OPEN.load(SeqCst) && HAS_SOCKET.load(SeqCst);
        leads_out && self.all().any(|waiter| matches!(waiter.what, For::Descriptors(..)))
    }

    /// The thread with the nearest deadline, of several the one that waits longest.
    pub fn first_to_wake(&self) -> Option<Listed> {
        let first = self.all().filter(|waiter| waiter.deadline < NEVER).min_by_key(|waiter| waiter.deadline);
        first.map(|waiter| Listed { waiter, deadline: waiter.deadline })
    }

    /// Wakes a thread; from now on it is busy.
    pub fn wake(&mut self, listed: Listed) {
        // SAFETY: it is still listed, and it goes only after it has been taken off the list under the mutex.
        let waiter = unsafe { &*listed.waiter };
        self.forget(waiter);
        waiter.woken.store(1, SeqCst);
        match waiter.what {
            For::Descriptors(..) => waiting::ring(),
            _ => waiting::wake(&waiter.woken),
        }
    }

    /// Wakes the thread that has waited longest for a semaphore.
    pub fn posted(&mut self, semaphore: *mut libc::sem_t) {
        let first = self.all().find(|waiter| waiter.what == For::Semaphore(semaphore));
        if let Some(waiter) = first.map(|waiter| Listed { waiter, deadline: waiter.deadline }) {
            self.wake(waiter);
        }
    }
}

/// The first function of a new thread.
pub extern "C-unwind" fn run(argument: *mut c_void) -> *mut c_void {
    struct Ends;
    impl Drop for Ends {
        fn drop(&mut self) {
            with(Threads::end);
        }
    }
    thread_local!(static ENDS: Ends = const { Ends });
    // However the thread ends, what it keeps for itself is dropped then.
    ENDS.with(|_| ());
    // SAFETY: made by `pthread_create` for this thread alone.
    let (start, argument) = *unsafe { Box::from_raw(argument.cast::<Begin>()) };
    start(argument)
}

/// What a new thread is to do.
pub type Begin = (extern "C-unwind" fn(*mut c_void) -> *mut c_void, *mut c_void);
