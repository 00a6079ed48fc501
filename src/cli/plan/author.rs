//! Who makes a plan, as far as this machine knows.

use crate::{Error, cli::packages::Keyring, helpers::plan::Author};
use std::env;

/// The user of this machine, with their keys.
pub(super) fn author() -> Result<Author, Error> {
    let user = first_of(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_else(|| "somebody".to_owned());
    let name = host().map_or_else(|| user.clone(), |host| format!("{user}@{host}"));
    Ok(Author { name, keys: own_keys()? })
}

/// The public keys of the user; none without a folder for them.
pub(super) fn own_keys() -> Result<Vec<String>, Error> {
    let Ok(keyring) = Keyring::own() else { return Ok(Vec::new()) };
    Ok(keyring.list()?.into_iter().map(|own| own.public).collect())
}

fn first_of(variables: &[&str]) -> Option<String> {
    variables.iter().filter_map(|name| env::var(name).ok()).find(|value| !value.is_empty())
}

#[cfg(unix)]
fn host() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(not(unix))]
fn host() -> Option<String> {
    first_of(&["COMPUTERNAME"])
}
