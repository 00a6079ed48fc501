//! What a package is called: `team/grants`.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The name of a package: who answers for it, and what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// The part before the slash.
    pub fn team(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The part behind it.
    pub fn short(&self) -> &str {
        self.0.split('/').nth(1).unwrap_or_default()
    }

    /// Both.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Name, String> {
        const LONGEST: usize = 64;
        let fits = |part: &str| {
            let letters = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_' || it == '-';
            part.starts_with(|it: char| it.is_ascii_lowercase()) && part.chars().all(letters) && part.len() <= LONGEST
        };
        match text.split_once('/') {
            Some((team, name)) if fits(team) && fits(name) => Ok(Name(text.to_owned())),
            _ => Err(format!(
                "{text:?} is no name of a package: it is written team/name, both of a to z, 0 to 9, - and _, \
                 beginning with a letter"
            )),
        }
    }
}

impl TryFrom<String> for Name {
    type Error = String;
    fn try_from(text: String) -> Result<Name, String> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_team_and_a_word() {
        assert_eq!("team/grants".parse::<Name>().map(|name| name.short().to_owned()), Ok("grants".to_owned()));
        for wrong in
            ["grants", "team/", "/grants", "team/a/b", "Team/grants", "team/../x", "team/gränts", "team/1x", "-/a"]
        {
            assert!(wrong.parse::<Name>().is_err(), "{wrong}");
        }
    }
}
