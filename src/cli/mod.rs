//! Floor 7: the command line. The only place with `anyhow` and an exit status.

pub mod args;
mod audit;
mod budget;
mod check;
mod cql2;
mod demo;
mod demo_keys;
mod desk;
mod discover;
mod effect;
mod entries;
mod fetch;
mod grant;
mod key;
mod key_address;
mod key_file;
mod layer_state;
mod look;
mod member;
mod memory;
mod operator;
mod org;
mod overview;
mod policy;
mod profile;
mod progress;
mod publish;
mod reload;
mod request;
mod rule;
mod serve;
mod settings;
mod state;
mod suspend;
mod terms;
mod tokens;
mod usage;
mod whence;
mod why;

use std::process::ExitCode;

use args::Command;
use whence::Work;

use crate::config::Config;

/// Carries out a command: 0 done, 1 refused (with the reason on standard error).
pub fn run(command: Command) -> ExitCode {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !crate::ingest::is_caught() {
            usual(panic);
        }
    }));
    let done = match command {
        Command::Serve(serve) => run_serve(serve),
        Command::Reload(reload) => (reload.whence.state(Work::Rescue))
            .and_then(|folder| println_out(&reload::reload(&folder)?)),
        Command::Memory(usage) => (usage.whence.state(Work::Find))
            .and_then(|folder| println_out(&usage::ask(&folder, usage.json)?)),
        Command::Check(check) => run_check(&check),
        Command::Cql2(cql2) => run_cql2(&cql2),
        Command::Org(verb) => entries::run(verb),
        Command::Member(verb) => entries::run(verb),
        Command::Profile(verb) => entries::run(verb),
        Command::Grant(verb) => grant::run(verb),
        Command::Key(verb) => key::run(verb),
        Command::Terms(verb) => terms::run(verb),
        Command::Suspend(args) => suspend::suspend(args),
        Command::Resume(args) => suspend::resume(args),
        Command::Layer(verb) => layer_state::run(verb),
        Command::Request(verb) => request::run(verb),
        Command::Audit(args) => audit::run(args),
        Command::Policy(args) => overview::run(&args),
        Command::Why(args) => why::run(&args),
        Command::DemoKeys(args) => demo_keys::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has seen enough.
        Err(e) if is_broken_pipe(&e) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("guichet: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(e: &anyhow::Error) -> bool {
    e.downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn println_out(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

fn run_serve(serve: args::Serve) -> anyhow::Result<()> {
    log_to_stderr();
    let args::Settings { config, listen } = serve.settings;
    let paths = serve.paths.clone();
    let reread: serve::Reread = if paths.is_empty() {
        Box::new(move || whence::to_serve(config.as_deref(), listen))
    } else {
        Box::new(move || Ok(Config::for_paths(&paths, listen)?))
    };
    serve::serve(serve.paths, reread, serve.accept_older)
}

/// Warnings and errors by default; `RUST_LOG=guichet=info` shows each request.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    // Set once: a second call, in tests, changes nothing.
    let _set = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .try_init();
}

fn run_check(check: &args::Check) -> anyhow::Result<()> {
    let style = match (check.json, check.toml) {
        (true, _) => check::Style::Json,
        (_, true) => check::Style::Toml,
        _ => check::Style::Text,
    };
    let limits = crate::ingest::IngestLimits::default();
    if check::check(&check.paths, style, &limits, &mut std::io::stdout().lock())? {
        Ok(())
    } else {
        anyhow::bail!("some layers are refused")
    }
}

fn run_cql2(args: &args::Cql2) -> anyhow::Result<()> {
    let (mut out, mut faults) = (std::io::stdout().lock(), std::io::stderr().lock());
    let good = if args.filters.is_empty() {
        cql2::convert_lines(std::io::stdin().lock(), args.to, &mut out, &mut faults)?
    } else {
        cql2::convert(&args.filters, args.to, &mut out, &mut faults)?
    };
    drop(faults);
    if good {
        Ok(())
    } else {
        anyhow::bail!("some filters are faulty")
    }
}
