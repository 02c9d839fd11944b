//! `verify explain`, and the page that it shows: `docs/findings.md` is complete, and true.

use crate::common::Place;
use crate::pythons::installed;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};
use verify::judge::Code;
use verify::report::summary::severity;

const PAGE: &str = include_str!("../../docs/findings.md");

/// Codes that a guide alone cannot show, and what that takes.
const NOT_ALONE: [(Code, &str); 6] = [
    (Code::DeadPackage, "a package of an index"),
    (Code::VersionClaim, "a second Python"),
    (Code::SnapshotChanged, "a reviewed snapshot"),
    (Code::SnapshotNew, "a configuration"),
    (Code::SnapshotOrphan, "a reviewed snapshot"),
    (Code::CompanionOrphan, "a companion"),
];

fn explained(place: &Place, code: Code) -> String {
    let done = place.verify(&["explain", code.name()]);
    assert_eq!(done.code(), Some(0), "{code}: {}", done.stderr());
    done.stdout()
}

/// The first fence of a section in some language: `markdown` is the example, `text` what verify says.
fn fence(section: &str, language: &str) -> String {
    let opens = |event: &Event<'_>| matches!(event, Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if **info == *language);
    let inside = Parser::new(section).skip_while(|event| !opens(event)).skip(1);
    let text = |event| if let Event::Text(text) = event { Some(text.into_string()) } else { None };
    inside.map_while(text).collect()
}

#[test]
fn every_code_is_explained_with_an_example_and_what_to_do() {
    let place = Place::new();
    for code in Code::ALL {
        let section = explained(&place, *code);
        assert!(section.starts_with(&format!("{code} ({})\n\n", severity(code.severity()))), "{section}");
        assert!(!fence(&section, "markdown").is_empty(), "no example: {section}");
        assert!(!fence(&section, "text").is_empty(), "not what verify says: {section}");
        assert!(section.contains("\n\nWhat to do: "), "{section}");
    }
}

#[test]
fn every_example_gives_what_the_page_says() {
    let place = Place::new();
    let alone = |code: &&Code| !NOT_ALONE.iter().any(|(other, _)| other == *code);
    let sections: Vec<_> =
        Code::ALL.iter().filter(alone).map(|code| (code, explained(&place, *code))).collect();
    for (code, section) in &sections {
        place.write(&format!("{code}/guide.md"), fence(section, "markdown"));
    }
    let out = place.verify(&[".", "--format", "concise", "-v", "--timeout", "2"]).stdout();
    for (code, section) in &sections {
        let said = fence(section, "text");
        assert!(said.contains(&format!("[{code}] ")), "another code than {code}: {said}");
        for line in said.lines() {
            assert!(out.contains(&format!("/{code}/{line}\n")), "not so: {line}\n{out}");
        }
    }
}

#[test]
fn the_example_for_two_pythons_gives_what_the_page_says() {
    let of = |minor: &str| installed().iter().find(|python| python.version.starts_with(minor));
    let (Some(before), Some(since)) = (of("3.8."), of("3.9.")) else {
        eprintln!("skipped: this takes Python 3.8 and 3.9");
        return;
    };
    let place = Place::new();
    let section = explained(&place, Code::VersionClaim);
    place.write("guide.md", fence(&section, "markdown"));
    let [before, since] = [before, since].map(|python| python.executable.to_str().expect("UTF-8"));
    let out =
        place.verify(&["guide.md", "--format", "concise", "--python", before, "--python", since]).stdout();
    let patch = regex::Regex::new(r"\b(3\.\d+)\.\d+").expect("valid");
    let out = patch.replace_all(&out, "$1");
    let findings: Vec<_> = out.lines().filter(|line| line.starts_with("guide.md:")).collect();
    assert_eq!(findings, fence(&section, "text").lines().collect::<Vec<_>>());
}

#[test]
fn the_page_has_a_row_and_a_section_for_each_code_in_their_order() {
    let starting = |start: &str| PAGE.lines().filter(|line| line.starts_with(start)).collect::<Vec<_>>();
    let sections: Vec<_> = Code::ALL.iter().map(|code| format!("## {code}")).collect();
    let known = |line: &&str| sections.iter().any(|section| section == line);
    assert_eq!(starting("## ").into_iter().filter(known).collect::<Vec<_>>(), sections);
    let rows = starting("| [`");
    assert_eq!(rows.len(), Code::ALL.len());
    for (row, code) in rows.iter().zip(Code::ALL) {
        let start = format!("| [`{code}`](#{code}) | {} | ", severity(code.severity()));
        assert!(row.starts_with(&start), "{row}, not {start}");
    }
}

#[test]
fn without_a_code_all_are_listed() {
    let out = Place::new().verify(&["explain"]).stdout();
    for (line, code) in out.lines().zip(Code::ALL) {
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!(words[..2], [code.name(), severity(code.severity())], "{out}");
        assert!(words.len() > 4, "nothing is said: {line}");
    }
    assert!(out.lines().count() > Code::ALL.len());
}

#[test]
fn an_unknown_code_names_those_like_it() {
    let place = Place::new();
    for (code, words) in [
        ("flase-claim", "did you mean `false-claim`?"),
        ("needs", "did you mean `needs-network`, `needs-service`, `needs-input`"),
        ("42", "no finding has this code"),
    ] {
        let done = place.verify(&["explain", code]);
        assert_eq!((done.code(), done.stdout().as_str()), (Some(2), ""));
        assert!(done.stderr().contains(words), "{}", done.stderr());
        assert!(done.stderr().contains("`verify explain` lists all"), "{}", done.stderr());
    }
}
