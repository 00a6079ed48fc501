//! The modules that a document imports: as they are in the editor, where they are open, else as they are found.

use super::{
    Finder, Home,
    documents::{Documents, uri_of},
};
use crate::analysis::Source;
use lsp_types::Uri;
use std::{cell::RefCell, fs, path::Path};

/// The modules of one document.
pub(super) struct Modules<'a> {
    pub finder: Finder,
    pub documents: &'a Documents,
    pub home: &'a dyn Home,
    /// Those that were found.
    pub found: RefCell<Vec<Source>>,
}

impl Modules<'_> {
    pub(super) fn find(&self, importer: &str, name: &str) -> Option<Source> {
        let found = (self.finder)(importer, name)?;
        let source = self.documents.named(&found.name).map_or(found, |document| document.source());
        self.found.borrow_mut().push(source.clone());
        Some(source)
    }

    /// One that was found, by what reports call it.
    pub(super) fn named(&self, file: &str) -> Option<Source> {
        self.found.borrow().iter().find(|source| source.name == file).cloned()
    }

    /// Where the editor finds it: the file, or a copy of what is within the program.
    pub(super) fn uri(&self, module: &Source) -> Option<Uri> {
        if let Some(document) = self.documents.named(&module.name) {
            return Some(document.uri.clone());
        }
        let is_file = fs::read(&module.name).is_ok_and(|content| content == module.text.as_bytes());
        let path = if is_file { std::path::absolute(Path::new(&module.name)).ok()? } else { self.copy(module)? };
        uri_of(&path)
    }

    fn copy(&self, module: &Source) -> Option<std::path::PathBuf> {
        let copied = self.home.copy(module);
        copied.inspect_err(|error| tracing::warn!("{} cannot be shown: {error}", module.name)).ok()
    }
}
