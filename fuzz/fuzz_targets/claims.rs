//! Any guide's claims are read and judged: see `tests/laws`.

#![no_main]

#[path = "../../tests/laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::on_deep_stack(|| laws::claims(bytes)));
