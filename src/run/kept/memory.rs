//! A store for as long as the process lasts.

use std::collections::HashMap;
use std::sync::Mutex;

use super::{Kept, Key, Store};

/// What is kept at most, in bytes.
const MOST: usize = 256 << 20;

/// Observations in memory. Of too many those go that were not asked for the longest.
#[derive(Default)]
pub struct Memory(Mutex<State>);

#[derive(Default)]
struct State {
    known: HashMap<Key, Slot>,
    /// Bytes of all.
    size: usize,
    /// Counts what is asked for.
    now: u64,
}

struct Slot {
    kept: Kept,
    size: usize,
    used: u64,
}

impl Store for Memory {
    fn get(&self, key: &Key) -> Option<Kept> {
        let mut state = self.0.lock().expect("no panic holds it");
        state.now += 1;
        let now = state.now;
        let slot = state.known.get_mut(key)?;
        slot.used = now;
        Some(slot.kept.clone())
    }

    fn put(&self, key: &Key, kept: &Kept) {
        let size = kept.seen.size();
        let mut state = self.0.lock().expect("no panic holds it");
        state.now += 1;
        let slot = Slot { kept: kept.clone(), size, used: state.now };
        let before = state.known.insert(*key, slot).map_or(0, |slot| slot.size);
        state.size = state.size + size - before;
        if state.size > MOST {
            state.halve();
        }
    }
}

impl Memory {
    /// Drops what nobody will ask for any more.
    pub fn forget<'a>(&self, keys: impl IntoIterator<Item = &'a Key>) {
        let mut state = self.0.lock().expect("no panic holds it");
        for key in keys {
            let size = state.known.remove(key).map_or(0, |slot| slot.size);
            state.size -= size;
        }
    }
}

impl State {
    /// Drops what was not asked for the longest, so much that it is worth the search.
    fn halve(&mut self) {
        let mut all: Vec<_> = self.known.iter().map(|(key, slot)| (slot.used, *key)).collect();
        all.sort_unstable_by_key(|(used, _)| *used);
        for (_, key) in all {
            if self.size <= MOST / 2 {
                return;
            }
            self.size -= self.known.remove(&key).map_or(0, |slot| slot.size);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Job;
    use crate::run::{Ending, Observation, Surroundings};

    #[test]
    fn of_too_many_the_longest_unused_go() {
        let memory = Memory::default();
        let key = |number: usize| Key::new(&number, &Job::default(), &Surroundings::default(), &[]);
        let output = [vec![b'x'; MOST / 8], vec![]];
        let seen = Observation { ending: Some(Ending::Exited(0)), output, ..Observation::default() };
        let kept = Kept::of(&Job::default(), &seen, "").unwrap();
        for number in 0..8 {
            memory.put(&key(number), &kept);
            assert!(memory.get(&key(0)).is_some(), "it is asked for again and again");
        }
        assert!(memory.get(&key(1)).is_none() && memory.get(&key(7)).is_some());
        assert!(memory.0.lock().unwrap().size <= MOST);
        memory.forget((0..8).map(key).collect::<Vec<_>>().iter());
        assert_eq!(memory.0.lock().unwrap().size, 0);
    }
}
