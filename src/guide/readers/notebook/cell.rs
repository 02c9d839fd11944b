//! One cell as the file has it.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json::{say, strings};
use super::{Kind, Part};
use crate::guide::Output;
use crate::guide::origin::Making;

/// A cell.
#[derive(Deserialize)]
pub struct Cell<'a> {
    cell_type: String,
    #[serde(borrow)]
    source: Option<&'a RawValue>,
    #[serde(borrow, default)]
    outputs: Vec<Stored<'a>>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    tags: Vec<String>,
}

/// An output that is stored below a cell.
#[derive(Deserialize)]
struct Stored<'a> {
    output_type: String,
    name: Option<String>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(borrow)]
    ename: Option<&'a RawValue>,
    #[serde(borrow)]
    evalue: Option<&'a RawValue>,
}

/// The language that a notebook says it is in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Language {
    kernelspec: Named,
    language_info: Named,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    language: Option<String>,
    name: Option<String>,
}

impl Language {
    /// Whether code cells are Python; they are where nothing is said.
    pub fn is_python(&self) -> bool {
        let said = self.language_info.name.as_ref().or(self.kernelspec.language.as_ref());
        said.is_none_or(|language| language.to_lowercase().contains("python"))
    }
}

/// Strings that make up a text, with what is said between them.
struct Said {
    strings: Vec<Range<usize>>,
    /// Other strings, behind a colon.
    more: Vec<Range<usize>>,
}

impl Cell<'_> {
    /// Adds what the cell says, and its parts. `text` is the file's, which the cell was read from.
    pub fn write(&self, text: &str, making: &mut Making, parts: &mut Vec<Part>) {
        let kind = match self.cell_type.as_str() {
            "code" => Kind::Code,
            "markdown" => Kind::Text,
            _ => return,
        };
        let is_code = matches!(kind, Kind::Code);
        let said = Said::of(self.source, text);
        if said.strings.iter().all(|string| string.is_empty()) {
            return;
        }
        said.add(kind, text, making, parts);
        parts.last_mut().expect("just added").tags.clone_from(&self.metadata.tags);
        let outputs = if is_code { self.outputs(text) } else { Vec::new() };
        for (output, said) in outputs.into_iter().filter(|(_, said)| !said.strings.is_empty()) {
            said.add(Kind::Shown(output), text, making, parts);
        }
    }

    /// What the outputs show that can be compared: no pictures, no warnings.
    fn outputs(&self, text: &str) -> Vec<(Output, Said)> {
        let is_printed =
            |it: &&Stored<'_>| it.output_type == "stream" && it.name.as_deref() == Some("stdout");
        let printed = self.outputs.iter().filter(is_printed);
        let strings = printed.flat_map(|it| Said::of(it.text, text).strings).collect();
        let mut found = vec![(Output::Printed, Said { strings, more: Vec::new() })];
        for output in &self.outputs {
            match output.output_type.as_str() {
                "execute_result" => {
                    let plain = output.data.as_ref().and_then(|data| data.get("text/plain").copied());
                    found.push((Output::Value, Said::of(plain, text)));
                }
                "error" => {
                    let more = Said::of(output.evalue, text).strings;
                    found.push((Output::Raised, Said { more, ..Said::of(output.ename, text) }));
                }
                _ => {}
            }
        }
        found
    }
}

impl Said {
    fn of(value: Option<&RawValue>, text: &str) -> Said {
        Said { strings: value.map(|value| strings(value, text)).unwrap_or_default(), more: Vec::new() }
    }

    /// Adds the text as a part, below an empty line on which it opens.
    fn add(&self, kind: Kind, text: &str, making: &mut Making, parts: &mut Vec<Part>) {
        let at = self.strings.first().map_or(0, |first| first.start);
        making.say("\n", at..at);
        let start = say(&self.strings, text, making).start;
        let mut end = self.strings.last().map_or(at, |last| last.end);
        if self.more.iter().any(|string| !string.is_empty()) {
            making.say(": ", end..end);
            say(&self.more, text, making);
            end = self.more.last().map_or(end, |last| last.end);
        }
        let range = start..making.text.len();
        if !making.text.ends_with('\n') {
            making.say("\n", end..end);
        }
        parts.push(Part { kind, range, tags: Vec::new() });
    }
}
