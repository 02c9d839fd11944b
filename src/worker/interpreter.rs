//! The embedded CPython: started isolated, under the name of the executable it was built against, so
//! that its prefix, its packages and `sys.executable` are right.

use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCFunction, PyDict, PyList};

use super::child::{NOT_STARTED, Seats};
use super::clock;
use super::sandbox::{Place, Sandbox as Surroundings};
use crate::run::protocol::{Hello, Layer, Sandbox, Setup};

/// The Python that the executable was built against.
const PYTHON: &str = env!("VERIFY_PYTHON");

/// The runner's modules, in an order in which each finds what it imports.
const RUNNER: [(&str, &str); 10] = [
    ("own", include_str!("runner/own.py")),
    ("describe", include_str!("runner/describe.py")),
    ("state", include_str!("runner/state.py")),
    ("capture", include_str!("runner/capture.py")),
    ("rewrite", include_str!("runner/rewrite.py")),
    ("probe", include_str!("runner/probe.py")),
    ("translate", include_str!("runner/translate.py")),
    ("program", include_str!("runner/program.py")),
    ("supply", include_str!("runner/supply.py")),
    ("run", include_str!("runner/run.py")),
];
/// The same, compiled for the Python of the build.
const COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runner.bin"));
const LOADER: &str = include_str!("runner/load.py");

/// A started interpreter with the runner loaded.
pub struct Interpreter {
    /// What it is; it knows of no sandbox yet.
    pub hello: Hello,
    /// Where its own files lie, and its packages.
    pub files: Vec<PathBuf>,
    runner: Py<PyAny>,
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
    let runner = load.call1((PyList::new(py, RUNNER)?, PyBytes::new(py, COMPILED)))?;
    let sys = py.import("sys")?;
    let version = sys.getattr("version_info")?;
    let part = |name| version.getattr(name)?.extract::<u8>();
    let hello = Hello {
        version: format!("{}.{}.{}", part("major")?, part("minor")?, part("micro")?),
        implementation: "CPython".to_owned(),
        path: sys.getattr("executable")?.extract()?,
        sandbox: Sandbox { layer: Layer::Off, lacks: Vec::new() },
    };
    let mut files: Vec<PathBuf> = sys.getattr("path")?.extract()?;
    for prefix in ["prefix", "exec_prefix", "base_prefix", "base_exec_prefix", "executable"] {
        files.push(sys.getattr(prefix)?.extract()?);
    }
    Ok(Interpreter { hello, files, runner: runner.unbind() })
}

impl Interpreter {
    /// Makes everything ready that the worker's runs share. A module that cannot be imported is left to the
    /// snippet that wants it.
    pub fn prepare(self, setup: &Setup, seats: &Seats, sandbox: &Surroundings) -> anyhow::Result<Runner> {
        let is_virtual = setup.virtual_time;
        Python::attach(|py| {
            for module in &setup.preload {
                let _ = py.import(module.as_str());
            }
            // A copy of the run that looks at something has the run's manner of waiting.
            let resume = PyCFunction::new_closure(py, None, None, move |_, _| {
                if is_virtual {
                    clock::resume();
                }
            })?;
            let runner = self
                .runner
                .call1(py, (seats.numbers(), sandbox.folders().as_os_str(), sandbox.has_sockets(), resume))?;
            let loads = py.import("json")?.getattr("loads")?.unbind();
            // What is there by now is not a run's: its collections need not look at it, and copy it.
            py.import("gc")?.call_method0("freeze")?;
            Ok(Runner { is_virtual, runner, loads })
        })
    }
}

/// What each run of a worker begins with.
pub struct Runner {
    is_virtual: bool,
    runner: Py<PyAny>,
    loads: Py<PyAny>,
}

impl Runner {
    /// Runs a job, as JSON, in this process, which must be a fork of its own in its place, and leaves it.
    pub fn run(&self, job: &[u8], place: &Place<'_>) -> ! {
        Python::attach(|py| {
            if let Err(error) = self.call(py, job, place) {
                error.print(py);
            }
        });
        // SAFETY: ends the process without the exit handlers of the worker it was forked from.
        unsafe { libc::_exit(NOT_STARTED) }
    }

    fn call(&self, py: Python<'_>, job: &[u8], place: &Place<'_>) -> PyResult<()> {
        let job = self.loads.call1(py, (job,))?;
        if self.is_virtual {
            clock::start(place.is_open());
        }
        self.runner.call_method1(py, "run", (job, place.folder().as_os_str())).map(drop)
    }
}
