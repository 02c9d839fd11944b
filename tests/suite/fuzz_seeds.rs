//! The fuzz targets' seeds and what they once failed on, through the same laws.

use std::path::Path;

use crate::laws;

/// Holds a law against each file of a target's folder.
fn hold(target: &str, law: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut seeds = 0;
    for entry in std::fs::read_dir(&folder).expect("a folder of seeds") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("readable");
        println!("{}", path.display());
        laws::on_deep_stack(|| law(&bytes));
        seeds += 1;
    }
    assert!(seeds > 0, "{} holds no seed", folder.display());
}

#[test]
fn guides_are_read() {
    hold("guide", laws::guide);
}

#[test]
fn claims_are_read_and_judged() {
    hold("claims", laws::claims);
}

#[test]
fn what_a_child_sends_is_taken_apart() {
    hold("wire", laws::wire);
}
