//! Packages that are installed and cannot be imported.

use super::shelf::{Shelf, With};

const RAISES: &[(&str, &str)] = &[
    ("old/__init__.py", "from .inner import part\n"),
    ("old/inner.py", "class part(int, int):\n    pass\n"),
];

#[test]
fn a_package_is_dead_in_its_newest_version_only() {
    for with in With::all() {
        let shelf = Shelf::new(with);
        shelf.put("old-thing", "1.5", &[], RAISES);
        shelf.write(&[
            (&["old-thing"], "import old\nold.part  # 1"),
            (&["old-thing==1.5"], "from old import part"),
            (&["old-thing"], "import old  # TypeError"),
        ]);
        let said = shelf.said(&[]);
        for line in [
            "guide.md:5:1: error[dead-package] `old-thing` 1.5, its newest version, cannot be imported on Python 3.",
            ": TypeError: duplicate base class int",
            "guide.md:13:1: error[dead-package] ",
            "guide.md:6: undecided: 1 | not reached: line 5 raises TypeError",
        ] {
            assert!(said.contains(line), "{with:?}: {line} not in {said}");
        }
        assert_eq!(said.matches("dead-package").count(), 2, "what is announced is meant: {said}");
        shelf.put("old-thing", "1.10", &[], &[("old.py", "")]);
        let said = shelf.verify(&["--format", "json"]).json();
        let findings = said["guides"][0]["findings"].as_array().unwrap();
        let pinned = findings.iter().find(|finding| finding["line"] == 13).expect("a finding");
        assert_eq!(pinned["code"], "raises", "{with:?}: {pinned}");
        let help = pinned["help"].as_str().unwrap();
        assert!(help.contains("old-thing 1.5 cannot be imported, and 1.10 is its newest version"), "{help}");
    }
}

#[test]
fn without_the_index_nobody_knows_what_is_newest() {
    let shelf = Shelf::new(With::Pip);
    shelf.put("old-thing", "1.5", &[], RAISES);
    shelf.write(&[(&["old-thing"], "import old")]);
    let report = shelf.verify(&["--offline", "--format", "json"]).json();
    let findings = report["guides"][0]["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["line"] == 5).expect("a finding");
    assert_eq!(finding["code"], "raises", "{finding}");
    assert!(finding["help"].as_str().unwrap().contains("run without --offline"), "{finding}");
}

#[test]
fn a_module_that_python_lost_makes_a_package_dead() {
    let shelf = Shelf::new(With::Pip);
    // Gone before any Python that verify embeds, so that no version of it matters.
    shelf.put("lost-thing", "1", &[], &[("lost/__init__.py", "import macpath\n")]);
    shelf.write(&[(&["lost-thing"], "import lost")]);
    let said = shelf.said(&[]);
    let dead = "guide.md:5:1: error[dead-package] `lost-thing` 1, its newest version, cannot be imported on Python 3.";
    assert!(said.contains(dead) && said.contains("No module named 'macpath'"), "{said}");
}

#[test]
fn what_is_no_fault_of_a_package_does_not_make_it_dead() {
    let shelf = Shelf::new(With::Pip);
    let files = [
        ("web/__init__.py", "class ImproperlyConfigured(Exception):\n    pass\n"),
        ("web/models.py", "from . import ImproperlyConfigured\nraise ImproperlyConfigured('no settings')\n"),
        ("web/typed.py", "import typing_thing\n"),
        (
            "web/client.py",
            "try:\n    import http_thing\nexcept ModuleNotFoundError:\n    raise RuntimeError('install http_thing')\n",
        ),
        ("web/part.py", "int + 'x'\n"),
        ("web/lazy.py", "def use():\n    raise TypeError('not like that')\n"),
    ];
    shelf.put("web", "1", &[], &files);
    shelf.write(&[(
        &["web"],
        "import web.models\nimport web.typed\nimport web.client\nimport web.part\nimport web.lazy\nweb.lazy.use()",
    )]);
    let said = shelf.said(&[]);
    for line in [
        "guide.md:5:1: error[raises] this raises ImproperlyConfigured: no settings",
        "guide.md:6:1: warning[missing-package] the package `typing_thing` is not installed, and `web` needs it",
        "guide.md:7:1: warning[missing-package] the package `http_thing` is not installed, and `web` needs it",
        "guide.md:8:1: error[raises] this raises TypeError: unsupported operand",
        "guide.md:10:1: error[raises] this raises TypeError: not like that",
    ] {
        assert!(said.contains(line), "{line} not in {said}");
    }
    assert!(!said.contains("dead-package"), "the package itself can be imported: {said}");
}
