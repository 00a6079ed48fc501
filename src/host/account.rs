//! `account::` — which account the calls of a script use.

use super::{Host, Reply, lock, text, thrown};
use crate::rights;
use rhai::{Array, Dynamic, Map, plugin::*};

#[export_module]
pub mod module {
    /// Use this account from here on.
    /// - `name`: string, as in `juben.toml`.
    /// - throws: `config` when there is no such account.
    /// - switches: `name`.
    /// ```rhai
    /// account::switch("sandbox");
    /// assert_eq(account::current(), "sandbox");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn switch(call: NativeCallContext, name: &str) -> Reply<()> {
        let host = Host::of(&call);
        host.may(rights::Kind::Account, name).map_err(|error| thrown(&call, error))?;
        let account = host.client.accounts().named(name).map_err(|error| thrown(&call, error))?;
        *lock(&host.account) = Some(account.name.clone());
        Ok(())
    }

    /// The account that was chosen, or `()` when each call takes the default.
    /// - returns: string or `()`.
    /// ```rhai
    /// assert_eq(account::current(), ());
    /// ```
    pub fn current(call: NativeCallContext) -> Dynamic {
        lock(&Host::of(&call).account).clone().map_or(Dynamic::UNIT, text)
    }

    /// All accounts.
    /// - returns: array of maps `#{ name: string, platform: string, appid: string or () }`.
    /// ```rhai
    /// assert(account::list().len >= 1);
    /// ```
    pub fn list(call: NativeCallContext) -> Array {
        let host = Host::of(&call);
        let row = |account: &std::sync::Arc<crate::client::Account>| {
            let appid = account.settings.appid.clone();
            Dynamic::from_map(Map::from_iter([
                ("name".into(), text(account.name.as_str())),
                ("platform".into(), text(account.settings.platform.name())),
                ("appid".into(), appid.map_or(Dynamic::UNIT, text)),
            ]))
        };
        host.client.accounts().all().iter().map(row).collect()
    }
}
