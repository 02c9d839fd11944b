//! What may be asked for: a version, or the path of an interpreter.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A Python as the command line or the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Any interpreter of this version.
    Version(Version),
    /// This one.
    Path(PathBuf),
}

/// A version, as exact as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// `3.12` as `[3, 12]`.
    pub parts: Vec<u8>,
    /// `3.13t`: a build without the lock that lets one thread run at a time.
    pub free_threaded: bool,
    /// `pypy3.10`.
    pub is_pypy: bool,
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Wanted, String> {
        if let Some(version) = version(text) {
            return Ok(Wanted::Version(version));
        }
        if text.contains('/') {
            return Ok(Wanted::Path(text.into()));
        }
        Err("neither a version, as in 3.12, nor a path, as in ./venv/bin/python".to_owned())
    }
}

fn version(text: &str) -> Option<Version> {
    let (is_pypy, rest) = text.strip_prefix("pypy").map_or((false, text), |rest| (true, rest));
    let (free_threaded, numbers) = rest.strip_suffix('t').map_or((false, rest), |numbers| (true, numbers));
    let parts: Option<Vec<u8>> = numbers.split('.').map(|part| part.parse().ok()).collect();
    parts.filter(|parts| parts.len() <= 3).map(|parts| Version { parts, free_threaded, is_pypy })
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wanted::Path(path) => write!(f, "{}", path.display()),
            Wanted::Version(Version { parts, free_threaded, is_pypy }) => {
                let numbers: Vec<_> = parts.iter().map(u8::to_string).collect();
                let (before, after) =
                    (if *is_pypy { "pypy" } else { "" }, if *free_threaded { "t" } else { "" });
                write!(f, "{before}{}{after}", numbers.join("."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_paths_are_told_apart() {
        let parts = |text: &str| match text.parse() {
            Ok(Wanted::Version(version)) => Some((version.parts, version.free_threaded, version.is_pypy)),
            _ => None,
        };
        assert_eq!(parts("3.12"), Some((vec![3, 12], false, false)));
        assert_eq!(parts("3"), Some((vec![3], false, false)));
        assert_eq!(parts("3.13.1t"), Some((vec![3, 13, 1], true, false)));
        assert_eq!(parts("pypy3.10"), Some((vec![3, 10], false, true)));
        assert_eq!("./python".parse(), Ok(Wanted::Path("./python".into())));
        for wrong in ["", "python", "3.", "3.1.2.3", "3.x", "t", "-3"] {
            assert!(wrong.parse::<Wanted>().is_err(), "{wrong}");
        }
    }
}
