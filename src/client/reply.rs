//! From the bytes of a reply to its fields, or to what went wrong.

use super::{json, look::at, retry::Failure, transport::Received};
use crate::{
    Error,
    catalog::{Absent, Catalog, Envelope, ErrorCode, Operation, Path, RetryWhen, WHOLE},
    error::Kind,
    secret::Secret,
};
use rhai::{Dynamic, Map};

/// Judge a reply: HTTP status and the platform's own code both count.
pub(super) fn judge(catalog: &Catalog, operation: &Operation, received: Received) -> Result<Map, Failure> {
    let Received { status, media, body } = &received;
    // Without an envelope the HTTP status alone tells how a call went.
    let plain = operation.envelope.is_none();
    let works = *status < 300;
    if received.is_file(operation) {
        let content = match media.starts_with("text/") {
            true => String::from_utf8_lossy(body).into_owned().into(),
            false => Dynamic::from_blob(body.to_vec()),
        };
        return Ok(Map::from_iter([(WHOLE.into(), content), ("content_type".into(), media.clone().into())]));
    }
    let fields = match json::decode(body) {
        _ if plain && works && body.trim_ascii().is_empty() => Some(Map::new()),
        Ok(value) if plain && works && !value.is_map() => Some(Map::from_iter([(WHOLE.into(), value)])),
        Ok(value) => value.try_cast::<Map>(),
        Err(error) if *status < 300 => return Err(Failure::Lost(unreadable(&received, &error))),
        Err(_) => None,
    };
    match (fields, &operation.envelope) {
        (Some(fields), Some(envelope)) if code_of(envelope, &fields).is_some() => {
            opened(catalog, operation, envelope, fields)
        }
        (fields, None) if *status >= 300 => Err(told(operation, *status, fields.unwrap_or_default())),
        (_, _) if *status >= 300 => Err(by_status(*status)),
        (None, _) => Err(Failure::Lost(Error::new(Kind::Server, "the reply is not a JSON object"))),
        (Some(fields), Some(envelope)) => without_code(operation, envelope, fields),
        (Some(fields), None) => Ok(finish(operation, fields)),
    }
}

impl Received {
    /// Whether the body is the bytes of a file. A platform with an envelope says in JSON or in words what went wrong.
    pub(super) fn is_file(&self, operation: &Operation) -> bool {
        let is_json = self.media.contains("json");
        let is_text = self.media.starts_with("text/") && operation.envelope.is_some();
        operation.reply.binary && self.status < 300 && !is_json && !is_text
    }
}

fn code_of(envelope: &Envelope, fields: &Map) -> Option<i64> {
    let code = fields.get(envelope.code.as_str())?;
    code.as_int().ok().or_else(|| code.as_immutable_string_ref().ok()?.parse().ok())
}

fn opened(catalog: &Catalog, operation: &Operation, envelope: &Envelope, mut fields: Map) -> Result<Map, Failure> {
    let code = code_of(envelope, &fields).unwrap_or_default();
    if code == envelope.success {
        strip(envelope, &mut fields);
        return Ok(finish(operation, fields));
    }
    let inner = envelope.inner.as_ref();
    let exact = inner.and_then(|inner| at(&fields, &inner.code)?.to_string().parse().ok());
    let text = |path: &str| at(&fields, path).filter(|it| it.is_string()).map(|it| it.to_string());
    let said = inner.and_then(|inner| text(&inner.message)).or_else(|| text(&envelope.message)).unwrap_or_default();
    let request_id = envelope.request_id.as_deref().and_then(text);
    let code = exact.unwrap_or(code);
    strip(envelope, &mut fields);
    let (error, retry) = match catalog.error_code(operation, code) {
        Some(known) => (known_error(known, code, &said), known.retry),
        None => (unknown_error(code, &said), RetryWhen::No),
    };
    Err(Failure::Answered(error.code(code).request_id(request_id).reply(finish(operation, fields)), retry))
}

fn known_error(known: &ErrorCode, code: i64, said: &str) -> Error {
    let kind = Kind::named(&known.kind).unwrap_or(Kind::Refused);
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    let retryable = known.retry != RetryWhen::No;
    Error::new(kind, format!("{} (code {code}{said})", known.meaning.en)).hint(&known.hint.en).retryable(retryable)
}

fn unknown_error(code: i64, said: &str) -> Error {
    let said = if said.is_empty() { "refused by the platform" } else { said };
    Error::new(Kind::Refused, format!("{said} (code {code})")).hint("this code is not documented for the operation")
}

/// A reply without a code is a success only if it has what the operation answers.
fn without_code(operation: &Operation, envelope: &Envelope, mut fields: Map) -> Result<Map, Failure> {
    strip(envelope, &mut fields);
    let own = operation.reply.schema.properties.keys().any(|name| fields.contains_key(name.as_str()));
    match (envelope.absent, own) {
        (Absent::Success, true) => Ok(finish(operation, fields)),
        _ => Err(Failure::Lost(Error::new(
            Kind::Server,
            format!("the reply has neither `{}` nor a field of this operation", envelope.code),
        ))),
    }
}

fn strip(envelope: &Envelope, fields: &mut Map) {
    let dropped = envelope.drop.iter().map(String::as_str);
    let default = [envelope.code.as_str(), envelope.message.as_str()];
    let default = default.into_iter().filter(|_| envelope.drop.is_empty());
    for name in dropped.chain(default) {
        fields.remove(name);
    }
}

/// Integers that came as digits become integers; secrets can no longer be printed.
fn finish(operation: &Operation, mut fields: Map) -> Map {
    for path in &operation.reply.integers {
        change(&mut fields, path, &|value| {
            let number = value.as_immutable_string_ref().ok().and_then(|text| text.parse::<i64>().ok());
            if let Some(number) = number {
                *value = number.into();
            }
        });
    }
    for path in &operation.reply.secrets {
        change(&mut fields, path, &|value| {
            if value.is_string() {
                *value = Dynamic::from(Secret::new(value.to_string()));
            }
        });
    }
    fields
}

fn change(fields: &mut Map, path: &Path, with: &impl Fn(&mut Dynamic)) {
    if let Some((first, rest)) = path.split_first()
        && let Some(value) = fields.get_mut(first.as_str())
    {
        change_value(value, rest, with);
    }
}

fn change_value(value: &mut Dynamic, path: &[String], with: &impl Fn(&mut Dynamic)) {
    let Some((step, rest)) = path.split_first() else { return with(value) };
    if step == "[]" {
        if let Ok(mut items) = value.as_array_mut() {
            items.iter_mut().for_each(|item| change_value(item, rest, with));
        }
    } else if let Ok(mut fields) = value.as_map_mut()
        && let Some(inner) = fields.get_mut(step.as_str())
    {
        change_value(inner, rest, with);
    }
}

fn unreadable(received: &Received, error: &serde_json::Error) -> Error {
    let html = received.body.trim_ascii_start().starts_with(b"<");
    let message = match (html, error.is_eof()) {
        (true, _) => "the answer is a web page, not JSON".to_owned(),
        (false, true) => "the answer is cut off".to_owned(),
        (false, false) => format!("the answer is not JSON: {error}"),
    };
    let hint = "something between here and the platform answers for it: check base_url and the proxy";
    let error = Error::new(Kind::Server, message);
    if html { error.hint(hint) } else { error }
}

/// A refusal by its HTTP status, in the words of the reply or else of the document.
fn told(operation: &Operation, status: u16, fields: Map) -> Failure {
    let class = format!("{}xx", status / 100);
    let known = [status.to_string(), class].iter().find_map(|name| operation.reply.refusals.get(name)).cloned();
    let words = said(&fields).or(known.filter(|words| !words.is_empty()));
    let named = |error: Error| {
        let error = match &words {
            Some(words) => {
                error.reworded(error.kind, format!("HTTP status {status}: {words}")).retryable(error.retryable)
            }
            None => error,
        };
        error.code(status.into()).reply(fields.clone())
    };
    match by_status(status) {
        Failure::Answered(error, retry) => Failure::Answered(named(error), retry),
        Failure::Lost(error) => Failure::Lost(named(error)),
        unsent => unsent,
    }
}

/// What an error says, by the names that are usual for it; RFC 9457 calls it `detail`.
fn said(fields: &Map) -> Option<String> {
    const NAMES: [&str; 7] = ["detail", "message", "error_description", "msg", "reason", "error", "title"];
    NAMES.iter().find_map(|name| {
        let value = fields.get(*name)?;
        match value.as_map_ref() {
            Ok(inner) => said(&inner),
            Err(_) => value.as_immutable_string_ref().ok().filter(|text| !text.is_empty()).map(|text| text.to_string()),
        }
    })
}

/// What a status means that is no success.
pub(super) fn by_status(status: u16) -> Failure {
    let error = |kind, message: &str| Error::new(kind, format!("HTTP status {status}: {message}"));
    let refused = |kind, message, retry| Failure::Answered(error(kind, message), retry);
    match status {
        401 | 403 => refused(Kind::Auth, "not allowed", RetryWhen::No),
        404 => refused(Kind::NotFound, "there is nothing at this address; check base_url", RetryWhen::No),
        409 => refused(Kind::Conflict, "it cannot be done in the present state", RetryWhen::No),
        413 => refused(Kind::TooLarge, "the request is too large", RetryWhen::No),
        429 => refused(Kind::Throttled, "too many calls", RetryWhen::Minute),
        300..=399 => refused(Kind::Refused, "a redirect, which is not followed; check base_url", RetryWhen::No),
        400..=499 => refused(Kind::Refused, "the request was refused", RetryWhen::No),
        _ => Failure::Lost(error(Kind::Server, "the platform, or a gateway before it, failed")),
    }
}
