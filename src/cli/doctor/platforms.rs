//! The way to the platforms: proxy, certificates, names, clocks, credentials.

use super::finding::{Finding, PATIENCE};
use crate::{
    client::{Account, Client, Reached},
    config::{Config, SecretSource, Vendor},
    error::Kind,
};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::{env, fs, time::Duration};

/// Signatures carry the time; a clock that is further off makes them worthless.
const SKEW: i64 = 60;

/// The proxy and the certificates, as they are set.
pub(super) fn settings(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(path) = &config.http.ca_file {
        let shown = path.display();
        found.push(match fs::read_to_string(path) {
            Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => {
                Finding::ok("certificates", format!("{shown}, besides the system's"))
            }
            Ok(_) => {
                Finding::failed("certificates", format!("{shown} has no certificate"), "http.ca_file names a PEM file")
            }
            Err(error) => {
                Finding::failed("certificates", format!("{shown}: {error}"), "correct http.ca_file in juben.toml")
            }
        });
    }
    const VARIABLES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    let set = |name: &&str| env::var(name).is_ok_and(|value| !value.is_empty());
    let of_environment = || VARIABLES.into_iter().find(set).map(|name| (name, env::var(name).unwrap_or_default()));
    let own = config.http.proxy.clone().map(|proxy| ("http.proxy", proxy));
    found.push(match own.or_else(of_environment) {
        Some((place, proxy)) => Finding::ok("proxy", format!("{}, by {place}", without_password(&proxy))),
        None => Finding::ok("proxy", "none"),
    });
    found
}

/// What stands before an `@` may be a secret, whether it is called a password or not.
fn without_password(proxy: &str) -> String {
    let Some((before, address)) = proxy.rsplit_once('@') else { return proxy.to_owned() };
    let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}{address} with a password")
}

/// All accounts at once.
pub(super) async fn look(client: &Client, config: &Config, commands: bool) -> Vec<Finding> {
    let apis = config.api.iter().filter_map(|api| client.accounts().api(&api.name));
    let accounts: Vec<_> = client.accounts().all().iter().cloned().chain(apis).collect();
    let looked = join_all(accounts.iter().map(|account| account_of(client, account, commands))).await;
    looked.into_iter().flatten().collect()
}

async fn account_of(client: &Client, account: &Account, commands: bool) -> Vec<Finding> {
    let kind = if account.settings.platform == Vendor::Api { "api" } else { "account" };
    let about = format!("{kind} {}", account.name);
    let Some(address) = client.address(account) else {
        let cure = "add `base_url = \"https://…\"` to its [[api]] in juben.toml";
        return vec![Finding::failed(&about, "its document does not say where it is served", cure)];
    };
    let patience = Duration::from_secs(PATIENCE);
    let reached = tokio::time::timeout(patience, client.reach(&address)).await;
    let mut found = match reached {
        Ok(Ok(reached)) => vec![answered(&about, &address, &reached)],
        Ok(Err(error)) => return vec![unreachable(&about, &address, &error)],
        Err(_) => {
            let said = format!("{address} did not answer within {PATIENCE} s");
            return vec![Finding::failed(&about, said, "check the network, the proxy and base_url")];
        }
    };
    if !commands && needs_command(account) {
        found.push(Finding::ok(&about, "the credential was not tried: a command prints it; --secrets tries it"));
        return found;
    }
    found.extend(match tokio::time::timeout(patience, client.try_credential(account)).await {
        Ok(Ok(Some(asked))) => Some(Finding::ok(&about, format!("the platform takes the credential: it gave {asked}"))),
        Ok(Ok(None)) if account.settings.platform == Vendor::Api => None,
        Ok(Ok(None)) => {
            Some(Finding::ok(&about, "the credential was not tried: a plain token would end the one in use"))
        }
        // A secret that cannot be read has its own line.
        Ok(Err(error)) if error.kind == Kind::Config => None,
        Ok(Err(error)) => Some(Finding::of_error(&about, &error)),
        Err(_) => {
            Some(Finding::failed(&about, format!("no token within {PATIENCE} s"), "check the network and the proxy"))
        }
    });
    found
}

/// Whether one of its secrets is what a command prints.
fn needs_command(account: &Account) -> bool {
    let own = &account.settings;
    let of_account = [&own.secret, &own.refresh_token, &own.secretkey, &own.writetoken].into_iter().flatten();
    let of_component = account.component.iter().flat_map(|it| [&it.secret, &it.ticket]);
    of_account.chain(of_component).any(SecretSource::is_command)
}

fn answered(about: &str, address: &str, reached: &Reached) -> Finding {
    let said = format!("{address} answers in {} ms", reached.took.as_millis());
    match reached.date.as_deref().and_then(ahead) {
        Some(seconds) if seconds.abs() > SKEW => {
            let direction = if seconds > 0 { "ahead of" } else { "behind" };
            let said = format!("{said}; this clock is {} s {direction} its clock", seconds.abs());
            Finding::warning(
                about,
                said,
                "set the clock of this machine: signatures carry the time and would be refused",
            )
        }
        _ => Finding::ok(about, said),
    }
}

/// How many seconds this clock is ahead of a `Date` header.
fn ahead(date: &str) -> Option<i64> {
    let there = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(Timestamp::now().as_second() - there.as_second())
}

fn unreachable(about: &str, address: &str, error: &crate::Error) -> Finding {
    let said = format!("{address}: {}", error.message);
    let cure = match error.message.contains("certificate") {
        true => "name the certificate of your company's proxy by http.ca_file, or install ca-certificates",
        false => error.hint.as_deref().unwrap_or("check the network, the proxy and base_url"),
    };
    Finding::failed(about, said, cure)
}
