//! The command line: a file for each subcommand, and the one place that wires the rooms together.

mod apis;
mod attempt;
mod audit;
mod call;
mod calls;
mod candidates;
mod check;
mod completions;
mod definitions;
mod doc;
mod doctor;
mod events;
mod explain;
mod form;
mod init;
mod jobs;
mod lines;
mod logging;
mod lsp;
mod notify;
mod ops;
mod output;
mod packages;
mod permit;
mod plan;
mod push;
mod quota;
mod repl;
mod rights;
mod run;
mod sandbox;
mod scripts;
mod serve;
mod session;
mod simulate;
mod test;
mod uploads;

use crate::{
    Error,
    engine::{Sources, report},
    error::Kind,
};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use form::Form;
use logging::{Form as Log, log_to_stderr};
use std::{
    ffi::OsString,
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

/// Run scripts for short dramas, novels and videos on WeChat mini programs and Polyv.
#[derive(Debug, Parser)]
#[command(
    name = "juben",
    version,
    max_term_width = 100,
    after_help = "Try it without an account:\n  juben --sandbox\n  juben run scripts/renew_grants.rhai --sandbox\n  juben call novel.list_books limit=3 --sandbox\n  juben ops grant\n\nExit codes: 0 done, 1 failed, 2 wrong use, 3 partly done, 4 denied, 130 interrupted"
)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(flatten, next_help_heading = "Options of the prompt, which opens without a command")]
    prompt: repl::Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

// What all commands have stands behind what they have of their own.
#[derive(Debug, Clone, Args)]
struct Common {
    /// The configuration [default: juben.toml of this folder or one above, then the user's own]
    #[arg(long, global = true, display_order = 900, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where all that outlives a run is kept: uploads, jobs, events [default: JUBEN_STATE, then juben in the user's data folder]
    #[arg(long, global = true, display_order = 901, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Tell of every request, too
    #[arg(long, short, global = true, display_order = 902, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Tell nothing but errors
    #[arg(long, short, global = true, display_order = 903)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Plan(plan::Plan),
    Apply(plan::Apply),
    Repl(repl::Repl),
    Check(check::Check),
    Test(test::Test),
    Call(call::Call),
    Ops(ops::Ops),
    Doc(doc::Doc),
    Explain(explain::Explain),
    Uploads(uploads::Uploads),
    Serve(serve::Serve),
    Jobs(jobs::Jobs),
    Events(events::Events),
    Simulate(simulate::Simulate),
    Notify(notify::Notify),
    Quota(quota::Quota),
    Add(packages::Add),
    Remove(packages::Remove),
    Update(packages::Update),
    Packages(packages::Packages),
    Vendor(packages::Vendor),
    Search(packages::Search),
    New(packages::New),
    Pack(packages::Pack),
    Publish(packages::Publish),
    Key(packages::Key),
    Rights(rights::Rights),
    Audit(audit::Audit),
    #[command(hide = true)]
    Attempt(attempt::Attempt),
    Sandbox(sandbox::Sandbox),
    Init(init::Init),
    Doctor(doctor::Doctor),
    Definitions(definitions::Definitions),
    Lsp(lsp::Lsp),
    Completions(completions::Completions),
}

/// Read the command line, do what it says, and answer with an exit code.
pub fn main() -> ExitCode {
    completions::answer_a_shell();
    let sources = Sources::default();
    let words: Vec<_> = std::env::args_os().collect();
    let form = match Form::find(&Cli::command(), &words[1..], &sources) {
        Ok(form) => form,
        Err(error) => return failed(&error, &sources),
    };
    let cli = match Cli::read(&words, form.as_ref()) {
        Ok(cli) => cli,
        Err(error) => {
            if let Some(missing) = Form::missing(&Cli::command(), &words[1..]).filter(|_| form.is_none()) {
                return failed(&missing, &sources);
            }
            let error = run::hinted(error, form.is_some());
            error.print().ok();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match &cli.command {
        // Its standard error is for what it dies of.
        Some(Command::Attempt(_)) => attempt::log_to_parent(),
        // What goes on in many tests at once names none of them: who wants it asks twice.
        Some(Command::Test(_)) => {
            log_to_stderr(cli.common.verbose, cli.common.quiet || cli.common.verbose < 2, Log::Words);
        }
        // And what goes on in days within seconds.
        Some(Command::Simulate(_)) => {
            log_to_stderr(cli.common.verbose, cli.common.quiet || cli.common.verbose == 0, Log::Words);
        }
        Some(Command::Serve(serve)) => log_to_stderr(cli.common.verbose, cli.common.quiet, serve.log.into()),
        _ => log_to_stderr(cli.common.verbose, cli.common.quiet, Log::Words),
    }
    match execute(cli, &sources) {
        Ok(code) => code,
        Err(error) => failed(&error, &sources),
    }
}

impl Cli {
    /// The command line, with the options of the script that it runs.
    fn read(words: &[OsString], form: Option<&Form>) -> Result<Cli, clap::Error> {
        let Some(form) = form else { return Cli::try_parse_from(words) };
        let own = Cli::command();
        let matches = form.add_to(own.clone()).try_get_matches_from(words)?;
        let mut cli = Cli::from_arg_matches(&matches)?;
        if let (Some(command), Some((_, matches))) = (&mut cli.command, matches.subcommand()) {
            match command {
                Command::Run(run) => run.fill(form.given(&own, matches)),
                Command::Plan(plan) => plan.run.fill(form.given(&own, matches)),
                _ => {}
            }
        }
        Ok(cli)
    }
}

fn execute(cli: Cli, sources: &Sources) -> Result<ExitCode, Error> {
    let Cli { common, prompt, command } = cli;
    if command.is_some() && prompt.are_given() {
        return Err(Error::new(Kind::Usage, "these options are the prompt's: before a command they mean nothing")
            .hint("write them after the command, such as juben run script.rhai --sandbox"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::new(Kind::Limit, format!("no runtime: {error}")))?;
    let outcome = runtime.block_on(async {
        match command.unwrap_or(Command::Repl(repl::Repl { flags: prompt })) {
            Command::Run(run) => run.execute(&common, sources).await,
            Command::Plan(plan) => plan.execute(&common, sources).await,
            Command::Apply(apply) => apply.execute(&common).await,
            Command::Call(call) => call.execute(&common).await,
            Command::Ops(ops) => ops.execute(&common),
            Command::Doc(doc) => doc.execute(&common),
            Command::Uploads(uploads) => uploads.execute(&common).await,
            Command::Serve(serve) => serve.execute(&common, sources).await,
            Command::Jobs(jobs) => return jobs.execute(&common, sources).await,
            Command::Events(events) => events.execute(&common, sources).await,
            Command::Simulate(simulate) => return simulate.execute(&common, sources).await,
            Command::Notify(notify) => notify.execute(&common).await,
            Command::Quota(quota) => quota.execute(&common).await,
            Command::Add(add) => add.execute(&common, sources).await,
            Command::Remove(remove) => remove.execute(&common, sources).await,
            Command::Update(update) => update.execute(&common, sources).await,
            Command::Packages(packages) => packages.execute(&common).await,
            Command::Vendor(vendor) => vendor.execute(&common, sources).await,
            Command::Search(search) => search.execute(&common).await,
            Command::New(new) => new.execute(),
            Command::Pack(pack) => pack.execute(&common, sources),
            Command::Publish(publish) => publish.execute(&common, sources).await,
            Command::Key(key) => key.execute(&common),
            Command::Rights(rights) => rights.execute(&common).await,
            Command::Audit(audit) => audit.execute(&common).await,
            Command::Attempt(attempt) => attempt.execute().await,
            Command::Sandbox(sandbox) => sandbox.execute(&common).await,
            Command::Init(init) => init.execute(),
            Command::Repl(repl) => repl.execute(&common, sources).await,
            Command::Check(check) => return check.execute(&common),
            Command::Test(test) => return test.execute(&common).await,
            Command::Explain(explain) => explain.execute(&common).await,
            Command::Doctor(doctor) => return doctor.execute(&common).await,
            Command::Definitions(definitions) => definitions.execute(&common).await,
            Command::Lsp(lsp) => lsp.execute(&common).await,
            Command::Completions(completions) => completions.execute(&common).await,
        }
        .map(|()| ExitCode::SUCCESS)
    });
    // A script's thread that does not listen must not hold up the end.
    runtime.shutdown_background();
    outcome
}

/// Until the user (Ctrl-C) or the system asks to stop.
async fn asked_to_stop() {
    let ctrl_c = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut ended), Ok(mut hung_up)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) {
            tokio::select! {
                () = ctrl_c => {}
                _ = ended.recv() => {}
                _ = hung_up.recv() => {}
            }
            return;
        }
    }
    ctrl_c.await;
}

/// Whether to use colours there.
fn colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The width of the terminal, or a width that reads well.
fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}

fn failed(error: &Error, sources: &Sources) -> ExitCode {
    let colour = colour(&std::io::stderr());
    let text = report(error, sources, colour, width().clamp(60, 120));
    std::io::stderr().write_all(text.as_bytes()).ok();
    ExitCode::from(error.kind.exit_code())
}

/// Write data to standard output. A reader that has gone away is no error.
fn write_out(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::new(Kind::File, format!("cannot write the output: {error}")))
        }
        _ => Ok(()),
    }
}
