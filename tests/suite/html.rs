//! The report as web pages: files, and what a browser makes of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::Place;

const GUIDE: &str = "# One\n\n```python\n1 + 1  # 3\n```\n";
/// Where its name leads, and what it holds, no page may be led astray by.
const HOSTILE: &str = "hostile <b> é.md";

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program of that name on PATH.
fn on_path(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<_> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let paths = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    paths.into_iter().find(|path| path.is_file())
}

/// A browser and a Python that can drive it. Where one is missing, it is said which.
fn browser() -> Option<(PathBuf, PathBuf)> {
    let browser = on_path(&["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]);
    let python = std::env::var_os("PLAYWRIGHT_PYTHON").map_or("python3".into(), PathBuf::from);
    let driving = ["-c", "import playwright.sync_api, axe_playwright_python"];
    let drives = Command::new(&python).args(driving).output().is_ok_and(|done| done.status.success());
    match (browser, drives) {
        (Some(browser), true) => return Some((browser, python)),
        (None, _) => eprintln!("not tested: there is no browser (apt-get install chromium-headless-shell)"),
        (_, false) => eprintln!(
            "not tested: {} has no playwright (pip install playwright axe-playwright-python, and name that Python in \
             PLAYWRIGHT_PYTHON)",
            python.display()
        ),
    }
    None
}

/// Guides of all shapes, and the pages and the JSON of them.
fn pages() -> Place {
    let place = Place::new();
    for name in ["common-mistakes", "python-refresher"] {
        place.write(&format!("{name}.md"), std::fs::read(project(&format!("snippets/{name}.md"))).unwrap());
    }
    place.write("shapes.md", std::fs::read(project("tests/browser/shapes.md")).unwrap());
    place.write("snippets/shapes/top.1.check.py", "5 + 5  # 10\n6 + 6  # 11\n");
    let hostile = std::fs::read_to_string(project("tests/browser/hostile.md")).unwrap();
    let hostile = hostile.replace("{{NUL}}", "\0").replace("{{ESC}}", "\x1b").replace("{{RLO}}", "\u{202e}");
    place.write(HOSTILE, hostile.replace('\n', "\r\n"));
    let done = place.verify(&[
        "common-mistakes.md",
        "python-refresher.md",
        "shapes.md",
        HOSTILE,
        "--format",
        "json",
        "--output",
        "report.json",
        "--report",
        "html=site/",
        "--report",
        "html=all.html",
    ]);
    assert_eq!(done.code(), Some(1), "{}", done.stderr());
    place
}

#[test]
fn in_a_browser() {
    let Some((browser, python)) = browser() else { return };
    let place = pages();
    let done = Command::new(python)
        .args(["-B", "-m", "unittest", "discover", "-s", "tests/browser", "-t", "tests/browser"])
        .current_dir(project(""))
        .env("PAGES", place.path(""))
        .env("BROWSER", browser)
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    assert!(said.contains("Ran ") && !said.contains("Ran 0 tests"), "{said}");
}

#[test]
fn what_is_said_twice_is_the_same() {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    let page = || place.verify(&["guide.md", "--format", "html"]).stdout();
    let first = page();
    assert!(first.contains("<b>✗ false</b>"), "{first}");
    assert!(first == page());
}

#[test]
fn a_page_of_a_guide_that_is_gone_is_gone() {
    let place = Place::new();
    place.write("a b.md", GUIDE);
    place.write("docs/é.md", GUIDE);
    place.write("site/mine.html", "<p>mine</p>");
    place.verify(&["a b.md", "docs/é.md", "--report", "html=site/"]);
    assert!(place.path("site/a b.md.html").is_file() && place.path("site/docs/é.md.html").is_file());
    place.verify(&["docs/é.md", "--report", "html=site"]);
    assert!(!place.path("site/a b.md.html").exists(), "its guide was not checked");
    assert!(place.path("site/docs/é.md.html").is_file());
    assert_eq!(place.read("site/mine.html"), "<p>mine</p>");
}

#[test]
fn somebody_elses_page_is_not_written_over() {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    place.write("site/index.html", "mine");
    let done = place.verify(&["guide.md", "--report", "html=site/"]);
    assert_eq!(done.code(), Some(2));
    assert!(done.stderr().contains("site/index.html is not a page of verify: name another folder"));
    assert_eq!(place.read("site/index.html"), "mine");
    assert!(!place.path("site/guide.md.html").exists());
}

#[test]
fn a_guide_that_cannot_be_read_has_a_page() {
    let place = Place::new();
    place.write("guide.md", GUIDE);
    place.write("bad.md", b"\xff");
    let done = place.verify(&["bad.md", "guide.md", "--report", "html=site/"]);
    assert_eq!(done.code(), Some(2));
    assert!(place.read("site/bad.md.html").contains("is not UTF-8"));
    assert!(place.read("site/index.html").contains("not checked"));
    assert!(place.read("site/guide.md.html").contains("<b>✗ false</b>"));
}

#[test]
fn html_that_swallows_the_rest_is_shown_as_text() {
    let place = Place::new();
    for swallowing in
        ["<template>", "<div title=\"", "<a href='", "<table><tr", "<select>", "<math><annotation-xml>"]
    {
        place.write("guide.md", format!("{swallowing}\n\n{GUIDE}"));
        let page = place.verify(&["guide.md", "--format", "html"]).stdout();
        let seen = |what: &str| page.matches(what).count();
        let marks = (seen("class=\"mark false\""), seen("class=\"finding error\""));
        assert_eq!(marks, (1, 1), "{swallowing}: {page}");
    }
}
