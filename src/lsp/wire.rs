//! The protocol's frames: a header with the length, then JSON. What cannot be read is answered, and the next is read.

use lsp_server::{ErrorCode, Message, Notification, RequestId, Response, ResponseError};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    io::{self, BufRead, Read, Write},
    sync::mpsc::Sender,
};

/// What an editor sends is never longer.
const LONGEST: u64 = 64 << 20;

/// What has come in.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Message),
    /// What is no message, and whom to answer.
    Malformed {
        id: Value,
        error: ResponseError,
    },
}

/// Read until the input ends or nobody listens.
pub(super) fn read_all(mut input: impl BufRead, listener: &Sender<Incoming>) {
    loop {
        match read(&mut input) {
            Ok(Some(incoming)) => match listener.send(incoming) {
                Ok(()) => {}
                Err(_) => return,
            },
            Ok(None) => return,
            Err(error) => return tracing::error!("cannot read from the editor: {error}"),
        }
    }
}

/// The next of what comes in; `None` at the end.
fn read(input: &mut impl BufRead) -> io::Result<Option<Incoming>> {
    let Some(length) = header(input)? else { return Ok(None) };
    match length {
        Some(length) if length <= LONGEST => {
            let mut content = Vec::new();
            let read = input.take(length).read_to_end(&mut content)?;
            Ok((read as u64 == length).then(|| parse(&content)))
        }
        Some(length) => {
            io::copy(&mut input.take(length), &mut io::sink())?;
            Ok(Some(malformed(Value::Null, ErrorCode::InvalidRequest, format!("{length} bytes are too many"))))
        }
        None => Ok(Some(malformed(Value::Null, ErrorCode::ParseError, "there is no Content-Length".to_owned()))),
    }
}

/// The lines up to an empty one, and the length that they give. Whatever stands before the length in its line is the
/// rest of something that could not be read.
fn header(input: &mut impl BufRead) -> io::Result<Option<Option<u64>>> {
    const NAME: &str = "content-length:";
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line).to_ascii_lowercase();
        if line.trim().is_empty() {
            return Ok(Some(length));
        }
        length = line.rfind(NAME).map_or(length, |at| line[at + NAME.len()..].trim().parse().ok());
    }
}

fn parse(content: &[u8]) -> Incoming {
    let value: Value = match serde_json::from_slice(content) {
        Ok(value) => value,
        Err(error) => return malformed(Value::Null, ErrorCode::ParseError, format!("this is no JSON: {error}")),
    };
    let id = value.get("id").filter(|id| id.is_number() || id.is_string()).cloned().unwrap_or_default();
    Message::deserialize(value)
        .map_or_else(|_| malformed(id, ErrorCode::InvalidRequest, "this is no message".to_owned()), Incoming::Message)
}

fn malformed(id: Value, code: ErrorCode, message: String) -> Incoming {
    Incoming::Malformed { id, error: refusal(code, message) }
}

/// Why a request is not answered.
pub(super) fn refusal(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}

/// What goes out.
pub(super) struct Outbox {
    output: Box<dyn Write + Send>,
    /// Why nothing can go out any more.
    pub broken: Option<io::Error>,
}

impl Outbox {
    pub(super) fn new(output: Box<dyn Write + Send>) -> Self {
        Outbox { output, broken: None }
    }

    pub(super) fn send(&mut self, message: impl Into<Message>) {
        let sent = message.into().write(&mut self.output);
        self.broken = self.broken.take().or(sent.err());
    }

    pub(super) fn answer(&mut self, id: RequestId, result: Result<Value, ResponseError>) {
        self.send(Response { id, response_result: result });
    }

    /// Answer what is no message; its id may be unknown.
    pub(super) fn refuse(&mut self, id: &Value, error: &ResponseError) {
        let text = json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string();
        let sent = write!(self.output, "Content-Length: {}\r\n\r\n{text}", text.len());
        self.broken = self.broken.take().or(sent.and_then(|()| self.output.flush()).err());
    }

    pub(super) fn notify<N: lsp_types::notification::Notification>(&mut self, params: N::Params) {
        self.send(Notification::new(N::METHOD.to_owned(), params));
    }
}
