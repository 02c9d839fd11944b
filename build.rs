//! Finds the CPython to embed and makes the executable load exactly that one.
//!
//! A plain link picks whichever libpython of the same soname the loader meets first, and a
//! RUNPATH yields to `LD_LIBRARY_PATH`. Only an RPATH holds, hence `--disable-new-dtags`.

use std::path::PathBuf;
use std::process::{Command, exit};

/// Functions that the executable puts before those of the C library, also for what is loaded later (see
/// `src/worker/clock` and `src/worker/shared.rs`).
const REPLACED: [&str; 24] = [
    "alarm",
    "clock_gettime",
    "clock_nanosleep",
    "epoll_wait",
    "gettimeofday",
    "poll",
    "pthread_cond_clockwait",
    "pthread_cond_timedwait",
    "pthread_create",
    "select",
    "sem_clockwait",
    "sem_close",
    "sem_init",
    "sem_open",
    "sem_post",
    "sem_timedwait",
    "sem_unlink",
    "sem_wait",
    "setitimer",
    "shm_open",
    "shm_unlink",
    "socket",
    "time",
    "timerfd_create",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PYO3_PYTHON");
    let python = pyo3_build_config::get();
    let executable = python.executable().unwrap_or_default();
    let version = python.version();
    let cpython = python.implementation() == pyo3_build_config::PythonImplementation::CPython;
    if !cpython || (version.major, version.minor) < (3, 9) {
        fail(executable, "is not CPython 3.9 or later");
    }
    if !python.shared() {
        fail(executable, "was built without a shared libpython");
    }
    println!("cargo::rustc-env=VERIFY_PYTHON={executable}");
    compile_runner(executable);
    pyo3_build_config::add_libpython_rpath_link_args();
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-link-arg=-Wl,--disable-new-dtags");
        for symbol in REPLACED {
            println!("cargo::rustc-link-arg=-Wl,--undefined={symbol},--export-dynamic-symbol={symbol}");
        }
    }
}

/// Compiles the runner's modules for the interpreter that will load them. One that cannot be asked now, or
/// that is another by then, compiles them itself.
fn compile_runner(python: &str) {
    const COMPILE: &str = "
import importlib.util, marshal, pathlib, sys
modules = {path.stem: path for path in pathlib.Path('src/worker/runner').glob('*.py')}
codes = {name: compile(path.read_bytes(), f'<verify {name}.py>', 'exec') for name, path in modules.items()}
sys.stdout.buffer.write(importlib.util.MAGIC_NUMBER + marshal.dumps(codes))";
    println!("cargo::rerun-if-changed=src/worker/runner");
    let compiled = Command::new(python).args(["-I", "-S", "-c", COMPILE]).output();
    let compiled = compiled.map(|output| output.stdout).unwrap_or_default();
    let file = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("runner.bin");
    if let Err(error) = std::fs::write(&file, compiled) {
        println!("cargo::error={} cannot be written: {error}", file.display());
    }
}

/// Ends the build with what is wrong and what to install.
fn fail(executable: &str, what: &str) -> ! {
    println!(
        "cargo::error=the Python found for the build ({executable}) {what}. verify embeds CPython 3.9 or \
         later as a shared library. Debian: apt-get install python3-dev. pyenv: \
         PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install 3.12. Then choose it with \
         PYO3_PYTHON=/path/to/python3."
    );
    exit(1);
}
