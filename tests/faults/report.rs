//! The JSON report, as far as the trials read it.

use serde::Deserialize;

use crate::order::Seen;

#[derive(Deserialize)]
pub struct Report {
    pub guides: Vec<Guide>,
}

#[derive(Deserialize)]
pub struct Guide {
    pub path: String,
    pub error: Option<String>,
    pub snippets: Vec<Snippet>,
    pub claims: Vec<Claim>,
    pub findings: Vec<Finding>,
}

#[derive(Deserialize)]
pub struct Snippet {
    pub id: String,
    pub headings: Vec<String>,
    pub runs: Vec<Run>,
}

#[derive(Deserialize)]
pub struct Run {
    pub status: String,
    pub stdout: String,
    pub stderr: String,
}

#[derive(Deserialize)]
pub struct Claim {
    pub lines: (usize, usize),
    pub snippet: Option<String>,
    pub text: String,
    pub verdicts: Vec<Verdict>,
}

#[derive(Deserialize)]
pub struct Verdict {
    pub verdict: String,
    pub actual: Option<String>,
    pub reason: Option<String>,
}

#[derive(Deserialize)]
pub struct Finding {
    pub code: String,
    pub severity: String,
    pub line: usize,
    pub message: String,
    pub help: Option<String>,
}

impl Guide {
    /// Its runs, in order.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.snippets.iter().flat_map(|snippet| &snippet.runs)
    }

    /// The last heading above a snippet.
    pub fn heading(&self, snippet: Option<&str>) -> Option<&str> {
        let found = self.snippets.iter().find(|candidate| Some(candidate.id.as_str()) == snippet)?;
        found.headings.last().map(String::as_str)
    }
}

/// What somebody needs to see who wonders why a trial failed.
pub fn excerpt(seen: &Seen) -> String {
    let Ok(report) = serde_json::from_str::<Report>(&seen.stdout) else {
        return format!("no report; standard error:\n{}", cut(&seen.stderr));
    };
    let Some(guide) = report.guides.first() else { return "no guide".into() };
    let mut lines = Vec::new();
    for run in guide.runs() {
        lines.push(format!("run: {}\n{}{}", run.status, cut(&run.stdout), cut(&run.stderr)));
    }
    for found in &guide.findings {
        let help = found.help.as_deref().unwrap_or_default();
        lines.push(format!("finding: line {}: {}: {}\n    {help}", found.line, found.code, found.message));
    }
    lines.join("\n")
}

fn cut(text: &str) -> String {
    text.lines()
        .take(12)
        .map(|line| format!("    {}\n", line.chars().take(200).collect::<String>()))
        .collect()
}
