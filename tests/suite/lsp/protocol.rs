//! Messages that are early, late, unknown or none.

use serde_json::{Value, json};

use super::client::{Client, range};
use crate::common::Place;

const GUIDE: &str = "# P\n\n```python\nprint(1)  # 2\n```\n";

fn code(answer: &Value) -> Option<i64> {
    answer["error"]["code"].as_i64()
}

#[test]
fn nothing_is_answered_before_the_start_and_after_the_end() {
    let mut client = Client::silent(Place::new());
    assert_eq!(code(&client.ask("textDocument/hover", json!({}))), Some(-32002));
    client.open("guide.md", GUIDE);
    let answer = client.ask("initialize", json!({"processId": null, "capabilities": {}}));
    assert_eq!(answer["result"]["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(answer["result"]["serverInfo"]["name"], "verify");
    assert_eq!(code(&client.ask("initialize", json!({"capabilities": {}}))), Some(-32600));
    client.result("shutdown", Value::Null);
    assert_eq!(code(&client.ask("textDocument/hover", json!({}))), Some(-32600));
    assert!(!client.was_told(|message| message["method"] == "textDocument/publishDiagnostics"));
    client.tell("exit", Value::Null);
    assert!(client.server.wait().expect("it ends").success());
}

#[test]
fn without_a_shutdown_the_end_is_a_failure() {
    for hang_up in [false, true] {
        let mut client = Client::new();
        match hang_up {
            true => client.hang_up(),
            false => client.tell("exit", Value::Null),
        }
        assert_eq!(client.server.wait().expect("it ends").code(), Some(1));
    }
}

#[test]
fn what_is_unknown_is_refused_or_passed_over() {
    let mut client = Client::new();
    assert_eq!(code(&client.ask("textDocument/rename", json!({}))), Some(-32601));
    assert_eq!(code(&client.ask("textDocument/hover", json!({"position": 1}))), Some(-32602));
    let command = json!({"command": "verify.nothing", "arguments": ["file:///g.md"]});
    assert_eq!(code(&client.ask("workspace/executeCommand", command)), Some(-32602));
    let command = json!({"command": "verify.runSnippet", "arguments": []});
    assert_eq!(code(&client.ask("workspace/executeCommand", command)), Some(-32602));
    client.tell("$/setTrace", json!({"value": "off"}));
    client.tell("$/cancelRequest", json!({"id": 77}));
    client.tell("textDocument/didSave", json!({"textDocument": {"uri": "file:///not/open.md"}}));
    client.tell("textDocument/didChange", json!({"nothing": 1}));
    assert!(client.told("window/logMessage")["message"].to_string().contains("didChange"));
    let nowhere = json!({"textDocument": {"uri": "file:///not/open.md"}, "range": range(0, 0, 9, 0)});
    assert_eq!(client.result("textDocument/inlayHint", nowhere), json!([]));
    assert!(client.leave().success());
}

#[test]
fn a_malformed_message_hides_no_other() {
    let mut client = Client::new();
    for broken in [
        "Content-Length: 9\r\n\r\n{\"a\": [1]",
        "Content-Length: 2\r\n\r\n{}",
        "Content-Length: 2\r\n\r\n\u{ff}",
        "Content-Length: many\r\n",
        "no header\r\n\r\n",
    ] {
        client.send_bytes(broken.as_bytes());
        let said = client.told("window/logMessage")["message"].to_string();
        assert!(said.contains("cannot be read"), "{broken:?}: {said}");
    }
    let url = client.open("guide.md", GUIDE);
    assert_eq!(client.diagnostics(&url).len(), 1);
    assert!(client.leave().success());
}

#[test]
fn what_a_guide_prints_is_no_message() {
    let mut client = Client::new();
    let guide = "# O\n\n```python\nimport os, subprocess, sys\nos.write(1, b'raw')\n\
        subprocess.run(['echo', 'child'])\nsys.__stdout__.write('deep')\nprint(1)  # 2\n```\n";
    let url = client.open("guide.md", guide);
    // Anything else on the pipe fails the client.
    assert_eq!(client.diagnostics(&url).len(), 1);
    assert!(client.leave().success());
}

#[test]
fn progress_is_shown_where_it_can_be() {
    let capabilities = json!({"window": {"workDoneProgress": true}, "workspace": {
        "inlayHint": {"refreshSupport": true}, "codeLens": {"refreshSupport": true},
        "didChangeWatchedFiles": {"dynamicRegistration": true},
    }});
    let mut client = Client::with(Place::new(), capabilities, Value::Null);
    let registered = client.told("client/registerCapability");
    assert!(registered.to_string().contains("**/verify.toml"), "{registered}");
    client.open("guide.md", GUIDE);
    let token = client.told("window/workDoneProgress/create")["token"].clone();
    for kind in ["begin", "end"] {
        let progress = client.told("$/progress");
        assert_eq!((&progress["token"], &progress["value"]["kind"]), (&token, &json!(kind)));
    }
    client.told("workspace/inlayHint/refresh");
    client.told("workspace/codeLens/refresh");
}
