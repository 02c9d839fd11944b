//! The real index, where it is reachable.

use super::shelf::{Shelf, With};

/// What was said, unless the index cannot be reached: then that is said instead.
fn reached(shelf: &Shelf) -> Option<String> {
    let said = shelf.said(&[]);
    if said.contains("the package index cannot be reached") {
        eprintln!("not tried: the package index cannot be reached");
        return None;
    }
    Some(said)
}

#[test]
fn packages_come_from_the_index() {
    for with in With::all() {
        let shelf = Shelf::of_the_index(with);
        shelf.write(&[(
            &["PyYAML", "six==1.16.0"],
            "import yaml, six\nyaml.safe_load('a: [1, 2]')  # {'a': [1, 2]}\nsix.__version__  # '1.16.0'",
        )]);
        let Some(said) = reached(&shelf) else { return };
        assert!(said.contains("guide.md:6: holds") && said.contains("guide.md:7: holds"), "{with:?}: {said}");
    }
}

#[test]
fn the_index_knows_what_it_does_not_have() {
    for with in With::all() {
        let shelf = Shelf::of_the_index(with);
        shelf.write(&[
            (&["six==99"], "import six"),
            (&["docopt==0.6.2"], "import docopt"),
            (&["verify-tests-ask-for-no-such-thing"], "import no_such_thing"),
        ]);
        let Some(said) = reached(&shelf) else { return };
        for words in [
            "no version of `six==99` is to be had for Python 3.",
            "`docopt==0.6.2` has no wheel for Python 3.",
            "no distribution is called `verify-tests-ask-for-no-such-thing`",
        ] {
            assert!(said.contains(words), "{with:?}: {words} not in {said}");
        }
    }
}

#[test]
fn a_real_package_is_dead() {
    for with in With::all() {
        let shelf = Shelf::of_the_index(with);
        shelf.write(&[(&["aioredis"], "import aioredis")]);
        let Some(said) = reached(&shelf) else { return };
        let dead =
            "error[dead-package] `aioredis` 2.0.1, its newest version, cannot be imported on Python 3.";
        // Before 3.11 it can be.
        let lives = said.contains("CPython 3.9.") || said.contains("CPython 3.10.");
        assert!(said.contains(dead) != lives, "{with:?}: {said}");
    }
}
