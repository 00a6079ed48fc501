//! The user's own keys: pairs of files in the folder `keys` of juben's configuration.

use crate::{
    Error, config,
    error::Kind,
    packages::keys::{Pair, PrivateKey, public},
    secret::{KEY_PASSWORD, Secret},
};
use std::{
    fs::{self, OpenOptions},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

/// All of them.
pub(in crate::cli) struct Keyring(PathBuf);

/// One of them.
pub(in crate::cli) struct Own {
    /// As `--key` names it.
    pub name: String,
    /// In minisign's form.
    pub public: String,
}

impl Keyring {
    /// That of the user.
    pub(in crate::cli) fn own() -> Result<Keyring, Error> {
        let folder =
            config::user_folder().ok_or_else(|| Error::new(Kind::Config, "there is no folder for your keys"))?;
        Ok(Keyring(folder.join("keys")))
    }

    /// Keep a pair. The paths of its files: what signs, and what others need.
    pub(super) fn add(&self, name: &str, pair: &Pair) -> Result<(PathBuf, PathBuf), Error> {
        let (private, public) = (self.0.join(format!("{name}.key")), self.0.join(format!("{name}.pub")));
        create_folder(&self.0).map_err(|error| unwritable(&self.0, &error))?;
        for (file, text) in [(&private, pair.private.reveal()), (&public, &pair.public)] {
            create(file).and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    Error::new(Kind::Usage, format!("there is a key `{name}` already: {}", file.display()))
                        .hint("nothing was changed; a new key needs another name: juben key new NAME")
                }
                _ => unwritable(file, &error),
            })?;
        }
        Ok((private, public))
    }

    /// Each, by its name.
    pub(in crate::cli) fn list(&self) -> Result<Vec<Own>, Error> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| unreadable(&self.0, &error))?,
        };
        let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "pub"));
        files.sort();
        let own = |file: PathBuf| {
            let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Ok(Own { name, public: public(&text)? })
        };
        files.into_iter().map(own).collect()
    }

    /// The key that is chosen by its name or its file; without a choice the only one, if there is one.
    pub(super) fn open(&self, chosen: Option<&str>) -> Result<Option<PrivateKey>, Error> {
        let own = self.list()?;
        let names = || own.iter().map(|own| own.name.as_str());
        let file = match (chosen, own.as_slice()) {
            (None, []) => return Ok(None),
            (None, [one]) => self.0.join(format!("{}.key", one.name)),
            (None, _) => {
                let names = names().collect::<Vec<_>>().join(", ");
                let error = Error::new(Kind::Usage, format!("there are several keys: {names}"));
                return Err(error.hint("choose one by --key NAME"));
            }
            (Some(name), _) if names().any(|own| own == name) => self.0.join(format!("{name}.key")),
            (Some(file), _) if Path::new(file).is_file() => PathBuf::from(file),
            (Some(name), _) => {
                return Err(Error::new(Kind::Usage, format!("there is no key `{name}`"))
                    .hint("`juben key new NAME` makes one")
                    .hint_names(name, names()));
            }
        };
        let text = fs::read_to_string(&file).map(Secret::new).map_err(|error| unreadable(&file, &error))?;
        let shown = file.display().to_string();
        PrivateKey::read(&text, &shown, || password(&format!("Password of {shown}: "))).map(Some)
    }

    /// The same, for what cannot be done without one.
    pub(super) fn need(&self, chosen: Option<&str>) -> Result<PrivateKey, Error> {
        self.open(chosen)?.ok_or_else(|| {
            Error::new(Kind::Usage, "you have no key").hint("`juben key new` makes one, in minisign's form")
        })
    }
}

/// From the environment, or from the person at the terminal, who does not see it.
pub(super) fn password(question: &str) -> Result<Secret, Error> {
    if let Ok(password) = std::env::var(KEY_PASSWORD) {
        return Ok(Secret::new(password));
    }
    if !io::stdin().is_terminal() {
        return Err(Error::new(Kind::Usage, "the key needs its password, and there is nobody to ask")
            .hint(format!("give it by the environment variable {KEY_PASSWORD}")));
    }
    let answer = rpassword::prompt_password(question);
    answer.map(Secret::new).map_err(|error| Error::new(Kind::Usage, format!("no password was read: {error}")))
}

/// Only its owner can look into it.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn create(file: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(file)
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::File, format!("cannot read {}: {error}", path.display()))
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::File, format!("cannot write {}: {error}", path.display()))
}
