//! The script that somebody names: a file of their own, or a module of a package, by its name or by its path.

use crate::{
    Error,
    cli::permit,
    config::Config,
    engine::Script,
    error::{Kind, nearest},
    packages::{Installed, MANIFEST, Name, PROJECT, VENDOR},
};
use std::path::{Component, Path, PathBuf};

/// A script, and where its paths and imports start.
#[derive(Debug)]
pub(in crate::cli) struct Chosen {
    pub script: Script,
    pub folder: PathBuf,
}

/// The script of that path, or the module that is named as an import names it: `team/grants/report`. A file of a package is
/// that package's, whatever path or link leads to it; what it reads and writes starts `here`.
pub(in crate::cli) fn script(path: &Path, packages: &Installed, here: &Path) -> Result<Chosen, Error> {
    let file = path.canonicalize().ok();
    let inside = file.as_deref().map(|file| module_at(file, packages)).transpose()?.flatten();
    let name = inside.or_else(|| path.to_str().filter(|_| !path.is_file()).map(str::to_owned));
    if let Some(found) = name.map(|name| packages.find("", &name)).transpose()?.flatten() {
        return Ok(Chosen { script: Script { name: found.name, text: found.text }, folder: here.to_owned() });
    }
    match file {
        None if path.extension().is_none() => Err(nowhere(path, packages)),
        _ => Ok(Chosen { script: Script::read(path)?, folder: path.parent().map(Path::to_owned).unwrap_or_default() }),
    }
}

/// The same, of the packages of the project here; for those who only look.
pub(in crate::cli) fn script_here(path: &Path, config: Option<&Path>) -> Result<Script, Error> {
    let project = Config::file(config)?;
    let packages = permit::packages(project.as_ref().map(|(file, text)| (file.as_path(), text.as_str())))?;
    Ok(script(path, &packages, Path::new(""))?.script)
}

/// The module that a file of a package is. A copy in `vendor/` that no lock file names is nobody's own either.
fn module_at(file: &Path, packages: &Installed) -> Result<Option<String>, Error> {
    let inside = |root: &Path| root.canonicalize().ok().and_then(|root| Some(file.strip_prefix(root).ok()?.to_owned()));
    let found = packages.packages().iter().find_map(|package| Some((package, inside(&package.root)?)));
    if let Some((package, way)) = found {
        let way = if way.extension().is_some_and(|it| it == "rhai") { way.with_extension("") } else { way };
        let steps = way.components().map(|step| step.as_os_str().to_string_lossy());
        let name = std::iter::once(package.manifest.name.as_str().into()).chain(steps);
        return Ok(Some(name.collect::<Vec<_>>().join("/")));
    }
    let Some(root) = file.ancestors().find(|folder| is_vendored(folder)) else { return Ok(None) };
    let message = format!("{} is a copy of a package that juben.lock does not name", root.display());
    Err(Error::new(Kind::Denied, message)
        .hint("`juben add` takes it into the project; run it from the folder of that project"))
}

/// Whether a folder is `vendor/TEAM/NAME` beside a `juben.toml`.
fn is_vendored(folder: &Path) -> bool {
    let vendor = folder.ancestors().nth(2).filter(|vendor| vendor.ends_with(VENDOR));
    folder.join(MANIFEST).is_file() && vendor.is_some_and(|vendor| vendor.with_file_name(PROJECT).is_file())
}

/// Neither a file nor a package has that name.
fn nowhere(path: &Path, packages: &Installed) -> Error {
    let steps: Vec<_> = path.components().take(2).filter_map(plain).collect();
    let Ok(name) = steps.join("/").parse::<Name>() else {
        return Error::new(Kind::Usage, format!("there is no script {}", path.display()))
            .hint("give the path of a .rhai file; scripts/ has some that are ready to run");
    };
    let known = packages.packages().iter().map(|package| package.manifest.name.as_str());
    let near = nearest(name.as_str(), known).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    Error::new(Kind::Usage, format!("there is no script {}, and no package {name} in juben.lock", path.display()))
        .hint(format!("{near}`juben add {name}` takes a package into the project"))
}

fn plain(step: Component<'_>) -> Option<&str> {
    if let Component::Normal(step) = step { step.to_str() } else { None }
}
