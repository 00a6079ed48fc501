//! Whose signatures are taken: those of the project's list, and beyond it those of the key that was seen first.

use super::Name;
use crate::{Error, config::Trust, error::Kind};

/// The keys that may sign the package, where the project has a list. What is said of the package itself counts more than
/// what is said of its team, and that more than what is said of all.
pub fn keys_for<'a>(trust: &'a Trust, name: &Name) -> Option<&'a [String]> {
    let patterns = [name.to_string(), format!("{}/*", name.team()), "*".to_owned()];
    patterns.iter().find_map(|pattern| trust.get(pattern)).map(Vec::as_slice)
}

/// Whether the project's list lets this signer vouch for the package.
pub fn check(trust: &Trust, name: &Name, signer: Option<&str>) -> Result<(), Error> {
    let Some(keys) = keys_for(trust, name) else { return Ok(()) };
    match signer {
        Some(key) if keys.iter().any(|listed| listed == key) => Ok(()),
        Some(key) => Err(Error::new(Kind::Denied, format!("{name} is signed with {key}, which [trust] does not list"))
            .hint(format!("if whoever publishes it says that this is the key: juben key trust {key} --for {name}"))),
        None => {
            Err(Error::new(Kind::Denied, format!("{name} is not signed, and [trust] says who must have signed it"))
                .hint("get it from whoever signs it; where nobody does, take its entry out of [trust] in juben.toml"))
        }
    }
}

/// Whether a package that was signed with one key, when it was locked, may come with the other.
pub fn check_change(name: &Name, locked: Option<&str>, signer: Option<&str>) -> Result<(), Error> {
    let Some(locked) = locked.filter(|locked| Some(*locked) != signer) else { return Ok(()) };
    let now = signer.map_or("it is not signed at all".to_owned(), |key| format!("it is signed with {key}"));
    Err(Error::new(Kind::Denied, format!("{name} was signed with {locked}, and now {now}"))
        .hint("ask whoever publishes it; if the change is meant, add --new-key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> Name {
        "team/grants".parse().unwrap()
    }

    fn trust(entries: &[(&str, &[&str])]) -> Trust {
        let keys = |keys: &[&str]| keys.iter().map(ToString::to_string).collect();
        entries.iter().map(|(pattern, listed)| ((*pattern).to_owned(), keys(listed))).collect()
    }

    #[test]
    fn where_there_is_a_list_the_key_must_be_in_it() {
        let trust = trust(&[("*", &["A"]), ("team/*", &["B"]), ("other/grants", &["C"])]);
        assert!(check(&trust, &name(), Some("B")).is_ok());
        assert!(check(&trust, &name(), Some("A")).unwrap_err().message.contains("does not list"));
        assert!(check(&trust, &name(), None).unwrap_err().message.contains("not signed"));
        assert!(check(&Trust::default(), &name(), None).is_ok());
    }

    #[test]
    fn a_key_does_not_change_by_itself() {
        let allowed = |locked, now| check_change(&name(), locked, now).is_ok();
        assert!(allowed(None, None) && allowed(None, Some("A")) && allowed(Some("A"), Some("A")));
        assert!(!allowed(Some("A"), Some("B")) && !allowed(Some("A"), None));
    }
}
