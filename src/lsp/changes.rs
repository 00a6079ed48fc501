//! What notifications change: documents, folders, and the files beside them.

use super::{
    capabilities,
    documents::Document,
    requests::{paths, read},
    server::{Server, Stage},
};
use lsp_server::{Request, RequestId, ResponseError};
use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, PublishDiagnosticsParams,
    notification::{
        DidChangeConfiguration, DidChangeTextDocument, DidChangeWatchedFiles, DidChangeWorkspaceFolders,
        DidCloseTextDocument, DidOpenTextDocument, Initialized, Notification, PublishDiagnostics,
    },
    request::{RegisterCapability, Request as _},
};
use serde_json::Value;

type Heard = Result<(), ResponseError>;

impl Server {
    /// Those that are not known, and those at a wrong time, are passed over.
    pub(super) fn notification(&mut self, method: &str, params: Value) -> Heard {
        match method {
            _ if self.stage != Stage::Running => Ok(()),
            Initialized::METHOD => self.watch(),
            DidOpenTextDocument::METHOD => self.open(read(params)?),
            DidChangeTextDocument::METHOD => self.edit(read(params)?),
            DidCloseTextDocument::METHOD => self.close(read(params)?),
            DidChangeWatchedFiles::METHOD => self.files_changed(&read(params)?),
            DidChangeConfiguration::METHOD => self.reload(),
            DidChangeWorkspaceFolders::METHOD => self.change_folders(&read(params)?),
            _ => Ok(()),
        }
    }

    fn watch(&mut self) -> Heard {
        if self.watches {
            let id = RequestId::from("watch".to_owned());
            self.outbox.send(Request::new(id, RegisterCapability::METHOD.to_owned(), capabilities::watched()));
        }
        Ok(())
    }

    fn open(&mut self, DidOpenTextDocumentParams { text_document: it }: DidOpenTextDocumentParams) -> Heard {
        let document = Document::new(it.uri, it.version, it.text, self.encoding);
        self.documents.spoil(&document.name());
        self.documents.open(document);
        Ok(())
    }

    fn edit(&mut self, changed: DidChangeTextDocumentParams) -> Heard {
        let document = self.documents.get_mut(&changed.text_document.uri)?;
        document.change(changed.text_document.version, changed.content_changes, self.encoding);
        let name = document.name();
        self.documents.spoil(&name);
        Ok(())
    }

    fn close(&mut self, closed: DidCloseTextDocumentParams) -> Heard {
        let uri = closed.text_document.uri;
        if let Some(document) = self.documents.close(&uri) {
            self.documents.spoil(&document.name());
            self.outbox.notify::<PublishDiagnostics>(PublishDiagnosticsParams::new(uri, Vec::new(), None));
        }
        Ok(())
    }

    /// Anything but a script may be a configuration, or a document that one names.
    fn files_changed(&mut self, changed: &DidChangeWatchedFilesParams) -> Heard {
        if changed.changes.iter().any(|change| !change.uri.as_str().ends_with(".rhai")) {
            return self.reload();
        }
        self.documents.spoil_all();
        Ok(())
    }

    fn reload(&mut self) -> Heard {
        self.workspaces.forget();
        self.documents.spoil_all();
        Ok(())
    }

    fn change_folders(&mut self, changed: &DidChangeWorkspaceFoldersParams) -> Heard {
        let removed = paths(&changed.event.removed);
        self.workspaces.folders.retain(|folder| !removed.contains(folder));
        self.workspaces.folders.extend(paths(&changed.event.added));
        self.documents.spoil_all();
        Ok(())
    }
}
