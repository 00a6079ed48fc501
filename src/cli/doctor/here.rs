//! This machine: configuration, state, history, terminal.

use super::finding::Finding;
use crate::{
    cli::{Common, colour, repl, width},
    config::{self, Config},
    store::Store,
};
use std::{env, fs, io::IsTerminal, path::Path};

/// The configuration, or an empty one where it cannot be read.
pub(super) fn configuration(common: &Common, found: &mut Vec<Finding>) -> Config {
    const ABOUT: &str = "configuration";
    match Config::load(common.config.as_deref()) {
        Ok((config, Some(path))) => {
            let (accounts, apis) = (config.account.len(), config.api.len());
            let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
            let said = format!("{}: {}, {}", path.display(), counted(accounts, "account"), counted(apis, "API"));
            found.push(Finding::ok(ABOUT, said));
            config
        }
        Ok((config, None)) => {
            found.push(Finding::warning(
                ABOUT,
                "there is no juben.toml; --sandbox works without one",
                "write one by `juben init` to use accounts",
            ));
            config
        }
        Err(error) => {
            found.push(Finding::of_error(ABOUT, &error));
            Config::default()
        }
    }
}

/// What outlives a run. What is not there yet is not made.
pub(super) async fn state(common: &Common) -> Vec<Finding> {
    const ABOUT: &str = "state";
    let folder = match config::state_folder(common.state.as_deref()) {
        Ok(folder) => folder,
        Err(error) => return vec![Finding::of_error(ABOUT, &error)],
    };
    // The folder itself, or the one in which it will be made.
    let there = folder.ancestors().find(|it| it.exists()).unwrap_or(Path::new("."));
    if let Err(error) = writable(there) {
        let said = format!("{} cannot be written: {error}", folder.display());
        return vec![Finding::failed(ABOUT, said, "make it writable, or name another by --state DIR or JUBEN_STATE")];
    }
    if there != folder {
        return vec![Finding::ok(ABOUT, format!("{} is made when it is needed", folder.display()))];
    }
    let mut found = vec![Finding::ok(ABOUT, format!("{} can be written", folder.display()))];
    if let Some(store) = Store::existing(&folder) {
        found.push(match store.uploads().await {
            Ok(uploads) => Finding::ok("uploads", format!("the journal has {}", uploads.len())),
            Err(error) => Finding::of_error("uploads", &error),
        });
        found.push(match store.faults().await {
            Ok(faults) => of_faults(&faults),
            Err(error) => Finding::of_error("jobs", &error),
        });
    }
    found
}

/// What is wrong in the history of jobs.
fn of_faults(faults: &[String]) -> Finding {
    match faults {
        [] => Finding::ok("jobs", "what became of them is kept without a fault"),
        [first, ..] => Finding::failed(
            "jobs",
            format!("{} faults in what is kept of them, such as: {first}", faults.len()),
            "keep a copy of juben.db and report this; move it away to begin anew",
        ),
    }
}

fn writable(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".doctor-{}", std::process::id()));
    fs::write(&probe, "")?;
    fs::remove_file(&probe)
}

/// The history of the prompt: others must not read it.
pub(super) fn history(common: &Common) -> Option<Finding> {
    const ABOUT: &str = "history";
    let path = repl::history(common).ok()??;
    let shown = path.display();
    match fs::metadata(&path) {
        Err(_) => None,
        Ok(about) if open_to_others(&about) => {
            Some(Finding::warning(ABOUT, format!("others can read {shown}"), format!("chmod 600 {shown}")))
        }
        Ok(_) => Some(Finding::ok(ABOUT, format!("{shown}"))),
    }
}

/// Whether anybody but the owner can read a file.
#[cfg(unix)]
pub(super) fn open_to_others(about: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
pub(super) fn open_to_others(_: &fs::Metadata) -> bool {
    false
}

/// A standard library of one's own is easily forgotten.
pub(super) fn stdlib() -> Option<Finding> {
    let folder = env::var_os("JUBEN_STDLIB")?;
    let shown = Path::new(&folder).display();
    Some(match Path::new(&folder).is_dir() {
        true => Finding::warning(
            "JUBEN_STDLIB",
            format!("modules of the standard library are looked for in {shown} first"),
            "unset JUBEN_STDLIB unless you are changing them",
        ),
        false => Finding::warning("JUBEN_STDLIB", format!("{shown} is no folder"), "unset JUBEN_STDLIB"),
    })
}

pub(super) fn terminal() -> Finding {
    const ABOUT: &str = "terminal";
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
    let out = std::io::stdout();
    if !out.is_terminal() {
        return Finding::ok(ABOUT, "none: results are written for programs");
    }
    let colours = if colour(&out) { "colours" } else { "no colours" };
    let said = format!("{} columns, {colours}", width());
    match locale.to_lowercase().replace('-', "").contains("utf8") {
        true => Finding::ok(ABOUT, said),
        false => {
            let said = format!("{said}; the locale {locale:?} is not UTF-8, so Chinese may be shown wrongly");
            Finding::warning(ABOUT, said, "export LC_ALL=C.UTF-8, or a UTF-8 locale of your language")
        }
    }
}
