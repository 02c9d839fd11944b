//! What keeps a run away from everything that is not its own, in the strongest way that the machine
//! allows.
//!
//! Layer A ([`Layer::Namespaces`]) gives runs a system of their own; layer B ([`Layer::Rules`]) forbids
//! them what they must not do on the one that is there. Both end in an ordinary user without privileges.

mod beside;
mod filter;
mod identity;
mod init;
mod namespaces;
mod root;
mod rules;
mod view;

use std::ffi::CString;
use std::fs::create_dir;
use std::os::fd::OwnedFd;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use rustix::fs::stat;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use rustix::process::{
    PidfdFlags, Signal, WaitOptions, chdir, getpid, pidfd_open, set_parent_process_death_signal, setsid,
    waitpid,
};

use super::clock::Outside;
use super::fork::fork;
use super::{family, shared};
use crate::limits;
use crate::run::folder::Folder;
use crate::run::protocol::Layer;
pub use beside::{Aside, Home, Quarters, Ties};
use filter::Filter;
use identity::User;
use init::Init;
pub use root::name;
use rules::Rules;

/// Where a run's folder is mounted in layer A; the second place where the interpreter lies below the first.
const OWN: [&str; 2] = ["/tmp", "/var/tmp"];
const PROCESSES: &str = "/proc";
const PLAIN: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// The sandbox of a worker's runs.
pub struct Sandbox {
    layer: Layer,
    user: User,
    rules: Rules,
    filter: Option<Filter>,
    threads: Option<u64>,
    /// Where each run has its folder: in layer A it is that folder.
    folders: PathBuf,
    myself: OwnedFd,
    /// The device of the /proc that stands below those of the runs.
    bare_processes: u64,
}

/// Enters what has to be entered before the interpreter is started. Only a copy of this process, which
/// must have one thread, may come back. An error says why this layer is not to be had.
pub fn prepare(layer: Layer) -> anyhow::Result<()> {
    match layer {
        Layer::Namespaces => namespaces::enter(&User::of_namespaced_runs()),
        Layer::Rules | Layer::Off => Ok(()),
    }
}

impl Sandbox {
    /// Puts this process, which must have one thread and be prepared, where its runs will be. `interpreter` is
    /// where the interpreter's own files lie, `folders` where runs without a mount have theirs.
    pub fn start(layer: Layer, interpreter: &[PathBuf], folders: &Path) -> anyhow::Result<Sandbox> {
        let readable = view::readable(interpreter);
        let myself = pidfd_open(getpid(), PidfdFlags::empty()).context("no descriptor for a process")?;
        let user = match layer {
            // In a root of its own it does not matter what lies above the interpreter's files.
            Layer::Namespaces => User::of_namespaced_runs(),
            Layer::Rules | Layer::Off => User::of_runs(&readable),
        };
        let (rules, filter, threads) = match layer {
            Layer::Namespaces => {
                root::enter(&readable, own(&readable), &user)?;
                (Rules::of_a_root(), Some(Filter::new(true, false)?), Some(limits::THREADS))
            }
            Layer::Rules => {
                let threads = family::threads_of(user.uid) + limits::THREADS;
                (Rules::of_the_system(&readable), Some(Filter::new(false, user.is_own())?), Some(threads))
            }
            Layer::Off => (Rules::of_a_root(), None, None),
        };
        let bare_processes = stat(PROCESSES)?.st_dev;
        let folders = if layer == Layer::Namespaces { own(&readable) } else { folders }.to_owned();
        let sandbox = Sandbox { layer, user, rules, filter, threads, folders, myself, bare_processes };
        if let Some(filter) = &sandbox.filter {
            identity::drop_bounding_set();
            filter.apply_to_worker().context("seccomp refuses its filter")?;
        }
        sandbox.try_out()?;
        Ok(sandbox)
    }

    /// What the machine does not let this sandbox do, in words.
    pub fn lacks(&self) -> Vec<String> {
        let mut lacks: Vec<&str> = match self.layer {
            Layer::Namespaces => Vec::new(),
            Layer::Rules => vec!["files, processes, terminals and a loopback network of its own"],
            Layer::Off => return vec!["everything: it is switched off".to_owned()],
        };
        if self.user.uid == 0 {
            lacks.push("a user other than root, who could not read the interpreter's files");
        }
        lacks.extend(rules::lacks());
        lacks.into_iter().map(str::to_owned).collect()
    }

    /// The folder of each run, or else the one in which each gets its own.
    pub fn folders(&self) -> &Path {
        &self.folders
    }

    /// Whether its runs have sockets that lead anywhere.
    pub fn has_sockets(&self) -> bool {
        self.layer != Layer::Rules
    }

    /// Whether a run has mounted a /proc of its own.
    fn shows_processes(&self) -> bool {
        stat(PROCESSES).is_ok_and(|it| it.st_dev != self.bare_processes)
    }

    /// Whether its runs have processes, names and a network apart from those of the system.
    pub fn is_apart(&self) -> bool {
        self.layer == Layer::Namespaces
    }

    /// A place for one run.
    pub fn place(&self) -> anyhow::Result<Place<'_>> {
        let held = match self.layer {
            Layer::Namespaces => self.namespace()?,
            Layer::Rules | Layer::Off => Held::Folder(self.folder()?),
        };
        let outside = if self.is_apart() { Outside::Nobody } else { Outside::Others };
        Ok(Place { sandbox: self, held, outside })
    }

    fn namespace(&self) -> anyhow::Result<Held> {
        if namespaces::loopback_is_used() {
            namespaces::renew_network()?;
        }
        let init = Init::start()?;
        let User { uid, gid } = self.user;
        let (size, files) = (limits::FOLDER, limits::FILES);
        let options = format!("mode=0755,size={size},nr_inodes={files},uid={uid},gid={gid}");
        mount("run", &self.folders, "tmpfs", PLAIN, &*CString::new(options)?)
            .context("no folder for a run")?;
        Ok(Held::Namespace(init))
    }

    fn folder(&self) -> anyhow::Result<Folder> {
        let folder = Folder::make(&self.folders).context("cannot make a folder for a run")?;
        if self.layer == Layer::Rules {
            let User { uid, gid } = self.user;
            chown(folder.path(), Some(uid), Some(gid))?;
        }
        Ok(folder)
    }

    /// Enters a place and leaves it, to see whether it can be done.
    fn try_out(&self) -> anyhow::Result<()> {
        let place = self.place()?;
        let child = place.fork(|| fork(|| i32::from(place.enter(Duration::ZERO).is_err())))??;
        let (_, status) = waitpid(Some(child), WaitOptions::empty())?.context("a trial is gone")?;
        place.leave()?;
        anyhow::ensure!(status.exit_status() == Some(0), "it cannot be entered");
        Ok(())
    }
}

/// Where a run's folder hides nothing that is to be seen.
fn own(readable: &[PathBuf]) -> &'static Path {
    let hides = |own: &&str| readable.iter().any(|path| path.starts_with(own));
    Path::new(OWN.iter().find(|own| !hides(own)).unwrap_or(&OWN[0]))
}

enum Held {
    Namespace(Init),
    Folder(Folder),
}

/// Where one run happens.
pub struct Place<'a> {
    sandbox: &'a Sandbox,
    held: Held,
    /// To whom its sockets lead.
    pub outside: Outside,
}

impl Place<'_> {
    /// The run's own folder.
    pub fn folder(&self) -> &Path {
        match &self.held {
            Held::Namespace(_) => &self.sandbox.folders,
            Held::Folder(folder) => folder.path(),
        }
    }

    /// Forks into the place: the child has yet to [`enter`](Place::enter) it.
    pub fn fork<T>(&self, fork: impl FnOnce() -> T) -> anyhow::Result<T> {
        match &self.held {
            Held::Namespace(init) => init.adopt(&self.sandbox.myself, fork),
            Held::Folder(_) => Ok(fork()),
        }
    }

    /// Gives up everything that a run does not need; done by the run's own process. `time` is what it may
    /// take of a processor.
    pub fn enter(&self, time: Duration) -> anyhow::Result<()> {
        let Sandbox { user, rules, filter, threads, .. } = self.sandbox;
        setsid()?;
        if let Held::Namespace(_) = self.held {
            // From inside of the run's namespace it shows the run's processes; the worker sees it too.
            mount("proc", PROCESSES, "proc", PLAIN | MountFlags::NOEXEC, None)
                .context("the run's own processes cannot be shown")?;
        }
        identity::limit(time.as_secs() + 2, *threads)?;
        if let Some(filter) = filter {
            user.become_it()?;
            identity::drop_capabilities()?;
            set_parent_process_death_signal(Some(Signal::KILL))?;
            self.furnish()?;
            rules.apply(self.folder()).context("Landlock refuses its rules")?;
            filter.apply_to_run().context("seccomp refuses its filter")?;
        } else {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            self.furnish()?;
        }
        Ok(())
    }

    /// Makes the folder that the snippet works in, and enters it; and the one for its shared memory.
    fn furnish(&self) -> anyhow::Result<()> {
        let (work, memory) = (self.folder().join("work"), self.folder().join(".shm"));
        create_dir(&work).and_then(|()| create_dir(&memory)).context("a run's folder cannot be filled")?;
        if self.sandbox.layer == Layer::Rules {
            shared::keep_in(memory);
        }
        Ok(chdir(&work)?)
    }

    /// The folders in /proc of the run's processes.
    pub fn processes(&self) -> Vec<PathBuf> {
        match &self.held {
            // Before the run has mounted its own, it shows those of the whole machine.
            Held::Namespace(_) if !self.sandbox.shows_processes() => Vec::new(),
            Held::Namespace(_) => family::all(),
            Held::Folder(_) => family::descendants(),
        }
    }

    /// Whether the run's files are more than it may have. In layer A the mount itself has that limit.
    pub fn is_full(&self) -> bool {
        match &self.held {
            Held::Namespace(_) => false,
            Held::Folder(folder) => {
                let (bytes, files) = folder.size((limits::FOLDER, limits::FILES));
                bytes > limits::FOLDER || files > limits::FILES
            }
        }
    }

    /// Ends whatever is left of the run, and removes its folder.
    pub fn leave(self) -> anyhow::Result<()> {
        match self.held {
            Held::Namespace(init) => {
                init.end()?;
                unmount(&self.sandbox.folders, UnmountFlags::DETACH)?;
                // A run that was ended early did not come to mount it over the one that is there.
                if self.sandbox.shows_processes() {
                    unmount(PROCESSES, UnmountFlags::DETACH)?;
                }
            }
            Held::Folder(_) => family::sweep(),
        }
        Ok(())
    }
}
