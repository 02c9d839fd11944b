//! Guides whose names and texts want to be something else than text.

use serde_json::Value;

use super::reported;
use crate::common::Place;

/// A name of a file with everything that a format could stumble over.
const NAME: &str = "a \"b\" 'c', 100%: <d>&`e`|\n::error::f [g](h) \u{1b}[31m é\u{202e}.md";

const GUIDE: &str = "\u{feff}# @all <script>alert(1)</script> ](x) | `\n\n## Block 1: \u{1b}[1m #1 $x$\n\n```python
print('\\x1b[31m\\0\\ud800 ]]> \\ufffe\\x85 ::error::gone %0A', end='\\r\\n::warning::out\\n')  # prints: <!-- | ` @all ]]> -->
print('tab\\there', 'x' * 2**20)
import sys; print('::stop-commands::x', file=sys.stderr)
raise ValueError('| @all `\\n## heading\\n<img src=x onerror=alert(1)>\\n::error::x')
```

<!-- verify: expect false-claim reason=\"`|` <b> @me --\" -->
```python
'é👍' * 2  # 'é👍|é👍'
```
";

/// The report on the guide, in a format.
pub fn report(format: &str) -> String {
    let place = Place::new();
    place.write(NAME, GUIDE);
    reported(&place, &[NAME], format)
}

fn json(format: &str) -> Value {
    serde_json::from_str(&report(format)).expect("JSON")
}

#[test]
fn annotations_are_one_line_each_and_no_other_commands() {
    let report = report("github");
    let findings = json("json")["guides"][0]["findings"].as_array().expect("findings").clone();
    let shown = findings.iter().filter(|it| it["expected"] == false && it["severity"] != "info").count();
    assert!(shown >= 2, "{findings:?}");
    let command =
        "^::(error|warning) file=[^:,\n]+,line=\\d+,endLine=\\d+(,col=\\d+,endColumn=\\d+)?,title=[a-z-]+::";
    let command = regex::Regex::new(command).expect("valid");
    let lines: Vec<_> = report.lines().collect();
    assert!(lines.iter().all(|line| command.is_match(line)), "{report}");
    assert_eq!(lines.len(), shown);
    assert!(!report.contains(['\x1b', '\r', '\0', '\u{85}', '\u{202e}']), "{report}");
}

#[test]
fn files_are_found_whatever_they_are_called() {
    let path = json("gitlab")[0]["location"]["path"].as_str().expect("a path").to_owned();
    assert_eq!(path, NAME);
    let sarif = json("sarif");
    let uri = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    let uri = uri.as_str().expect("a URI");
    assert!(uri.is_ascii() && !uri.contains([':', ' ', '"', '<', '`', '|', '\n', '#', '?']), "{uri}");
    assert_eq!(percent_encoding::percent_decode_str(uri).decode_utf8().expect("UTF-8"), NAME);
}

#[test]
fn fixes_are_at_their_lines_and_code_points() {
    let place = Place::new();
    let text = "\u{feff}# Fixes\r\n\r\n```python\r\ns = '👍é'; s * 2  # '👍é👍'\r\nlen(s)  # 3\r\n```\r\n";
    place.write("guide.md", text);
    let sarif: Value = serde_json::from_str(&reported(&place, &["guide.md"], "sarif")).expect("JSON");
    let mut lines: Vec<_> = text.trim_start_matches('\u{feff}').split('\n').map(str::to_owned).collect();
    for result in sarif["runs"][0]["results"].as_array().expect("results") {
        let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
        let region = |key: &str| replacement["deletedRegion"][key].as_u64().expect("a number") as usize;
        assert_eq!(region("startLine"), region("endLine"));
        let line = &mut lines[region("startLine") - 1];
        let chars: Vec<_> = line.chars().collect();
        let part = |range: &[char]| range.iter().collect::<String>();
        let new = replacement["insertedContent"]["text"].as_str().expect("a text");
        *line = part(&chars[..region("startColumn") - 1]) + new + &part(&chars[region("endColumn") - 1..]);
    }
    assert_eq!(place.verify(&["fix", "guide.md"]).code(), Some(0));
    assert_eq!(format!("\u{feff}{}", lines.join("\n")), place.read("guide.md"));
    assert_ne!(place.read("guide.md"), text);
}

#[test]
fn a_summary_holds_no_markup_but_its_own() {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeStream};
    let report = report("markdown");
    assert!(report.len() < 60_000, "it fits into a comment");
    let (mut in_code, mut mentions, mut cells, mut widths) = (false, 0, 0, Vec::new());
    for event in TextMergeStream::new(Parser::new_ext(&report, Options::ENABLE_TABLES | Options::ENABLE_GFM))
    {
        match event {
            Event::InlineHtml(tag) | Event::Html(tag) => {
                let known =
                    ["<code>", "</code>", "<details><summary>Expected (1)</summary>\n", "</details>\n"];
                assert!(known.contains(&&*tag), "{tag}");
                in_code = &*tag == "<code>";
            }
            Event::Text(text) if !in_code => {
                mentions += text.matches('@').count();
                assert!(!text.replace("@\u{200b}", "").contains('@'), "{text}");
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => cells = 0,
            Event::Start(Tag::TableCell) => cells += 1,
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => widths.push(cells),
            Event::Start(
                Tag::Link { .. } | Tag::Image { .. } | Tag::Strong | Tag::Emphasis | Tag::CodeBlock(_),
            ) => {
                panic!("{event:?} in {report}")
            }
            _ => {}
        }
    }
    assert!(mentions > 0, "the guide tries: {report}");
    assert!(widths.len() >= 4 && widths.iter().all(|width| *width == 3), "{widths:?} in {report}");
    assert!(!report.contains(['\x1b', '\0', '\r']), "{report}");
}

#[test]
fn test_results_stay_small_and_hold_no_character_that_xml_has_not() {
    let report = report("junit");
    assert!(report.len() < 200_000, "of a mebibyte of output only the start is kept: {}", report.len());
    assert!(report.contains("(cut: "), "and it is said");
    assert!(report.contains("tab    here"), "columns stay apart");
    let odd = |char: char| (char < ' ' && !"\t\r\n".contains(char)) || "\u{fffe}\u{ffff}".contains(char);
    assert!(!report.contains(odd));
}
