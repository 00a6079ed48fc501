//! The question whether a package may do what it asks for.

use super::{Asked, title};
use crate::{Error, repl, rights::Right};
use std::{
    fmt::Write,
    io::{IsTerminal, stderr, stdin},
    path::Path,
};

/// For what a yes counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    Run,
    Version,
    Publisher,
}

/// Whether there is somebody to ask.
pub(in crate::cli) fn can_ask() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// Ask; `None` is a no.
pub(super) fn ask(asked: &Asked<'_>, folder: &Path) -> Result<Option<Counts>, Error> {
    Ok(match repl::ask(&question(asked, folder))?.as_str() {
        "y" | "yes" | "是" => Some(Counts::Run),
        "v" => Some(Counts::Version),
        "p" if asked.package.signer.is_some() => Some(Counts::Publisher),
        _ => None,
    })
}

fn question(asked: &Asked<'_>, folder: &Path) -> String {
    let signed = match &asked.package.signer {
        Some(key) => format!("signed by {key}"),
        None => "not signed".to_owned(),
    };
    let mut text = format!("{} ({signed}) wants to:\n", title(asked.package));
    let names: Vec<_> = asked.rights.iter().map(|(right, _)| shown(right, folder)).collect();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    for (name, (_, reason)) in names.iter().zip(&asked.rights) {
        let line = format!("  {name:width$}  {}", reason.unwrap_or_default());
        writeln!(text, "{}", line.trim_end()).ok();
    }
    let publisher = if asked.package.signer.is_some() { ", p for this publisher" } else { "" };
    write!(text, "Let it? y for this run, v for this version{publisher}, N no: ").ok();
    text
}

/// A folder as people see it from where the run is.
fn shown(right: &Right, folder: &Path) -> String {
    let inside = Path::new(&right.what).strip_prefix(folder).ok().filter(|_| right.kind.is_of_files());
    match inside {
        Some(inside) if inside.as_os_str().is_empty() => format!("{}:.", right.kind.name()),
        Some(inside) => format!("{}:{}", right.kind.name(), inside.display()),
        None => right.to_string(),
    }
}
