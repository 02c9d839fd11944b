//! Named semaphores and shared memory of a run that has no root of its own: in its folder instead of where
//! all programs of the system have theirs.
//!
//! As with the clock, these functions of the executable come before the C library's own.

use std::ffi::{CStr, CString, c_char, c_int};
use std::mem::size_of;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::OnceLock;

use libc::{mode_t, sem_t};

use super::clock::{real, share};

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// From now on they are kept in a folder of the run's own.
pub fn keep_in(folder: PathBuf) {
    let _ = FOLDER.set(folder);
}

/// Where the object of a name is kept, if that is not the system's business.
unsafe fn kept(name: *const c_char) -> Option<CString> {
    let folder = FOLDER.get()?;
    // SAFETY: a text that ends in a zero, says the manual page.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    let name = name.strip_prefix(b"/").unwrap_or(name);
    CString::new([folder.as_os_str().as_bytes(), b"/", name].concat()).ok()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn shm_open(name: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's name.
    unsafe {
        match kept(name) {
            Some(path) => libc::open(path.as_ptr(), flags | libc::O_NOFOLLOW | libc::O_CLOEXEC, mode),
            None => real::shm_open(name, flags, mode),
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn shm_unlink(name: *const c_char) -> c_int {
    // SAFETY: the caller's name.
    unsafe { kept(name).map_or_else(|| real::shm_unlink(name), |path| libc::unlink(path.as_ptr())) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_unlink(name: *const c_char) -> c_int {
    // SAFETY: the caller's name.
    unsafe { kept(name).map_or_else(|| real::sem_unlink(name), |path| libc::unlink(path.as_ptr())) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_open(name: *const c_char, flags: c_int, mode: mode_t, value: u32) -> *mut sem_t {
    // SAFETY: the caller's arguments; the last two are looked at only where the flags say so.
    let semaphore = unsafe {
        match kept(name) {
            Some(path) => open_in_file(&path, flags, mode, value),
            None => real::sem_open(name, flags, mode, value),
        }
    };
    share(semaphore);
    semaphore
}

/// A semaphore in a file. It stays mapped until the process ends.
unsafe fn open_in_file(path: &CStr, flags: c_int, mode: mode_t, value: u32) -> *mut sem_t {
    // SAFETY: a new mapping that is as large as a semaphore, in a file that is so too.
    unsafe {
        let file = libc::open(path.as_ptr(), flags | libc::O_RDWR | libc::O_NOFOLLOW | libc::O_CLOEXEC, mode);
        if file < 0 {
            return libc::SEM_FAILED;
        }
        let is_new = flags & libc::O_CREAT != 0 && libc::lseek(file, 0, libc::SEEK_END) == 0;
        if is_new && libc::ftruncate(file, size_of::<sem_t>() as i64) != 0 {
            return libc::SEM_FAILED;
        }
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let at = libc::mmap(std::ptr::null_mut(), size_of::<sem_t>(), access, libc::MAP_SHARED, file, 0);
        libc::close(file);
        if at == libc::MAP_FAILED {
            return libc::SEM_FAILED;
        }
        if is_new {
            real::sem_init(at.cast(), 1, value);
        }
        at.cast()
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn sem_close(semaphore: *mut sem_t) -> c_int {
    match FOLDER.get() {
        Some(_) => 0,
        // SAFETY: the caller's semaphore.
        None => unsafe { real::sem_close(semaphore) },
    }
}
