//! A text that cannot be printed: app secrets, tokens, tickets.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// A secret. Printing it shows dots; only [`Secret::reveal`] gives the text, to what sends it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Guard this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself, for the request that needs it.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.reveal() == other.reveal()
    }
}
