//! The first process of a cage: sets the scene, runs verify in it, and looks at what is left.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::mount::MountFlags;
use rustix::process::{Resource, Rlimit, WaitOptions, setrlimit, wait};

use crate::cage::within;
use crate::container;
use crate::order::{Order, Seen};
use crate::scene::Scene;
use crate::terminal::Terminal;

/// How long verify may take for both guides.
const PATIENCE: Duration = Duration::from_secs(45);
/// Capabilities that reach beyond every namespace, by number: sys_module, sys_rawio, sys_boot, sys_time,
/// syslog, wake_alarm.
const HARMFUL: [u32; 6] = [16, 17, 22, 25, 34, 35];
/// How long processes that were killed may take to be gone.
const DYING: Duration = Duration::from_secs(2);

/// Carries out the order on standard input.
pub fn main() -> ExitCode {
    let done = obey().and_then(|seen| Ok(serde_json::to_writer(io::stdout(), &seen)?));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("faults: {error}");
            ExitCode::FAILURE
        }
    }
}

fn obey() -> io::Result<Seen> {
    let order: Order = serde_json::from_reader(io::stdin())?;
    furnish()?;
    let mut scene = Scene::new(&order)?;
    scene.set(&order)?;
    let mut seen = watch(&order, &scene)?;
    seen.wrongs.extend(left(&scene).iter().map(|process| format!("a process was left: {process}")));
    seen.wrongs.extend(scene.wrongs());
    scene.clean();
    Ok(seen)
}

/// Makes the new namespaces usable: a loopback device that is up; shared memory and terminals of their own.
fn furnish() -> io::Result<()> {
    // Numbers that no process in a namespace below this one has, so that an attack on one hits nobody else.
    // A kernel that was built without this file is none that guides are checked on.
    std::fs::write("/proc/sys/kernel/ns_last_pid", "20000")?;
    rustix::mount::mount("tmpfs", "/dev/shm", "tmpfs", MountFlags::empty(), None)?;
    let terminals = Some(c"newinstance,ptmxmode=0666");
    rustix::mount::mount("devpts", "/dev/pts", "devpts", MountFlags::empty(), terminals)?;
    // SAFETY: a request that is all zeros but for a name and flags is what SIOCSIFFLAGS reads.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        let mut request: libc::ifreq = std::mem::zeroed();
        request.ifr_name[..2].copy_from_slice(&[b'l' as libc::c_char, b'o' as libc::c_char]);
        request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
        let up = libc::ioctl(socket, libc::SIOCSIFFLAGS, &request);
        let error = io::Error::last_os_error();
        libc::close(socket);
        if up == 0 { Ok(()) } else { Err(error) }
    }
}

fn watch(order: &Order, scene: &Scene) -> io::Result<Seen> {
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let terminal = Terminal::new()?;
    let mut command = verify(order, scene, &terminal)?;
    command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
    let mut process = command.spawn()?;
    let status = within(&mut process, PATIENCE)?;
    let mut wrongs = Vec::new();
    if status.is_none() {
        process.kill()?;
        process.wait()?;
        wrongs.push(format!("verify did not end within {} s", PATIENCE.as_secs()));
    }
    wrongs.extend(terminal.wrongs()?);
    let exit = status.and_then(|status| status.code());
    Ok(Seen { exit, stdout: text(&mut stdout)?, stderr: text(&mut stderr)?, wrongs })
}

fn text(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The program to start. Root of a namespace with one user is not what verify meets on a desk: there it is
/// that user. A container's filter leaves no way back, and a container's user is root often enough.
fn program(order: &Order) -> Command {
    if order.contained || !order.mapped {
        return Command::new(&order.verify);
    }
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-user=1000", "--map-group=1000", "--"]).arg(&order.verify);
    command
}

fn verify(order: &Order, scene: &Scene, terminal: &Terminal) -> io::Result<Command> {
    let mut command = program(order);
    let sandbox = if order.contained { "best" } else { "require" };
    command.args(["--format", "json", "--sandbox", sandbox]);
    command.args(["--timeout", &order.timeout.to_string(), "--jobs", &order.jobs.to_string()]);
    command.arg("guide.md").args(order.control.then_some("control.md"));
    command.current_dir(scene.path("repo")).stdin(Stdio::null());
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
        .env("VERIFY_CACHE", "off")
        .env("HOME", scene.path("home"))
        .env("TMPDIR", scene.path("tmp"))
        .env("TOKEN", order.secret());
    command.env("http_proxy", format!("http://127.0.0.1:{}", scene.port()?));
    let (contained, uid, terminal) = (order.contained, order.uid, terminal.for_others());
    // SAFETY: only system calls, on data that was there before the fork.
    unsafe {
        command.pre_exec(move || {
            fence()?;
            Terminal::control(terminal)?;
            container::drop_capabilities(&HARMFUL);
            if contained {
                container::enter()?;
            }
            // Last, since the others need the rights of who runs the tests.
            uid.map_or(Ok(()), become_user)
        });
    }
    Ok(command)
}

fn become_user(uid: u32) -> io::Result<()> {
    // SAFETY: takes numbers, and no list.
    let done = unsafe { libc::setgroups(0, std::ptr::null()) | libc::setgid(uid) | libc::setuid(uid) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Limits far beyond those of verify, in case it sets none.
fn fence() -> io::Result<()> {
    let limit =
        |resource, most: u64| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    limit(Resource::Cpu, 120)?;
    limit(Resource::Nproc, 4000)?;
    limit(Resource::As, 64 << 30)?;
    limit(Resource::Fsize, 4 << 30)?;
    limit(Resource::Core, 0)?;
    Ok(())
}

/// The processes that are here beside this one and the neighbour, once those that die are dead.
fn left(scene: &Scene) -> Vec<String> {
    let until = Instant::now() + DYING;
    loop {
        // Orphans come to the first process.
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        let left = others(scene.victim());
        if left.is_empty() || Instant::now() > until {
            return left;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn others(victim: u32) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    let others = pids.filter(|pid| ![std::process::id(), victim].contains(pid));
    others.map(|pid| std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default()).collect()
}
