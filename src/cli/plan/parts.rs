//! Whose code a plan is made of, and what that may do where the plan is applied.

use crate::{
    Error,
    catalog::Catalog,
    cli::permit::configured,
    config::Config,
    engine::{self, Piece, Script, Sources},
    error::Kind,
    helpers::plan::{Part, Plan},
    rights::{self, Grant, Guard, Rights},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The script and the packages behind it; nothing where there are no packages.
pub(in crate::cli) fn parts(
    script: &Script,
    folder: &Path,
    sources: &Sources,
    catalog: &Arc<Catalog>,
) -> Result<Vec<Part>, Error> {
    if sources.packages().packages().is_empty() {
        return Ok(Vec::new());
    }
    let pieces = engine::parts(script, &engine::library(catalog.clone()), folder.to_owned(), sources)?;
    let here = std::path::absolute(Path::new(".").join(folder)).unwrap_or_else(|_| PathBuf::from(folder));
    let part = |piece: &Piece| Part {
        name: piece.name.clone(),
        package: piece.package.as_ref().map(|package| package.manifest.name.as_str().to_owned()),
        needs: piece.needs().from_folder(&here),
    };
    Ok(pieces.iter().flat_map(|piece| std::iter::once(piece).chain(&piece.nested)).map(part).collect())
}

/// What holds back a plan's writes: `--allow`, or what juben.toml says of the packages that it is made of. Where neither
/// says anything, it is the person who agrees to the plan that allows its writes.
pub(super) fn guard(plan: &Plan, allowed: Option<&Rights>, config: &Config, catalog: &Catalog) -> Result<Guard, Error> {
    let whole = Part { name: plan.script.clone(), package: None, needs: Rights::everything() };
    let parts = if plan.parts.is_empty() { std::slice::from_ref(&whole) } else { &plan.parts };
    let part = |part: &Part| {
        let configured = match &part.package {
            Some(package) => {
                let name = package.parse().map_err(|why: String| Error::new(Kind::Usage, why))?;
                configured(config, catalog, &name)?
            }
            None => None,
        };
        // Accounts and things stay limited as juben.toml says.
        let grant = match allowed {
            Some(allowed) => Some(Grant { rights: allowed.clone(), ..configured.unwrap_or_default() }),
            None => configured,
        };
        Ok(rights::Part { name: part.name.clone(), needs: part.needs.clone(), grant })
    };
    let parts = parts.iter().map(part).collect::<Result<Vec<_>, Error>>()?;
    let is_free = parts.iter().all(|part| part.grant.is_none());
    Ok(if is_free { Guard::default() } else { Guard::new(parts) })
}
