//! What an editor shows of a guide that was checked.

use serde_json::{Value, json};

use super::client::{Client, range};
use crate::common::Place;

const GUIDE: &str = "\
# Lists

## Block 1: lists

```python
x = [0, 2]
print(x)  # [0, 2]
print('🎉')
print('🎉', len(x))  # prints: 🎉 3
for i in range(3):
    print(i)
```

<!-- verify: expect false-claim reason=\"shows the mistake\" -->
```python
print(1)  # prints: 2
```
";

fn codes(found: &[Value]) -> Vec<(&str, u64, &Value)> {
    let one = |it: &Value| (it["severity"].as_u64().expect("a number"), it["code"].as_str().map(str::len));
    assert!(found.iter().all(|it| one(it).1.is_some() && it["source"] == "verify"));
    found
        .iter()
        .map(|it| (it["code"].as_str().expect("a text"), it["severity"].as_u64().expect("one"), &it["range"]))
        .collect()
}

#[test]
fn findings_are_shown_where_they_stand() {
    let mut client = Client::new();
    let url = client.open("guide.md", GUIDE);
    let found = client.diagnostics(&url);
    // What the author expects is a hint. In UTF-16 the emoji before it counts twice.
    assert_eq!(
        codes(&found),
        [("false-claim", 1, &range(8, 23, 8, 35)), ("false-claim", 4, &range(15, 12, 15, 21))]
    );
    let message = found[0]["message"].as_str().expect("a text");
    assert!(message.contains("🎉 2") && message.contains("help: "), "{message}");
    assert!(client.leave().success());
}

#[test]
fn columns_count_what_was_agreed() {
    for (encoding, start, end) in [("utf-8", 25, 39), ("utf-16", 23, 35), ("utf-32", 22, 33)] {
        let offered = json!({"general": {"positionEncodings": ["utf-7", encoding, "utf-16"]}});
        let mut client = Client::with(Place::new(), offered, Value::Null);
        let url = client.open("guide.md", GUIDE);
        assert_eq!(client.diagnostics(&url)[0]["range"], range(8, start, 8, end), "{encoding}");
    }
}

#[test]
fn hints_stand_beside_claims_and_what_prints() {
    let mut client = Client::new();
    let url = client.open("guide.md", GUIDE);
    client.diagnostics(&url);
    let hints = client.hints(&url);
    let hints: Vec<_> = hints.iter().map(|(line, label)| (*line, label.as_str())).collect();
    let all = [(6, "✓"), (7, "→ 🎉"), (8, "✗ 🎉 2"), (10, "→ 0⏎1⏎2"), (15, "✗ 1")];
    assert_eq!(hints, all);
    let some = client
        .result("textDocument/inlayHint", json!({"textDocument": {"uri": url}, "range": range(8, 0, 9, 0)}));
    assert_eq!(some.as_array().map(Vec::len), Some(1), "{some}");
}

#[test]
fn hover_says_what_is_known_about_a_line() {
    let mut client = Client::new();
    let url = client.open("guide.md", &GUIDE.replace("print('🎉')\n", "print('``` *x*')  # ``` *y*\n"));
    client.diagnostics(&url);
    let claim = client.hover(&url, 8);
    for part in ["stdout", "✗ false", "Python 3.", "observed", "🎉 2", "🎉 3", "print('🎉', len(x))"]
    {
        assert!(claim.contains(part), "{part}: {claim}");
    }
    // What an output holds is no markup.
    let odd = client.hover(&url, 7);
    assert!(odd.contains("````text\n``` *x*\n````"), "{odd}");
    let fence = client.hover(&url, 4);
    assert!(fence.contains("snippet 1\\.1") && fence.contains("ran in"), "{fence}");
    assert_eq!(client.hover(&url, 0), "");
}

#[test]
fn lenses_say_what_became_of_snippets() {
    let mut client = Client::with(Place::new(), json!({}), json!({"on_open": false}));
    let url = client.open("guide.md", GUIDE);
    assert_eq!(client.states(&url), ["not checked", "not checked"]);
    client.save(&url);
    client.diagnostics(&url);
    assert_eq!(client.states(&url), ["1 false, 1 claim holds", "1 false as expected"]);
}

#[test]
fn what_a_fix_says_is_written_and_holds() {
    let edits = json!({"workspace": {"workspaceEdit": {"documentChanges": true}}});
    for (versioned, capabilities) in [(true, edits), (false, json!({}))] {
        let mut client = Client::with(Place::new(), capabilities, Value::Null);
        let url = client.open("guide.md", &GUIDE.replace('\n', "\r\n"));
        assert_eq!(client.diagnostics(&url).len(), 2);
        let actions = client.actions(&url, Value::Null);
        let kinds: Vec<_> = actions.iter().map(|action| action["kind"].as_str().expect("a kind")).collect();
        assert_eq!(kinds, ["quickfix", "source.fixAll.verify"]);
        assert_eq!((&actions[0]["isPreferred"], &actions[1]["isPreferred"]), (&json!(true), &Value::Null));
        let edit = match versioned {
            true => {
                let edit = &actions[0]["edit"]["documentChanges"][0];
                assert_eq!(edit["textDocument"]["version"], 1);
                &edit["edits"][0]
            }
            false => &actions[0]["edit"]["changes"][&url][0],
        };
        let change = json!([{"range": edit["range"], "text": edit["newText"]}]);
        let document = json!({"uri": url, "version": 2});
        client.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": change}));
        // Nobody has checked this text yet.
        assert_eq!(client.actions(&url, Value::Null), [] as [Value; 0]);
        client.save(&url);
        assert_eq!(codes(&client.diagnostics(&url)), [("false-claim", 4, &range(15, 12, 15, 21))]);
    }
}

#[test]
fn only_the_actions_that_are_asked_for_are_offered() {
    let mut client = Client::new();
    let url = client.open("guide.md", GUIDE);
    client.diagnostics(&url);
    for (only, count) in [
        (json!(["source"]), 1),
        (json!(["source.fixAll"]), 1),
        (json!(["source.fixAll.verify"]), 1),
        (json!(["source.fix"]), 0),
        (json!(["quickfix"]), 1),
        (json!(["refactor"]), 0),
    ] {
        assert_eq!(client.actions(&url, only.clone()).len(), count, "{only}");
    }
}

#[test]
fn findings_of_companions_are_theirs() {
    let place = Place::new();
    place.write("snippets/guide/c.1.check.py", "é = f()\nprint(é)  # 2\n");
    let mut client = Client::with(place, json!({}), Value::Null);
    let companion = client.url("snippets/guide/c.1.check.py");
    let url = client.open("guide.md", "# C\n\n```python\ndef f():\n    return 1\n```\n");
    assert_eq!(codes(&client.diagnostics(&companion)), [("false-claim", 1, &range(1, 12, 1, 13))]);
    assert!(client.diagnostics(&url).is_empty());
    // Saving it checks the guide; what is mended is taken back.
    client.place.write("snippets/guide/c.1.check.py", "print(f())  # 1\n");
    client.open_as(&companion, "python", "print(f())  # 1\n");
    client.save(&companion);
    assert!(client.diagnostics(&companion).is_empty());
}

#[test]
fn guides_that_are_not_markdown_are_shown_in_their_own_lines() {
    let mut client = Client::new();
    let rst = "Title\n=====\n\n.. code-block:: python\n\n   print('é')\n   print(1)  # prints: 2\n";
    let python =
        "def f():\n    \"\"\"Says \\\"one\\\".\n\n    >>> print(f())\n    2\n    \"\"\"\n    return 1\n";
    for (name, text, line, all) in [
        ("guide.rst", rst, 6, vec![(5, "→ é".to_owned()), (6, "✗ 1".to_owned())]),
        ("guide.py", python, 4, vec![(4, "✗ 1".to_owned())]),
    ] {
        let url = client.open(name, text);
        let found = client.diagnostics(&url);
        assert_eq!(found[0]["code"], "false-claim", "{name}");
        assert_eq!(found[0]["range"]["start"]["line"], line, "{name}");
        assert_eq!(client.hints(&url), all, "{name}");
        assert_eq!(client.states(&url).len(), 1, "{name}");
    }
}

#[test]
fn related_lines_and_long_findings_are_shown() {
    let mut client = Client::new();
    let guide = "# R\n\n```python\nprint(late)\n\nlate = 1\n```\n\n```python\nwhile True:\n    pass\n```\n";
    client.place.write("verify.toml", "timeout = 0.5\n");
    let url = client.open("guide.md", guide);
    let found = client.diagnostics(&url);
    let early = found.iter().find(|it| it["code"] == "use-before-definition").expect("found");
    assert_eq!(early["relatedInformation"][0]["location"]["range"], range(5, 0, 5, 8), "{early}");
    assert!(found.iter().any(|it| it["code"] == "timeout"));
    for finding in &found {
        let range = &finding["range"];
        assert!(range["end"]["line"].as_u64() <= range["start"]["line"].as_u64().map(|line| line + 6));
    }
}
