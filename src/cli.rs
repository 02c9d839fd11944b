//! The command line.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

use crate::check::{self, Options};
use crate::commands::guides::{guides_of, pythons_of};
use crate::commands::{explain, extract, fix, init, list};
use crate::config::Found;
use crate::judge::Code;
use crate::limits;
use crate::pythons::Wanted;
use crate::report::{self, Report, full::Style};
use crate::run::protocol::{self, Layer};
use crate::run::{Isolation, interrupt};
use crate::whole;
use crate::worker;

/// Runs the Python of Markdown guides and says which of their own words are not true.
#[derive(Debug, Parser)]
#[command(name = "verify", version, about, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: Check,
}

#[derive(Debug, Subcommand)]
enum Command {
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
    /// Write a first verify.toml from what a run of the guides lacked
    Init {
        /// Only print the JSON schema of verify.toml, for editors
        #[arg(long)]
        schema: bool,
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
    /// Serve runs to another verify (internal)
    #[command(name = protocol::WORKER, hide = true)]
    Worker { hash_seed: u32, layer: Layer, folder: Option<PathBuf> },
}

#[derive(Debug, Args)]
struct Check {
    /// Guides or folders of guides [default: those that verify.toml names]
    guides: Vec<PathBuf>,
    #[command(flatten)]
    runs: Runs,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Full)]
    format: Format,
    /// Where the report goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exit 1 also for warnings and undecided claims
    #[arg(long)]
    strict: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
    /// Only the findings
    #[arg(short, long)]
    quiet: bool,
    /// Also infos, what was expected, and what became of every claim
    #[arg(short, long)]
    verbose: bool,
}

/// What runs, and how.
#[derive(Debug, Args)]
struct Runs {
    /// Only this block or snippet: 4, 4.1, practice-problems; repeatable
    #[arg(long, value_name = "LABEL")]
    block: Vec<String>,
    /// A Python to run on, as a version (3.12) or a path; repeatable [default: those that verify.toml names,
    /// else the embedded one]
    #[arg(long, value_name = "X")]
    python: Vec<Wanted>,
    /// Snippets to run at the same time [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Real time that a snippet may take [default: what the configuration says, else 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<f64>,
    /// Install no packages that are not there already
    #[arg(long)]
    offline: bool,
    /// What happens where snippets cannot have namespaces of their own
    #[arg(long, value_enum, default_value_t = Isolation::Best)]
    sandbox: Isolation,
    /// Wait as long as snippets wait, instead of simulating it
    #[arg(long)]
    real_time: bool,
}

impl Runs {
    /// The error says which of the Pythons there is not.
    fn options(&self, guides: &[(PathBuf, Found)], quiet: bool) -> anyhow::Result<Options> {
        Ok(Options {
            blocks: self.block.clone(),
            pythons: pythons_of(&self.python, guides)?,
            jobs: self.jobs.map(usize::from),
            timeout: self.timeout.map(Duration::from_secs_f64),
            offline: self.offline,
            isolation: self.sandbox,
            virtual_time: !self.real_time,
            snapshots: true,
            progress: !quiet && io::stderr().is_terminal(),
        })
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For an author at a terminal
    Full,
    /// A line for each finding
    Concise,
    /// For programs
    Json,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    let sensible = seconds > 0.0 && seconds <= limits::LONGEST_TIMEOUT;
    let most = limits::LONGEST_TIMEOUT;
    if sensible { Ok(seconds) } else { Err(format!("must be more than 0 and at most {most}")) }
}

/// Whether this process serves runs to another verify.
pub fn is_worker() -> bool {
    std::env::args_os().nth(1).is_some_and(|argument| argument == protocol::WORKER)
}

/// Runs the command line, on a stack that deep expressions of a guide do not exhaust. Exit code 2 stands
/// for a failure of verify itself.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    if let Some(Command::Worker { hash_seed, layer, folder }) = &cli.command {
        // CPython wants the main thread.
        return finish(worker::serve(*hash_seed, *layer, folder.as_deref()).map(|()| 0));
    }
    if let Err(error) = interrupt::listen() {
        return finish(Err(error.into()));
    }
    let thread = std::thread::Builder::new().stack_size(check::STACK).spawn(|| finish(dispatch(cli)));
    let code = thread.map(std::thread::JoinHandle::join);
    interrupt::obey();
    match code {
        Ok(Ok(code)) => code,
        _ => ExitCode::from(2),
    }
}

fn finish(done: anyhow::Result<u8>) -> ExitCode {
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        // Whoever interrupted it knows.
        Err(_) if interrupt::check().is_err() => ExitCode::from(2),
        Err(error) => {
            let _ = writeln!(io::stderr(), "verify: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whoever reads our output may stop at any time; that is no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let pipe = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    };
    error.chain().any(pipe)
}

fn dispatch(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        Some(Command::Worker { .. }) => bail!("workers are served elsewhere"),
        Some(Command::Extract { check, guides }) => {
            extract::run(&guides_of(&guides)?, check, &mut io::stdout().lock())
        }
        Some(Command::Fix { diff, runs, guides }) => {
            let guides = guides_of(&guides)?;
            fix::run(&guides, diff, runs.options(&guides, false)?, &mut io::stdout().lock())
        }
        Some(Command::Init { schema: true, .. }) => init::schema(&mut io::stdout().lock()),
        Some(Command::Init { schema: false, runs, guides }) => {
            init::run(&guides, runs.options(&[], false)?, &mut io::stdout().lock())
        }
        Some(Command::Explain { code }) => explain::run(code, &mut io::stdout().lock()),
        Some(Command::List { guides }) => list::run(&guides_of(&guides)?, &mut io::stdout().lock()),
        None => run_check(&cli.check),
    }
}

fn run_check(args: &Check) -> anyhow::Result<u8> {
    let guides = guides_of(&args.guides)?;
    let report = check::check(&guides, &args.runs.options(&guides, args.quiet)?)?;
    warn(&report, args)?;
    match &args.output {
        None => {
            let mut stdout = anstream::AutoStream::new(io::stdout().lock(), choice(args.color));
            write(&report, args, io::stdout().is_terminal(), &mut stdout)?;
            stdout.flush()?;
        }
        Some(path) => write_file(&report, args, path)?,
    }
    Ok(report.exit_code(args.strict))
}

/// Says in a line each that packages are missing, and that the sandbox is not the strongest. Who switched it off
/// knows.
fn warn(report: &Report, args: &Check) -> io::Result<()> {
    // On several Pythons it is often the same.
    let mut said = Vec::new();
    for environment in report.environments.iter().filter(|_| !args.quiet) {
        let Some(error) = &environment.error else { continue };
        let line = format!("nothing is installed of {}: {error}", environment.packages.join(", "));
        if !said.contains(&line) {
            writeln!(io::stderr(), "verify: warning: {line}")?;
            said.push(line);
        }
    }
    match report.sandbox.lacks.first() {
        Some(lack) if args.runs.sandbox == Isolation::Best && !args.quiet => {
            writeln!(io::stderr(), "verify: warning: the sandbox lacks {lack} (-v says more)")
        }
        _ => Ok(()),
    }
}

fn choice(color: ColorChoice) -> anstream::ColorChoice {
    match color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
}

/// Writes the report beside its destination first: a run that is killed leaves no half report.
fn write_file(report: &Report, args: &Check, path: &Path) -> anyhow::Result<()> {
    let written = || -> anyhow::Result<()> {
        let mut file = whole::beside(path)?;
        write(report, args, false, &mut file)?;
        file.persist(path)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write the report to {}", path.display()))
}

fn write(report: &Report, args: &Check, terminal: bool, to: &mut dyn Write) -> io::Result<()> {
    match args.format {
        Format::Json => report::json::write(report, to),
        Format::Concise => report::concise::write(report, args.quiet, args.verbose, to),
        Format::Full => {
            let color = match args.color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => terminal,
            };
            let width = if terminal { terminal_width() } else { 140 };
            report::full::write(report, Style { color, quiet: args.quiet, verbose: args.verbose, width }, to)
        }
    }
}

fn terminal_width() -> usize {
    use indicatif::TermLike;
    usize::from(console::Term::stdout().width()).clamp(60, 200)
}
