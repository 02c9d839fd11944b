//! Functions of the C library that wait or tell the time, as this executable exports them: CPython finds
//! them before the library's own. Each does what its manual page says, by the run's clock.

use std::ffi::{c_int, c_void};
use std::sync::atomic::Ordering::SeqCst;

use libc::{clockid_t, fd_set, nfds_t, pollfd, sem_t, timespec, timeval};

use super::real::{self, nanoseconds};
use super::threads::{Begin, For, NEVER, Threads, run, with};
use super::waiting::{Ended, wait, wait_for};
use super::{HAS_SOCKET, HAS_TIMER, SECOND, is_on, now, offset};

/// Whether the run's clock is ahead of this one too: not of those that count work.
fn passes(clock: clockid_t) -> bool {
    !matches!(clock, libc::CLOCK_PROCESS_CPUTIME_ID | libc::CLOCK_THREAD_CPUTIME_ID) && clock >= 0
}

fn fail(error: c_int) -> c_int {
    // SAFETY: the address of this thread's error number.
    unsafe { *libc::__errno_location() = error };
    -1
}

/// A moment on one of the run's clocks as one on its monotonic clock.
unsafe fn deadline(clock: clockid_t, until: *const timespec) -> i64 {
    // SAFETY: a pointer to a time, says the manual page.
    let until = nanoseconds(unsafe { &*until });
    match clock {
        libc::CLOCK_MONOTONIC => until,
        _ => now().saturating_add(until.saturating_sub(real::now(clock) + offset())),
    }
}

/// The same moment on the real clock.
unsafe fn real_time(until: *const timespec) -> timespec {
    // SAFETY: as above.
    real::timespec(nanoseconds(unsafe { &*until }).saturating_sub(offset()))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: clockid_t, to: *mut timespec) -> c_int {
    // SAFETY: the caller's pointer, which is written to only where the call succeeds.
    unsafe {
        let done = real::clock_gettime(clock, to);
        let ahead = offset();
        if done == 0 && ahead != 0 && passes(clock) {
            *to = real::timespec(nanoseconds(&*to) + ahead);
        }
        done
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn time(to: *mut libc::time_t) -> libc::time_t {
    let seconds = (real::now(libc::CLOCK_REALTIME) + offset()) / SECOND;
    if !to.is_null() {
        // SAFETY: the caller's pointer.
        unsafe { *to = seconds };
    }
    seconds
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn gettimeofday(to: *mut timeval, _zone: *mut c_void) -> c_int {
    let time = real::now(libc::CLOCK_REALTIME) + offset();
    // SAFETY: the caller's pointer.
    unsafe { *to = timeval { tv_sec: time / SECOND, tv_usec: time % SECOND / 1000 } };
    0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_nanosleep(
    clock: clockid_t,
    flags: c_int,
    time: *const timespec,
    left: *mut timespec,
) -> c_int {
    // SAFETY: the caller's pointers; `left` may be null.
    unsafe {
        let is_absolute = flags & libc::TIMER_ABSTIME != 0;
        let is_valid = (*time).tv_sec >= 0 && (0..SECOND).contains(&(*time).tv_nsec);
        if !is_on() || !is_valid || !passes(clock) {
            let moment = if is_absolute && passes(clock) { real_time(time) } else { *time };
            return real::clock_nanosleep(clock, flags, &raw const moment, left);
        }
        let until =
            if is_absolute { deadline(clock, time) } else { now().saturating_add(nanoseconds(&*time)) };
        if wait(For::Time, until, || false) != Ended::Interrupted {
            return 0;
        }
        if !is_absolute && !left.is_null() {
            *left = real::timespec((until - now()).max(0));
        }
        libc::EINTR
    }
}

/// Waits for a semaphore until a moment on the run's monotonic clock.
unsafe fn wait_for_semaphore(semaphore: *mut sem_t, until: i64) -> c_int {
    let has_value = || {
        let mut value = 0;
        // SAFETY: the caller's semaphore.
        unsafe { libc::sem_getvalue(semaphore, &raw mut value) == 0 && value > 0 }
    };
    // SAFETY: as above.
    let is_taken = || unsafe { real::sem_trywait(semaphore) } == 0;
    while !is_taken() {
        match wait(For::Semaphore(semaphore), until, has_value) {
            Ended::Woken => {}
            Ended::TimedOut if is_taken() => break,
            Ended::TimedOut => return fail(libc::ETIMEDOUT),
            Ended::Interrupted => return fail(libc::EINTR),
        }
    }
    0
}

/// Whether waiting for it is simulated: not where other processes post it.
fn is_ours(semaphore: *mut sem_t) -> bool {
    is_on() && !with(|threads| threads.is_shared(semaphore))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_wait(semaphore: *mut sem_t) -> c_int {
    // SAFETY: the caller's semaphore.
    unsafe {
        match is_ours(semaphore) {
            true => wait_for_semaphore(semaphore, NEVER),
            false => real::sem_wait(semaphore),
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_timedwait(semaphore: *mut sem_t, until: *const timespec) -> c_int {
    // SAFETY: the caller's semaphore and time.
    unsafe {
        match is_ours(semaphore) {
            true => wait_for_semaphore(semaphore, deadline(libc::CLOCK_REALTIME, until)),
            false => real::sem_timedwait(semaphore, &real_time(until)),
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_clockwait(
    semaphore: *mut sem_t,
    clock: clockid_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's semaphore and time.
    unsafe {
        match is_ours(semaphore) {
            true => wait_for_semaphore(semaphore, deadline(clock, until)),
            false => real::sem_clockwait(semaphore, clock, &real_time(until)),
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_post(semaphore: *mut sem_t) -> c_int {
    // SAFETY: the caller's semaphore.
    let done = unsafe { real::sem_post(semaphore) };
    if done == 0 && is_on() {
        with(|threads| threads.posted(semaphore));
    }
    done
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_init(semaphore: *mut sem_t, shared: c_int, value: u32) -> c_int {
    if shared != 0 {
        super::share(semaphore);
    }
    // SAFETY: the caller's semaphore.
    unsafe { real::sem_init(semaphore, shared, value) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_cond_timedwait(
    condition: *mut libc::pthread_cond_t,
    mutex: *mut libc::pthread_mutex_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe { real::pthread_cond_timedwait(condition, mutex, &real_time(until)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_cond_clockwait(
    condition: *mut libc::pthread_cond_t,
    mutex: *mut libc::pthread_mutex_t,
    clock: clockid_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's arguments.
    unsafe { real::pthread_cond_clockwait(condition, mutex, clock, &real_time(until)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_create(
    thread: *mut libc::pthread_t,
    attributes: *const libc::pthread_attr_t,
    start: extern "C-unwind" fn(*mut c_void) -> *mut c_void,
    argument: *mut c_void,
) -> c_int {
    if !is_on() {
        // SAFETY: the caller's arguments.
        return unsafe { real::pthread_create(thread, attributes, start, argument) };
    }
    with(Threads::begin);
    let begin: *mut Begin = Box::into_raw(Box::new((start, argument)));
    // SAFETY: the caller's arguments; `run` takes what `begin` points to.
    let done = unsafe { real::pthread_create(thread, attributes, run, begin.cast()) };
    if done != 0 {
        // SAFETY: nobody has taken it.
        drop(unsafe { Box::from_raw(begin) });
        with(Threads::end);
    }
    done
}

/// When a timeout in milliseconds is over.
fn after(milliseconds: c_int) -> i64 {
    if milliseconds < 0 { NEVER } else { now().saturating_add(i64::from(milliseconds) * 1_000_000) }
}

/// Waits for descriptors the way that `look`, which does not wait, looks at them.
fn wait_until_ready(fds: &[pollfd], until: i64, mut look: impl FnMut() -> c_int) -> c_int {
    let found = look();
    if found != 0 {
        return found;
    }
    loop {
        let ended = match fds {
            [] => wait(For::Time, until, || false),
            _ => wait_for(fds, until),
        };
        match (ended, look()) {
            (Ended::Interrupted, 0) => return fail(libc::EINTR),
            (Ended::Woken, 0) => {}
            (_, found) => return found,
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn poll(fds: *mut pollfd, count: nfds_t, timeout: c_int) -> c_int {
    if !is_on() || timeout == 0 {
        // SAFETY: the caller's arguments.
        return unsafe { real::poll(fds, count, timeout) };
    }
    // SAFETY: as many as the caller says; none need not be a pointer to anything.
    let all = if count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(fds, count as usize) } };
    let all = all.to_vec();
    // SAFETY: the caller's arguments.
    wait_until_ready(&all, after(timeout), || unsafe { real::poll(fds, count, 0) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn epoll_wait(
    epoll: c_int,
    events: *mut libc::epoll_event,
    most: c_int,
    timeout: c_int,
) -> c_int {
    if !is_on() || timeout == 0 {
        // SAFETY: the caller's arguments.
        return unsafe { real::epoll_wait(epoll, events, most, timeout) };
    }
    let ready = [pollfd { fd: epoll, events: libc::POLLIN, revents: 0 }];
    // SAFETY: the caller's arguments.
    wait_until_ready(&ready, after(timeout), || unsafe { real::epoll_wait(epoll, events, most, 0) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn select(
    count: c_int,
    read: *mut fd_set,
    write: *mut fd_set,
    except: *mut fd_set,
    timeout: *mut timeval,
) -> c_int {
    // SAFETY: the caller's pointers, each of which may be null; what they point to is copied, since it is
    // overwritten by every look.
    unsafe {
        let time = timeout.as_ref().map(|time| time.tv_sec * SECOND + time.tv_usec * 1000);
        if !is_on() || time == Some(0) {
            return real::select(count, read, write, except, timeout);
        }
        let until = time.map_or(NEVER, |time| now().saturating_add(time));
        let sets = [read, write, except];
        let wanted = sets.map(|set| set.as_ref().copied());
        let fds = in_sets(count, &wanted);
        wait_until_ready(&fds, until, || {
            for (set, wanted) in sets.iter().zip(wanted) {
                if let Some(wanted) = wanted {
                    **set = wanted;
                }
            }
            let mut none = timeval { tv_sec: 0, tv_usec: 0 };
            real::select(count, read, write, except, &raw mut none)
        })
    }
}

/// The descriptors in the sets of `select`, as `poll` wants them.
fn in_sets(count: c_int, sets: &[Option<fd_set>; 3]) -> Vec<pollfd> {
    const EVENTS: [i16; 3] = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
    let events = |fd: c_int| {
        let in_set = |set: &Option<fd_set>| {
            // SAFETY: a descriptor that a set has room for.
            set.as_ref().is_some_and(|set| unsafe { libc::FD_ISSET(fd, set) })
        };
        sets.iter().zip(EVENTS).filter(|(set, _)| in_set(set)).fold(0, |all, (_, event)| all | event)
    };
    let all =
        (0..count.min(libc::FD_SETSIZE as c_int)).map(|fd| pollfd { fd, events: events(fd), revents: 0 });
    all.filter(|fd| fd.events != 0).collect()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn socket(family: c_int, kind: c_int, protocol: c_int) -> c_int {
    if family != libc::AF_UNIX {
        HAS_SOCKET.store(true, SeqCst);
    }
    // SAFETY: plain numbers.
    unsafe { real::socket(family, kind, protocol) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn alarm(seconds: u32) -> u32 {
    HAS_TIMER.store(true, SeqCst);
    // SAFETY: a plain number.
    unsafe { real::alarm(seconds) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn setitimer(
    which: c_int,
    new: *const libc::itimerval,
    old: *mut libc::itimerval,
) -> c_int {
    HAS_TIMER.store(true, SeqCst);
    // SAFETY: the caller's pointers.
    unsafe { real::setitimer(which, new, old) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn timerfd_create(clock: c_int, flags: c_int) -> c_int {
    HAS_TIMER.store(true, SeqCst);
    // SAFETY: plain numbers.
    unsafe { real::timerfd_create(clock, flags) }
}
