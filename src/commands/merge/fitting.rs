//! Whether reports are the parts of one run, and all of them.

use anyhow::bail;

use super::Part;
use crate::report::{Python, Report, Shard};

/// The error names the files that do not go together, and what to do.
pub fn check(parts: &[Part]) -> anyhow::Result<()> {
    let [(first, report), others @ ..] = parts else { bail!("there is nothing to merge") };
    if others.is_empty() && report.shard.is_none() {
        return Ok(());
    }
    if let Some((path, _)) = parts.iter().find(|(_, report)| report.shard.is_none()) {
        bail!("{} is the report of a whole run: parts are written with `--shard K/N`", path.display());
    }
    for (other, its) in others {
        if let Some(why) = differs(report, its) {
            let (first, other) = (first.display(), other.display());
            bail!("{first} and {other} are no parts of one run: {why}");
        }
    }
    is_complete(parts)
}

/// What tells the runs of two parts apart, and what to do.
fn differs(one: &Report, other: &Report) -> Option<String> {
    let pythons = |report: &Report| report.pythons.iter().map(|it| key(it).to_owned()).collect::<Vec<_>>();
    let paths = |report: &Report| report.guides.iter().map(|it| it.path.clone()).collect::<Vec<_>>();
    let said = |report: &Report| report.since.as_ref().map_or("nothing".to_owned(), |it| it.revision.clone());
    if one.virtual_time != other.virtual_time {
        return Some("only one waits as long as snippets wait: give all --real-time, or none".to_owned());
    }
    if pythons(one) != pythons(other) {
        let names =
            |report: &Report| report.pythons.iter().map(|it| it.id.clone()).collect::<Vec<_>>().join(", ");
        return Some(format!(
            "one ran on {}, the other on {}: give all the same --python",
            names(one),
            names(other)
        ));
    }
    if one.since != other.since {
        return Some(format!(
            "one is since {}, the other since {}: give all the same --since",
            said(one),
            said(other)
        ));
    }
    if paths(one) != paths(other) {
        return Some(
            "they are about different guides: give all parts the same guides, in the same order".to_owned(),
        );
    }
    let changed =
        one.guides.iter().zip(&other.guides).find(|(one, other)| {
            one.digest.is_some() && other.digest.is_some() && one.digest != other.digest
        });
    if let Some((guide, _)) = changed {
        return Some(format!(
            "{}, or its configuration, was another one: check all parts at one revision",
            guide.path
        ));
    }
    let guides = |report: &Report| report.shard.as_ref().map(|shard| shard.guides.clone());
    if guides(one) != guides(other) {
        return Some(
            "the guides, or their configurations, were not the same: check all parts at one revision"
                .to_owned(),
        );
    }
    let plan = |report: &Report| report.shard.as_ref().map(|shard| (shard.count, shard.plan.clone()));
    (plan(one) != plan(other)).then(|| {
        "they were divided differently: give all the same N, --block, --timeout, --since and --durations"
            .to_owned()
    })
}

/// What of a Python may not differ between machines: all but its place.
fn key(python: &Python) -> (String, String, String, bool) {
    let Python { id, version, implementation, virtual_time, .. } = python;
    (id.clone(), version.clone(), implementation.clone(), *virtual_time)
}

/// Whether every part is there, once.
fn is_complete(parts: &[Part]) -> anyhow::Result<()> {
    let shards = || parts.iter().filter_map(|(path, report)| Some((path, report.shard.as_ref()?)));
    let count = shards().next().map_or(0, |(_, shard)| shard.count);
    let mut missing = Vec::new();
    for wanted in 1..=count {
        let mut found =
            shards().filter(|(_, Shard { index, .. })| *index == wanted).map(|(path, _)| path.display());
        match (found.next(), found.next()) {
            (None, _) => missing.push(wanted.to_string()),
            (Some(one), Some(other)) => {
                bail!("{one} and {other} are both part {wanted} of {count}: give each part once")
            }
            (Some(_), None) => {}
        }
    }
    match missing[..] {
        [] => Ok(()),
        _ => bail!("of {count} parts these are missing: {}; give the reports of all", missing.join(", ")),
    }
}
