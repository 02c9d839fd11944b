//! The embedded CPython: started isolated, under the name of the executable it was built against or of an
//! environment's, so that its prefix, its packages and `sys.executable` are right.

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCFunction, PyDict, PyList};

use super::child::{NOT_STARTED, Run, Seats};
use super::clock;
use super::sandbox::{Place, Sandbox};
use super::site;
use super::sources::{COMPILED, LOADER, RUNNER};
use crate::pythons::EMBEDDED;
use crate::run::protocol::{Setup, Site};

/// A started interpreter with the runner loaded.
pub struct Interpreter {
    /// `3.11.7`.
    pub version: String,
    /// Its executable.
    pub executable: String,
    /// Where its own files lie, and its packages.
    pub files: Vec<PathBuf>,
    runner: Py<PyAny>,
}

/// Starts CPython in this process. Can be done once.
pub fn start(hash_seed: u32, site: &Site) -> anyhow::Result<Interpreter> {
    if !Path::new(EMBEDDED).exists() {
        bail!(
            "the Python that verify was built against is gone: {EMBEDDED}; install it again or rebuild verify"
        );
    }
    initialize(hash_seed, site)?;
    Python::attach(|py| {
        // What is made from here on stays.
        py.import("gc")?.call_method0("disable")?;
        site::prepare(py, site)?;
        load(py).context("the runner could not be loaded")
    })
}

fn initialize(hash_seed: u32, site: &Site) -> anyhow::Result<()> {
    let program = CString::new(site::program(site).as_os_str().as_bytes())?;
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
        config.site_import = (*site == Site::Own).into();
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
        bail!("CPython ({EMBEDDED}) does not start: {message}");
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
    let version = format!("{}.{}.{}", part("major")?, part("minor")?, part("micro")?);
    let mut files: Vec<PathBuf> = sys.getattr("path")?.extract()?;
    for prefix in ["prefix", "exec_prefix", "base_prefix", "base_exec_prefix", "executable"] {
        files.push(sys.getattr(prefix)?.extract()?);
    }
    let executable = sys.getattr("executable")?.extract()?;
    Ok(Interpreter { version, executable, files, runner: runner.unbind() })
}

impl Interpreter {
    /// Imports what runs have in common. A module that cannot be imported is left to the snippet that wants it.
    pub fn preload(&self, modules: &[String]) {
        if modules.is_empty() {
            return;
        }
        Python::attach(|py| {
            for module in modules {
                let _ = py.import(module.as_str());
            }
            let _ = freeze(py);
        });
    }

    /// Makes everything ready that a worker's runs share.
    pub fn prepare(&self, setup: &Setup, seats: &Seats, sandbox: &Sandbox) -> anyhow::Result<Runner> {
        let is_virtual = setup.virtual_time;
        Python::attach(|py| {
            // A copy of the run that looks at something has the run's manner of waiting.
            let resume = PyCFunction::new_closure(py, None, None, move |_, _| {
                if is_virtual {
                    clock::resume();
                }
            })?;
            let folder = sandbox.folders().as_os_str();
            let given = (seats.numbers(), folder, sandbox.has_sockets(), resume, setup.site.name());
            let runner = self.runner.call1(py, given)?;
            let loads = py.import("json")?.getattr("loads")?.unbind();
            freeze(py)?;
            py.import("gc")?.call_method0("enable")?;
            Ok(Runner { is_virtual, runner, loads })
        })
    }
}

/// What is there by now is not a run's: its collections need not look at it, and copy it.
fn freeze(py: Python<'_>) -> PyResult<()> {
    py.import("gc")?.call_method0("freeze").map(drop)
}

/// What each run of a worker begins with.
pub struct Runner {
    is_virtual: bool,
    runner: Py<PyAny>,
    loads: Py<PyAny>,
}

impl Run for Runner {
    fn run(&self, job: &[u8], place: &Place<'_>) -> i32 {
        Python::attach(|py| {
            if let Err(error) = self.call(py, job, place) {
                error.print(py);
            }
        });
        NOT_STARTED
    }
}

impl Runner {
    fn call(&self, py: Python<'_>, job: &[u8], place: &Place<'_>) -> PyResult<()> {
        let job = self.loads.call1(py, (job,))?;
        if self.is_virtual {
            clock::start(place.outside);
        }
        self.runner.call_method1(py, "run", (job, place.folder().as_os_str())).map(drop)
    }
}
