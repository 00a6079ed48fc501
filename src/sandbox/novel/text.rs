//! Texts, which the versions of a book share.

use serde::{Deserialize, Serialize, Serializer};
use std::{borrow::Borrow, ops::Deref, sync::Arc};

/// A text that is copied without its letters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(from = "String")]
pub(super) struct Text(Arc<str>);

/// The text of a chapter, counted once.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Text", into = "Text")]
pub(super) struct Content {
    text: Text,
    words: u32,
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl Content {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How long it is in 字.
    pub fn words(&self) -> usize {
        self.words as usize
    }
}

impl From<Text> for Content {
    fn from(text: Text) -> Self {
        let words = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        Self { text, words }
    }
}

impl From<Content> for Text {
    fn from(content: Content) -> Self {
        content.text
    }
}
