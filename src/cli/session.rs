//! What `run` and `call` share: configuration, sandbox, client, and how they are stopped.

use super::{Common, colour};
use crate::{
    Error,
    catalog::Catalog,
    client::{Client, Planned},
    config::{self, Config, SecretSource, Vendor},
    error::Kind,
    host::{Line, out_of_time, stopped},
    sandbox::{self, Sandbox},
    secret::Secret,
};
use clap::Args;
use std::io::Write;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Which account is used, and whether it is a real one.
#[derive(Debug, Args)]
pub(super) struct Target {
    /// Answer from the built-in sandbox; no platform is contacted
    #[arg(long)]
    sandbox: bool,
    /// The account to use, as named in juben.toml
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Send reads only; list the writes and do not send them
    #[arg(long)]
    dry_run: bool,
}

/// A client, with what must live as long as it.
pub(super) struct Session {
    pub client: Client,
    pub config: Config,
    _sandbox: Option<DropGuard>,
}

impl Session {
    pub(super) async fn open(target: &Target, common: &Common) -> Result<Session, Error> {
        let (mut config, _) = Config::load(common.config.as_deref())?;
        let mut guard = None;
        if target.sandbox {
            guard = Some(against_sandbox(&mut config).await?);
        }
        let mut client = Client::new(Catalog::builtin(), &config);
        if target.sandbox {
            client = client.direct();
        }
        if let Some(name) = &target.account {
            client.accounts().named(name)?;
        }
        if target.dry_run {
            client = client.dry_run(tell);
        }
        Ok(Session { client, config, _sandbox: guard })
    }
}

/// Start a sandbox that knows the accounts of the configuration, and send their calls to it. Their secrets stay where
/// they are: the sandbox has its own.
async fn against_sandbox(config: &mut Config) -> Result<DropGuard, Error> {
    for (vendor, name) in [(Vendor::Wechat, "sandbox"), (Vendor::Polyv, "sandbox-polyv")] {
        if !config.account.values().any(|account| account.platform == vendor) {
            config.account.insert(name.to_owned(), stand_in(vendor));
        }
    }
    let options = sandbox::Options { accounts: known_to_sandbox(config), ..sandbox::Options::default() };
    let stop = CancellationToken::new();
    let failed = |error: std::io::Error| Error::new(Kind::Network, format!("the sandbox did not start: {error}"));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
    let sandbox = Sandbox::start(listener, options, stop.clone()).map_err(failed)?;
    for account in config.account.values_mut() {
        account.base_url = Some(sandbox.url());
    }
    config.default_account.get_or_insert_with(|| "sandbox".to_owned());
    Ok(stop.drop_guard())
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
    }
}

/// The accounts as the sandbox must know them, all with its own secret.
fn known_to_sandbox(config: &mut Config) -> Vec<sandbox::Account> {
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
    let Planned { operation, effect, account, fields } = planned;
    let line = format!("would call {operation} ({}, account {account}) {fields}", effect.name());
    writeln!(std::io::stderr(), "{line}").ok();
}

/// Lines of a script: data to standard output, words to standard error.
pub(super) fn write_line(verbose: bool, quiet: bool, line: Line<'_>) {
    match line {
        Line::Printed(text) => drop(super::write_out(&format!("{text}\n"))),
        Line::Logged(tracing::Level::DEBUG, _) if !verbose => {}
        Line::Logged(level, _) if quiet && level != tracing::Level::ERROR => {}
        Line::Logged(level, text) => {
            let mark = match (level, colour(&std::io::stderr())) {
                (tracing::Level::ERROR, true) => "\u{1b}[31merror\u{1b}[0m: ",
                (tracing::Level::ERROR, false) => "error: ",
                (tracing::Level::WARN, true) => "\u{1b}[33mwarning\u{1b}[0m: ",
                (tracing::Level::WARN, false) => "warning: ",
                _ => "",
            };
            writeln!(std::io::stderr(), "{mark}{text}").ok();
        }
    }
}

/// Do the work; Ctrl-C and the end of its time end it, whether or not the work listens.
pub(super) async fn until_stopped<T>(
    cancel: CancellationToken,
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
        () = super::asked_to_stop() => {
            cancel.cancel();
            stopped()
        }
    };
    // The script ends between two statements, a call at once; a native function that is busy is not waited for.
    let patience = std::time::Duration::from_millis(100);
    tokio::time::timeout(patience, work).await.unwrap_or(Err(reason))
}
