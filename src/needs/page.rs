//! Where a page is looked for: its URL, taken apart.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::Page;

/// Where a page is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Whether it is asked in secret: `https`.
    pub secure: bool,
    /// The name of the machine, in small letters.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path, with what follows a question mark.
    pub target: String,
}

static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?<scheme>(?i:https?))://(?<host>[^/?#\s:@]+)(?::(?<port>\d+))?(?<target>(?:[/?][^#\s]*)?)$",
    )
    .expect("valid")
});
/// Names as the file of hosts has them.
static NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$").expect("valid"));

impl Page {
    /// Where it is asked for. The error says what is wrong with its URL and what to write instead.
    pub fn address(&self) -> Result<Address, String> {
        let url = &self.url;
        let Some(parts) = URL.captures(url) else {
            return Err(format!("`{url}` is no URL: write it whole, as in `http://example.com/`"));
        };
        let secure = parts["scheme"].eq_ignore_ascii_case("https");
        let host = parts["host"].to_lowercase();
        if !NAME.is_match(&host) || is_numeric(&host) {
            return Err(format!("`{url}` names no machine: write its name in ASCII, not a number"));
        }
        let port = match parts.name("port").map(|port| port.as_str().parse()) {
            None => usual_port(secure),
            Some(Ok(port)) if port > 0 => port,
            Some(_) => return Err(format!("`{url}` has no valid port: they go from 1 to 65535")),
        };
        let target = match &parts["target"] {
            target if target.starts_with('/') => target.to_owned(),
            target => format!("/{target}"),
        };
        Ok(Address { secure, host, port, target })
    }
}

/// Whether a name is the number of a machine; this one's leads where it should.
fn is_numeric(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>().is_ok_and(|number| !number.is_loopback())
}

fn usual_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Address { secure, host, port, target } = self;
        let scheme = if *secure { "https" } else { "http" };
        match *port == usual_port(*secure) {
            true => write!(f, "{scheme}://{host}{target}"),
            false => write!(f, "{scheme}://{host}:{port}{target}"),
        }
    }
}

impl Address {
    /// Whether it is this machine that is asked, whatever the file of hosts says.
    pub fn is_local(&self) -> bool {
        self.host == "localhost" || self.host.parse::<std::net::Ipv4Addr>().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::*;

    fn address(url: &str) -> Result<Address, String> {
        let body = Content::Inline("".into());
        Page { url: url.into(), status: 200, headers: Default::default(), body }.address()
    }

    #[test]
    fn a_url_is_taken_apart() {
        let is = |url: &str, host: &str, port: u16, target: &str| {
            let secure = url.starts_with("https");
            let wanted = Address { secure, host: host.into(), port, target: target.into() };
            assert_eq!(address(url), Ok(wanted), "{url}");
        };
        is("http://example.com", "example.com", 80, "/");
        is("HTTP://Example.COM:8080/Users?page=2", "example.com", 8080, "/Users?page=2");
        is("http://example.com?q", "example.com", 80, "/?q");
        is("http://localhost:8000/", "localhost", 8000, "/");
        is("http://127.0.0.1/a", "127.0.0.1", 80, "/a");
        is("https://example.com/a", "example.com", 443, "/a");
        is("https://example.com:8443/", "example.com", 8443, "/");
    }

    #[test]
    fn what_cannot_be_served_is_refused_with_a_remedy() {
        for (url, says) in [
            ("example.com", "write it whole"),
            ("http://user@example.com/", "write it whole"),
            ("ftp://example.com/", "write it whole"),
            ("http://93.184.216.34/", "write its name"),
            ("http://[::1]/", "write it whole"),
            ("http://bücher.example/", "in ASCII"),
            ("http://example.com:0/", "valid port"),
            ("http://example.com:70000/", "valid port"),
        ] {
            let error = address(url).unwrap_err();
            assert!(error.contains(says), "{url}: {error}");
        }
    }
}
