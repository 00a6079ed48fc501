//! `env::` — variables of the environment. What juben.toml reads secrets from is not for scripts.

use super::{Host, Reply, text, thrown};
use crate::{Error, error::Kind, rights, secret::KEY_PASSWORD};
use rhai::plugin::*;
use std::env::{self, VarError};

#[export_module]
pub mod module {
    /// A variable of the environment.
    /// - `name`: string.
    /// - returns: string, or `()` when it is not set.
    /// - throws: `argument` when juben.toml reads a secret from it, or when it is not UTF-8.
    /// - environment: `name`.
    /// ```rhai
    /// if env::get("REPORT_ZONE") == () { log::info("REPORT_ZONE is not set") }
    /// ```
    #[rhai_fn(return_raw)]
    pub fn get(call: NativeCallContext, name: &str) -> Reply<Dynamic> {
        Ok(read(&call, name)?.map_or(Dynamic::UNIT, text))
    }

    /// The same, or another value when it is not set.
    /// - `name`: string.
    /// - `otherwise`: anything.
    /// - returns: string, or the other value.
    /// - throws: as above.
    /// - environment: `name`.
    /// ```rhai
    /// let zone = env::get("REPORT_ZONE", "Asia/Shanghai");
    /// ```
    #[rhai_fn(return_raw, name = "get")]
    pub fn get_or(call: NativeCallContext, name: &str, otherwise: Dynamic) -> Reply<Dynamic> {
        Ok(read(&call, name)?.map_or(otherwise, text))
    }
}

fn read(call: &NativeCallContext, name: &str) -> Reply<Option<String>> {
    value(&Host::of(call), name).map_err(|error| thrown(call, error))
}

fn value(host: &Host, name: &str) -> Result<Option<String>, Error> {
    host.may(rights::Kind::Env, name)?;
    if name.eq_ignore_ascii_case(KEY_PASSWORD) || host.client.is_secret_variable(name) {
        return Err(Error::new(Kind::Argument, format!("{name} is a secret, which is not for scripts"))
            .hint("juben reads it where it is needed; give the script another variable"));
    }
    if let Some(known) = &host.own.environment {
        return Ok(known.get(name).cloned());
    }
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Error::new(Kind::Argument, format!("the environment variable {name} is not UTF-8")))
        }
    }
}
