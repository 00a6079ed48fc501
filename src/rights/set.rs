//! Several rights, as they stand in a lock file, a manifest or behind `--allow`.

use super::{Kind, Right};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, path::Path, str::FromStr};

/// Several rights, none of which follows from another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeSet<Right>")]
pub struct Rights(BTreeSet<Right>);

impl Rights {
    /// Those of a script whose author is the user: all.
    pub fn everything() -> Rights {
        Kind::ALL.into_iter().map(|kind| Right::new(kind, Right::ALL)).collect()
    }

    /// Each of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Right> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more.
    pub fn add(&mut self, right: Right) {
        if !self.covers(&right) {
            self.0.retain(|known| !right.covers(known));
            self.0.insert(right);
        }
    }

    /// Whether who has these has that one.
    pub fn covers(&self, right: &Right) -> bool {
        self.0.iter().any(|known| known.covers(right))
    }

    /// Whether there is something that both allow.
    pub fn meets(&self, right: &Right) -> bool {
        self.0.iter().any(|known| known.meets(right))
    }

    /// The same with folders that start there instead of at the folder of the run.
    pub fn from_folder(&self, folder: &Path) -> Rights {
        let moved = |right: &Right| match right.kind.is_of_files() && right.what != Right::ALL {
            true => Right::new(right.kind, folder.join(&right.what).to_string_lossy()),
            false => right.clone(),
        };
        self.0.iter().map(moved).collect()
    }

    /// Those of others that these do not cover.
    pub fn lacks(&self, others: &Rights) -> Rights {
        Rights(others.0.iter().filter(|right| !self.covers(right)).cloned().collect())
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<T: IntoIterator<Item = Right>>(rights: T) -> Rights {
        let mut all = Rights::default();
        rights.into_iter().for_each(|right| all.add(right));
        all
    }
}

impl From<BTreeSet<Right>> for Rights {
    fn from(rights: BTreeSet<Right>) -> Rights {
        rights.into_iter().collect()
    }
}

impl Extend<Right> for Rights {
    fn extend<T: IntoIterator<Item = Right>>(&mut self, rights: T) {
        rights.into_iter().for_each(|right| self.add(right));
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rights: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&rights.join(","))
    }
}

/// With commas between them; `files:media` is short for reading and writing there.
impl FromStr for Rights {
    type Err = String;

    fn from_str(text: &str) -> Result<Rights, String> {
        let mut rights = Rights::default();
        for piece in text.split(',').map(str::trim).filter(|piece| !piece.is_empty()) {
            match piece.strip_prefix("files").filter(|rest| rest.is_empty() || rest.starts_with(':')) {
                Some(rest) => {
                    rights.add(format!("files-read{rest}").parse()?);
                    rights.add(format!("files-write{rest}").parse()?);
                }
                None => rights.add(piece.parse()?),
            }
        }
        Ok(rights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(text: &str) -> Rights {
        text.parse().unwrap()
    }

    #[test]
    fn what_follows_from_another_right_is_not_told_twice() {
        assert_eq!(
            rights("read:novel.list_books,write:novel.*,read:drama.list_media").to_string(),
            "read:drama.list_media,write:novel.*"
        );
        assert_eq!(rights("files:media,files-read:media/1").to_string(), "files-read:media,files-write:media");
        assert_eq!(rights("write").to_string(), "write");
    }

    #[test]
    fn folders_start_where_the_run_does() {
        let moved = rights("files:media,read,files-read:/srv,files-write:../out").from_folder(Path::new("/home/a"));
        assert_eq!(
            moved.to_string(),
            "read,files-read:/home/a/media,files-read:/srv,files-write:/home/a/media,files-write:/home/out"
        );
        assert_eq!(rights("files-read").from_folder(Path::new("/home/a")).to_string(), "files-read");
    }

    #[test]
    fn what_is_lacking_is_told_by_name() {
        let has = rights("write,files:media");
        let needs = rights("read:novel.list_books,destructive:drama.delete_media,files-read:.");
        assert_eq!(has.lacks(&needs).to_string(), "destructive:drama.delete_media,files-read:.");
        assert!(Rights::everything().lacks(&needs).is_empty());
    }
}
