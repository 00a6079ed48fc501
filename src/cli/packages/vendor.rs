//! `juben vendor` — keep copies of the packages with the project.

use super::{desk::Desk, stoppable};
use crate::{
    Error,
    cli::{Common, write_out},
    engine::Sources,
    packages::{VENDOR, vendor},
};
use clap::Args;

/// Copy the packages of juben.lock into vendor/, where they are looked for first: to run without a network
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  juben vendor\n\nRemove the folder to use the packages from where they are again.")]
pub(in crate::cli) struct Vendor {}

impl Vendor {
    pub(in crate::cli) async fn execute(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        stoppable(self.vendor(common, sources)).await
    }

    async fn vendor(self, common: &Common, sources: &Sources) -> Result<(), Error> {
        let mut desk = Desk::open(common, sources).await?;
        let mut packages = Vec::new();
        for locked in desk.project.lock.packages() {
            packages.push(match desk.project.package(locked) {
                Ok(package) => package,
                Err(error) => {
                    let fetched = desk.fetcher.locked(locked).await?;
                    if fetched.package.hash != locked.hash {
                        return Err(error);
                    }
                    fetched.package
                }
            });
        }
        if packages.is_empty() && !desk.project.folder().join(VENDOR).exists() {
            return write_out("juben.lock names no package: there is nothing to copy\n");
        }
        vendor(desk.project.folder(), &packages)?;
        desk.project.installed()?;
        let (count, s) = (packages.len(), if packages.len() == 1 { "" } else { "s" });
        write_out(&format!("{VENDOR} has {count} package{s}\n"))
    }
}
