//! What holds for every text: it is read without a panic, what is found in it lies in it, and a fix
//! stays inside its claim.
//!
//! The cases are the same in every run, so that nobody's change fails by chance. `PROPTEST_RNG_SEED`
//! gives other ones, `PROPTEST_CASES` more.

use std::ops::Range;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};
use verify::check::{Document, STACK};
use verify::claims::Claim;
use verify::guide::Source;

use crate::common::Place;
use crate::drawn::nothing_is_lost;
use crate::laws::{PATHS, places_are_true, places_are_true_in};

/// What may stand before the words of a line: nothing, or what a quote, a list item, an admonition or
/// an indented fence has there.
const LEADS: [&str; 16] =
    ["", "", "", "", "> ", ">", ">\t", "> > ", "- ", "-\t", "1. ", "> - ", "  ", "    ", "\t", "\u{a0}"];

/// Line ends. A carriage return alone is none to Markdown and one to Python.
const ENDS: [&str; 6] = ["\n", "\n", "\n\n", "\r\n", "\r\n", "\r"];

/// Lines that open fences and close them.
const FENCES: &str = r#"```python
```python
```py
```
```
```
````md
````
~~~py
~~~
```pycon
```text
```output
```bash
``` {.python}
```{code-cell} ipython3
```python title="é.py""#;

/// Other lines that mean something to Markdown, to Python, to both or to verify.
const LINES: &str = r##"# Block 1: é
## Two
====
---
+++
!!! note
=== "Tab"
:   A definition
<details>
</details>
<!--
-->
[^1]: A note
| a | b |
<!-- verify: skip reason="slow" -->
<!-- verify: expect false-claim reason='é' -->
<!-- verify: skp -->
:tags: [hide]
Output:
these 72 bytes stay
72 bytes
x = [1, 'é']
print(x)
x  # => [1,
   #  'é']
print(x)  # Output: [1, "é"]
# Output:
# The prints will show:
# 1
#
## 72 bytes
#> 72 bytes
# x[9]  # IndexError
# x[9]
# KeyError: 'é'
==> [1]
>>> x
>>> print('é')
...     y
...
>>>
<BLANKLINE>
Traceback (most recent call last):
def f():
    return 1  # 1
    return [  # [
]
'''
""" # 1
x = 1; y = 2  # x = 1, y = é
\
%timeit x
!ls
match x:
f'{x!r:>{9}}'  # → 'é'
lambda: (yield)  # )"##;

/// Lines that mean something to reStructuredText and to docstrings.
const OTHERS: &str = r#"Title
=====
-----
.. code-block:: python
   :caption: é.py
.. testoutput::
.. doctest::
.. highlight:: python
.. note::
.. verify: skip reason="slow"
..
Words::
    >>> x = 'é\\n'
    x
def f():
    r"""
    """
class É:
@decorated
# verify: skip reason="slow"
<Tab value='>'>
{/* verify: skip reason="slow" */}
import x from 'y';
:::{code-cell}
:::
---
%time x
x = !ls"#;

/// HTML that is not closed, or closes what it has not opened, or means no good.
const HTML: &str = r#"<div title="
<table><tr><td>
</div></article></main></body>
<template>
<script>alert(1)
<textarea><title><style>
<select><option>
<svg><desc><p>
<math><mtext><table><mglyph><style>
<a href='javascript:alert(1)'><b>
<p id="f-0"><p id="L1">
<details><summary>
<img src=x alt="<b>" onerror=alert(1)>
<!doctype html><html><head>
<plaintext>"#;

/// Code with one value, the same everywhere.
const EXPRESSIONS: [&str; 16] = [
    "1 + 2",
    "-7 / 2",
    "10 ** 6",
    "2 > 1",
    "'a' + 'b'",
    "'it\\'s'",
    "'a\\nb'",
    "' a '",
    "'x' * 60",
    "[1] * 3",
    "(1, 'é')",
    "{1, 2, 3}",
    "{'k': [1, 2]}",
    "set()",
    "int",
    "[print(n) for n in range(3)]",
];

/// What may be claimed of it, some of it rightly.
const VALUES: [&str; 22] = [
    "3",
    "4",
    "-3.5",
    "~3.4",
    "1,000,001",
    "True",
    "false",
    "'ab'",
    "\"a\"",
    "a, c",
    "hello",
    "0 1 2",
    "[1, 1, 1]",
    "[1,1]",
    "[1, ..., 3]",
    "(1, 'e')",
    "{3, 4}",
    "{\"k\":[1,3]}",
    "empty",
    "None",
    "Error!",
    "<class 'str'>",
];

/// What authors put before a value and after it.
const ARROWS: [&str; 6] = ["", "=> ", "→ ", "->  ", "Output: ", "returns "];
const REMARKS: [&str; 3] = ["", " (é, as one would think)", ", because it is"];

/// Any one of the lines of a text.
fn one_of(lines: &'static str) -> impl Strategy<Value = String> {
    select(lines.lines().collect::<Vec<_>>()).prop_map(str::to_owned)
}

/// Lines as guides have them, in any order, each after one of these leads.
fn guide(leads: &'static [&'static str]) -> impl Strategy<Value = String> {
    let words = prop_oneof![3 => one_of(FENCES), 4 => one_of(LINES), 3 => trailing(), 1 => any::<String>()];
    let line = (select(leads), words, select(&ENDS[..]));
    let line = line.prop_map(|(lead, words, end)| format!("{lead}{words}{end}"));
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.concat())
}

/// Lines of any of the formats.
fn source() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        2 => one_of(FENCES), 4 => one_of(LINES), 6 => one_of(OTHERS), 3 => trailing(), 1 => any::<String>()
    ];
    let line = (select(&LEADS[..]), words, select(&ENDS[..]));
    let line = line.prop_map(|(lead, words, end)| format!("{lead}{words}{end}"));
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.concat())
}

/// A notebook whose cells hold these texts, each as one string or as a list of lines.
fn notebook() -> impl Strategy<Value = (Vec<String>, String)> {
    let text = prop_oneof![source(), any::<String>()];
    let cells = prop::collection::vec((text, any::<bool>(), any::<bool>()), 0..6);
    (cells, any::<bool>()).prop_map(|(cells, pretty)| {
        let cell = |(text, is_code, listed): &(String, bool, bool)| {
            let lines: Vec<_> = text.split_inclusive('\n').collect();
            let source = if *listed { json!(lines) } else { json!(text) };
            let kind = if *is_code { "code" } else { "markdown" };
            let stored = json!({"output_type": "stream", "name": "stdout", "text": source});
            json!({"cell_type": kind, "source": source, "outputs": [stored]})
        };
        let book = json!({"cells": cells.iter().map(cell).collect::<Vec<_>>(), "nbformat": 4});
        let written = if pretty { serde_json::to_string_pretty(&book) } else { serde_json::to_string(&book) };
        let codes = cells.into_iter().filter(|(_, is_code, _)| *is_code).map(|(text, ..)| text);
        (codes.collect(), written.expect("it can be written"))
    })
}

/// A line of code with a claim beside it.
fn trailing() -> impl Strategy<Value = String> {
    let code = (any::<bool>(), select(&EXPRESSIONS[..]));
    let code = code.prop_map(|(prints, code)| if prints { format!("print({code})") } else { code.into() });
    let comment = (select(&ARROWS[..]), select(&VALUES[..]), select(&REMARKS[..]));
    (code, comment).prop_map(|(code, (arrow, value, remark))| format!("{code}  # {arrow}{value}{remark}"))
}

/// A fence that shows values in one of the ways there are.
fn showing() -> impl Strategy<Value = String> {
    let fenced = |label: &str, lines: String| format!("```{label}\n{lines}\n```\n\n");
    let shown = || (select(&EXPRESSIONS[..]), select(&VALUES[..]));
    let below = move |(code, value)| fenced("python", format!("print({code})\n# Output:\n# {value}"));
    let session = move |(code, value)| fenced("pycon", format!(">>> {code}\n{value}"));
    let output = move |(code, value)| {
        fenced("python", format!("print({code})")) + &fenced("output", String::from(value))
    };
    let beside = prop::collection::vec(trailing(), 1..6);
    prop_oneof![
        4 => beside.prop_map(move |lines| fenced("python", lines.join("\n"))),
        1 => shown().prop_map(below),
        1 => shown().prop_map(session),
        1 => shown().prop_map(output),
    ]
}

/// Holds a law against many values, on a stack that deep syntax does not exhaust.
fn for_all<S: Strategy + Send>(cases: u32, values: S, law: fn(S::Value)) {
    const USUAL: u32 = 256;
    let asked = Config::default();
    let cases = (cases * asked.cases).div_ceil(USUAL);
    let rng_seed = if asked.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { asked.rng_seed };
    let mut runner = TestRunner::new(Config { cases, rng_seed, failure_persistence: None, ..asked });
    let hold = move || {
        let held = runner.run(&values, |value| {
            law(value);
            Ok(())
        });
        held.unwrap_or_else(|broken| panic!("{broken}"));
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, hold);
        thread.expect("a thread").join().expect("the law holds");
    });
}

fn read(text: &str) -> Document {
    Document::new(Path::new("guide.md"), text.into(), None).expect("UTF-8")
}

/// A place with a guide in it, and the report on it.
fn checked(text: &str) -> Value {
    let place = Place::new();
    place.write("guide.md", text);
    let done = place.verify(&["guide.md", "--format", "json"]);
    assert!(matches!(done.code(), Some(0 | 1)), "{}", done.stderr());
    done.json()["guides"][0].take()
}

/// The fixes of a report: the id of the claim, the bytes, what to write there.
fn fixes(report: &Value) -> Vec<(&Value, Range<usize>, &str)> {
    let fixed = report["findings"].as_array().unwrap().iter().filter(|found| !found["fix"].is_null());
    let at = |place: &Value| place.as_u64().unwrap() as usize;
    let fix = |found: &'_ Value| {
        let range = &found["fix"]["range"];
        at(&range["start"])..at(&range["end"])
    };
    fixed.map(|found| (&found["claim"], fix(found), found["fix"]["replacement"].as_str().unwrap())).collect()
}

/// The bytes of the lines that state a claim.
fn lines_of(claim: &Value, report: &Value, source: &Source) -> Range<usize> {
    let claim = report["claims"].as_array().unwrap().iter().find(|other| other["id"] == *claim);
    let line = |index: usize| claim.unwrap()["lines"][index].as_u64().unwrap() as usize;
    source.line_start(line(0))..source.line_start(line(1)) + source.line_text(line(1)).len()
}

/// The code that the claims of a text are about.
fn subjects(text: &str) -> Vec<String> {
    let Document { codes, claims, .. } = read(text);
    let code = |claim: &Claim| {
        let target = claim.targets.first().expect("it is about something");
        codes[claim.snippet].code[target.start..target.end].to_owned()
    };
    claims.iter().map(code).collect()
}

/// Fixes change the words of their claims, and then these hold.
fn fixes_mend_their_claims_alone(text: &str) {
    let report = checked(text);
    let source = Source::new(text.into()).expect("UTF-8");
    let mut fixed = text.to_owned();
    for (claim, range, replacement) in fixes(&report).into_iter().rev() {
        let lines = lines_of(claim, &report, &source);
        assert!(
            lines.start <= range.start && range.end <= lines.end,
            "{range:?} is not in {lines:?}: {text}"
        );
        fixed.replace_range(range, replacement);
    }
    assert_eq!(subjects(text), subjects(&fixed), "the code is as it was:\n{fixed}");
    let again = checked(&fixed);
    assert_eq!(fixes(&again), [], "nothing is left to fix:\n{fixed}");
}

#[test]
fn bytes_are_a_guide_where_they_are_text() {
    for_all(100, any::<Vec<u8>>(), |bytes| {
        let read = Document::new(Path::new("guide.md"), bytes.clone(), None);
        assert_eq!(read.is_ok(), std::str::from_utf8(&bytes).is_ok());
    });
}

#[test]
fn any_text_has_true_places() {
    for_all(200, any::<String>(), |text| places_are_true(&text));
}

#[test]
fn any_plain_guide_has_true_places() {
    for_all(500, guide(&[""]), |text| places_are_true(&text));
}

#[test]
fn any_guide_is_read() {
    for_all(500, guide(&LEADS), |text| drop(read(&text)));
}

#[test]
fn any_guide_has_true_places() {
    for_all(500, guide(&LEADS), |text| places_are_true(&text));
}

#[test]
fn any_source_has_true_places() {
    for_all(400, source(), |text| {
        for path in PATHS.iter().filter(|path| !path.ends_with("ipynb")) {
            places_are_true_in(path, &text);
        }
    });
}

#[test]
fn any_notebook_has_true_places_and_all_its_code() {
    for_all(200, notebook(), |(codes, written)| {
        places_are_true_in("guide.ipynb", &written);
        let source = Source::new(written.into()).expect("UTF-8");
        let text = verify::guide::read("guide.ipynb", source).expect("a notebook").source.text;
        assert!(codes.iter().all(|code| text.contains(code)), "{codes:?} in {text:?}");
    });
}

#[test]
fn any_guide_is_drawn_whole() {
    let html = select(HTML.lines().collect::<Vec<_>>()).prop_map(|line| format!("{line}\n\n"));
    let text = prop::collection::vec(prop_oneof![3 => guide(&LEADS), 1 => html], 0..6);
    for_all(300, text.prop_map(|parts| parts.concat()), |text| nothing_is_lost("guide.md", &text));
}

#[test]
fn any_source_is_drawn_whole() {
    for_all(100, source(), |text| {
        PATHS.iter().filter(|path| !path.ends_with("ipynb")).for_each(|path| nothing_is_lost(path, &text));
    });
}

#[test]
fn any_plain_guide_is_checked_to_its_end() {
    for_all(12, guide(&[""]), |text| drop(checked(&text)));
}

#[test]
fn a_broken_decorator_has_true_places() {
    let guide = "```python\n@app(\n1 + 2  # => 3\n    return 1\n```\n";
    places_are_true(guide);
    checked(guide);
}

#[test]
fn fixes_stay_in_their_claims_and_mend_them() {
    for_all(16, prop::collection::vec(showing(), 1..4), |snippets| {
        fixes_mend_their_claims_alone(&snippets.concat());
    });
}
