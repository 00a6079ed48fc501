//! A cassette as it is written: JSON texts, indented, one after another; first the head, then the exchanges as they ended.

use crate::{
    Error,
    client::retry::Failure,
    config::{self, Config, SecretSource, TokenKind, Vendor},
    error::Kind,
    secret::Secret,
};
use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// What is larger stands as its length and hash in a request, and in a file of its own in a reply.
pub(super) const LARGEST: usize = 64 << 10;

/// Fields of a request.
pub(super) type Fields = serde_json::Map<String, Value>;

/// What the run was.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// The version of the format.
    pub juben_cassette: u32,
    pub started: String,
    /// The account that was chosen for the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_account: Option<String>,
    pub accounts: IndexMap<String, Account>,
    /// The appids of the third-party platforms.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub components: IndexMap<String, String>,
    pub http: Http,
}

/// What a run can see of an account, and what decides which calls it makes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub platform: Vendor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    #[serde(default, skip_serializing_if = "is_usual")]
    pub token: TokenKind,
}

/// The settings that decide how often a call is repeated.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Http {
    pub retries: u32,
    pub timeout: u64,
    pub deadline: u64,
}

/// One attempt of a call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Exchange {
    pub operation: String,
    /// For the reader: the method and the path of the catalog.
    pub request: String,
    pub account: String,
    /// It was sent before so many of the exchanges above it had ended.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub overlaps: usize,
    pub fields: Fields,
    /// The seconds since the start, if they are more than before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// How an exchange ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// There was an answer.
    Reply(Reply),
    /// There was none.
    Failure(Lost),
    /// Nobody waited for it any more.
    GivenUp(bool),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Reply {
    pub status: u16,
    #[serde(rename = "type")]
    pub media: String,
    #[serde(flatten)]
    pub body: Body,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Body {
    Json(Value),
    Text(String),
    /// In the folder beside the cassette, by its SHA-256.
    File(String),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lost {
    /// Whether anything may have reached the platform.
    pub sent: bool,
    /// How long it took to fail: a call has no more time than its deadline.
    pub ms: u64,
    pub kind: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Lost {
    pub(super) fn failure(&self) -> Failure {
        let error = Error::new(Kind::named(&self.kind).unwrap_or(Kind::Network), &self.message);
        let error = error.hinted(self.hint.clone());
        if self.sent { Failure::Lost(error) } else { Failure::NotSent(error) }
    }
}

/// An exchange, and the line that it begins in.
#[derive(Debug)]
pub(super) struct Kept {
    pub exchange: Exchange,
    pub line: usize,
}

/// The folder of the replies that do not fit into the cassette.
pub(super) fn folder(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".d");
    name.into()
}

/// Read a cassette. One whose recording was cut off is good up to there.
pub(super) fn read(path: &Path) -> Result<(Head, Vec<Kept>), Error> {
    let name = path.display();
    let unreadable = |error| {
        Error::new(Kind::Usage, format!("cannot read the recording {name}: {error}")).hint("make one by --record")
    };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let mut place = 0;
    let Some(head) = head(&text, &mut place) else {
        return Err(Error::new(Kind::Usage, format!("{name} is not a recording")).hint("make one by --record"));
    };
    if head.juben_cassette != VERSION {
        let message = format!("{name} is a recording of format {}, not {VERSION}", head.juben_cassette);
        return Err(Error::new(Kind::Usage, message).hint("make it anew by --record"));
    }
    if head.started.parse::<Timestamp>().is_err() {
        let message = format!("{name} has {:?} as `started`, which is not a time", head.started);
        return Err(Error::new(Kind::Usage, message).hint("a time looks like 2026-03-01T08:00:00Z"));
    }
    let (mut kept, mut line, mut counted) = (Vec::new(), 1, 0);
    loop {
        place += text[place..].len() - text[place..].trim_start().len();
        line += text[counted..place].matches('\n').count();
        counted = place;
        match next(&text, &mut place) {
            None => return Ok((head, kept)),
            Some(Ok(exchange)) => kept.push(Kept { exchange, line }),
            Some(Err(error)) if error.is_eof() => {
                tracing::warn!("{name}:{line}: the recording was cut off here");
                return Ok((head, kept));
            }
            Some(Err(error)) => {
                let (line, what) = (line + error.line().saturating_sub(1), error.to_string());
                let what = what.split(" at line ").next().unwrap_or_default();
                return Err(Error::new(Kind::Usage, format!("{name}:{line}: this is not an exchange: {what}"))
                    .hint("mend it, or make the recording anew by --record"));
            }
        }
    }
}

/// The head of a cassette, if this is one.
pub(super) fn head(text: &str, place: &mut usize) -> Option<Head> {
    next(text, place)?.ok()
}

/// The JSON text at this place, which is moved behind it.
fn next<T: DeserializeOwned>(text: &str, place: &mut usize) -> Option<Result<T, serde_json::Error>> {
    let mut texts = serde_json::Deserializer::from_str(&text[*place..]).into_iter();
    let next = texts.next();
    *place += texts.byte_offset();
    next
}

impl Head {
    pub(super) fn new(config: &Config, account: Option<&str>, started: i64) -> Head {
        let kept = |(name, account): (&String, &config::Account)| (name.clone(), Account::of(account));
        let components = config.component.iter().map(|(name, component)| (name.clone(), component.appid.clone()));
        let config::Http { retries, timeout, deadline, .. } = config.http;
        Head {
            juben_cassette: VERSION,
            started: Timestamp::from_second(started).unwrap_or_default().to_string(),
            account: account.map(str::to_owned),
            default_account: config.default_account.clone(),
            accounts: config.account.iter().map(kept).collect(),
            components: components.collect(),
            http: Http { retries, timeout, deadline },
        }
    }

    /// In seconds since 1970; it has been looked at when the head was read.
    pub(super) fn start(&self) -> i64 {
        self.started.parse::<Timestamp>().unwrap_or_default().as_second()
    }

    /// The accounts of the recording in place of the user's, without secrets.
    pub(super) fn set(&self, config: &mut Config) {
        let none = || SecretSource::Known(Secret::new(""));
        let component = |(name, appid): (&String, &String)| {
            (name.clone(), config::Component { appid: appid.clone(), secret: none(), ticket: none() })
        };
        config.default_account = self.default_account.clone();
        config.account = self.accounts.iter().map(|(name, account)| (name.clone(), account.settings())).collect();
        config.component = self.components.iter().map(component).collect();
        for api in &mut config.api {
            (api.token, api.password) = (Some(none()), Some(none()));
            api.user.get_or_insert_default();
        }
        config.http = config::Http {
            retries: self.http.retries,
            timeout: self.http.timeout,
            deadline: self.http.deadline,
            ..config::Http::default()
        };
    }
}

impl Account {
    fn of(account: &config::Account) -> Account {
        Account {
            platform: account.platform,
            appid: account.appid.clone(),
            userid: account.userid.clone(),
            component: account.component.clone(),
            token: account.token,
        }
    }

    fn settings(&self) -> config::Account {
        let none = || Some(SecretSource::Known(Secret::new("")));
        config::Account {
            appid: self.appid.clone(),
            secret: none(),
            token: self.token,
            component: self.component.clone(),
            refresh_token: none(),
            userid: self.userid.clone(),
            secretkey: none(),
            writetoken: none(),
            ..config::Account::new(self.platform)
        }
    }
}

fn is_usual(token: &TokenKind) -> bool {
    *token == TokenKind::default()
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}
