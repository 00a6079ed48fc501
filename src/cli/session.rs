//! What `run` and `call` share: configuration, sandbox, client, and how they are stopped.

use super::{Common, apis, calls};
use crate::{
    Error,
    catalog::Catalog,
    client::{Client, Meter, Planned, Player, Recorder},
    config::{self, Config, SecretSource, Vendor},
    error::Kind,
    host::{out_of_time, stopped},
    sandbox::{self, Sandbox},
    secret::Secret,
    store::Store,
};
use clap::Args;
use std::{io::Write, path::PathBuf, sync::Arc};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Which account is used, and whether it is a real one.
#[derive(Debug, Clone, Args)]
pub(super) struct Target {
    /// Answer from the built-in sandbox; no platform is contacted
    #[arg(long)]
    pub sandbox: bool,
    /// The account to use, as named in juben.toml
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Send reads only; list the writes and do not send them
    #[arg(long)]
    dry_run: bool,
    /// Send files with at most so many bytes a second, such as 500k or 2M
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    limit_rate: Option<u64>,
    /// When the time of the built-in sandbox begins, in seconds since 1970
    #[arg(skip)]
    pub now: Option<i64>,
}

impl Target {
    /// The same; the time of its sandbox begins then.
    pub(super) fn beginning(self, now: Option<i64>) -> Target {
        Target { now, ..self }
    }

    /// Whether no write is sent.
    pub(super) fn is_dry(&self) -> bool {
        self.dry_run
    }

    /// Whether files are held back.
    pub(super) fn is_limited(&self) -> bool {
        self.limit_rate.is_some()
    }

    /// Whether any of it differs from what it is by itself.
    pub(super) fn is_given(&self) -> bool {
        self.sandbox || self.dry_run || self.account.is_some() || self.limit_rate.is_some()
    }
}

/// Whether the calls are kept, or answered from what was kept.
#[derive(Debug, Default, Args)]
pub(super) struct Cassette {
    /// Keep each request and reply in FILE, without secrets; replaces a recording, but no other file
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    record: Option<PathBuf>,
    /// Answer from what --record kept: no platform, no account, no waiting. What differs ends the run
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox")]
    replay: Option<PathBuf>,
}

impl Cassette {
    /// Whether the calls are kept, or answered so.
    pub(super) fn is_given(&self) -> bool {
        self.record.is_some() || self.replay.is_some()
    }
}

/// `500000`, `500k`, `2M`, `1.5MB`: K and M are of 1024, as sizes of files are.
fn bytes(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_lowercase();
    let digits = lower.trim_end_matches(|sign: char| sign.is_alphabetic());
    let unit = match lower[digits.len()..].trim_end_matches('b') {
        "" => 1.0,
        "k" | "ki" => 1024.0,
        "m" | "mi" => 1024.0 * 1024.0,
        "g" | "gi" => 1024.0 * 1024.0 * 1024.0,
        _ => 0.0,
    };
    let bytes = digits.parse::<f64>().map_or(0.0, |number| number * unit);
    if (1.0..1e15).contains(&bytes) {
        Ok(bytes as u64)
    } else {
        Err("give bytes a second, such as 500k or 2M".to_owned())
    }
}

/// A client, with what must live as long as it.
pub(super) struct Session {
    pub client: Client,
    pub config: Config,
    pub store: Arc<Store>,
    /// What platforms count of its calls.
    pub meter: Arc<Meter>,
    /// The account for the whole run, if one was chosen.
    pub account: Option<String>,
    /// The built-in sandbox, if it answers.
    pub sandbox: Option<Running>,
}

/// A sandbox in this process, which stops when this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    pub sandbox: Sandbox,
    pub stop: DropGuard,
}

impl Session {
    pub(super) async fn open(target: &Target, cassette: &Cassette, common: &Common) -> Result<Session, Error> {
        let (mut config, _) = Config::load(common.config.as_deref())?;
        let catalog = apis::catalog(&config)?;
        let mut sandbox = None;
        if target.sandbox {
            let options = sandbox::Options { now: target.now, ..sandbox::Options::default() };
            sandbox = Some(against_sandbox(&mut config, &catalog, options).await?);
        }
        let player = cassette.replay.as_deref().map(Player::open).transpose()?;
        if let Some(player) = &player {
            player.set_accounts(&mut config);
        }
        let account = target.account.as_deref().or(player.as_ref().and_then(Player::account)).map(str::to_owned);
        let meter = Arc::new(Meter::new(&catalog));
        let mut client = Client::new(catalog, &config);
        if target.sandbox {
            client = client.direct();
        }
        if let Some(name) = &account {
            client.accounts().named(name)?;
        }
        if target.dry_run {
            client = client.dry_run(tell);
        }
        if let Some(rate) = target.limit_rate {
            client = client.limit_rate(rate);
        }
        if let Some(path) = &cassette.record {
            client = client.record(Recorder::create(path, &config, account.as_deref())?);
        }
        let stands_in = target.sandbox && common.state.is_none() || player.is_some();
        if !stands_in && !target.dry_run {
            client = client.for_run(calls::counting(&meter));
        }
        let store = match (target.sandbox || player.is_some(), &common.state) {
            // What the built-in sandbox holds ends with the run, and so does what is known of it. A replay changes nothing.
            (true, None) => Store::in_memory(),
            (_, folder) => Store::at(config::state_folder(folder.as_deref())?),
        };
        let store = Arc::new(store);
        if !stands_in && !target.dry_run {
            client = client.audited(&store);
        }
        if let Some(player) = player {
            client = client.replay(player);
        }
        Ok(Session { client, config, store, meter, account, sandbox })
    }
}

/// Start a sandbox that knows the accounts of the configuration, and send their calls to it. Their secrets stay where
/// they are: the sandbox has its own.
pub(super) async fn against_sandbox(
    config: &mut Config,
    catalog: &Arc<Catalog>,
    options: sandbox::Options,
) -> Result<Running, Error> {
    let (catalog, accounts) = (catalog.clone(), known_to_sandbox(config));
    let options = sandbox::Options { catalog, accounts, ..options };
    let stop = CancellationToken::new();
    let failed = |error: std::io::Error| Error::new(Kind::Network, format!("the sandbox did not start: {error}"));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
    let sandbox = Sandbox::start(listener, options, stop.clone()).map_err(failed)?;
    call_there(config, &sandbox.url());
    Ok(Running { sandbox, stop: stop.drop_guard() })
}

/// Send the calls of the accounts to a sandbox that another juben has started with the same configuration.
pub(super) fn to_sandbox(config: &mut Config, url: &str) {
    known_to_sandbox(config);
    call_there(config, url);
}

fn call_there(config: &mut Config, url: &str) {
    for account in config.account.values_mut() {
        account.base_url = Some(url.to_owned());
        account.production = Some(false);
    }
    for api in &mut config.api {
        api.base_url = Some(format!("{url}/{}", api.name));
        api.production = Some(false);
        (api.token, api.user, api.password) = (known(), Some("sandbox".to_owned()), known());
    }
    config.default_account.get_or_insert_with(|| "sandbox".to_owned());
}

const SECRET: &str = "sandbox-secret";

fn known() -> Option<SecretSource> {
    Some(SecretSource::Known(Secret::new(SECRET)))
}

/// An account for those who have none.
fn stand_in(vendor: Vendor) -> config::Account {
    let account = |appid: &str, userid: Option<&str>| config::Account {
        appid: Some(appid.to_owned()),
        userid: userid.map(str::to_owned),
        ..config::Account::new(vendor)
    };
    match vendor {
        Vendor::Wechat => account("wx1234567890abcdef", None),
        Vendor::Polyv => account("jb7Kq2Zx9T", Some("a1b2c3d4e5")),
        Vendor::Api => config::Account::new(vendor),
    }
}

/// The accounts as the sandbox must know them, all with its own secret; for those who have none, there are some.
fn known_to_sandbox(config: &mut Config) -> Vec<sandbox::Account> {
    for (vendor, name) in [(Vendor::Wechat, "sandbox"), (Vendor::Polyv, "sandbox-polyv")] {
        if !config.account.values().any(|account| account.platform == vendor) {
            config.account.insert(name.to_owned(), stand_in(vendor));
        }
    }
    let mut accounts = Vec::new();
    let mut authorizers: Vec<(String, sandbox::Authorizer)> = Vec::new();
    for account in config.account.values_mut() {
        account.secret = known();
        account.secretkey = known();
        account.writetoken = known();
        account.refresh_token = known();
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        match (account.platform, &account.component) {
            (Vendor::Wechat, Some(component)) => {
                let authorizer = sandbox::Authorizer { appid: text(&account.appid), refresh_token: SECRET.to_owned() };
                authorizers.push((component.clone(), authorizer));
            }
            (Vendor::Wechat, None) => {
                accounts.push(sandbox::Account::Wechat { appid: text(&account.appid), secret: SECRET.to_owned() });
            }
            (Vendor::Polyv, _) => accounts.push(sandbox::Account::Polyv {
                app_id: text(&account.appid),
                secret: SECRET.to_owned(),
                userid: text(&account.userid),
                secretkey: SECRET.to_owned(),
                writetoken: SECRET.to_owned(),
            }),
            (Vendor::Api, _) => {}
        }
    }
    for (name, component) in &mut config.component {
        component.secret = SecretSource::Known(Secret::new(SECRET));
        component.ticket = SecretSource::Known(Secret::new(SECRET));
        let own = authorizers.iter().filter(|(owner, _)| owner == name).map(|(_, authorizer)| authorizer.clone());
        accounts.push(sandbox::Account::Component {
            appid: component.appid.clone(),
            secret: SECRET.to_owned(),
            ticket: SECRET.to_owned(),
            authorizers: own.collect(),
        });
    }
    accounts
}

fn tell(planned: &Planned) {
    let Planned { operation, effect, account, fields, .. } = planned;
    let line = format!("would call {operation} ({}, account {account}) {fields}", effect.name());
    writeln!(std::io::stderr(), "{line}").ok();
}

/// Do the work; Ctrl-C and the end of its time end it, whether or not the work listens.
pub(super) async fn until_stopped<T>(
    cancel: CancellationToken,
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let asked = async {
        super::asked_to_stop().await;
        cancel.cancel();
        std::future::pending().await
    };
    tokio::select! {
        outcome = until_cancelled(&cancel, deadline, work) => outcome,
        never = asked => never,
    }
}

/// The same without Ctrl-C.
pub(super) async fn until_cancelled<T>(
    cancel: &CancellationToken,
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::pin!(work);
    let too_late = async {
        match deadline {
            Some(deadline) => tokio::time::sleep_until(deadline).await,
            None => std::future::pending().await,
        }
    };
    let reason = tokio::select! {
        outcome = &mut work => return outcome,
        () = too_late => out_of_time(),
        () = cancel.cancelled() => stopped(),
    };
    // The script ends between two statements, a call at once; a native function that is busy is not waited for.
    let patience = std::time::Duration::from_millis(100);
    tokio::time::timeout(patience, work).await.unwrap_or(Err(reason))
}
