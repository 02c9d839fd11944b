//! What is read, and where what is wrong is said to be.

use super::*;

fn problem(text: &str) -> (usize, usize, String) {
    let problem = parse::<ProjectKeys>(text).expect_err(text);
    let (line, column) = problem.line_and_column(text);
    (line, column, problem.message)
}

#[test]
fn every_key_is_read() {
    let text = r#"
guides = ["docs/*.md"]
python = ["3.9", "/opt/python"]
packages = ["PyYAML>=6"]
requirements = ["requirements.txt"]
groups = ["docs"]
allow-source = true
services = ["postgres", "redis"]
files = { "a.txt" = "text", data = { path = "fixtures" } }
env = { NAME = "value" }
stdin = "Ada\n"
setup = { path = "setup.py" }
sqlite."example.db" = "CREATE TABLE t (x)"
http = { "http://a/" = "body", "http://b/" = { status = 404, headers = { A = "b" }, path = "page" } }
timeout = 3
skip = "why"

[[guide]]
path = "docs/a.md"
timeout = 0.5
[guide.block."2"]
skip = "block"
[guide.snippet."2.1"]
skip = "snippet"
"#;
    let read: ProjectKeys = parse(text).unwrap();
    assert_eq!(
        read.services.iter().map(|s| *s.value()).collect::<Vec<_>>(),
        [Service::Postgres, Service::Redis]
    );
    assert_eq!(read.timeout.as_ref().map(|t| *t.value()), Some(3.0));
    let guide = &read.guide[0];
    assert_eq!(
        (guide.path.value().as_str(), guide.keys().timeout.map(|t| *t.value())),
        ("docs/a.md", Some(0.5))
    );
    let (label, block) = guide.block.iter().next().unwrap();
    assert_eq!((label.value().as_str(), block.skip.as_ref().unwrap().value().as_str()), ("2", "block"));
    let (name, first) = read.files.iter().next().unwrap();
    assert_eq!((name.value().as_str(), first), ("a.txt", &Text::Text("text".into())));
    assert_eq!(&text[name.at()..][..7], "\"a.txt\"");
}

#[test]
fn unknown_keys_are_refused_at_any_depth() {
    for (text, line, column, words) in [
        ("guidez = []", 1, 1, "unknown key `guidez`: did you mean `guides`"),
        ("\nallow_source = true", 2, 1, "did you mean `allow-source`?"),
        ("[[guide]]\npath = 'a'\n[guide.snippet.'1.1']\nfile = {}", 4, 1, "did you mean `files`?"),
        ("files.'é' = { pth = 'x' }", 1, 15, "unknown key `pth`: did you mean `path`?"),
        ("http = { 'http://a/' = { stauts = 3 } }", 1, 26, "did you mean `status`?"),
        ("services = ['redis', 'postgresql']", 1, 22, "unknown name `postgresql`: did you mean `postgres`?"),
        ("zzz = 1", 1, 1, "there are `guides`, `python`, `guide`, `packages`"),
    ] {
        let (at_line, at_column, message) = problem(text);
        assert_eq!((at_line, at_column), (line, column), "{text}: {message}");
        assert!(message.contains(words), "{text}: {message}");
    }
}

#[test]
fn wrong_types_say_what_is_wanted() {
    for (text, column, words) in [
        ("timeout = 'x'", 11, "expected a number"),
        ("files = ['x']", 9, "invalid type: list, expected a table"),
        ("packages = 'x'", 12, "expected a list"),
        ("setup = 3", 9, "expected a string or a table such as { path = \"…\" }"),
        ("skip = true", 8, "expected a string"),
        ("timeout = ", 11, "string values must be quoted"),
        ("skip = 'a'\nskip = 'b'", 1, "duplicate key"),
    ] {
        let (_, at_column, message) = problem(text);
        assert_eq!(at_column, column, "{text}: {message}");
        assert!(message.contains(words), "{text}: {message}");
    }
}
