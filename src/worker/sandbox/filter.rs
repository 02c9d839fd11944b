//! System calls that no snippet of a guide needs, refused: whoever finds a hole in the kernel will not
//! reach it from here.

use std::collections::BTreeMap;

use anyhow::Context;
use rustix::thread::set_no_new_privs;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Length, SeccompCmpOp as Is, SeccompCondition,
    SeccompFilter, SeccompRule,
};

/// Programs for the kernel, to be applied in order. When one is applied the kernel runs it once for each
/// system call that there is: what a worker can do without is refused to it already, and its runs inherit that.
pub struct Filter {
    worker: Vec<BpfProgram>,
    run: BpfProgram,
    same_user: bool,
}

/// Refused whatever the arguments are.
const REFUSED: &[libc::c_long] = &[
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_perf_event_open,
    // Mounts.
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_fanotify_init,
    // The machine.
    libc::SYS_reboot,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_nfsservctl,
    // Large parts of the kernel that were often attacked.
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_personality,
    libc::SYS_lookup_dcookie,
    // Memory that no limit counts.
    libc::SYS_memfd_secret,
    libc::SYS_msgget,
    libc::SYS_semget,
];

/// The same, to a run and to servers beside it: their worker makes places for them with these.
const REFUSED_TO_GUESTS: &[libc::c_long] = &[
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_setns,
    libc::SYS_unshare,
    // Memory that no limit counts.
    libc::SYS_memfd_create,
];

/// The same, to a run.
const REFUSED_TO_RUNS: &[libc::c_long] = &[libc::SYS_shmget];
/// Bytes of such memory that servers may have in a piece: PostgreSQL marks its folder with a few.
const SHARED_BY_SERVERS: u64 = 4096;

#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: &[libc::c_long] =
    &[libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_modify_ldt, libc::SYS_uselib];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: &[libc::c_long] = &[];

/// Refused where the user's other files are in reach: Landlock has no rules on what these change.
const REFUSED_ON_THE_SYSTEM: &[libc::c_long] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
];

/// What can be done to a process, and which argument names it.
const OF_A_PROCESS: [(libc::c_long, u8); 6] = [
    (libc::SYS_sched_setaffinity, 0),
    (libc::SYS_sched_setscheduler, 0),
    (libc::SYS_sched_setparam, 0),
    (libc::SYS_sched_setattr, 0),
    (libc::SYS_setpriority, 1),
    (libc::SYS_ioprio_set, 1),
];

/// Another way to make every system call, which rules on the usual numbers would not see.
#[cfg(target_arch = "x86_64")]
const OTHER_ABI: i64 = 0x4000_0000;

const NEW_NAMESPACES: i32 = libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET;

type Calls = BTreeMap<i64, Vec<SeccompRule>>;

impl Filter {
    /// `network` where the run has a loopback of its own; without, there are no sockets but its own pairs.
    /// `same_user` where it has the rights of who runs verify, on the files of the whole system.
    pub fn new(network: bool, same_user: bool) -> anyhow::Result<Filter> {
        let refused = compile(with_other_abi(refused_to_workers(network, same_user)?), libc::EPERM)?;
        // Its flags are out of a filter's reach; who finds it missing takes `clone`.
        let missing = compile(with_other_abi(Calls::from([(libc::SYS_clone3, Vec::new())])), libc::ENOSYS)?;
        let mut run = refused_to_guests(same_user)?;
        run.extend(REFUSED_TO_RUNS.iter().map(|call| (*call, Vec::new())));
        let run = compile(with_other_abi(run), libc::EPERM)?;
        Ok(Filter { worker: vec![missing, refused], run, same_user })
    }

    /// Applies what a worker does without to it and all that it starts, for good.
    pub fn apply_to_worker(&self) -> anyhow::Result<()> {
        // Only who gives up new rights may apply a filter without having any.
        set_no_new_privs(true)?;
        Ok(self.worker.iter().try_for_each(|program| seccompiler::apply_filter(program))?)
    }

    /// Applies the rest to this process and all that it starts, for good.
    pub fn apply_to_run(&self) -> Result<(), seccompiler::Error> {
        seccompiler::apply_filter(&self.run)
    }

    /// The same for servers beside runs.
    pub fn apply_to_servers(&self) -> anyhow::Result<()> {
        let mut refused = refused_to_guests(self.same_user)?;
        let more = SeccompCondition::new(1, Length::Qword, Is::Gt, SHARED_BY_SERVERS)?;
        refused.insert(libc::SYS_shmget, vec![rule([more])?]);
        Ok(seccompiler::apply_filter(&compile(with_other_abi(refused), libc::EPERM)?)?)
    }
}

fn compile(calls: Calls, error: i32) -> anyhow::Result<BpfProgram> {
    let architecture = std::env::consts::ARCH.try_into().context("no filter for this processor")?;
    let refuse = SeccompAction::Errno(error as u32);
    Ok(SeccompFilter::new(calls, SeccompAction::Allow, refuse, architecture)?.try_into()?)
}

fn refused_to_workers(network: bool, same_user: bool) -> anyhow::Result<Calls> {
    let always = REFUSED.iter().chain(REFUSED_HERE);
    let mut calls: Calls = always.map(|call| (*call, Vec::new())).collect();
    let control = |request: libc::c_ulong| rule([condition(1, Is::Eq, request)?]);
    // Typing into somebody's terminal.
    calls.insert(libc::SYS_ioctl, vec![control(libc::TIOCSTI)?, control(libc::TIOCLINUX as libc::c_ulong)?]);
    calls.insert(libc::SYS_socket, sockets(network)?);
    // Another process's limits and place in the queue. Nothing but 0 is surely one's own.
    let other = |argument| anyhow::Ok(vec![rule([condition(argument, Is::Ne, 0)?])?]);
    calls.insert(libc::SYS_prlimit64, other(0)?);
    if same_user {
        for (call, argument) in OF_A_PROCESS {
            calls.insert(call, other(argument)?);
        }
    }
    if !network {
        // A server's socket may lie anywhere among the files; no rule on files stops a connection to it.
        calls.insert(libc::SYS_connect, Vec::new());
    }
    Ok(calls)
}

fn refused_to_guests(same_user: bool) -> anyhow::Result<Calls> {
    let others = if same_user { REFUSED_ON_THE_SYSTEM } else { &[] };
    let mut calls: Calls = REFUSED_TO_GUESTS.iter().chain(others).map(|call| (*call, Vec::new())).collect();
    let flag = |flag: i32| condition(0, Is::MaskedEq(flag as u64), flag as u64);
    let namespaces = (0..32).map(|bit| 1_i32 << bit).filter(|bit| NEW_NAMESPACES & bit != 0);
    let namespaces: Vec<_> = namespaces.map(|bit| rule([flag(bit)?])).collect::<Result<_, _>>()?;
    calls.insert(libc::SYS_clone, namespaces);
    Ok(calls)
}

fn sockets(network: bool) -> anyhow::Result<Vec<SeccompRule>> {
    let family = |is, family: i32| condition(0, is, family as u64);
    let unix = family(Is::Ne, libc::AF_UNIX)?;
    if !network {
        let datagrams = condition(1, Is::MaskedEq(0xf), libc::SOCK_DGRAM as u64)?;
        return Ok(vec![rule([unix])?, rule([datagrams])?]);
    }
    let others = [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];
    let others = others.map(|other| family(Is::Ne, other));
    let unknown = [Ok(unix)].into_iter().chain(others).collect::<Result<Vec<_>, _>>()?;
    let routing = condition(2, Is::Ne, libc::NETLINK_ROUTE as u64)?;
    Ok(vec![rule(unknown)?, rule([family(Is::Eq, libc::AF_NETLINK)?, routing])?])
}

fn condition(argument: u8, is: Is, value: u64) -> anyhow::Result<SeccompCondition> {
    Ok(SeccompCondition::new(argument, Length::Dword, is, value)?)
}

fn rule(conditions: impl IntoIterator<Item = SeccompCondition>) -> anyhow::Result<SeccompRule> {
    Ok(SeccompRule::new(conditions.into_iter().collect())?)
}

#[cfg(target_arch = "x86_64")]
fn with_other_abi(calls: Calls) -> Calls {
    let others: Calls = calls.iter().map(|(call, rules)| (call | OTHER_ABI, rules.clone())).collect();
    calls.into_iter().chain(others).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn with_other_abi(calls: Calls) -> Calls {
    calls
}
