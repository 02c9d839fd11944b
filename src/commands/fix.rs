//! `verify fix`: rewrites false claims to what was observed.
//!
//! A guide with its fixes is checked again before it is written: a fix whose claim does not hold then
//! is taken back.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use similar::TextDiff;

use crate::check::{self, Document, Options, Session};
use crate::claims::Certainty;
use crate::config::{Config, Found};
use crate::judge::{Code, Decision};
use crate::report::{ClaimReport, FindingReport, Fix, GuideReport};
use crate::run::Cancel;

/// Fixes the guides, or with `diff` only shows how. Returns the exit code: 1 where a false claim is
/// left, or would be changed.
pub fn run(
    guides: &[(PathBuf, Found)],
    diff: bool,
    blocks: &[String],
    options: Options,
    to: &mut dyn Write,
) -> anyhow::Result<u8> {
    // Snapshots are reviewed when the guide is.
    let session = Session::new(Options { snapshots: false, ..options })?;
    let mut checks = Checks { session, blocks, cancel: Cancel::new()? };
    let mut code = 0;
    for (path, config) in guides {
        let read = check::configured(config)
            .and_then(|config| Ok(Guide { path, config, bytes: check::bytes(path)? }));
        let fixed = read
            .map_err(|error| format!("{} {error}", path.display()))
            .and_then(|guide| guide.fix(diff, &mut checks, to).map_err(|error| format!("{error:#}")));
        // One guide that cannot be fixed hides no other.
        code = code.max(fixed.unwrap_or_else(|error| {
            let _ = writeln!(std::io::stderr(), "verify: {error}");
            2
        }));
    }
    Ok(code)
}

/// What all checks have in common.
struct Checks<'a> {
    session: Session,
    blocks: &'a [String],
    cancel: Cancel,
}

impl Checks<'_> {
    /// The report on a guide with another text.
    fn check(&mut self, guide: &Guide<'_>, bytes: &[u8]) -> anyhow::Result<GuideReport> {
        let document = Document::new(guide.path, bytes.to_vec(), guide.config.clone()).map(Arc::new);
        let report = self.session.check(&[(guide.path.to_owned(), document)], self.blocks, &self.cancel)?;
        report.guides.into_iter().next().context("one guide was checked")
    }
}

/// A guide as it was read.
struct Guide<'a> {
    path: &'a Path,
    config: Option<Arc<Config>>,
    bytes: Vec<u8>,
}

impl Guide<'_> {
    fn fix(&self, diff: bool, checks: &mut Checks<'_>, to: &mut dyn Write) -> anyhow::Result<u8> {
        let path = self.path.display();
        let report = checks.check(self, &self.bytes)?;
        if let Some(error) = &report.error {
            writeln!(std::io::stderr(), "verify: {path} {error}")?;
            return Ok(2);
        }
        let (fixed, taken) = self.sound_fixes(&report, checks)?;
        if diff {
            show(self.path, &self.bytes, &fixed, to)?;
        } else if fixed != self.bytes {
            write(self.path, &self.bytes, &fixed)?;
            let claims = if taken.len() == 1 { "claim" } else { "claims" };
            writeln!(to, "{path}: {} {claims} rewritten", taken.len())?;
        }
        let is_taken = |finding: &FindingReport| finding.file.is_none() && taken.contains(&finding.span);
        let left: Vec<_> = mistakes(&report).filter(|finding| !is_taken(finding)).collect();
        for finding in &left {
            let (line, column) = (finding.line, finding.column);
            let (path, _) = report.file(finding.file.as_ref());
            writeln!(to, "{path}:{line}:{column}: left: {}; {}", finding.message, finding.help)?;
        }
        let unreached: Vec<_> = report.claims.iter().filter_map(unreached).collect();
        for (claim, reason) in &unreached {
            let ((path, _), line) = (report.file(claim.file.as_ref()), claim.lines.0);
            writeln!(to, "{path}:{line}: left: {reason}")?;
        }
        let left = !left.is_empty() || !unreached.is_empty();
        Ok(u8::from(left || (diff && fixed != self.bytes)))
    }

    /// The guide with those fixes after which the claims hold, and where these claims stand.
    fn sound_fixes(
        &self,
        report: &GuideReport,
        checks: &mut Checks<'_>,
    ) -> anyhow::Result<(Vec<u8>, Places)> {
        const ROUNDS: usize = 4;
        let mut chosen = proposed(report);
        for _ in 0..ROUNDS {
            let fixed = applied(&self.bytes, &chosen);
            let again = checks.check(self, &fixed)?;
            let unsound = |index: &usize| {
                let (start, end) = place(&chosen, *index);
                let wrong = mistakes(&again)
                    .any(|finding| finding.file.is_none() && finding.span.0 < end && start < finding.span.1);
                let (finding, fix) = chosen[*index];
                let line = finding.line.wrapping_add(added_lines(&self.bytes, &chosen[..*index]));
                let last = finding.end_line.max(line) + fix.replacement.lines().count();
                // The claim must still be one: what is written could end a fence, or the comment.
                let holds = |claim: &&ClaimReport| {
                    (line..=last).contains(&claim.lines.0) && claim.decision() == Decision::Holds
                };
                wrong || !again.claims.iter().any(|claim| holds(&claim))
            };
            let sound: Vec<_> = (0..chosen.len()).filter(|index| !unsound(index)).collect();
            if sound.len() == chosen.len() {
                return Ok((fixed, chosen.iter().map(|(finding, _)| finding.span).collect()));
            }
            chosen = sound.into_iter().map(|index| chosen[index]).collect();
        }
        bail!("{}: the fixes disturb each other; mend one claim by hand and try again", self.path.display())
    }
}

/// The line of a claim that could not be looked at because something failed before, and that reason: no matter
/// of its value.
fn unreached(claim: &ClaimReport) -> Option<(&ClaimReport, &str)> {
    let mut reasons = claim.verdicts.iter().filter_map(|verdict| verdict.reason.as_deref());
    let reason = reasons.find(|reason| reason.starts_with("not reached"))?;
    (claim.certainty == Certainty::Explicit).then_some((claim, reason))
}

/// Where claims stand in a guide's text.
type Places = HashSet<(usize, usize)>;

/// The fixes that a report proposes, in order. Two claims may share their words: one fix for a place.
pub fn proposed(report: &GuideReport) -> Vec<(&FindingReport, &Fix)> {
    let mut chosen: Vec<(&FindingReport, &Fix)> = Vec::new();
    // A companion is no part of what is rewritten.
    for (finding, fix) in
        mistakes(report).filter(|f| f.file.is_none()).filter_map(|f| f.fix.as_ref().map(|fix| (f, fix)))
    {
        if chosen.last().is_none_or(|(_, last)| last.range.end <= fix.range.start) {
            chosen.push((finding, fix));
        }
    }
    chosen
}

/// The findings that say what a claim should say. What its author expects stays.
fn mistakes(report: &GuideReport) -> impl Iterator<Item = &FindingReport> {
    let about_a_claim = |f: &&FindingReport| matches!(f.code, Code::FalseClaim | Code::RestatedClaim);
    report.findings.iter().filter(about_a_claim).filter(|finding| !finding.expected)
}

/// How many lines fixes add.
fn added_lines(bytes: &[u8], fixes: &[(&FindingReport, &Fix)]) -> usize {
    let lines = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
    let added: usize = fixes.iter().map(|(_, fix)| lines(fix.replacement.as_bytes())).sum();
    let removed: usize = fixes.iter().map(|(_, fix)| lines(&bytes[fix.range.start..fix.range.end])).sum();
    // As a number that wraps: a line minus the lines that are gone before it.
    added.wrapping_sub(removed)
}

/// The bytes with all fixes in their places.
fn applied(bytes: &[u8], fixes: &[(&FindingReport, &Fix)]) -> Vec<u8> {
    let mut fixed = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for (_, Fix { range, replacement, .. }) in fixes {
        fixed.extend_from_slice(&bytes[at..range.start]);
        fixed.extend_from_slice(replacement.as_bytes());
        at = range.end;
    }
    fixed.extend_from_slice(&bytes[at..]);
    fixed
}

/// Where the claim of a fix stands in the fixed text, as bytes of the text.
fn place(fixes: &[(&FindingReport, &Fix)], index: usize) -> (usize, usize) {
    let grown = |fix: &Fix| fix.replacement.len() as i64 - (fix.range.end - fix.range.start) as i64;
    let before: i64 = fixes[..index].iter().map(|(_, fix)| grown(fix)).sum();
    let (finding, fix) = fixes[index];
    let moved = |at: usize, by: i64| (at as i64 + by).max(0) as usize;
    (moved(finding.span.0, before), moved(finding.span.1, before + grown(fix)))
}

fn show(path: &Path, bytes: &[u8], fixed: &[u8], to: &mut dyn Write) -> anyhow::Result<()> {
    let (old, new) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(fixed));
    let name = path.display().to_string();
    let diff = TextDiff::from_lines(old.as_ref(), new.as_ref());
    write!(to, "{}", diff.unified_diff().header(&name, &name))?;
    Ok(())
}

/// Replaces a guide's file at once, unless somebody has changed it since it was read.
fn write(path: &Path, read: &[u8], fixed: &[u8]) -> anyhow::Result<()> {
    // A link stays a link: the file it leads to is replaced.
    let file = path.canonicalize().with_context(|| format!("cannot find {}", path.display()))?;
    let written = || -> anyhow::Result<()> {
        let folder = file.parent().context("a file has a folder")?;
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        new.write_all(fixed)?;
        new.as_file().set_permissions(fs::metadata(&file)?.permissions())?;
        new.as_file().sync_all()?;
        if fs::read(&file)? != read {
            bail!("it was changed while it was checked: run verify fix again");
        }
        new.persist(&file)?;
        Ok(())
    };
    written().with_context(|| format!("{} is left as it is", path.display()))
}
