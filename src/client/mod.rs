//! One call of one operation: account, token, signature, pacing, retry, and an honest answer.

mod account;
mod audit;
mod called;
mod cassette;
mod clock;
mod course;
mod desk;
mod download;
mod exchange;
mod file;
mod gate;
mod json;
mod look;
mod meter;
mod pace;
mod plain;
mod probe;
mod reply;
mod request;
mod retry;
mod secrets;
mod sign;
mod threads;
mod token;
mod transport;
mod trust;
mod web;

pub use account::{Account, Accounts};
pub use audit::{Run, called_by, caller, for_caller};
pub use called::Called;
pub use cassette::{Player, Recorder};
pub(crate) use cassette::{around, listed, sha256};
pub use clock::Keeper;
pub use desk::{Desk, Place};
pub use download::Download;
pub use exchange::{Attempt, Exchange, KEPT};
pub use file::Watch;
pub use gate::{Agreed, Planned, Planner};
pub use json::{decode, encode, encode_pretty};
pub(crate) use look::{at, example_reply};
pub use meter::{Meter, daily_limit, day_of, end_of};
pub use plain::{Answer, Plain};
pub use probe::Reached;
pub(crate) use request::script_value;
pub use token::brings_token;
pub use web::{Web, WebAnswer, WebRequest, leads_here};

use crate::{
    Error,
    catalog::{Catalog, Effect, Operation, check},
    config::{self, Config, SecretSource},
    error::Kind,
    rights::Reach,
};
use called::Observer;
use cassette::Tape;
use clock::Time;
use course::Course;
use exchange::Exchanges;
use gate::{Consent, DryRun};
use indexmap::IndexMap;
use rhai::Map;
use secrets::Secrets;
use std::{collections::BTreeSet, ops::Range, path::PathBuf, sync::Arc, time::Duration};
use transport::Transport;
use trust::Trust;

/// Makes calls for all accounts of a configuration. Clones have connections, tokens and quotas in common.
#[derive(Debug, Clone)]
pub struct Client {
    catalog: Arc<Catalog>,
    accounts: Arc<Accounts>,
    http: Arc<config::Http>,
    transport: Arc<Transport>,
    /// For requests with files.
    carrier: Arc<Transport>,
    tokens: Arc<token::Tokens>,
    pacer: Arc<pace::Pacer>,
    /// Where tokens and places in the quotas come from, if not from here.
    desk: Option<Arc<dyn Desk>>,
    budgets: Arc<retry::Budgets>,
    /// What the run may do, and the files that it may open.
    reach: Reach,
    dry_run: Option<DryRun>,
    planner: Option<Arc<dyn Planner>>,
    consent: Option<Consent>,
    tape: Option<Arc<Tape>>,
    exchanges: Option<Arc<Exchanges>>,
    observer: Option<Observer>,
    audit: Option<audit::Audit>,
    time: Arc<Time>,
    flow: Arc<file::Flow>,
    robots: Arc<IndexMap<String, config::Notify>>,
    secret_variables: Arc<BTreeSet<String>>,
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
    /// The bytes of the file that are sent; all of them when left out.
    pub range: Option<Range<u64>>,
    /// Sees the bytes of files as they are sent.
    pub watch: Option<Arc<dyn Watch>>,
}

impl Client {
    /// A client for these accounts.
    pub fn new(catalog: Arc<Catalog>, config: &Config) -> Self {
        let (transport, carrier) = transports(&config.http, false);
        Self {
            accounts: Arc::new(Accounts::new(config)),
            http: Arc::new(config.http.clone()),
            transport,
            carrier,
            catalog,
            tokens: Arc::default(),
            pacer: Arc::default(),
            desk: None,
            budgets: Arc::default(),
            reach: Reach::default(),
            dry_run: None,
            planner: None,
            consent: None,
            tape: None,
            exchanges: None,
            observer: None,
            audit: None,
            time: Arc::default(),
            flow: Arc::default(),
            robots: Arc::new(config.notify.clone()),
            secret_variables: Arc::new(config.secret_variables.clone()),
        }
    }

    /// Reach the platforms without the environment's proxies.
    pub fn direct(mut self) -> Self {
        (self.transport, self.carrier) = transports(&self.http, true);
        self
    }

    /// Send reads only; tell of each write instead of sending it.
    pub fn dry_run(mut self, tell: impl Fn(&Planned) + Send + Sync + 'static) -> Self {
        self.dry_run = Some(DryRun(Arc::new(tell)));
        self
    }

    /// Ask before something is removed or overwritten on a production account. Who does not agree ends the run.
    pub fn ask(mut self, agrees: impl Fn(Planned) -> Agreed + Send + Sync + 'static) -> Self {
        self.consent = Some(Consent(Arc::new(agrees)));
        self
    }

    /// Keep the last exchanges for [`Client::exchanges`].
    pub fn keep_exchanges(mut self) -> Self {
        self.exchanges = Some(Arc::default());
        self
    }

    /// The last exchanges, the latest last, if they are kept.
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.exchanges.as_ref().map(|exchanges| exchanges.all()).unwrap_or_default()
    }

    /// Whether a secret of an account or a token stands in this text, as far as they are known by now: no command is run
    /// to get one.
    pub fn knows_secret_in(&self, text: &str) -> bool {
        self.secrets_at_hand().hide_text(text) != text
            || self.exchanges.as_ref().is_some_and(|it| it.knows_secret_in(text))
    }

    fn secrets_at_hand(&self) -> Secrets {
        let mut own = Secrets::default();
        let at_hand = |source: &&SecretSource| !matches!(source, SecretSource::Command(_));
        self.accounts.every().for_each(|account| own.learn_sources(account.secrets().filter(at_hand)));
        own
    }

    /// Whether juben.toml reads a secret from this environment variable. Not every system tells its letters from capitals.
    pub fn is_secret_variable(&self, name: &str) -> bool {
        self.secret_variables.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Send files with at most so many bytes a second, all together.
    pub fn limit_rate(mut self, bytes: u64) -> Self {
        self.flow = Arc::new(file::Flow::limited(bytes));
        self
    }

    /// Whether files are held back.
    pub fn is_limited(&self) -> bool {
        self.flow.rate.is_some()
    }

    /// Whether writes are only told of.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run.is_some() || self.planner.is_some()
    }

    /// Whether writes are kept for a plan.
    pub fn is_planning(&self) -> bool {
        self.planner.is_some()
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
        self.catalog.named(name)
    }

    /// Call an operation: check its fields, send it, judge the answer.
    pub async fn call(&self, operation: &Operation, fields: Map, options: &Options) -> Result<Map, Error> {
        let name = operation.full_name();
        let about = |error: Error| error.operation(&name);
        let account = self.accounts.for_operation(operation, options.account.as_deref()).map_err(about)?;
        let about = |error: Error| error.operation(&name).account(&account.name);
        check(&operation.input, &fields).map_err(|problem| about(problem.into()))?;
        // Nothing that is sent unchecked may decide whether a call only reads.
        if let Some(case) = operation.effects.when.iter().find(|case| options.extra.contains_key(&*case.field)) {
            let message = format!("`extra` has `{}`, which decides what this call does", case.field);
            return Err(about(Error::new(Kind::Argument, message).hint("give it as a parameter")));
        }
        let explicit = self.let_through(operation, &account, &fields, options)?;
        if let Some(dry_run) = &self.dry_run
            && effect(operation, &fields) != Effect::Read
        {
            return Ok(dry_run.plan(operation, &account, &fields));
        }
        if let Some(reply) = self.planned(operation, &account, &fields, options).await.map_err(about)? {
            return Ok(reply);
        }
        if let Some(consent) = self.consent.as_ref().filter(|_| !explicit) {
            consent.to(operation, &account, &fields).await.map_err(about)?;
        }
        let reply = self.attempts(operation, &account, fields, options).await.map_err(about)?;
        if let Some(planner) = &self.planner {
            planner.saw(&reply);
        }
        Ok(reply)
    }

    /// How long to wait before a repetition; the first has the number 0.
    pub fn pause(&self, repetition: u32) -> Duration {
        retry::backoff(Duration::from_millis(self.http.backoff_ms), repetition)
    }

    async fn attempts(
        &self,
        operation: &Operation,
        account: &Account,
        fields: Map,
        options: &Options,
    ) -> Result<Map, Error> {
        Course::new(self, operation, account, fields, options)?.run().await
    }
}

/// For requests without and with files.
fn transports(settings: &config::Http, direct: bool) -> (Arc<Transport>, Arc<Transport>) {
    let trust = Trust::new(settings);
    let transport = || Arc::new(Transport::new(settings.clone(), trust.clone(), direct));
    (transport(), transport())
}

/// What this call does, by the values of its fields.
pub fn effect(operation: &Operation, fields: &Map) -> Effect {
    operation.effect(|field, value| fields.get(field).is_some_and(|given| crate::catalog::equals(given, value)))
}
