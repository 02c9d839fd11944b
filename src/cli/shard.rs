//! `--shard`: which part of how many.

use std::str::FromStr;

use anyhow::{anyhow, bail};

/// More parts than anybody has machines are a slip.
const MOST: usize = 10_000;

/// Engines that number the machines of a job: who, the number's variable and what it begins with, the count's variable.
const ENGINES: [(&str, &str, usize, Option<&str>); 4] = [
    ("GitLab", "CI_NODE_INDEX", 1, Some("CI_NODE_TOTAL")),
    ("CircleCI", "CIRCLE_NODE_INDEX", 0, Some("CIRCLE_NODE_TOTAL")),
    ("Buildkite", "BUILDKITE_PARALLEL_JOB", 0, Some("BUILDKITE_PARALLEL_JOB_COUNT")),
    ("a Kubernetes indexed Job", "JOB_COMPLETION_INDEX", 0, None),
];

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shard {
    /// The first of two numbers, of so many as the second says.
    Said(usize, usize),
    /// What the environment says; of so many, where that is said.
    Auto(Option<usize>),
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let how = "say it as K/N, as in 1/4, or auto, or auto/N";
        let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is no number: {how}"));
        let shard = match text.split_once('/') {
            None if text == "auto" => Shard::Auto(None),
            None => return Err(how.to_owned()),
            Some(("auto", count)) => Shard::Auto(Some(number(count)?)),
            Some((index, count)) => Shard::Said(number(index)?, number(count)?),
        };
        match shard {
            Shard::Said(_, count) | Shard::Auto(Some(count)) => is_count(count)?,
            Shard::Auto(None) => {}
        }
        match shard {
            Shard::Said(index, count) => is_inside(index, count).map(|()| shard),
            Shard::Auto(_) => Ok(shard),
        }
    }
}

fn is_count(count: usize) -> Result<(), String> {
    let sensible = (1..=MOST).contains(&count);
    if sensible { Ok(()) } else { Err(format!("there are 1 to {MOST} parts, not {count}")) }
}

fn is_inside(index: usize, count: usize) -> Result<(), String> {
    let inside = (1..=count).contains(&index);
    if inside {
        Ok(())
    } else {
        Err(format!("parts are 1/{count} to {count}/{count}: there is no {index}/{count}"))
    }
}

impl Shard {
    /// The part and how many there are. The error says what the environment lacks.
    pub fn resolve(&self) -> anyhow::Result<(usize, usize)> {
        self.resolve_in(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn resolve_in(self, variable: impl Fn(&str) -> Option<String>) -> anyhow::Result<(usize, usize)> {
        let said = match self {
            Shard::Said(index, count) => return Ok((index, count)),
            Shard::Auto(said) => said,
        };
        let set = ENGINES.iter().find_map(|engine| Some((engine, variable(engine.1)?)));
        let Some(((who, name, first, total), index)) = set else {
            let names: Vec<_> = ENGINES.iter().map(|(_, name, ..)| *name).collect();
            bail!("--shard auto finds none of {}: say the part, as in --shard 1/4", names.join(", "));
        };
        let number = |name: &str, value: &str| {
            value.parse().map_err(|_| anyhow!("{name} is `{value}`, which is no number: say --shard K/N"))
        };
        let index = number(name, &index)? + 1 - first;
        let told = total.and_then(|name| Some((name, variable(name)?)));
        let told = told.map(|(name, value)| number(name, &value)).transpose()?;
        let count = match (said, told) {
            (Some(said), Some(told)) if said != told => {
                bail!("--shard auto/{said} does not go with the {told} parts of {who}: say --shard auto")
            }
            (Some(count), _) | (None, Some(count)) => count,
            (None, None) => bail!("{who} does not say how many parts there are: say --shard auto/N"),
        };
        let checked = is_count(count).and_then(|()| is_inside(index, count));
        checked.map(|()| (index, count)).map_err(|why| anyhow!("--shard auto, with {name} of {who}: {why}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(text: &str, variables: &[(&str, &str)]) -> Result<(usize, usize), String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let shard: Shard = text.parse()?;
        shard.resolve_in(variable).map_err(|error| error.to_string())
    }

    #[test]
    fn every_engine_counts_in_its_own_way() {
        assert_eq!(auto("auto", &[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "4")]), Ok((1, 4)));
        assert_eq!(auto("auto", &[("CIRCLE_NODE_INDEX", "0"), ("CIRCLE_NODE_TOTAL", "3")]), Ok((1, 3)));
        let buildkite = [("BUILDKITE_PARALLEL_JOB", "2"), ("BUILDKITE_PARALLEL_JOB_COUNT", "3")];
        assert_eq!(auto("auto", &buildkite), Ok((3, 3)));
        assert_eq!(auto("auto/4", &[("JOB_COMPLETION_INDEX", "3")]), Ok((4, 4)));
        assert_eq!(auto("2/4", &buildkite), Ok((2, 4)), "what is said goes first");
    }

    #[test]
    fn what_the_environment_lacks_is_said() {
        let why = |text: &str, variables: &[_]| auto(text, variables).expect_err("an error");
        assert!(why("auto", &[]).contains("--shard 1/4"));
        assert!(why("auto", &[("JOB_COMPLETION_INDEX", "0")]).contains("auto/N"));
        assert!(why("auto/2", &[("JOB_COMPLETION_INDEX", "2")]).contains("no 3/2"));
        assert!(why("auto/2", &[("JOB_COMPLETION_INDEX", "x")]).contains("`x`"));
        assert!(
            why("auto/2", &[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "4")]).contains("4 parts of GitLab")
        );
        assert!(why("auto", &[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "4")]).contains("no 0/4"));
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for wrong in
            ["", "1", "0/4", "5/4", "1/0", "-1/4", "a/b", "1/4/2", "auto/0", "auto/", "Auto", "1/99999999"]
        {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
