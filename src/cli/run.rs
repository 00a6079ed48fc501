//! `juben run SCRIPT` — run one script to its end.

use super::{
    Common, calls,
    lines::Lines,
    output::{Output, write_result},
    packages::{Chosen, script},
    permit::{self, Grants},
    plan,
    session::{Cassette, Session, Target, until_stopped},
};
use crate::{
    Error,
    client::{Client, sha256},
    config::{self, Config},
    engine::{self, Defined, Script, Sources},
    error::Kind,
    helpers::plan::{Plan, Recorder},
    host::{Arguments, Host, Line},
    rights::{Guard, Rights},
    store::Store,
};
use clap::{
    Args,
    error::{ContextKind, ContextValue, ErrorKind},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{runtime::Handle, time::Instant};
use tokio_util::sync::CancellationToken;

/// Run a script to its end
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben run scripts/renew_grants.rhai --sandbox\n  juben run scripts/renew_grants.rhai --days 45 --account main --dry-run\n  juben run scripts/renew_grants.rhai --help\n  juben run report.rhai --output csv > report.csv\n  juben run report.rhai --allow read,files-write:./out"
)]
pub(super) struct Run {
    /// The script, or that of a package: team/grants/report
    script: PathBuf,
    /// What the script reads by `args::at`
    arguments: Vec<String>,
    /// What the script reads by `args::get`; may be given several times
    #[arg(long = "arg", value_name = "NAME=VALUE", value_parser = named)]
    named: Vec<(String, String)>,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    permission: permit::Flags,
    #[command(flatten)]
    cassette: Cassette,
    /// How the result is written [default: table on a terminal, jsonl otherwise]
    #[arg(long, value_enum)]
    output: Option<Output>,
    /// Stop the script after so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    timeout: Option<Duration>,
    /// Keeps the writes instead of the platforms, if it is planned
    #[arg(skip)]
    planner: Option<Arc<Recorder>>,
}

pub(super) fn named(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|seconds| !seconds.is_zero()).ok_or_else(|| "give a number of seconds, above 0".to_owned())
}

/// What the command line is not, with what was probably meant.
pub(super) fn hinted(mut error: clap::Error, of_script: bool) -> clap::Error {
    let script = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) if word.ends_with(".rhai") => Some(word.clone()),
        _ => None,
    };
    if let Some(script) = script {
        let hint = format!("a script is run by `juben run {script}`");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
    } else if of_script && error.kind() == ErrorKind::UnknownArgument && error.get(ContextKind::SuggestedArg).is_none()
    {
        let hint = "the head of the script declares no such parameter; `--help` behind its name lists them";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
    }
    error
}

/// A module to import was run: nothing has happened.
fn warn_of_nothing(defined: &[Defined]) {
    let functions = defined.iter().filter(|function| function.public);
    let names: Vec<_> = functions.map(|function| format!("{}/{}", function.name, function.parameters)).collect();
    tracing::warn!(
        "the script only defines functions, and has done nothing: {}; import it to call them",
        names.join(", ")
    );
}

impl Run {
    pub(super) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        let project = Config::file(common.config.as_deref())?;
        let packages = permit::packages(project.as_ref().map(|(path, text)| (path.as_path(), text.as_str())))?;
        let Chosen { script, folder } = script(&self.script, &packages, Path::new(""))?;
        let sources = sources.with(packages.clone());
        let find = engine::finder(folder.clone(), packages);
        let arguments = script.arguments(self.arguments.clone(), self.named.clone(), &find)?;
        let session = Session::open(&self.target, &self.cassette, common).await?;
        let guard = self.guard(&script, &folder, &sources, &session, common).await?;
        let limits = session.config.limits.clone();
        let cancel = CancellationToken::new();
        let planned = self.planner.is_some();
        if let Some(planner) = &self.planner {
            let parts = plan::parts(&script, &folder, &sources, session.client.catalog())?;
            planner.parts.set(parts).ok();
        }
        let client = session.client.of_run(calls::run(&script, sources.packages()));
        let client = self.for_plan(self.permission.asking(client)).guarded(Arc::new(guard));
        let (client, store) = (Arc::new(client), session.store);
        let host = self.host(client.clone(), arguments, store.clone(), session.account, common, cancel.clone());
        let host = Arc::new(Host { folder, ..host });
        let deadline = host.deadline;
        let defined = engine::only_defined(&script).unwrap_or_default();
        let outcome = until_stopped(cancel, deadline, engine::run(script, host, limits, sources)).await;
        calls::keep(&session.meter, &store).await;
        if let Some(planner) = &self.planner {
            planner.files.set(client.files().written()).ok();
        }
        if outcome.is_ok() && !defined.is_empty() {
            warn_of_nothing(&defined);
        }
        match client.ended(outcome) {
            Ok(_) if planned => Ok(()),
            Ok(result) => write_result(&result, self.output),
            Err(error) => {
                // A script that is done in part throws what it has done along with what it has not.
                if error.kind == Kind::Partial
                    && !planned
                    && let Some(result) = error.reply.as_ref().and_then(|reply| reply.get("result"))
                {
                    write_result(result, self.output)?;
                }
                Err(error)
            }
        }
    }

    /// Plan it: let its writes be kept there. What it prints goes to the person who watches.
    pub(super) fn planned(self, planner: &Arc<Recorder>, plan: &Plan) -> Run {
        Run { planner: Some(planner.clone()), target: self.target.beginning(plan.sandbox), ..self }
    }

    /// The form of output that was chosen.
    pub(super) fn output(&self) -> Option<Output> {
        self.output
    }

    /// What was given that says nothing to a plan, and why.
    pub(super) fn beside_a_plan(&self) -> Option<(&'static str, &'static str)> {
        [
            ("--dry-run", self.target.is_dry(), "no write is sent while a script is planned"),
            ("--yes", self.permission.is_yes(), "nothing has to be agreed to before `juben apply`, which has --yes"),
            ("--limit-rate", self.target.is_limited(), "no file is sent while a script is planned"),
            ("--record", self.cassette.is_given(), "only a run is recorded or replayed"),
        ]
        .into_iter()
        .find_map(|(flag, given, why)| given.then_some((flag, why)))
    }

    /// What a plan says of this run.
    pub(super) fn plan(&self, common: &Common) -> Result<Plan, Error> {
        let packages = crate::cli::packages::installed(common)?;
        let Chosen { script, .. } = script(&self.script, &packages, Path::new(""))?;
        Ok(Plan {
            script_hash: sha256(script.text.as_bytes()),
            script: script.name,
            arguments: self.arguments.clone(),
            named: self.named.iter().cloned().collect(),
            account: self.target.account.clone(),
            packages: calls::versions(&packages),
            sandbox: self.target.sandbox.then(|| jiff::Timestamp::now().as_second()),
            ..Plan::default()
        })
    }

    /// What it may do.
    async fn guard(
        &self,
        script: &Script,
        folder: &Path,
        sources: &Sources,
        session: &Session,
        common: &Common,
    ) -> Result<Guard, Error> {
        let grants = Grants {
            allow: self.permission.allowed(),
            config: &session.config,
            catalog: session.client.catalog(),
            store: &Store::at(config::state_folder(common.state.as_deref())?),
            may_ask: permit::can_ask(),
            by_command: true,
            besides: Rights::default(),
        };
        grants.guard(script, folder, sources).await
    }

    /// Add what the options give that the script's form has.
    pub(super) fn fill(&mut self, given: Vec<(String, String)>) {
        self.named.extend(given);
    }

    fn for_plan(&self, client: Client) -> Client {
        self.planner.iter().fold(client, |client, planner| client.plan(planner.clone()))
    }

    fn host(
        &self,
        client: Arc<Client>,
        arguments: Arguments,
        store: Arc<Store>,
        account: Option<String>,
        common: &Common,
        cancel: CancellationToken,
    ) -> Host {
        let (lines, planned) = (Lines::new(common), self.planner.is_some());
        let write = move |line: Line<'_>| match line {
            Line::Printed(text) if planned => lines.write(Line::Logged(tracing::Level::INFO, text)),
            line => lines.write(line),
        };
        Host {
            client,
            store,
            runtime: Handle::current(),
            cancel,
            deadline: self.timeout.map(|timeout| Instant::now() + timeout),
            folder: PathBuf::new(),
            arguments,
            output: Box::new(write),
            account: account.into(),
            called: Default::default(),
            engine: Default::default(),
            job: None,
            own: Default::default(),
        }
    }
}
