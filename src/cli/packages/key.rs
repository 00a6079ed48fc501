//! `juben key` — keys that sign packages, and those that are trusted.

use super::{
    edit,
    keyring::{Keyring, password},
};
use crate::{
    Error,
    cli::{
        Common,
        output::{Form, Output, write_rows},
        write_out,
    },
    config::Config,
    error::Kind,
    packages::{keys, replace, signature},
    secret::{KEY_PASSWORD, Secret},
};
use clap::{Args, Subcommand};
use rhai::{Array, Dynamic, Map};
use std::{
    fs,
    path::{Path, PathBuf},
};
use toml_edit::{Array as Keys, Item};

/// Make keys that sign packages, and say whose signatures are trusted
#[derive(Debug, Args)]
#[command(
    after_help = "Keys and signatures have the form of minisign, whose program reads and writes them, too.\nYour own keys are in the folder `keys` of juben's configuration. The password of a key is asked for,\nor taken from JUBEN_KEY_PASSWORD. A key made with --no-password signs for whoever can read its file.\n\nExamples:\n  juben key new\n  juben key new robot --no-password\n  juben key list\n  juben key trust RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3 --for 'team/*'\n  juben key sign plan.json"
)]
pub(in crate::cli) struct Key {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Make a key of your own
    New {
        /// What you call it
        #[arg(default_value = "main")]
        name: String,
        /// Make it without a password: whoever can read its file can sign with it
        #[arg(long)]
        no_password: bool,
    },
    /// List your keys, and those that juben.toml trusts
    List {
        #[command(flatten)]
        form: Form,
    },
    /// Take packages signed with this key, and no others: an entry in [trust] of juben.toml
    Trust {
        /// The public key, or its file
        key: String,
        /// Which packages: team/name, team/* or *
        #[arg(long = "for", value_name = "PACKAGES")]
        packages: String,
    },
    /// Sign a file; the signature is written beside it, as FILE.minisig
    Sign {
        /// Which
        file: PathBuf,
        /// With which of your keys, by its name or its file [default: the only one]
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
}

const COLUMNS: [&str; 4] = ["key", "id", "own", "trusted"];

impl Key {
    pub(in crate::cli) fn execute(self, common: &Common) -> Result<(), Error> {
        match self.deed {
            Deed::New { name, no_password } => make(&name, no_password),
            Deed::List { form } => list(common, form.output),
            Deed::Trust { key, packages } => trust(common, &key, &packages),
            Deed::Sign { file, key } => {
                let key = Keyring::own()?.need(key.as_deref())?;
                let signature = signature::sign_file(&file, &key)?;
                write_out(&format!("signed {} with {}: {}\n", file.display(), key.public()?, signature.display()))
            }
        }
    }
}

fn make(name: &str, no_password: bool) -> Result<(), Error> {
    let fits = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    if name.is_empty() || !name.chars().all(fits) {
        let error = Error::new(Kind::Usage, format!("{name:?} cannot be the name of a key"));
        return Err(error.hint("a name is of letters, digits, - and _"));
    }
    let password = if no_password { None } else { Some(new_password()?) };
    let pair = keys::Pair::new(password.as_ref())?;
    let (private, public) = Keyring::own()?.add(name, &pair)?;
    let key = keys::public(&pair.public)?;
    write_out(&format!(
        "{}: what signs; keep a copy where only you are\n{}: what others need; it is\n  {key}\n\
         they say: juben key trust {key} --for 'TEAM/*'\n",
        private.display(),
        public.display(),
    ))
}

fn new_password() -> Result<Secret, Error> {
    let first = password("Password of the new key: ")?;
    let wrong = |message: &str| {
        Err(Error::new(Kind::Usage, message).hint("nothing was made; --no-password makes a key without one"))
    };
    if first.reveal().is_empty() {
        return wrong("the password is empty");
    }
    let from_person = std::env::var_os(KEY_PASSWORD).is_none();
    if from_person && password("Once more: ")? != first {
        return wrong("these are two passwords");
    }
    Ok(first)
}

fn list(common: &Common, output: Option<Output>) -> Result<(), Error> {
    let (config, _) = Config::load(common.config.as_deref())?;
    let own = Keyring::own()?.list()?;
    let trusted = config.trust.values().flatten().filter(|key| !own.iter().any(|own| own.public == **key));
    let mut all: Vec<&str> = own.iter().map(|own| own.public.as_str()).chain(trusted.map(String::as_str)).collect();
    let mut seen = std::collections::HashSet::new();
    all.retain(|key| seen.insert(*key));
    let row = |key: &str| {
        let name = own.iter().find(|own| own.public == key).map(|own| own.name.as_str());
        let trusted = config.trust.iter().filter(|(_, keys)| keys.iter().any(|listed| listed == key));
        let trusted: Vec<_> = trusted.map(|(packages, _)| packages.as_str()).collect();
        Ok(Dynamic::from_map(Map::from_iter([
            ("key".into(), key.into()),
            ("id".into(), keys::id(key)?.into()),
            ("own".into(), name.unwrap_or_default().into()),
            ("trusted".into(), trusted.join(", ").into()),
        ])))
    };
    let rows: Array = all.into_iter().map(row).collect::<Result<_, Error>>()?;
    write_rows(&rows.into(), &COLUMNS, output)
}

fn trust(common: &Common, key: &str, packages: &str) -> Result<(), Error> {
    let text = if Path::new(key).is_file() { fs::read_to_string(key).ok() } else { None };
    let key = keys::public(text.as_deref().unwrap_or(key))?;
    let Some((path, text)) = Config::file(common.config.as_deref())? else {
        return Err(Error::new(Kind::Config, "there is no juben.toml, which says who is trusted")
            .hint("go to the folder of your project; `juben init` writes a juben.toml with comments where you stand"));
    };
    let changed = trusting(&text, &key, packages)
        .map_err(|error| error.reworded(error.kind, format!("{}: {}", path.display(), error.message)))?;
    Config::of_file(&changed, &path)?;
    replace(&path, changed)?;
    write_out(&format!("{} takes {packages} signed with {key}\n", path.display()))
}

/// The text of a juben.toml with one more key for these packages, all else as it was.
fn trusting(text: &str, key: &str, packages: &str) -> Result<String, Error> {
    let mut document = edit::with_table(text, "trust")?;
    let wrong = |message: String| Error::new(Kind::Config, message).hint("docs/packages.md shows how it is written");
    let trust = document.get_mut("trust").and_then(Item::as_table_like_mut);
    let trust = trust.ok_or_else(|| wrong("`trust` is no table".to_owned()))?;
    let keys = trust.entry(packages).or_insert(Item::Value(Keys::new().into()));
    let keys = keys.as_array_mut().ok_or_else(|| wrong(format!("the keys of `{packages}` are no list")))?;
    if !keys.iter().any(|listed| listed.as_str() == Some(key)) {
        keys.push(key);
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_added_and_all_else_stays_as_it_was() {
        let text = "# ours\n[http]\ntimeout = 5 # short\n";
        let once = trusting(text, "RW1", "team/*").unwrap();
        assert_eq!(once, format!("{text}\n[trust]\n\"team/*\" = [\"RW1\"]\n"));
        assert_eq!(trusting(&once, "RW1", "team/*").unwrap(), once);
        let twice = trusting(&once, "RW2", "team/*").unwrap();
        assert!(twice.ends_with("\"team/*\" = [\"RW1\", \"RW2\"]\n"), "{twice}");
        assert!(trusting("trust = 1", "RW1", "team/*").is_err());
    }
}
