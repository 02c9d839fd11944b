//! `verify merge`: the report of a whole run, from the JSON reports of its parts.

mod fitting;
mod joined;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::check::{self, Document};
use crate::config;
use crate::report::{GuideReport, Report, SCHEMA, Tool};

/// The report of a whole run.
pub struct Merged {
    /// The report.
    pub report: Report,
    /// Guides whose files are not there any more, or not as they were checked.
    pub lost: Vec<String>,
}

/// A part's file, and what it holds.
type Part = (PathBuf, Report);

/// Merges the reports in some files. The error names those that do not belong together, and what to do.
pub fn run(paths: &[PathBuf]) -> anyhow::Result<Merged> {
    let mut parts =
        paths.iter().map(|path| Ok((path.clone(), read(path)?))).collect::<anyhow::Result<Vec<_>>>()?;
    fitting::check(&parts)?;
    parts.sort_by_key(|(_, report)| report.shard.as_ref().map(|shard| shard.index));
    let mut report = joined::join(parts.into_iter().map(|(_, report)| report).collect());
    let lost = report.guides.iter_mut().filter_map(|guide| (!restore(guide)).then(|| guide.path.clone()));
    let lost = lost.collect();
    Ok(Merged { report, lost })
}

fn read(path: &Path) -> anyhow::Result<Report> {
    /// What every version of a report has.
    #[derive(Deserialize)]
    struct Head {
        schema: u32,
        tool: Tool,
    }
    let shown = path.display();
    let text = std::fs::read(path).with_context(|| format!("{shown} cannot be read"))?;
    let what = || format!("{shown} is no JSON report: write the parts with `--report json=FILE`");
    let Head { schema, tool } = serde_json::from_slice(&text).with_context(what)?;
    let own = env!("CARGO_PKG_VERSION");
    if schema != SCHEMA || tool.version != own {
        let Tool { name, version } = tool;
        bail!(
            "{shown} is of {name} {version}, schema {schema}, and this is {own}, schema {SCHEMA}: check and merge with one version"
        );
    }
    let report: Report = serde_json::from_slice(&text).with_context(what)?;
    let is_odd = |guide: &&GuideReport| guide.findings.iter().any(|it| it.line == 0 || it.end_line < it.line);
    match report.guides.iter().find(is_odd) {
        Some(guide) => {
            bail!("{shown} was changed by hand: a finding in {} ends before it begins", guide.path)
        }
        None => Ok(report),
    }
}

/// Reads again what a JSON report does not hold of a guide. Whether that is there as it was checked.
fn restore(guide: &mut GuideReport) -> bool {
    // Nothing was read of it then either.
    let Some(digest) = &guide.digest else { return true };
    match document(Path::new(&guide.path)).filter(|document| document.digest == *digest) {
        Some(document) => check::restore(guide, &document),
        None => {
            let named =
                guide.claims.iter().map(|it| &it.file).chain(guide.findings.iter().map(|it| &it.file));
            guide.companions = named.flatten().map(|path| (path.clone(), String::new())).collect();
            return false;
        }
    }
    true
}

fn document(path: &Path) -> Option<Arc<Document>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    check::read(path, &config::find(folder)).ok()
}
