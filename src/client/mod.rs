//! One call of one operation: account, token, signature, pacing, retry, and an honest answer.

mod account;
mod json;
mod look;
mod pace;
mod reply;
mod request;
mod retry;
mod sign;
mod token;
mod transport;

pub use account::{Account, Accounts};
pub use json::{decode, encode, encode_pretty};
pub(crate) use look::at;
pub(crate) use request::script_value;

use crate::{
    Error,
    catalog::{Catalog, Effect, Operation, RetryWhen, check},
    config::{Config, Vendor},
    error::Kind,
    secret::Secret,
};
use request::Draft;
use retry::Failure;
use rhai::Map;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Makes calls for all accounts of a configuration.
#[derive(Debug)]
pub struct Client {
    catalog: Arc<Catalog>,
    accounts: Accounts,
    http: crate::config::Http,
    transport: transport::Transport,
    tokens: token::Tokens,
    pacer: pace::Pacer,
    budgets: retry::Budgets,
    dry_run: Option<DryRun>,
}

/// Told of every write that a dry run does not send.
pub struct DryRun(Box<dyn Fn(&Planned) + Send + Sync>);

/// A write that a dry run does not send.
#[derive(Debug)]
pub struct Planned {
    /// As `module.name`.
    pub operation: String,
    /// What it would do.
    pub effect: Effect,
    /// The account that would make it.
    pub account: String,
    /// Its fields as JSON; secrets are dots.
    pub fields: String,
}

/// How one call is made, where it differs from the configuration.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The account's name.
    pub account: Option<String>,
    /// Seconds for the call with all its attempts.
    pub timeout: Option<Duration>,
    /// How often it is repeated at most.
    pub retries: Option<u32>,
    /// Fields newer than the catalog, sent unchecked.
    pub extra: Map,
    /// Where relative paths of files start.
    pub folder: PathBuf,
}

impl Client {
    /// A client for these accounts.
    pub fn new(catalog: Arc<Catalog>, config: &Config) -> Self {
        Self {
            accounts: Accounts::new(config),
            http: config.http.clone(),
            transport: transport::Transport::new(config.http.clone(), false),
            catalog,
            tokens: token::Tokens::default(),
            pacer: pace::Pacer::default(),
            budgets: retry::Budgets::default(),
            dry_run: None,
        }
    }

    /// Reach the platforms without the environment's proxies.
    pub fn direct(mut self) -> Self {
        self.transport = transport::Transport::new(self.http.clone(), true);
        self
    }

    /// Send reads only; tell of each write instead of sending it.
    pub fn dry_run(mut self, tell: impl Fn(&Planned) + Send + Sync + 'static) -> Self {
        self.dry_run = Some(DryRun(Box::new(tell)));
        self
    }

    /// The operations.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The accounts.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Result<Arc<Operation>, Error> {
        self.catalog.find(name).ok_or_else(|| {
            let error = Error::new(Kind::Argument, format!("there is no operation `{name}`"));
            match self.catalog.nearest(name) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("`juben ops` lists all of them"),
            }
        })
    }

    /// Call an operation: check its fields, send it, judge the answer.
    pub async fn call(&self, operation: &Operation, fields: Map, options: &Options) -> Result<Map, Error> {
        let name = operation.full_name();
        let about = |error: Error| error.operation(&name);
        let account = self.accounts.for_operation(operation, options.account.as_deref()).map_err(about)?;
        let about = |error: Error| error.operation(&name).account(&account.name);
        check(&operation.input, &fields).map_err(problem).map_err(about)?;
        if let Some(dry_run) = &self.dry_run
            && effect(operation, &fields) != Effect::Read
        {
            return Ok(dry_run.plan(operation, &account, fields));
        }
        self.attempts(operation, &account, fields, options).await.map_err(about)
    }

    /// Attempt after attempt, until there is an answer or no sense in another attempt.
    async fn attempts(
        &self,
        operation: &Operation,
        account: &Account,
        fields: Map,
        options: &Options,
    ) -> Result<Map, Error> {
        let mut sent = fields;
        request::fill(operation, account, &mut sent)?;
        sent.extend(options.extra.clone());
        let deadline = Instant::now() + options.timeout.unwrap_or(Duration::from_secs(self.http.deadline));
        let most = options.retries.unwrap_or(self.http.retries);
        let write = effect(operation, &sent) != Effect::Read;
        let repeatable = operation.retry.idempotent || !write;
        // Whether an attempt may have done what this one is to do.
        let mut lost = false;
        let honest = |lost: bool, error: Error| if lost { unknown_outcome(operation, error) } else { error };
        let mut renewed = false;
        let mut attempt = 0;
        loop {
            let token = self.signed(operation, account, deadline).await.map_err(|error| honest(lost, error))?;
            let outcome = self.once(operation, account, &sent, token.as_ref(), options, deadline).await;
            let failure = match outcome {
                Ok(reply) => {
                    self.budgets.refill(&account.name);
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            attempt += 1;
            lost |= write && matches!(failure, Failure::Lost(_));
            let wait = match &failure {
                Failure::Answered(_, RetryWhen::Token) if !renewed && token.is_some() => {
                    if let (Some(token), Some(sign)) = (&token, operation.sign) {
                        let renewal = in_time(deadline, "no token", self.renew(account, sign, token)).await;
                        renewal.flatten().map_err(|error| honest(lost, error))?;
                    }
                    renewed = true;
                    continue;
                }
                Failure::Answered(_, RetryWhen::Minute) => Duration::from_secs(60) + self.pause(attempt),
                Failure::Answered(_, RetryWhen::Backoff) | Failure::Lost(_) if repeatable => self.pause(attempt),
                Failure::NotSent(_) => self.pause(attempt),
                Failure::Lost(_) => match self.look(operation, account, &sent, options).await? {
                    look::Found::Done(reply) => return Ok(reply),
                    look::Found::Nothing => {
                        lost = false;
                        self.pause(attempt)
                    }
                    look::Found::Unknown => return Err(unknown_outcome(operation, failure.into_error())),
                },
                Failure::Answered(..) if lost => return Err(after_lost(failure.into_error())),
                Failure::Answered(..) => return Err(failure.into_error()),
            };
            let too_large = matches!(&failure, Failure::Lost(error) if error.kind == Kind::TooLarge);
            let too_late = Instant::now() + wait >= deadline;
            if attempt > most || too_late || too_large || !self.budgets.spend(&account.name) {
                return Err(tried(honest(lost, failure.into_error()), attempt));
            }
            let error = failure.into_error();
            tracing::info!(operation = operation.full_name(), attempt, wait = ?wait, "{}; trying again", error.message);
            tokio::time::sleep(wait).await;
        }
    }

    fn pause(&self, attempt: u32) -> Duration {
        retry::backoff(Duration::from_millis(self.http.backoff_ms), attempt - 1)
    }

    async fn signed(
        &self,
        operation: &Operation,
        account: &Account,
        deadline: Instant,
    ) -> Result<Option<Secret>, Error> {
        match operation.sign {
            Some(sign) => in_time(deadline, "no token", self.token(account, sign)).await?,
            None => Ok(None),
        }
    }

    async fn once(
        &self,
        operation: &Operation,
        account: &Account,
        fields: &Map,
        token: Option<&Secret>,
        options: &Options,
        deadline: Instant,
    ) -> Result<Map, Failure> {
        let name = operation.full_name();
        let not_sent = |error: Error| Failure::Answered(error, RetryWhen::No);
        let granted = account.settings.calls_a_minute.get(&name).copied();
        let admitted = self.pacer.admit(&account.name, operation, granted);
        let _permit = in_time(deadline, "no place in the quota", admitted).await.map_err(Failure::NotSent)?;
        let token = operation.sign.and_then(Vendor::token_name).zip(token);
        let draft = Draft { operation, account, fields, token, folder: &options.folder };
        let client = self.transport.client().map_err(not_sent)?;
        let request = draft.build(client).await.map_err(not_sent)?;
        let received = self.transport.exchange(request, self.time_for(operation, deadline)).await?;
        tracing::debug!(
            operation = name,
            account = account.name,
            status = received.status,
            bytes = received.body.len()
        );
        reply::judge(&self.catalog, operation, received)
    }

    /// Files take longer than JSON.
    fn time_for(&self, operation: &Operation, deadline: Instant) -> Duration {
        let factor = if operation.body == crate::catalog::Body::Multipart { 20 } else { 1 };
        let most = Duration::from_secs(self.http.timeout * factor);
        most.min(deadline.saturating_duration_since(Instant::now())).max(Duration::from_millis(1))
    }
}

/// What comes before a call is sent has no more time than the call itself.
async fn in_time<T>(deadline: Instant, missed: &str, work: impl Future<Output = T>) -> Result<T, Error> {
    tokio::time::timeout_at(deadline, work).await.map_err(|_| {
        let error = Error::new(Kind::Network, format!("{missed} in time; the call was not sent"));
        error.hint("give it more time by the option `timeout`, or by http.deadline in juben.toml")
    })
}

/// What this call does, by the values of its fields.
pub fn effect(operation: &Operation, fields: &Map) -> Effect {
    operation.effect(|field, value| fields.get(field).is_some_and(|given| crate::catalog::equals(given, value)))
}

fn problem(problem: crate::catalog::Problem) -> Error {
    let error = Error::new(Kind::Argument, problem.message);
    match problem.hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

fn tried(error: Error, attempts: u32) -> Error {
    if attempts < 2 {
        return error;
    }
    let hint = error.hint.clone().map_or_else(String::new, |hint| format!("; {hint}"));
    error.hint(format!("it was tried {attempts} times{hint}"))
}

/// An attempt whose answer was lost may be why a later one is refused.
fn after_lost(error: Error) -> Error {
    let hint = error.hint.clone().map_or_else(String::new, |hint| format!("; otherwise: {hint}"));
    error.hint(format!("the answer to an earlier attempt was lost, so it may have done this already{hint}"))
}

fn unknown_outcome(operation: &Operation, error: Error) -> Error {
    let message = format!("the answer was lost, so this may or may not have been done ({})", error.message);
    let unknown = Error::new(Kind::UnknownOutcome, message);
    if operation.retry.idempotent {
        return unknown.hint("call it again: doing it twice is the same as doing it once").retryable(true);
    }
    let look = operation.retry.look.as_ref();
    let hint = look.map_or_else(
        || "look at the platform's state before you repeat it".to_owned(),
        |look| {
            let note = look.note.as_ref().map_or_else(String::new, |note| format!(": {}", note.en));
            format!("look with `{}`{note}", look.operation)
        },
    );
    unknown.hint(hint)
}

impl DryRun {
    fn plan(&self, operation: &Operation, account: &Account, fields: Map) -> Map {
        let reply = look::example_reply(operation, &fields);
        (self.0)(&Planned {
            operation: operation.full_name(),
            effect: effect(operation, &fields),
            account: account.name.clone(),
            fields: encode(&fields.into()).unwrap_or_default(),
        });
        reply
    }
}

impl std::fmt::Debug for DryRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DryRun")
    }
}
