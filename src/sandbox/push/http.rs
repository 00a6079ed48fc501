//! One request to the receiver, and what it answers.

use reqwest::{Client, RequestBuilder, StatusCode, Url, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{error::Error, io, iter::successors, sync::Arc, time::Duration};

/// How long the platform waits for an answer.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

pub(super) fn client(receiver: &Url) -> io::Result<Client> {
    let builder = Client::builder()
        .tls_backend_preconfigured(trust(receiver).map_err(io::Error::other)?)
        .timeout(LIMIT)
        .no_proxy()
        .redirect(redirect::Policy::none())
        // A connection that the receiver has closed in between would count as an attempt.
        .pool_max_idle_per_host(0);
    builder.build().map_err(io::Error::other)
}

/// Whom connections trust. The system's certificates are read only when they are needed.
fn trust(receiver: &Url) -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?;
    let builder = match receiver.scheme() {
        "https" => builder.with_platform_verifier()?,
        _ => builder.with_root_certificates(RootCertStore::empty()),
    };
    Ok(builder.with_no_client_auth())
}

/// The body of an answer with status 200, or why there is none.
pub(super) async fn answer(request: RequestBuilder) -> Result<String, String> {
    /// Nothing longer can be right.
    const LONGEST: usize = 256;
    let mut response = request.send().await.map_err(|error| failure(&error))?;
    if response.status() != StatusCode::OK {
        return Err(format!("the status is {}", response.status()));
    }
    let mut body = Vec::new();
    while body.len() < LONGEST
        && let Some(piece) = response.chunk().await.map_err(|error| failure(&error))?
    {
        body.extend_from_slice(&piece);
    }
    body.truncate(LONGEST);
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// The innermost cause; the outer ones name the URL.
fn failure(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} seconds", LIMIT.as_secs());
    }
    let innermost = successors(error.source(), |&error| error.source()).last();
    innermost.map_or_else(|| "no answer".to_owned(), |error| format!("no answer: {error}"))
}
