//! The HTTP client, made when the first call is, and the bytes of a reply, bounded.

use super::{file::Flow, retry::Failure, threads::Threads, trust::Trust};
use crate::{Error, catalog::RetryWhen, config::Http, error::Kind};
use bytes::{Bytes, BytesMut};
use reqwest::{Client, Proxy, RequestBuilder, Response, header, redirect};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

/// Sends requests.
#[derive(Debug)]
pub(super) struct Transport {
    settings: Http,
    trust: Arc<Trust>,
    /// Whether proxies of the environment are used; the sandbox is reached without.
    pub direct: bool,
    /// Whether a reply is left packed as its server sends it.
    as_it_is: bool,
    client: OnceLock<Result<Client, Error>>,
    /// Those that send files.
    threads: Threads,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Received {
    pub status: u16,
    pub media: String,
    pub body: Bytes,
}

impl Transport {
    pub(super) fn new(settings: Http, trust: Arc<Trust>, direct: bool) -> Self {
        Transport { settings, trust, direct, as_it_is: false, client: OnceLock::new(), threads: Threads::default() }
    }

    /// The same for files: servers say of an archive that it is a page that they have packed.
    pub(super) fn of_files(self) -> Self {
        Transport { as_it_is: true, ..self }
    }

    /// The client. TLS costs several milliseconds to set up: not before it is needed.
    pub(super) fn client(&self) -> Result<&Client, Error> {
        self.client.get_or_init(|| self.build()).as_ref().map_err(Clone::clone)
    }

    fn build(&self) -> Result<Client, Error> {
        let mut builder = Client::builder()
            .user_agent(concat!("juben/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(self.trust.config()?)
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(15))
            // Following a redirect could send a write twice.
            .redirect(redirect::Policy::none());
        if self.as_it_is {
            builder = builder.no_gzip();
        }
        if self.direct {
            builder = builder.no_proxy();
        } else if let Some(proxy) = &self.settings.proxy {
            builder = builder.proxy(Proxy::all(proxy).map_err(|error| {
                Error::new(Kind::Config, format!("http.proxy in juben.toml cannot be used: {error}"))
            })?);
        }
        let failed = |error| Error::new(Kind::Config, format!("HTTP cannot be set up: {}", cause(&error)));
        builder.build().map_err(failed)
    }

    /// Send a request and read its reply to the end.
    pub(super) async fn exchange(&self, request: RequestBuilder, timeout: Duration) -> Result<Received, Failure> {
        exchange(request.timeout(timeout), self.settings.max_reply).await
    }

    /// The same for a request with files. It ends when none of their bytes has moved for a while.
    pub(super) async fn carry(
        &self,
        request: RequestBuilder,
        timeout: Duration,
        flow: &Arc<Flow>,
    ) -> Result<Received, Failure> {
        let (flow, patience) = (flow.clone(), Duration::from_secs(self.settings.timeout.saturating_mul(2)));
        let work = exchange(request.timeout(timeout), self.settings.max_reply);
        let watched = async move {
            tokio::select! {
                received = work => received,
                () = flow.stalled(patience) => {
                    let message = format!("nothing has moved for {} s", patience.as_secs());
                    Err(Failure::Lost(Error::new(Kind::Network, message)))
                }
            }
        };
        let failed = |error: std::io::Error| Failure::NotSent(Error::new(Kind::Limit, format!("no thread: {error}")));
        self.threads.run(watched).await.unwrap_or_else(|error| Err(failed(error)))
    }
}

async fn exchange(request: RequestBuilder, most: u64) -> Result<Received, Failure> {
    let response = request.send().await.map_err(failure)?;
    let status = response.status().as_u16();
    let media = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().to_ascii_lowercase();
    let body = read(response, most).await?;
    Ok(Received { status, media, body })
}

/// The body of a reply, of at most so many bytes.
pub(super) async fn read(mut response: Response, most: u64) -> Result<Bytes, Failure> {
    let announced = response.content_length().unwrap_or(0);
    if announced > most {
        return Err(Failure::Lost(too_large(most)));
    }
    let mut body = BytesMut::with_capacity(announced as usize);
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > most as usize {
            return Err(Failure::Lost(too_large(most)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn too_large(most: u64) -> Error {
    Error::new(Kind::TooLarge, format!("the reply is larger than {most} bytes"))
        .hint("ask for fewer items, or raise http.max_reply in juben.toml")
}

/// Whether anything can have reached the platform decides what may be done next.
pub(super) fn failure(error: reqwest::Error) -> Failure {
    // What cannot be made into a request cannot be the next time either.
    if error.is_builder() {
        let error = Error::new(Kind::Argument, format!("the request cannot be made: {}", cause(&error)));
        return Failure::Answered(error, RetryWhen::No);
    }
    let unsent = error.is_connect();
    let message = match (error.is_timeout(), unsent) {
        (true, true) => "no connection in time".to_owned(),
        (true, false) => "no answer in time".to_owned(),
        (false, true) => format!("no connection: {}", cause(&error)),
        (false, false) => format!("the connection broke: {}", cause(&error)),
    };
    let error = Error::new(Kind::Network, message);
    if unsent {
        Failure::NotSent(error.hint("check the network, the proxy (http.proxy) and base_url"))
    } else {
        Failure::Lost(error)
    }
}

/// The innermost cause; the outer ones name the URL, which carries the token.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if std::ptr::addr_eq(cause, error) { "the request could not be made".to_owned() } else { cause.to_string() }
}
