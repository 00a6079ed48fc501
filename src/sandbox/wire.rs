//! Reads a request off the wire: query, path and body, each in its own spelling, become the fields of one map.

use super::{
    convert::{from_text, to_integers},
    endpoint::Endpoint,
    model::{File, Refusal},
    multipart, polyv,
    signature::Parameters,
    text::{decode, pairs},
};
use crate::catalog::Body as Spelling;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{Method, header::CONTENT_TYPE},
};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The largest body that is no upload.
const LARGEST: usize = 10 << 20;

/// A request as it was sent.
#[derive(Debug, Default)]
pub(super) struct Wire {
    /// Every text of query and form by its name, as signatures see them.
    pub texts: Parameters,
    /// The fields that the operation has.
    pub fields: Map<String, Value>,
    pub files: BTreeMap<String, File>,
    /// Why the body could not be read.
    pub defect: Option<Refusal>,
}

/// Read everything; what cannot be read is a defect, to be told when the caller is known.
pub(super) async fn read(endpoint: &Endpoint, in_path: Vec<(String, String)>, request: Request) -> Wire {
    let mut wire = Wire::default();
    wire.texts.extend(pairs(request.uri().query().unwrap_or_default()));
    wire.defect = body(endpoint, &mut wire, request).await.err();
    let known = &endpoint.operation.input.properties;
    for (name, text) in wire.texts.iter().filter(|(_, text)| !text.is_empty()) {
        let name = polyv::spelling(&endpoint.name, name);
        if let Some(schema) = known.get(name)
            && !wire.fields.contains_key(name)
        {
            wire.fields.insert(name.to_owned(), from_text(schema, text));
        }
    }
    wire.fields.retain(|name, _| known.contains_key(name));
    wire.fields.extend(in_path.into_iter().map(|(name, text)| (name, Value::String(text))));
    wire
}

async fn body(endpoint: &Endpoint, wire: &mut Wire, request: Request) -> Result<(), Refusal> {
    let by_get = request.method() == Method::GET;
    match endpoint.operation.body {
        // What one source calls a GET has a JSON body nevertheless, or its fields in the query.
        Spelling::Json => match whole(request).await? {
            bytes if by_get && bytes.trim_ascii().is_empty() => Ok(()),
            bytes => json(endpoint, wire, bytes),
        },
        _ if by_get => Ok(()),
        _ if is(&request, "multipart/") => multipart::read(endpoint, wire, request).await,
        Spelling::Multipart | Spelling::Form | Spelling::Whole | Spelling::None => {
            wire.texts.extend(pairs(&String::from_utf8_lossy(&whole(request).await?)));
            Ok(())
        }
    }
}

fn is(request: &Request, kind: &str) -> bool {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    given.is_some_and(|given| given.to_ascii_lowercase().starts_with(kind))
}

async fn whole(request: Request<Body>) -> Result<Bytes, Refusal> {
    to_bytes(request.into_body(), LARGEST).await.map_err(|error| match error.to_string().as_str() {
        "length limit exceeded" => Refusal::new(45002, "content size out of limit"),
        _ => Refusal::new(47001, "data format error"),
    })
}

fn json(endpoint: &Endpoint, wire: &mut Wire, bytes: Bytes) -> Result<(), Refusal> {
    if bytes.trim_ascii().is_empty() {
        return Err(Refusal::new(44002, "empty post data"));
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) else {
        return Err(Refusal::new(47001, "data format error"));
    };
    to_integers(&endpoint.operation.input, &mut value);
    match value {
        Value::Object(fields) => wire.fields = fields,
        _ => return Err(Refusal::new(47001, "data format error")),
    }
    Ok(())
}

/// The path of a request, readable and without its query.
pub(super) fn path_of(request: &Request) -> String {
    const LONGEST: usize = 200;
    decode(request.uri().path()).chars().take(LONGEST).collect()
}
