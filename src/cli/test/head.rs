//! What a test asks for in comments: `//! @cassette renew.json` for all tests of the file, `/// @cassette …` for one.

use crate::{
    Error,
    cli::run,
    error::{Kind, Place},
};
use std::{
    collections::HashMap,
    fs,
    path::{Component, Path, PathBuf},
};

/// What a test may begin with, in bytes.
const LARGEST: u64 = 64 << 20;

const KNOWN: [&str; 5] = ["cassette", "world", "faults", "arg", "env"];

/// What a test asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// The recording that answers instead of a sandbox.
    pub cassette: Option<PathBuf>,
    /// The world that the sandbox begins with.
    pub world: Option<PathBuf>,
    /// What goes wrong in it.
    pub faults: Option<PathBuf>,
    /// What `args::get` finds.
    pub arguments: Vec<(String, String)>,
    /// What `env::get` finds.
    pub environment: HashMap<String, String>,
}

impl Head {
    /// What the head of a file asks for.
    pub(super) fn of_file(file: &str, text: &str) -> Result<Head, Error> {
        let lines = text.lines().enumerate().filter_map(|(place, line)| Some((place, line.strip_prefix("//!")?)));
        let mut head = Head::default();
        for (place, line) in lines {
            let at = |error: Error| error.at(Place { file: file.to_owned(), line: place + 1, column: 5 });
            head.read(file, line).map_err(at)?;
        }
        Ok(head)
    }

    /// The same with what the comment above one test asks for.
    pub(super) fn and(&self, file: &str, comment: &str) -> Result<Head, Error> {
        let mut head = self.clone();
        comment.lines().try_for_each(|line| head.read(file, line))?;
        Ok(head)
    }

    fn read(&mut self, file: &str, line: &str) -> Result<(), Error> {
        let Some((name, value)) = line.trim().strip_prefix('@').map(|line| line.split_once(' ').unwrap_or((line, "")))
        else {
            return Ok(());
        };
        let value = value.trim();
        let beside = || beside(file, value);
        match (name, value) {
            (name, "") if KNOWN.contains(&name) => {
                return Err(Error::new(Kind::Usage, format!("`@{name}` is given nothing")));
            }
            ("cassette", _) => self.cassette = Some(beside()?),
            ("world", _) => self.world = Some(beside()?),
            ("faults", _) => self.faults = Some(beside()?),
            ("env", _) => self.environment.extend([named(value)?]),
            ("arg", _) => {
                let (name, value) = named(value)?;
                self.arguments.retain(|(known, _)| *known != name);
                self.arguments.push((name, value));
            }
            _ => {
                return Err(Error::new(Kind::Usage, format!("a test cannot ask for `@{name}`")).hint_names(name, KNOWN));
            }
        }
        Ok(())
    }
}

/// A file in the folder of the test: what came with it may be somebody else's.
fn beside(file: &str, value: &str) -> Result<PathBuf, Error> {
    let refused = |what: &str| {
        let error = Error::new(Kind::Usage, format!("a test may not read {value:?}: {what}"));
        error.hint("put the file beside the test, or in a folder below, and name it from there")
    };
    let given = Path::new(value);
    if !given.components().all(|step| matches!(step, Component::Normal(_) | Component::CurDir)) {
        return Err(refused("it leads out of the folder of the test"));
    }
    let folder = Path::new(".").join(file).parent().map(Path::to_owned).unwrap_or_default();
    let path = Path::new(file).with_file_name(given);
    // What is not there is told when it is read.
    if let (Ok(folder), Ok(found)) = (folder.canonicalize(), path.canonicalize()) {
        let about = fs::metadata(&found).map_err(|error| refused(&error.to_string()))?;
        match (found.starts_with(folder), about.is_file(), about.len() > LARGEST) {
            (false, _, _) => return Err(refused("it is a link that leads out of the folder of the test")),
            (_, false, _) => return Err(refused("it is not a file")),
            (_, _, true) => return Err(refused(&format!("it has more than {} MB", LARGEST >> 20))),
            _ => {}
        }
    }
    Ok(path)
}

fn named(value: &str) -> Result<(String, String), Error> {
    run::named(value).map_err(|why| Error::new(Kind::Usage, why))
}
