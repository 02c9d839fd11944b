//! Any bytes from a child are taken apart: see `tests/laws`.

#![no_main]

#[path = "../../tests/laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::on_deep_stack(|| laws::wire(bytes)));
