//! What stands before a call: the guard of the run, and, if it changes something, a dry run, which only tells of it, and a
//! person who is asked.

use super::{Client, Options, account::Account, effect, encode, look};
use crate::{
    Error,
    catalog::{Effect, Operation},
    error::Kind,
    rights::{Call, Guard, Overlay, Reach},
};
use futures_util::future::BoxFuture;
use rhai::Map;
use std::{borrow::Cow, fmt, sync::Arc};

impl Client {
    /// Make no call, and open no file, that this does not let through.
    pub fn guarded(mut self, guard: Arc<Guard>) -> Self {
        self.reach = Reach::new(guard);
        self
    }

    /// Open files in a folder that begins as another one. The guard comes first.
    pub fn over(mut self, overlay: Overlay) -> Self {
        self.reach = self.reach.over(overlay);
        self
    }

    /// What the run may do, and the files that it may open.
    pub fn files(&self) -> &Reach {
        &self.reach
    }

    /// Whether somebody has allowed just this call; what is not allowed at all is refused.
    pub(super) fn let_through(
        &self,
        operation: &Operation,
        account: &Account,
        fields: &Map,
        options: &Options,
    ) -> Result<bool, Error> {
        let guard = self.reach.guard();
        if guard.parts().is_empty() {
            return Ok(false);
        }
        let mut sent = Cow::Borrowed(fields);
        if !options.extra.is_empty() {
            sent.to_mut().extend(options.extra.clone());
        }
        let call = Call { operation, effect: effect(operation, fields), account: &account.name, fields: &sent };
        guard.call(&call).map(|()| guard.is_explicit(&call))
    }
}

/// A call that would change something.
#[derive(Debug, Clone)]
pub struct Planned {
    /// As `module.name`.
    pub operation: String,
    /// What it would do.
    pub effect: Effect,
    /// The account that would make it.
    pub account: String,
    /// Its fields as JSON; secrets are dots.
    pub fields: String,
    /// How many rows it has, if it takes many.
    pub rows: Option<usize>,
}

impl Planned {
    fn new(operation: &Operation, account: &Account, fields: &Map) -> Planned {
        let rows = operation.batch.as_ref().and_then(|batch| fields.get(batch.rows.as_str()));
        Planned {
            operation: operation.full_name(),
            effect: effect(operation, fields),
            account: account.name.clone(),
            rows: rows.and_then(|rows| rows.as_array_ref().ok().map(|rows| rows.len())),
            fields: encode(&fields.clone().into()).unwrap_or_default(),
        }
    }
}

/// Told of every write that a dry run does not send.
#[derive(Clone)]
pub(super) struct DryRun(pub Arc<dyn Fn(&Planned) + Send + Sync>);

impl DryRun {
    /// The reply that is given in place of the platform's.
    pub fn plan(&self, operation: &Operation, account: &Account, fields: &Map) -> Map {
        (self.0)(&Planned::new(operation, account, fields));
        look::example_reply(operation, fields)
    }
}

/// Takes the place of the platforms for writes, and keeps what they would be.
pub trait Planner: fmt::Debug + Send + Sync {
    /// Keep this write. The result stands for the platform's reply. What the client reads, it reads from the platform.
    fn keep<'a>(
        &'a self,
        client: Client,
        operation: &'a Operation,
        account: &'a Account,
        fields: &'a Map,
        options: &'a Options,
    ) -> BoxFuture<'a, Result<Map, Error>>;

    /// Whether this read can be made before the writes are.
    fn allows(&self, operation: &Operation, fields: &Map) -> Result<(), Error>;
}

impl Client {
    /// Whether the fields of this read name what a plan will make, so that there is nothing to read yet.
    pub fn is_yet_to_be_made(&self, operation: &Operation, fields: &Map) -> bool {
        self.planner.as_ref().is_some_and(|planner| planner.allows(operation, fields).is_err())
    }

    /// Send reads only; let each write be kept there.
    pub fn plan(mut self, planner: Arc<dyn Planner>) -> Self {
        self.planner = Some(planner);
        self
    }

    /// Plan the call instead of making it, if it is a write of a plan.
    pub(super) async fn planned(
        &self,
        operation: &Operation,
        account: &Account,
        fields: &Map,
        options: &Options,
    ) -> Result<Option<Map>, Error> {
        let Some(planner) = &self.planner else { return Ok(None) };
        if effect(operation, fields) == Effect::Read {
            return planner.allows(operation, fields).map(|()| None);
        }
        let reading = Client { planner: None, ..self.clone() };
        planner.keep(reading, operation, account, fields, options).await.map(Some)
    }
}

/// Asked before something is removed or overwritten that people depend on.
#[derive(Clone)]
pub(super) struct Consent(pub Arc<dyn Fn(Planned) -> Agreed + Send + Sync>);

/// Whether somebody agrees to a call; an error is what has become of the question.
pub type Agreed = BoxFuture<'static, Result<bool, Error>>;

impl Consent {
    /// Ask, if this call is such a one. A call that is not agreed to is not made, and its script ends.
    pub async fn to(&self, operation: &Operation, account: &Account, fields: &Map) -> Result<(), Error> {
        let harmless = effect(operation, fields) != Effect::Destructive || !account.settings.is_production();
        if harmless || (self.0)(Planned::new(operation, account, fields)).await? {
            return Ok(());
        }
        Err(Error::new(Kind::Denied, "nobody agreed to this call, so it was not made")
            .hint("answer y when you are asked; where nobody can be asked, start juben with --yes, or give the job yes = true"))
    }
}

impl fmt::Debug for DryRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DryRun")
    }
}

impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Consent")
    }
}
