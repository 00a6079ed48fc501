//! The text of a chapter: counted once, and shared by the versions of its book.

use serde::{Deserialize, Serialize, Serializer};
use std::sync::Arc;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "String")]
pub(super) struct Text {
    content: Arc<str>,
    chars: usize,
}

impl Text {
    pub fn as_str(&self) -> &str {
        &self.content
    }

    /// How long it is in 字.
    pub fn words(&self) -> usize {
        self.chars
    }
}

impl From<&str> for Text {
    fn from(content: &str) -> Self {
        Self { content: content.into(), chars: content.chars().count() }
    }
}

impl From<String> for Text {
    fn from(content: String) -> Self {
        content.as_str().into()
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.content)
    }
}
