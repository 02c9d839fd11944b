//! Whether what was seen is what must be seen. Each thing that is wrong is one line.

use crate::case::{Case, Expected, Kind};
use crate::order::Seen;
use crate::report::{Claim, Guide, Report, Run};
use crate::scene::CONTROL;

/// The headings of the control guide, with the verdict on the claims below each.
const SECTIONS: [(&str, &str); 2] = [("What is so", "holds"), ("What is not so", "false")];
/// What the secret begins with; nothing else says it.
const SECRET: &str = "secret-of-";
/// What stands between code and a claim in the control guide.
const CLAIM: &str = "  # ";

/// Everything that is wrong.
pub fn wrongs(case: &Case, seen: &Seen) -> Vec<String> {
    let mut wrongs = seen.wrongs.clone();
    // The control guide's false claims make it 1.
    let exit = i32::from(case.kind == Kind::Attack);
    if seen.exit != Some(exit) {
        wrongs.push(format!("exit code {:?} instead of {exit}", seen.exit));
    }
    if seen.stdout.contains(SECRET) || seen.stderr.contains(SECRET) {
        wrongs.push("the secret is in the report".into());
    }
    let report: Report = match serde_json::from_str(&seen.stdout) {
        Ok(report) => report,
        Err(error) => return [wrongs, vec![format!("standard output is no report: {error}")]].concat(),
    };
    let guide = |name: &str| report.guides.iter().find(|guide| guide.path.ends_with(name));
    let Some(own) = guide("guide.md") else {
        return [wrongs, vec!["the report lacks the guide".into()]].concat();
    };
    wrongs.extend(own.error.iter().map(|error| format!("the guide could not be checked: {error}")));
    wrongs.extend(wrongs_of_guide(&case.expected, own));
    match (case.kind, guide("control.md")) {
        (Kind::Honest, _) => wrongs.extend(wrongs_of_honest(&case.guide, own)),
        (Kind::Attack, Some(control)) => wrongs.extend(wrongs_of_control(control)),
        (Kind::Attack, None) => wrongs.push("the report lacks the control guide".into()),
    }
    wrongs
}

fn wrongs_of_control(control: &Guide) -> Vec<String> {
    let mut wrongs: Vec<_> = control.error.iter().map(|error| format!("the control: {error}")).collect();
    wrongs.extend(unclaimed(CONTROL, control).map(|line| format!("control, {line}")));
    for claim in &control.claims {
        let heading = control.heading(claim.snippet.as_deref());
        match SECTIONS.iter().find(|section| Some(section.0) == heading) {
            Some((_, verdict)) => {
                wrongs.extend(
                    not_among(&[(*verdict).to_owned()], claim).map(|wrong| format!("control, {wrong}")),
                );
            }
            None => wrongs.push(format!("control, line {}: a claim of no section", claim.lines.0)),
        }
    }
    wrongs
}

/// Lines with a claim that the report does not have: one that may be a remark is none if it does not match.
fn unclaimed<'t>(text: &'t str, guide: &'t Guide) -> impl Iterator<Item = String> + 't {
    let written = text.lines().enumerate().filter(|(_, line)| line.contains(CLAIM));
    let lines = written.filter(|(index, _)| !guide.claims.iter().any(|claim| claim.lines.0 == index + 1));
    lines.map(|(index, line)| format!("line {}: no claim, so it does not hold: {line}", index + 1))
}

fn not_among(allowed: &[String], claim: &Claim) -> Option<String> {
    let verdict = claim.verdicts.first()?;
    let (line, text, is) = (claim.lines.0, &claim.text, &verdict.verdict);
    let why = verdict.actual.as_ref().or(verdict.reason.as_ref()).cloned().unwrap_or_default();
    let fits = allowed.contains(is);
    (!fits).then(|| format!("line {line}: `{text}` is {is} instead of {}: {why}", allowed.join(" or ")))
}

fn wrongs_of_guide(expected: &Expected, guide: &Guide) -> Vec<String> {
    let mut wrongs = Vec::new();
    let runs: Vec<&Run> = guide.runs().collect();
    if runs.is_empty() {
        wrongs.push("nothing was run".into());
    }
    if !expected.status.is_empty() {
        let others = runs.iter().filter(|run| !expected.status.contains(&run.status));
        wrongs.extend(
            others.map(|run| format!("status {} instead of {}", run.status, expected.status.join(" or "))),
        );
    }
    let output: String = runs.iter().map(|run| run.stdout.as_str()).collect();
    let missing = expected.prints.iter().filter(|text| !output.contains(text.as_str()));
    wrongs.extend(missing.map(|text| format!("`{text}` was not printed")));
    let present = expected.never.iter().filter(|text| output.contains(text.as_str()));
    wrongs.extend(present.map(|text| format!("`{text}` was printed")));
    wrongs.extend(wrongs_of_findings(expected, guide));
    for (piece, allowed) in &expected.claims {
        wrongs.extend(wrongs_of_claims(piece, allowed, guide));
    }
    wrongs
}

fn wrongs_of_findings(expected: &Expected, guide: &Guide) -> Vec<String> {
    let mut wrongs = Vec::new();
    let reported = guide.findings.iter().any(|found| expected.findings.contains(&found.code));
    if !expected.findings.is_empty() && !reported {
        wrongs.push(format!("no finding {}", expected.findings.join(" or ")));
    }
    let texts =
        guide.findings.iter().map(|found| (&found.message, found.help.as_deref().unwrap_or_default()));
    let texts: Vec<_> = texts.map(|(message, help)| format!("{message}\n{help}").to_lowercase()).collect();
    let named = expected.names.iter().any(|word| texts.iter().any(|text| text.contains(word.as_str())));
    if !expected.names.is_empty() && !named {
        wrongs.push(format!("no finding speaks of {}", expected.names.join(" or ")));
    }
    wrongs
}

/// A claim is known by a piece of what it says.
fn wrongs_of_claims(piece: &str, allowed: &[String], guide: &Guide) -> Vec<String> {
    let about: Vec<_> = guide.claims.iter().filter(|claim| claim.text.contains(piece)).collect();
    if about.is_empty() {
        return vec![format!("nothing claims `{piece}`")];
    }
    about.into_iter().filter_map(|claim| not_among(allowed, claim)).collect()
}

fn wrongs_of_honest(text: &str, guide: &Guide) -> Vec<String> {
    let mut wrongs: Vec<_> = unclaimed(text, guide).collect();
    if guide.claims.is_empty() {
        wrongs.push("it claims nothing".into());
    }
    let holds = ["holds".to_owned()];
    wrongs.extend(guide.claims.iter().filter_map(|claim| not_among(&holds, claim)));
    wrongs.extend(guide.runs().filter(|run| run.status != "ran").map(|run| format!("status {}", run.status)));
    let errors = guide.findings.iter().filter(|found| found.severity == "error");
    wrongs.extend(errors.map(|found| format!("line {}: {}: {}", found.line, found.code, found.message)));
    wrongs
}
