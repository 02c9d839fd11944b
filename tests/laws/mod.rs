//! Laws that hold for any bytes at all. The property tests try them on guides that they make up, the
//! fuzz targets on whatever the fuzzer finds, and the suite on every stored seed and former failure.

mod judging;
mod places;
mod wire;

pub use judging::claims;
pub use places::guide;
#[allow(unused_imports, reason = "the property tests make texts, the fuzz targets bytes")]
pub use places::{PATHS, places_are_true, places_are_true_in};
pub use wire::wire;

/// Holds a law on a stack that deep syntax does not exhaust, as verify itself does.
pub fn on_deep_stack(law: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(verify::check::STACK).spawn_scoped(scope, law);
        thread.expect("a thread").join().expect("the law holds");
    });
}
