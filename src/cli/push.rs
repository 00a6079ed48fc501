//! The flags of `juben sandbox` about pushes.

use crate::{Error, config::SecretSource, error::Kind, message::Format, sandbox::Push, secret::Secret};
use clap::Args;
use reqwest::Url;

/// Whom the sandbox tells of what happens by itself, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pushes")]
pub(super) struct PushFlags {
    /// Push events to this URL, as the platform does
    #[arg(long, value_name = "URL", value_parser = address)]
    push_to: Option<Url>,
    /// What signs the pushes; also env:NAME or file:PATH [default: sandbox-token]
    #[arg(long, value_name = "TOKEN", requires = "push_to")]
    push_token: Option<String>,
    /// Encrypt the pushes by this EncodingAESKey; also env:NAME or file:PATH
    #[arg(long, value_name = "KEY", requires = "push_to")]
    push_key: Option<String>,
    /// The form of the pushes: xml or json
    #[arg(long, value_name = "FORM", default_value = "xml", value_parser = format, requires = "push_to")]
    push_format: Format,
    /// Push each event twice, as the platform may
    #[arg(long, requires = "push_to")]
    push_twice: bool,
}

impl PushFlags {
    pub(super) fn read(&self) -> Result<Option<Push>, Error> {
        let Some(to) = self.push_to.clone() else { return Ok(None) };
        let mut push = Push { format: self.push_format, twice: self.push_twice, ..Push::new(to) };
        if let Some(token) = &self.push_token {
            push.token = secret(token, "--push-token")?;
        }
        if let Some(key) = &self.push_key {
            let wrong = |reason| Error::new(Kind::Usage, "--push-key is no EncodingAESKey").hint(format!("{reason}"));
            push.key = Some(secret(key, "--push-key")?.reveal().parse().map_err(wrong)?);
        }
        Ok(Some(push))
    }

    /// What the welcome says of it. It never shows what the user has given.
    pub(super) fn told(&self) -> String {
        if self.push_to.is_none() {
            return String::new();
        }
        let form = if self.push_format == Format::Xml { "XML" } else { "JSON" };
        let key = if self.push_key.is_some() { "encrypted by --push-key" } else { "not encrypted" };
        let token = if self.push_token.is_some() { "--push-token" } else { Push::TOKEN };
        format!("  Pushes  in {form}, {key}, signed by {token}; GET /_sandbox/pushes lists them\n")
    }
}

fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| "give an address such as http://127.0.0.1:8000/push".to_owned())
}

fn format(text: &str) -> Result<Format, String> {
    match text {
        "xml" => Ok(Format::Xml),
        "json" => Ok(Format::Json),
        _ => Err("give xml or json".to_owned()),
    }
}

/// The secret as it stands there, or from where it is.
fn secret(text: &str, flag: &str) -> Result<Secret, Error> {
    match SecretSource::try_from(text.to_owned()) {
        Ok(source) => source.read(flag),
        Err(_) => Ok(Secret::new(text)),
    }
}
