//! `verify fix`: what it rewrites and in whose manner, what it leaves alone, and how it treats files.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::common::{Done, Place};

/// Lines that claim something false, and what they become.
const LINES: [(&str, &str); 20] = [
    ("1 + 2  # 4", "1 + 2  # 3"),
    ("1 + 2        # 4", "1 + 2        # 3"),
    ("1 + 2 #4", "1 + 2 #3"),
    ("'a' + 'b'  # \"ac\"", "'a' + 'b'  # \"ab\""),
    ("'a' + 'b'  # 'ac'", "'a' + 'b'  # 'ab'"),
    ("len('abc')  # =>  4", "len('abc')  # =>  3"),
    ("len('日本')  # → 6", "len('日本')  # → 2"),
    ("7 // 2  #  ->   4, because it is rounded", "7 // 2  #  ->   3, because it is rounded"),
    ("7 // 2  # 4 (rounded down, not 4)", "7 // 2  # 3 (rounded down, not 4)"),
    ("[4] * 2  # [4, 5] - not [4, 5, 4]", "[4] * 2  # [4, 4] - not [4, 5, 4]"),
    ("{'k': [1, 2]}  # {\"k\":[1,3]}", "{'k': [1, 2]}  # {\"k\":[1,2]}"),
    ("{3, 1, 2}  # {3, 2, 0}", "{3, 1, 2}  # {3, 2, 1}"),
    ("list(range(9))  # [0, 1, ..., 9]", "list(range(9))  # [0, 1, ..., 8]"),
    ("2 / 3  # ~0.5", "2 / 3  # ~0.7"),
    ("10 ** 6  # 1,000,001", "10 ** 6  # 1,000,000"),
    ("3 > 2  # False!", "3 > 2  # True!"),
    ("print('é')  # Output: e", "print('é')  # Output: é"),
    ("print('é')  # \"e\"", "print('é')  # \"é\""),
    ("print(5, 'bytes')  # 4 bytes", "print(5, 'bytes')  # 5 bytes"),
    ("x = [1]; x.append(2)  # x is now [1,3]", "x = [1]; x.append(2)  # x is now [1,2]"),
];

/// What `verify fix` does to a guide, and the guide then.
fn fix(guide: &str) -> (Done, String) {
    let place = Place::new();
    place.write("guide.md", guide);
    let done = place.verify(&["fix", "guide.md"]);
    (done, place.read("guide.md"))
}

/// A guide is mended to this, and then there is nothing left to do.
#[track_caller]
fn becomes(guide: &str, wanted: &str) {
    let (done, fixed) = fix(guide);
    assert_eq!(fixed, wanted, "{}{}", done.stdout(), done.stderr());
    assert_eq!(done.code(), Some(0), "{}", done.stdout());
    assert!(done.stdout().contains("rewritten"), "{}", done.stdout());
    let (again, same) = fix(&fixed);
    assert_eq!((again.code(), again.stdout(), same.as_str()), (Some(0), String::new(), wanted));
}

/// The same for the code of a fence.
#[track_caller]
fn code_becomes(code: &str, wanted: &str) {
    becomes(&python(code), &python(wanted));
}

/// A guide stays, and the claim on this line is named.
#[track_caller]
fn is_left(code: &str, place: &str) {
    let (done, same) = fix(&python(code));
    assert_eq!(same, python(code));
    assert!(done.stdout().contains(&format!("guide.md:{place}: left: ")), "{}", done.stdout());
    assert_eq!(done.code(), Some(1));
}

fn python(code: &str) -> String {
    format!("```python\n{code}\n```\n")
}

/// Guides whose output, written down as it is, would be something else than output.
const HOSTILE: [&str; 5] = [
    "```python\nprint('```')\n```\n\n```output\nx\n```\n\nText\n",
    "```pycon\n>>> print('```')\ny\n>>> 1 + 1\n2\n```\n",
    "```pycon\n>>> print('>>> x')\ny\n>>> 1 + 1\n2\n```\n",
    "```python\nprint('a\\rb')  # Output: c\n```\n",
    "```python\nprint('a\\0b')  # Output: c\n```\n",
];

/// What verify says about a guide.
fn report(guide: &str) -> Value {
    let place = Place::new();
    place.write("guide.md", guide);
    place.verify(&["guide.md", "--format", "json"]).json()
}

#[test]
fn values_are_rewritten_as_their_author_writes() {
    let guide = |lines: fn(&(&'static str, &'static str)) -> &'static str| {
        LINES.iter().map(|pair| python(lines(pair)) + "\n").collect::<String>()
    };
    becomes(&guide(|pair| pair.0), &guide(|pair| pair.1));
}

#[test]
fn lines_below_a_header_are_added_and_removed() {
    let count = "for n in range(3):\n    print(n)\n# Output:\n";
    code_becomes(&format!("{count}# 0\n# 2"), &format!("{count}# 0\n# 1\n# 2"));
    code_becomes(&format!("{count}# 0\n# 1\n# 2\n# 3\n\nn"), &format!("{count}# 0\n# 1\n# 2\n\nn"));
    code_becomes(
        "def f():\n    print('a\\n  b')\n    # Prints:\n    #   a\n    #   c\nf()",
        "def f():\n    print('a\\n  b')\n    # Prints:\n    #   a\n    #     b\nf()",
    );
    code_becomes("print('a\\n\\nb')\n#Output:\n#a\n#c", "print('a\\n\\nb')\n#Output:\n#a\n#\n#b");
}

#[test]
fn sessions_show_what_python_answers() {
    code_becomes(
        ">>> x = 4\n>>> [x]\n[5]\n>>> print('a\\n\\nb')\na\nc\n\nWords.",
        ">>> x = 4\n>>> [x]\n[4]\n>>> print('a\\n\\nb')\na\n<BLANKLINE>\nb\n\nWords.",
    );
    code_becomes(
        ">>> {}['k']\nTraceback (most recent call last):\n  ...\nIndexError: 'k'",
        ">>> {}['k']\nTraceback (most recent call last):\n  ...\nKeyError: 'k'",
    );
}

#[test]
fn output_fences_keep_what_they_stand_in() {
    let item = |shown: &str| {
        format!("1. One\n\n   ```python\n   print('a\\nb')\n   ```\n\n   ```text\n{shown}   ```\n\n2. Two\n")
    };
    becomes(&item("   a\n   c\n   d\n"), &item("   a\n   b\n"));
    let quote = |shown: &str| {
        format!("> ```python\n> print('a\\n\\nb')\n> ```\n>\n> ```output\n{shown}> ```\n>\n> End\n")
    };
    becomes(&quote("> a\n> c\n"), &quote("> a\n>\n> b\n"));
}

#[test]
fn every_name_of_a_claim_gets_its_value() {
    code_becomes(
        "li = [1]\nli.append(2)  # Now li is [1, 3]\na, b = 1, 2  # a = 1, b = 3",
        "li = [1]\nli.append(2)  # Now li is [1, 2]\na, b = 1, 2  # a = 1, b = 2",
    );
}

#[test]
fn an_exception_gets_its_name() {
    code_becomes("[][0]  # KeyError", "[][0]  # IndexError");
    code_becomes(
        "{}['k']  # raises an IndexError because it is empty",
        "{}['k']  # raises an KeyError because it is empty",
    );
    code_becomes("x = [1]\n# x[5] raises KeyError", "x = [1]\n# x[5] raises IndexError");
    let (done, fixed) = fix(&python("int('x')  # ValueError: invalid literal for int() with base 10: 'y'"));
    assert!(fixed.contains("# ValueError: invalid literal for int()"), "{fixed}{}", done.stdout());
}

#[test]
fn numbers_that_are_repeated_follow() {
    let guide = |number: &str| {
        let code =
            python(&format!("print(12 * 6, 'bytes')  # {number} bytes\n# all {number} bytes are here"));
        format!(
            "First {number} bytes, then 170 bytes.\n\n{code}\nThese *{number} bytes* are few, {number} is not.\n"
        )
    };
    let wanted = guide("72").replace("72 is not", "70 is not");
    becomes(&guide("70"), &wanted);
}

#[test]
fn line_ends_and_a_byte_order_mark_are_kept() {
    let code = |shown: &str, sum: &str| {
        let code = format!("for n in 'ab':\n    print(n)\n# Output:\n{shown}\n\n1 + 1  # {sum}");
        python(&code).replace('\n', "\r\n")
    };
    let (old, new) = (code("# a", "3"), code("# a\n# b", "2"));
    let old = old.replace("# a\r\n", "# b\r\n# a\r\n");
    becomes(&old, &new);
    becomes(&format!("\u{feff}{old}"), &format!("\u{feff}{new}"));
    becomes(&format!("One\n\n{old}\nTwo\r\nThree"), &format!("One\n\n{new}\nTwo\r\nThree"));
}

#[test]
fn what_is_no_claim_stays_to_the_byte() {
    let before =
        "\u{feff}# 1 + 1 is 3  \r\n\t3 \u{a0}\u{c} 3\r 3\n\n~~~~ {.python}  \nx = 3   \n1 + 1\t# => ";
    let after = "  (not 3)  \t\n\ty = 3 # \u{1F40D}\n~~~~   \n\n<b>3</b>\n\n\n3 \\\n   3";
    becomes(&format!("{before}3{after}"), &format!("{before}2{after}"));
}

#[test]
fn a_guide_of_every_mistake_is_fixed_once() {
    let place = Place::new();
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("snippets/common-mistakes.md");
    place.write("guide.md", fs::read(guide).expect("a guide of this repository"));
    assert!(place.verify(&["fix", "guide.md"]).stdout().contains("claims rewritten"));
    let fixed = place.read("guide.md");
    assert!(fixed.contains("# Output:\n# leave\n# lock the door\n# milk\n```"), "{fixed}");

    let again = place.verify(&["fix", "guide.md"]);
    let named: Vec<_> = again.stdout().lines().map(str::to_owned).collect();
    assert!(named.iter().all(|line| line.contains("left: not reached")), "{named:?}");
    assert_eq!(place.read("guide.md"), fixed);
    let report = place.verify(&["guide.md", "--format", "json"]).json();
    assert_eq!(report["summary"]["false"], 0);
}

#[test]
fn a_diff_is_only_shown() {
    let place = Place::new();
    let guide = format!("Words\n\n{}", python("1 + 1  # 3\n2 + 2  # 4"));
    place.write("guide.md", &guide);
    let done = place.verify(&["fix", "--diff", "guide.md"]);
    let wanted = "--- guide.md\n+++ guide.md\n@@ -1,6 +1,6 @@\n Words\n \n ```python\n-1 + 1  # 3\n+1 + 1  # 2\n 2 + 2  # 4\n ```\n";
    assert_eq!((done.code(), done.stdout().as_str()), (Some(1), wanted));
    assert_eq!(place.read("guide.md"), guide);

    place.write("guide.md", python("1 + 1  # 2"));
    let done = place.verify(&["fix", "--diff", "guide.md"]);
    assert_eq!((done.code(), done.stdout().as_str()), (Some(0), ""));
}

#[test]
fn what_is_no_matter_of_the_value_is_left_and_named() {
    is_left("int('3')  # ValueError", "2:13");
    is_left("x = [1]\n# x[5] => 3", "3:3");
    is_left(">>> int('3')\nTraceback (most recent call last):\n  ...\nValueError: no", "3:1");

    let (done, fixed) = fix(&python("int('3')  # ValueError\n1 + 1  # 3"));
    assert_eq!(fixed, python("int('3')  # ValueError\n1 + 1  # 2"), "the others are mended");
    assert!(done.stdout().starts_with("guide.md: 1 claim rewritten\nguide.md:2:13: left: "));
    assert_eq!(done.code(), Some(1));
}

#[test]
fn what_was_never_reached_stays() {
    let code = python("x = int('x')  # 3\nprint(x)  # 4");
    assert_eq!(fix(&code).1, code);
}

#[test]
fn what_is_expected_stays() {
    let wrong = python("1 + 1  # 3");
    let expected = "<!-- verify: expect false-claim reason=\"the reader finds it\" -->\n";
    let guide = |second: &str| format!("{expected}{wrong}\n{second}");
    becomes(&guide(&wrong), &guide(&python("1 + 1  # 2")));
    assert_eq!(fix(&guide("")).0.code(), Some(0));
}

#[test]
fn one_block_is_fixed_alone() {
    let place = Place::new();
    let guide = |first: &str| {
        let block =
            |number: u8, sum| format!("## Block {number}\n\n{}\n", python(&format!("1 + 1  # {sum}")));
        block(1, first) + &block(2, "3")
    };
    place.write("guide.md", guide("3"));
    assert_eq!(place.verify(&["fix", "--block", "1", "guide.md"]).code(), Some(0));
    assert_eq!(place.read("guide.md"), guide("2"));
}

#[test]
fn the_configured_guides_are_fixed_without_a_snapshot() {
    let place = Place::new();
    place.write("verify.toml", "guides = [\"*.md\"]\n");
    place.write("guide.md", python("print(1 + 1)  # 3"));
    assert_eq!(place.verify(&["fix"]).code(), Some(0));
    assert_eq!(place.read("guide.md"), python("print(1 + 1)  # 2"));
    assert!(!place.path("expected").exists());
}

#[test]
fn links_and_permissions_survive() {
    let place = Place::new();
    place.write("folder/real.md", python("1 + 1  # 3"));
    let real = place.path("folder/real.md");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink("folder/real.md", place.path("guide.md")).expect("a link");

    assert_eq!(place.verify(&["fix", "guide.md"]).code(), Some(0));
    assert_eq!(place.read("folder/real.md"), python("1 + 1  # 2"));
    assert!(place.path("guide.md").is_symlink());
    assert_eq!(fs::metadata(&real).expect("a file").permissions().mode() & 0o7777, 0o640);
    let files = fs::read_dir(place.path("folder")).expect("a folder").count();
    assert_eq!(files, 1, "nothing is left beside the guide");
}

/// Fixes guides while somebody else keeps writing at the end of the first, from before it is read until
/// after it would be written. Returns what the command did and the first guide as the other left it.
fn disturbed(place: &Place, guides: &[&str]) -> (Done, String) {
    let arguments = [&["fix"], guides].concat();
    thread::scope(|scope| {
        let command = scope.spawn(|| place.verify(&arguments));
        let mut text = place.read(guides[0]);
        while !command.is_finished() {
            text += "More\n";
            place.write(guides[0], &text);
            thread::sleep(Duration::from_millis(20));
        }
        (command.join().expect("verify starts"), text)
    })
}

#[test]
fn a_guide_that_changes_meanwhile_is_left_to_who_changed_it() {
    let place = Place::new();
    place.write("guide.md", python("import time\ntime.sleep(1)\n1 + 1  # 3"));
    let (done, text) = disturbed(&place, &["guide.md"]);
    assert_eq!(done.code(), Some(2));
    assert!(done.stderr().contains("changed while it was checked"), "{}", done.stderr());
    assert_eq!(place.read("guide.md"), text);
}

#[test]
fn a_guide_that_cannot_be_read_hides_no_other() {
    let place = Place::new();
    place.write("latin.md", b"caf\xe9\n");
    place.write("good.md", python("1 + 1  # 3"));
    let done = place.verify(&["fix", "latin.md", "missing.md", "good.md"]);
    assert_eq!(done.code(), Some(2));
    assert!(done.stderr().contains("latin.md is not UTF-8"), "{}", done.stderr());
    assert!(done.stderr().contains("missing.md cannot be read"), "{}", done.stderr());
    assert_eq!(place.read("good.md"), python("1 + 1  # 2"));
}

#[test]
fn a_guide_that_cannot_be_written_hides_no_other() {
    let place = Place::new();
    place.write("guide.md", python("import time\ntime.sleep(1)\n1 + 1  # 3"));
    place.write("other.md", python("1 + 1  # 3"));
    assert_eq!(disturbed(&place, &["guide.md", "other.md"]).0.code(), Some(2));
    assert_eq!(place.read("other.md"), python("1 + 1  # 2"));
}

#[test]
fn a_row_keeps_its_separator() {
    code_becomes(
        "for n in range(3):\n    print(n)  # 0, 1, 3",
        "for n in range(3):\n    print(n)  # 0, 1, 2",
    );
}

#[test]
fn a_block_below_several_prints_keeps_its_true_lines() {
    for header in ["", "# Output:\n"] {
        let code = |last: &str| format!("print(3)\nprint(4)\n{header}# 3\n# {last}");
        code_becomes(&code("5"), &code("4"));
    }
}

#[test]
fn an_output_that_looks_like_a_comment_is_text() {
    code_becomes("print('# x')  # 'y'", "print('# x')  # '# x'");
    code_becomes("print('# x')  # Output: # y", "print('# x')  # Output: # x");
}

#[test]
fn an_address_is_left_open_in_quotes_too() {
    code_becomes("print(object())  # '<object at 1>'", "print(object())  # '<object object at 0x...>'");
}

#[test]
fn an_output_fence_is_not_closed_by_what_it_shows() {
    let guide = python("print('```')") + "\n```output\nx\n```\n\nText\n";
    let (done, fixed) = fix(&guide);
    assert_eq!(fixed, guide);
    assert_eq!(done.code(), Some(1), "it is left, and named");
}

#[test]
fn output_fences_in_containers_have_their_whole_place() {
    let item =
        |code: &str, shown: &str| format!("- ```python\n  {code}\n  ```\n\n  ```output\n  {shown}\n  ```\n");
    becomes(&item("print('é')", "éa"), &item("print('é')", "é"));
    becomes(&item("{}['k']", "IndexError: 'k'"), &item("{}['k']", "KeyError: 'k'"));
}

#[test]
fn a_quote_may_set_an_output_fence_off() {
    let quote = |shown: &str| format!("> ```python\n> print('b')\n> ```\n>\n> ```text\n> {shown}\n> ```\n");
    becomes(&quote("c"), &quote("b"));
}

#[test]
fn a_tab_in_a_container_shifts_nothing() {
    let quote = |sum| format!("> ```python\n>\t1 + 1  # {sum}\n> ```\n");
    becomes(&quote("3"), &quote("2"));
    let quote = |text| format!("> ```python\n>\t'é' + 'b'  # '{text}'\n> ```\n");
    becomes(&quote("éc"), &quote("éb"));
    let output = |shown| format!("> ```python\n> print(1)\n> ```\n> ```output\n>\t{shown}\n> ```\n");
    becomes(&output("3"), &output("1"));
}

#[test]
fn no_address_is_proposed() {
    let report = report(&python("print(object())  # '<object at 1>'"));
    let fix = &report["guides"][0]["findings"][0]["fix"]["replacement"];
    assert!(fix.is_null() || fix.as_str().is_some_and(|text| text.contains("0x...")), "{fix}");
}

#[test]
fn no_fix_makes_its_claim_vanish() {
    for guide in HOSTILE {
        let (_, fixed) = fix(guide);
        let [before, after] = [guide, &fixed].map(|guide| report(guide)["summary"].take());
        assert_eq!(before["claims"], after["claims"], "{fixed}");
        assert!(fixed == guide || after["errors"].as_u64() < before["errors"].as_u64(), "{fixed}");
    }
}

#[test]
fn a_value_comes_from_the_run_in_which_its_neighbours_hold() {
    let first = "parked = []\ndef park(car):\n    parked.append(car)\n    return len(parked)\npark('a')  # 1";
    let guide = |second| python(first) + "\n" + &python(&format!("park('b')  # {second}\npark('c')  # 3"));
    becomes(&guide("4"), &guide("2"));
}

#[test]
fn what_is_true_or_no_claim_stays() {
    for code in [
        "list((5, 6, 7))  # 5, 6, 7",
        "[].sort()  # None, O(1)",
        "x = [1]\nx += [0]  # O(k), also changes x!",
        "n = 0\nwhile n < 2:  # O(n)\n    n += 1",
        "abs(-1); abs(-2)  # 1, then 2",
    ] {
        assert_eq!(fix(&python(code)).1, python(code));
    }
}
