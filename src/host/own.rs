//! What a run has to itself, and what has ended it.

use super::Host;
use crate::{Error, client::Web, helpers::notify::Notifier, store::Values};
use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    sync::{Mutex, OnceLock},
};

/// What a run makes for itself when it first needs it.
#[derive(Debug, Default)]
pub struct Own {
    /// The file of the script; an entry of a prompt is of none.
    pub(super) script: OnceLock<PathBuf>,
    /// What it keeps by `state::`.
    pub(super) values: OnceLock<Values>,
    /// What no other run does meanwhile.
    pub(super) held: Mutex<BTreeSet<String>>,
    /// Who tells people.
    pub(super) notifier: OnceLock<Notifier>,
    /// What sends its requests to other hosts.
    pub(super) web: OnceLock<Web>,
    /// The variables of its environment, where they are not those of the process.
    pub(super) environment: Option<HashMap<String, String>>,
    /// What ends the run, also if it was thrown where the language passes over errors, as it does in `sort`.
    pub(super) end: OnceLock<Error>,
}

impl Own {
    /// Of a run that knows only these variables.
    pub fn with_environment(environment: HashMap<String, String>) -> Own {
        Own { environment: Some(environment), ..Own::default() }
    }
}

impl Host {
    /// This ends the run, whether or not its script notices.
    pub(crate) fn ends(&self, error: &Error) {
        self.own.end.get_or_init(|| error.clone());
    }

    /// What has ended it already.
    pub(crate) fn end(&self) -> Option<&Error> {
        self.own.end.get()
    }
}
