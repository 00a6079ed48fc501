//! `juben update` — take what was published since.

use super::{changes::Leave, desk::Desk, edit, show, unknown};
use crate::{
    Error,
    cli::{Common, session::until_stopped},
    engine::Sources,
    error::Kind,
    packages::{Name, Wanted},
};
use clap::Args;
use tokio_util::sync::CancellationToken;

/// Take the newest of packages into juben.lock, with what changes shown first
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  juben update\n  juben update team/grants --dry-run\n  juben update --locked\n\nOf a branch it is the newest commit, of an index the newest version with the same first number,\nof a folder or an archive what is in it. A tag or a commit stays: name another by `juben add`."
)]
pub(in crate::cli) struct Update {
    /// Which; all of juben.toml without a name
    names: Vec<Name>,
    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Fetch what juben.lock says and is not on this machine; nothing changes in it
    #[arg(long, conflicts_with_all = ["names", "dry_run", "yes", "new_key", "downgrade"])]
    locked: bool,
    #[command(flatten)]
    leave: Leave,
}

impl Update {
    pub(in crate::cli) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        until_stopped(CancellationToken::new(), None, self.update(common, sources)).await
    }

    async fn update(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        let mut desk = Desk::open(common, sources).await?;
        if self.locked {
            return fetch_locked(&mut desk).await;
        }
        for name in &self.names {
            match (desk.project.wants(name), desk.project.lock.package(name)) {
                (Some(_), _) => {}
                (None, Some(_)) => {
                    return Err(Error::new(
                        Kind::Usage,
                        format!("{name} is only there because other packages need it"),
                    )
                    .hint(format!("to say which version yourself: juben add {name}")));
                }
                (None, None) => return Err(unknown(name, &desk.project)),
            }
        }
        let is_meant = |name: &Name| self.names.is_empty() || self.names.contains(name);
        let mut text = desk.text.clone();
        for (name, wanted) in desk.project.wanted.iter().filter(|(name, _)| is_meant(name)) {
            if let Wanted::Index(least, index) = wanted {
                let newest = desk.fetcher.newest(name, Some(least), index.as_deref()).await?;
                if newest != *least {
                    text = edit::with_field(&text, name, "version", &newest.to_string())?;
                }
            }
        }
        let settled = desk.settle(text, is_meant).await?;
        show(&desk.changes(&settled))?;
        for fetched in &settled.packages {
            if let Some(newer) = &fetched.newer {
                let name = &fetched.package.manifest.name;
                tracing::info!("{name}: {newer} is there, too; it is taken by `juben add`, as you took this one");
            }
        }
        if self.dry_run { Ok(()) } else { desk.finish(&settled, &self.leave) }
    }
}

async fn fetch_locked(desk: &mut Desk) -> Result<(), Error> {
    for locked in desk.project.lock.packages() {
        desk.fetcher.locked(locked).await?;
    }
    desk.project.installed().map(drop)
}
