//! What a run may do: what its code asks for, and what people have allowed.

mod configured;
mod kept;
mod question;
mod refusal;

pub(super) use configured::configured;

use crate::{
    Error,
    catalog::Catalog,
    client::Client,
    config::Config,
    packages::{Installed, Package},
    repl::Consent,
    rights::{Grant, Guard, Part, Right, Rights},
    store::Store,
};
use clap::Args;
use std::path::Path;

/// What a person allows on the command line.
#[derive(Debug, Default, Args)]
pub(super) struct Flags {
    /// Let the run do this and nothing else, such as read,write:novel.*,files:./media; may be given several times
    #[arg(long, value_name = "RIGHTS")]
    allow: Option<Vec<Rights>>,
    /// Ask nothing before a destructive call
    #[arg(long)]
    yes: bool,
}

/// What grants come from.
pub(super) struct Grants<'a> {
    /// What was said on the command line, folders absolute.
    pub allow: Option<Rights>,
    pub config: &'a Config,
    pub catalog: &'a Catalog,
    /// Has the answers.
    pub store: &'a Store,
    /// Where the folders of scripts and manifests start.
    pub folder: &'a Path,
    /// Whether somebody can be asked.
    pub may_ask: bool,
}

/// What a part asks for: rights, each with the reason that its package gives.
struct Asked<'a> {
    package: &'a Package,
    rights: Vec<(Right, Option<&'a str>)>,
}

impl Flags {
    /// What `--allow` says; its folders start where the user stands.
    pub(super) fn allowed(&self) -> Option<Rights> {
        let here = std::path::absolute(".").unwrap_or_default();
        self.allow.as_ref().map(|rights| {
            let rights: Rights = rights.iter().flat_map(Rights::iter).cloned().collect();
            rights.from_folder(&here)
        })
    }

    /// A client that asks before what cannot be undone.
    pub(super) fn asking(&self, client: Client) -> Client {
        Consent::of_run(self.yes).guard(client)
    }
}

impl Grants<'_> {
    /// The guard of a run of these parts, when each of them is granted what it needs, at least in part.
    pub(super) async fn guard(&self, mut parts: Vec<Part>, installed: &Installed) -> Result<Guard, Error> {
        for part in &mut parts {
            part.grant = match (&self.allow, package_of(part, installed)) {
                (Some(allowed), _) => Some(Grant::of(allowed.clone())),
                (None, Some(package)) => Some(self.grant(part, package).await?),
                (None, None) => None,
            };
        }
        match parts.iter().find(|part| !part.missing().is_empty()) {
            Some(part) => Err(refusal::refusal(part, &parts, package_of(part, installed))),
            None if parts.iter().all(|part| part.grant.is_none()) => Ok(Guard::default()),
            None => Ok(Guard::new(parts)),
        }
    }

    /// What a package is granted. Where juben.toml speaks of it, nothing else counts.
    async fn grant(&self, part: &Part, package: &Package) -> Result<Grant, Error> {
        if let Some(grant) = configured(self.config, self.catalog, &package.manifest.name)? {
            return Ok(grant);
        }
        let kept = kept::kept(self.store, package).await?;
        if kept.lacks(&part.needs).is_empty() || !self.may_ask {
            return Ok(Grant::of(kept));
        }
        let asked = Asked::of(part, package, self.folder);
        let Some(scope) = question::ask(&asked, self.folder) else { return Ok(Grant::of(kept)) };
        let rights: Rights = asked.rights.iter().map(|(right, _)| right.clone()).collect();
        kept::keep(self.store, package, scope, &rights).await?;
        Ok(Grant::of(rights))
    }
}

impl<'a> Asked<'a> {
    /// The rights that the manifest declares, as far as the code needs them.
    fn of(part: &Part, package: &'a Package, folder: &Path) -> Asked<'a> {
        let mut rights = Vec::new();
        for need in part.needs.iter() {
            let absolute = |right: &Right| [right.clone()].into_iter().collect::<Rights>().from_folder(folder);
            let declared = package.manifest.rights.iter().find(|(right, _)| absolute(right).covers(need));
            let (right, reason) = match declared {
                Some((right, reason)) => (absolute(right).iter().next().unwrap_or(need).clone(), Some(reason.as_str())),
                None => (need.clone(), None),
            };
            if !rights.iter().any(|(known, _)| *known == right) {
                rights.push((right, reason));
            }
        }
        Asked { package, rights }
    }
}

/// The package that a part of a run is, unless it is the user's own code.
fn package_of<'a>(part: &Part, installed: &'a Installed) -> Option<&'a Package> {
    installed.packages().iter().find(|package| part.name == title(package))
}

/// `team/grants 1.2.0`
fn title(package: &Package) -> String {
    format!("{} {}", package.manifest.name, package.manifest.version)
}
