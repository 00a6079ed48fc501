//! Stands before each deed of a run: what every part of it that can do the deed is granted, and nothing else.
//!
//! Which part does a deed cannot be told while a script runs: functions travel between modules. What can be told is which
//! parts are able to, from their texts. So a deed must be granted to each of them.

use super::{Call, Grant, Kind, Reserved, Right, Rights};
use crate::{Error, error};
use std::path::Path;

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
    /// Files that are juben's own.
    reserved: Reserved,
    /// The folder that no file leaves, whoever opens it.
    home: Option<String>,
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
        Guard { parts, ..Guard::default() }
    }

    /// The same, which opens none of these files.
    pub fn reserving(self, reserved: Reserved) -> Guard {
        Guard { reserved, ..self }
    }

    /// The same, for a test: no file is outside of its own folder.
    pub fn at_home(self, folder: &Path) -> Guard {
        Guard { home: Some(Right::new(Kind::FilesRead, folder.to_string_lossy()).what), ..self }
    }

    /// Whether every file may be opened.
    pub(super) fn opens_all(&self) -> bool {
        self.parts.is_empty() && self.home.is_none()
    }

    /// What is never opened.
    pub(super) fn reserved(&self) -> &Reserved {
        &self.reserved
    }

    /// The parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether it lets this call through.
    pub fn call(&self, call: &Call<'_>) -> Result<(), Error> {
        self.each_able(&call.right(), |part, grant| allows(part, grant, call))
            .map_err(|error| error.operation(&call.operation.full_name()).account(call.account))
    }

    /// Whether it lets anything else through.
    pub fn deed(&self, right: &Right) -> Result<(), Error> {
        self.each_able(right, |part, grant| match grant.rights.covers(right) {
            true => Ok(()),
            false => Err(not_granted(part, right)),
        })
    }

    /// The folders that a file must not leave, the outermost first; none where it may be any.
    pub fn folders(&self, right: &Right) -> Result<Vec<String>, Error> {
        self.deed(right)?;
        self.reserved.check(right)?;
        match &self.home {
            Some(home) if !Right::new(right.kind, home).covers(right) => return Err(away(right)),
            _ => {}
        }
        let able = self.parts.iter().filter(|part| part.needs.covers(right));
        let granted = able.filter_map(|part| part.grant.as_ref()?.rights.iter().find(|granted| granted.covers(right)));
        let mut folders: Vec<_> = granted.map(|granted| granted.what.clone()).collect();
        folders.extend(self.home.clone());
        folders.retain(|folder| folder != Right::ALL);
        // All have the file below them, so each is below the shorter ones.
        folders.sort_by_key(String::len);
        folders.dedup();
        Ok(folders)
    }

    /// Whether it lets through a read that finds out what has become of a write: it belongs to that write.
    pub fn look(&self, write: &Call<'_>, read: &Call<'_>) -> Result<(), Error> {
        self.each_able(&write.right(), |part, grant| allows(part, grant, read))
    }

    /// Whether somebody has allowed this call by its name or its kind, and not only by starting a script of their own.
    pub fn is_explicit(&self, call: &Call<'_>) -> bool {
        let right = call.right();
        let mut able = self.parts.iter().filter(|part| part.needs.covers(&right)).peekable();
        able.peek().is_some() && able.all(|part| part.grant.is_some())
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

fn allows(part: &Part, grant: &Grant, call: &Call<'_>) -> Result<(), Error> {
    let right = call.right();
    if !grant.rights.covers(&right) {
        return Err(not_granted(part, &right));
    }
    match grant.refuses(call) {
        Some(reason) => Err(denied(part, &reason).hint("its [rights] in juben.toml say so; docs/rights.md")),
        None => Ok(()),
    }
}

/// A file is not in the folder of its test.
fn away(right: &Right) -> Error {
    let message = format!("a test has the files of its own folder, and {} is outside", right.what);
    Error::new(error::Kind::Denied, message).hint("put what it needs beside the test; docs/testing.md")
}

fn not_granted(part: &Part, right: &Right) -> Error {
    let hint = format!("add {right} to --allow, or to `allow` of its [rights] in juben.toml; docs/rights.md");
    denied(part, &format!("`{right}` is not granted")).hint(hint)
}

fn denied(part: &Part, reason: &str) -> Error {
    Error::new(error::Kind::Denied, format!("{} may not do this: {reason}", part.name))
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
        let folders = |parts: &[Part], right: &str| {
            Guard::new(parts.to_vec()).folders(&right.parse().unwrap()).map_err(|error| error.message.clone())
        };
        assert_eq!(folders(&parts, "files-read:/srv/a"), Ok(vec!["/srv".to_owned()]));
        assert!(folders(&parts, "files-read:/etc/a").is_err());
        assert!(folders(&parts, "files-write:/out/a").is_err());
        assert_eq!(folders(&parts[..1], "files-read:/etc/a"), Ok(Vec::new()));
        assert_eq!(folders(&[], "files-read:/etc/a"), Ok(Vec::new()));
    }
}
