//! What a container's runtime takes from a process by default: namespaces and most capabilities.

use std::io;

/// The capabilities that are taken, by number: all but chown, dac_override, fowner, fsetid, kill, setgid,
/// setuid, setpcap, net_bind_service, net_raw, sys_chroot, mknod, audit_write, setfcap.
const TAKEN: [u32; 27] = [
    2, 9, 11, 12, 14, 15, 16, 17, 19, 20, 21, 22, 23, 24, 25, 26, 28, 30, 32, 33, 34, 35, 36, 37, 38, 39, 40,
];
/// Every flag of `clone` that asks for a namespace.
const NAMESPACES: u32 = 0x7e02_0080;
const REFUSED: [libc::c_long; 5] =
    [libc::SYS_unshare, libc::SYS_setns, libc::SYS_mount, libc::SYS_pivot_root, libc::SYS_umount2];

/// Takes them from this process and what it will start.
pub fn enter() -> io::Result<()> {
    refuse_namespaces()?;
    drop_capabilities(&TAKEN);
    Ok(())
}

/// Takes capabilities from the program that this process will become.
pub fn drop_capabilities(capabilities: &[u32]) {
    for capability in capabilities {
        // SAFETY: takes numbers only. One that this kernel does not know is not there to be dropped.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, *capability, 0, 0, 0) };
    }
}

/// Installs a filter; needs the right to, so it comes before that is dropped.
fn refuse_namespaces() -> io::Result<()> {
    let mut filter = [step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW); REFUSED.len() + 8];
    let refusal = |error: i32| libc::SECCOMP_RET_ERRNO | error as u32;
    let end = filter.len() as u8;
    let (number, first_argument) = (0, 16);
    filter[0] = step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, number);
    for (index, call) in REFUSED.iter().enumerate() {
        let at = index as u8 + 1;
        filter[at as usize] = equal(*call as u32, end - 2 - at, 0);
    }
    let at = REFUSED.len();
    // Its flags lie in memory where a filter cannot look; callers fall back to `clone`.
    filter[at + 1] = equal(libc::SYS_clone3 as u32, 0, 1);
    filter[at + 2] = step(libc::BPF_RET | libc::BPF_K, 0, 0, refusal(libc::ENOSYS));
    filter[at + 3] = equal(libc::SYS_clone as u32, 0, 2);
    filter[at + 4] = step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, first_argument);
    filter[at + 5] = step(libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K, 1, 0, NAMESPACES);
    filter[at + 7] = step(libc::BPF_RET | libc::BPF_K, 0, 0, refusal(libc::EPERM));
    let program = libc::sock_fprog { len: end.into(), filter: filter.as_mut_ptr() };
    // SAFETY: the program lives until the call has copied it.
    match unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

const fn step(code: u32, yes: u8, no: u8, operand: u32) -> libc::sock_filter {
    libc::sock_filter { code: code as u16, jt: yes, jf: no, k: operand }
}

const fn equal(value: u32, yes: u8, no: u8) -> libc::sock_filter {
    step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, yes, no, value)
}
