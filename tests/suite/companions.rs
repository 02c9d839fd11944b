//! Companions that are odd files, or lie where they are none.

use crate::common::Place;

const GUIDE: &str = "# C\n\n```python\ndef f(): return 1\n```\n";

fn out(place: &Place, guide: &str) -> String {
    place.verify(&[guide, "--format", "concise", "-v"]).stdout()
}

#[test]
fn an_empty_one_says_nothing_and_a_mark_is_none_of_its_code() {
    let place = Place::new();
    place.write("g.md", GUIDE);
    for text in ["", "\n", "  \n\n"] {
        place.write("snippets/g/c.1.check.py", text);
        assert!(out(&place, "g.md").contains("\nno findings\n"), "{text:?}: {}", out(&place, "g.md"));
    }
    place.write("snippets/g/c.1.check.py", "\u{feff}f()  # 1\r\nf()  # 2\r\n");
    let said = out(&place, "g.md");
    assert!(said.contains("snippets/g/c.1.check.py:1: holds: 1"), "{said}");
    assert!(said.contains("snippets/g/c.1.check.py:2:8: error[false-claim]"), "{said}");
}

#[test]
fn guides_of_one_name_share_none_where_no_configuration_tells_them_apart() {
    let place = Place::new();
    for folder in ["a", "b"] {
        place.write(&format!("{folder}/g.md"), GUIDE);
    }
    place.write("snippets/g/c.1.check.py", "f()  # 2\n");
    assert!(!out(&place, "a/g.md").contains("check.py"));
    place.write("verify.toml", "");
    place.write("snippets/a/g/c.1.check.py", "f()  # 3\n");
    let said = place.verify(&["a/g.md", "b/g.md", "--format", "concise"]).stdout();
    assert_eq!(said.matches("false-claim").count(), 1, "{said}");
    assert!(said.contains("snippets/a/g/c.1.check.py:1:8: error[false-claim]"), "{said}");
}

#[test]
fn what_is_ordered_for_a_snippet_is_ordered_for_what_continues_it() {
    let place = Place::new();
    place.write("snippets/g/c.1.check.py", "print(f())  # 2\n");
    place.write(
        "g.md",
        GUIDE.replace("```python", "<!-- verify: skip reason=\"needs a card\" -->\n```python"),
    );
    assert!(out(&place, "g.md").contains("undecided: 2 | skipped: needs a card"), "{}", out(&place, "g.md"));
    let expected = "<!-- verify: expect false-claim reason=\"shows it\" -->\n```python";
    place.write("g.md", GUIDE.replace("```python", expected));
    assert!(out(&place, "g.md").contains("no findings (1 more expected)"), "{}", out(&place, "g.md"));
}

#[test]
fn a_link_out_of_the_project_leads_to_none() {
    let (place, other) = (Place::new(), Place::new());
    place.write("g.md", GUIDE);
    other.write("c.1.check.py", "f()  # 2\n");
    place.write("snippets/.keep", "");
    std::os::unix::fs::symlink(other.path(""), place.path("snippets/g")).unwrap();
    assert!(!out(&place, "g.md").contains("check.py"));
}
