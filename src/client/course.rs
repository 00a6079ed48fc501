//! The course of a call: attempt after attempt, until there is an answer or no sense in another attempt.

use super::{
    Client, Options,
    account::Account,
    audit::Noted,
    called::Telling,
    cassette::Call,
    effect,
    exchange::Open,
    look::Found,
    reply,
    request::{self, Draft},
    retry::Failure,
    secrets::Secrets,
    transport::{Received, failure},
};
use crate::{
    Error,
    catalog::{Body, Effect, Operation, RetryWhen},
    config::Vendor,
    error::Kind,
    secret::Secret,
};
use reqwest::RequestBuilder;
use rhai::Map;
use std::time::Duration;
use tokio::time::Instant;

/// After a refusal for too many calls a minute, a whole minute is waited.
const MINUTE: Duration = Duration::from_secs(60);

/// One call, and what has become of it so far.
pub(super) struct Course<'a> {
    client: &'a Client,
    operation: &'a Operation,
    account: &'a Account,
    options: &'a Options,
    /// The fields that were given, where they are recorded or replayed.
    given: Map,
    /// With those that are filled in.
    sent: Map,
    deadline: Instant,
    write: bool,
    /// An attempt may already have done what the next one is to do.
    lost: bool,
    /// What signs the attempts.
    token: Option<Secret>,
    /// The token that the platform no longer took. It is replaced once.
    failing: Option<Secret>,
    attempts: u32,
    /// Where it is noted, if exchanges are kept.
    open: Option<Open<'a>>,
    /// Who wants to know of it, if somebody does.
    telling: Option<Telling<'a>>,
    /// Its entry in the log of writes, if there is one.
    noted: Option<Noted<'a>>,
}

/// What follows an attempt that did not work.
enum Next {
    /// Nothing: it was found to have worked.
    Done(Map),
    /// Another attempt, after a pause.
    After(Duration),
    /// Another attempt, at once, which costs no retry.
    AtOnce,
    /// Nothing: this is how it ends.
    Never(Error),
}

impl<'a> Course<'a> {
    pub(super) fn new(
        client: &'a Client,
        operation: &'a Operation,
        account: &'a Account,
        fields: Map,
        options: &'a Options,
    ) -> Result<Self, Error> {
        let mut sent = fields;
        sent.extend(options.extra.clone());
        let given = if client.is_taped() { sent.clone() } else { Map::new() };
        request::fill(operation, account, &mut sent)?;
        let write = effect(operation, &sent) != Effect::Read;
        Ok(Course {
            deadline: Instant::now()
                + options.timeout.unwrap_or_else(|| patience(client, operation, client.http.deadline)),
            write,
            open: client.exchanges.as_ref().map(|exchanges| exchanges.open(operation, account, &sent)),
            telling: Telling::begin(client, operation, account, &sent),
            noted: Noted::new(client, operation, account).filter(|_| write),
            client,
            operation,
            account,
            options,
            given,
            sent,
            lost: false,
            token: None,
            failing: None,
            attempts: 0,
        })
    }

    pub(super) async fn run(mut self) -> Result<Map, Error> {
        let outcome = self.finish().await;
        if let Some(open) = self.open.take() {
            open.end(&self.sent, &outcome);
        }
        if let Some(telling) = self.telling.take() {
            telling.end(&outcome, || self.secrets());
        }
        if let Some(noted) = self.noted.take() {
            noted.end(&outcome).await;
        }
        outcome
    }

    async fn finish(&mut self) -> Result<Map, Error> {
        loop {
            self.token = self.token().await.map_err(|error| self.honest(error))?;
            let failure = match self.attempt().await {
                Ok(reply) => {
                    self.client.budgets.refill(&self.account.name);
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            self.attempts += 1;
            self.lost |= self.write && matches!(failure, Failure::Lost(_));
            match self.next(&failure).await? {
                Next::Done(reply) => return Ok(reply),
                Next::AtOnce => {}
                Next::Never(error) => return Err(error),
                Next::After(wait) => self.wait(failure, wait).await?,
            }
        }
    }

    async fn next(&mut self, failure: &Failure) -> Result<Next, Error> {
        let repeatable = self.operation.retry.idempotent || !self.write;
        // A platform that is busy may have done a part; one that has had too many calls has done nothing.
        let throttled = |error: &Error| error.kind == Kind::Throttled;
        Ok(match failure {
            Failure::Answered(_, RetryWhen::Token) if self.token.is_some() && self.failing.is_none() => {
                self.failing = self.token.take();
                Next::AtOnce
            }
            Failure::Answered(_, RetryWhen::Minute) => Next::After(MINUTE + self.pause()),
            Failure::Answered(_, RetryWhen::Backoff) | Failure::Lost(_) if repeatable => Next::After(self.pause()),
            Failure::Answered(error, RetryWhen::Backoff) if throttled(error) => Next::After(self.pause()),
            Failure::NotSent(_) => Next::After(self.pause()),
            Failure::Lost(error) => self.look(error).await?,
            Failure::Answered(error, _) if self.lost => Next::Never(after_lost(error)),
            Failure::Answered(error, _) => Next::Never(error.clone()),
        })
    }

    /// The answer to a write was lost: find out what happened, if there is a way.
    async fn look(&mut self, error: &Error) -> Result<Next, Error> {
        let found = self.client.look(self.operation, self.account, &self.sent, self.options).await?;
        Ok(match found {
            Found::Done(reply) => Next::Done(reply),
            Found::Unknown => Next::Never(unknown_outcome(self.operation, error)),
            Found::Nothing => {
                self.lost = false;
                Next::After(self.pause())
            }
        })
    }

    /// Wait for the next attempt, unless there is no sense in one.
    async fn wait(&mut self, failure: Failure, wait: Duration) -> Result<(), Error> {
        let most = self.options.retries.unwrap_or(self.client.http.retries);
        let too_late = Instant::now() + wait >= self.deadline;
        let error = failure.into_error();
        let hopeless = error.kind == Kind::TooLarge || self.attempts > most || too_late;
        if hopeless || !self.client.budgets.spend(&self.account.name) {
            return Err(tried(self.honest(error), self.attempts));
        }
        let (operation, attempt) = (self.operation.full_name(), self.attempts);
        tracing::info!(operation, attempt, wait = ?wait, "{}; trying again", error.message);
        self.open.iter().for_each(|open| open.pause(wait));
        self.deadline -= self.client.rest(wait).await;
        Ok(())
    }

    fn pause(&self) -> Duration {
        self.client.pause(self.attempts - 1)
    }

    async fn token(&self) -> Result<Option<Secret>, Error> {
        let token = self.client.token_for(self.account, self.operation, self.failing.as_ref());
        self.in_time("no token", token).await?
    }

    async fn attempt(&mut self) -> Result<Map, Failure> {
        let Course { client, operation, account, options, .. } = *self;
        let call = Call { operation, account, given: &self.given, options, reach: &client.reach };
        let received = match &client.tape {
            Some(tape) => {
                let (left_out, received) = tape.exchange(call, self.send()).await;
                self.deadline -= left_out;
                received?
            }
            None => self.send().await?,
        };
        let (status, bytes) = (received.status, received.body.len());
        tracing::debug!(operation = operation.full_name(), account = account.name, status, bytes);
        reply::judge(&client.catalog, operation, received)
    }

    async fn send(&self) -> Result<Received, Failure> {
        let received = self.transmit().await;
        self.open.iter().for_each(|open| open.answered(&received));
        received
    }

    async fn transmit(&self) -> Result<Received, Failure> {
        let Course { client, operation, account, .. } = *self;
        let not_sent = |error: Error| Failure::Answered(error, RetryWhen::No);
        let place = self.in_time("no place in the quota", client.place_for(account, operation));
        let _place = place.await.map_err(Failure::NotSent)?.map_err(not_sent)?;
        let token = operation.sign.and_then(Vendor::token_name).zip(self.token.as_ref());
        let Client { flow, reach, .. } = client;
        let draft = Draft { operation, account, fields: &self.sent, token, options: self.options, reach, flow };
        let files = operation.body == Body::Multipart;
        let transport = if files { &client.carrier } else { &client.transport };
        let request = draft.build(transport.client().map_err(not_sent)?).map_err(not_sent)?;
        let (http, request) = request.build_split();
        let request = request.map_err(failure)?;
        self.open.iter().for_each(|open| open.sends(&request, &self.sent, self.token.as_ref()));
        if let Some(noted) = &self.noted {
            noted.begin(&self.sent, || self.secrets()).await.map_err(not_sent)?;
        }
        self.telling.iter().for_each(Telling::sends);
        let _busy = client.time.busy();
        let request = RequestBuilder::from_parts(http, request);
        let received = match files {
            true => transport.carry(request, self.time_left(), &client.flow).await,
            false => transport.exchange(request, self.time_left()).await,
        };
        self.telling.iter().for_each(|telling| telling.answered(&received));
        received
    }

    /// What an error may quote and nobody may read.
    fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.learn_request(&self.sent, self.token.as_ref());
        secrets.learn_sources(self.account.secrets().filter(|source| !source.is_command()));
        secrets
    }

    fn time_left(&self) -> Duration {
        let most = patience(self.client, self.operation, self.client.http.timeout);
        most.min(self.deadline.saturating_duration_since(Instant::now())).max(Duration::from_millis(1))
    }

    /// What comes before a call is sent has no more time than the call itself.
    async fn in_time<T>(&self, missed: &str, work: impl Future<Output = T>) -> Result<T, Error> {
        tokio::time::timeout_at(self.deadline, work).await.map_err(|_| {
            let error = Error::new(Kind::Network, format!("{missed} in time; the call was not sent"));
            error.hint("give it more time by the option `timeout`, or by http.deadline in juben.toml")
        })
    }

    /// Whatever went wrong last, a write of which an attempt was lost may have been done.
    fn honest(&self, error: Error) -> Error {
        if self.lost { unknown_outcome(self.operation, &error) } else { error }
    }
}

/// Files take longer than JSON, and as long as they like when they are held back.
fn patience(client: &Client, operation: &Operation, seconds: u64) -> Duration {
    const YEAR: u64 = 365 * 86_400;
    Duration::from_secs(match operation.body == Body::Multipart {
        true if client.is_limited() => YEAR,
        true => seconds.saturating_mul(20).min(YEAR),
        false => seconds,
    })
}

fn tried(error: Error, attempts: u32) -> Error {
    if attempts < 2 {
        return error;
    }
    let hint = error.hint.clone().map_or_else(String::new, |hint| format!("; {hint}"));
    error.hint(format!("it was tried {attempts} times{hint}"))
}

/// An attempt whose answer was lost may be why a later one is refused.
fn after_lost(error: &Error) -> Error {
    let hint = error.hint.clone().map_or_else(String::new, |hint| format!("; otherwise: {hint}"));
    let hint = format!("the answer to an earlier attempt was lost, so it may have done this already{hint}");
    error.clone().hint(hint)
}

fn unknown_outcome(operation: &Operation, error: &Error) -> Error {
    let message = format!("the answer was lost, so this may or may not have been done ({})", error.message);
    let unknown = Error::new(Kind::UnknownOutcome, message);
    if operation.retry.idempotent {
        return unknown.hint("call it again: doing it twice is the same as doing it once").retryable(true);
    }
    let hint = match &operation.retry.look {
        None => "look at the platform's state before you repeat it".to_owned(),
        Some(look) => {
            let note = look.note.as_ref().map_or_else(String::new, |note| format!(": {}", note.en));
            format!("look with `{}`{note}", look.operation)
        }
    };
    unknown.hint(hint)
}
