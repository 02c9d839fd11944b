//! What an editor may set: at the start as `initializationOptions`, later as its section `verify`.

use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use serde::Deserialize;
use serde_json::Value;

use crate::limits;
use crate::pythons::Wanted;
use crate::run::Isolation;

/// How guides are checked. The names are those of the command line's options.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The Pythons to run on; those of the configuration where it is empty.
    pub python: Vec<Wanted>,
    /// Only these blocks, of guides that have one of them.
    pub block: Vec<String>,
    /// The sandbox of each run.
    pub sandbox: Isolation,
    /// Real time for each run.
    pub timeout: Option<Duration>,
    /// Snippets that run at the same time.
    pub jobs: Option<usize>,
    /// Whether packages that are not there may not be fetched.
    pub offline: bool,
    /// Whether a guide is checked when it is opened.
    pub on_open: bool,
}

/// The same as it is written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    python: Vec<String>,
    block: Vec<String>,
    sandbox: Option<String>,
    timeout: Option<f64>,
    jobs: Option<u16>,
    offline: bool,
    on_open: Option<bool>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings::read(&Value::Null).expect("nothing is wrong with nothing")
    }
}

impl Settings {
    /// Reads settings, as they are or in a section of our name. The error says what is wrong with them.
    pub fn read(value: &Value) -> anyhow::Result<Settings> {
        let value = value.get("verify").unwrap_or(value);
        let written = match value {
            Value::Null => Written::default(),
            value => Written::deserialize(value).context("the settings of verify cannot be used")?,
        };
        written.settings().map_err(|why| anyhow!("the settings of verify cannot be used: {why}"))
    }

    /// Whether opening a guide runs it. Without a sandbox only what somebody saves or asks for is run.
    pub fn runs_what_is_opened(&self) -> bool {
        self.on_open && self.sandbox != Isolation::Off
    }
}

impl Written {
    fn settings(self) -> Result<Settings, String> {
        let python = |text: &String| text.parse().map_err(|why| format!("`python`: `{text}` is {why}"));
        let sandbox = self.sandbox.map_or(Ok(Isolation::Best), |name| Isolation::from_str(&name, false));
        if self.timeout.is_some_and(|seconds| !(seconds > 0.0 && seconds <= limits::LONGEST_TIMEOUT)) {
            let most = limits::LONGEST_TIMEOUT;
            return Err(format!("`timeout` must be more than 0 and at most {most} seconds"));
        }
        Ok(Settings {
            python: self.python.iter().map(python).collect::<Result<_, _>>()?,
            block: self.block,
            sandbox: sandbox.map_err(|_| "`sandbox` is one of \"require\", \"best\", \"off\"")?,
            timeout: self.timeout.map(Duration::from_secs_f64),
            jobs: self.jobs.filter(|jobs| *jobs > 0).map(usize::from),
            offline: self.offline,
            on_open: self.on_open.unwrap_or(true),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_set_is_read_and_what_cannot_be_is_named() {
        let plain = Settings::default();
        assert!(plain.runs_what_is_opened() && plain.sandbox == Isolation::Best);
        let set = json!({"verify": {"python": ["3.12"], "sandbox": "off", "timeout": 2.5}});
        let set = Settings::read(&set).expect("right");
        assert!(set.on_open && !set.runs_what_is_opened());
        assert_eq!((set.python.len(), set.timeout), (1, Some(Duration::from_millis(2500))));
        for (wrong, named) in [
            (json!({"pyton": []}), "pyton"),
            (json!({"python": ["three"]}), "three"),
            (json!({"sandbox": "no"}), "require"),
            (json!({"timeout": 0}), "timeout"),
            (json!([1]), "settings"),
        ] {
            let error = format!("{:#}", Settings::read(&wrong).expect_err("wrong"));
            assert!(error.contains(named), "{error}");
        }
    }
}
