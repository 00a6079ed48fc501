//! What a sandbox starts with: its accounts, its time and its seed.

use super::life::Life;
use crate::catalog::Catalog;
use std::sync::Arc;

/// What a sandbox starts with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who may call.
    pub accounts: Vec<Account>,
    /// Where the clock starts, in seconds since 1970; the real time when left out. It runs on from there.
    pub now: Option<i64>,
    /// What is served: the operations that are built in, and perhaps those of the user's documents.
    pub catalog: Arc<Catalog>,
    /// Fixes everything that is random: tokens, ids, what the accounts hold at the start.
    pub seed: u64,
    /// How long the platforms take, and how their reviews end.
    pub life: Life,
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
        Self { accounts: well_known(), catalog: Catalog::builtin(), now: None, seed: 1, life: Life::default() }
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
