//! The folder in which environments are kept, and how several verify share it.
//!
//! An environment is made where it stays, since it cannot be moved. Its last file says that it is whole; without
//! that it is made again. While one verify makes it, a lock keeps the others waiting.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::failure::{Failure, Kind};
use super::process::check;
use super::python_in;
use crate::whole;

/// The file that is written last.
const WHOLE: &str = "verify.json";
/// How often a lock is tried that another verify holds.
const PAUSE: Duration = Duration::from_millis(100);
/// How long others may take to install.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

/// The place of one environment.
pub struct Slot {
    /// Where it is, or will be.
    pub prefix: PathBuf,
    lock: PathBuf,
}

/// Where verify keeps what it can make again: `$XDG_CACHE_HOME/verify`, else `~/.cache/verify`.
pub fn folder() -> Result<PathBuf, Failure> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    cache.map(|cache| cache.join("verify")).ok_or_else(|| {
        let message = "there is no folder to keep packages in: neither XDG_CACHE_HOME nor HOME names one";
        Failure::new(Kind::NoCache, message, "set XDG_CACHE_HOME to a folder that may be written")
    })
}

/// The failure to write there.
pub fn unwritable(path: &Path, error: &io::Error) -> Failure {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        let message = format!("there is no room left for the packages: {}", path.display());
        return Failure::new(
            Kind::DiskFull,
            message,
            "make room there, or set XDG_CACHE_HOME to another folder",
        );
    }
    let message = format!("{} cannot be written: {error}", path.display());
    Failure::new(Kind::NoCache, message, "set XDG_CACHE_HOME to a folder that may be written")
}

impl Slot {
    /// The place of what is made from all that `made_from` says.
    pub fn new(cache: &Path, made_from: &impl Serialize) -> Slot {
        let text = serde_json::to_vec(made_from).expect("plain data");
        let name = blake3::hash(&text).to_hex();
        let folder = cache.join("environments");
        Slot { prefix: folder.join(&name[..32]), lock: folder.join(format!("{}.lock", &name[..32])) }
    }

    /// Whether a whole environment is there, whose interpreter has not gone since.
    pub fn is_whole(&self) -> bool {
        self.prefix.join(WHOLE).is_file() && python_in(&self.prefix).exists()
    }

    /// Waits until nobody else works on it. `wait` is called once if there is a wait.
    pub fn lock(&self, wait: &dyn Fn()) -> Result<File, Failure> {
        let open = || {
            fs::create_dir_all(self.lock.parent().unwrap_or(&self.lock))?;
            File::options().create(true).append(true).read(true).open(&self.lock)
        };
        let lock = open().map_err(|error| unwritable(&self.lock, &error))?;
        let since = Instant::now();
        let mut waits = false;
        loop {
            check()?;
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::Error(error)) => return Err(unwritable(&self.lock, &error)),
                Err(TryLockError::WouldBlock) if since.elapsed() > PATIENCE => return Err(self.held()),
                Err(TryLockError::WouldBlock) => {}
            }
            if !waits {
                wait();
            }
            waits = true;
            std::thread::sleep(PAUSE);
        }
    }

    fn held(&self) -> Failure {
        let minutes = PATIENCE.as_secs() / 60;
        let message = format!("another verify has held {} for {minutes} minutes", self.lock.display());
        Failure::new(Kind::TimedOut, message, "end it, then run this one again")
    }

    /// Removes whatever is there. Only who holds the lock may.
    pub fn clear(&self) -> Result<(), Failure> {
        match fs::remove_dir_all(&self.prefix) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(&self.prefix, &error)),
            _ => Ok(()),
        }
    }

    /// Says that the environment is whole, and what it was made from.
    pub fn finish(&self, made_from: &impl Serialize) -> Result<(), Failure> {
        let write = || {
            let mut file = whole::beside(&self.prefix.join(WHOLE))?;
            file.write_all(&serde_json::to_vec_pretty(made_from)?)?;
            file.persist(self.prefix.join(WHOLE))?;
            Ok(())
        };
        write().map_err(|error| unwritable(&self.prefix, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(cache: &Path) -> Slot {
        Slot::new(cache, &["six"])
    }

    #[test]
    fn what_is_made_from_the_same_has_the_same_place() {
        let cache = Path::new("/cache");
        assert_eq!(slot(cache).prefix, slot(cache).prefix);
        assert_ne!(slot(cache).prefix, Slot::new(cache, &["six>=1"]).prefix);
    }

    #[test]
    fn half_an_environment_is_none() {
        let cache = tempfile::tempdir().unwrap();
        let slot = slot(cache.path());
        let python = python_in(&slot.prefix);
        fs::create_dir_all(python.parent().unwrap()).unwrap();
        fs::write(&python, "").unwrap();
        assert!(!slot.is_whole(), "its last file is missing");
        slot.finish(&["six"]).unwrap();
        assert!(slot.is_whole());
        fs::remove_file(&python).unwrap();
        assert!(!slot.is_whole(), "its interpreter is gone");
        slot.clear().unwrap();
        assert!(!slot.prefix.exists());
        slot.clear().unwrap();
    }

    #[test]
    fn one_waits_for_the_other() {
        let cache = tempfile::tempdir().unwrap();
        let held = slot(cache.path()).lock(&|| panic!("nobody holds it")).unwrap();
        let waits = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                slot(cache.path()).lock(&|| waits.store(true, std::sync::atomic::Ordering::SeqCst)).map(drop)
            });
            while !waits.load(std::sync::atomic::Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(5));
            }
            assert!(!other.is_finished(), "it is held");
            drop(held);
            other.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let cache = tempfile::tempdir().unwrap();
        let file = cache.path().join("file");
        fs::write(&file, "").unwrap();
        let failure = slot(&file).lock(&|| ()).unwrap_err();
        assert_eq!(failure.kind, Kind::NoCache);
        assert!(failure.message.contains("cannot be written: "), "{failure:?}");
    }
}
