//! What happens when guides, settings and files change.

use serde_json::{Value, json};

use super::client::{Client, range};
use crate::common::Place;

const TWO: &str = "\
# T

```python
print(1)  # 1
print(2)
```

```python
print(3)  # 4
```
";

fn changed(client: &mut Client, name: &str, kind: u8) {
    let url = client.url(name);
    client.tell("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": url, "type": kind}]}));
}

#[test]
fn what_is_known_moves_and_goes_with_edits() {
    let mut client = Client::new();
    let url = client.open("guide.md", TWO);
    client.diagnostics(&url);
    assert_eq!(client.hints(&url), [(3, "✓".into()), (4, "→ 2".into()), (8, "✗ 3".into())]);
    let document = json!({"uri": url, "version": 2});
    let new_line = json!({"range": range(1, 0, 1, 0), "text": "prose\n"});
    let edit = json!({"range": range(4, 6, 4, 7), "text": "7"});
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": document, "contentChanges": [new_line, edit]}),
    );
    assert_eq!(client.hints(&url), [(5, "→ 2".into()), (9, "✗ 3".into())]);
    assert_eq!(client.states(&url), ["edited since it was checked", "1 false"]);
    assert_eq!(client.hover(&url, 4), "");
    client.save(&url);
    assert_eq!(client.diagnostics(&url).len(), 2);
}

#[test]
fn one_snippet_is_run_and_the_others_keep_what_they_had() {
    let mut client = Client::with(Place::new(), json!({}), json!({"on_open": false}));
    let url = client.open("guide.md", TWO);
    let id = client.run(&url, "t.2");
    assert_eq!(client.answer(id)["result"], Value::Null);
    assert_eq!(client.diagnostics(&url).len(), 1);
    assert_eq!(client.states(&url), ["not checked", "1 false"]);
    // Another one before them: ids count anew.
    let before = "```python\nprint(5)  # 6\n```\n\n";
    let three = TWO.replacen("\n\n", &format!("\n\n{before}"), 1);
    client.write(&url, 2, &three);
    let id = client.run(&url, "t.1");
    client.answer(id);
    let found = client.diagnostics(&url);
    let lines: Vec<_> = found.iter().map(|it| it["range"]["start"]["line"].as_u64()).collect();
    assert_eq!(lines, [Some(12), Some(3)]);
    assert_eq!(client.states(&url), ["1 false", "not checked", "1 false"]);
    // It is mended and run once more: it counts once.
    client.write(&url, 3, &three.replace("# 4", "# 3"));
    let id = client.run(&url, "t.3");
    client.answer(id);
    assert_eq!(client.diagnostics(&url).len(), 1);
    assert_eq!(client.states(&url), ["1 false", "not checked", "1 claim holds"]);
    let id = client.run(&url, "t.9");
    assert_eq!(client.answer(id)["error"]["code"], -32602);
}

#[test]
fn what_is_closed_or_deleted_is_forgotten() {
    let mut client = Client::new();
    let url = client.open("guide.md", TWO);
    assert_eq!(client.diagnostics(&url).len(), 1);
    changed(&mut client, "guide.md", 3);
    assert!(client.diagnostics(&url).is_empty());
    client.save(&url);
    assert_eq!(client.diagnostics(&url).len(), 1);
    client.tell("textDocument/didClose", json!({"textDocument": {"uri": url}}));
    assert!(client.diagnostics(&url).is_empty());
}

#[test]
fn another_configuration_is_obeyed_by_all_its_guides() {
    let mut client = Client::new();
    let guide = "# E\n\n```python\nimport os\nprint(os.environ.get('NAME'))  # Ada\n```\n";
    let both = [client.open("a.md", guide), client.open("b.md", guide)];
    for url in &both {
        assert_eq!(client.diagnostics(url).len(), 1);
    }
    client.place.write("verify.toml", "env.NAME = \"Ada\"\n");
    changed(&mut client, "verify.toml", 1);
    for url in &both {
        assert!(client.diagnostics(url).is_empty());
    }
    client.place.write("verify.toml", "evn.NAME = \"Ada\"\n");
    changed(&mut client, "verify.toml", 2);
    for url in &both {
        let found = client.diagnostics(url);
        assert_eq!(found[0]["range"], range(0, 0, 0, 3));
        let message = found[0]["message"].as_str().expect("a text");
        assert!(message.contains("verify.toml:1:1") && message.contains("env"), "{message}");
    }
}

#[test]
fn each_folder_has_its_configuration() {
    let place = Place::new();
    place.write("verify.toml", "env.NAME = \"Eve\"\n");
    place.write("a/verify.toml", "env.NAME = \"Ada\"\n");
    place.write("b/verify.toml", "env.NAME = \"Bob\"\n");
    let mut client = Client::with(place, json!({}), Value::Null);
    let guide = "# E\n\n```python\nimport os\nprint(os.environ['NAME'])\n```\n";
    client.open_as("untitled:new", "markdown", guide);
    let urls = [client.open("a/guide.md", guide), client.open("b/guide.md", guide), "untitled:new".into()];
    for (url, name) in urls.iter().zip(["Ada", "Bob", "Eve"]) {
        client.diagnostics(url);
        assert_eq!(client.hints(url), [(4, format!("→ {name}"))]);
    }
}

#[test]
fn settings_are_obeyed_and_wrong_ones_are_shown() {
    let mut client = Client::with(Place::new(), json!({}), json!({"pyton": ["3.12"]}));
    let shown = client.told("window/showMessage")["message"].to_string();
    assert!(shown.contains("pyton"), "{shown}");
    let url = client.open("guide.md", TWO);
    assert_eq!(client.diagnostics(&url).len(), 1);
    let set = json!({"settings": {"verify": {"block": ["t.1"]}}});
    client.tell("workspace/didChangeConfiguration", set.clone());
    assert!(client.diagnostics(&url).is_empty());
    assert_eq!(client.states(&url), ["1 claim holds", "not checked"]);
    // The same once more changes nothing: what comes next is due to the save.
    client.tell("workspace/didChangeConfiguration", set);
    client.tell("workspace/didChangeConfiguration", json!({"settings": {"verify": {}}}));
    assert_eq!(client.diagnostics(&url).len(), 1);
}

#[test]
fn an_editor_that_is_asked_gives_its_settings() {
    let mut client = Client::with(Place::new(), json!({"workspace": {"configuration": true}}), Value::Null);
    let url = client.open("guide.md", TWO);
    assert_eq!(client.diagnostics(&url).len(), 1);
    client.tell("workspace/didChangeConfiguration", json!({"settings": null}));
    let asked = client.next(|message| message["method"] == "workspace/configuration");
    assert_eq!(asked["params"]["items"][0]["section"], "verify");
    client.reply(&asked, json!([{"block": ["t.1"]}]));
    assert!(client.diagnostics(&url).is_empty());
}

#[test]
fn a_failure_of_verify_itself_is_shown_once() {
    let mut client = Client::with(Place::new(), json!({}), json!({"python": ["/nowhere/python"]}));
    let url = client.open("guide.md", TWO);
    let shown = client.told("window/showMessage");
    assert!(shown["message"].to_string().contains("/nowhere/python"), "{shown}");
    for _ in 0..2 {
        let params = json!({"command": "verify.check", "arguments": [url]});
        let answer = client.ask("workspace/executeCommand", params);
        assert_eq!(answer["error"]["code"], -32803, "{answer}");
    }
    assert!(!client.was_told(|message| message["method"] == "window/showMessage"));
    // After a check that works it would be news.
    for (settings, works) in [(json!({}), true), (json!({"python": ["/nowhere/python"]}), false)] {
        client.tell("workspace/didChangeConfiguration", json!({"settings": {"verify": settings}}));
        match works {
            true => assert_eq!(client.diagnostics(&url).len(), 1),
            false => assert_eq!(client.told("window/showMessage"), shown),
        }
    }
}

#[test]
fn what_is_opened_without_a_sandbox_is_not_run() {
    let mut client = Client::with(Place::new(), json!({}), json!({"sandbox": "off"}));
    let url = client.open("guide.md", "# M\n\n```python\nprint(1)  # 2\n```\n");
    assert_eq!(client.states(&url), ["not checked"]);
    assert!(!client.was_told(|message| message["method"] == "textDocument/publishDiagnostics"));
    // Asked for, all that is open is.
    client.result("workspace/executeCommand", json!({"command": "verify.check"}));
    assert_eq!(client.diagnostics(&url).len(), 1);
}

#[test]
fn documents_without_a_file_and_odd_addresses_are_checked() {
    let mut client = Client::new();
    client.open_as("untitled:Untitled-1", "markdown", TWO);
    assert_eq!(client.diagnostics("untitled:Untitled-1").len(), 1);
    let odd = "a folder/100% é#?.md";
    let url = client.open(odd, TWO);
    assert!(url.ends_with("/a%20folder/100%25%20%C3%A9%23%3F.md"), "{url}");
    assert_eq!(client.diagnostics(&url).len(), 1);
    assert_eq!(client.hints(&url).len(), 3);
}

#[test]
fn the_text_of_the_editor_counts_and_not_that_of_the_file() {
    let mut client = Client::new();
    let url = client.url("guide.md");
    client.open_as(&url, "markdown", TWO);
    assert_eq!(client.diagnostics(&url).len(), 1);
    client.write(&url, 2, "\u{feff}# T\r\n\r\n```python\r\nx = '🎉'; print(3)  # 4\r\n```\r\n");
    client.save(&url);
    assert_eq!(client.diagnostics(&url)[0]["range"], range(3, 22, 3, 23));
    let actions = client.actions(&url, json!(["quickfix"]));
    assert_eq!(actions[0]["edit"]["changes"][&url][0]["range"], range(3, 22, 3, 23));
}
