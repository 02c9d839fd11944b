//! The last lines of a report for people.

use std::io::{self, Write};
use std::path::Path;

use super::{AnyReport, ClaimReport, GuideReport, Report, Summary, VerdictReport};
use crate::judge::{Decision, Severity, one_line};
use crate::terminal::clean;

/// So many guides are not looked through one by one.
const MANY: usize = 20;

/// A severity's name.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// What was checked and what came of it, in one line.
pub fn line<G: ?Sized>(report: &Report<G>) -> String {
    let sum = &report.summary;
    format!("{}; {}; {}", asked(report), decided(sum), findings(sum))
}

/// How much was checked, of how much.
fn asked<G: ?Sized>(report: &Report<G>) -> String {
    let sum = &report.summary;
    let guides = count(sum.guides, "guide");
    let asked = match &report.since {
        Some(since) => {
            let all = count(since.snippets, "snippet");
            format!("{} of {all} in {guides}, changed since {}", sum.snippets, since.revision)
        }
        None => format!("{} in {guides}", count(sum.snippets, "snippet")),
    };
    let part = report.shard.as_ref().map(|shard| format!(", part {} of {}", shard.index, shard.count));
    let left_out = match report.left_out {
        0 => String::new(),
        guides => format!(", {} left out after the first that is wrong", count(guides, "guide")),
    };
    asked + &part.unwrap_or_default() + &left_out
}

/// Writes what was checked, what came of it, and what nobody checks; of many guides, also where something was found.
pub fn write(report: &AnyReport, to: &mut dyn Write) -> io::Result<()> {
    folders(report, to)?;
    writeln!(to, "{}\n{}\n{}", checked(report), counted(&report.summary), findings(&report.summary))
}

/// A line for each folder in which something was found, where many guides of several folders were checked.
fn folders(report: &AnyReport, to: &mut dyn Write) -> io::Result<()> {
    let folders = report.tally.folders();
    if report.guides.len() < MANY || folders.len() < 2 {
        return Ok(());
    }
    for (folder, counts) in folders.iter().filter(|(_, counts)| !counts.is_clean()) {
        let (sum, unread) = (&counts.summary, counts.unread);
        let name = if folder.as_os_str().is_empty() { Path::new(".") } else { folder.as_path() };
        let unread = if unread > 0 { format!(", {unread} not checked") } else { String::new() };
        let (name, guides) = (name.display().to_string(), count(sum.guides, "guide"));
        writeln!(to, "{}: {guides}{unread}: {}", clean(&name), findings(sum))?;
    }
    match folders.values().filter(|counts| counts.is_clean()).count() {
        0 => writeln!(to),
        clean => writeln!(to, "{} without findings\n", count(clean, "folder")),
    }
}

/// What was checked, on what.
pub fn checked(report: &AnyReport) -> String {
    let sum = &report.summary;
    let pythons: Vec<_> = report.pythons.iter().map(|p| format!("{} {}", p.implementation, p.id)).collect();
    format!("{}, run on {} in {}", asked(report), pythons.join(", "), duration(sum.duration_ms))
}

/// What came of the claims.
pub fn counted(sum: &Summary) -> String {
    let mut line = decided(sum);
    if sum.undecided > 0 {
        line += " (-v says why)";
    }
    if sum.unverified > 0 {
        let verb = if sum.unverified == 1 { "has" } else { "have" };
        line += &format!("; {} {verb} nothing checked", count(sum.unverified, "snippet"));
    }
    line
}

fn decided(sum: &Summary) -> String {
    let Summary { holds, false_, undecided, .. } = sum;
    format!("{}: {holds} hold, {false_} false, {undecided} undecided", count(sum.claims, "claim"))
}

/// How much was found.
pub fn findings(sum: &Summary) -> String {
    let mut line = match (sum.errors, sum.warnings) {
        (0, 0) => "no findings".to_owned(),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    };
    if sum.expected > 0 {
        line += &format!(" ({} more expected)", sum.expected);
    }
    line
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A duration in words.
pub fn duration(ms: u64) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{:.1} s", ms as f64 / 1000.0) }
}

/// Writes where the snippets ran and how they waited.
pub fn surroundings(report: &AnyReport, to: &mut dyn Write) -> io::Result<()> {
    let sandbox = &report.sandbox;
    let simulated: Vec<_> = report.pythons.iter().filter(|p| p.virtual_time).map(|p| p.id.as_str()).collect();
    let time = match simulated[..] {
        [] => "waiting is real".to_owned(),
        _ if report.virtual_time => "waiting is simulated".to_owned(),
        _ => format!("waiting is simulated on {} only", simulated.join(", ")),
    };
    let lacks = match sandbox.lacks.join("; ") {
        none if none.is_empty() => none,
        lacks => format!(" (it lacks {lacks})"),
    };
    writeln!(to, "sandbox: {}{lacks}; {time}", sandbox.layer.name())
}

/// What became of every comment, in the order of their lines: of those that are claims, and of those that are none.
pub fn comments(guide: &GuideReport, to: &mut dyn Write) -> io::Result<()> {
    let claims = guide.claims.iter().flat_map(|claim| {
        let lines =
            decided_on(claim).into_iter().map(|(line, pythons)| match pythons.len() < claim.verdicts.len() {
                true => format!("{line} ({})", pythons.join(", ")),
                false => line,
            });
        lines.map(|line| (claim.file.as_ref(), claim.lines.0, line))
    });
    let remarks = guide.remarks.iter().map(|remark| {
        let line = format!("no claim: {} | {}", one_line(&remark.text), remark.why);
        (remark.file.as_ref(), remark.line, line)
    });
    let mut comments: Vec<_> = claims.chain(remarks).collect();
    comments.sort_by_key(|(file, line, _)| (*file, *line));
    comments.iter().try_for_each(|(file, line, text)| {
        let (path, _) = guide.file(*file);
        writeln!(to, "{path}:{line}: {}", clean(text))
    })
}

/// What became of a claim, each with the Pythons on which that is so.
fn decided_on(claim: &ClaimReport) -> Vec<(String, Vec<&str>)> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for verdict in &claim.verdicts {
        let line = self::verdict(claim, verdict);
        match groups.iter_mut().find(|(other, _)| *other == line) {
            Some((_, pythons)) => pythons.push(&verdict.python),
            None => groups.push((line, vec![&verdict.python])),
        }
    }
    groups
}

fn verdict(claim: &ClaimReport, verdict: &VerdictReport) -> String {
    let decision = match verdict.verdict {
        Decision::Holds => "holds",
        Decision::False => "false",
        Decision::Undecided | Decision::Remark => "undecided",
    };
    let mut line = format!("{decision}: {}", one_line(claim.text.trim()));
    if let Some(actual) = verdict.actual.as_ref().filter(|_| verdict.verdict != Decision::Holds) {
        line += &format!(" | observed: {}", one_line(actual));
    }
    if let Some(reason) = &verdict.reason {
        line += &format!(" | {reason}");
    }
    let ClaimReport { kind, form, certainty, marked, .. } = claim;
    line + &format!(" | {}, {}, {}", kind.name(), form.name(), certainty.basis(*marked))
}
