//! One right, as people write it: `write:novel.add_book_auth`, `files-read:media`, `destructive`.

use crate::catalog::Effect;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a right is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Calls of operations that only read.
    Read,
    /// Calls that change something.
    Write,
    /// Calls that remove or overwrite what people depend on.
    Destructive,
    /// Reading files, below a folder.
    FilesRead,
    /// Writing files, below a folder.
    FilesWrite,
    /// Requests to a host that is no platform's.
    Host,
    /// An environment variable.
    Env,
    /// Telling a target of `[notify]`.
    Notify,
    /// Choosing the account of all that follows in the run.
    Account,
    /// What is kept by `state::`, by its key.
    State,
    /// Events of platforms: looking for them, and adding some.
    Events,
}

impl Kind {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Kind; 11] = [
        Kind::Read,
        Kind::Write,
        Kind::Destructive,
        Kind::FilesRead,
        Kind::FilesWrite,
        Kind::Host,
        Kind::Env,
        Kind::Notify,
        Kind::Account,
        Kind::State,
        Kind::Events,
    ];

    /// The word before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Read => "read",
            Kind::Write => "write",
            Kind::Destructive => "destructive",
            Kind::FilesRead => "files-read",
            Kind::FilesWrite => "files-write",
            Kind::Host => "host",
            Kind::Env => "env",
            Kind::Notify => "notify",
            Kind::Account => "account",
            Kind::State => "state",
            Kind::Events => "events",
        }
    }

    /// The kind of calls with that effect.
    pub fn of(effect: Effect) -> Kind {
        match effect {
            Effect::Read => Kind::Read,
            Effect::Write => Kind::Write,
            Effect::Destructive => Kind::Destructive,
        }
    }

    /// Whether it is about operations.
    pub fn is_of_operations(self) -> bool {
        matches!(self, Kind::Read | Kind::Write | Kind::Destructive)
    }

    /// Whether it is about files.
    pub fn is_of_files(self) -> bool {
        matches!(self, Kind::FilesRead | Kind::FilesWrite)
    }

    /// Whether a right of this kind is also one of the other: who may change may read. What cannot be undone is never
    /// implied.
    fn implies(self, other: Kind) -> bool {
        self == other || self.is_of_operations() && other.is_of_operations() && self > other
    }
}

/// One right: a kind, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Right {
    /// What it is about.
    pub kind: Kind,
    /// An operation, all of a module (`novel.*`), a folder, a host, a name; `*` for all.
    pub what: String,
}

impl Right {
    /// For all.
    pub const ALL: &str = "*";

    /// A right for this. A folder is told without `.` and `..`, by its shortest name.
    pub fn new(kind: Kind, what: impl Into<String>) -> Right {
        let what = what.into();
        let what = if kind.is_of_files() && what != Right::ALL { shortest(&what) } else { what };
        Right { kind, what }
    }

    /// A call of this operation with that effect.
    pub fn call(operation: &str, effect: Effect) -> Right {
        Right::new(Kind::of(effect), operation)
    }

    /// Whether it is for all of its kind.
    pub fn is_for_all(&self) -> bool {
        self.what == Right::ALL
    }

    /// Whether who has this has the other.
    pub fn covers(&self, other: &Right) -> bool {
        self.kind.implies(other.kind) && self.reaches(&other.what)
    }

    /// Whether there is something that both allow.
    pub fn meets(&self, other: &Right) -> bool {
        self.kind.implies(other.kind) && (self.reaches(&other.what) || other.reaches(&self.what))
    }

    fn reaches(&self, what: &str) -> bool {
        match self.kind {
            _ if self.what == Right::ALL || self.what == what => true,
            kind if kind.is_of_files() => is_below(what, &self.what),
            kind if kind.is_of_operations() => {
                self.what.strip_suffix('*').is_some_and(|module| module.ends_with('.') && what.starts_with(module))
            }
            _ => false,
        }
    }
}

/// The shortest name of a path: `./media/../media/` is `media`. The folder of the script is `.`.
fn shortest(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    if steps.is_empty() && root.is_empty() { ".".to_owned() } else { format!("{root}{}", steps.join("/")) }
}

/// Both by their shortest names.
fn is_below(path: &str, folder: &str) -> bool {
    match folder {
        "/" => path.starts_with('/'),
        "." => path != Right::ALL && !path.starts_with('/') && path != ".." && !path.starts_with("../"),
        _ => path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what.as_str() {
            Right::ALL => f.write_str(self.kind.name()),
            what => write!(f, "{}:{what}", self.kind.name()),
        }
    }
}

impl FromStr for Right {
    type Err = String;

    fn from_str(text: &str) -> Result<Right, String> {
        let (kind, what) = text.trim().split_once(':').unwrap_or((text.trim(), Right::ALL));
        let known = Kind::ALL.into_iter().find(|known| known.name() == kind);
        let Some(known) = known else {
            let names: Vec<_> = Kind::ALL.into_iter().map(Kind::name).collect();
            return Err(format!("{kind:?} is no right; there are: {}", names.join(", ")));
        };
        match what.trim() {
            "" => Err(format!("{text:?} does not say for what; leave the colon out to mean all")),
            what => Ok(Right::new(known, what)),
        }
    }
}

impl TryFrom<String> for Right {
    type Error = String;
    fn try_from(text: String) -> Result<Right, String> {
        text.parse()
    }
}

impl From<Right> for String {
    fn from(right: Right) -> String {
        right.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(text: &str) -> Right {
        text.parse().unwrap()
    }

    fn covers(left: &str, other: &str) -> bool {
        right(left).covers(&right(other))
    }

    #[test]
    fn who_may_change_may_read_but_what_cannot_be_undone_is_asked_for_by_itself() {
        assert!(covers("write", "read:novel.list_books"));
        assert!(covers("write:novel.add_book_auth", "write:novel.add_book_auth"));
        assert!(!covers("write", "destructive:drama.delete_media"));
        assert!(covers("destructive:drama.delete_media", "write:drama.delete_media"));
        assert!(!covers("read", "write:novel.add_book_auth"));
    }

    #[test]
    fn a_module_is_all_its_operations_and_no_others() {
        assert!(covers("read:novel.*", "read:novel.list_books"));
        assert!(!covers("read:novel.*", "read:novels.list_books"));
        assert!(!covers("read:novel.list_*", "read:novel.list_books"));
        assert!(!covers("read:novel.list_books", "read"));
    }

    #[test]
    fn a_folder_is_all_below_it_and_nothing_beside_it() {
        assert!(covers("files-read:./media", "files-read:media/1/a.mp4"));
        assert!(covers("files-read:.", "files-read:media"));
        assert!(covers("files-read:/srv/", "files-read:/srv/a"));
        for outside in ["media2/a", ".", "..", "../media/a", "media/../secret", "/media/a", "*"] {
            assert!(!covers("files-read:media", &format!("files-read:{outside}")), "{outside}");
        }
        for outside in ["..", "../a", "a/../../b", "/etc", "*"] {
            assert!(!covers("files-read:.", &format!("files-read:{outside}")), "{outside}");
        }
        assert!(!covers("files-read:media", "files-write:media/a"));
    }

    #[test]
    fn rights_meet_where_one_is_part_of_the_other() {
        let meets = |left: &str, other: &str| right(left).meets(&right(other));
        assert!(meets("files-read:media", "files-read"));
        assert!(meets("files-read:media", "files-read:."));
        assert!(!meets("files-read:media", "files-read:text"));
        assert!(!meets("write", "destructive:drama.delete_media"));
    }

    #[test]
    fn a_right_is_written_as_it_is_read() {
        for text in ["read", "write:novel.*", "files-write:media/1", "host:example.org", "files-read:."] {
            assert_eq!(right(text).to_string(), text);
        }
        assert_eq!(right("files-read:./media/").to_string(), "files-read:media");
        assert!("reed".parse::<Right>().unwrap_err().contains("read"));
        assert!("read:".parse::<Right>().is_err());
    }
}
