//! An editor as far as tests need one: it speaks the protocol to the real executable.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use lsp_types::Url;
use serde_json::{Value, json};

use crate::common::Place;

/// What a loaded machine may take for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// An editor with a server.
pub struct Client {
    pub place: Place,
    pub server: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// What came while something else was waited for.
    early: VecDeque<Value>,
    last: Cell<i32>,
}

/// Reads messages. What is none, as output of a snippet would be, fails.
fn read(output: impl Read) -> impl Iterator<Item = Value> {
    let mut output = BufReader::new(output);
    std::iter::from_fn(move || {
        let mut length = 0;
        loop {
            let mut header = String::new();
            if output.read_line(&mut header).expect("readable") == 0 {
                return None;
            }
            match header.trim_end().split_once(": ") {
                Some(("Content-Length", number)) => length = number.parse().expect("a number"),
                Some(_) => {}
                None if header == "\r\n" => break,
                None => panic!("`{header}` is no header"),
            }
        }
        let mut body = vec![0; length];
        output.read_exact(&mut body).expect("as long as it says");
        Some(serde_json::from_slice(&body).expect("JSON"))
    })
}

impl Client {
    /// One that has said nothing yet.
    pub fn silent(place: Place) -> Client {
        let mut server = Command::new(env!("CARGO_BIN_EXE_verify"))
            .args(["lsp", "--stdio"])
            .current_dir(place.path("."))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("verify starts");
        let output = server.stdout.take().expect("piped");
        let (sender, messages) = channel();
        std::thread::spawn(move || read(output).try_for_each(|message| sender.send(message)));
        let input = server.stdin.take();
        Client { place, server, input, messages, early: VecDeque::new(), last: Cell::new(0) }
    }

    /// One that is initialized, with what it can do and its settings.
    pub fn with(place: Place, capabilities: Value, settings: Value) -> Client {
        let mut client = Client::silent(place);
        let root = Url::from_directory_path(client.place.path("")).expect("a folder");
        let answer = client.ask(
            "initialize",
            json!({
                "processId": null, "rootUri": root, "capabilities": capabilities,
                "initializationOptions": settings,
            }),
        );
        assert!(answer["result"]["capabilities"].is_object(), "{answer}");
        client.tell("initialized", json!({}));
        client
    }

    pub fn new() -> Client {
        Client::with(Place::new(), json!({}), Value::Null)
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("open");
        input.write_all(bytes).and_then(|()| input.flush()).expect("the server reads");
    }

    fn send(&mut self, message: Value) {
        let body = message.to_string();
        self.send_bytes(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request without waiting for its answer; returns its id.
    pub fn begin(&mut self, method: &str, params: Value) -> i32 {
        self.last.set(self.last.get() + 1);
        self.send(json!({"jsonrpc": "2.0", "id": self.last.get(), "method": method, "params": params}));
        self.last.get()
    }

    /// Answers a request of the server's.
    pub fn reply(&mut self, request: &Value, result: Value) {
        self.send(json!({"jsonrpc": "2.0", "id": request["id"], "result": result}));
    }

    /// The answer to a request.
    pub fn answer(&mut self, id: i32) -> Value {
        self.next(|message| message["id"] == id && message["method"].is_null())
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.answer(id)
    }

    /// The result of a request that is not refused.
    pub fn result(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    }

    /// The first message that is meant, whatever comes before it.
    pub fn next(&mut self, is_meant: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.early.iter().position(&is_meant) {
            return self.early.remove(at).expect("there");
        }
        loop {
            let message = self.messages.recv_timeout(PATIENCE).expect("the server says something");
            if is_meant(&message) {
                return message;
            }
            self.early.push_back(message);
        }
    }

    /// The next message of a method.
    pub fn told(&mut self, method: &str) -> Value {
        self.next(|message| message["method"] == method)["params"].clone()
    }

    /// Whether such a message came before everything that was waited for.
    pub fn was_told(&self, is_meant: impl Fn(&Value) -> bool) -> bool {
        self.early.iter().any(is_meant)
    }

    pub fn url(&self, name: &str) -> String {
        Url::from_file_path(self.place.path(name)).expect("a path").to_string()
    }

    /// Opens a guide that has a file, too.
    pub fn open(&mut self, name: &str, text: &str) -> String {
        self.place.write(name, text);
        let url = self.url(name);
        self.open_as(&url, "markdown", text);
        url
    }

    pub fn open_as(&mut self, url: &str, language: &str, text: &str) {
        let item = json!({"uri": url, "languageId": language, "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": item}));
    }

    /// Replaces the whole text.
    pub fn write(&mut self, url: &str, version: i32, text: &str) {
        let changes = json!([{"text": text}]);
        let document = json!({"uri": url, "version": version});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    pub fn save(&mut self, url: &str) {
        self.tell("textDocument/didSave", json!({"textDocument": {"uri": url}}));
    }

    /// What is found in a document, the next time that this is told.
    pub fn diagnostics(&mut self, url: &str) -> Vec<Value> {
        let of = |message: &Value| {
            message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == url
        };
        self.next(of)["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    /// The hints of a document, as line and label.
    pub fn hints(&mut self, url: &str) -> Vec<(u64, String)> {
        let range = range(0, 0, 999, 0);
        let hints =
            self.result("textDocument/inlayHint", json!({"textDocument": {"uri": url}, "range": range}));
        let hint = |hint: &Value| {
            (
                hint["position"]["line"].as_u64().expect("a line"),
                hint["label"].as_str().expect("a text").into(),
            )
        };
        hints.as_array().expect("a list").iter().map(hint).collect()
    }

    /// The titles of the lenses that say what became of snippets.
    pub fn states(&mut self, url: &str) -> Vec<String> {
        let lenses = self.result("textDocument/codeLens", json!({"textDocument": {"uri": url}}));
        let lenses = lenses.as_array().expect("a list").iter().map(|lens| &lens["command"]);
        lenses
            .filter(|command| command["command"] == "verify.check")
            .map(|command| command["title"].as_str().expect("a text").to_owned())
            .collect()
    }

    pub fn hover(&mut self, url: &str, line: u64) -> String {
        let position = json!({"line": line, "character": 0});
        let hover =
            self.result("textDocument/hover", json!({"textDocument": {"uri": url}, "position": position}));
        hover["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    pub fn actions(&mut self, url: &str, only: Value) -> Vec<Value> {
        let context = json!({"diagnostics": [], "only": only});
        let params = json!({"textDocument": {"uri": url}, "range": range(0, 0, 999, 0), "context": context});
        self.result("textDocument/codeAction", params).as_array().expect("a list").clone()
    }

    pub fn run(&mut self, url: &str, snippet: &str) -> i32 {
        let params = json!({"command": "verify.runSnippet", "arguments": [url, snippet]});
        self.begin("workspace/executeCommand", params)
    }

    /// Says nothing any more.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// Ends the server as editors do.
    pub fn leave(mut self) -> ExitStatus {
        self.result("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.server.wait().expect("it ends")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // One that a failed test leaves behind ends, too.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

pub fn range(line: u64, character: u64, end_line: u64, end_character: u64) -> Value {
    json!({
        "start": {"line": line, "character": character},
        "end": {"line": end_line, "character": end_character},
    })
}
