//! Why an environment is not to be had, as data: what an installer said, understood as far as it can be.

use std::sync::LazyLock;

use regex::Regex;

/// How many of an installer's last lines are kept.
const LAST_LINES: usize = 6;
/// How much of each, in characters.
const LINE: usize = 200;

/// Why an environment is not to be had.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: Kind,
    /// The requirement or distribution that is at fault, where one is.
    pub subject: Option<String>,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The installer's own last lines.
    pub said: Vec<String>,
}

/// Kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No distribution has this name.
    NoSuchDistribution,
    /// The distribution has no version that meets the condition.
    NoSuchVersion,
    /// There is nothing but source for this Python.
    NoWheel,
    /// A requirement names a place instead of a version.
    Elsewhere,
    /// The requirements contradict each other.
    Conflict,
    /// It is not there, and nothing may be fetched.
    Offline,
    /// The index cannot be reached.
    Network,
    /// There is no room left.
    DiskFull,
    /// There is nothing to install with.
    NoInstaller,
    /// There is no folder to keep environments in, or it cannot be written.
    NoCache,
    /// The interpreter does not start.
    NoInterpreter,
    /// What is needed is another Python.
    OtherPython,
    /// It took too long.
    TimedOut,
    /// verify was ended meanwhile.
    Interrupted,
    /// Something else; the installer's words say what.
    Other,
}

impl Failure {
    /// A failure without an installer's words.
    pub fn new(kind: Kind, message: impl Into<String>, help: impl Into<String>) -> Failure {
        Failure { kind, subject: None, message: message.into(), help: help.into(), said: Vec::new() }
    }

    /// The same, about a requirement or a distribution.
    pub fn about(mut self, subject: impl Into<String>) -> Failure {
        self.subject = Some(subject.into());
        self
    }

    /// The same, with the last lines of what an installer said.
    pub fn with_words(mut self, said: &str) -> Failure {
        // What says nothing differs from one interpreter to the other.
        let tells = |line: &&str| !line.trim().is_empty() && !line.starts_with("Using Python ");
        let lines: Vec<_> = said.lines().map(str::trim_end).filter(tells).collect();
        let last = lines.len().saturating_sub(LAST_LINES);
        let short = |line: &&str| match line.char_indices().nth(LINE) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => (*line).to_owned(),
        };
        self.said = lines[last..].iter().map(short).collect();
        self
    }
}

/// What uv and pip say, the most telling first. A group is the subject.
static SIGNS: LazyLock<Vec<(Kind, Regex)>> = LazyLock::new(|| {
    let signs = [
        (Kind::DiskFull, r"No space left on device|os error 28\b|Errno 28\]|[Dd]isk quota exceeded"),
        (Kind::Offline, r"(?:Because|because) (\S+) was not found in the cache"),
        (Kind::Offline, r"network was disabled|network connectivity is disabled"),
        (
            Kind::Network,
            r"error sending request|Failed to fetch|Failed to download|dns error|client error \(Connect\)|Failed to establish a new connection|name resolution|Max retries exceeded|Connection (?:refused|reset)|[Tt]imed out|CERTIFICATE_VERIFY|ProxyError",
        ),
        (Kind::NoWheel, r"(\S+) (?:has|have) no (?:usable )?wheels"),
        (
            Kind::NoSuchDistribution,
            r"(?:Because|because) (\S+) was not found in the (?:package registry|provided package locations)",
        ),
        (Kind::NoSuchVersion, r"(?:Because|because) there (?:is|are) no versions? of (\S+)"),
        (
            Kind::NoSuchVersion,
            r"(?:Because|because) only \S+ (?:is|are) available and .*? (?:require|depends on) ([^\s,]+)",
        ),
        (Kind::OtherPython, r"does not satisfy Python"),
        (Kind::Conflict, r"ResolutionImpossible|conflicting dependencies|requirements are unsatisfiable"),
        (Kind::NoSuchVersion, r"No matching distribution found for ([^\s(]+)"),
        (Kind::NoInstaller, r"ensurepip is not|No module named '?(?:venv|ensurepip|pip)\b"),
    ];
    signs.map(|(kind, pattern)| (kind, Regex::new(pattern).expect("valid"))).into()
});

/// Understands what an installer said to its end, for a Python of some version.
pub fn understand(said: &str, python: &str) -> Failure {
    let text = unwrapped(said);
    let found = SIGNS.iter().find_map(|(kind, sign)| Some((*kind, sign.captures(&text)?)));
    let (kind, subject) = match &found {
        Some((kind, parts)) => (*kind, parts.get(1).map(|subject| subject.as_str())),
        None => (Kind::Other, None),
    };
    in_words(kind, subject, python).with_words(said)
}

/// A failure of a kind that installers tell of.
pub fn in_words(kind: Kind, subject: Option<&str>, python: &str) -> Failure {
    let name = subject.unwrap_or("something that is required");
    let python = python.rsplit_once('.').map_or(python, |(minor, _)| minor);
    let (message, help) = match kind {
        Kind::DiskFull => {
            ("there is no room left for the packages".to_owned(), "make room where verify keeps them")
        }
        Kind::Offline => (
            format!("`{name}` was not fetched yet, and --offline allows nothing to be fetched"),
            "run verify once without --offline",
        ),
        Kind::Network => (
            "the package index cannot be reached".to_owned(),
            "look at the network and at the installer's settings for index and proxy",
        ),
        Kind::NoWheel => (
            format!("`{name}` has no wheel for Python {python}"),
            "require a version that has one, or allow building from source (allow-source): that runs the package's code \
             outside of the sandbox",
        ),
        Kind::NoSuchDistribution => (format!("no distribution is called `{name}`"), "look at its spelling"),
        Kind::NoSuchVersion => (
            format!("no version of `{name}` is to be had for Python {python}"),
            "require a version that exists for this Python",
        ),
        Kind::OtherPython => (
            format!("Python {python} is too old or too new for what is required"),
            "require other versions, or run the guide on another Python",
        ),
        Kind::Conflict => ("the requirements contradict each other".to_owned(), "loosen one of them"),
        Kind::NoInstaller => (
            "there is neither uv nor a Python with venv and pip to install packages with".to_owned(),
            "install uv, or on Debian and Ubuntu python3-venv",
        ),
        _ => ("the packages cannot be installed".to_owned(), "the installer's words say why"),
    };
    Failure { subject: subject.map(str::to_owned), ..Failure::new(kind, message, help) }
}

/// Text without the line ends and the lines of a drawing with which uv wraps its sentences.
fn unwrapped(said: &str) -> String {
    let plain: String = said.chars().map(|c| if "│├╰─▶×".contains(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_and_subject(said: &str) -> (Kind, Option<String>) {
        let failure = understand(said, "3.12.1");
        assert!(!failure.said.is_empty());
        (failure.kind, failure.subject)
    }

    #[test]
    fn what_uv_says_is_understood() {
        for (kind, subject, said) in [
            (
                Kind::NoSuchDistribution,
                "no-such",
                "error: No solution found when resolving dependencies\n  cause: Because no-such was not found in the \
                 package registry and you require no-such, we can conclude that your requirements are unsatisfiable.",
            ),
            (
                Kind::NoSuchVersion,
                "six==99",
                "  × No solution found when resolving dependencies:\n  ╰─▶ Because there is no version of six==99 and you\n      \
                 require six==99, we can conclude that your requirements are unsatisfiable.",
            ),
            (
                Kind::NoSuchVersion,
                "six>99",
                "cause: Because only six<=1.17.0 is available and you require six>99, we can conclude",
            ),
            (
                Kind::NoWheel,
                "pyyaml==5.3.1",
                "cause: Because pyyaml==5.3.1 has no usable wheels and you require pyyaml==5.3.1, we can conclude that",
            ),
            (
                Kind::Offline,
                "tomli",
                "cause: Because tomli was not found in the cache and you require tomli==1.2.3, we can conclude that your \
                 requirements are unsatisfiable.\nhint: Packages were unavailable because the network was disabled.",
            ),
            (
                Kind::NoWheel,
                "docopt",
                "Because all versions of docopt have no usable wheels and you require docopt",
            ),
            (
                Kind::NoWheel,
                "docopt==0.6.2",
                "  ╰─▶ Because only docopt==0.6.2 is available and docopt==0.6.2 has no usable\n      wheels, we",
            ),
        ] {
            assert_eq!(kind_and_subject(said), (kind, Some(subject.to_owned())), "{said}");
        }
    }

    #[test]
    fn what_pip_says_is_understood() {
        for (kind, subject, said) in [
            (
                Kind::NoSuchVersion,
                Some("six==99"),
                "ERROR: Could not find a version that satisfies the requirement six==99 (from versions: 1.16.0, 1.17.0)\n\
                 ERROR: No matching distribution found for six==99",
            ),
            (
                Kind::Network,
                None,
                "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(': Failed to establish a \
                 new connection: [Errno -3] Temporary failure in name resolution')': /simple/six/\n\
                 ERROR: No matching distribution found for six",
            ),
            (
                Kind::DiskFull,
                None,
                "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            ),
            (
                Kind::NoInstaller,
                None,
                "The virtual environment was not created successfully because ensurepip is not\navailable.",
            ),
            (Kind::Other, None, "Segmentation fault"),
        ] {
            assert_eq!(kind_and_subject(said), (kind, subject.map(str::to_owned)), "{said}");
        }
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        let said: String = (0..20).map(|line| format!("line {line}\n\n")).collect();
        assert_eq!(understand(&said, "3.12.1").said.first().unwrap(), "line 14");
    }
}
