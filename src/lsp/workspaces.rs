//! The folders that are open in the editor, each with its configuration.

use super::{Home, Setting, documents::Document};
use crate::Error;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// The folders, and what is known of them so far.
#[derive(Debug, Default)]
pub(super) struct Workspaces {
    pub folders: Vec<PathBuf>,
    settings: HashMap<PathBuf, Setting>,
    /// Why a configuration could not be used; to be told.
    pub trouble: Option<Error>,
}

impl Workspaces {
    /// What a document can use. It is read when it is first asked for.
    pub(super) fn setting(&mut self, home: &dyn Home, document: &Document) -> &Setting {
        let folder = self.folder_of(document);
        self.settings.entry(folder).or_insert_with_key(|folder| {
            home.setting(folder).unwrap_or_else(|error| {
                self.trouble = Some(error);
                home.builtin()
            })
        })
    }

    /// The innermost folder that the document is in, else its own.
    fn folder_of(&self, document: &Document) -> PathBuf {
        let Some(path) = &document.path else { return self.folders.first().cloned().unwrap_or_default() };
        let around = self.folders.iter().filter(|folder| path.starts_with(folder));
        let innermost = around.max_by_key(|folder| folder.components().count()).map(PathBuf::as_path);
        innermost.or(path.parent()).unwrap_or(Path::new("")).to_owned()
    }

    /// Read the configurations again when they are needed.
    pub(super) fn forget(&mut self) {
        self.settings.clear();
    }
}
