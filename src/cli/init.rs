//! `juben init` — write a `juben.toml` with comments.

use super::write_out;
use crate::{Error, error::Kind};
use clap::Args;
use std::{fs::OpenOptions, io::Write, path::PathBuf};

/// Write a juben.toml with comments
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  juben init\n  juben init team/juben.toml")]
pub(super) struct Init {
    /// Where to write it
    #[arg(default_value = "juben.toml")]
    path: PathBuf,
}

impl Init {
    pub(super) fn execute(self) -> Result<(), Error> {
        let shown = self.path.display();
        let file = OpenOptions::new().write(true).create_new(true).open(&self.path);
        let mut file = file.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Error::new(Kind::Usage, format!("{shown} is there already"))
                .hint("nothing was changed; name another file"),
            _ => Error::new(Kind::File, format!("cannot write {shown}: {error}")),
        })?;
        file.write_all(include_bytes!("juben.toml"))
            .map_err(|error| Error::new(Kind::File, format!("cannot write {shown}: {error}")))?;
        write_out(&format!("wrote {shown}; fill in an account, then try: juben call drama.list_media limit=1\n"))
    }
}
