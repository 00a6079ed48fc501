//! Whether the secrets of every account are where the configuration says; none is shown.

use super::{
    finding::{Finding, PATIENCE},
    here::open_to_others,
};
use crate::config::{Account, Config, SecretSource, Vendor};
use futures_util::future::join_all;
use std::{fs, time::Duration};

/// One secret: whose it is, its setting, and where it is.
struct Wanted {
    about: String,
    name: &'static str,
    source: Option<SecretSource>,
}

/// Commands are run only if somebody says so: a juben.toml may come from anybody.
pub(super) async fn look(config: &Config, commands: bool) -> Vec<Finding> {
    let accounts = config.account.iter().flat_map(|(name, account)| of_account(name, account));
    let components = config.component.iter().flat_map(|(name, it)| {
        let about = format!("component {name}");
        [("secret", &it.secret), ("ticket", &it.ticket)].map(|(name, source)| Wanted {
            about: about.clone(),
            name,
            source: Some(source.clone()),
        })
    });
    let apis = config.api.iter().flat_map(|api| {
        let given = [("token", &api.token), ("password", &api.password)];
        let given = given.into_iter().filter(|(_, source)| source.is_some());
        given.map(|(name, source)| Wanted { about: format!("api {}", api.name), name, source: source.clone() })
    });
    let wanted: Vec<Wanted> = accounts.chain(components).chain(apis).collect();
    join_all(wanted.into_iter().map(|wanted| read(wanted, commands))).await
}

/// The secrets that an account needs, and those that it has besides.
fn of_account(name: &str, account: &Account) -> Vec<Wanted> {
    let Account { secret, refresh_token, secretkey, writetoken, .. } = account;
    let needed = match (account.platform, &account.component) {
        (Vendor::Wechat, Some(_)) => vec!["refresh_token"],
        (Vendor::Wechat, None) => vec!["secret"],
        (Vendor::Polyv, _) => {
            let ids = [(&account.appid, "secret"), (&account.userid, "secretkey")];
            ids.into_iter().filter(|(id, _)| id.is_some()).map(|(_, secret)| secret).collect()
        }
        (Vendor::Api, _) => Vec::new(),
    };
    let all =
        [("secret", secret), ("refresh_token", refresh_token), ("secretkey", secretkey), ("writetoken", writetoken)];
    let wanted = all.into_iter().filter(|(setting, source)| source.is_some() || needed.contains(setting));
    wanted
        .map(|(setting, source)| Wanted { about: format!("account {name}"), name: setting, source: source.clone() })
        .collect()
}

async fn read(wanted: Wanted, commands: bool) -> Finding {
    let Wanted { about, name, source } = wanted;
    let Some(source) = source else {
        return Finding::failed(
            &about,
            format!("`{name}` is missing"),
            format!("add `{name} = \"env:NAME\"`, \"file:PATH\" or \"cmd:COMMAND\" to it in juben.toml"),
        );
    };
    if let SecretSource::File(path) = &source
        && fs::metadata(path).is_ok_and(|about| open_to_others(&about))
    {
        let shown = path.display();
        return Finding::warning(&about, format!("others can read the file of `{name}`"), format!("chmod 600 {shown}"));
    }
    if source.is_command() && !commands {
        return Finding::ok(&about, format!("`{name}` is what a command prints; `juben doctor --secrets` runs it"));
    }
    let what = format!("`{name}`");
    let command = tokio::task::spawn_blocking(move || source.read(&what));
    match tokio::time::timeout(Duration::from_secs(PATIENCE), command).await {
        Ok(Ok(Ok(_))) => Finding::ok(&about, format!("`{name}` can be read")),
        Ok(Ok(Err(error))) => Finding::of_error(&about, &error),
        _ => Finding::failed(
            &about,
            format!("the command of `{name}` did not end within {PATIENCE} s"),
            "run it by hand: it may wait for an answer",
        ),
    }
}
