//! The file of an entry: a head that says how long each part is and what it hashes to, and the parts. Who wants one
//! part reads no other.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::SystemTime;

use blake3::Hash;

/// Files of ours begin with it. The last byte counts what was changed about them.
const MAGIC: [u8; 8] = *b"verify\0\x02";
/// Parts of an entry.
pub const PARTS: usize = 3;
/// Of each part its length and its hash.
const ABOUT: usize = 8 + 32;
const HEAD: usize = MAGIC.len() + PARTS * ABOUT;
/// No part is longer, whatever a damaged head says; in bytes.
const LONGEST: u64 = 1 << 30;

/// An entry that was opened.
pub struct Entry {
    file: File,
    head: [u8; HEAD],
}

/// What stands before the parts.
pub fn header(parts: &[Vec<u8>]) -> Vec<u8> {
    assert_eq!(parts.len(), PARTS, "an entry has all its parts");
    let about =
        |part: &Vec<u8>| [&(part.len() as u64).to_le_bytes()[..], blake3::hash(part).as_bytes()].concat();
    [MAGIC.to_vec(), parts.iter().flat_map(about).collect()].concat()
}

impl Entry {
    /// None where it is no file of ours.
    pub fn open(file: File) -> Option<Entry> {
        let mut head = [0; HEAD];
        file.read_exact_at(&mut head, 0).ok()?;
        head.starts_with(&MAGIC).then_some(Entry { file, head })
    }

    /// Says that it was used now. Who may not say so does no harm.
    pub fn touch(&self) {
        let _ = self.file.set_modified(SystemTime::now());
    }

    /// One of its parts, as it was written or not at all.
    pub fn part(&self, index: usize) -> Option<Vec<u8>> {
        let (lengths, hash) = self.about(index);
        let before: u64 = (0..index).map(|other| self.about(other).0.min(LONGEST)).sum();
        // What is not there need not be made room for.
        if lengths > LONGEST.min(self.file.metadata().ok()?.len()) {
            return None;
        }
        let mut part = vec![0; lengths as usize];
        self.file.read_exact_at(&mut part, HEAD as u64 + before).ok()?;
        (blake3::hash(&part) == hash).then_some(part)
    }

    /// What one of its parts hashes to.
    pub fn hash(&self, index: usize) -> Hash {
        self.about(index).1
    }

    fn about(&self, index: usize) -> (u64, Hash) {
        let at = MAGIC.len() + index * ABOUT;
        let (length, hash) = self.head[at..at + ABOUT].split_at(8);
        let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
        (length, Hash::from_bytes(hash.try_into().expect("32 bytes")))
    }
}
