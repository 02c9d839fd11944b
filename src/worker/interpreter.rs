//! The embedded CPython: started isolated, under the name of the executable it was built against, so
//! that its prefix, its packages and `sys.executable` are right.

use std::ffi::{CStr, CString};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyList};

use super::child::{Ends, NOT_STARTED, Order};
use super::clock;
use super::sandbox::Place;
use crate::run::protocol::{Hello, Layer, Sandbox};

/// The Python that the executable was built against.
const PYTHON: &str = env!("VERIFY_PYTHON");

/// The runner's modules, in an order in which each finds what it imports.
const RUNNER: [(&str, &str); 7] = [
    ("own", include_str!("runner/own.py")),
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
    /// What it is; it knows of no sandbox yet.
    pub hello: Hello,
    /// Where its own files lie, and its packages.
    pub files: Vec<PathBuf>,
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
        sandbox: Sandbox { layer: Layer::Off, lacks: Vec::new() },
    };
    let mut files: Vec<PathBuf> = sys.getattr("path")?.extract()?;
    for prefix in ["prefix", "exec_prefix", "base_prefix", "base_exec_prefix", "executable"] {
        files.push(sys.getattr(prefix)?.extract()?);
    }
    let loads = py.import("json")?.getattr("loads")?;
    Ok(Interpreter { hello, files, run: run.unbind(), loads: loads.unbind() })
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

    /// Runs a job in this process, which must be a fork of its own in its place, and leaves it.
    pub fn run(&self, order: &Order<'_>, place: &Place<'_>, ends: &Ends) -> ! {
        Python::attach(|py| {
            if let Err(error) = self.call(py, order, place, ends) {
                error.print(py);
            }
        });
        // SAFETY: ends the process without the exit handlers of the worker it was forked from.
        unsafe { libc::_exit(NOT_STARTED) }
    }

    fn call(&self, py: Python<'_>, order: &Order<'_>, place: &Place<'_>, ends: &Ends) -> PyResult<()> {
        let job = self.loads.call1(py, (order.job,))?;
        let ends = [ends.events.as_raw_fd(), ends.outputs[0].as_raw_fd(), ends.outputs[1].as_raw_fd()];
        if order.virtual_time {
            clock::start(place.is_open());
        }
        // A copy of the run that looks at something has the run's manner of waiting.
        let is_virtual = order.virtual_time;
        let resume = PyCFunction::new_closure(py, None, None, move |_, _| {
            if is_virtual {
                clock::resume();
            }
        })?;
        let folder = place.folder().as_os_str();
        self.run.call1(py, (job, folder, ends, place.has_sockets(), resume)).map(drop)
    }
}
