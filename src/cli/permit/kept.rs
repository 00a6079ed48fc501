//! Answers of earlier runs: for the files of a package as they were, or for all that its publisher signs.

use super::question::Counts;
use crate::{
    Error,
    client::sha256,
    engine::Piece,
    packages::Package,
    rights::Rights,
    store::{Answer, Scope, Store},
};

/// What a package is made of: its files, and those of the packages that do a part of it.
pub(super) fn version(piece: &Piece, package: &Package) -> String {
    let nested = piece.nested.iter().filter_map(|piece| piece.package.as_ref());
    let hashes: Vec<_> = std::iter::once(package).chain(nested).map(|package| package.hash.as_str()).collect();
    match &hashes[..] {
        [only] => (*only).to_owned(),
        all => sha256(all.join("\n").as_bytes()),
    }
}

/// What was allowed to a package.
pub(super) async fn kept(store: &Store, package: &Package, version: &str) -> Result<Rights, Error> {
    let counts = |answer: &Answer| match answer.scope {
        Scope::Version => answer.subject == version,
        Scope::Publisher => package.signer.as_ref() == Some(&answer.subject),
    };
    let answers = store.answers().await?;
    // What a newer juben has kept and this one cannot read allows nothing.
    let rights = answers.iter().filter(|answer| counts(answer)).filter_map(|answer| answer.rights.parse().ok());
    Ok(rights.flat_map(|rights: Rights| rights.iter().cloned().collect::<Vec<_>>()).collect())
}

/// Keep what was answered, if it counts for more than this run.
pub(super) async fn keep(
    store: &Store,
    package: &Package,
    version: &str,
    counts: Counts,
    rights: &Rights,
) -> Result<(), Error> {
    let name = package.manifest.name.as_str();
    match (counts, &package.signer) {
        (Counts::Version, _) => store.keep_answer(name, Scope::Version, version, &rights.to_string()).await,
        (Counts::Publisher, Some(key)) => store.keep_answer(name, Scope::Publisher, key, &rights.to_string()).await,
        (Counts::Run | Counts::Publisher, _) => Ok(()),
    }
}
