//! The commands about packages.

mod add;
mod changes;
mod desk;
mod edit;
mod list;
mod remove;
mod update;
mod vendor;

pub(super) use add::Add;
pub(super) use list::Packages;
pub(super) use remove::Remove;
pub(super) use update::Update;
pub(super) use vendor::Vendor;

use super::write_out;
use crate::{
    Error,
    error::Kind,
    packages::{Name, Project},
};

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
