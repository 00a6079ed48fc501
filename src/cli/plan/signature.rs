//! A second person's agreement to a plan: a signature beside it, by a key that is not that of who has made it.

use super::author::own_keys;
use crate::{
    Error,
    config::Config,
    error::Kind,
    files::{self, LARGEST_TEXT},
    helpers::plan::Plan,
    packages::{keys, signature},
};
use std::{fs, path::Path};

/// Who has signed the plan in this file: one of the given keys, or of those that juben.toml names.
pub(super) fn check(
    path: &Path,
    plan: &Plan,
    made_here: bool,
    given: &[String],
    config: &Config,
) -> Result<String, Error> {
    let read = |key: &String| keys::public(&fs::read_to_string(key).unwrap_or_else(|_| key.clone()));
    let named: Vec<String> = match given {
        [] => config.apply.keys.clone(),
        given => given.iter().map(read).collect::<Result<_, _>>()?,
    };
    // Who plans here has perhaps got a key only later.
    let own = if made_here { own_keys()? } else { Vec::new() };
    let is_author = |key: &str| plan.by.keys.iter().chain(&own).any(|own| own == key);
    let others: Vec<&str> = named.iter().map(String::as_str).filter(|key| !is_author(key)).collect();
    let plan_file = path.display();
    let sign = format!("whoever else agrees to it signs it: juben key sign {plan_file}");
    let denied = |why: String, hint: &str| Err(Error::new(Kind::Denied, why).hint(hint));
    if named.is_empty() {
        let why = "the plan needs the signature of a second person, and nobody is named whose signature counts";
        return denied(why.to_owned(), "name their public keys in juben.toml, [apply] keys = [\"RW…\"], or by --key");
    }
    if others.is_empty() {
        let why =
            format!("only keys of {}, who has made the plan, are named: a second person has to sign it", plan.by.name);
        return denied(
            why,
            &format!(
                "they make a key of their own (juben key new), its public half is added to keys of [apply] in juben.toml, \
                 and they sign: juben key sign {plan_file}"
            ),
        );
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".minisig");
    let Ok(signed) = files::text(Path::new(&beside), LARGEST_TEXT) else {
        return denied(format!("the plan {plan_file} is not signed: there is no {}", beside.display()), &sign);
    };
    // What is judged is what is done: a plan's text is the file's, byte for byte.
    let text = plan.text();
    signature::verify(text.as_bytes(), &signed, &others).or_else(|why| {
        let authors: Vec<&str> = plan.by.keys.iter().chain(&own).map(String::as_str).collect();
        let why = match signature::verify(text.as_bytes(), &signed, &authors) {
            Ok(_) => format!("it is by {}, who has made the plan", plan.by.name),
            Err(_) => why,
        };
        denied(format!("{} is no signature of a second person: {why}", beside.display()), &sign)
    })
}
