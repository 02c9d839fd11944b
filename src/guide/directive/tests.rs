//! What is understood, and where what is not is said to be.

use super::*;
use crate::keys::{Text, TextOr};

fn read(text: &str) -> Option<Result<Directive, (usize, String)>> {
    let source = Source::new(text.as_bytes().to_vec()).unwrap();
    HTML.find(&source, 1, &HTML.ends(&source)).map(|found| found.directive)
}

fn order(text: &str) -> Order {
    read(text).expect(text).expect(text).order
}

fn keys(text: &str) -> Keys {
    let Order::With(given) = order(text) else { panic!("{text}") };
    given.keys
}

#[test]
fn directives_are_understood() {
    let skip = read("<!-- verify: skip reason=\"needs a GPU\" -->").unwrap().unwrap();
    assert_eq!(skip, Directive { line: 1, order: Order::Skip, reason: "needs a GPU".into() });
    let expect = order("> <!--verify: expect false-claim, raises reason='shows it'-->");
    assert_eq!(expect, Order::Expect(vec!["false-claim".into(), "raises".into()]));
    let long = order("<!-- verify: expect raises\n     reason=\"a long one\" -->");
    assert_eq!(long, Order::Expect(vec!["raises".into()]));
}

#[test]
fn keys_stand_in_one_line_or_on_lines_of_their_own() {
    for text in [
        "<!-- verify: with files.\"a.txt\" = \"Hello\", packages = [\"PyYAML\"] -->",
        "<!-- verify: with files.\"a.txt\" = \"Hello\",\n     packages = [\"PyYAML\"] # why\n-->",
        "<!-- verify: with\nfiles.\"a.txt\" = \"Hello\"\npackages = [\"PyYAML\"]\n-->",
        "> <!-- verify: with\n> packages = [\"PyYAML\"]\n>\n> [files]\n> \"a.txt\" = \"Hello\" -->",
    ] {
        let keys = keys(text);
        assert_eq!(keys.packages[0].value(), "PyYAML", "{text}");
        let file = keys.files.iter().next().map(|(name, file)| (name.value().as_str(), file));
        assert_eq!(file, Some(("a.txt", &Text::Text("Hello".into()))), "{text}");
    }
    let setup =
        keys("> <!-- verify: with\n> setup = '''\n> if True:\n>     x = 1\n> '''\n> -->").setup.unwrap();
    assert_eq!(setup.value(), &TextOr::Text("if True:\n    x = 1\n".into()));
}

#[test]
fn mistakes_name_their_line_and_what_to_write() {
    for (text, line, words) in [
        ("<!-- verify: skip -->", 1, "write `skip reason=\"…\"`"),
        ("<!-- verify: skip it reason=\"x\" -->", 1, "nothing else"),
        ("<!-- verify: skip reason=\"\" -->", 1, "reason is empty"),
        ("<!-- verify: expect reason=\"x\" -->", 1, "names no finding"),
        ("<!-- verify: skp reason=\"x\" -->", 1, "unknown directive `skp`"),
        ("<!-- verify: with -->", 1, "gives nothing"),
        ("<!-- verify: with file.\"a\" = \"b\" -->", 1, "did you mean `files`?"),
        ("<!-- verify: with\npackages = []\nfile.\"a\" = \"b\"\n-->", 3, "did you mean `files`?"),
        ("<!-- verify: with\ntimeout = 'x'\n-->", 2, "expected a number"),
        ("<!-- verify: with stdin = \"open -->", 1, "string"),
        ("<!-- verify: with\nstdin = 'x'\n--> text", 1, "for itself"),
        ("<!-- verify: with packages = ['x']", 1, "never closed"),
    ] {
        let (at, message) = read(text).expect(text).expect_err(text);
        assert!(message.contains(words), "{text}: {message}");
        assert_eq!(at, line, "{text}: {message}");
    }
}

#[test]
fn other_comments_are_none() {
    for text in
        ["<!-- verify this later -->", "text", "<!-- verify: skip reason=\"x\" --> and more", "verify: x"]
    {
        assert_eq!(read(text), None, "{text}");
    }
}
