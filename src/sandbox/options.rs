//! What a sandbox starts with: its accounts, its time and its seed.

use super::{faults::Fault, life::Life};
use crate::{
    catalog::Catalog,
    message::{Format, Key},
    secret::Secret,
};
use reqwest::Url;
use std::sync::Arc;

/// What a sandbox starts with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who may call.
    pub accounts: Vec<Account>,
    /// Where the clock starts, in seconds since 1970; the real time when left out.
    pub now: Option<i64>,
    /// How many seconds pass in a real one from there on: 1 as in life, 0 for a clock that only moves when it is told.
    pub clock_speed: f64,
    /// What is served: the operations that are built in, and perhaps those of the user's documents.
    pub catalog: Arc<Catalog>,
    /// Fixes everything that is random: tokens, ids, what the accounts hold at the start.
    pub seed: u64,
    /// How long the platforms take, and how their reviews end.
    pub life: Life,
    /// A world that was dumped, or parts of one, as JSON; where it says nothing, all is as seeded.
    pub world: Option<String>,
    /// Whether the first account has 200,000 media and 150,000 books besides.
    pub big: bool,
    /// What goes wrong from the start on.
    pub faults: Vec<Fault>,
    /// Who is told of what happens by itself; nobody when left out.
    pub push: Option<Push>,
}

/// Who is told of what happens by itself, and how.
#[derive(Debug, Clone)]
pub struct Push {
    /// Where the receiver listens.
    pub to: Url,
    /// What signs the messages.
    pub token: Secret,
    /// What encrypts them; they are plain when left out.
    pub key: Option<Key>,
    /// XML or JSON.
    pub format: Format,
    /// Tell of each event twice.
    pub twice: bool,
}

impl Push {
    /// The token when none is given.
    pub const TOKEN: &str = "sandbox-token";

    /// As the platform does when nobody asks for anything else: plain, in XML.
    pub fn new(to: Url) -> Self {
        Self { to, token: Secret::new(Self::TOKEN), key: None, format: Format::Xml, twice: false }
    }
}

/// Someone who may call.
#[derive(Debug, Clone)]
pub enum Account {
    /// A mini program.
    Wechat {
        /// Its id.
        appid: String,
        /// Its AppSecret.
        secret: String,
    },
    /// A third-party platform of WeChat, which calls for those who authorised it.
    Component {
        /// Its id.
        appid: String,
        /// Its secret.
        secret: String,
        /// The ticket that was pushed to it last.
        ticket: String,
        /// The mini programs that authorised it.
        authorizers: Vec<Authorizer>,
    },
    /// A Polyv library with one sub-account.
    Polyv {
        /// The sub-account.
        app_id: String,
        /// The secret of the sub-account.
        secret: String,
        /// The main account.
        userid: String,
        /// The secret of the main account.
        secretkey: String,
        /// The upload key of the main account.
        writetoken: String,
    },
}

/// A mini program that authorised a third-party platform.
#[derive(Debug, Clone)]
pub struct Authorizer {
    /// Its id.
    pub appid: String,
    /// What gets an access token for it.
    pub refresh_token: String,
}

impl Default for Options {
    /// The well-known accounts, which every manual and test uses.
    fn default() -> Self {
        Self {
            accounts: well_known(),
            catalog: Catalog::builtin(),
            now: None,
            clock_speed: 1.0,
            seed: 1,
            life: Life::default(),
            world: None,
            big: false,
            faults: Vec::new(),
            push: None,
        }
    }
}

fn well_known() -> Vec<Account> {
    vec![
        Account::Wechat { appid: "wx1234567890abcdef".into(), secret: "sandbox-secret".into() },
        Account::Component {
            appid: "wxc000000000000001".into(),
            secret: "sandbox-secret".into(),
            ticket: "ticket@@@sandbox".into(),
            authorizers: vec![Authorizer {
                appid: "wx00000000000000c1".into(),
                refresh_token: "refreshtoken@@@sandbox".into(),
            }],
        },
        Account::Polyv {
            app_id: "jb7Kq2Zx9T".into(),
            secret: "9f8e7d6c5b4a39281706f5e4d3c2b1a0".into(),
            userid: "a1b2c3d4e5".into(),
            secretkey: "JbSecret01".into(),
            writetoken: "sandbox-writetoken".into(),
        },
    ]
}

impl Options {
    /// The mini programs, also those that a third-party platform calls for.
    pub(super) fn appids(&self) -> impl Iterator<Item = &str> {
        self.accounts.iter().flat_map(|account| match account {
            Account::Wechat { appid, .. } => vec![appid.as_str()],
            Account::Component { authorizers, .. } => authorizers.iter().map(|it| it.appid.as_str()).collect(),
            Account::Polyv { .. } => Vec::new(),
        })
    }
}
