//! The oldest version that will do: `1`, `1.2` or `1.2.3`. A newer one does as well while its first number is the same.

use semver::Version;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The oldest version that will do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Least(Version);

impl Least {
    /// That version or a later one.
    pub fn new(version: Version) -> Least {
        Least(version)
    }

    /// The version itself.
    pub fn version(&self) -> &Version {
        &self.0
    }

    /// Whether that version does. One before its release (`1.2.0-rc.1`) does only where one is asked for.
    pub fn admits(&self, version: &Version) -> bool {
        let released = version.pre.is_empty() || !self.0.pre.is_empty();
        version.major == self.0.major && *version >= self.0 && released
    }

    /// Whether one version can do for both.
    pub fn agrees(&self, other: &Least) -> bool {
        self.0.major == other.0.major
    }
}

impl FromStr for Least {
    type Err = String;

    fn from_str(text: &str) -> Result<Least, String> {
        let missing = match text.matches('.').count() {
            0 => ".0.0",
            1 => ".0",
            _ => "",
        };
        let version = Version::parse(&format!("{text}{missing}"));
        version.map(Least).map_err(|_| {
            let plain = text.trim_start_matches(|sign: char| !sign.is_ascii_digit());
            let is_it = plain != text && plain.parse::<Least>().is_ok();
            let such = if is_it { plain } else { "1.2" };
            format!("{text:?} is no version; write the oldest that will do, such as {such}: later ones do, too")
        })
    }
}

impl TryFrom<String> for Least {
    type Error = String;
    fn try_from(text: String) -> Result<Least, String> {
        text.parse()
    }
}

impl From<Least> for String {
    fn from(least: Least) -> String {
        least.to_string()
    }
}

impl fmt::Display for Least {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(least: &str, version: &str) -> bool {
        least.parse::<Least>().unwrap().admits(&version.parse().unwrap())
    }

    #[test]
    fn a_later_version_of_the_same_first_number_does() {
        assert!(admits("1.2", "1.2.0") && admits("1", "1.9.3") && admits("1.2.3", "1.10.0") && admits("0.1", "0.2.0"));
        assert!(!admits("1.2", "1.1.9") && !admits("1.2", "2.0.0") && !admits("1", "0.9.0"));
        assert!(!admits("1.2", "1.3.0-rc.1") && admits("1.3.0-rc.1", "1.3.0-rc.2"));
    }

    #[test]
    fn what_is_no_version_is_told() {
        for wrong in ["", "v1", "1.2.3.4", "^1.2", "*", "1.x", ">=1"] {
            assert!(wrong.parse::<Least>().unwrap_err().contains("such as 1"), "{wrong}");
        }
        for wrong in ["v1.0", "^1.0", ">= 1.0", "~1.0", "=1.0"] {
            assert!(wrong.parse::<Least>().unwrap_err().contains("such as 1.0:"), "{wrong}");
        }
    }
}
