//! What a run lacked, and the line of a configuration that supplies it.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::Service;

/// Something that a reader has and a run had not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lack {
    /// The file of this name.
    File(String),
    /// The package of this name.
    Package(String),
    /// What this machine answers.
    Host(String),
    /// What another machine answers at this URL.
    Page(String),
    /// A server on this machine: which, where that shows.
    Service(Option<Service>),
    /// Something typed.
    Input,
}

impl Lack {
    /// The line that supplies it, in a configuration or in a directive. `text` stands for what only the
    /// author knows. None where nothing of that kind can be supplied.
    pub fn line(&self, text: &str) -> Option<String> {
        match self {
            Lack::File(name) => is_inside(name).then(|| format!("files.{} = {}", quoted(name), quoted(text))),
            Lack::Package(name) => Some(format!("packages = [{}]", quoted(name))),
            Lack::Host(host) => is_host(host)
                .then(|| format!("http.{} = {}", quoted(&format!("http://{host}/")), quoted(text))),
            Lack::Page(url) => Some(format!("http.{} = {}", quoted(url), quoted(text))),
            Lack::Service(service) => service.map(|service| format!("services = [\"{}\"]", service.name())),
            Lack::Input => Some(format!("stdin = {}", quoted(text))),
        }
    }
}

/// Whether a path names something in the folder where it is used.
pub fn is_inside(path: &str) -> bool {
    let parts = || Path::new(path).components();
    !path.contains('\0')
        && parts().any(|part| matches!(part, Component::Normal(_)))
        && parts().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// Whether a machine has a name, not a description.
fn is_host(host: &str) -> bool {
    !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || ".-_:[]".contains(c))
}

/// A text as a TOML string, or as a key.
pub fn quoted(text: &str) -> String {
    // JSON writes strings as TOML does, but for one character.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_toml() {
        let name = "odd \"name\"\n\u{7f}é.csv";
        for (lack, keys) in [
            (Lack::File(name.into()), vec!["files", name]),
            (Lack::Package("PyYAML".into()), vec!["packages"]),
            (Lack::Host("example.com".into()), vec!["http", "http://example.com/"]),
            (Lack::Page("https://a.org/b?c=\"d".into()), vec!["http", "https://a.org/b?c=\"d"]),
            (Lack::Service(Some(Service::Redis)), vec!["services"]),
            (Lack::Input, vec!["stdin"]),
        ] {
            let line = lack.line("…\n").unwrap();
            let table: toml::Table = line.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
            let mut value = &toml::Value::from(table);
            for key in keys {
                value = value.get(key).unwrap_or_else(|| panic!("{key} in {line}"));
            }
        }
    }

    #[test]
    fn what_cannot_be_supplied_has_no_line() {
        for lack in [
            Lack::File("/etc/passwd".into()),
            Lack::File("../up".into()),
            Lack::File(".".into()),
            Lack::Host("another machine".into()),
            Lack::Service(None),
        ] {
            assert_eq!(lack.line(""), None, "{lack:?}");
        }
    }
}
