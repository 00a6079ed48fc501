//! Requests of scripts to hosts that are no platform's. Each is sent once, and stays with its host.

use super::{
    Client,
    audit::{Audit, shortened},
    reply::by_status,
    retry::Failure,
    transport::{Transport, failure, read},
    trust::Trust,
};
use crate::{Error, catalog::Effect, error::Kind, rights::host_of, store::Begun};
use bytes::Bytes;
use reqwest::{
    StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION},
};
use std::{net::IpAddr, time::Duration};
use tokio::time::Instant;

/// Bytes of the largest reply.
const LARGEST: u64 = 16 << 20;

/// What a request that changes something is called in the log of writes.
const POST: &str = "http.post";

/// So often may a host send on to another of its addresses.
const MOST_HOPS: usize = 5;

/// They say where a request goes and where it ends, which is not for scripts.
const OWN_HEADERS: [&str; 5] = ["host", "content-length", "transfer-encoding", "connection", "upgrade"];

/// Sends them, by the proxy and to the certificates of the configuration.
#[derive(Debug)]
pub struct Web {
    client: Client,
    transport: Transport,
    largest: u64,
    timeout: Duration,
}

/// A GET, or with a body a POST.
#[derive(Debug)]
pub struct WebRequest {
    /// Where it goes.
    pub url: Url,
    /// What it says besides.
    pub headers: HeaderMap,
    /// The kind of its content, and the content.
    pub body: Option<(&'static str, String)>,
    /// How long it may take; else as long as one attempt of a call.
    pub timeout: Option<Duration>,
}

/// What came back.
#[derive(Debug, Default)]
pub struct WebAnswer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Client {
    /// What sends requests of scripts. To this machine no proxy leads.
    pub fn web(&self) -> Web {
        let direct = self.stays_here();
        Web {
            client: self.clone(),
            transport: Transport::new((*self.http).clone(), Trust::new(&self.http), direct),
            largest: LARGEST.min(self.http.max_reply),
            timeout: Duration::from_secs(self.http.timeout),
        }
    }
}

impl WebRequest {
    /// To this address.
    pub fn to(url: &str) -> Result<WebRequest, Error> {
        let wrong = || Error::new(Kind::Argument, "this is not an address of the web").hint("write it as https://…");
        let url = Url::parse(url).ok().filter(|url| host_of(url.as_str()).is_some()).ok_or_else(wrong)?;
        Ok(WebRequest { url, headers: HeaderMap::new(), body: None, timeout: None })
    }

    /// Say one thing more.
    pub fn header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let wrong = |reason: &str| Error::new(Kind::Argument, format!("the header {name:?} {reason}"));
        let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong("has no name that can be sent"))?;
        if OWN_HEADERS.contains(&known.as_str()) {
            return Err(wrong("is juben's own").hint("leave it out: it follows from the address and the body"));
        }
        let value = HeaderValue::from_str(value).map_err(|_| wrong("has a value that cannot be sent"))?;
        self.headers.insert(known, value);
        Ok(())
    }

    /// Where it goes, without what may be secret.
    pub fn shown(&self) -> String {
        shown(&self.url)
    }
}

impl WebAnswer {
    /// What a status of 400 and above means: of a failure while something was changed nobody knows how far it came.
    pub fn trouble(&self, request: &WebRequest) -> Option<Error> {
        if self.status.as_u16() < 400 {
            return None;
        }
        let error = match by_status(self.status.as_u16()) {
            Failure::Lost(error) => lost(request, &error.reworded(error.kind, self.status.to_string())),
            failure => Error::new(failure.into_error().kind, format!("{} answers {}", request.shown(), self.status)),
        };
        Some(error.code(self.status.as_u16().into()))
    }
}

impl Web {
    /// Send it. A GET follows its host to other addresses there; of a POST the log of writes tells.
    pub async fn send(&self, request: &WebRequest) -> Result<WebAnswer, Error> {
        let Some(audit) = self.client.audit.as_ref().filter(|_| request.body.is_some()) else {
            return self.follow(request).await;
        };
        let begun = audit.begin(self.begun(request, audit)).await?;
        let outcome = self.follow(request).await;
        let trouble = outcome.as_ref().map_or_else(|error| Some(error.clone()), |answer| answer.trouble(request));
        audit.end(begun, trouble.as_ref()).await;
        outcome
    }

    fn begun(&self, request: &WebRequest, audit: &Audit) -> Begun {
        let url = request.shown();
        let server = url.strip_suffix(request.url.path()).unwrap_or(&url).to_owned();
        let url = self.client.secrets_at_hand().hide_text(&url);
        Begun {
            server,
            operation: POST.to_owned(),
            effect: Effect::Write.name().to_owned(),
            target: [("url".to_owned(), shortened(&url).into())].into_iter().collect(),
            ..audit.now()
        }
    }

    async fn follow(&self, request: &WebRequest) -> Result<WebAnswer, Error> {
        let deadline = Instant::now() + request.timeout.unwrap_or(self.timeout);
        let mut url = request.url.clone();
        for _ in 0..=MOST_HOPS {
            let answer = self.exchange(request, &url, deadline).await.map_err(|failure| failed(request, failure))?;
            match next(request, &url, &answer)? {
                Some(there) => url = there,
                None => return Ok(answer),
            }
        }
        Err(Error::new(Kind::Refused, format!("{} sends on more than {MOST_HOPS} times", request.shown())))
    }

    async fn exchange(&self, request: &WebRequest, url: &Url, deadline: Instant) -> Result<WebAnswer, Failure> {
        let client = self.transport.client().map_err(Failure::NotSent)?;
        let sent = match &request.body {
            Some((kind, content)) => client.post(url.clone()).header(CONTENT_TYPE, *kind).body(content.clone()),
            None => client.get(url.clone()),
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let response = sent.headers(request.headers.clone()).timeout(left).send().await.map_err(failure)?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(WebAnswer { status, headers, body: read(response, self.largest).await? })
    }
}

/// Where a host sends a GET on to. Who was allowed one host was not allowed another.
fn next(request: &WebRequest, url: &Url, answer: &WebAnswer) -> Result<Option<Url>, Error> {
    let there = answer.headers.get(LOCATION).and_then(|there| url.join(there.to_str().ok()?).ok());
    let Some(there) = there.filter(|_| answer.status.is_redirection() && request.body.is_none()) else {
        return Ok(None);
    };
    let stays = host_of(there.as_str()) == host_of(url.as_str());
    if stays && (url.scheme() == "http" || there.scheme() == "https") {
        return Ok(Some(there));
    }
    let message = format!("{} sends on to {}, where this request does not go", request.shown(), shown(&there));
    Err(Error::new(Kind::Refused, message).hint("ask that address, if it is to be trusted"))
}

fn failed(request: &WebRequest, failure: Failure) -> Error {
    let told = |error: &Error| error.reworded(error.kind, format!("{}: {}", request.shown(), error.message));
    match failure {
        Failure::NotSent(error) if error.kind == Kind::Network => {
            told(&error).hint("check the address, the network and the proxy (http.proxy)")
        }
        Failure::NotSent(error) | Failure::Answered(error, _) => told(&error),
        Failure::Lost(error) if error.kind == Kind::TooLarge => told(&error).hint("ask for less"),
        Failure::Lost(error) => lost(request, &error),
    }
}

fn lost(request: &WebRequest, error: &Error) -> Error {
    if request.body.is_none() {
        return error.reworded(error.kind, format!("{}: {}", request.shown(), error.message));
    }
    let message = format!("{}: this may or may not have been done ({})", request.shown(), error.message);
    Error::new(Kind::UnknownOutcome, message).hint("look there before you repeat it")
}

fn shown(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), host_of(url.as_str()).unwrap_or_default(), url.path())
}

/// Whether an address leads to this machine.
pub fn leads_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
