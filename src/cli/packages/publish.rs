//! `juben publish` — a package for others: in an index, or as a tag of its git repository.

use super::{
    gates, inspect,
    pack::{Signing, check_outside, signed},
};
use crate::{
    Error,
    cli::{Common, write_out},
    config::Config,
    engine::Sources,
    packages::{Parcel, Published, publish, tag},
};
use clap::Args;
use std::path::PathBuf;

/// Publish a package, if its checks and its tests pass
#[derive(Debug, Args)]
#[command(
    after_help = "An index is a folder of files that a project reads as it is, or from a server of files that has\nit: [[index]] in juben.toml. A tag names the last commit, with the listing of the package and its\nsignature; push it as any other.\n\nExamples:\n  juben publish --to ../index\n  juben publish packages/grants --to /srv/juben --key team\n  juben publish --tag\n  git push origin v1.2.0"
)]
pub(in crate::cli) struct Publish {
    /// The folder of the package
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Into the index in this folder, which is made if it is not there
    #[arg(long, value_name = "FOLDER", required_unless_present = "tag", conflicts_with = "tag")]
    to: Option<PathBuf>,
    /// As a tag of the git repository that the folder is in [default: v and the version]
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true)]
    tag: Option<Option<String>>,
    #[command(flatten)]
    signing: Signing,
}

impl Publish {
    pub(in crate::cli) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        inspect(&self.folder, common)?.whole(sources)?;
        self.to.as_ref().map_or(Ok(()), |index| check_outside(index, &self.folder))?;
        let key = self.signing.key()?;
        let parcel = Parcel::new(&self.folder, key.as_ref())?;
        gates::pass(&parcel, &self.folder, common).await?;
        let (done, (how, place), then) = match self.to {
            Some(index) => {
                let (config, _) = Config::load(common.config.as_deref())?;
                let trusted: Vec<_> = config.index.iter().flat_map(|index| index.keys.clone()).collect();
                (
                    publish(&index, &parcel, key.as_ref(), &trusted)?,
                    ("into", index.display().to_string()),
                    String::new(),
                )
            }
            None => {
                let name = self.tag.flatten().unwrap_or_else(|| format!("v{}", parcel.manifest.version));
                let done = tag(&self.folder, &parcel, &name)?;
                (done, ("as", format!("the tag {name}")), format!("; others have it after: git push origin {name}"))
            }
        };
        let (name, version) = (&parcel.manifest.name, &parcel.manifest.version);
        write_out(&match done {
            Published::New => format!("published {name} {version} {how} {place}, {}{then}\n", signed(&parcel)),
            Published::Before => format!("{place} has {name} {version} already, with the same files\n"),
            Published::Unsigned => format!(
                "{place} has {name} {version} already, with the same files; it is not signed there, and stays so: raise \
                 `version` in package.toml to publish it signed\n"
            ),
        })
    }
}
