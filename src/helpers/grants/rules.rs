//! What can be known to be wrong before anything is sent.

use super::{FOREVER, Grant, Key, Scope};
use crate::{Error, error::Kind};
use std::collections::HashMap;

/// The latest end that the platform takes.
const LATEST: i64 = 2_147_483_646;
/// Grants of dramas last at least so long.
const SHORTEST_FOR_DRAMAS: i64 = 7 * 86_400;

/// The rules for grants that are to be given.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Now, in seconds since 1970.
    pub now: i64,
    /// Whether grants of whole accounts may be given.
    pub account_wide: bool,
}

impl Rules {
    /// Check the grant at this place; `own` is the account that gives.
    pub(super) fn check(self, place: usize, grant: &Grant, own: &str) -> Result<(), Error> {
        self.judge(grant, own).map_err(|(message, hint)| wrong(place, &message, hint))
    }

    fn judge(self, grant: &Grant, own: &str) -> Result<(), (String, &'static str)> {
        let end = grant.expires_at;
        let drama = grant.scope.platform() == "drama";
        if grant.scope.is_account_wide() && !self.account_wide {
            return Err((
                format!("gives everything that the account has ({})", grant.scope.name()),
                "say so by the option #{ account_wide: true }",
            ));
        }
        if grant.grantee == own {
            return Err((format!("grants to the account itself ({own})"), "the grantee must be another mini program"));
        }
        if end == FOREVER {
            return match drama {
                true => Ok(()),
                false => Err(("has no end".to_owned(), "grants of novels must have one: give `expires_at`")),
            };
        }
        if end > LATEST {
            return Err((format!("ends at {end}; the latest end is {LATEST}"), "give seconds, not milliseconds"));
        }
        if end <= self.now {
            return Err((format!("ends at {end}, which is past"), "give a moment to come, in seconds since 1970"));
        }
        if drama && end < self.now + SHORTEST_FOR_DRAMAS && grant.scope != Scope::AllDramas {
            return Err(("ends in less than 7 days".to_owned(), "the platform wants at least 7 days for dramas"));
        }
        Ok(())
    }
}

/// No two may be the same: their calls would overtake each other.
pub(super) fn check_repeats(keys: &[Key]) -> Result<(), Error> {
    let mut seen = HashMap::with_capacity(keys.len());
    for (place, key) in keys.iter().enumerate() {
        if let Some(first) = seen.insert(key, place) {
            return Err(wrong(place, &format!("is the same grant as rows[{first}]"), "leave one of them out"));
        }
    }
    Ok(())
}

fn wrong(place: usize, message: &str, hint: &str) -> Error {
    Error::new(Kind::Argument, format!("rows[{place}] {message}")).hint(hint)
}
