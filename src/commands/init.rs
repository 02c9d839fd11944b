//! `verify init`: a first configuration, from what a run of the guides lacked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use glob::Pattern;

use super::guides::guides_of;
use crate::check::{self, Options};
use crate::config::{self, Found};
use crate::judge::one_line;
use crate::keys;
use crate::needs::{Lack, quoted};
use crate::report::{FindingReport, GuideReport, Report};
use crate::whole;

/// The name of the schema that is written beside a configuration.
const SCHEMA: &str = "verify.schema.json";

const HEAD: &str = "\
# What verify has to know about these guides. `verify init` wrote it from what a run lacked: complete each
# empty text, delete what you do not want, and run `verify` to see what is lacking then.

# What a bare `verify` checks.
";

/// What has a JSON schema.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Schema {
    /// A configuration
    Config,
    /// The JSON report
    Report,
}

/// Prints a JSON schema.
pub fn schema(of: Schema, to: &mut dyn Write) -> anyhow::Result<u8> {
    match of {
        Schema::Config => writeln!(to, "{}", keys::schema())?,
        Schema::Report => writeln!(to, "{:#}", Report::schema().as_value())?,
    }
    Ok(0)
}

/// Checks the guides and writes a configuration into the current folder. Exit code 2 where a guide could not
/// be checked.
pub fn run(given: &[PathBuf], blocks: &[String], options: Options, to: &mut dyn Write) -> anyhow::Result<u8> {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let here = here.context("cannot tell the current folder")?;
    refuse_a_second(&config::find(&here))?;
    let all = [PathBuf::from(".")];
    let guides = guides_of(if given.is_empty() { &all } else { given })?;
    guides.iter().try_for_each(|(_, config)| refuse_a_second(config))?;
    let paths: Vec<_> = guides.iter().map(|(path, _)| inside(&here, path)).collect::<Result<_, _>>()?;
    let report = check::check(&guides, blocks, Options { snapshots: false, ..options })?;
    let checked: Vec<_> =
        paths.iter().zip(&report.guides).filter(|(_, guide)| guide.error.is_none()).collect();
    if let (true, Some(guide)) = (checked.is_empty(), report.guides.first()) {
        bail!("no configuration is written: {} {}", guide.path, guide.error.as_deref().unwrap_or_default());
    }
    write(&here, config::FILE, &text(&checked))?;
    writeln!(to, "wrote {}", config::FILE)?;
    if !here.join(SCHEMA).exists() {
        write(&here, SCHEMA, &format!("{}\n", keys::schema()))?;
        writeln!(to, "wrote {SCHEMA}, by which editors know its keys")?;
    }
    let errors = report.guides.iter().filter_map(|guide| Some((&guide.path, guide.error.as_ref()?)));
    for (path, error) in errors.clone() {
        writeln!(std::io::stderr(), "verify: {path} is left out: {error}")?;
    }
    Ok(if errors.count() > 0 { 2 } else { 0 })
}

/// What is there is never overwritten, and not hidden by another one.
fn refuse_a_second(found: &Found) -> anyhow::Result<()> {
    match found {
        Ok(None) => Ok(()),
        Ok(Some(config)) => bail!(
            "{} is there already: add to it what `verify` says is missing, as its help texts word it",
            config::shown(&config.file)
        ),
        Err(error) => bail!("{error}"),
    }
}

/// A guide's path from the folder that the configuration is written into.
fn inside(here: &Path, path: &Path) -> anyhow::Result<PathBuf> {
    let whole = path.canonicalize().with_context(|| format!("cannot find {}", path.display()))?;
    let inside = whole.strip_prefix(here);
    Ok(inside
        .with_context(|| {
            format!("{} lies outside of this folder: run `verify init` in a folder above it", path.display())
        })?
        .to_owned())
}

fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let written = || -> anyhow::Result<()> {
        let mut file = whole::beside(&folder.join(name))?;
        file.write_all(text.as_bytes())?;
        file.persist_noclobber(folder.join(name)).map_err(|error| error.error)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write {name}"))
}

/// A configuration for guides, each with its path from the configuration's folder.
fn text(guides: &[(&PathBuf, &GuideReport)]) -> String {
    let mut text = format!("#:schema ./{SCHEMA}\n{HEAD}");
    let paths = guides.iter().map(|(path, _)| pattern(path)).collect();
    list(&mut text, "guides", paths);
    let mut packages = BTreeMap::new();
    for (path, finding, lack) in
        guides.iter().flat_map(|(path, guide)| lacks(guide).map(move |(f, l)| (path, f, l)))
    {
        if let Lack::Package(name) = lack {
            packages.entry(name).or_insert_with(|| format!("{}, line {}", path.display(), finding.line));
        }
    }
    if !packages.is_empty() {
        text.push_str(
            "\n# Packages that are not installed. Add the versions that the guides mean: \"name>=1.2\".\n\
             # Snippets have these instead of what the interpreter has: add what else they import.\n",
        );
        for (name, place) in &packages {
            let _ = writeln!(text, "# {}: {}", one_line(name), one_line(place));
        }
        list(&mut text, "packages", packages.keys().map(|name| (*name).clone()).collect());
    }
    guides.iter().for_each(|(path, guide)| about(&mut text, path, guide));
    text
}

/// What the findings of a guide lack that nobody expects.
fn lacks(guide: &GuideReport) -> impl Iterator<Item = (&FindingReport, &Lack)> {
    let findings = guide.findings.iter().filter(|finding| !finding.expected);
    findings.filter_map(|finding| Some((finding, finding.lack.as_ref()?)))
}

/// The table of a guide, with a table for each of its snippets that lacks something.
fn about(text: &mut String, path: &Path, guide: &GuideReport) {
    let mut seen = BTreeSet::new();
    let lacks: Vec<_> = lacks(guide)
        .filter(|(finding, lack)| {
            // A server is started once for all of a guide's snippets.
            let snippet = finding.snippet.as_ref().filter(|_| !matches!(lack, Lack::Service(_)));
            !matches!(lack, Lack::Package(_)) && seen.insert((snippet, *lack))
        })
        .collect();
    if lacks.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n[[guide]]\npath = {}", quoted(&pattern(path)));
    services(text, &lacks);
    for snippet in &guide.snippets {
        let own = |(finding, lack): &&(&FindingReport, &Lack)| {
            finding.snippet.as_ref() == Some(&snippet.id) && !matches!(lack, Lack::Service(_))
        };
        for (index, (finding, lack)) in lacks.iter().filter(own).enumerate() {
            if index == 0 {
                let _ = writeln!(text, "\n[guide.snippet.{}]", quoted(&snippet.id));
            }
            supply(text, lack, finding);
        }
    }
}

fn services(text: &mut String, lacks: &[(&FindingReport, &Lack)]) {
    let mut names = Vec::new();
    for (finding, lack) in lacks {
        let Lack::Service(service) = lack else { continue };
        let _ = writeln!(text, "# Line {}: {}.", finding.line, one_line(&finding.message));
        match service {
            Some(service) => names.push(service.name().to_owned()),
            None => text.push_str("# If it is one of these: services = [\"postgres\", \"redis\"]\n"),
        }
    }
    if !names.is_empty() {
        list(text, "services", names);
    }
}

fn supply(text: &mut String, lack: &Lack, finding: &FindingReport) {
    let remedy = match lack {
        Lack::File(_) => "Its text, or { path = \"…\" }:",
        Lack::Host(_) => "The whole URL and its answer, or { status = …, path = \"…\" }:",
        Lack::Page(_) => "Its answer, or { status = …, path = \"…\" }:",
        Lack::Input => "What is typed, with \\n at the end of each line:",
        Lack::Package(_) | Lack::Service(_) => "",
    };
    let _ = write!(text, "# Line {}: {}. ", finding.line, one_line(&finding.message));
    let _ = match lack.line("") {
        Some(line) => writeln!(text, "{remedy}\n{line}"),
        None => writeln!(text, "It cannot be given.\n# skip = \"the reason\""),
    };
}

fn list(text: &mut String, key: &str, items: Vec<String>) {
    let items: Vec<_> = items.iter().map(|item| quoted(item)).collect();
    let line = format!("{key} = [{}]", items.join(", "));
    let _ = match line.len() <= 100 {
        true => writeln!(text, "{line}"),
        false => writeln!(text, "{key} = [\n    {},\n]", items.join(",\n    ")),
    };
}

/// A path as a glob that means it alone.
fn pattern(path: &Path) -> String {
    Pattern::escape(&path.to_string_lossy())
}
