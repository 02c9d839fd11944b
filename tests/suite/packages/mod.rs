//! Packages: what a snippet asks for is installed, from a shelf beside the guide or, where it is reachable, from the
//! real index.

mod broken;
mod index;
mod matrix;
mod shelf;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use verify::pythons::EMBEDDED;

use shelf::{Shelf, With};

const THING: &[(&str, &str)] = &[("thing.py", "colour = 'red'\n")];

#[test]
fn a_snippet_has_what_it_asks_for_and_no_other_has_it() {
    for with in With::all() {
        let shelf = Shelf::new(with);
        shelf.put("thing-one", "1.0", &["other"], THING);
        shelf.put("other", "2.0", &[], &[("other.py", "")]);
        shelf.write(&[
            (&["Thing_One >= 1"], "import thing, other\nthing.colour  # 'red'"),
            (&[], "import thing"),
            (&["thing-one>=1"], "import sys, thing\nsys.prefix != sys.base_prefix  # True"),
        ]);
        let said = shelf.said(&[]);
        for line in [
            "guide.md:6: holds: 'red'",
            "guide.md:18: holds: True",
            "guide.md:10:1: warning[missing-package]",
        ] {
            assert!(said.contains(line), "{with:?}: {line} not in {said}");
        }
        assert_eq!(shelf.environments().len(), 1, "the same in another spelling is the same");
    }
}

#[test]
fn what_was_installed_is_used_again() {
    for with in With::all() {
        let shelf = Shelf::new(with);
        shelf.put("thing", "1.0", &[], THING);
        shelf.write(&[(&["thing"], "import thing\nthing.colour  # 'red'")]);
        assert!(
            shelf.said(&["--offline"]).contains("guide.md:6: holds") || with == With::Uv,
            "a shelf is no network"
        );
        assert!(shelf.said(&[]).contains("guide.md:6: holds"));
        let at = fs::metadata(&shelf.environments()[0]).unwrap().modified().unwrap();
        fs::remove_dir_all(shelf.place.path("shelf")).unwrap();
        assert!(shelf.said(&["--offline"]).contains("guide.md:6: holds"), "nothing has to be fetched");
        assert_eq!(fs::metadata(&shelf.environments()[0]).unwrap().modified().unwrap(), at);
    }
}

#[test]
fn half_an_environment_is_made_again() {
    for with in With::all() {
        let shelf = Shelf::new(with);
        shelf.put("thing", "1.0", &[], THING);
        shelf.write(&[(&["thing"], "import thing\nthing.colour  # 'red'")]);
        shelf.said(&[]);
        let environment = &shelf.environments()[0];
        fs::remove_file(environment.join("verify.json")).unwrap();
        fs::remove_file(Shelf::packages(environment).join("thing.py")).unwrap();
        assert!(shelf.said(&[]).contains("guide.md:6: holds"));
    }
}

#[test]
fn two_at_once_make_one_environment() {
    for with in With::all() {
        let shelf = Shelf::new(with);
        shelf.put("thing", "1.0", &[], THING);
        shelf.write(&[(&["thing"], "import thing\nthing.colour  # 'red'")]);
        let both = [shelf.start(), shelf.start(), shelf.start()];
        for verify in both {
            let report: serde_json::Value =
                serde_json::from_slice(&verify.wait_with_output().unwrap().stdout).unwrap();
            assert_eq!(report["summary"]["holds"], 1, "{with:?}: {report}");
        }
        assert_eq!(shelf.environments().len(), 1);
    }
}

#[test]
fn what_cannot_be_installed_is_named_and_the_rest_runs() {
    for with in With::all() {
        let shelf = Shelf::new(with);
        shelf.put("thing", "1.0", &[], THING);
        shelf.write(&[
            (&["thing==2"], "import thing\nthing.colour  # 'red'\n1 + 1  # 2"),
            (&["no-such-thing"], "import no_such_thing"),
            (&["thing @ https://example.com/thing-1.0-py3-none-any.whl"], "import thing"),
        ]);
        let said = shelf.said(&[]);
        for line in [
            "guide.md:5:1: warning[missing-package] the package `thing` is not installed: no version of `thing==2` is to be had",
            "guide.md:6: undecided: 'red' | blocked: the package `thing` is missing (line 5)",
            "guide.md:7: holds: 2",
            "verify: warning: nothing is installed of thing==2: no version",
            "error[bad-directive] the snippet's metadata cannot be understood: `thing @ https://example.com/thing-1.0-py3-none-any.whl` names a place",
        ] {
            assert!(said.contains(line), "{with:?}: {line} not in {said}");
        }
        let report = shelf.verify(&["--format", "json"]).json();
        let missing = &report["environments"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["packages"][0] == "no-such-thing");
        let missing = missing.expect("it is reported");
        assert!(missing["error"].as_str().unwrap().contains("`no-such-thing`"), "{missing}");
        assert!(
            !missing["said"].as_array().unwrap().is_empty(),
            "the installer's own words are there: {missing}"
        );
        assert!(shelf.environments().is_empty(), "nothing half made is left");
    }
}

#[test]
fn nothing_is_built_where_that_is_not_allowed() {
    for with in With::all() {
        let shelf = Shelf::new(with);
        let build = "open('built', 'w').close()\nfrom setuptools import setup\nsetup(name='sourced', version='1.0')\n";
        shelf.place.write("sourced-1.0/setup.py", build);
        shelf.place.write("sourced-1.0/PKG-INFO", "Metadata-Version: 2.1\nName: sourced\nVersion: 1.0\n");
        let tar = Command::new("tar")
            .args(["-czf", "shelf/sourced-1.0.tar.gz", "sourced-1.0"])
            .current_dir(shelf.place.path("."))
            .status();
        assert!(tar.unwrap().success());
        shelf.write(&[(&["sourced"], "import sourced")]);
        let said = shelf.said(&[]);
        assert!(said.contains(" has no wheel for Python"), "{with:?}: {said}");
        assert!(shelf.verify(&[]).stdout().contains("allow-source"));
        assert!(!shelf.place.path("sourced-1.0/built").exists());
    }
}

/// Where the guide can be read, the code is not in a run's sandbox.
const START: &str = "
import sys
try:
    open('GUIDE').close()
    sys.started = 'outside'
except OSError:
    sys.started = 'inside'
";

#[test]
fn what_a_package_runs_at_the_start_it_runs_in_the_sandbox() {
    for with in With::all() {
        let shelf = Shelf::new(with);
        let start = START.replace("GUIDE", &shelf.place.path("guide.md").to_string_lossy());
        shelf.put("thing", "1.0", &[], &[("thing.pth", "import thing_start\n"), ("thing_start.py", &start)]);
        let code = "import sys\nsys.started  # 'inside'";
        shelf.write(&[(&["thing"], code), (&["thing"], code)]);
        for _ in 0..2 {
            let said = shelf.said(&[]);
            assert!(
                said.contains("guide.md:6: holds") && said.contains("guide.md:14: holds"),
                "{with:?}: {said}"
            );
        }
    }
}

#[test]
fn a_python_that_is_not_embedded_has_them_too() {
    for with in With::all() {
        let shelf = Shelf::new(with);
        let other = shelf.place.path("other");
        let made = Command::new(EMBEDDED).args(["-I", "-m", "venv", "--without-pip"]).arg(&other).status();
        assert!(made.unwrap().success());
        let start = START.replace("GUIDE", &shelf.place.path("guide.md").to_string_lossy());
        let files = [("thing.pth", "import thing_start\n"), ("thing_start.py", &start), ("thing.py", "")];
        shelf.put("thing", "1.0", &[], &files);
        shelf.write(&[
            (&["thing"], "import sys, thing\nsys.started  # 'inside'"),
            (&["thing", "none"], "1 + 1  # 2\nimport thing"),
        ]);
        let other = other.join("bin/python");
        let said = shelf.said(&["--python", EMBEDDED, "--python", &other.to_string_lossy()]);
        for line in [
            "guide.md:6: holds: 'inside' | value, trailing, by its shape\n",
            "guide.md:13: holds: 2 | value, trailing, by its shape\n",
            "guide.md:14:1: warning[missing-package]",
        ] {
            assert!(said.contains(line), "{with:?}: {line:?} not in {said}");
        }
        assert_eq!(said.matches("warning: nothing is installed of").count(), 1, "{said}");
        assert_eq!(
            shelf.environments().len(),
            1,
            "an environment is made from what its interpreter is made from"
        );
    }
}

#[test]
fn names_of_earlier_snippets_bring_their_packages_along() {
    let shelf = Shelf::new(With::Pip);
    shelf.put("thing", "1.0", &[], THING);
    shelf.put("other", "1.0", &[], &[("other.py", "shape = 'round'\n")]);
    shelf.write(&[
        (&["thing"], "import thing"),
        (&["other"], "import other\nother.shape  # 'round'\nthing.colour  # 'red'"),
    ]);
    let said = shelf.said(&[]);
    assert!(
        said.contains("guide.md:13: holds: 'round'") && said.contains("guide.md:14: holds: 'red'"),
        "{said}"
    );
}

#[test]
fn a_configuration_asks_in_files_and_groups_and_a_directive_for_one_snippet() {
    let shelf = Shelf::new(With::Pip);
    for name in ["one", "two", "three", "four", "five"] {
        shelf.put(&format!("thing-{name}"), "1.0", &[], &[(&format!("{name}.py"), "colour = 'red'\n")]);
    }
    shelf.place.write(
        "verify.toml",
        "packages = ['thing-one']\nrequirements = ['lists/all.txt']\ngroups = ['guide']\n",
    );
    shelf.place.write("lists/all.txt", "thing-two  # for all\n-r more.txt\n");
    shelf.place.write("lists/more.txt", "thing-three == 1.0\n");
    shelf.place.write("pyproject.toml", "[dependency-groups]\nguide = ['thing-four']\n");
    shelf.place.write(
        "guide.md",
        "```python\nimport one, two, three, four\nfour.colour  # 'red'\nimport five\n```\n\n\
         <!-- verify: with packages = [\"thing-five\"] -->\n```python\nimport one, five\nfive.colour  # 'red'\n```\n",
    );
    let said = shelf.said(&[]);
    for line in ["guide.md:3: holds", "guide.md:4:1: warning[missing-package]", "guide.md:10: holds"] {
        assert!(said.contains(line), "{line} not in {said}");
    }
    assert_eq!(shelf.environments().len(), 2);
    shelf.place.write("lists/more.txt", "-e .\n");
    let done = shelf.verify(&[]);
    assert_eq!(done.code(), Some(2));
    let all = done.stdout() + &done.stderr();
    assert!(all.contains("lists/all.txt, line 2: lists/more.txt, line 1: `-e .` is not for a list"), "{all}");
}

#[test]
fn metadata_are_no_claims_and_mistakes_in_them_are_named() {
    let shelf = Shelf::new(With::Pip);
    shelf.place.write(
        "guide.md",
        "```python\n# /// script\n# dependencies = []\n# [tool.x]\n# y = 1\n# ///\n1 + 1  # 2\n```\n\n\
         ```python\n# /// script\n# dependencies = ['six ==']\n# ///\n1 + 1  # 2\n```\n",
    );
    let said = shelf.said(&[]);
    assert!(said.contains("2 claims: 2 hold, 0 false, 0 undecided"), "{said}");
    let bad =
        "guide.md:11:1: error[bad-directive] the snippet's metadata cannot be understood: `six ==` is not";
    assert!(said.contains(bad), "{said}");
}

#[test]
fn a_snippet_for_another_python_is_not_run() {
    let shelf = Shelf::new(With::Pip);
    shelf.place.write(
        "guide.md",
        "```python\n# /// script\n# requires-python = '<3.8'\n# ///\n1 + 1  # 3\n```\n\n\
         ```python\n# /// script\n# requires-python = '>=3.8'\n# ///\n1 + 1  # 2\n```\n",
    );
    let report = shelf.verify(&["--format", "json"]).json();
    let snippets = &report["guides"][0]["snippets"];
    let runs: Vec<_> =
        snippets.as_array().unwrap().iter().map(|it| it["runs"][0]["status"].clone()).collect();
    assert_eq!(runs, ["blocked", "ran"]);
    let reason = report["guides"][0]["claims"][0]["verdicts"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("needs interpreter: Python <3.8 is required, and this is 3."), "{reason}");
    assert_eq!(report["summary"]["false"], 0);
}

#[test]
fn where_packages_cannot_be_kept_that_is_said() {
    let shelf = Shelf::new(With::Pip);
    shelf.put("thing", "1.0", &[], THING);
    shelf.write(&[(&["thing"], "import thing")]);
    for (variables, words) in [
        ([("XDG_CACHE_HOME", "relative"), ("HOME", "")], "neither XDG_CACHE_HOME nor HOME names one"),
        ([("XDG_CACHE_HOME", "/dev/null"), ("HOME", "/")], "cannot be written: "),
    ] {
        let done = shelf.command(&["--format", "concise"]).envs(variables).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(said.contains("warning[missing-package]") && said.contains(words), "{words}: {said}");
    }
}

/// A program in the place of uv.
fn fake_uv(shelf: &Shelf, script: &str) {
    shelf.place.write("bin/uv", format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(shelf.place.path("bin/uv"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn an_installer_ends_with_verify() {
    let shelf = Shelf::new(With::Uv);
    fake_uv(&shelf, "echo $$ > pid; exec /bin/sleep 60");
    shelf.write(&[(&["thing"], "import thing")]);
    let mut verify = shelf.command(&[]).env("PATH", shelf.place.path("bin")).spawn().unwrap();
    let started = Instant::now();
    let pid = loop {
        let found = fs::read_dir(shelf.cache().join("verify/environments")).into_iter().flatten().flatten();
        let file = found.map(|entry| entry.path()).find(|path| path.ends_with("pid"));
        if let Some(pid) =
            file.and_then(|file| fs::read_to_string(file).ok()?.strip_suffix('\n').map(str::to_owned))
        {
            break pid;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "the installer does not start");
        std::thread::sleep(Duration::from_millis(10));
    };
    let id = i32::try_from(verify.id()).unwrap();
    assert!(id > 1);
    // SAFETY: the number of a child that was not waited for yet.
    unsafe { libc::kill(id, libc::SIGTERM) };
    verify.wait().unwrap();
    assert!(started.elapsed() < Duration::from_secs(30));
    let alive = fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains("sleep"));
    assert!(!alive, "the installer goes on");
    assert!(shelf.environments().is_empty());
}

#[test]
fn the_installers_last_words_are_understood() {
    for (script, words) in [
        (
            "echo 'error: Failed to fetch: `https://example.com/simple/thing/`' >&2; exit 2",
            "the package index cannot be reached",
        ),
        (
            "echo 'error: failed to write: No space left on device (os error 28)' >&2; exit 2",
            "there is no room left",
        ),
        ("echo 'what else' >&2; exit 2", "the packages cannot be installed"),
    ] {
        let shelf = Shelf::new(With::Uv);
        fake_uv(&shelf, script);
        shelf.write(&[(&["thing"], "import thing")]);
        let done =
            shelf.command(&["--color", "never"]).env("PATH", shelf.place.path("bin")).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(said.contains(words), "{words}: {said}");
        let last = script.split('\'').nth(1).unwrap();
        assert!(said.contains(last), "{last}: {said}");
    }
}
