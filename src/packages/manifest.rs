//! `package.toml`: what a package says of itself.

use super::{Least, Name, place};
use crate::{
    Error,
    error::Kind,
    rights::{Right, Rights},
    signs::is_hidden,
};
use indexmap::IndexMap;
use semver::Version;
use serde::Deserialize;
use std::path::Path;

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
    /// What is said of a folder that has none.
    pub fn missing(root: &Path) -> Error {
        Error::new(Kind::Usage, format!("{} is not there", root.join(MANIFEST).display()))
            .hint("the folder of a package has one; `juben new package team/name` makes it")
    }

    /// Read the text of a `package.toml`; `file` names it in errors.
    pub fn parse(text: &str, file: &str) -> Result<Manifest, Error> {
        Manifest::placed(text, file).map_err(|error| {
            let line = error.place.as_ref().map_or_else(String::new, |place| format!(", line {}", place.line));
            error.reworded(error.kind, format!("{file}{line}: {}", error.message))
        })
    }

    /// The same, with the place beside the words.
    pub fn placed(text: &str, file: &str) -> Result<Manifest, Error> {
        let manifest: Manifest = toml::from_str(text).map_err(|error| {
            let message = error.message().lines().next().unwrap_or_default().to_owned();
            Error::new(Kind::Config, message)
                .hint("`juben new package team/name` writes one with comments; docs/packages.md")
                .at(place::at(text, file, error.span().map_or(0, |span| span.start)))
        })?;
        let is_odd = |text: &str| text.contains(['\n', '\r', '\t']) || text.contains(is_hidden);
        if let Some(text) = manifest.texts().find(|text| is_odd(text)) {
            return Err(Error::new(Kind::Config, format!("{text:?} has signs that nobody can see"))
                .hint("a text of a package is one line, which people read before they allow anything"));
        }
        Ok(manifest)
    }

    /// What people are shown of it.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let rights = self.rights.iter().flat_map(|(right, reason)| [right.what.as_str(), reason]);
        let parameters = self.parameters.iter().flat_map(|(name, text)| [name.as_str(), text]);
        let words = self.authors.iter().chain(&self.modules).map(String::as_str);
        [self.summary.as_str(), &self.license].into_iter().chain(words).chain(parameters).chain(rights)
    }

    /// What it may do.
    pub fn all_rights(&self) -> Rights {
        self.rights.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Manifest, Error> {
        let head = "name = \"team/a\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\njuben = \"0.1.0\"\nmodules = [\"a\"]";
        Manifest::parse(&format!("{head}\n{line}\n"), "package.toml")
    }

    #[test]
    fn what_people_are_asked_about_shows_all_that_it_says() {
        assert!(parsed("summary = \"授权\"\n[rights]\nread = \"to see 剧\"").is_ok());
        for line in [
            r#"summary = "a\u001b[2K\rb""#,
            "summary = \"a\"\nauthors = [\"\u{202e}b\"]",
            "summary = \"\"\n[rights]\nwrite = \"a\\nread  b\"",
            "summary = \"\"\n[rights]\n\"files-read:a\\u200bb\" = \"b\"",
        ] {
            assert!(parsed(line).is_err_and(|error| error.message.contains("signs")), "{line}");
        }
    }
}
