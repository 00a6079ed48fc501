//! Stands before each deed of a run: what every part of it that can do the deed is granted, and nothing else.
//!
//! Which part does a deed cannot be told while a script runs: functions travel between modules. What can be told is which
//! parts are able to, from their texts. So a deed must be granted to each of them.

use super::{Call, Grant, Kind, Right, Rights};
use crate::{Error, error};

/// A piece of a run's code that somebody answers for: the user's own script, or a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// As people call it: `scripts/renew.rhai`, `team/grants 1.2.0`.
    pub name: String,
    /// What its text can do. Folders are absolute.
    pub needs: Rights,
    /// What it may do; all that it needs without a grant.
    pub grant: Option<Grant>,
}

/// What a run may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    parts: Vec<Part>,
}

impl Part {
    /// What it needs and is in no way granted.
    pub fn missing(&self) -> Rights {
        let Some(grant) = &self.grant else { return Rights::default() };
        self.needs.iter().filter(|right| !grant.rights.meets(right)).cloned().collect()
    }
}

impl Guard {
    /// For a run of these parts. One without parts may do everything.
    pub fn new(parts: Vec<Part>) -> Guard {
        Guard { parts }
    }

    /// The parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether it lets this call through.
    pub fn call(&self, call: &Call<'_>) -> Result<(), Error> {
        let right = Right::call(&call.operation.full_name(), call.effect);
        self.each_able(&right, |part, grant| match grant.refuses(call) {
            Some(reason) => Err(denied(part, &reason)),
            None => Ok(()),
        })
        .map_err(|error| error.operation(&call.operation.full_name()).account(call.account))
    }

    /// Whether it lets anything else through.
    pub fn deed(&self, right: &Right) -> Result<(), Error> {
        self.each_able(right, |part, grant| match grant.rights.covers(right) {
            true => Ok(()),
            false => Err(denied(part, &format!("`{right}` is not granted"))),
        })
    }

    /// The folders that files of this kind must all be below, for a file that is asked for; `None` where any may be.
    pub fn folders(&self, kind: Kind) -> Option<Vec<Vec<String>>> {
        let able = self.parts.iter().filter(|part| part.needs.iter().any(|right| right.kind == kind));
        let granted = able.filter_map(|part| part.grant.as_ref()).map(|grant| {
            grant.rights.iter().filter(|right| right.kind == kind).map(|right| right.what.clone()).collect::<Vec<_>>()
        });
        let limited: Vec<_> = granted.filter(|folders| !folders.iter().any(|folder| folder == Right::ALL)).collect();
        (!limited.is_empty()).then_some(limited)
    }

    fn each_able(&self, right: &Right, allows: impl Fn(&Part, &Grant) -> Result<(), Error>) -> Result<(), Error> {
        if self.parts.is_empty() {
            return Ok(());
        }
        let mut able = self.parts.iter().filter(|part| part.needs.covers(right)).peekable();
        if able.peek().is_none() {
            let message = format!("nothing in the text of this run asks for `{right}`, so it is not done");
            return Err(Error::new(error::Kind::Denied, message).hint("please report this: it should not be possible"));
        }
        able.try_for_each(|part| part.grant.as_ref().map_or(Ok(()), |grant| allows(part, grant)))
    }
}

fn denied(part: &Part, reason: &str) -> Error {
    Error::new(error::Kind::Denied, format!("{} may not do this: {reason}", part.name))
        .hint("grant it by --allow, or by [rights] in juben.toml; docs/rights.md")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, needs: &str, granted: Option<&str>) -> Part {
        let grant = granted.map(|rights| Grant::of(rights.parse().unwrap()));
        Part { name: name.into(), needs: needs.parse().unwrap(), grant }
    }

    fn deed(parts: &[Part], right: &str) -> Result<(), String> {
        Guard::new(parts.to_vec()).deed(&right.parse().unwrap()).map_err(|error| error.message.clone())
    }

    #[test]
    fn a_deed_must_be_granted_to_each_part_that_can_do_it() {
        let own = part("own.rhai", "notify", None);
        let package = part("team/tell 1.0.0", "notify:team", Some("notify:team"));
        let silent = part("team/sums 1.0.0", "", Some(""));
        assert_eq!(deed(&[own.clone(), package.clone(), silent.clone()], "notify:team"), Ok(()));
        assert_eq!(deed(&[own.clone(), package, silent], "notify:all"), Ok(()));
        let denied = part("team/tell 1.0.0", "notify:team", Some("notify:other"));
        assert!(deed(&[own, denied], "notify:team").unwrap_err().contains("team/tell 1.0.0"));
    }

    #[test]
    fn what_no_text_asks_for_is_not_done() {
        assert!(deed(&[part("own.rhai", "read", None)], "notify:team").unwrap_err().contains("nothing in the text"));
        assert_eq!(deed(&[], "notify:team"), Ok(()));
    }

    #[test]
    fn what_is_missing_is_known_before_anything_runs() {
        let needs = "read:novel.list_books,destructive:drama.delete_media,files-read";
        let package = part("team/a 1.0.0", needs, Some("write,files-read:/srv"));
        assert_eq!(package.missing().to_string(), "destructive:drama.delete_media");
        assert!(part("own.rhai", needs, None).missing().is_empty());
    }

    #[test]
    fn files_are_bounded_by_every_part_that_touches_them() {
        let parts = [
            part("own.rhai", "files-read", None),
            part("team/a 1.0.0", "files-read", Some("files-read:/srv,files-write:/out")),
            part("team/b 1.0.0", "read", Some("read")),
        ];
        let guard = Guard::new(parts.to_vec());
        assert_eq!(guard.folders(Kind::FilesRead), Some(vec![vec!["/srv".to_owned()]]));
        assert_eq!(guard.folders(Kind::FilesWrite), None);
        assert_eq!(Guard::default().folders(Kind::FilesRead), None);
    }
}
