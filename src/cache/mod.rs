//! Files of results in a folder, one for each guide and way of checking it. Nothing that happens to that folder fails
//! a check: a file that is damaged, cut, or another version's is none, and what cannot be written is not kept.

mod entry;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use crate::environment;
use crate::whole;
pub use entry::Entry;

/// Says where results are kept: a folder, or [`OFF`].
pub const VARIABLE: &str = "VERIFY_CACHE";
/// Says that none are kept.
const OFF: &str = "off";
/// Says how many MiB may be kept.
pub const LIMIT: &str = "VERIFY_CACHE_LIMIT";
/// What is kept where nobody says how much, in MiB.
const USUAL_LIMIT: u64 = 512;
/// What the names of entries end with.
const ENDING: &str = "kept";
/// A file that somebody began and has not finished for so long is nobody's any more.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// A folder of results.
pub struct Cache {
    folder: PathBuf,
    /// Bytes that may be kept.
    limit: u64,
    /// What went wrong first, if anything did.
    trouble: OnceLock<String>,
}

/// What there is in a cache.
pub struct Contents {
    /// Entries, each with its size and when it was last used, the longest unused first.
    pub entries: Vec<(PathBuf, u64, SystemTime)>,
}

impl Contents {
    /// Bytes of all.
    pub fn size(&self) -> u64 {
        self.entries.iter().map(|(_, size, _)| size).sum()
    }
}

impl Cache {
    /// The cache that the environment names; none where it says so. The error says what is wrong with what it says.
    pub fn of_the_environment() -> anyhow::Result<Option<Cache>> {
        let limit = match std::env::var(LIMIT) {
            Ok(text) => text.trim().parse().ok().filter(|limit| *limit > 0),
            Err(_) => Some(USUAL_LIMIT),
        };
        let Some(limit) = limit else {
            anyhow::bail!("{LIMIT} is not a number of MiB: write one such as {USUAL_LIMIT}");
        };
        let folder = match std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
            Some(value) if value == OFF => None,
            Some(value) if Path::new(&value).is_absolute() => Some(PathBuf::from(value)),
            Some(value) => {
                let value = value.display();
                anyhow::bail!("{VARIABLE} is `{value}`: write the whole path of a folder, or `{OFF}`");
            }
            // Without a home there is nowhere to keep anything.
            None => environment::cache_folder().ok().map(|folder| folder.join("guides")),
        };
        Ok(folder.map(|folder| Cache::new(folder, limit << 20)))
    }

    /// A cache in a folder, which need not be there, of so many bytes.
    pub fn new(folder: PathBuf, limit: u64) -> Cache {
        Cache { folder, limit, trouble: OnceLock::new() }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Bytes that may be kept.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Why something could not be kept, the first time that it could not.
    pub fn trouble(&self) -> Option<&String> {
        self.trouble.get()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ENDING}"))
    }

    /// An entry, if there is one of this version.
    pub fn entry(&self, name: &str) -> Option<Entry> {
        Entry::open(File::open(self.path(name)).ok()?)
    }

    /// Keeps parts under a name, in the place of what was there.
    pub fn keep(&self, name: &str, parts: &[Vec<u8>]) {
        let write = || -> io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            let mut file = whole::beside(&self.path(name))?;
            file.write_all(&entry::header(parts))?;
            parts.iter().try_for_each(|part| file.write_all(part))?;
            file.persist(self.path(name))?;
            Ok(())
        };
        if let Err(error) = write() {
            let _ = self.trouble.set(format!("{} keeps no results: {error}", self.folder.display()));
        }
    }

    /// What is in it. Nothing where it cannot be read.
    pub fn contents(&self) -> Contents {
        let mut entries: Vec<_> = self.files().filter(|(path, ..)| is_entry(path)).collect();
        entries.sort_by_key(|(.., used)| *used);
        Contents { entries }
    }

    fn files(&self) -> impl Iterator<Item = (PathBuf, u64, SystemTime)> {
        fs::read_dir(&self.folder).into_iter().flatten().flatten().filter_map(|entry| {
            let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((entry.path(), about.len(), about.modified().ok()?))
        })
    }

    /// Lets the longest unused go until the rest is no more than may be kept, and what others have left unfinished.
    pub fn trim(&self) {
        let abandoned = |used: &SystemTime| used.elapsed().is_ok_and(|age| age > ABANDONED);
        for (path, _, used) in self.files() {
            if is_unfinished(&path) && abandoned(&used) {
                let _ = fs::remove_file(path);
            }
        }
        let contents = self.contents();
        let mut size = contents.size();
        for (path, own, _) in contents.entries {
            if size <= self.limit {
                return;
            }
            // Somebody else may have removed it.
            let _ = fs::remove_file(path);
            size -= own;
        }
    }

    /// Removes the entries whose names begin so, and returns how many there were. The error names one that stays.
    pub fn clear(&self, beginning: &str) -> anyhow::Result<usize> {
        let mut count = 0;
        for (path, ..) in self.contents().entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(beginning) {
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        anyhow::bail!("cannot remove {}: {error}", path.display())
                    }
                    _ => count += 1,
                }
            }
        }
        Ok(count)
    }
}

fn is_entry(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == ENDING)
}

/// Whether a file is one that becomes an entry.
fn is_unfinished(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".tmp"))
}
