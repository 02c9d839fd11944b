//! Servers and pages of other machines: what is there is real, what is not there is said with its reason.

use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;

use crate::common::{Done, Place, ports, servers};

const REDIS: &str = r#"import socket

def redis(*words):
    with socket.create_connection(("localhost", 6379)) as server:
        line = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        server.sendall(f"*{len(words)}\r\n{line}".encode())
        return server.recv(4096).decode().strip()
"#;

fn place(config: &str, snippets: &[&str]) -> Place {
    let place = Place::new();
    place.write("verify.toml", config);
    let fence = |snippet: &&str| format!("```python\n{snippet}\n```\n");
    place.write("guide.md", snippets.iter().map(fence).collect::<String>());
    place
}

fn check(place: &Place, arguments: &[&str]) -> Value {
    place.verify(&[&["guide.md", "--format", "json"], arguments].concat()).json()
}

/// Findings as `code line: message | help`.
fn findings(report: &Value) -> Vec<String> {
    let all = report["guides"][0]["findings"].as_array().expect("findings");
    let kept =
        all.iter().filter(|finding| finding["code"] != "unverified" && finding["code"] != "snapshot-new");
    let shown = kept.map(|f| {
        format!("{} {}: {} | {}", text(&f["code"]), f["line"], text(&f["message"]), text(&f["help"]))
    });
    shown.collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Each claim's verdict.
fn verdicts(report: &Value) -> Vec<&str> {
    let claims = report["guides"][0]["claims"].as_array().expect("claims");
    claims.iter().map(|claim| text(&claim["verdicts"][0]["verdict"])).collect()
}

#[test]
fn each_run_finds_servers_that_nobody_has_spoken_to() {
    if !servers(&["postgres", "redis"]) {
        return;
    }
    let first = format!("{REDIS}\nprint(redis('INCR', 'visits'))  # :1");
    let table = "import subprocess\n\
        url = 'postgresql+asyncpg://user:pass@localhost/db'.replace('+asyncpg', '')\n\
        query = 'CREATE TABLE t (id serial); INSERT INTO t DEFAULT VALUES; SELECT id, ctid FROM t'\n\
        print(subprocess.run(['psql', url, '-qAtc', query], capture_output=True, text=True).stdout)  # 1|(0,1)";
    let place = place("services = ['postgres', 'redis']", &[&first, &first, table, table]);
    let report = check(&place, &[]);
    assert_eq!(findings(&report), [""; 0]);
    assert_eq!(verdicts(&report), ["holds"; 4]);
    // Two runs in two worlds agree, so there is something to review.
    assert!(place.read("expected/guide/top.3.snap.new").contains("1|(0,1)"));
}

#[test]
fn without_a_sandbox_they_stand_at_the_ports_of_the_machine_if_these_are_free() {
    let _ports = ports();
    if !servers(&["redis"]) {
        return;
    }
    let snippet = format!("{REDIS}\nprint(redis('INCR', 'visits'))  # :1");
    let place = place("services = ['redis']", &[&snippet, &snippet]);
    let off = ["--sandbox", "off", "--jobs", "2"];
    let Ok(port) = TcpListener::bind("127.0.0.1:6379") else {
        eprintln!("not tested: port 6379 of this machine is taken");
        return;
    };
    // Whoever has the port does not answer.
    let said = findings(&check(&place, &[&off[..], &["--timeout", "1"]].concat()));
    assert!(
        said[0].contains("Redis cannot have port 6379") && said[0].contains("end what listens there"),
        "{said:?}"
    );
    drop(port);
    assert_eq!(verdicts(&check(&place, &off)), ["holds"; 2]);
    TcpListener::bind("127.0.0.1:6379").expect("the port is free again");
}

/// Runs verify in a mount namespace in which a command was run before.
fn after(place: &Place, command: &str) -> Option<Done> {
    let script = format!("{command} && exec {} guide.md --format json", env!("CARGO_BIN_EXE_verify"));
    let unshare = ["unshare", "--map-root-user", "--mount", "sh", "-c"];
    let can = Command::new("unshare").args([&unshare[1..], &["true"]].concat()).status();
    if !can.is_ok_and(|status| status.success()) {
        eprintln!("not tested: this machine allows no mount namespaces");
        return None;
    }
    let mut command = Command::new(unshare[0]);
    command.args(&unshare[1..]).arg(script).current_dir(place.path("."));
    Some(Done(command.output().expect("unshare starts")))
}

#[test]
fn what_is_not_installed_is_named_with_its_package_and_everything_else_goes_on() {
    let caught = "import socket\n\
        try:\n    socket.create_connection(('localhost', 6379))\n    state = 'there'\n\
        except OSError:\n    state = 'not there'\n\
        print(repr(state))  # 'there'";
    let snippets =
        ["print(1 + 1)  # 2", caught, "import socket\nsocket.create_connection(('localhost', 5432))"];
    let place = place("services = ['postgres', 'redis']", &snippets);
    // A test may hide what is there, and need not where it is not.
    let hide = "for it in /usr/lib/postgresql /usr/pgsql-*; do [ -d $it ] && mount -t tmpfs none $it; done; \
        for it in $(command -v initdb) $(command -v redis-server); do mount --bind /dev/null $(realpath $it); done; true";
    let Some(done) = after(&place, hide) else { return };
    let report = done.json();
    let said = findings(&report);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].starts_with("needs-service 5: ") && said[0].contains("Redis is not installed"),
        "{said:?}"
    );
    assert!(said[0].contains("apt-get install redis-server"), "{said:?}");
    assert!(
        said[1].starts_with("needs-service 15: ") && said[1].contains("PostgreSQL is not installed"),
        "{said:?}"
    );
    assert!(said[1].contains("apt-get install postgresql"), "{said:?}");
    // What a snippet makes of it is not held against it.
    assert_eq!(verdicts(&report), ["holds", "undecided"]);
    assert_eq!(done.code(), Some(0));
}

#[test]
fn a_server_that_is_broken_says_why() {
    let place = place("services = ['redis']", &[&format!("{REDIS}\nprint(redis('PING'))")]);
    place.write("bin/redis-server", "#!/bin/sh\necho 'Fatal error: out of order'; exit 1\n");
    let break_it = "chmod +x bin/redis-server && mount --bind bin/redis-server $(command -v redis-server)";
    if !servers(&["redis"]) {
        return;
    }
    let Some(done) = after(&place, break_it) else { return };
    let said = findings(&done.json());
    assert!(said[0].contains("Redis does not start: Fatal error: out of order"), "{said:?}");
}

const PAGES: &str = r#"
[http]
"http://example.com" = "<h1>Example</h1>"
"https://example.com/api" = { status = 201, headers = { X-Kind = "api" }, path = "answer.json" }
"#;

#[test]
fn pages_are_served_and_what_is_not_given_is_named() {
    let snippets = [
        "from urllib.request import urlopen\n\
         print(urlopen('http://example.com').read())  # b'<h1>Example</h1>'\n\
         answer = urlopen('https://example.com/api?page=2')\n\
         print(answer.status, answer.headers['X-Kind'], answer.read())  # 201 api b'[1]'",
        "from urllib.request import urlopen\nurlopen('https://example.com/other')",
        "from urllib.request import urlopen\nurlopen('http://example.org')",
        "import time\nfrom urllib.request import urlopen\n\
         urlopen('http://example.com')\ntime.sleep(600)",
    ];
    let place = place(PAGES, &snippets);
    place.write("answer.json", "[1]");
    let report = check(&place, &[]);
    let said = findings(&report);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].starts_with("needs-network 9: no answer is given for https://example.com/other | "),
        "{said:?}"
    );
    assert!(said[0].contains("http.\"https://example.com/other\" = "), "{said:?}");
    assert!(said[1].starts_with("needs-network 13: this needs the network: example.org"), "{said:?}");
    assert_eq!(verdicts(&report), ["holds"; 2]);
}

#[test]
fn without_a_network_of_its_own_a_run_has_no_pages_and_the_reason() {
    let place = place(PAGES, &["from urllib.request import urlopen\nurlopen('http://example.com')"]);
    place.write("answer.json", "[1]");
    let said = findings(&check(&place, &["--sandbox", "off"]));
    assert!(
        said[0].contains("example.com: what it answers cannot be had: the sandbox has no network of its own"),
        "{said:?}"
    );
}

#[test]
fn a_url_that_cannot_be_served_is_refused_where_it_stands() {
    let place = place("[http]\n\"http://93.184.216.34/\" = \"x\"", &["print(1)  # 1"]);
    let done = place.verify(&["guide.md"]);
    assert_eq!(done.code(), Some(2), "{}", done.stdout());
    let all = done.stdout() + &done.stderr();
    assert!(all.contains("verify.toml") && all.contains(":2") && all.contains("write its name"), "{all}");
}
