//! The `verify` executable: see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    // What a worker has in its environment its snippets see.
    if !verify::cli::is_worker() {
        configure_insta();
    }
    verify::cli::run()
}

/// insta takes its settings from the environment, once. Here it is a library that writes pending
/// snapshots, not a test harness that fails.
fn configure_insta() {
    let settings = [
        ("INSTA_WORKSPACE_ROOT", env!("CARGO_MANIFEST_DIR")),
        ("INSTA_OUTPUT", "none"),
        ("INSTA_FORCE_PASS", "1"),
        ("INSTA_UPDATE", "new"),
    ];
    for (name, value) in settings {
        // SAFETY: the first thing that the process does; there is no other thread yet.
        unsafe { std::env::set_var(name, value) };
    }
}
