//! What a package is called: `team/grants`.

use crate::config::check_package_name;
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
        check_package_name(text).map(|()| Name(text.to_owned()))
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
