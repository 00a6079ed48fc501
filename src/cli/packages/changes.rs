//! What changes in the lock, as it is shown before anything is written, and whether it may.

use crate::{
    Error,
    cli::permit::can_ask,
    error::Kind,
    packages::{Fetched, Lock, Locked, Name, trust},
    repl::ask,
    rights::Rights,
};
use clap::Args;
use std::fmt::{self, Write};

/// What somebody agrees to beforehand.
#[derive(Debug, Default, Args)]
pub(super) struct Leave {
    /// Ask nothing: packages may ask for more than before
    #[arg(long)]
    yes: bool,
    /// Take packages that are signed with another key than before, or no longer
    #[arg(long)]
    new_key: bool,
    /// Take packages whose version is older than the one in juben.lock
    #[arg(long)]
    downgrade: bool,
}

/// A package that is not as it was locked.
#[derive(Debug)]
pub(super) struct Change<'a> {
    name: &'a Name,
    before: Option<&'a Locked>,
    after: Option<&'a Locked>,
    /// As it will be, with the reasons for its rights.
    fetched: Option<&'a Fetched>,
}

impl Leave {
    /// Whether these changes may be made; asks where it has to and can. `at_entry` says where juben.toml names a package.
    pub(super) fn check(&self, changes: &[Change<'_>], at_entry: impl Fn(&Name, Error) -> Error) -> Result<(), Error> {
        let identity = |change: &Change<'_>| self.check_identity(change).map_err(|error| at_entry(change.name, error));
        changes.iter().try_for_each(identity)?;
        let growing: Vec<_> = changes.iter().filter(|change| !change.new_rights().is_empty()).collect();
        let Some(first) = growing.first().filter(|_| !self.yes) else { return Ok(()) };
        let (name, rights) = (first.name, first.new_rights());
        let (message, question, refused) = match first.before {
            None => (
                format!("{name} is new here and asks for rights that nobody has agreed to: {rights}"),
                "Add what is shown above? y yes, N no: ",
                "nothing was added",
            ),
            Some(_) => (
                format!("{name} asks for rights that it did not have: {rights}"),
                "Take what is shown above into juben.lock? y yes, N no: ",
                "nothing was changed",
            ),
        };
        let denied = Error::new(Kind::Denied, message);
        if !can_ask() {
            return Err(at_entry(name, denied.hint(format!("{refused}; if all of the above is meant, add --yes"))));
        }
        match ask(question).map_err(|stopped| stopped.hint(refused))?.as_str() {
            "y" | "yes" | "是" => Ok(()),
            _ => Err(at_entry(name, denied.hint(refused))),
        }
    }

    /// Neither its key nor its version goes back by itself.
    fn check_identity(&self, change: &Change<'_>) -> Result<(), Error> {
        let (Some(before), Some(after)) = (change.before, change.after) else { return Ok(()) };
        if !self.new_key {
            trust::check_change(&before.name, before.key.as_deref(), after.key.as_deref())?;
        }
        if after.version < before.version && !self.downgrade {
            let message = format!("{} would go back from {} to {}", before.name, before.version, after.version);
            return Err(Error::new(Kind::Denied, message)
                .hint("whoever publishes it may have been replaced; if it is meant, add --downgrade"));
        }
        Ok(())
    }
}

impl<'a> Change<'a> {
    /// Between two locks, in the order of the names.
    pub(super) fn between(before: &'a Lock, after: &'a Lock, fetched: &'a [Fetched]) -> Vec<Change<'a>> {
        let mut names: Vec<_> = before.packages().iter().chain(after.packages()).map(|locked| &locked.name).collect();
        names.sort();
        names.dedup();
        let change = |name: &'a Name| {
            let fetched = fetched.iter().find(|it| it.package.manifest.name == *name);
            Change { name, before: before.package(name), after: after.package(name), fetched }
        };
        names.into_iter().map(change).filter(|change| change.before != change.after).collect()
    }

    fn rights(locked: Option<&Locked>) -> Rights {
        locked.map(|locked| locked.rights.clone()).unwrap_or_default()
    }

    /// What it may ask for now, and could not before.
    fn new_rights(&self) -> Rights {
        Change::rights(self.before).lacks(&Change::rights(self.after))
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.before, self.after) {
            (None, Some(after)) => writeln!(f, "+ {} {}  {}", after.name, after.version, after.source)?,
            (Some(before), Some(after)) if before.version == after.version => {
                writeln!(f, "~ {} {}  {}", after.name, after.version, after.source)?;
            }
            (Some(before), Some(after)) => {
                writeln!(f, "~ {} {} -> {}  {}", after.name, before.version, after.version, after.source)?;
            }
            (before, _) => return before.map_or(Ok(()), |before| writeln!(f, "- {} {}", before.name, before.version)),
        }
        let key = |locked: Option<&Locked>| locked.map(|it| it.key.clone().unwrap_or("unsigned".to_owned()));
        match (key(self.before), key(self.after)) {
            (Some(before), Some(after)) if before == after => {}
            (Some(before), Some(after)) => writeln!(f, "    key {before} -> {after}")?,
            (_, Some(after)) if after != "unsigned" => writeln!(f, "    key {after}")?,
            _ => {}
        }
        f.write_str(&self.rights_told())
    }
}

impl Change<'_> {
    /// A line for each right that is new or gone, with the reason that the package gives.
    fn rights_told(&self) -> String {
        let reasons = self.fetched.map(|fetched| &fetched.package.manifest.rights);
        let reason = |right| reasons.and_then(|reasons| reasons.get(right)).map_or("", String::as_str);
        let (new, gone) = (self.new_rights(), Change::rights(self.after).lacks(&Change::rights(self.before)));
        let new: Vec<_> = new.iter().map(|right| (format!("+ {right}"), reason(right))).collect();
        let gone = gone.iter().map(|right| (format!("- {right}"), ""));
        let lines: Vec<_> = new.into_iter().chain(gone).collect();
        let width = lines.iter().map(|(right, _)| right.chars().count()).max().unwrap_or(0);
        lines.iter().fold(String::new(), |mut text, (right, reason)| {
            writeln!(text, "    {}", format!("{right:width$}   {reason}").trim_end()).ok();
            text
        })
    }
}
