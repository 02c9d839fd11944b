//! Guides that nobody writes, and files that are none: each ends with words about it, and none hides
//! what is wrong with the guide beside it.

use crate::common::{Done, Place};

/// A guide with one false claim.
const GOOD: &str = "```python\n1 + 1  # 3\n```\n";

fn python(code: &str) -> String {
    format!("```python\n{code}\n```\n")
}

/// What verify says of `good.md` and of the guides beside it.
fn beside_a_good_one(place: &Place, guides: &[&str]) -> Done {
    place.write("good.md", GOOD);
    let done = place.verify(&[guides, &["good.md", "--format", "concise"]].concat());
    assert!(done.stdout().contains("good.md:2:10: error[false-claim]"), "{}{}", done.stdout(), done.stderr());
    done
}

/// The findings on one guide, beside a good one.
fn findings(guide: &str) -> String {
    let place = Place::new();
    place.write("guide.md", guide);
    let done = beside_a_good_one(&place, &["guide.md"]);
    assert_eq!(done.code(), Some(1), "{}{}", done.stdout(), done.stderr());
    done.stdout()
        .lines()
        .filter(|line| line.starts_with("guide.md"))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// What `verify list` shows of a guide.
fn listed(guide: &str) -> String {
    let place = Place::new();
    place.write("guide.md", guide);
    let done = place.verify(&["list", "guide.md"]);
    assert_eq!(done.code(), Some(0), "{}", done.stderr());
    done.stdout()
}

#[test]
fn what_is_no_file_is_named_and_hides_nothing() {
    use std::os::unix::fs::symlink;
    let place = Place::new();
    symlink("loop.md", place.path("loop.md")).unwrap();
    symlink("nowhere.md", place.path("dangling.md")).unwrap();
    symlink("/dev/zero", place.path("endless.md")).unwrap();
    let fifo = std::ffi::CString::new(place.path("fifo.md").to_str().unwrap()).unwrap();
    // SAFETY: a path that ends with a zero byte.
    assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
    let guides = ["loop.md", "dangling.md", "endless.md", "fifo.md", "/dev/zero", "good.md/inside.md"];
    let done = beside_a_good_one(&place, &guides);
    assert_eq!(done.code(), Some(2));
    for guide in guides {
        assert!(done.stdout().contains(&format!("{guide}: error: ")), "{guide}: {}", done.stdout());
    }
    for device in ["endless.md", "fifo.md", "/dev/zero"] {
        let words = format!("{device}: error: is not a file: give a Markdown file");
        assert!(done.stdout().contains(&words), "{device}: {}", done.stdout());
    }
}

#[test]
fn a_folder_without_a_guide_is_named_and_hides_nothing() {
    let place = Place::new();
    place.write("folder/notes.txt", "no guide");
    let done = beside_a_good_one(&place, &["folder"]);
    assert_eq!(done.code(), Some(2));
    assert!(
        done.stdout().contains("folder: error: is a folder without a Markdown file"),
        "{}",
        done.stdout()
    );
}

#[test]
fn what_is_no_text_says_where_it_ends_to_be_one() {
    let place = Place::new();
    place.write("cut.md", b"one\ntwo \xe2\x82");
    place.write("wide.md", b"\xff\xfe#\0 \0x\0");
    let done = beside_a_good_one(&place, &["cut.md", "wide.md"]);
    assert_eq!(done.code(), Some(2));
    assert!(done.stdout().contains("cut.md: error: is not UTF-8: line 2 (byte 8)"), "{}", done.stdout());
    assert!(done.stdout().contains("wide.md: error: is not UTF-8: line 1 (byte 0)"), "{}", done.stdout());
}

#[test]
fn nothing_at_all_is_a_guide_without_findings() {
    for guide in ["", "\n", "\u{feff}", "\0", "\r", "\u{2028}", "```", "~~~", ">", "- ", "<!--"] {
        let found = findings(guide);
        assert!(found.is_empty() || found.contains("unclosed-fence"), "{guide:?}: {found}");
    }
}

#[test]
fn line_ends_and_marks_of_every_kind_keep_their_places() {
    let claim = "1 + 1  # 3";
    for guide in [
        format!("\u{feff}```python\r\n{claim}\r\n```\r\n"),
        format!("```python\r\n{claim}\n```\r\n"),
        format!("\0\u{2028}\u{85}\n{}", python(claim)),
        format!("> ```python\n> {claim}\n> ```\n"),
    ] {
        let found = findings(&guide);
        assert!(
            found.contains("error[false-claim] the guide says `3`, Python says `2`"),
            "{guide:?}: {found}"
        );
    }
}

#[test]
fn many_fences_are_each_reported() {
    let found = findings(&python("1 + 1  # 3").repeat(150));
    assert_eq!(found.matches("error[false-claim]").count(), 150);
    assert!(found.contains("guide.md:449:10:"), "the last one too");
    let unclosed = "```python\nx = 1\n\n".repeat(500);
    assert_eq!(findings(&unclosed).matches("unclosed-fence").count(), 500);
}

#[test]
fn many_claims_in_one_snippet_are_each_judged() {
    let code: String =
        (0..1500).map(|n| format!("{n} + 1  # {}\n", if n == 777 { 0 } else { n + 1 })).collect();
    let found = findings(&python(&code));
    assert_eq!(found, "guide.md:779:12: error[false-claim] the guide says `0`, Python says `778`\n");
}

#[test]
fn many_lines_below_a_header_are_one_claim() {
    let shown =
        |slip: usize| (0..5000).map(|n| format!("# {}\n", if n == slip { 0 } else { n })).collect::<String>();
    let guide = |slip| python(&format!("for n in range(5000):\n    print(n)\n# Output:\n{}", shown(slip)));
    assert_eq!(findings(&guide(0)), "");
    assert!(findings(&guide(4321)).contains("guide.md:5:3: error[false-claim]"));
}

#[test]
fn repeated_headings_have_labels_of_their_own() {
    let out = listed(&format!("## Setup\n\n{}\n", python("x = 1")).repeat(2000));
    assert!(out.contains("  block setup: Setup\n") && out.contains("  block setup-2000: Setup\n"), "{out}");
    assert!(out.contains("    setup-2000.1 lines 11998-11998\n"), "{out}");
}

#[test]
fn a_repeated_quantity_is_found_wherever_it_stands() {
    let guide = python("f(1)  # 72 bytes") + &"\nThose 72 bytes, and 73 bytes.\n".repeat(1000);
    assert_eq!(listed(&guide).matches("restated, prose: Those 72 bytes").count(), 1000);
}

#[test]
fn what_nests_too_deeply_or_goes_on_too_long_is_named() {
    let brackets = findings(&python(&format!("x = {}1{}", "(".repeat(5000), ")".repeat(5000))));
    let long = findings(&python(&format!("x = '{}'", "a".repeat(5 << 20))));
    for found in [brackets, long] {
        assert!(
            found.contains("guide.md:2:1: error[syntax-error] this is more than is read as Python"),
            "{found}"
        );
    }
}

#[test]
fn what_nests_without_brackets_ends_nothing() {
    let deep = 20_000;
    for code in [
        format!("x = {}1  # 1", "-".repeat(deep)),
        format!("x = {}True  # True", "not ".repeat(deep)),
        format!("x = x{}  # 1", ".a".repeat(deep)),
        format!("x = 1{}  # 1", " + 1".repeat(deep)),
        format!("x = {}1", "lambda: ".repeat(deep)),
        (0..300).map(|n| format!("{}if 1:\n", " ".repeat(n))).collect(),
    ] {
        assert!(findings(&python(&code)).len() < 5000, "it is read, and no more is said than a reader takes");
    }
    assert_eq!(findings(&format!("{}x\n\n{}y\n", "> ".repeat(deep), "- ".repeat(deep))), "");
}

#[test]
fn one_giant_line_is_one_line() {
    assert_eq!(findings(&"words and words ".repeat(200_000)), "");
    let comment = format!("1 + 1  # {}", "is it so, or 3 ".repeat(5000));
    assert!(!findings(&python(&comment)).contains("false-claim"));
    let number = "9".repeat(4000);
    assert_eq!(findings(&python(&format!("{number}  # {number}"))), "");
}

#[test]
fn statements_that_share_a_line_are_each_run() {
    let guide = python(&format!("{}x  # 1000", "x = 0; ".to_owned() + &"x += 1; ".repeat(1000)));
    assert_eq!(findings(&guide), "");
    // Python ends a line at a lone carriage return; Markdown and verify do not.
    assert_eq!(listed(&python(&"x = 1\rx  # 1\r".repeat(300))).matches("value, trailing").count(), 300);
}

#[test]
fn directives_are_read_in_linear_time() {
    let open = "<!-- verify: with\n".repeat(60_000);
    let closed = "<!-- verify: with\nstdin = 'a'\n-->\n".repeat(20_000);
    let deep = format!("<!-- verify: with a = {} -->\n", "{ a = ".repeat(20_000));
    let long = format!("<!-- verify: with {} = 1 -->\n", "a".repeat(200_000));
    let guide = [open.as_str(), "--> x\n", &closed, "\n", &deep, "\n", &long, &python("1 + 1  # 3")].concat();
    let started = std::time::Instant::now();
    let found = findings(&guide);
    assert!(found.contains("error[false-claim]"), "{found:.2000}");
    for words in ["a directive has its lines for itself", "max recursion depth", "unknown key `aaa"] {
        assert!(found.contains(words), "{words}");
    }
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
