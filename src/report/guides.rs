//! The reports on guides: in memory, or in a file where they are too many for it.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use serde::ser::{Error, SerializeSeq};
use serde::{Serialize, Serializer};

use super::stored::{self, Stored};
use super::{GuideReport, Summary};

/// Reports on guides, in order.
pub trait Guides {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them. The error says why it cannot be read again.
    fn get(&self, index: usize) -> io::Result<Cow<'_, GuideReport>>;
}

impl dyn Guides {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = io::Result<Cow<'_, GuideReport>>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// What each has, in one list.
    pub fn flat_map<T, I: IntoIterator<Item = T>>(
        &self,
        mut of: impl FnMut(&GuideReport) -> I,
    ) -> io::Result<Vec<T>> {
        let mut all = Vec::new();
        for guide in self.iter() {
            all.extend(of(&*guide?));
        }
        Ok(all)
    }
}

impl Serialize for dyn Guides {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(Some(self.len()))?;
        for guide in self.iter() {
            all.serialize_element(&*guide.map_err(S::Error::custom)?)?;
        }
        all.end()
    }
}

impl Guides for Vec<GuideReport> {
    fn len(&self) -> usize {
        self.len()
    }

    fn get(&self, index: usize) -> io::Result<Cow<'_, GuideReport>> {
        Ok(Cow::Borrowed(&self[index]))
    }
}

/// Reports that are too many for memory go to a file from here on, in bytes of all.
const MOST_HELD: usize = 4 << 20;

/// Reports in a file without a name, which come in any order. Of a few there is no file.
pub struct Spool {
    held: Vec<u8>,
    file: Option<File>,
    /// Bytes of all.
    size: usize,
    /// Where each is, and how long; with what is told without reading it, where that is known.
    places: Vec<Option<(usize, usize, Option<Summary>)>>,
}

impl Spool {
    /// Room for so many.
    pub fn new(count: usize) -> Spool {
        Spool { held: Vec::new(), file: None, size: 0, places: vec![None; count] }
    }

    /// Takes the report of a guide.
    pub fn put(&mut self, index: usize, guide: &GuideReport) -> io::Result<()> {
        self.put_bytes(index, &stored::written(guide), None)
    }

    /// The same for one that was stored.
    pub fn put_stored(&mut self, index: usize, stored: &Stored) -> io::Result<()> {
        self.put_bytes(index, &stored.bytes, Some(stored.summary.clone()))
    }

    fn put_bytes(&mut self, index: usize, bytes: &[u8], summary: Option<Summary>) -> io::Result<()> {
        self.write(bytes).map_err(|error| told(&error))?;
        self.places[index] = Some((self.size, bytes.len(), summary));
        self.size += bytes.len();
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_none() && self.size + bytes.len() > MOST_HELD {
            let file = tempfile::tempfile()?;
            file.write_all_at(&std::mem::take(&mut self.held), 0)?;
            self.file = Some(file);
        }
        match &self.file {
            Some(file) => file.write_all_at(bytes, self.size as u64),
            None => {
                self.held.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// What is told of a guide without reading its report.
    pub fn summary(&self, index: usize) -> Option<&Summary> {
        self.places[index].as_ref()?.2.as_ref()
    }

    /// Whether the report of a guide has come.
    pub fn has(&self, index: usize) -> bool {
        self.places.get(index).is_some_and(Option::is_some)
    }

    /// The first ones alone.
    pub fn first(mut self, count: usize) -> Spool {
        self.places.truncate(count);
        self
    }
}

/// An error that says where there has to be room.
fn told(error: &io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    let what =
        format!("reports cannot be kept in {}: {error}; make room there, or set TMPDIR", folder.display());
    io::Error::new(error.kind(), what)
}

impl Guides for Spool {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn get(&self, index: usize) -> io::Result<Cow<'_, GuideReport>> {
        let (start, length, _) =
            self.places[index].as_ref().ok_or_else(|| io::Error::other("a guide has no report"))?;
        let Some(file) = &self.file else {
            return stored::read(&self.held[*start..start + length]).map(Cow::Owned);
        };
        let mut bytes = vec![0; *length];
        file.read_exact_at(&mut bytes, *start as u64).map_err(|error| told(&error))?;
        stored::read(&bytes).map(Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guide(path: &str) -> GuideReport {
        GuideReport { path: path.to_owned(), text: "text".to_owned(), ..GuideReport::default() }
    }

    #[test]
    fn what_comes_in_any_order_is_there_in_order() {
        let mut spool = Spool::new(3);
        for (index, path) in [(2, "c"), (0, "a"), (1, "b")] {
            assert!(!spool.has(index));
            spool.put(index, &guide(path)).unwrap();
            assert!(spool.has(index));
        }
        assert!(spool.file.is_none());
        let all: &dyn Guides = &spool;
        let told = all.flat_map(|guide| [format!("{}{}", guide.path, guide.text)]).unwrap();
        assert_eq!(told, ["atext", "btext", "ctext"]);
        let held: &dyn Guides = &vec![guide("a"), guide("b"), guide("c")];
        let json = |guides: &(dyn Guides + 'static)| serde_json::to_string(guides).unwrap();
        assert_eq!(json(all), json(held));
    }

    #[test]
    fn what_has_not_come_is_an_error() {
        let spool = Spool::new(1);
        assert!(Guides::get(&spool, 0).is_err());
    }

    #[test]
    fn much_goes_to_a_file() {
        let long =
            |letter: char| GuideReport { text: letter.to_string().repeat(MOST_HELD / 3), ..guide("g") };
        let mut spool = Spool::new(5);
        for (index, letter) in "abcde".chars().enumerate() {
            spool.put(index, &long(letter)).unwrap();
        }
        assert!(spool.file.is_some() && spool.held.is_empty());
        for (index, letter) in "abcde".chars().enumerate() {
            assert!(spool.get(index).unwrap().text.chars().all(|c| c == letter));
        }
    }
}
