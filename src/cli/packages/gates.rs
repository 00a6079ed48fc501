//! What must hold before a package is published: its checks and tests pass.

use crate::{
    Error,
    cli::{Common, check::Check, test::Test},
    error::Kind,
    packages::{Parcel, Tree},
};
use std::{path::Path, process::ExitCode};

/// Whether the package in that folder may be published, whose manifest covers its code. What is wrong is told as
/// `juben check` and `juben test` do.
pub(super) async fn pass(parcel: &Parcel, root: &Path, common: &Common) -> Result<(), Error> {
    let common = Common { quiet: true, ..common.clone() };
    let name = &parcel.manifest.name;
    if Check::of(root).execute(&common)? != ExitCode::SUCCESS {
        return Err(Error::new(Kind::Usage, format!("{name} is not published: there are mistakes in it"))
            .hint(format!("juben check {}", root.display())));
    }
    if Test::of(root).execute(&common).await? != ExitCode::SUCCESS {
        return Err(Error::new(Kind::Assertion, format!("{name} is not published: not all of its tests pass"))
            .hint(format!("juben test {}", root.display())));
    }
    match Tree::read(root)?.difference(&parcel.listing) {
        Some(what) => {
            Err(Error::new(Kind::Conflict, format!("{name} has changed while it was tested: {what}")).hint("try again"))
        }
        None => Ok(()),
    }
}
