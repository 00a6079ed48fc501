//! `juben pack` — the archive of a package.

use super::{inspect, keyring::Keyring};
use crate::{
    Error,
    cli::{Common, write_out},
    engine::Sources,
    error::Kind,
    packages::{Parcel, keys::PrivateKey, replace, tree::sha256},
};
use clap::Args;
use std::path::{Path, PathBuf};

/// Pack a package into an archive, the same bytes wherever it is done
#[derive(Debug, Args)]
#[command(
    after_help = "The archive is signed with your key, if you have one (juben key new). Without a key, or with\n--unsigned, the same files make the same archive to the last byte.\n\nExamples:\n  juben pack\n  juben pack packages/grants -o grants.tar.gz"
)]
pub(in crate::cli) struct Pack {
    /// The folder of the package
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Where to write the archive [default: NAME-VERSION.tar.gz beside the folder]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    signing: Signing,
}

/// Whether a package is signed, and with what.
#[derive(Debug, Args)]
pub(super) struct Signing {
    /// Sign with this one of your keys, by its name or its file [default: the only one]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Do not sign
    #[arg(long, conflicts_with = "key")]
    unsigned: bool,
}

impl Signing {
    pub(super) fn key(&self) -> Result<Option<PrivateKey>, Error> {
        if self.unsigned { Ok(None) } else { Keyring::own()?.open(self.key.as_deref()) }
    }
}

impl Pack {
    pub(in crate::cli) fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        inspect(&self.folder, common)?.whole(sources)?;
        let parcel = Parcel::new(&self.folder, self.signing.key()?.as_ref())?;
        let file = self.output.unwrap_or_else(|| self.folder.join("..").join(parcel.file_name()));
        check_outside(&file, &self.folder)?;
        let archive = parcel.archive()?;
        replace(&file, &archive)?;
        let file = file.canonicalize().unwrap_or(file);
        write_out(&format!(
            "{}: {} {}, {} files, {}\nSHA-256 {}\n",
            file.display(),
            parcel.manifest.name,
            parcel.manifest.version,
            parcel.files.len(),
            signed(&parcel),
            sha256(&archive)
        ))
    }
}

/// `signed with RW…`
pub(super) fn signed(parcel: &Parcel) -> String {
    parcel.signer.as_ref().map_or_else(|| "not signed".to_owned(), |key| format!("signed with {key}"))
}

/// What is written into a package itself would be one of its files the next time.
pub(super) fn check_outside(place: &Path, folder: &Path) -> Result<(), Error> {
    let whole = std::env::current_dir().unwrap_or_default().join(place);
    let real = whole.ancestors().find_map(|above| above.canonicalize().ok());
    match real.zip(folder.canonicalize().ok()) {
        Some((real, folder)) if real.starts_with(&folder) => {
            Err(Error::new(Kind::Usage, format!("{} is in the package itself", place.display()))
                .hint("it would be one of its files the next time: name a place outside"))
        }
        _ => Ok(()),
    }
}
