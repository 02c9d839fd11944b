//! The command line.

mod arguments;
mod output;
mod shard;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::{CommandFactory, Parser};

use crate::cache::Cache;
use crate::check::{self, Wanted};
use crate::commands::guides::guides_of;
use crate::commands::review::{self, Decision};
use crate::commands::watch::{self, Asked};
use crate::commands::{cache, explain, extract, fix, generated, init, list, merge};
use crate::lsp;
use crate::report::AnyReport;
use crate::run::{Isolation, interrupt, protocol};
use crate::worker;
use arguments::{Check, Cli, Command, Reports, Worker};
use output::{Place, Stream};
use shard::Shard;

/// Whether this process serves runs to another verify.
pub fn is_worker() -> bool {
    std::env::args_os().nth(1).is_some_and(|argument| argument == protocol::WORKER)
}

/// Runs the command line, on a stack that deep expressions of a guide do not exhaust. Exit code 2 stands
/// for a failure of verify itself.
pub fn run() -> ExitCode {
    if is_worker() {
        let Worker { hash_seed } = Worker::parse_from(std::env::args_os().skip(1));
        // CPython wants the main thread.
        return finish(worker::serve(hash_seed).map(|()| 0));
    }
    let cli = Cli::parse();
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
    output::choose_colours(cli.color);
    match cli.command {
        Some(Command::Extract { check, guides }) => {
            extract::run(&guides_of(&guides)?, check, &mut io::stdout().lock())
        }
        Some(Command::Fix { diff, runs, guides }) => {
            let guides = guides_of(&guides)?;
            fix::run(&guides, diff, &runs.block, runs.options(&guides, false)?, &mut io::stdout().lock())
        }
        Some(Command::Watch(args)) => {
            let options = |guides: &[_]| args.runs.options(guides, false);
            let asked = Asked { given: &args.guides, blocks: &args.runs.block, options: &options };
            watch::run(&asked, output::screen(&args))
        }
        Some(Command::Merge { parts, reports }) => run_merge(&parts, &reports),
        Some(Command::Init { schema: Some(of), .. }) => init::schema(of, &mut io::stdout().lock()),
        Some(Command::Init { schema: None, runs, guides }) => {
            init::run(&guides, &runs.block, runs.options(&[], false)?, &mut io::stdout().lock())
        }
        Some(Command::Explain { code }) => explain::run(code, &mut io::stdout().lock()),
        Some(Command::Review(chosen)) => review::run(&chosen),
        Some(Command::Accept(chosen)) => review::decide(Decision::Accept, &chosen, &mut io::stdout().lock()),
        Some(Command::Reject(chosen)) => review::decide(Decision::Reject, &chosen, &mut io::stdout().lock()),
        Some(Command::Cache { order }) => cache::run(&order, &mut io::stdout().lock()),
        Some(Command::Lsp { .. }) => lsp::run(),
        Some(Command::List { claims, guides }) => {
            list::run(&guides_of(&guides)?, claims, &mut io::stdout().lock())
        }
        Some(Command::Completions { shell }) => {
            generated::completions(shell, Cli::command(), &mut io::stdout().lock())
        }
        Some(Command::Man { folder }) => {
            generated::man(folder.as_deref(), Cli::command(), &mut io::stdout().lock())
        }
        None => run_check(&cli.check),
    }
}

fn run_check(args: &Check) -> anyhow::Result<u8> {
    let started = Instant::now();
    let guides = guides_of(&args.guides)?;
    let options = args.runs.options(&guides, args.reports.quiet)?;
    let shard = args.shard.as_ref().map(Shard::resolve).transpose()?;
    let durations = args.durations.as_deref().map(check::durations).transpose()?.unwrap_or_default();
    let wanted =
        Wanted { guides: &guides, blocks: &args.runs.block, since: args.since.as_deref(), shard, durations };
    let cache = cache_for(args)?;
    let place = Place::here();
    let mut stream = Stream::new(args, &place, &guides, options.pythons.len().max(1));
    let around = check::check_files(&wanted, options, cache.as_ref(), &mut stream)?;
    let (report, shown) = stream.report(around, started.elapsed().as_millis() as u64);
    warn(&report, args)?;
    let trouble = cache.as_ref().and_then(|cache| cache.trouble());
    if let Some(trouble) = trouble.filter(|_| !args.reports.quiet) {
        writeln!(io::stderr(), "verify: warning: {trouble}")?;
    }
    shown.end(&report)?;
    Ok(report.exit_code(args.reports.strict))
}

/// Where results are kept. What runs with its user's rights may depend on anything.
fn cache_for(args: &Check) -> anyhow::Result<Option<Arc<Cache>>> {
    if args.no_cache || args.runs.sandbox == Isolation::Off {
        return Ok(None);
    }
    Ok(Cache::of_the_environment()?.map(Arc::new))
}

fn run_merge(parts: &[PathBuf], reports: &Reports) -> anyhow::Result<u8> {
    let merge::Merged { report, lost } = merge::run(parts)?;
    for path in lost.iter().filter(|_| !reports.quiet) {
        let what = "is not here as it was checked: what needs its text does without";
        writeln!(io::stderr(), "verify: warning: {path} {what}")?;
    }
    Place::here().write(&report, reports)?;
    Ok(report.exit_code(reports.strict))
}

/// Says in a line each that packages are missing, and that the sandbox is not the strongest. Who switched it off
/// knows.
fn warn(report: &AnyReport, args: &Check) -> io::Result<()> {
    // On several Pythons it is often the same.
    let mut said = Vec::new();
    for environment in report.environments.iter().filter(|_| !args.reports.quiet) {
        let Some(error) = &environment.error else { continue };
        let line = format!("nothing is installed of {}: {error}", environment.packages.join(", "));
        if !said.contains(&line) {
            writeln!(io::stderr(), "verify: warning: {line}")?;
            said.push(line);
        }
    }
    match report.sandbox.lacks.first() {
        Some(lack) if args.runs.sandbox == Isolation::Best && !args.reports.quiet => {
            writeln!(io::stderr(), "verify: warning: the sandbox lacks {lack} (-v says more)")
        }
        _ => Ok(()),
    }
}
