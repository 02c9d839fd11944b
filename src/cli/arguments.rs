//! What can be asked for on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::shard::Shard;
use crate::check::Options;
use crate::commands::cache;
use crate::commands::explain;
use crate::commands::guides::pythons_of;
use crate::commands::init::Schema;
use crate::commands::review;
use crate::config::Found;
use crate::judge::Code;
use crate::limits;
use crate::pythons::Wanted;
use crate::report::{Destination, Format};
use crate::run::Isolation;
use crate::run::protocol;
use crate::terminal;

/// Runs the Python of Markdown guides and says which of their own words are not true.
#[derive(Debug, Parser)]
#[command(name = "verify", version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub check: Check,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, global = true)]
    pub color: ColorChoice,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write each snippet to snippets/<guide>/<id>.py
    Extract {
        /// Only compare; exit 1 where a file differs
        #[arg(long)]
        check: bool,
        /// Guides or folders of guides
        guides: Vec<PathBuf>,
    },
    /// Show blocks, snippets and claims; nothing is run
    List {
        /// Also the comments that are no claims, and what makes each comment the one or the other
        #[arg(long)]
        claims: bool,
        /// Guides or folders of guides
        guides: Vec<PathBuf>,
    },
    /// Rewrite false claims to what was observed
    Fix {
        /// Only show the changes; exit 1 where there are any
        #[arg(long)]
        diff: bool,
        #[command(flatten)]
        runs: Runs,
        /// Guides or folders of guides [default: those that verify.toml names]
        guides: Vec<PathBuf>,
    },
    /// Accept or reject pending snapshots, one by one
    Review(review::Selection),
    /// Accept pending snapshots
    Accept(review::Selection),
    /// Reject pending snapshots: they are deleted, what was reviewed stays
    Reject(review::Selection),
    /// Check, and check again at each save
    Watch(Watch),
    /// Report on a whole run from the JSON reports of its parts; guides are read again where they are there
    Merge {
        /// JSON reports of all parts of one run, see --shard; or that of a whole run
        #[arg(required = true)]
        parts: Vec<PathBuf>,
        #[command(flatten)]
        reports: Reports,
    },
    /// Write a first verify.toml from what a run of the guides lacked
    Init {
        /// Only print a JSON schema: that of verify.toml, for editors, or that of the JSON report
        #[arg(
            long,
            value_enum,
            num_args = 0..=1,
            require_equals = true,
            default_missing_value = "config",
            value_name = "WHAT"
        )]
        schema: Option<Schema>,
        #[command(flatten)]
        runs: Runs,
        /// Guides or folders of guides [default: the Markdown files below this folder]
        guides: Vec<PathBuf>,
    },
    /// Say what a finding means, with an example and what to do
    Explain {
        /// The finding's code, as in false-claim [default: list all codes]
        #[arg(value_parser = explain::known)]
        code: Option<Code>,
    },
    /// Show what is kept of earlier checks, or remove it
    Cache {
        #[command(subcommand)]
        order: cache::Order,
    },
    /// Serve an editor over standard input and output
    Lsp {
        /// What some editors add; there is no other way
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// Print what completes this command line in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    Man {
        /// Write it here, with a page for each subcommand
        folder: Option<PathBuf>,
    },
}

/// What a verify starts another one with that serves runs to it. Apart from what users may say, so that neither
/// help nor completions know of it.
#[derive(Debug, Parser)]
#[command(name = protocol::WORKER)]
pub struct Worker {
    pub hash_seed: u32,
}

#[derive(Debug, Args)]
pub struct Check {
    /// Guides or folders of guides [default: those that verify.toml names]
    pub guides: Vec<PathBuf>,
    #[command(flatten)]
    pub runs: Runs,
    /// Only snippets that changed since this git revision, and those that need them
    #[arg(long, value_name = "REF")]
    pub since: Option<String>,
    /// Stop after the first guide that is wrong; those behind it are left out
    #[arg(long, conflicts_with = "shard")]
    pub fail_fast: bool,
    /// Only the K-th of N parts, as in 1/4; auto takes both from the CI's environment, auto/N the first
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// An earlier JSON report: what took longest in it runs first, and parts are equally long; all parts take the same
    #[arg(long, value_name = "FILE")]
    pub durations: Option<PathBuf>,
    /// Run everything: take nothing from earlier checks, and keep nothing
    #[arg(long)]
    pub no_cache: bool,
    #[command(flatten)]
    pub reports: Reports,
}

/// What is reported, how, and where to.
#[derive(Debug, Args)]
pub struct Reports {
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Full)]
    pub format: Format,
    /// Where the report goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// One more report, as in json=report.json; repeatable
    #[arg(long, value_name = "FORMAT=FILE")]
    pub report: Vec<Destination>,
    /// Show no more findings than these in the formats full and concise; all are counted
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_findings: Option<u32>,
    /// Exit 1 also for warnings and undecided claims
    #[arg(long)]
    pub strict: bool,
    /// Only the findings
    #[arg(short, long)]
    pub quiet: bool,
    /// Also infos, what was expected, and what became of every comment
    #[arg(short, long)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
pub struct Watch {
    /// Guides or folders of guides [default: those that verify.toml names]
    pub guides: Vec<PathBuf>,
    #[command(flatten)]
    pub runs: Runs,
    /// How findings are shown
    #[arg(long, value_name = "FORMAT", default_value = "full", value_parser = for_people())]
    pub format: Format,
    /// Also infos, what was expected, and what became of every claim
    #[arg(short, long)]
    pub verbose: bool,
}

/// What runs, and how.
#[derive(Debug, Args)]
pub struct Runs {
    /// Only this block or snippet: 4, 4.1, practice-problems; repeatable
    #[arg(long, value_name = "LABEL")]
    pub block: Vec<String>,
    /// A Python to run on, as a version (3.12) or a path; repeatable [default: those that verify.toml names,
    /// else the embedded one]
    #[arg(long, value_name = "X")]
    pub python: Vec<Wanted>,
    /// Snippets to run at the same time [default: three for every two processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Real time that a snippet may take [default: what the configuration says, else 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<f64>,
    /// Install no packages that are not there already
    #[arg(long)]
    pub offline: bool,
    /// What happens where snippets cannot have namespaces of their own
    #[arg(long, value_enum, default_value_t = Isolation::Best)]
    pub sandbox: Isolation,
    /// Wait as long as snippets wait, instead of simulating it
    #[arg(long)]
    pub real_time: bool,
}

impl Runs {
    /// The error says which of the Pythons there is not.
    pub fn options(&self, guides: &[(PathBuf, Found)], quiet: bool) -> anyhow::Result<Options> {
        Ok(Options {
            pythons: pythons_of(&self.python, guides)?,
            jobs: self.jobs.map(usize::from),
            timeout: self.timeout.map(Duration::from_secs_f64),
            offline: self.offline,
            isolation: self.sandbox,
            virtual_time: !self.real_time,
            snapshots: true,
            progress: !quiet && terminal::can_draw(),
        })
    }
}

/// The formats that are for a terminal.
fn for_people() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["full", "concise"])
        .map(|name| Format::from_str(&name, false).expect("the name of a format"))
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    let sensible = seconds > 0.0 && seconds <= limits::LONGEST_TIMEOUT;
    let most = limits::LONGEST_TIMEOUT;
    if sensible { Ok(seconds) } else { Err(format!("must be more than 0 and at most {most}")) }
}
