//! The embedded CPython: started isolated, under the name of the executable it was built against, so
//! that its prefix, its packages and `sys.executable` are right.

use std::ffi::{CStr, CString};
use std::path::Path;

use anyhow::{Context, bail};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::run::protocol::Hello;

/// The Python that the executable was built against.
const PYTHON: &str = env!("VERIFY_PYTHON");

/// The runner's modules, in an order in which each finds what it imports.
const RUNNER: [(&str, &str); 6] = [
    ("describe", include_str!("runner/describe.py")),
    ("state", include_str!("runner/state.py")),
    ("capture", include_str!("runner/capture.py")),
    ("rewrite", include_str!("runner/rewrite.py")),
    ("probe", include_str!("runner/probe.py")),
    ("run", include_str!("runner/run.py")),
];
const LOADER: &str = include_str!("runner/load.py");

/// A started interpreter with the runner loaded.
pub struct Interpreter {
    /// What it is.
    pub hello: Hello,
    run: Py<PyAny>,
    loads: Py<PyAny>,
}

/// Starts CPython in this process. Can be done once.
pub fn start(hash_seed: u32) -> anyhow::Result<Interpreter> {
    if !Path::new(PYTHON).exists() {
        bail!(
            "the Python that verify was built against is gone: {PYTHON}; install it again or rebuild verify"
        );
    }
    initialize(hash_seed)?;
    Python::attach(|py| load(py).context("the runner could not be loaded"))
}

fn initialize(hash_seed: u32) -> anyhow::Result<()> {
    let program = CString::new(PYTHON)?;
    // SAFETY: the sequence that CPython's documentation gives for PyConfig; this process has one
    // thread and no interpreter yet, and `config` lives through all calls that take it.
    unsafe {
        let mut before: ffi::PyPreConfig = std::mem::zeroed();
        ffi::PyPreConfig_InitIsolatedConfig(&mut before);
        before.utf8_mode = 1;
        check(ffi::Py_PreInitialize(&before))?;
        let mut config: ffi::PyConfig = std::mem::zeroed();
        ffi::PyConfig_InitIsolatedConfig(&mut config);
        config.install_signal_handlers = 0;
        // Buffered C output would be lost in a crash.
        config.buffered_stdio = 0;
        config.write_bytecode = 0;
        config.use_hash_seed = 1;
        config.hash_seed = hash_seed.into();
        check(ffi::PyConfig_SetBytesString(&mut config, &raw mut config.program_name, program.as_ptr()))?;
        let status = ffi::Py_InitializeFromConfig(&config);
        ffi::PyConfig_Clear(&mut config);
        check(status)
    }
}

fn check(status: ffi::PyStatus) -> anyhow::Result<()> {
    // SAFETY: `status` comes from CPython, whose message is a static string or null.
    unsafe {
        if ffi::PyStatus_Exception(status) == 0 {
            return Ok(());
        }
        let message = match status.err_msg.is_null() {
            true => "unknown error".into(),
            false => CStr::from_ptr(status.err_msg).to_string_lossy(),
        };
        bail!("CPython ({PYTHON}) does not start: {message}");
    }
}

fn load(py: Python<'_>) -> anyhow::Result<Interpreter> {
    let scope = PyDict::new(py);
    py.run(&CString::new(LOADER)?, Some(&scope), None)?;
    let load = scope.get_item("load")?.context("the loader defines no load")?;
    let run = load.call1((PyList::new(py, RUNNER)?,))?;
    let sys = py.import("sys")?;
    let version = sys.getattr("version_info")?;
    let part = |name| version.getattr(name)?.extract::<u8>();
    let hello = Hello {
        version: format!("{}.{}.{}", part("major")?, part("minor")?, part("micro")?),
        implementation: py.import("platform")?.call_method0("python_implementation")?.extract()?,
        path: sys.getattr("executable")?.extract()?,
    };
    let loads = py.import("json")?.getattr("loads")?;
    Ok(Interpreter { hello, run: run.unbind(), loads: loads.unbind() })
}

impl Interpreter {
    /// Imports modules of the standard library, so that every run finds them there. One that cannot
    /// be imported is left to the snippet that wants it.
    pub fn preload(&self, modules: &[&str]) {
        Python::attach(|py| {
            for module in modules {
                let _ = py.import(*module);
            }
        });
    }

    /// Runs a job in this process, which must be a fork of its own, and leaves it.
    pub fn run(&self, job: &[u8], events: i32, stdout: i32, stderr: i32) -> ! {
        Python::attach(|py| {
            let job = self.loads.call1(py, (job,));
            let done = job.and_then(|job| self.run.call1(py, (job, events, stdout, stderr)));
            if let Err(error) = done {
                error.print(py);
            }
        });
        // SAFETY: ends the process without the exit handlers of the worker it was forked from.
        unsafe { libc::_exit(70) }
    }
}
