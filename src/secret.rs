//! A text that cannot be printed: app secrets, tokens, tickets; and where one is kept.

use crate::{Error, error::Kind};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::{env, fmt, path::PathBuf, process::Command};

/// The environment variable with the password of a signing key, when nobody can be asked for it.
pub const KEY_PASSWORD: &str = "JUBEN_KEY_PASSWORD";

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

/// Where a secret is: `env:NAME`, `file:PATH` or `cmd:COMMAND`. It is read when it is needed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a command prints.
    Command(String),
    /// One that is known already: of the sandbox.
    Known(Secret),
}

impl SecretSource {
    /// Whether reading it runs a command, which may ask the user.
    pub fn is_command(&self) -> bool {
        matches!(self, SecretSource::Command(_))
    }

    /// The environment variable that it is read from, if it is from one.
    pub fn variable(&self) -> Option<&String> {
        if let SecretSource::Env(name) = self { Some(name) } else { None }
    }

    /// The file that it is read from, if it is from one.
    pub fn file(&self) -> Option<&PathBuf> {
        if let SecretSource::File(path) = self { Some(path) } else { None }
    }
}

impl TryFrom<String> for SecretSource {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("env", name)) => Ok(SecretSource::Env(name.trim().to_owned())),
            Some(("file", path)) => Ok(SecretSource::File(path.trim().into())),
            Some(("cmd", command)) => Ok(SecretSource::Command(command.trim().to_owned())),
            _ => Err("a secret is not written into juben.toml; write where it is: \"env:NAME\", \"file:PATH\" or \
                      \"cmd:COMMAND\""
                .to_owned()),
        }
    }
}

impl SecretSource {
    /// Read the secret; `what` names it in an error.
    pub fn read(&self, what: &str) -> Result<Secret, Error> {
        let missing = |reason: String, hint: String| {
            Error::new(Kind::Config, format!("{what} cannot be read: {reason}")).hint(hint)
        };
        let text = match self {
            SecretSource::Known(secret) => return Ok(secret.clone()),
            SecretSource::Env(name) => env::var(name).map_err(|_| {
                missing(format!("the environment variable {name} is not set"), format!("export {name}=…"))
            })?,
            SecretSource::File(path) => std::fs::read_to_string(path)
                .map_err(|error| missing(format!("{}: {error}", path.display()), "create the file".to_owned()))?,
            SecretSource::Command(command) => run(command)
                .map_err(|reason| missing(format!("`{command}` {reason}"), "run the command by hand".to_owned()))?,
        };
        match text.lines().next().map(str::trim).filter(|line| !line.is_empty()) {
            Some(line) => Ok(Secret::new(line)),
            None => Err(missing("it is empty".to_owned(), "its first line must be the secret".to_owned())),
        }
    }
}

fn run(command: &str) -> Result<String, String> {
    let output =
        Command::new("sh").args(["-c", command]).output().map_err(|error| format!("did not start: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("ended with {}", output.status)),
    }
}
