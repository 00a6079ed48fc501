//! `package.toml`: what a package says of itself.

use super::{Least, Name};
use crate::{
    Error,
    error::Kind,
    rights::{Right, Rights},
};
use indexmap::IndexMap;
use semver::Version;
use serde::Deserialize;

/// The file that makes a folder a package.
pub const MANIFEST: &str = "package.toml";

/// What a package says of itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `team/grants`
    pub name: Name,
    /// `1.2.0`
    pub version: Version,
    /// What it is for, in one sentence.
    pub summary: String,
    /// Who has written it.
    #[serde(default)]
    pub authors: Vec<String>,
    /// Under which terms it may be used, as an SPDX expression.
    pub license: String,
    /// The oldest juben that it works with.
    pub juben: Version,
    /// The modules that others may import; each is a file: `grants` is `grants.rhai`.
    pub modules: Vec<String>,
    /// What its modules read by `args::get`, each as in a script's head: `days = 'int = 30 "how far ahead"'`.
    #[serde(default)]
    pub parameters: IndexMap<String, String>,
    /// What it may do, each with the reason why.
    #[serde(default)]
    pub rights: IndexMap<Right, String>,
    /// The packages that it imports, each with the oldest version that will do.
    #[serde(default)]
    pub dependencies: IndexMap<Name, Least>,
}

impl Manifest {
    /// Read the text of a `package.toml`; `file` names it in errors.
    pub fn parse(text: &str, file: &str) -> Result<Manifest, Error> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            let message = error.message().lines().next().unwrap_or_default().to_owned();
            Error::new(Kind::Config, format!("{file}, line {line}: {message}"))
                .hint("`juben new package team/name` writes one with comments; docs/packages.md")
        })
    }

    /// What it may do.
    pub fn all_rights(&self) -> Rights {
        self.rights.keys().cloned().collect()
    }
}
