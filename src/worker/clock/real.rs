//! The C library's own functions, behind those of the same names in this executable.

use std::ffi::CStr;
use std::mem::transmute_copy;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use super::SECOND;

/// A function of the C library that is looked up when it is first called.
pub struct Real {
    name: &'static CStr,
    found: AtomicPtr<libc::c_void>,
}

impl Real {
    /// The next function of that name after this executable's.
    pub const fn new(name: &'static CStr) -> Real {
        Real { name, found: AtomicPtr::new(std::ptr::null_mut()) }
    }

    /// The function.
    ///
    /// # Safety
    ///
    /// `F` is the type of the function of that name.
    pub unsafe fn get<F: Copy>(&self) -> F {
        let mut found = self.found.load(Relaxed);
        if found.is_null() {
            // SAFETY: a lookup by a name that ends in a zero.
            found = unsafe { libc::dlsym(libc::RTLD_NEXT, self.name.as_ptr()) };
            assert!(!found.is_null(), "the C library has no {:?}", self.name);
            self.found.store(found, Relaxed);
        }
        // SAFETY: a pointer to a function, which is what the caller says.
        unsafe { transmute_copy(&found) }
    }
}

/// Declares the real function behind each name, callable under it.
macro_rules! real {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $(
            /// The C library's function of this name.
            ///
            /// # Safety
            ///
            /// As documented for the C function.
            pub unsafe fn $name($($argument: $type),*) -> $result {
                const NAME: &CStr = match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => panic!("a name has no zero in it"),
                };
                static REAL: Real = Real::new(NAME);
                // SAFETY: the type that is declared here is that of the C function; the rest is the caller's.
                unsafe { REAL.get::<unsafe extern "C" fn($($type),*) -> $result>()($($argument),*) }
            }
        )*
    };
}

type Start = extern "C-unwind" fn(*mut libc::c_void) -> *mut libc::c_void;

real! {
    clock_gettime(clock: libc::clockid_t, to: *mut libc::timespec) -> i32;
    clock_nanosleep(clock: libc::clockid_t, flags: i32, time: *const libc::timespec, left: *mut libc::timespec) -> i32;
    sem_open(name: *const libc::c_char, flags: i32, mode: libc::mode_t, value: u32) -> *mut libc::sem_t;
    sem_close(semaphore: *mut libc::sem_t) -> i32;
    sem_unlink(name: *const libc::c_char) -> i32;
    shm_open(name: *const libc::c_char, flags: i32, mode: libc::mode_t) -> i32;
    shm_unlink(name: *const libc::c_char) -> i32;
    sem_init(semaphore: *mut libc::sem_t, shared: i32, value: u32) -> i32;
    sem_wait(semaphore: *mut libc::sem_t) -> i32;
    sem_trywait(semaphore: *mut libc::sem_t) -> i32;
    sem_timedwait(semaphore: *mut libc::sem_t, until: *const libc::timespec) -> i32;
    sem_clockwait(semaphore: *mut libc::sem_t, clock: libc::clockid_t, until: *const libc::timespec) -> i32;
    sem_post(semaphore: *mut libc::sem_t) -> i32;
    pthread_cond_timedwait(condition: *mut libc::pthread_cond_t, mutex: *mut libc::pthread_mutex_t, until: *const libc::timespec) -> i32;
    pthread_cond_clockwait(condition: *mut libc::pthread_cond_t, mutex: *mut libc::pthread_mutex_t, clock: libc::clockid_t, until: *const libc::timespec) -> i32;
    pthread_create(thread: *mut libc::pthread_t, attributes: *const libc::pthread_attr_t, start: Start, argument: *mut libc::c_void) -> i32;
    poll(fds: *mut libc::pollfd, count: libc::nfds_t, timeout: i32) -> i32;
    select(count: i32, read: *mut libc::fd_set, write: *mut libc::fd_set, except: *mut libc::fd_set, timeout: *mut libc::timeval) -> i32;
    epoll_wait(epoll: i32, events: *mut libc::epoll_event, most: i32, timeout: i32) -> i32;
    socket(family: i32, kind: i32, protocol: i32) -> i32;
    alarm(seconds: u32) -> u32;
    setitimer(which: i32, new: *const libc::itimerval, old: *mut libc::itimerval) -> i32;
    timerfd_create(clock: i32, flags: i32) -> i32;
}

/// A clock's real time, in nanoseconds.
pub fn now(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure lives through the call.
    unsafe { clock_gettime(clock, &raw mut time) };
    nanoseconds(&time)
}

/// A time in nanoseconds; one that is too far away as the last there is.
pub fn nanoseconds(time: &libc::timespec) -> i64 {
    time.tv_sec.saturating_mul(SECOND).saturating_add(time.tv_nsec)
}

/// Nanoseconds as a time.
pub fn timespec(nanoseconds: i64) -> libc::timespec {
    libc::timespec { tv_sec: nanoseconds.div_euclid(SECOND), tv_nsec: nanoseconds.rem_euclid(SECOND) }
}
