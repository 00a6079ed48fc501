//! The server's life: one message after the other, and while none waits, the documents are checked.

use super::{
    Home,
    documents::Documents,
    modules::Modules,
    positions::Encoding,
    view::View,
    wire::{Incoming, Outbox, refusal},
    workspaces::Workspaces,
};
use crate::{Error, analysis::Names, error::Kind};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, ResponseError};
use lsp_types::{
    CancelParams, MessageType, NumberOrString, ShowMessageParams, Uri,
    notification::{Cancel, Exit, Notification as _, PublishDiagnostics, ShowMessage},
};
use std::{
    cell::RefCell,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::mpsc::Receiver,
};

/// How far the editor and the server have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// `initialize` is awaited.
    New,
    Running,
    /// Only `exit` may follow.
    ShutDown,
}

pub(super) struct Server {
    pub home: Box<dyn Home>,
    pub documents: Documents,
    pub workspaces: Workspaces,
    pub encoding: Encoding,
    pub stage: Stage,
    /// Whether the editor can be asked to tell of files.
    pub watches: bool,
    pub outbox: Outbox,
    incoming: Receiver<Incoming>,
    /// What has come in and was not looked at yet.
    waiting: VecDeque<Incoming>,
}

impl Server {
    pub(super) fn new(home: Box<dyn Home>, incoming: Receiver<Incoming>, outbox: Outbox) -> Self {
        Server {
            home,
            documents: Documents::default(),
            workspaces: Workspaces::default(),
            encoding: Encoding::default(),
            stage: Stage::New,
            watches: false,
            outbox,
            incoming,
            waiting: VecDeque::new(),
        }
    }

    /// Serve until `exit`.
    pub(super) fn run(mut self) -> Result<(), Error> {
        loop {
            self.collect();
            let end = match self.waiting.pop_front() {
                Some(next) => self.take(next),
                None if self.check_one() => None,
                None => match self.incoming.recv() {
                    Ok(next) => self.take(next),
                    Err(_) => Some("the editor is gone"),
                },
            };
            self.tell_trouble();
            match end {
                Some(_) if self.stage == Stage::ShutDown => return Ok(()),
                Some(how) => return Err(Error::new(Kind::Network, how)),
                None => {}
            }
            if let Some(error) = self.outbox.broken {
                return Err(Error::new(Kind::Network, format!("cannot write to the editor: {error}")));
            }
        }
    }

    /// Take all that has come in. Requests that are cancelled meanwhile are not looked at any more.
    fn collect(&mut self) {
        while let Ok(next) = self.incoming.try_recv() {
            match next {
                Incoming::Message(Message::Notification(it)) if it.method == Cancel::METHOD => self.cancel(it),
                next => self.waiting.push_back(next),
            }
        }
    }

    fn cancel(&mut self, notification: Notification) {
        let Ok(CancelParams { id }) = serde_json::from_value(notification.params) else { return };
        let id = match id {
            NumberOrString::Number(number) => RequestId::from(number),
            NumberOrString::String(text) => RequestId::from(text),
        };
        let is_it = |it: &Incoming| matches!(it, Incoming::Message(Message::Request(request)) if request.id == id);
        if let Some(index) = self.waiting.iter().position(is_it) {
            self.waiting.remove(index);
            self.outbox.answer(id, Err(refusal(ErrorCode::RequestCanceled, "cancelled")));
        }
    }

    /// Do what a message says; the reason to end, if it is one.
    fn take(&mut self, message: Incoming) -> Option<&'static str> {
        match message {
            Incoming::Message(Message::Request(Request { id, method, params })) => {
                let result = unless_it_panics(|| self.request(&method, params)).unwrap_or_else(|| {
                    Err(refusal(ErrorCode::InternalError, format!("`{method}` failed; please report this")))
                });
                self.outbox.answer(id, result);
            }
            Incoming::Message(Message::Notification(Notification { method, params })) => {
                if method == Exit::METHOD {
                    return Some("the editor said `exit` without `shutdown`");
                }
                match unless_it_panics(|| self.notification(&method, params)) {
                    Some(Ok(())) => {}
                    Some(Err(error)) => tracing::warn!("`{method}` was passed over: {}", error.message),
                    None => tracing::error!("`{method}` failed; please report this"),
                }
            }
            Incoming::Message(Message::Response(response)) => {
                if let Err(error) = response.response_result {
                    tracing::warn!("the editor refused: {}", error.message);
                }
            }
            Incoming::Malformed { id, error } => self.outbox.refuse(&id, &error),
        }
        None
    }

    /// Check a document that has changed; `false` if there is none.
    fn check_one(&mut self) -> bool {
        let Some(uri) = self.documents.stale().map(|document| document.uri.clone()) else { return false };
        let checked = unless_it_panics(|| self.view(&uri).map(|view| view.check()));
        if checked.is_none() {
            tracing::error!("{} could not be checked; please report this", uri.as_str());
        }
        if let Ok(document) = self.documents.get_mut(&uri) {
            document.stale = false;
            if let Some(Ok((shown, read))) = checked {
                document.read = read;
                self.outbox.notify::<PublishDiagnostics>(shown);
            }
        }
        true
    }

    /// A document and all that it can name.
    pub(super) fn view(&mut self, uri: &Uri) -> Result<View<'_>, ResponseError> {
        let document = self.documents.get(uri)?;
        let folder = document.folder().or(self.workspaces.folders.first().map(PathBuf::as_path));
        let folder = folder.map(Path::to_owned).unwrap_or_default();
        let setting = self.workspaces.setting(&*self.home, document);
        let finder = self.home.finder(&folder);
        let names = Names { accounts: setting.accounts.clone(), folder, ..Names::default() };
        let modules = Modules { finder, documents: &self.documents, home: &*self.home, found: RefCell::default() };
        Ok(View { document, setting, names, modules, encoding: self.encoding })
    }

    /// Say why a configuration could not be used.
    fn tell_trouble(&mut self) {
        let Some(error) = self.workspaces.trouble.take() else { return };
        let hint = error.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
        let message = format!("{}{hint}. Until then only what is built in is known.", error.message);
        self.outbox.notify::<ShowMessage>(ShowMessageParams { typ: MessageType::ERROR, message });
    }
}

fn unless_it_panics<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        analysis::Source,
        lsp::{Finder, Setting, wire},
    };
    use serde_json::{Value, json};
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex, mpsc::channel},
    };

    /// A machine on which nothing can be known.
    struct Nothing;

    impl Home for Nothing {
        fn setting(&self, _: &Path) -> Result<Setting, Error> {
            panic!("as the test wants it");
        }
        fn builtin(&self) -> Setting {
            unreachable!("no configuration is read");
        }
        fn finder(&self, _: &Path) -> Finder {
            Box::new(|_, _| None)
        }
        fn copy(&self, _: &Source) -> Result<PathBuf, Error> {
            Err(Error::new(Kind::File, "nothing is written"))
        }
    }

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is answered to messages that have all come in before the first is looked at.
    fn answers(messages: &[Value]) -> Vec<Value> {
        let (sender, incoming) = channel();
        let mut input = Vec::new();
        for message in messages {
            let text = message.to_string();
            write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        }
        wire::read_all(&*input, &sender);
        drop(sender);
        let written = Written::default();
        let ended = Server::new(Box::new(Nothing), incoming, Outbox::new(Box::new(written.clone()))).run();
        assert_eq!(ended.unwrap_err().message, "the editor is gone");
        let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let contents = written.split("Content-Length: ").skip(1).map(|frame| frame.split_once("\r\n\r\n").unwrap().1);
        contents.map(|content| serde_json::from_str(content).unwrap()).collect()
    }

    fn request(id: i32, method: &str, params: Value) -> Value {
        json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
    }

    fn opened(uri: &str) -> Value {
        let document = json!({ "uri": uri, "languageId": "rhai", "version": 1, "text": "fn a() {}" });
        json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": document } })
    }

    fn outline(id: i32, uri: &str) -> Value {
        request(id, "textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }))
    }

    #[test]
    fn a_request_that_is_cancelled_before_its_turn_is_not_looked_at() {
        let uri = "file:///a.rhai";
        let cancelled = json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": 2 } });
        let initialize = request(0, "initialize", json!({ "capabilities": {} }));
        let answers = answers(&[initialize, opened(uri), outline(1, uri), outline(2, uri), cancelled, outline(3, uri)]);
        let of = |id: i32| answers.iter().find(|it| it["id"] == id).unwrap();
        assert_eq!(of(2)["error"]["code"], ErrorCode::RequestCanceled as i32);
        assert_eq!((&of(1)["result"][0]["name"], &of(3)["result"][0]["name"]), (&json!("a"), &json!("a")));
    }

    #[test]
    fn a_request_that_panics_is_answered_and_the_server_lives() {
        let uri = "file:///a.rhai";
        let initialize = request(0, "initialize", json!({ "capabilities": {} }));
        let place = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 3 } });
        let answers = answers(&[initialize, opened(uri), request(1, "textDocument/hover", place), outline(2, uri)]);
        let of = |id: i32| answers.iter().find(|it| it["id"] == id).unwrap();
        assert_eq!(of(1)["error"]["code"], ErrorCode::InternalError as i32);
        assert_eq!(of(2)["result"][0]["name"], "a");
    }
}
