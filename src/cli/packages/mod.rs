//! The commands about packages.

mod add;
mod changes;
mod desk;
mod download;
mod edit;
mod entries;
mod gates;
mod inspect;
mod key;
mod keyring;
mod list;
mod new;
mod pack;
mod publish;
mod remove;
mod script;
mod search;
mod update;
mod vendor;

pub(super) use add::Add;
pub(super) use inspect::{Inspected, inspect};
pub(super) use key::Key;
pub(super) use keyring::Keyring;
pub(super) use list::Packages;
pub(super) use new::New;
pub(super) use pack::Pack;
pub(super) use publish::Publish;
pub(super) use remove::Remove;
pub(super) use script::{Chosen, script, script_here};
pub(super) use search::Search;
pub(super) use update::Update;
pub(super) use vendor::Vendor;

use super::{Common, permit, session::until_stopped, write_out};
use crate::{
    Error,
    config::Config,
    error::Kind,
    packages::{Installed, Name, Project},
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The packages that scripts may import which run here, each found to be what was locked.
pub(super) fn installed(common: &Common) -> Result<Arc<Installed>, Error> {
    let file = Config::file(common.config.as_deref())?;
    permit::packages(file.as_ref().map(|(path, text)| (path.as_path(), text.as_str())))
}

/// Do this to its end, or until the user asks to stop.
async fn stoppable(work: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    until_stopped(CancellationToken::new(), None, work).await
}

/// Show what changes.
fn show(changes: &[changes::Change<'_>]) -> Result<(), Error> {
    let text: String = changes.iter().map(ToString::to_string).collect();
    write_out(if changes.is_empty() { "nothing changes in juben.lock\n" } else { &text })
}

fn unknown(name: &Name, project: &Project) -> Error {
    let known = project.wanted.iter().map(|(name, _)| name.as_str());
    Error::new(Kind::Usage, format!("juben.toml has no package {name}"))
        .hint("`juben packages` lists what there is")
        .hint_names(name.as_str(), known)
}
