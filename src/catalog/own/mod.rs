//! An OpenAPI document of the user's: read, and put into the catalog's own words.

mod credentials;
mod names;
mod normal;
mod schemas;
mod spot;
mod strict;

use super::document::Document;
use crate::{Error, error::Kind};
use normal::normal;
use serde_json::Value;
use std::{path::Path, sync::Arc};
use strict::Strict;

/// A document that is not built in. Its operations are the functions of one module.
#[derive(Debug)]
pub struct Own {
    pub(super) name: String,
    pub(super) value: Arc<Value>,
    pub(super) document: Document,
}

impl Own {
    /// Read the document whose operations are to be the module `name`.
    pub fn read(name: &str, path: &Path) -> Result<Own, Error> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::new(Kind::Config, format!("[[api]] `{name}`: cannot read {file}: {error}"))
                .hint("`document` is the path of an OpenAPI document, relative to juben.toml")
        })?;
        Own::parse(name, &file, &text)
    }

    /// Read the text of a document, YAML or JSON; `file` names it in errors.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Own, Error> {
        let wrong = |message: &str, hint: &str| Err(Error::new(Kind::Config, format!("{file}: {message}")).hint(hint));
        let raw: Value = match parsed(text) {
            Ok(value) => value,
            Err(reason) => return wrong(&reason, "mend it there; an OpenAPI document is YAML or JSON"),
        };
        if raw.get("swagger").is_some() {
            return wrong(
                "it is Swagger 2.0; juben reads OpenAPI 3.0 and 3.1",
                "convert it, for example by `npx swagger2openapi`, or at https://converter.swagger.io",
            );
        }
        match raw.get("openapi").and_then(Value::as_str) {
            Some(version) if is_known(version) => {}
            Some(version) => return wrong(&format!("it is OpenAPI {version}; juben reads 3.0 and 3.1"), NO_DOCUMENT),
            None => {
                return wrong(
                    "it is no OpenAPI document: it does not begin with `openapi: 3.1.0` or the like",
                    NO_DOCUMENT,
                );
            }
        }
        let value = match normal(name, &raw) {
            Ok(value) => value,
            Err(fault) => return wrong(&format!("{}: {}", fault.place, fault.message), fault.hint),
        };
        let document = match serde_path_to_error::deserialize::<_, Document>(&value) {
            Ok(document) => document,
            Err(error) => return wrong(&format!("{}: {}", error.path(), error.inner()), MEND),
        };
        Ok(Own { name: name.to_owned(), value: Arc::new(value), document })
    }
}

const NO_DOCUMENT: &str = "give the path of an OpenAPI document of version 3.0 or 3.1";
const MEND: &str = "mend it there; a validator of OpenAPI documents tells more";

/// JSON is YAML as well, but read thirty times faster when it is known to be JSON.
fn parsed(text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}');
    let read = match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text).map_err(|error| error.to_string()),
        false => serde_norway::from_str(text).map_err(|error| error.to_string()),
    };
    read.map(|Strict(value)| value)
}

/// Whether it is a version of OpenAPI that juben reads: 3.0 and 3.1, whatever follows.
fn is_known(version: &str) -> bool {
    let mut steps = version.split('.');
    steps.next() == Some("3") && matches!(steps.next(), Some("0" | "1"))
}
