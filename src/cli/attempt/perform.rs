//! One attempt from beginning to end, in this process.

use crate::{
    Error,
    cli::{
        calls,
        lines::done,
        packages::{Chosen, script},
        permit::Grants,
        session::until_cancelled,
    },
    client::{Client, Run, encode, sha256},
    config::Config,
    engine::{self, Script, Sources},
    error::Kind,
    host::{Host, Job, Line},
    scheduler::{Attempt, Ended, Outcome, Tell, Told, Trouble},
    store::Store,
};
use rhai::Dynamic;
use std::{
    future::ready,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{runtime::Handle, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::Level;

/// A larger result is not kept.
const LARGEST_RESULT: usize = 1 << 20;

/// More of a line is not kept.
const LONGEST_LINE: usize = 64 << 10;

/// The columns of a report.
const WIDTH: usize = 100;

/// What runs of one configuration have in common.
pub(in crate::cli) struct Means {
    pub client: Arc<Client>,
    pub store: Arc<Store>,
    pub config: Arc<Config>,
    /// With the packages that their scripts may import.
    pub sources: Sources,
}

/// Run the script of an attempt to its end. Parameters that are paths start at the current folder, as on the command
/// line; the script's own start at its folder.
pub(in crate::cli) async fn perform(
    attempt: &Attempt,
    means: Means,
    stop: CancellationToken,
    deadline: Option<Instant>,
    tell: Tell,
) -> Ended {
    let (sources, limits) = (means.sources.clone(), means.config.limits.clone());
    // What a script of a package reads and writes starts where juben.toml is.
    let here = means.config.file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let Chosen { script, folder } = match script(&attempt.script, sources.packages(), here) {
        Ok(chosen) => chosen,
        Err(error) => return failed(&error, &sources),
    };
    let script_hash = Some(hash(&script));
    let outcome = match host(attempt, &script, folder, means, stop.clone(), deadline, tell.clone()).await {
        Ok(host) => {
            let run = engine::run(script, Arc::new(host), limits, sources.clone());
            until_cancelled(&stop, deadline, run).await
        }
        Err(error) => Err(error),
    };
    let late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
    let ended = match outcome {
        Ok(value) => Ended { outcome: Outcome::Done, script_hash: None, result: kept(&value, &tell), trouble: None },
        Err(error) => unwell(error, stop.is_cancelled(), late, &sources, &tell),
    };
    Ended { script_hash, ..ended }
}

/// A script may throw any kind by itself: what ends so was stopped or late only if that is so.
fn unwell(error: Error, stopped: bool, late: bool, sources: &Sources, tell: &Tell) -> Ended {
    match error.kind {
        Kind::Partial => {
            // What is done is thrown along with what is not.
            let done = error.reply.as_ref().and_then(|reply| reply.get("result"));
            let result = done.and_then(|value| kept(value, tell));
            Ended { outcome: Outcome::Partial, result, ..failed(&error, sources) }
        }
        Kind::Cancelled if stopped => Ended { outcome: Outcome::Cancelled, ..failed(&error, sources) },
        Kind::Limit if late => {
            let error = error.hint("give it more by `timeout` in its [[job]], such as timeout = \"2h\"");
            Ended { outcome: Outcome::TimedOut, ..failed(&error, sources) }
        }
        _ => failed(&error, sources),
    }
}

/// What a script is known by: SHA-256 of its text in hex.
pub(super) fn hash(script: &Script) -> String {
    sha256(script.text.as_bytes())
}

/// It ended with this error.
pub(super) fn failed(error: &Error, sources: &Sources) -> Ended {
    let trouble = Trouble {
        kind: error.kind.name().to_owned(),
        message: shortened(&error.to_string()),
        hint: error.hint.as_deref().map(shortened),
        report: shortened(&engine::report(error, sources, false, WIDTH)),
    };
    Ended { outcome: Outcome::Failed, script_hash: None, result: None, trouble: Some(trouble) }
}

async fn host(
    attempt: &Attempt,
    script: &Script,
    folder: PathBuf,
    Means { client, store, config, sources }: Means,
    cancel: CancellationToken,
    deadline: Option<Instant>,
    tell: Tell,
) -> Result<Host, Error> {
    let finder = engine::finder(folder.clone(), sources.packages().clone());
    let arguments = script.arguments(Vec::new(), attempt.parameters.clone(), &finder)?;
    if let Some(name) = &attempt.account {
        client.accounts().named(name)?;
    }
    let grants = Grants::of_others(&config, client.catalog(), &store);
    let guard = grants.guard(script, &folder, &sources).await?;
    let agreed = attempt.yes;
    let run = Run { name: format!("{}/{}", attempt.job, attempt.run), ..calls::run(script, sources.packages()) };
    let client = observed(&client, &tell).of_run(run).guarded(Arc::new(guard));
    let client = client.ask(move |_| Box::pin(ready(Ok(agreed))));
    Ok(Host {
        client: Arc::new(client),
        store,
        runtime: Handle::current(),
        cancel,
        deadline,
        folder,
        arguments,
        output: Box::new(move |line| said(line).into_iter().for_each(|told| tell(told))),
        account: attempt.account.clone().into(),
        called: Default::default(),
        engine: Default::default(),
        job: Some(Job { name: attempt.job.clone(), run: attempt.run, event: attempt.event.clone() }),
        own: Default::default(),
    })
}

/// The client of a run, whose calls are told.
pub(super) fn observed(client: &Client, tell: &Tell) -> Client {
    let tell = tell.clone();
    client.for_run(move |called| tell(Told::Called(calls::told(called))))
}

fn said(line: Line<'_>) -> Option<Told> {
    match line {
        Line::Printed(text) => Some(Told::Printed(shortened(text))),
        Line::Logged(level, text) => Some(Told::Logged(level, shortened(text))),
        Line::Finished(progress) => done(progress).map(|text| Told::Logged(Level::INFO, text)),
        Line::Progress(_) | Line::Abandoned => None,
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST_LINE {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(LONGEST_LINE);
    format!("{}… (cut: it has {} bytes)", &text[..end], text.len())
}

/// The result as JSON; `()` is none.
fn kept(value: &Dynamic, tell: &Tell) -> Option<String> {
    if value.is_unit() {
        return None;
    }
    let reason = match encode(value) {
        Ok(text) if text.len() <= LARGEST_RESULT => return Some(text),
        Ok(text) => format!("it has {} bytes as JSON, and {LARGEST_RESULT} are the most that are", text.len()),
        Err(error) => error.to_string(),
    };
    tell(Told::Logged(Level::WARN, format!("the result is not kept: {reason}")));
    None
}
