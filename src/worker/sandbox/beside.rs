//! What stands beside the runs, as little trusted as they are: servers in quarters of their own, and who
//! answers a run in their name.

use std::ffi::CString;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, WaitOptions, chdir, fchdir, getrlimit, pidfd_open,
    pidfd_send_signal, set_parent_process_death_signal, setrlimit, setsid, waitpid,
};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::{Init, PLAIN, PROCESSES, Sandbox, User, identity};
use crate::limits;
use crate::run::folder::Folder;
use crate::run::protocol::Layer;
use crate::worker::fork::{fork, keep_only};

/// How long servers without a process namespace may take to put their things in order.
const FAREWELL: Duration = Duration::from_secs(2);
/// The exit code of a process that could not be put where it belongs.
const NOT_SETTLED: i32 = 71;
/// What servers say about themselves is cut here, in bytes.
const MAX_REPORT: usize = 1 << 16;

/// A process of this worker's that is none of a run's. It ends when this is dropped.
pub struct Aside {
    pid: Pid,
    process: OwnedFd,
}

impl Aside {
    fn new(pid: Pid) -> anyhow::Result<Aside> {
        let process = pidfd_open(pid, PidfdFlags::empty()).context("no descriptor for a process")?;
        Ok(Aside { pid, process })
    }

    /// Waits for its end; false if that does not come.
    fn ends_within(&self, time: Duration) -> bool {
        let mut end = [PollFd::new(&self.process, PollFlags::IN)];
        Timespec::try_from(time).is_ok_and(|time| poll(&mut end, Some(&time)).is_ok_and(|count| count > 0))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        let _ = pidfd_send_signal(&self.process, Signal::KILL);
        let _ = waitpid(Some(self.pid), WaitOptions::empty());
    }
}

/// A folder that only those know who live there or have its descriptor.
pub struct Home {
    /// The folder.
    pub descriptor: OwnedFd,
    _folder: Option<Folder>,
}

/// Where servers live.
pub struct Quarters {
    // They go before what they live in.
    _lodgers: Lodgers,
    home: Home,
    report: File,
}

/// Everybody who lives in quarters. All of them end when this is dropped.
struct Lodgers {
    init: Option<Init>,
    first: Option<Aside>,
    stay: Option<OwnedFd>,
}

impl Drop for Lodgers {
    fn drop(&mut self) {
        self.stay.take();
        let first = self.first.take();
        match self.init.take() {
            // With the first process of a namespace all others die. It waits until ours is reaped.
            Some(init) => {
                drop(first);
                let _ = init.end();
            }
            None => {
                let _ = first.is_some_and(|first| first.ends_within(FAREWELL));
            }
        }
    }
}

/// What the first process in quarters has of those who put it there.
pub struct Ties {
    /// Where it says how things are. To be closed when that is known.
    pub report: File,
    /// Closed at the other side when it is to leave.
    pub stay: OwnedFd,
}

impl Sandbox {
    /// Starts a process in the network of the runs, with no rights and no files. It works in `home`, and of
    /// this process's descriptors it keeps those that are named.
    pub fn aside(
        &self,
        home: Option<&Home>,
        kept: &[BorrowedFd<'_>],
        work: impl FnOnce() -> i32,
    ) -> anyhow::Result<Aside> {
        let child = fork(|| {
            let settled = set_parent_process_death_signal(Some(Signal::KILL))
                .map_err(anyhow::Error::from)
                .and_then(|()| self.settle(home, kept, None));
            settled.map_or(NOT_SETTLED, |()| work())
        })?;
        Aside::new(child)
    }

    /// Starts a process in quarters of its own, which begin with what lies in another home. It is given the
    /// path of its own.
    pub fn quarter(
        &self,
        from: Option<&Home>,
        work: impl FnOnce(&Path, Ties) -> i32,
    ) -> anyhow::Result<Quarters> {
        let (report, to_report) = pipe_with(PipeFlags::CLOEXEC)?;
        let (to_stay, stay) = pipe_with(PipeFlags::CLOEXEC)?;
        let mut ties = Ties { report: File::from(to_report), stay: to_stay };
        let begin = |own: &Path| {
            let kept = [ties.report.as_fd(), ties.stay.as_fd()];
            match self.settle(from, &kept, Some(own)) {
                Ok(()) => work(own, ties),
                Err(error) => {
                    let _ = write!(ties.report, "{error:#}");
                    NOT_SETTLED
                }
            }
        };
        let mut lodgers = Lodgers { init: None, first: None, stay: Some(stay) };
        let home = match self.layer {
            Layer::Namespaces => self.quarter_in_namespaces(&mut lodgers, begin)?,
            Layer::Rules | Layer::Off => self.quarter_in_folder(&mut lodgers, begin)?,
        };
        Ok(Quarters { home, report: File::from(report), _lodgers: lodgers })
    }

    fn quarter_in_folder(
        &self,
        lodgers: &mut Lodgers,
        begin: impl FnOnce(&Path) -> i32,
    ) -> anyhow::Result<Home> {
        let folder = Folder::make(&self.folders).context("cannot make a folder for servers")?;
        let user = self.guest();
        if !user.is_own() {
            chown(folder.path(), Some(user.uid), Some(user.gid))?;
            // Nobody else comes past this folder, which is the worker's.
            fs::set_permissions(&self.folders, fs::Permissions::from_mode(0o711))?;
        }
        let descriptor = descriptor(folder.path())?;
        lodgers.first = Some(Aside::new(fork(|| begin(folder.path()))?)?);
        Ok(Home { descriptor, _folder: Some(folder) })
    }

    /// Between runs their mount point is free. What is mounted there is taken away as soon as the process has
    /// it in a mount namespace of its own, and then there is no path to it from anywhere else.
    fn quarter_in_namespaces(
        &self,
        lodgers: &mut Lodgers,
        begin: impl FnOnce(&Path) -> i32,
    ) -> anyhow::Result<Home> {
        let User { uid, gid } = self.user;
        let (size, files) = (limits::FOLDER, limits::FILES);
        let options = format!("mode=0700,size={size},nr_inodes={files},uid={uid},gid={gid}");
        mount("servers", &self.folders, "tmpfs", PLAIN, &*CString::new(options)?)
            .context("no folder for servers")?;
        let home = self.begin_in_namespaces(lodgers, begin);
        unmount(&self.folders, UnmountFlags::DETACH)?;
        home
    }

    fn begin_in_namespaces(
        &self,
        lodgers: &mut Lodgers,
        begin: impl FnOnce(&Path) -> i32,
    ) -> anyhow::Result<Home> {
        let own = self.folders.as_path();
        let home = Home { descriptor: descriptor(own)?, _folder: None };
        let (moved, here) = pipe_with(PipeFlags::CLOEXEC)?;
        let (mut moved, mut here) = (File::from(moved), File::from(here));
        let init = lodgers.init.insert(Init::start()?);
        let first = init.adopt(&self.myself, || {
            fork(|| match move_out().and_then(|()| Ok(here.write_all(&[1])?)) {
                Ok(()) => begin(own),
                Err(_) => NOT_SETTLED,
            })
        })??;
        lodgers.first = Some(Aside::new(first)?);
        drop(here);
        moved.read_exact(&mut [0]).context("servers get no place of their own")?;
        Ok(home)
    }

    /// Who lives beside the runs. Servers refuse to be run by root, also where runs are.
    fn guest(&self) -> User {
        if self.is_apart() { self.user } else { User::of_runs(&[]) }
    }

    /// Gives up everything that this process does not need. It starts where `start` is; `own` is the folder
    /// that it may write to, which gets what lies there.
    fn settle(
        &self,
        start: Option<&Home>,
        kept: &[BorrowedFd<'_>],
        own: Option<&Path>,
    ) -> anyhow::Result<()> {
        setsid()?;
        if let Some(start) = start {
            fchdir(&start.descriptor)?;
        }
        rustix::stdio::dup2_stderr(rustix::stdio::stdout())?;
        keep_only(&mut kept.iter().map(AsRawFd::as_raw_fd).collect::<Vec<_>>());
        identity::limit(limits::SERVER_SECONDS, self.threads)?;
        let space = getrlimit(Resource::As)
            .maximum
            .map_or(limits::SERVER_MEMORY, |most| most.min(limits::SERVER_MEMORY));
        setrlimit(Resource::As, Rlimit { current: Some(space), maximum: Some(space) })?;
        self.guest().become_it()?;
        if let Some(own) = own {
            if start.is_some() {
                copy(Path::new("."), own)?;
            }
            // Where `/dev/shm` leads.
            fs::create_dir_all(own.join(".shm"))?;
            chdir(own)?;
        }
        let Some(filter) = &self.filter else { return Ok(()) };
        identity::drop_capabilities()?;
        // Who has no folder of its own has nothing to write to.
        self.rules.apply(own.unwrap_or(Path::new(""))).context("Landlock refuses its rules")?;
        match own {
            Some(_) => filter.apply_to_servers(),
            None => Ok(filter.apply_to_run()?),
        }
    }
}

impl Quarters {
    /// What the first process says until it has no more to say, or nobody wants to know, or it takes too long.
    pub fn report(&mut self, requests: &File, time: Duration) -> Vec<u8> {
        let until = Instant::now() + time;
        let (mut said, mut buffer) = (Vec::new(), [0; 4096]);
        while said.len() < MAX_REPORT && self.says_more(requests, until) {
            match self.report.read(&mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(count) => said.extend_from_slice(&buffer[..count]),
            }
        }
        said
    }

    fn says_more(&self, requests: &File, until: Instant) -> bool {
        let mut both = [
            PollFd::new(&self.report, PollFlags::IN),
            PollFd::from_borrowed_fd(requests.as_fd(), PollFlags::empty()),
        ];
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now()));
        left.is_ok_and(|left| poll(&mut both, Some(&left)).is_ok_and(|count| count > 0))
            && !both[0].revents().is_empty()
    }

    /// Where it is.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The folder as those leave it who lived there.
    pub fn leave(self) -> Home {
        let Quarters { home, .. } = self;
        home
    }
}

/// Gives this process mounts, shared memory and a view of processes of its own.
fn move_out() -> anyhow::Result<()> {
    // SAFETY: this process has one thread.
    unsafe { unshare_unsafe(UnshareFlags::NEWNS | UnshareFlags::NEWIPC) }?;
    Ok(mount("proc", PROCESSES, "proc", PLAIN | MountFlags::NOEXEC, None)?)
}

fn descriptor(folder: &Path) -> anyhow::Result<OwnedFd> {
    Ok(open(folder, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// Copies what lies in a folder, which is files and folders, for nobody but its owner.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            DirBuilder::new().mode(0o700).create(&to)?;
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}
