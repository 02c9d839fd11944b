//! Sessions inside of one process: see `docs/testing.md`.
//!
//! Workers are this very executable, so it is asked first whether it is one: hence no usual harness.

mod edits;
mod guides;
mod lasting;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    if verify::cli::is_worker() {
        return verify::cli::run();
    }
    let trials = lasting::trials().into_iter().chain(edits::trials()).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A test under its name, on a stack that syntax trees have room on.
fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        let thread = std::thread::Builder::new().stack_size(verify::check::STACK).spawn(test)?;
        thread.join().map_err(|panic| match panic.downcast::<String>() {
            Ok(message) => message.as_str().into(),
            Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or("it panicked").into(),
        })
    })
}
