//! The query of a push.

use axum::http::Uri;
use serde_json::{Map, Value};

/// Names and values, as they are meant.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub fn of(uri: &Uri) -> Query {
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Query(pairs.into_owned().collect())
    }

    /// The first of that name.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// The same, and the empty text when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// All of it as a message; of a name that is repeated the first.
    pub fn fields(&self) -> Map<String, Value> {
        let pairs = self.0.iter().rev().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        let fields: Map<_, _> = pairs.collect();
        fields.into_iter().rev().collect()
    }
}
