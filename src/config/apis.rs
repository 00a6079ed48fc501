//! `[[api]]`: APIs by documents of the user's.

use crate::{Error, error::Kind, secret::SecretSource};
use serde::Deserialize;
use std::path::PathBuf;

/// An API that a document of the user's describes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The module of its operations.
    pub name: String,
    /// The OpenAPI document.
    pub document: PathBuf,
    /// Where its calls go, instead of where the document says.
    pub base_url: Option<String>,
    /// Whether people depend on what it holds; they do unless it says otherwise.
    pub production: Option<bool>,
    /// The bearer token or the key.
    pub token: Option<SecretSource>,
    /// The user of HTTP basic authentication.
    pub user: Option<String>,
    /// The password of that user.
    pub password: Option<SecretSource>,
}

/// Whether calls can be sent there.
pub(super) fn is_base_url(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none())
}

impl Api {
    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), Error> {
        let wrong = |message: String, hint: &str| Err(Error::new(Kind::Config, message).hint(hint));
        let Api { name, base_url, .. } = self;
        if !rhai::is_valid_function_name(name) {
            return wrong(
                format!("[[api]] has the name {name:?}, which cannot be the name of a module"),
                "a name is made of letters, digits and _, and no word of the language, such as crm",
            );
        }
        match base_url.as_deref().filter(|base| !is_base_url(base)) {
            Some(base) => wrong(
                format!("[[api]] `{name}` has the base_url {base:?}, which is not an address"),
                "base_url looks like https://crm.example.com/v1",
            ),
            None => Ok(()),
        }
    }
}
