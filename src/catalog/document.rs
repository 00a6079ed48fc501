//! An OpenAPI 3.1 document as it is written; `operation.rs` makes operations of it.

use super::{
    schema::{Named, Schema},
    vocabulary::*,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Document {
    pub servers: Vec<Server>,
    pub tags: Vec<Tag>,
    pub paths: Named<PathItem>,
    pub webhooks: Named<Webhook>,
    pub components: Components,
    pub security: Vec<Named<Value>>,
    #[serde(rename = "x-juben-envelope")]
    pub envelope: Option<Envelope>,
    #[serde(rename = "x-juben-errors")]
    pub errors: Named<Named<ErrorCode>>,
    #[serde(rename = "x-juben-quota")]
    pub quota: Vec<Quota>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Server {
    pub url: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Tag {
    pub name: String,
    #[serde(default)]
    pub description: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Components {
    pub schemas: Named<Schema>,
    pub parameters: Named<Parameter>,
    #[serde(rename = "securitySchemes")]
    pub security_schemes: Named<SecurityScheme>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct SecurityScheme {
    #[serde(rename = "x-juben-sign")]
    pub sign: Option<Sign>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PathItem {
    pub servers: Vec<Server>,
    pub parameters: Vec<Parameter>,
    pub get: Option<RawOperation>,
    pub post: Option<RawOperation>,
    pub put: Option<RawOperation>,
    pub patch: Option<RawOperation>,
    pub delete: Option<RawOperation>,
}

impl PathItem {
    pub fn operations(&self) -> impl Iterator<Item = (&'static str, &RawOperation)> {
        let all = [
            ("GET", &self.get),
            ("POST", &self.post),
            ("PUT", &self.put),
            ("PATCH", &self.patch),
            ("DELETE", &self.delete),
        ];
        all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawOperation {
    pub operation_id: String,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub summary: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub servers: Vec<Server>,
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    pub request_body: Option<RequestBody>,
    #[serde(default)]
    pub responses: Named<Response>,
    pub security: Option<Vec<Named<Value>>>,
    #[serde(rename = "x-juben-alias")]
    pub alias: Option<String>,
    #[serde(rename = "x-juben-effect")]
    pub effect: Option<Effects>,
    #[serde(rename = "x-juben-envelope")]
    pub envelope: Option<Envelope>,
    #[serde(rename = "x-juben-pages")]
    pub pages: Option<Pages>,
    #[serde(rename = "x-juben-batch")]
    pub batch: Option<Batch>,
    #[serde(rename = "x-juben-quota", default)]
    pub quota: Vec<Quota>,
    #[serde(rename = "x-juben-retry", default)]
    pub retry: Retry,
    #[serde(rename = "x-juben-wait")]
    pub wait: Option<Wait>,
    #[serde(rename = "x-juben-inverse")]
    pub inverse: Option<Inverse>,
    #[serde(rename = "x-juben-target")]
    pub target: Option<Target>,
    #[serde(rename = "x-juben-errors", default)]
    pub errors: ErrorGroups,
}

/// What a platform tells of by itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Webhook {
    pub get: Option<RawEvent>,
    pub post: Option<RawEvent>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawEvent {
    pub summary: String,
    pub parameters: Vec<Parameter>,
    pub request_body: Option<RequestBody>,
    #[serde(rename = "x-juben-name")]
    pub name: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parameter {
    #[serde(rename = "$ref")]
    pub reference: Option<String>,
    pub name: String,
    #[serde(rename = "in")]
    pub place: String,
    pub required: bool,
    pub description: String,
    pub schema: Schema,
    pub explode: Option<bool>,
    pub example: Option<Value>,
    #[serde(rename = "x-juben-from")]
    pub from: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RequestBody {
    pub content: Named<Media>,
    #[serde(default)]
    pub required: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub content: Named<Media>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Media {
    #[serde(default)]
    pub schema: Schema,
    pub example: Option<Value>,
}
