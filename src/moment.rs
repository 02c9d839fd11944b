//! What day and what time it is here.

/// The day by this machine's clock, and by everybody's: what a program calls today is one of them.
pub fn day() -> String {
    let now = now();
    let mut universal = nothing();
    // SAFETY: it only writes into what it is given.
    unsafe { libc::gmtime_r(&raw const now, &raw mut universal) };
    [local(now), universal].map(|day| format!("{}-{}", day.tm_year, day.tm_yday)).join(" ")
}

/// The time of day by this machine's clock: `14:03:11`.
pub fn time() -> String {
    let local = local(now());
    format!("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec)
}

fn now() -> libc::time_t {
    // SAFETY: it takes no place to write to.
    unsafe { libc::time(std::ptr::null_mut()) }
}

fn local(moment: libc::time_t) -> libc::tm {
    let mut local = nothing();
    // SAFETY: it only writes into what it is given.
    unsafe { libc::localtime_r(&raw const moment, &raw mut local) };
    local
}

fn nothing() -> libc::tm {
    // SAFETY: numbers, and a pointer to the zone's name that is not used.
    unsafe { std::mem::zeroed() }
}
