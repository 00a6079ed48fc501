//! `[packages]`, `[[index]]` and `[trust]`: what a project imports, where it is found, and who may have signed it.

use crate::{Error, error::Kind};
use indexmap::IndexMap;
use minisign::PublicKey;
use serde::Deserialize;

/// Where a package is from: one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Package {
    /// A folder, from where `juben.toml` is.
    pub path: Option<String>,
    /// The address of a git repository.
    pub git: Option<String>,
    /// A tag of it.
    pub tag: Option<String>,
    /// A branch of it.
    pub branch: Option<String>,
    /// A commit of it.
    pub rev: Option<String>,
    /// The folder of the repository that is the package.
    pub subfolder: Option<String>,
    /// An archive, from where `juben.toml` is.
    pub archive: Option<String>,
    /// The oldest version that will do, from an index.
    pub version: Option<String>,
    /// The name of that index; the first that has it otherwise.
    pub index: Option<String>,
}

/// `[[index]]`: a place where packages are published.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// What `[packages]` calls it.
    pub name: String,
    /// Its address, or a folder from where `juben.toml` is.
    pub url: String,
    /// The public keys that may have signed it; anybody's or none will do without them.
    #[serde(default)]
    pub keys: Vec<String>,
}

/// `[trust]`: the public keys that may sign, by a package, a team (`team/*`) or all (`*`).
pub type Trust = IndexMap<String, Vec<String>>;

/// Why this cannot be the name of a package.
pub fn check_package_name(text: &str) -> Result<(), String> {
    match text.split_once('/') {
        Some((team, name)) if is_part(team) && is_part(name) => Ok(()),
        _ => Err(format!(
            "{text:?} is no name of a package: it is written team/name, both of a to z, 0 to 9, - and _, \
             beginning with a letter"
        )),
    }
}

/// Whether it can be the name of a team, or that of a package behind it.
fn is_part(part: &str) -> bool {
    const LONGEST: usize = 64;
    let fits = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_' || it == '-';
    part.starts_with(|it: char| it.is_ascii_lowercase()) && part.chars().all(fits) && part.len() <= LONGEST
}

/// What is wrong with these tables.
pub(super) fn check(packages: &IndexMap<String, Package>, indexes: &[Index], trust: &Trust) -> Result<(), Error> {
    packages.iter().try_for_each(|(name, package)| package.check(name, indexes))?;
    for (at, index) in indexes.iter().enumerate() {
        if indexes[..at].iter().any(|other| other.name == index.name) {
            return wrong(format!("two [[index]] have the name `{}`", index.name), "give one of them another name");
        }
        check_keys(&format!("[[index]] `{}`", index.name), &index.keys)?;
    }
    trust.iter().try_for_each(|(who, keys)| check_trust(who, keys))
}

impl Package {
    fn check(&self, name: &str, indexes: &[Index]) -> Result<(), Error> {
        const EXAMPLE: &str = "one of path = \"../grants\", git = \"https://…\" with tag, branch or rev, \
                               archive = \"grants.tar.gz\" or version = \"1.2\"";
        check_package_name(name).or_else(|reason| wrong(format!("[packages] has {reason}"), EXAMPLE))?;
        let given = |fields: [(&'static str, &Option<String>); 4]| -> Vec<&str> {
            fields.into_iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name).collect()
        };
        let sources =
            given([("path", &self.path), ("git", &self.git), ("archive", &self.archive), ("version", &self.version)]);
        let [source] = sources[..] else {
            let told = if sources.is_empty() { "none".to_owned() } else { sources.join(" and ") };
            return wrong(format!("package `{name}` needs one source and has {told}"), EXAMPLE);
        };
        let references = given([("tag", &self.tag), ("branch", &self.branch), ("rev", &self.rev), ("", &None)]);
        if references.len() > 1 {
            return wrong(format!("package `{name}` has {}", references.join(" and ")), "leave one of them");
        }
        let of_git = references.first().copied().or(self.subfolder.as_ref().map(|_| "subfolder"));
        if let Some(field) = of_git.filter(|_| source != "git") {
            return wrong(
                format!("package `{name}` has `{field}`, which goes with git"),
                "leave it out, or name a git",
            );
        }
        match &self.index {
            Some(index) if source != "version" => {
                let message = format!("package `{name}` has the index `{index}`, and its source is {source}");
                wrong(message, "an index goes with version = \"1.2\"")
            }
            Some(index) if !indexes.iter().any(|it| it.name == *index) => {
                let message = format!("package `{name}` names the index `{index}`, which is not there");
                Err(Error::new(Kind::Config, message)
                    .hint("add an [[index]] with name and url")
                    .hint_names(index, indexes.iter().map(|it| it.name.as_str())))
            }
            _ => Ok(()),
        }
    }
}

fn check_trust(who: &str, keys: &[String]) -> Result<(), Error> {
    let is_known = who == "*" || who.strip_suffix("/*").is_some_and(is_part) || check_package_name(who).is_ok();
    if !is_known {
        return wrong(format!("[trust] has {who:?}"), "it is a package (team/name), a team (team/*) or all (*)");
    }
    check_keys(&format!("[trust] of {who:?}"), keys)
}

pub(super) fn check_keys(place: &str, keys: &[String]) -> Result<(), Error> {
    match keys.iter().find(|key| PublicKey::from_base64(key).is_err()) {
        Some(key) => wrong(
            format!("{place} has {key:?}, which is no public key"),
            "a public key is the line of 56 letters that begins with RW, as `juben key list` shows it",
        ),
        None => Ok(()),
    }
}

fn wrong<T>(message: String, hint: &str) -> Result<T, Error> {
    Err(Error::new(Kind::Config, message).hint(hint))
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    fn fault(text: &str) -> String {
        Config::parse(text).unwrap_err().message.clone()
    }

    #[test]
    fn every_source_is_read() {
        let text = r#"
            [packages]
            "team/a" = { path = "../a" }
            "team/b" = { git = "https://example.org/b.git", tag = "v1", subfolder = "x" }
            "team/c" = { archive = "c.tar.gz" }
            "team/d" = { version = "1.2", index = "team" }
            [[index]]
            name = "team"
            url = "https://example.org/juben"
            [trust]
            "team/*" = ["RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"]
        "#;
        assert_eq!(Config::parse(text).unwrap().packages.len(), 4);
    }

    #[test]
    fn what_is_no_source_is_told_by_the_name_of_the_package() {
        let package = |fields: &str| fault(&format!("[packages]\n\"team/a\" = {{ {fields} }}"));
        assert!(package("").contains("`team/a` needs one source and has none"));
        assert!(package("path = \"a\", git = \"b\"").contains("path and git"));
        assert!(package("git = \"b\", tag = \"v1\", rev = \"2\"").contains("tag and rev"));
        assert!(package("path = \"b\", tag = \"v1\"").contains("`tag`, which goes with git"));
        assert!(package("version = \"1\", index = \"x\"").contains("index `x`"));
        assert!(package("pth = \"b\"").contains("pth"));
        assert!(fault("[packages]\n\"Team/a\" = { path = \"a\" }").contains("no name of a package"));
    }

    #[test]
    fn what_is_no_key_is_told() {
        assert!(fault("[trust]\n\"team/*\" = [\"RWabc\"]").contains("no public key"));
        assert!(fault("[trust]\n\"team/*/x\" = []").contains("[trust] has \"team/*/x\""));
    }
}
