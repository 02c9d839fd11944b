//! A folder of the test's own and the real binary in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use verify::needs::Service;
use verify::run::Surroundings;

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Held for reading by tests that share the machine, for writing by one that minds the time.
static MACHINE: RwLock<()> = RwLock::new(());

/// For as long as it is held, no test that minds the time runs.
pub fn shared() -> RwLockReadGuard<'static, ()> {
    MACHINE.read().unwrap_or_else(PoisonError::into_inner)
}

/// For as long as it is held, no other test runs.
pub fn alone() -> RwLockWriteGuard<'static, ()> {
    MACHINE.write().unwrap_or_else(PoisonError::into_inner)
}

/// Held by a test whose servers stand at ports of the machine itself.
static PORTS: Mutex<()> = Mutex::new(());

/// For as long as it is held, no other test takes ports of the machine.
pub fn ports() -> MutexGuard<'static, ()> {
    PORTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A temporary folder that commands run in.
pub struct Place {
    folder: tempfile::TempDir,
    _shared: RwLockReadGuard<'static, ()>,
}

impl Place {
    /// An empty folder, out of reach of any configuration.
    pub fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a temporary folder"), _shared: shared() }
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file in it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        std::fs::write(path, content).expect("writable");
    }

    /// Reads a file in it.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs verify in it.
    pub fn verify(&self, arguments: &[&str]) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_verify"));
        Done(command.args(arguments).current_dir(self.folder.path()).output().expect("verify starts"))
    }
}

/// Whether this machine has servers for tests that need them; where it has not, it is said which.
pub fn servers(names: &[&str]) -> bool {
    let services = Service::ALL.into_iter().filter(|service| names.contains(&service.name())).collect();
    let (found, lacking) = Surroundings { services }.servers();
    for lacking in lacking {
        eprintln!("not tested: {:?} {} ({})", lacking.what, lacking.why, lacking.remedy);
    }
    found.len() == names.len()
}

/// What a command did.
pub struct Done(pub Output);

impl Done {
    /// Its exit code.
    pub fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    /// Its standard output.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    /// Its standard error.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Its standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.0.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout()))
    }
}
