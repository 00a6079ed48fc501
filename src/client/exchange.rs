//! The last calls as they went over the wire, for a person who asks; what is secret is left out before it is kept.

use super::{
    account::Account,
    effect,
    look::resolved,
    retry::Failure,
    secrets::{HIDDEN, Secrets, hide_by_schema},
    transport::Received,
};
use crate::{
    Error,
    catalog::{Effect, Operation, Schema},
    lock::lock,
    secret::Secret,
};
use reqwest::{Request, Url};
use rhai::Map;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};
use tokio::time::Instant;

/// So many calls are kept.
pub const KEPT: usize = 50;
/// A larger reply is kept as its length.
const LARGEST: usize = 256 << 10;
/// Of a body so many characters are kept.
const LONGEST: usize = 16 << 10;

/// One call, with all its attempts.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// As `module.name`.
    pub operation: String,
    /// The account that made it.
    pub account: String,
    /// What it did.
    pub effect: Effect,
    /// When it began.
    pub began: SystemTime,
    /// How long it took, with all attempts and pauses.
    pub took: Duration,
    /// The request as it was sent last: method and address, without token and signature.
    pub request: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
    /// The attempts that were sent.
    pub attempts: Vec<Attempt>,
    /// How it ended; `None` when nobody waited for it any more.
    pub ended: Option<Result<(), String>>,
    /// The call that undoes it, if it worked and the catalog has one.
    pub inverse: Option<(String, Map)>,
}

/// One attempt of a call.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    /// How long after the beginning of the call it was sent.
    pub after: Duration,
    /// How long its answer took.
    pub took: Duration,
    /// The HTTP status and the reply, or why there was none.
    pub answer: Option<Result<(u16, String), String>>,
    /// The pause after it, if another attempt followed.
    pub pause: Option<Duration>,
}

/// The last calls, the latest last.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    kept: Mutex<VecDeque<Arc<Exchange>>>,
    secrets: Mutex<Secrets>,
}

/// A call that is being made. Dropped before its end, it was given up.
pub(super) struct Open<'a> {
    exchanges: &'a Exchanges,
    operation: &'a Operation,
    began: Instant,
    exchange: Mutex<Exchange>,
}

impl Exchanges {
    pub(super) fn all(&self) -> Vec<Arc<Exchange>> {
        lock(&self.kept).iter().cloned().collect()
    }

    /// Whether a secret stands in this text that a call has used or brought.
    pub(super) fn knows_secret_in(&self, text: &str) -> bool {
        lock(&self.secrets).hide_text(text) != text
    }

    pub(super) fn open<'a>(&'a self, operation: &'a Operation, account: &Account, sent: &Map) -> Open<'a> {
        lock(&self.secrets).learn_sources(account.secrets().filter(|it| !it.is_command()));
        let exchange = Exchange {
            operation: operation.full_name(),
            account: account.name.clone(),
            effect: effect(operation, sent),
            began: SystemTime::now(),
            took: Duration::ZERO,
            request: String::new(),
            headers: Vec::new(),
            body: String::new(),
            attempts: Vec::new(),
            ended: None,
            inverse: None,
        };
        Open { exchanges: self, operation, began: Instant::now(), exchange: Mutex::new(exchange) }
    }
}

impl Open<'_> {
    /// Note what is about to be sent.
    pub(super) fn sends(&self, request: &Request, sent: &Map, token: Option<&Secret>) {
        let mut secrets = lock(&self.exchanges.secrets);
        secrets.learn_request(sent, token);
        let mut exchange = lock(&self.exchange);
        let after = self.began.elapsed();
        exchange.attempts.push(Attempt { after, ..Attempt::default() });
        exchange.request = secrets.hide_text(&format!("{} {}", request.method(), self.address(request.url())));
        let header =
            |value: &reqwest::header::HeaderValue| secrets.hide_text(&String::from_utf8_lossy(value.as_bytes()));
        exchange.headers = request.headers().iter().map(|(name, value)| (name.to_string(), header(value))).collect();
        exchange.body = self.body(request, sent, &secrets);
    }

    /// Note what came back for it.
    pub(super) fn answered(&self, received: &Result<Received, Failure>) {
        let mut secrets = lock(&self.exchanges.secrets);
        let answer = match received {
            Ok(received) => Ok((received.status, self.reply(received, &mut secrets))),
            Err(Failure::NotSent(error) | Failure::Lost(error) | Failure::Answered(error, _)) => {
                Err(secrets.hide_text(&error.message))
            }
        };
        let passed = self.began.elapsed();
        if let Some(attempt) = lock(&self.exchange).attempts.last_mut().filter(|attempt| attempt.answer.is_none()) {
            attempt.took = passed.saturating_sub(attempt.after);
            attempt.answer = Some(answer);
        }
    }

    /// Note that another attempt follows after this time.
    pub(super) fn pause(&self, pause: Duration) {
        lock(&self.exchange).attempts.iter_mut().next_back().into_iter().for_each(|it| it.pause = Some(pause));
    }

    /// Note how it ended.
    pub(super) fn end(self, sent: &Map, outcome: &Result<Map, Error>) {
        let mut exchange = lock(&self.exchange);
        exchange.ended = Some(match outcome {
            Ok(reply) => {
                let inverse = self.operation.inverse.as_ref();
                let sources = [("$request.", sent), ("$reply.", reply)];
                exchange.inverse = inverse.map(|it| (it.operation.clone(), resolved(&it.with, &sources)));
                Ok(())
            }
            Err(error) => Err(lock(&self.exchanges.secrets).hide_text(&error.message)),
        });
    }

    /// The address, readable, without what signs the call.
    fn address(&self, url: &Url) -> String {
        let pairs: Vec<_> = url.query_pairs().map(|(name, value)| self.pair(&name, &value)).collect();
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        format!("{}{}{query}", url.origin().ascii_serialization(), url.path())
    }

    fn pair(&self, name: &str, value: &str) -> String {
        let signs = matches!(name, "sign" | "access_token" | "component_access_token");
        let secret = self.operation.input.properties.get(name).is_some_and(Schema::is_secret);
        format!("{name}={}", if signs || secret { HIDDEN } else { value })
    }

    fn body(&self, request: &Request, sent: &Map, secrets: &Secrets) -> String {
        let Some(body) = request.body() else { return String::new() };
        let Some(bytes) = body.as_bytes() else { return self.parts(sent, secrets) };
        let text = String::from_utf8_lossy(bytes);
        let text = match serde_json::from_slice::<Value>(bytes) {
            Ok(mut value) => {
                hide_by_schema(&mut value, &self.operation.input, &mut Vec::new());
                value.to_string()
            }
            Err(_) => match Url::parse(&format!("form:?{text}")) {
                Ok(form) if text.contains('=') => {
                    form.query_pairs().map(|(name, value)| self.pair(&name, &value)).collect::<Vec<_>>().join("&")
                }
                _ => text.into_owned(),
            },
        };
        cut(&secrets.hide_text(&text))
    }

    /// The parts of a form with files, a line each.
    fn parts(&self, sent: &Map, secrets: &Secrets) -> String {
        let value = |value: &rhai::Dynamic| match value.as_blob_ref() {
            Ok(bytes) => format!("({} bytes)", bytes.len()),
            Err(_) => value.to_string(),
        };
        let parts = sent.iter().map(|(name, part)| self.pair(name, &value(part)));
        cut(&secrets.hide_text(&parts.collect::<Vec<_>>().join("\n")))
    }

    fn reply(&self, received: &Received, secrets: &mut Secrets) -> String {
        let Received { media, body, .. } = received;
        let about = || format!("({} bytes of {media})", body.len());
        if received.is_file(self.operation) || body.len() > LARGEST {
            return about();
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(mut value) => {
                secrets.hide_reply(&mut value, &self.operation.reply.secrets);
                cut(&serde_json::to_string_pretty(&value).unwrap_or_default())
            }
            // Where the secrets stand in it cannot be told.
            Err(_) if !self.operation.reply.secrets.is_empty() => about(),
            Err(_) => cut(&secrets.hide_text(&String::from_utf8_lossy(body))),
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let mut exchange = lock(&self.exchange).clone();
        exchange.took = self.began.elapsed();
        let mut kept = lock(&self.exchanges.kept);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(Arc::new(exchange));
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text.to_owned(),
    }
}
