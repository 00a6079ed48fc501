//! Which version of each package a project has: the largest of the oldest versions that will do, one of each package.
//!
//! That is minimal version selection: what is chosen follows from what is asked for alone, and not from what was
//! published since, nor from the order in which it is looked at.

use super::{Least, Manifest, Name};
use crate::{Error, error::Kind};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Somebody asks for a package.
struct Need {
    name: Name,
    least: Option<Least>,
    /// `juben.toml`, or `team/a 1.2.0`.
    by: String,
}

/// All packages of a project that asks for these, in the order of their names. `find` gives the oldest version of a package
/// that will do.
pub async fn resolve<T: AsRef<Manifest>>(
    roots: &[(Name, Option<Least>)],
    mut find: impl AsyncFnMut(&Name, Option<&Least>, &str) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let root = |(name, least): &(Name, Option<Least>)| Need {
        name: name.clone(),
        least: least.clone(),
        by: "juben.toml".to_owned(),
    };
    let mut needs: VecDeque<Need> = roots.iter().map(root).collect();
    let (mut seen, mut asked) = (BTreeSet::new(), BTreeMap::<Name, Vec<(Least, String)>>::new());
    let mut chosen = BTreeMap::<Name, T>::new();
    while let Some(Need { name, least, by }) = needs.pop_front() {
        asked.entry(name.clone()).or_default().extend(least.clone().map(|least| (least, by.clone())));
        if !seen.insert((name.clone(), least.clone())) {
            continue;
        }
        let found = find(&name, least.as_ref(), &by).await?;
        let manifest = found.as_ref();
        let by = format!("{name} {}", manifest.version);
        let dependencies = manifest.dependencies.iter();
        needs.extend(dependencies.map(|(name, least)| Need {
            name: name.clone(),
            least: Some(least.clone()),
            by: by.clone(),
        }));
        let is_newer = |other: &T| manifest.version > other.as_ref().version;
        if chosen.get(&name).is_none_or(is_newer) {
            chosen.insert(name, found);
        }
    }
    for (name, least) in &asked {
        check(name, least, chosen[name].as_ref())?;
    }
    let roots: Vec<_> = roots.iter().map(|(name, _)| name).collect();
    let manifests = chosen.iter().map(|(name, found)| (name, found.as_ref())).collect();
    let reached = reached(&roots, &manifests)?;
    chosen.retain(|name, _| reached.contains(name));
    Ok(chosen.into_values().collect())
}

/// Whether what is chosen will do for everybody who asks for the package.
fn check(name: &Name, asked: &[(Least, String)], chosen: &Manifest) -> Result<(), Error> {
    let Some((least, by)) = asked.iter().find(|(least, _)| !least.admits(&chosen.version)) else { return Ok(()) };
    let others = asked.iter().find(|(other, _)| !other.agrees(least));
    let (message, hint) = match others {
        Some((other, other_by)) => (
            format!("{name} is needed as {least} by {by} and as {other} by {other_by}: one version cannot be both"),
            "a project has one version of a package: ask for versions of those two that agree on it",
        ),
        None => (
            format!("{by} needs {name} {least}, and its source has {}", chosen.version),
            "ask for a newer one in juben.toml: another tag, branch or archive",
        ),
    };
    Err(Error::new(Kind::Config, message).hint(hint))
}

/// The packages that can be reached from these, if no way leads back.
pub(super) fn reached(roots: &[&Name], manifests: &BTreeMap<&Name, &Manifest>) -> Result<BTreeSet<Name>, Error> {
    let (mut done, mut way) = (BTreeSet::new(), Vec::new());
    roots.iter().try_for_each(|root| walk(root, manifests, &mut done, &mut way))?;
    Ok(done)
}

fn walk(
    name: &Name,
    manifests: &BTreeMap<&Name, &Manifest>,
    done: &mut BTreeSet<Name>,
    way: &mut Vec<Name>,
) -> Result<(), Error> {
    if let Some(start) = way.iter().position(|other| other == name) {
        let circle: Vec<_> = way[start..].iter().chain([name]).map(Name::as_str).collect();
        let message = format!("packages depend on each other in a circle: {}", circle.join(" needs "));
        return Err(
            Error::new(Kind::Config, message).hint("ask their authors to put what both need into a third package")
        );
    }
    if done.contains(name) {
        return Ok(());
    }
    way.push(name.clone());
    let dependencies = manifests.get(name).map(|manifest| manifest.dependencies.keys());
    dependencies.into_iter().flatten().try_for_each(|needed| walk(needed, manifests, done, way))?;
    way.pop();
    done.insert(name.clone());
    Ok(())
}

#[cfg(test)]
mod tests;
