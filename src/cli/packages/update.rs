//! `juben update` — take what was published since.

use super::{changes::Leave, desk::Desk, edit, show, unknown};
use crate::{
    Error,
    cli::{Common, session::until_stopped},
    engine::Sources,
    error::Kind,
    packages::{Least, Name, Wanted},
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
        let (mut text, mut failed) = (desk.text.clone(), Vec::new());
        let wanted: Vec<_> = desk.project.wanted.iter().filter(|(name, _)| is_meant(name)).cloned().collect();
        for (name, wanted) in &wanted {
            let newest = match wanted {
                Wanted::Index(least, index) => desk.fetcher.newest(name, Some(least), index.as_deref()).await.map(Some),
                _ => desk.fetcher.wanted(Some(name), wanted).await.map(|_| None),
            };
            match newest {
                Ok(Some(newest)) if !is_named(wanted, &newest) => {
                    text = edit::with_field(&text, name, "version", &newest.to_string())?
                }
                Ok(_) => {}
                Err(error) => failed.push(desk.at_entry(name, error)),
            }
        }
        none(failed)?;
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
    let mut failed = Vec::new();
    for locked in desk.project.lock.packages().to_vec() {
        let fetched = desk.fetcher.locked(&locked).await;
        failed.extend(fetched.err().map(|error| desk.at_entry(&locked.name, error)));
    }
    none(failed)?;
    desk.project.installed().map(drop)
}

/// Whether that version is the one that is asked for, in whatever way it is written.
fn is_named(wanted: &Wanted, newest: &Least) -> bool {
    matches!(wanted, Wanted::Index(least, _) if least == newest)
}

/// All that cannot be had, a line each.
fn none(failed: Vec<Error>) -> Result<(), Error> {
    match &failed[..] {
        [] => Ok(()),
        [error] => Err(error.clone()),
        [first, ..] => {
            let lines: Vec<_> = failed.iter().map(|error| error.message.as_str()).collect();
            let message = format!("{} packages cannot be had\n{}", failed.len(), lines.join("\n"));
            Err(Error::new(first.kind, message)
                .hint("nothing was changed; what is in vendor or in the cache still runs"))
        }
    }
}
