//! What Landlock holds a run to: reading what it may see, writing in its own folder, signals and abstract
//! sockets among its own processes.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};

/// The newest version that is asked for; an older kernel gives what it has.
const NEWEST: ABI = ABI::V7;

/// Where the rules allow what.
pub struct Rules {
    /// Read and execute.
    pub readable: Vec<PathBuf>,
    /// Also write, but make nothing: devices, what the kernel shows of a process.
    pub usable: Vec<PathBuf>,
}

impl Rules {
    /// For a root in which there is nothing but what may be read.
    pub fn of_a_root() -> Rules {
        Rules { readable: vec!["/".into()], usable: vec!["/dev".into(), "/proc".into()] }
    }

    /// For the root of the whole system.
    pub fn of_the_system(readable: &[PathBuf]) -> Rules {
        const ALSO: [&str; 10] = [
            "/etc/hosts",
            "/etc/nsswitch.conf",
            "/etc/passwd",
            "/etc/group",
            "/proc/cpuinfo",
            "/proc/meminfo",
            "/proc/stat",
            "/proc/version",
            "/proc/sys/kernel",
            "/sys/devices/system/cpu",
        ];
        const USABLE: [&str; 6] =
            ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/proc/self"];
        let readable = readable.iter().cloned().chain(ALSO.map(PathBuf::from)).collect();
        Rules { readable, usable: USABLE.map(PathBuf::from).to_vec() }
    }

    /// Applies them to this process and all that it starts, for good. `own` is the folder that is its own.
    pub fn apply(&self, own: &Path) -> Result<(), RulesetError> {
        let all = AccessFs::from_all(NEWEST);
        let use_it = AccessFs::from_read(NEWEST) | AccessFs::WriteFile | AccessFs::IoctlDev;
        let mut ruleset = handled()?.create()?;
        for path in &self.readable {
            ruleset = allow(ruleset, path, AccessFs::from_read(NEWEST))?;
        }
        for path in &self.usable {
            ruleset = allow(ruleset, path, use_it)?;
        }
        allow(ruleset, own, all)?.restrict_self()?;
        Ok(())
    }
}

fn handled() -> Result<Ruleset, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))
}

/// What is not there needs no rule.
fn allow(
    ruleset: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(file) = PathFd::new(path) else { return Ok(ruleset) };
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(NEWEST) };
    ruleset.add_rule(PathBeneath::new(file, access))
}

/// What this kernel's Landlock cannot do, in words.
pub fn lacks() -> Vec<&'static str> {
    let strict = || Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let mut lacks = Vec::new();
    if strict().handle_access(AccessFs::from_all(ABI::V3)).is_err() {
        lacks.push("rules on files (Landlock)");
    }
    if strict().scope(Scope::from_all(ABI::V6)).is_err() {
        lacks.push("rules on signals (Landlock)");
    }
    lacks
}
