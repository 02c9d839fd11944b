//! The Python half has tests of its own; they run in the interpreter that verify embeds.

use std::path::Path;
use std::process::Command;

use crate::common::{Place, alone};

#[test]
fn the_runners_own_tests_pass() {
    let place = Place::new();
    place.write("guide.md", "# Nothing\n");
    let report = place.verify(&["guide.md", "--format", "json"]).json();
    let python = report["pythons"][0]["path"].as_str().expect("the embedded Python's path");
    drop(place);
    // Some of these tests bound how long a look at a value may take.
    let _alone = alone();
    let done = Command::new(python)
        .args(["-B", "-m", "unittest", "discover", "-s", "tests/runner", "-t", "tests/runner"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert!(said.contains("Ran ") && !said.contains("Ran 0 tests"), "{said}");
}
