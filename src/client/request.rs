//! From checked fields to an HTTP request.

use super::{
    Options,
    account::Account,
    file::{self, Flow},
    json::{Json, write_map},
    sign,
};
use crate::{
    Error,
    catalog::{Body, Operation, Place, Schema, Sign, WHOLE},
    config::Vendor,
    error::Kind,
    rights::Reach,
    secret::Secret,
};
use reqwest::{
    Client, Method, RequestBuilder,
    header::{self, HeaderName, HeaderValue},
    multipart::{Form, Part},
};
use rhai::{Dynamic, Map};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// What one attempt sends; made anew for every attempt, because signatures carry the time.
pub(super) struct Draft<'a> {
    pub operation: &'a Operation,
    pub account: &'a Account,
    pub fields: &'a Map,
    /// The token that goes into the query, with its name.
    pub token: Option<(&'static str, &'a Secret)>,
    pub options: &'a Options,
    /// The files that may be sent.
    pub reach: &'a Reach,
    /// How they are sent.
    pub flow: &'a Arc<Flow>,
}

/// Fill in what a script may leave out: constants, and what comes from the account.
pub(super) fn fill(operation: &Operation, account: &Account, fields: &mut Map) -> Result<(), Error> {
    for (name, schema) in &operation.input.properties {
        if fields.contains_key(name.as_str()) {
            continue;
        }
        let value = match (schema.constant.as_ref(), schema.from.as_deref()) {
            (Some(constant), _) => script_value(constant),
            (None, Some("default")) => schema.default.as_ref().map(script_value).unwrap_or_default(),
            (None, Some("clock.ms")) => now_ms().into(),
            (None, Some(from)) => account.value(from)?,
            (None, None) => continue,
        };
        fields.insert(name.as_str().into(), value);
    }
    Ok(())
}

/// A JSON value as a script sees it.
pub(crate) fn script_value(json: &serde_json::Value) -> Dynamic {
    super::json::decode(json.to_string().as_bytes()).unwrap_or_default()
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as i64)
}

impl Draft<'_> {
    pub(super) fn build(&self, client: &Client) -> Result<RequestBuilder, Error> {
        let mut query = self.texts(Some(Place::Query));
        query.extend(self.texts(Some(Place::QueryJoined)));
        let in_form = matches!(self.operation.body, Body::Form | Body::Multipart);
        let mut form = if in_form { self.texts(None) } else { BTreeMap::new() };
        let signed = if in_form { &mut form } else { &mut query };
        self.sign(signed)?;
        if let Some((name, token)) = self.token {
            query.insert(name.to_owned(), token.reveal().to_owned());
        }
        let method = Method::from_bytes(self.operation.method.as_bytes()).unwrap_or(Method::POST);
        let mut request = client.request(method, self.url(&query)?);
        for (name, value) in self.texts(Some(Place::Header)) {
            request = request.header(header_name(&name)?, header_value(&name, &value)?);
        }
        Ok(match self.operation.body {
            Body::None => request,
            Body::Json => request.header(header::CONTENT_TYPE, &self.operation.media).body(self.json()?),
            Body::Whole => match self.fields.get(WHOLE) {
                Some(value) => request.header(header::CONTENT_TYPE, &self.operation.media).body(self.whole(value)?),
                None => request,
            },
            Body::Form => request.header(header::CONTENT_TYPE, FORM).body(encoded(&form)),
            Body::Multipart => request.multipart(self.multipart(form)?),
        })
    }

    /// The scalars of one place (`None`: the body) as text.
    fn texts(&self, place: Option<Place>) -> BTreeMap<String, String> {
        let here = |name: &str| self.operation.places.get(name).copied() == place;
        let fields = self.fields.iter().filter(|(name, _)| here(name));
        let texts = fields.filter(|(name, _)| self.schema(name).is_none_or(|schema| !schema.is_binary()));
        let single = texts.filter(|(_, value)| place != Some(Place::Query) || !value.is_array());
        let text = |value: &Dynamic| match place.and_then(|_| value.as_array_ref().ok()) {
            Some(items) => items.iter().map(text_of).collect::<Vec<_>>().join(","),
            None => text_of(value),
        };
        single.map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    /// The lists of the query, a pair for each item.
    fn lists(&self) -> Vec<(&str, String)> {
        let here = |name: &str| self.operation.places.get(name) == Some(&Place::Query);
        let lists = self.fields.iter().filter(|(name, value)| here(name) && value.is_array());
        let items = lists.flat_map(|(name, value)| {
            let items = value.as_array_ref().map(|items| items.iter().map(text_of).collect()).unwrap_or_default();
            let pair = move |item| (name.as_str(), item);
            Vec::into_iter(items).map(pair)
        });
        items.collect()
    }

    fn schema(&self, name: &str) -> Option<&Schema> {
        self.operation.input.properties.get(name)
    }

    fn sign(&self, fields: &mut BTreeMap<String, String>) -> Result<(), Error> {
        let settings = &self.account.settings;
        let now = now_ms().to_string();
        match self.operation.sign {
            Some(Sign::PolyvV3) => {
                let own_clock = |schema: &Schema| schema.from.as_deref() == Some("clock.ms");
                if !self.operation.input.properties.values().any(own_clock) {
                    fields.insert("timestamp".into(), now);
                }
                fields.insert("appId".into(), self.account.text(&settings.appid, "appid")?);
                let secret = self.account.secret(settings.secret.as_ref(), "secret")?;
                fields.insert("sign".into(), sign::polyv_v3(fields, &secret));
            }
            Some(Sign::PolyvV2) => {
                fields.insert("ptime".into(), now);
                if !fields.keys().any(|name| name.eq_ignore_ascii_case("userid")) {
                    fields.insert("userid".into(), self.account.text(&settings.userid, "userid")?);
                }
                let key = self.account.secret(settings.secretkey.as_ref(), "secretkey")?;
                fields.insert("sign".into(), sign::polyv_v2(fields, &key));
            }
            Some(Sign::WechatToken | Sign::WechatComponent) | None => {}
        }
        Ok(())
    }

    fn url(&self, query: &BTreeMap<String, String>) -> Result<reqwest::Url, Error> {
        let base = self.account.server(self.operation).trim_end_matches('/');
        if base.is_empty() {
            let message = format!("the document of [[api]] `{}` does not say where it is served", self.account.name);
            return Err(
                Error::new(Kind::Config, message).hint("add `base_url = \"https://…\"` to its [[api]] in juben.toml")
            );
        }
        let mut path = self.operation.path.clone();
        for (name, value) in self.texts(Some(Place::Path)) {
            path = path.replace(&format!("{{{name}}}"), &escaped(&value));
        }
        let mut url = reqwest::Url::parse(&format!("{base}{path}")).map_err(|error| {
            Error::new(Kind::Config, format!("{base:?} is not a base URL: {error}"))
                .hint("base_url looks like https://api.weixin.qq.com")
        })?;
        let lists = self.lists();
        if !query.is_empty() || !lists.is_empty() {
            url.query_pairs_mut().extend_pairs(query).extend_pairs(lists);
        }
        Ok(url)
    }

    /// A body that is one value: JSON, or bytes or text of another kind.
    fn whole(&self, value: &Dynamic) -> Result<Vec<u8>, Error> {
        if !self.operation.media.contains("json") {
            return Ok(value.as_blob_ref().map_or_else(|_| text_of(value).into_bytes(), |bytes| bytes.clone()));
        }
        let any = Schema::default();
        let value = Json::to_send(value, self.schema(WHOLE).unwrap_or(&any));
        serde_json::to_vec(&value).map_err(|error| Error::new(Kind::Argument, error.to_string()))
    }

    fn json(&self) -> Result<Vec<u8>, Error> {
        let in_body = |(name, value): (&rhai::Identifier, &Dynamic)| {
            (!self.operation.places.contains_key(name.as_str())).then(|| (name.clone(), value.clone()))
        };
        let mut bytes = Vec::with_capacity(256);
        let mut writer = serde_json::Serializer::new(&mut bytes);
        let written = if self.operation.places.is_empty() {
            write_map(self.fields, Some(&self.operation.input), &mut writer)
        } else {
            let fields = Dynamic::from_map(self.fields.iter().filter_map(in_body).collect());
            serde::Serialize::serialize(&Json::to_send(&fields, &self.operation.input), &mut writer)
        };
        written.map_err(|error| Error::new(Kind::Argument, error.to_string()))?;
        Ok(bytes)
    }

    fn multipart(&self, texts: BTreeMap<String, String>) -> Result<Form, Error> {
        let mut form = Form::new();
        for (name, value) in texts {
            form = form.text(name, value);
        }
        let binary = |name: &str| self.schema(name).is_some_and(Schema::is_binary);
        for (name, value) in self.fields.iter().filter(|(name, _)| binary(name)) {
            form = form.part(name.to_string(), self.file(name, value)?);
        }
        Ok(form)
    }

    /// A blob, or the file of that name.
    fn file(&self, field: &str, value: &Dynamic) -> Result<Part, Error> {
        if let Ok(bytes) = value.as_blob_ref() {
            return Ok(Part::bytes(bytes.clone()).file_name(field.to_owned()));
        }
        let place = self.reach.read(&self.options.folder.join(text_of(value)))?;
        file::part(field, &place, self.options, self.flow)
    }
}

fn header_name(name: &str) -> Result<HeaderName, Error> {
    let wrong = |_| {
        Error::new(Kind::Argument, format!("`{name}` cannot be the name of a header"))
            .hint("HTTP allows letters, digits and - there; mend the document")
    };
    HeaderName::from_bytes(name.as_bytes()).map_err(wrong)
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, Error> {
    let wrong = |_| {
        Error::new(Kind::Argument, format!("`{name}` has a sign that HTTP does not allow in a header"))
            .hint("a header has no line breaks and no other control characters")
    };
    HeaderValue::from_str(value).map_err(wrong)
}

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// As in a query or a form.
pub(super) fn encoded(form: &BTreeMap<String, String>) -> String {
    let mut url = reqwest::Url::parse("form:").unwrap_or_else(|_| unreachable!("a constant"));
    url.query_pairs_mut().extend_pairs(form);
    url.query().unwrap_or_default().to_owned()
}

/// Escape what would end a path segment.
pub(super) fn escaped(segment: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    segment.bytes().map(|byte| if safe(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn text_of(value: &Dynamic) -> String {
    match value.read_lock::<Secret>() {
        Some(secret) => secret.reveal().to_owned(),
        None if value.is_map() || value.is_array() => super::json::encode(value).unwrap_or_default(),
        None => value.to_string(),
    }
}

impl Vendor {
    /// Where a token goes.
    pub(super) fn token_name(sign: Sign) -> Option<&'static str> {
        match sign {
            Sign::WechatToken => Some("access_token"),
            Sign::WechatComponent => Some("component_access_token"),
            Sign::PolyvV2 | Sign::PolyvV3 => None,
        }
    }
}
