//! The documents that are open in the editor, as they are there.

use super::{
    positions::{Encoding, Text},
    wire::refusal,
};
use crate::analysis::Source;
use lsp_server::{ErrorCode, ResponseError};
use lsp_types::{TextDocumentContentChangeEvent, Uri};
use reqwest::Url;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// A document that is open.
#[derive(Debug)]
pub(super) struct Document {
    pub uri: Uri,
    /// The file, if it is one.
    pub path: Option<PathBuf>,
    pub version: i32,
    pub text: Text,
    /// The texts that the last check has read. Their names are paths: how those are spelt does not matter.
    pub read: BTreeSet<PathBuf>,
    /// Whether it has to be checked again.
    pub stale: bool,
}

impl Document {
    pub(super) fn new(uri: Uri, version: i32, text: String, encoding: Encoding) -> Self {
        let path = path_of(&uri);
        Document { uri, path, version, text: Text::new(text, encoding), read: BTreeSet::new(), stale: true }
    }

    /// Change the text, one piece after the other; a change without a range is all of the text.
    pub(super) fn change(&mut self, version: i32, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
        for change in changes {
            self.text = match change.range {
                Some(range) => self.text.with(range, &change.text),
                None => Text::new(change.text, encoding),
            };
        }
        self.version = version;
    }

    /// What reports call it.
    pub(super) fn name(&self) -> String {
        self.path.as_ref().map_or_else(|| self.uri.as_str().to_owned(), |path| path.display().to_string())
    }

    pub(super) fn source(&self) -> Source {
        Source::new(self.name(), &*self.text)
    }

    /// Where its relative paths start.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.path.as_deref().and_then(Path::parent)
    }
}

/// The open documents.
#[derive(Debug, Default)]
pub(super) struct Documents(Vec<Document>);

impl Documents {
    pub(super) fn get(&self, uri: &Uri) -> Result<&Document, ResponseError> {
        self.0.iter().find(|it| it.uri == *uri).ok_or_else(|| not_open(uri))
    }

    pub(super) fn get_mut(&mut self, uri: &Uri) -> Result<&mut Document, ResponseError> {
        self.0.iter_mut().find(|it| it.uri == *uri).ok_or_else(|| not_open(uri))
    }

    pub(super) fn open(&mut self, document: Document) {
        self.close(&document.uri);
        self.0.push(document);
    }

    pub(super) fn close(&mut self, uri: &Uri) -> Option<Document> {
        let index = self.0.iter().position(|it| it.uri == *uri)?;
        Some(self.0.remove(index))
    }

    /// The document of that name, which a report gives.
    pub(super) fn named(&self, name: &str) -> Option<&Document> {
        self.0.iter().find(|it| Path::new(&it.name()) == Path::new(name))
    }

    /// The next one to check.
    pub(super) fn stale(&self) -> Option<&Document> {
        self.0.iter().find(|it| it.stale)
    }

    /// Check those again that have read the text of that name.
    pub(super) fn spoil(&mut self, name: &str) {
        for document in &mut self.0 {
            document.stale |= document.name() == name || document.read.contains(Path::new(name));
        }
    }

    /// Check all again.
    pub(super) fn spoil_all(&mut self) {
        self.0.iter_mut().for_each(|document| document.stale = true);
    }
}

fn not_open(uri: &Uri) -> ResponseError {
    refusal(ErrorCode::InvalidParams, format!("{} is not open", uri.as_str()))
}

/// The file that a URI names.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let url = Url::parse(uri.as_str()).ok()?;
    (url.scheme() == "file").then(|| url.to_file_path().ok())?
}

/// The URI of a file.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    let mut text = Url::from_file_path(path).ok()?.to_string();
    for (sign, code) in [("[", "%5B"), ("]", "%5D"), ("^", "%5E"), ("|", "%7C")] {
        text = text.replace(sign, code);
    }
    text.parse().ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_uri_are_the_same_file() {
        for path in ["/tmp/a.rhai", "/脚本/续期 授权.rhai", "/a b/[c]/d|e^f%20#?.rhai"] {
            let uri = uri_of(Path::new(path)).unwrap();
            assert_eq!(path_of(&uri), Some(PathBuf::from(path)), "{}", uri.as_str());
        }
        assert_eq!(path_of(&"untitled:Untitled-1".parse().unwrap()), None);
    }
}
