//! What a run may do: what its code asks for, and what people have allowed.

mod configured;
mod kept;
mod question;
mod refusal;
mod reserved;

pub(super) use configured::{allowed, configured, grant};
pub(super) use question::can_ask;

use crate::{
    Error,
    analysis::Library,
    catalog::Catalog,
    client::Client,
    config::Config,
    engine::{self, Piece, Script, Session, Sources},
    packages::{Installed, Package, Project},
    repl::Consent,
    rights::{Grant, Guard, Part, Right, Rights},
    store::Store,
};
use clap::Args;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

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
    pub catalog: &'a Arc<Catalog>,
    /// Has the answers.
    pub store: &'a Store,
    /// Whether somebody can be asked.
    pub may_ask: bool,
    /// Whether it has been started with a command line, which could have said more.
    pub by_command: bool,
    /// What every piece may do besides.
    pub besides: Rights,
}

/// What was granted in a session so far, by the names of parts.
pub(super) type Granted = HashMap<String, Rights>;

/// What a part asks for: rights, each with the reason that its package gives.
struct Asked<'a> {
    package: &'a Package,
    rights: Vec<(Right, Option<&'a str>)>,
}

/// The packages that the scripts of a project may import: the project of this juben.toml, which had this text.
pub(super) fn packages(config: Option<(&Path, &str)>) -> Result<Arc<Installed>, Error> {
    let installed = config.map(|(path, text)| Project::of_text(path, text)?.installed()).transpose()?;
    Ok(Arc::new(installed.unwrap_or_default()))
}

impl Flags {
    /// What `--allow` says; its folders start where the user stands.
    pub(super) fn allowed(&self) -> Option<Rights> {
        self.allow.as_ref().map(|rights| {
            let rights: Rights = rights.iter().flat_map(Rights::iter).cloned().collect();
            rights.from_folder(&absolute(Path::new("")))
        })
    }

    /// Whether nothing is asked.
    pub(super) fn is_yes(&self) -> bool {
        self.yes
    }

    /// A client that asks before what cannot be undone. Where nothing leaves this machine, nothing has to be.
    pub(super) fn asking(&self, client: Client) -> Client {
        if client.stays_here() { client } else { Consent::of_run(self.yes).guard(client) }
    }
}

impl Grants<'_> {
    /// Of a run that nobody has started with a command line of its own, and in which nobody is asked.
    pub(super) fn of_others<'a>(config: &'a Config, catalog: &'a Arc<Catalog>, store: &'a Store) -> Grants<'a> {
        Grants { allow: None, config, catalog, store, may_ask: false, by_command: false, besides: Rights::default() }
    }

    /// The guard of a run of this script, when each piece of it is granted what it needs, at least in part. The folders of
    /// scripts and manifests start in that folder.
    pub(super) async fn guard(&self, script: &Script, folder: &Path, sources: &Sources) -> Result<Guard, Error> {
        self.guard_beside(folder, script, folder, sources).await
    }

    /// The same of a script whose modules lie in another folder, `home`.
    pub(super) async fn guard_beside(
        &self,
        home: &Path,
        script: &Script,
        folder: &Path,
        sources: &Sources,
    ) -> Result<Guard, Error> {
        if self.allow.is_none() && sources.packages().packages().is_empty() {
            return Ok(Guard::default());
        }
        let library = engine::library(self.catalog.clone());
        let pieces = engine::parts(script, &library, home.to_owned(), sources)?;
        self.guard_of(&pieces, &absolute(folder), sources.packages(), None).await
    }

    /// The guard of an entry at the prompt, which may call all that was evaluated before. What is granted counts for the
    /// whole session.
    pub(super) async fn guard_of_entry(
        &self,
        entry: &Script,
        session: &Session,
        library: &Library,
        granted: &mut Granted,
    ) -> Result<Guard, Error> {
        let pieces = session.parts(entry, library, PathBuf::new())?;
        let guard =
            self.guard_of(&pieces, &absolute(Path::new("")), session.sources().packages(), Some(granted)).await?;
        let grants =
            guard.parts().iter().filter_map(|part| Some((part.name.clone(), part.grant.as_ref()?.rights.clone())));
        granted.extend(grants);
        Ok(guard)
    }

    async fn guard_of(
        &self,
        pieces: &[Piece],
        folder: &Path,
        packages: &Installed,
        granted: Option<&Granted>,
    ) -> Result<Guard, Error> {
        let mut parts = Vec::new();
        for piece in pieces {
            let needs = piece.needs().from_folder(folder);
            let grant = match (&self.allow, &piece.package) {
                (Some(rights), package) => {
                    let name = package.as_ref().map(|package| &package.manifest.name);
                    Some(allowed(rights, self.config, self.catalog, name)?)
                }
                (None, Some(package)) => {
                    let before = granted.and_then(|granted| granted.get(&piece.name));
                    Some(self.grant(&needs, piece, package, folder, before).await?)
                }
                (None, None) => None,
            };
            parts.push(Part { name: piece.name.clone(), needs, grant });
            parts.extend(self.nested(piece, folder)?);
        }
        parts
            .iter_mut()
            .flat_map(|part| &mut part.grant)
            .for_each(|grant| grant.rights.extend(self.besides.iter().cloned()));
        let package = |part: &Part| {
            let all = pieces.iter().flat_map(|piece| std::iter::once(piece).chain(&piece.nested));
            let package = all.into_iter().find(|piece| piece.name == part.name)?.package.as_ref()?;
            let name = &package.manifest.name;
            let allowed = configured(self.config, self.catalog, name).ok().flatten();
            Some((package, configured::table(self.config, name).map(|(name, _)| name).zip(allowed.map(|it| it.rights))))
        };
        match parts.iter().find(|part| !part.missing().is_empty()) {
            Some(part) if self.by_command => Err(refusal::of_run(part, &parts, package(part))),
            Some(part) => Err(refusal::of_others(part, package(part))),
            None if parts.iter().all(|part| part.grant.is_none()) => Ok(Guard::default()),
            None => Ok(Guard::new(parts).reserving(reserved::reserved(self.config, self.store, packages, folder))),
        }
    }

    /// The packages behind a piece of which juben.toml speaks: they may do no more than it says, whoever calls them. All
    /// others do what the piece may.
    fn nested(&self, piece: &Piece, folder: &Path) -> Result<Vec<Part>, Error> {
        let mut parts = Vec::new();
        for piece in &piece.nested {
            let Some(package) = &piece.package else { continue };
            if let Some(grant) = configured(self.config, self.catalog, &package.manifest.name)? {
                let grant = match &self.allow {
                    Some(allowed) => Grant { rights: allowed.clone(), ..grant },
                    None => grant,
                };
                let needs = piece.needs().from_folder(folder);
                parts.push(Part { name: piece.name.clone(), needs, grant: Some(grant) });
            }
        }
        Ok(parts)
    }

    /// What a package needs, and what it is granted.
    pub(super) async fn standing(&self, piece: &Piece, package: &Package, folder: &Path) -> Result<Part, Error> {
        let folder = absolute(folder);
        let needs = piece.needs().from_folder(&folder);
        let grant = self.grant(&needs, piece, package, &folder, None).await?;
        Ok(Part { name: piece.name.clone(), needs, grant: Some(grant) })
    }

    /// What a package is granted. Where juben.toml speaks of it, nothing else counts.
    async fn grant(
        &self,
        needs: &Rights,
        piece: &Piece,
        package: &Package,
        folder: &Path,
        before: Option<&Rights>,
    ) -> Result<Grant, Error> {
        if let Some(grant) = configured(self.config, self.catalog, &package.manifest.name)? {
            return Ok(grant);
        }
        let version = kept::version(piece, package);
        let kept = kept::kept(self.store, package, &version).await?;
        let kept: Rights = kept.iter().chain(before.into_iter().flat_map(Rights::iter)).cloned().collect();
        if kept.lacks(needs).is_empty() || !self.may_ask {
            return Ok(Grant::of(kept));
        }
        let asked = Asked::of(needs, package, folder);
        let Some(scope) = question::ask(&asked, folder)? else { return Ok(Grant::of(kept)) };
        let rights: Rights = kept.iter().chain(asked.rights.iter().map(|(right, _)| right)).cloned().collect();
        kept::keep(self.store, package, &version, scope, &rights).await?;
        Ok(Grant::of(rights))
    }
}

impl<'a> Asked<'a> {
    /// The rights that the manifest declares, as far as the code needs them.
    fn of(needs: &Rights, package: &'a Package, folder: &Path) -> Asked<'a> {
        let mut rights = Vec::new();
        for need in needs.iter() {
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

/// A folder as it is called from anywhere; none is that in which the user stands.
fn absolute(folder: &Path) -> PathBuf {
    let folder = Path::new(".").join(folder);
    std::path::absolute(&folder).unwrap_or(folder)
}

/// `team/grants 1.2.0`
fn title(package: &Package) -> String {
    format!("{} {}", package.manifest.name, package.manifest.version)
}
