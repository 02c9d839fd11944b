//! Checks that are given up, and servers that end while one runs.

use serde_json::{Value, json};

use super::client::Client;
use crate::common::Place;
use crate::processes::{family, is_alive, ticks, until};

const ENDLESS: &str = "# E\n\n```python\nwhile True:\n    pass\n```\n";
const SOUND: &str = "# E\n\n```python\nprint(1)  # 2\n```\n";

/// An editor with an endless guide under way that may take a minute.
fn busy() -> (Client, String) {
    let place = Place::new();
    place.write("verify.toml", "timeout = 60\n");
    let capabilities = json!({"window": {"workDoneProgress": true}});
    let mut client = Client::with(place, capabilities, Value::Null);
    let url = client.open("guide.md", ENDLESS);
    until_busy(&client);
    (client, url)
}

/// Nothing but the snippet computes that long.
fn until_busy(client: &Client) {
    let server = client.server.id();
    until("the snippet runs", || family(server).iter().any(|it| *it != server && ticks(*it) > 20));
}

fn until_idle(client: &Client) {
    let server = client.server.id();
    let spent = || -> u64 { family(server).iter().filter(|it| **it != server).map(|it| ticks(*it)).sum() };
    until("the snippet ends", || {
        let before = spent();
        std::thread::sleep(std::time::Duration::from_millis(200));
        spent() <= before + 2
    });
}

#[test]
fn a_newer_save_comes_instead_of_what_runs() {
    let (mut client, url) = busy();
    client.write(&url, 2, SOUND);
    client.save(&url);
    assert_eq!(client.diagnostics(&url).len(), 1);
    until_idle(&client);
    assert!(client.leave().success());
}

#[test]
fn while_a_check_runs_all_else_is_answered() {
    let (mut client, url) = busy();
    assert_eq!(client.states(&url), ["not checked"]);
    let other = client.open("other.md", SOUND);
    assert!(client.hints(&other).is_empty());
    client.tell("textDocument/didClose", json!({"textDocument": {"uri": url}}));
    assert!(client.diagnostics(&url).is_empty());
    assert_eq!(client.diagnostics(&other).len(), 1);
}

#[test]
fn a_cancelled_request_ends_its_run() {
    let place = Place::new();
    place.write("verify.toml", "timeout = 60\n");
    let mut client = Client::with(place, json!({}), json!({"on_open": false}));
    let url = client.open("guide.md", ENDLESS);
    let running = client.run(&url, "e.1");
    let waiting = client.run(&url, "e.1");
    until_busy(&client);
    for id in [waiting, running] {
        client.tell("$/cancelRequest", json!({"id": id}));
        assert_eq!(client.answer(id)["error"]["code"], -32800);
    }
    until_idle(&client);
    client.write(&url, 2, SOUND);
    client.save(&url);
    assert_eq!(client.diagnostics(&url).len(), 1);
}

#[test]
fn progress_can_be_cancelled() {
    let (mut client, _) = busy();
    let token = client.told("window/workDoneProgress/create")["token"].clone();
    client.tell("window/workDoneProgress/cancel", json!({"token": token}));
    client.next(|message| message["params"]["value"]["kind"] == "end");
    until_idle(&client);
}

#[test]
fn many_saves_are_one_check() {
    let (mut client, url) = busy();
    for version in 2..200 {
        client.write(&url, version, ENDLESS);
        client.save(&url);
    }
    client.write(&url, 200, SOUND);
    client.save(&url);
    let of_last = |message: &Value| message["params"]["version"] == 200;
    assert_eq!(client.next(of_last)["params"]["diagnostics"].as_array().map(Vec::len), Some(1));
    // Those in between were neither run to their end nor told of.
    assert!(!client.was_told(|message| message["method"] == "textDocument/publishDiagnostics"));
}

#[test]
fn however_it_ends_no_process_stays() {
    let ways: [fn(&mut Client); 4] = [
        |client| {
            client.result("shutdown", Value::Null);
            client.tell("exit", Value::Null);
        },
        |client| client.tell("exit", Value::Null),
        Client::hang_up,
        |client| client.server.kill().expect("it can be killed"),
    ];
    for end in ways {
        let (mut client, _) = busy();
        let all = family(client.server.id());
        assert!(all.len() > 1, "it has workers");
        end(&mut client);
        client.server.wait().expect("it ends");
        until("its processes end", || all.iter().all(|process| !is_alive(*process)));
    }
}
