//! Requests to addresses that are secrets and no platform's: robots that take messages, dead-man switches.

use super::{Client, cassette::Tape, transport::Transport, trust::Trust};
use crate::{
    Error,
    config::{self, Notify},
    secret::Secret,
};
use bytes::Bytes;
use indexmap::IndexMap;
use std::time::Duration;

/// Seconds that one request may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a robot answers is a line.
const LARGEST: u64 = 64 << 10;

/// Sends them, by the proxy and to the certificates of the configuration.
#[derive(Debug)]
pub struct Plain(Transport);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

impl Plain {
    /// By these settings; `direct` leaves the proxies out.
    pub fn new(http: &config::Http, direct: bool) -> Plain {
        let settings = config::Http { max_reply: LARGEST, ..http.clone() };
        Plain(Transport::new(settings, Trust::new(http), direct))
    }

    /// POST a JSON text. Nothing that goes wrong names the address.
    pub async fn post(&self, url: &Secret, headers: &[(&str, String)], json: String) -> Result<Answer, Error> {
        let request = self.0.client()?.post(url.reveal()).header("content-type", "application/json; charset=utf-8");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        self.send(request.body(json)).await
    }

    /// GET, to tell that one is alive.
    pub async fn get(&self, url: &Secret) -> Result<Answer, Error> {
        self.send(self.0.client()?.get(url.reveal())).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, Error> {
        let received = self.0.exchange(request, TIMEOUT).await.map_err(|failure| failure.into_error())?;
        Ok(Answer { status: received.status, body: received.body })
    }
}

impl Client {
    /// Who can be told something, as the configuration names them.
    pub fn robots(&self) -> &IndexMap<String, Notify> {
        &self.robots
    }

    /// What sends to them.
    pub fn plain(&self) -> Plain {
        Plain::new(&self.http, self.transport.direct)
    }

    /// Whether the answers are those of a recording.
    pub fn is_replay(&self) -> bool {
        matches!(self.tape.as_deref(), Some(Tape::Player(_)))
    }

    /// Whether nobody outside of this machine may be told anything: the platforms are the sandbox or a recording.
    pub fn stays_here(&self) -> bool {
        self.transport.direct || self.is_replay()
    }
}
