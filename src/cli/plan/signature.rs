//! A second person's agreement to a plan: a signature beside it, by a key that is not one of the user's own.

use crate::{
    Error,
    cli::packages::Keyring,
    config::Config,
    error::Kind,
    helpers::plan::Plan,
    packages::{keys, signature},
};
use std::{fs, path::Path};

/// Who has signed the plan in this file: one of the given keys, or one that juben.toml trusts.
pub(super) fn check(path: &Path, plan: &Plan, given: &[String], config: &Config) -> Result<String, Error> {
    let read = |key: &String| keys::public(&fs::read_to_string(key).unwrap_or_else(|_| key.clone()));
    let trusted: Vec<String> = match given {
        [] => config.trust.values().flatten().cloned().collect(),
        given => given.iter().map(read).collect::<Result<_, _>>()?,
    };
    let own: Vec<_> = Keyring::own()?.list()?.into_iter().map(|own| own.public).collect();
    let others: Vec<&str> = trusted.iter().filter(|key| !own.contains(key)).map(String::as_str).collect();
    let mut beside = path.as_os_str().to_owned();
    beside.push(".minisig");
    let hint = format!("whoever else agrees to it signs it: juben key sign {}", path.display());
    let denied = |why: String| Err(Error::new(Kind::Denied, why).hint(hint.clone()));
    if others.is_empty() {
        return denied("nobody else is known who could sign the plan: neither by --key nor in [trust]".to_owned());
    }
    let Ok(signed) = fs::read_to_string(&beside) else {
        return denied(format!("the plan {} is not signed: there is no {}", path.display(), beside.display()));
    };
    // What is judged is what is done: a plan's text is the file's, byte for byte.
    signature::verify(plan.text().as_bytes(), &signed, &others)
        .or_else(|why| denied(format!("{} is no signature of a second person: {why}", beside.display())))
}
