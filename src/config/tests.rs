//! What a configuration says about a guide, and what is wrong with one that is not right.

use std::fs;
use std::time::Duration;

use super::*;
use crate::guide::{self, Guide, ProblemKind, Source};
use crate::limits;
use crate::needs::{Content, Needs, Service};

const GUIDE: &str =
    "# Guide\n\n## 1. One\n\n```python\na\n```\n\n## 2. Two\n\n```python\nb\n```\n\n```python\nc\n```\n";

/// A folder with a guide, a configuration and some files.
struct Place(tempfile::TempDir);

impl Place {
    fn new(config: &str) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        place.write("verify.toml", config).write("docs/guide.md", GUIDE).write("fixtures/rows.csv", "1,2\n");
        place
    }

    fn write(&self, name: &str, text: &str) -> &Place {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn config(&self) -> Found {
        find(&self.0.path().join("docs"))
    }

    /// A guide there with its needs.
    fn guide(&self, text: &str) -> Guide {
        let path = self.0.path().join("docs/guide.md");
        let mut guide = guide::read(path.to_str().unwrap(), Source::new(text.into()).unwrap()).unwrap();
        supply(self.config().unwrap().as_deref(), &mut guide).unwrap();
        guide
    }

    fn needs(&self) -> Vec<Needs> {
        self.guide(GUIDE).snippets.into_iter().map(|snippet| snippet.needs).collect()
    }
}

/// What is wrong with a configuration, without the folder.
fn error(config: &str) -> String {
    let place = Place::new(config);
    std::os::unix::fs::symlink("/etc", place.0.path().join("out")).unwrap();
    let error = place.config().expect_err(config);
    error.rsplit_once('/').filter(|_| !error.starts_with("verify")).map_or(error.clone(), |_| {
        let folder = place.0.path().canonicalize().unwrap();
        error.replace(&format!("{}/", folder.display()), "")
    })
}

#[test]
fn the_nearer_scope_goes_first() {
    let place = Place::new(
        r#"
packages = ["one"]
services = ["redis"]
files = { "a.txt" = "project", "b.txt" = { path = "fixtures/rows.csv" } }
timeout = 30

[[guide]]
path = "docs/*.md"
packages = ["two", "one"]
files."a.txt" = "guide"
[guide.block."2"]
stdin = "block"
[guide.snippet."2.2"]
stdin = "snippet"
timeout = 5
skip = "why"

[[guide]]
path = "other.md"
packages = ["never"]
"#,
    );
    place.write("other.md", "");
    let needs = place.needs();
    for needs in &needs {
        assert_eq!(needs.packages, ["one", "two"]);
        assert_eq!(needs.services, [Service::Redis]);
        let files: Vec<_> = needs.files.iter().map(|file| (file.path.as_str(), &file.content)).collect();
        let rows = place.0.path().canonicalize().unwrap().join("fixtures/rows.csv");
        assert_eq!(files, [("a.txt", &Content::Inline("guide".into())), ("b.txt", &Content::From(rows))]);
    }
    let own: Vec<_> =
        needs.iter().map(|needs| (needs.stdin.as_deref(), needs.timeout, needs.skip.as_deref())).collect();
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(
        own,
        [
            (None, seconds(30), None),
            (Some("block"), seconds(30), None),
            (Some("snippet"), seconds(5), Some("why"))
        ]
    );
}

#[test]
fn mistakes_name_their_place_and_what_to_do() {
    for (config, words) in [
        ("guidez = []", "verify.toml:1:1: unknown key `guidez`: did you mean `guides`"),
        ("\nfiles.a = { path = 'fixtures/row.csv' }", "2:20: there is no `fixtures/row.csv` in"),
        ("files.a = { path = '/etc/passwd' }", "1:20: `/etc/passwd` leads out of the configuration's folder"),
        ("files.a = { path = '../a' }", "without `..`"),
        ("files.a = { path = 'out/passwd' }", "is a link that leads out"),
        ("files.a = { path = 'fixtures/.git' }", "is hidden"),
        ("files.'/a' = ''", "1:7: `/a` lies outside of the snippet's folder"),
        ("files.'a/../b' = ''", "lies outside of the snippet's folder"),
        ("files = { a = '', 'a/b' = '' }", "`a` cannot be both a file and a folder"),
        ("stdin = { path = 'fixtures' }", "`fixtures` is not a file"),
        ("sqlite.'../a' = ''", "lies outside"),
        ("env.'A=B' = ''", "a name without `=`"),
        ("http.'example.com' = ''", "`example.com` is no URL"),
        ("http.'http://a/' = { status = 99 }", "from 100 to 599"),
        ("http.'http://a/' = { body = '', path = 'fixtures/rows.csv' }", "the body is given twice"),
        ("http.'http://a/' = { headers = { A = \"b\\nc\" } }", "this is no header"),
        ("timeout = 0", "1:11: a time limit is more than 0"),
        ("timeout = nan", "a time limit is more than 0"),
        ("skip = ' '", "this reason is empty"),
        ("packages = ['PyYAML 6']", "`PyYAML 6` is not a requirement"),
        ("packages = ['--index-url=http://a/']", "is not a requirement"),
        ("packages = ['PyYAML == six']", "`PyYAML == six` is not a requirement"),
        ("requirements = ['fixtures/rows.csv']", "1:17: fixtures/rows.csv, line 1: `"),
        ("groups = ['docs']", "pyproject.toml cannot be read: No such file"),
        ("guides = ['/a.md']", "leads out"),
        ("guides = ['a[.md']", "the glob `a[.md` is not valid"),
        ("[[guide]]\nskip = 'x'", "1:1: this names no guide: add `path"),
        ("[[guide]]\npath = 'doc/*.md'", "2:8: `doc/*.md` finds no guide in"),
        (
            "[[guide]]\npath = 'docs/*.md'\n[guide.block.3]\n",
            "3:14: no block of docs/*.md is called `3`: there are",
        ),
        ("[[guide]]\npath = 'docs/guide.md'\n[guide.snippet.'2.12']\n", "did you mean `2.1`, `2.2`?"),
        (
            "[[guide]]\npath = 'docs/guide.md'\n[guide.snippet.'2.1'.files.x]\npath = 'gone'",
            "4:8: there is no `gone`",
        ),
    ] {
        let error = error(config);
        assert!(error.starts_with("verify.toml:") && error.contains(words), "{config}: {error}");
    }
}

#[test]
fn a_pyproject_counts_where_it_speaks_of_us() {
    let place = Place::new("");
    fs::remove_file(place.0.path().join("verify.toml")).unwrap();
    for (text, found) in [
        ("[tool.other]\nx = 1", Ok(0)),
        ("broken", Ok(0)),
        ("[project]\nname = 'x'\n[tool.verify]\npackages = ['one']\n[tool.zzz]", Ok(1)),
        ("[tool.verify]\npackagez = []", Err("pyproject.toml:2:1: unknown key `packagez`")),
        ("[tool.verify]\npackages = ", Err("pyproject.toml:2:12: ")),
    ] {
        place.write("pyproject.toml", text);
        let packages = place.config().map(|config| config.map_or(0, |config| config.project.packages.len()));
        match found {
            Ok(count) => assert_eq!(packages, Ok(count), "{text}"),
            Err(words) => assert!(packages.as_ref().unwrap_err().contains(words), "{text}: {packages:?}"),
        }
    }
}

/// What a directive above the guide's only snippet leads to: its needs, or what is wrong with it.
fn directed(config: &str, directive: &str) -> Result<Needs, String> {
    let place = Place::new(config);
    let guide = place.guide(&format!("{directive}\n```python\nx\n```\n"));
    match guide.problems.first().map(|problem| (problem.line, &problem.kind)) {
        Some((line, ProblemKind::BadDirective(message))) => Err(format!("{line}: {message}")),
        _ => Ok(guide.snippets[0].needs.clone()),
    }
}

#[test]
fn a_directive_is_nearest_and_may_less() {
    let config = "timeout = 20\nstdin = 'far'";
    let needs =
        directed(config, "<!-- verify: with stdin = 'near', timeout = 3, setup = 'x = 1' -->").unwrap();
    assert_eq!((needs.stdin.as_deref(), needs.timeout), (Some("near"), Some(Duration::from_secs(3))));
    assert_eq!(needs.setup[0].place, "line 1");
    let path = directed(config, "<!-- verify: with files.a = { path = 'fixtures' } -->").unwrap();
    assert!(matches!(&path.files[0].content, Content::From(path) if path.ends_with("fixtures")));
    for (directive, words) in [
        (
            "<!-- verify: with timeout = 21 -->",
            "1: a directive can only shorten the time limit of 20 seconds",
        ),
        ("<!-- verify: with\nstdin = ''\nallow-source = true\n-->", "3: only a configuration can allow"),
        ("<!-- verify: with packages = ['a @ http://b/a.whl'] -->", "by name and version only"),
        ("<!-- verify: with files.a = { path = '../b' } -->", "leads out"),
        ("<!-- verify: with files.a = { path = '.env' } -->", "is hidden"),
        ("<!-- verify: with\nsetup.path = 'gone'\n-->", "2: there is no `gone` in"),
    ] {
        let error = directed(config, directive).expect_err(directive);
        assert!(error.contains(words), "{directive}: {error}");
    }
}

#[test]
fn nobody_gives_more_than_anybody_needs() {
    let files: Vec<_> = (0..=limits::MOST_GIVEN).map(|n| format!("files.f{n} = ''")).collect();
    assert!(error(&files.join("\n")).contains("this is more than 1000 of a kind"));
    assert!(error(&format!("files.'{}' = ''", "a/".repeat(600))).contains("lies outside"));
    let many: Vec<_> = (0..=100).map(|n| format!("<!-- verify: with env.A{n} = '' -->")).collect();
    let error = directed("", &many.join("\n")).unwrap_err();
    assert!(error.starts_with("101: there are more than 100 directives"), "{error}");
}

#[test]
fn what_continues_a_snippet_has_what_the_snippet_has() {
    let text = "<!-- verify: with stdin = 'x' -->\n```python\na\n```\n";
    let mut guide = guide::read("guide.md", Source::new(text.into()).unwrap()).unwrap();
    guide.append("a.check.py".into(), 0, "b\n");
    supply(None, &mut guide).unwrap();
    assert_eq!(guide.snippets[1].needs.stdin.as_deref(), Some("x"));
}

#[test]
fn without_a_configuration_a_directive_has_no_paths() {
    let text = "<!-- verify: with files.a = { path = 'b' } -->\n```python\nx\n```\n";
    let mut guide = guide::read("guide.md", Source::new(text.into()).unwrap()).unwrap();
    supply(None, &mut guide).unwrap();
    let Some(ProblemKind::BadDirective(message)) = guide.problems.first().map(|p| &p.kind) else { panic!() };
    assert!(message.contains("add a verify.toml"), "{message}");
}

#[test]
fn guides_are_named_by_their_path() {
    let config = Config {
        folder: "/p".into(),
        file: "/p/verify.toml".into(),
        project: keys::parse("guides = ['docs/*.md']\npython = ['3.9', 'bin/python', '/opt/python']")
            .unwrap(),
        text: String::new(),
    };
    assert_eq!(config.snapshot_folder("/p/docs/a.md"), Path::new("/p/expected/docs/a"));
    assert_eq!(config.snippet_folder("/p/snippets/a.md"), Path::new("/p/snippets/a"));
    assert!(config.keeps("/p/docs/a.md") && !config.keeps("/p/docs/deeper/a.md"));
    let pythons: Vec<_> = config.pythons().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(pythons, ["3.9", "/p/bin/python", "/opt/python"]);
}
