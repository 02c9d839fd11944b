//! A data file: what must be observed, in TOML inside a comment at its head, and the guide below it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use verify::needs::Service;
use verify::run::Surroundings;

const OPENS: &str = "<!--\n";
const CLOSES: &str = "\n-->\n";
/// What differs in a container stands under this key.
const CONTAINED: &str = "contained";

/// What a snippet is up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No good.
    Attack,
    /// What guides do: it has to work, and everything it claims has to hold.
    Honest,
}

/// Where verify finds itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where it may make namespaces.
    Machine,
    /// Where it may not, as in a container with a runtime's usual profile.
    Container,
}

impl Place {
    /// The first half of a trial's name.
    pub fn title(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Place::Machine, Kind::Attack) => "attacks",
            (Place::Machine, Kind::Honest) => "honest",
            (Place::Container, Kind::Attack) => "contained",
            (Place::Container, Kind::Honest) => "contained_honest",
        }
    }
}

/// What must be observed of a guide.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expected {
    /// Of each run one: the `status` of the JSON report.
    pub status: Vec<String>,
    /// Codes of findings, of which one at least is reported.
    pub findings: Vec<String>,
    /// Words, of which one at least stands in a finding: it names the limit.
    pub names: Vec<String>,
    /// What stands in the output.
    pub prints: Vec<String>,
    /// What does not stand in the output.
    pub never: Vec<String>,
    /// Pieces of guide lines, each with the verdicts that claims on such a line may have.
    pub claims: BTreeMap<String, Vec<String>>,
    /// Seconds that a run may take, if not a few.
    pub timeout: Option<u16>,
    /// How many snippets run at a time; one, so that the control follows the attack.
    pub jobs: Option<u16>,
    /// Servers without which it says nothing.
    pub needs: BTreeSet<Service>,
}

/// A data file that was read.
pub struct Case {
    /// What it is up to.
    pub kind: Kind,
    /// What must be observed.
    pub expected: Expected,
    /// The guide, with placeholders.
    pub guide: String,
}

impl Case {
    /// Reads a data file for a place. Whoever wrote it hears what is wrong with it.
    pub fn read(text: &str, kind: Kind, place: Place) -> Result<Case, String> {
        let (head, guide) = split(text);
        let mut head: toml::Table = toml::from_str(head).map_err(|error| format!("its head: {error}"))?;
        if let (Some(toml::Value::Table(differs)), Place::Container) = (head.remove(CONTAINED), place) {
            head.extend(differs);
        }
        let expected: Expected = head.try_into().map_err(|error| format!("its head: {error}"))?;
        if kind == Kind::Attack && expected.status.is_empty() {
            return Err("its head names no status".into());
        }
        Ok(Case { kind, expected, guide: guide.to_owned() })
    }
}

/// Why it cannot be tried on this machine.
pub fn lacking(text: &str) -> Option<String> {
    // What is wrong with a head is said when it is read.
    let head: toml::Table = toml::from_str(split(text).0).ok()?;
    let services = head.get("needs")?.clone().try_into().ok()?;
    let (_, lacking) = Surroundings { services }.servers();
    lacking.first().map(|lacking| format!("{:?} {}: {}", lacking.what, lacking.why, lacking.remedy))
}

/// Whether a data file is meant for containers, too.
pub fn is_for_containers(text: &str) -> bool {
    split(text).0.lines().any(|line| line == format!("[{CONTAINED}]"))
}

fn split(text: &str) -> (&str, &str) {
    let head = text.strip_prefix(OPENS).and_then(|text| text.split_once(CLOSES));
    head.unwrap_or(("", text))
}
