//! One operation, with everything that the other rooms ask about it.

use super::{
    document::{Document, Media, Parameter, PathItem, RawOperation},
    schema::{Named, Schema, Type},
    vocabulary::*,
};
use crate::{Error, error::Kind};
use serde_json::{Map, Value};

/// One operation of a platform.
#[derive(Debug)]
pub struct Operation {
    /// The script module: `drama`.
    pub module: String,
    /// The function: `list_media`.
    pub name: String,
    /// The vendor's spelling of the function.
    pub alias: Option<String>,
    /// One sentence.
    pub summary: String,
    /// Rules, preconditions and quirks.
    pub description: String,
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The base URL, without a slash at the end.
    pub server: String,
    /// The path, perhaps with `{names}`.
    pub path: String,
    /// All parameters as the fields of one map.
    pub input: Schema,
    /// Where fields go that are not in the body.
    pub places: Named<Place>,
    /// How the body is written.
    pub body: Body,
    /// The body's content type.
    pub media: String,
    /// What comes back.
    pub reply: Reply,
    /// How the call is signed.
    pub sign: Option<Sign>,
    /// How the calls of its document are signed unless they say otherwise; it tells whose accounts can call it.
    pub family: Option<Sign>,
    /// How the reply tells success from failure.
    pub envelope: Option<Envelope>,
    /// What it does to the platform's state.
    pub effects: Effects,
    /// How it pages.
    pub pages: Option<Pages>,
    /// How it takes many rows.
    pub batch: Option<Batch>,
    /// Its own quota and that of its platform.
    pub quota: Vec<Quota>,
    /// What may be repeated.
    pub retry: Retry,
    /// How its task is followed.
    pub wait: Option<Wait>,
    /// What undoes it.
    pub inverse: Option<Inverse>,
    /// What shows the state of what it touches.
    pub target: Option<Target>,
    /// Which error codes it can answer.
    pub errors: ErrorGroups,
    /// A request that works.
    pub example: Map<String, Value>,
}

/// Where a field that is not in the body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Into the path.
    Path,
    /// Into the query; a list as one pair for each item.
    Query,
    /// Into the query; a list with commas between its items.
    QueryJoined,
    /// Into a header.
    Header,
}

/// How a request's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    None,
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`
    Multipart,
    /// The value of the field [`WHOLE`], whatever it is.
    Whole,
}

/// The field that is all of a body, or all of a reply, which is no JSON object.
pub const WHOLE: &str = "body";

/// What an operation answers.
#[derive(Debug, Default)]
pub struct Reply {
    /// The shape of a JSON reply.
    pub schema: Schema,
    /// Whether the reply may be the bytes of a file.
    pub binary: bool,
    /// A reply, with its envelope.
    pub example: Option<Value>,
    /// Paths of integers that may come as digits.
    pub integers: Vec<Path>,
    /// Paths of secrets.
    pub secrets: Vec<Path>,
    /// What the documented HTTP statuses mean that are no success.
    pub refusals: Named<String>,
}

/// A way into a reply: names of fields, `[]` for every item.
pub type Path = Vec<String>;

impl Operation {
    /// `drama.list_media`
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.module, self.name)
    }

    /// `drama::list_media`
    pub fn script_name(&self) -> String {
        format!("{}::{}", self.module, self.name)
    }

    /// What a call with these parameters does; `equals` compares a field with a value.
    pub fn effect(&self, equals: impl Fn(&str, &Value) -> bool) -> Effect {
        let case = self.effects.when.iter().find(|case| equals(&case.field, &case.equals));
        case.map_or(self.effects.default, |case| case.effect)
    }

    /// The required scalars, if they are few enough and nothing else is required: they may be given in order.
    pub fn positional(&self) -> Option<&[String]> {
        let required = &self.input.required;
        if !self.input.any_of.is_empty() {
            return None;
        }
        let scalar = |name: &String| self.input.properties.get(name).is_some_and(Schema::is_scalar);
        ((1..=3).contains(&required.len()) && required.iter().all(scalar)).then_some(required)
    }

    /// How it may be called: `one map of parameters or (media_id), then perhaps a map of options`.
    pub fn forms(&self) -> String {
        let positional = self.positional().map(|names| format!(" or ({})", names.join(", "))).unwrap_or_default();
        format!("one map of parameters{positional}, then perhaps a map of options")
    }

    /// Its example as a script writes it: `drama::get_media(#{ media_id: 910003 })`. There is none where a required
    /// field has no example.
    pub fn example_call(&self) -> Option<String> {
        if !self.input.required.iter().all(|name| self.example.contains_key(name)) {
            return None;
        }
        let fields = if self.example.is_empty() { String::new() } else { fields_in_script(&self.example) };
        Some(format!("{}({fields})", self.script_name()))
    }

    /// How it pages, if it does.
    pub fn paged(&self) -> Result<&Pages, Error> {
        self.pages.as_ref().ok_or_else(|| {
            let message = format!("`{}` does not come in pages", self.full_name());
            Error::new(Kind::Argument, message).hint("call it directly; `juben doc NAME` says which operations page")
        })
    }

    /// The fields of a reply that belong to its envelope: a script does not see them.
    pub fn hidden_fields(&self) -> Vec<String> {
        let Some(envelope) = &self.envelope else { return Vec::new() };
        match envelope.drop.is_empty() {
            true => vec![envelope.code.clone(), envelope.message.clone()],
            false => envelope.drop.clone(),
        }
    }

    pub(super) fn new(
        document: &Document,
        path: &str,
        item: &PathItem,
        method: &'static str,
        raw: &RawOperation,
    ) -> Self {
        let Asked { input, places, body, media, example } = input_of(document, item, raw);
        let server = raw.servers.first().or(item.servers.first()).or(document.servers.first());
        let effect = if method == "GET" { Effect::Read } else { Effect::Write };
        Operation {
            module: raw.tags.first().cloned().unwrap_or_default(),
            name: raw.operation_id.clone(),
            alias: raw.alias.clone(),
            summary: raw.summary.clone(),
            description: raw.description.trim().to_owned(),
            method,
            server: server.map(|server| server.url.trim_end_matches('/').to_owned()).unwrap_or_default(),
            path: path.to_owned(),
            input,
            places,
            body,
            media,
            reply: reply_of(document, raw),
            sign: sign_of(document, raw.security.as_ref().unwrap_or(&document.security)),
            family: sign_of(document, &document.security),
            envelope: raw.envelope.clone().or_else(|| document.envelope.clone()),
            effects: raw.effect.clone().unwrap_or(Effects { default: effect, when: Vec::new() }),
            pages: raw.pages.clone(),
            batch: raw.batch.clone(),
            quota: raw.quota.iter().chain(&document.quota).cloned().collect(),
            retry: raw.retry.clone(),
            wait: raw.wait.clone(),
            inverse: raw.inverse.clone(),
            target: raw.target.clone(),
            errors: raw.errors.clone(),
            example,
        }
    }
}

/// What an operation takes.
struct Asked {
    input: Schema,
    places: Named<Place>,
    body: Body,
    media: String,
    example: Map<String, Value>,
}

fn input_of(document: &Document, item: &PathItem, raw: &RawOperation) -> Asked {
    let mut asked = Asked {
        input: Schema { types: vec![Type::Object], ..Schema::default() },
        places: Named::default(),
        body: Body::None,
        media: String::new(),
        example: Map::new(),
    };
    for parameter in item.parameters.iter().chain(&raw.parameters) {
        asked.parameter(document, referred(document, parameter));
    }
    if let Some(body) = &raw.request_body
        && let Some((name, media)) = body.content.first()
    {
        asked.body(document, name, media, body.required);
    }
    let input = &asked.input;
    let filled = |name: &String| {
        input.properties.get(name).is_some_and(|field| field.from.is_some() || field.constant.is_some())
    };
    asked.input.required = input.required.iter().filter(|name| !filled(name)).cloned().collect();
    asked
}

impl Asked {
    fn parameter(&mut self, document: &Document, parameter: &Parameter) {
        let place = match parameter.place.as_str() {
            "path" => Place::Path,
            "header" => Place::Header,
            _ if parameter.explode == Some(false) => Place::QueryJoined,
            _ => Place::Query,
        };
        let mut schema = parameter.schema.resolved(&document.components.schemas);
        if !parameter.description.is_empty() {
            schema.description = parameter.description.clone();
        }
        schema.from = parameter.from.clone().or(schema.from);
        if let Some(value) = &parameter.example {
            self.example.insert(parameter.name.clone(), value.clone());
        }
        if parameter.required {
            self.input.required.push(parameter.name.clone());
        }
        self.places.insert(parameter.name.clone(), place);
        self.input.properties.insert(parameter.name.clone(), schema);
    }

    fn body(&mut self, document: &Document, name: &str, media: &Media, required: bool) {
        let schema = media.schema.resolved(&document.components.schemas).of_requests();
        self.media = name.to_owned();
        self.body = match name {
            _ if name.starts_with("multipart/") => Body::Multipart,
            _ if name.ends_with("x-www-form-urlencoded") => Body::Form,
            _ if name.contains("json") && self.can_join(&schema) => Body::Json,
            _ => Body::Whole,
        };
        if self.body == Body::Whole {
            self.example.extend(media.example.iter().map(|example| (WHOLE.to_owned(), example.clone())));
            self.input.required.extend(required.then(|| WHOLE.to_owned()));
            self.input.properties.insert(WHOLE.to_owned(), schema);
            return;
        }
        self.input.properties.extend(schema.properties);
        self.input.required.extend(schema.required);
        self.input.dependent_required = schema.dependent_required;
        self.input.any_of = schema.any_of;
        self.input.condition = schema.condition;
        self.input.then = schema.then;
        self.input.open = schema.open;
        if let Some(Value::Object(fields)) = &media.example {
            self.example.extend(fields.clone());
        }
    }

    /// Whether the fields of a body can stand beside the parameters in one map.
    fn can_join(&self, schema: &Schema) -> bool {
        let object = schema.types == [Type::Object] || (schema.types.is_empty() && !schema.properties.is_empty());
        object
            && (!schema.properties.is_empty() || !schema.open)
            && !schema.properties.keys().any(|name| self.places.contains_key(name))
    }
}

fn referred<'a>(document: &'a Document, parameter: &'a Parameter) -> &'a Parameter {
    let name = parameter.reference.as_deref().and_then(|target| target.strip_prefix("#/components/parameters/"));
    name.and_then(|name| document.components.parameters.get(name)).unwrap_or(parameter)
}

fn reply_of(document: &Document, raw: &RawOperation) -> Reply {
    let mut reply = Reply::default();
    let refused = raw.responses.iter().filter(|(status, _)| !status.starts_with('2') && *status != "default");
    reply.refusals = refused.map(|(status, response)| (status.clone(), response.description.clone())).collect();
    let works = || raw.responses.iter().find(|(status, _)| status.starts_with('2'));
    let found = raw.responses.get_key_value("200").or_else(works).or_else(|| raw.responses.get_key_value("default"));
    let Some((_, response)) = found else { return reply };
    reply.binary = response.content.keys().any(|media| !media.contains("json"));
    if let Some((_, media)) = response.content.iter().find(|(media, _)| media.contains("json")) {
        reply.schema = media.schema.resolved(&document.components.schemas);
        reply.example = media.example.clone();
        reply.wrap();
    }
    let mut way = Vec::new();
    collect(&reply.schema, &mut way, &mut reply.integers, &mut reply.secrets);
    reply
}

impl Reply {
    /// What is no object stands in a field of its own.
    fn wrap(&mut self) {
        if self.schema.types.is_empty() || self.schema.allows(Type::Object) {
            return;
        }
        let whole = std::mem::take(&mut self.schema);
        self.schema.types = vec![Type::Object];
        self.schema.properties.insert(WHOLE.to_owned(), whole);
        self.example = self.example.take().map(|example| serde_json::json!({ WHOLE: example }));
    }
}

fn collect(schema: &Schema, way: &mut Path, integers: &mut Vec<Path>, secrets: &mut Vec<Path>) {
    if schema.is_secret() {
        secrets.push(way.clone());
    } else if schema.is_int64() && schema.types.contains(&Type::String) {
        integers.push(way.clone());
    }
    let items = schema.items.as_deref().map(|items| ("[]", items));
    let fields = schema.properties.iter().map(|(name, field)| (name.as_str(), field));
    for (step, inner) in fields.chain(items) {
        way.push(step.to_owned());
        collect(inner, way, integers, secrets);
        way.pop();
    }
}

fn fields_in_script(fields: &Map<String, Value>) -> String {
    // A word of the language, such as `new`, and a name with other signs than letters are quoted.
    let field = |(name, value): (&String, &Value)| match rhai::is_valid_function_name(name) {
        true => format!("{name}: {}", in_script(value)),
        false => format!("{name:?}: {}", in_script(value)),
    };
    format!("#{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
}

fn in_script(value: &Value) -> String {
    match value {
        Value::Null => "()".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(in_script).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => fields_in_script(fields),
        plain => plain.to_string(),
    }
}

fn sign_of(document: &Document, security: &[Named<Value>]) -> Option<Sign> {
    let (scheme, _) = security.first()?.first()?;
    document.components.security_schemes.get(scheme)?.sign
}
