//! What a terminal gets and what a pipe does not: colours, links, progress. And what no terminal may get.

use std::process::Command;

use crate::common::Place;
use crate::terminal::Terminal;

const GUIDE: &str = "```python\nprint('a\\x1b]0;owned\\x07b')  # output: c\nopen('input.txt')\n```\n";

fn place() -> Place {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    place
}

/// Verify without anything that the tests' own surroundings say about colours.
fn verify(place: &Place, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verify"));
    command.args(arguments).current_dir(place.path(""));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_HYPERLINK", "TERM_PROGRAM", "COLORTERM"] {
        command.env_remove(name);
    }
    for name in ["VTE_VERSION", "DOMTERM", "WT_SESSION", "KONSOLE_VERSION", "CI"] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm").envs(variables.iter().copied());
    command
}

fn piped(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let place = place();
    let done = verify(&place, arguments, variables).output().expect("verify starts");
    String::from_utf8(done.stdout).expect("text")
}

fn at_terminal(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let place = place();
    let mut terminal = Terminal::start(verify(&place, arguments, variables), 60).expect("a terminal");
    terminal.rest().1
}

fn has_colours(text: &str) -> bool {
    regex::Regex::new(r"\x1b\[[0-9;]*m").expect("valid").is_match(text)
}

#[test]
fn a_pipe_gets_colours_only_where_they_are_asked_for() {
    for (arguments, variables, wanted) in [
        (vec![], vec![], false),
        (vec!["--color", "always"], vec![], true),
        (vec!["--color", "always"], vec![("NO_COLOR", "1"), ("TERM", "dumb")], true),
        (vec![], vec![("CLICOLOR_FORCE", "1")], true),
        (vec![], vec![("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (vec!["--color", "never"], vec![("CLICOLOR_FORCE", "1")], false),
    ] {
        let arguments: Vec<_> = ["guide.md"].into_iter().chain(arguments).collect();
        let out = piped(&arguments, &variables);
        assert!(out.contains("false-claim"), "{out}");
        assert_eq!(has_colours(&out), wanted, "{arguments:?} {variables:?}: {out}");
    }
}

#[test]
fn a_terminal_gets_colours_unless_they_are_not_wanted() {
    for (arguments, variables, wanted) in [
        (vec![], vec![], true),
        (vec![], vec![("NO_COLOR", "1")], false),
        (vec![], vec![("CLICOLOR", "0")], false),
        (vec![], vec![("TERM", "dumb")], false),
        (vec!["--color", "always"], vec![("NO_COLOR", "1")], true),
        (vec!["--color", "never"], vec![], false),
    ] {
        let arguments: Vec<_> = ["guide.md"].into_iter().chain(arguments).collect();
        let out = at_terminal(&arguments, &variables);
        assert!(out.contains("false-claim"), "{out}");
        assert_eq!(has_colours(&out), wanted, "{arguments:?} {variables:?}: {out}");
    }
}

#[test]
fn places_are_links_where_the_terminal_has_them() {
    const LINK: &str = "\x1b]8;;";
    assert!(!at_terminal(&["guide.md"], &[]).contains(LINK));
    assert!(!piped(&["guide.md", "--color", "always"], &[("TERM", "xterm-kitty")]).contains(LINK));
    assert!(!at_terminal(&["guide.md"], &[("TERM", "xterm-kitty"), ("NO_COLOR", "1")]).contains(LINK));
    let out = at_terminal(&["guide.md"], &[("TERM", "xterm-kitty")]);
    let links =
        regex::Regex::new(r"\x1b\]8;;file://[^/]+/\S+/guide\.md#2\x1b\\guide\.md:2:\d+\x1b\]8;;\x1b\\");
    assert!(links.expect("valid").is_match(&out), "{out:?}");
}

#[test]
fn a_guide_does_nothing_to_the_terminal() {
    for arguments in [
        vec!["guide.md", "-v"],
        vec!["guide.md", "-v", "--format", "concise"],
        vec!["list", "guide.md", "--claims"],
    ] {
        let out = at_terminal(&arguments, &[]);
        assert!(!out.contains("\x1b]0;") && !out.contains('\x07'), "{arguments:?}: {out:?}");
    }
}

#[test]
fn long_messages_fit_the_terminal() {
    let out = at_terminal(&["guide.md", "--color", "never"], &[]).replace('\r', "");
    let help: Vec<_> = out.lines().skip_while(|line| !line.contains("help: create it")).take(3).collect();
    assert!(help.iter().all(|line| line.chars().count() <= 60), "{out}");
    assert!(
        help.concat().contains("`files.\"input.txt\" = \"…\"`"),
        "what may be copied is in one piece: {out}"
    );
}

#[test]
fn the_slow_snippet_is_named_and_the_line_is_taken_back() {
    let place = place();
    place.write("slow.md", "## Block 3: Slow\n\n```python\nwhile True: pass\n```\n");
    let mut terminal =
        Terminal::start(verify(&place, &["slow.md", "--timeout", "60"], &[]), 80).expect("a terminal");
    let line = terminal.until("(slow.md 3.1 takes");
    assert!(line.contains("0/1 snippets"), "{line}");
    terminal.keys("\x03");
    let (status, out) = terminal.rest();
    assert_eq!(status.code(), None);
    assert!(out.ends_with("\r\x1b[2K"), "{out:?}");
}

#[test]
fn completions_and_manual_pages_know_what_users_may_say() {
    let place = place();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.verify(&["completions", shell]).stdout();
        for wanted in ["review", "explain", "block"] {
            assert!(script.contains(wanted), "{shell}: {wanted}");
        }
        assert!(!script.contains("worker"), "{shell}");
    }
    assert!(place.verify(&["man"]).stdout().contains(".TH verify 1"));
    assert_eq!(place.verify(&["man", "pages"]).code(), Some(0));
    assert!(place.read("pages/verify-review.1").contains("\\-\\-block"));
}
