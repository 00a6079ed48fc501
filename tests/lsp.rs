//! The language server as an editor meets it: the real program, spoken to in frames.

use crate::command::Juben;
use lsp_server::ErrorCode;
use reqwest::Url;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

/// Longer than anything takes.
const LONG: Duration = Duration::from_secs(60);

/// A small editor.
struct Editor {
    juben: Juben,
    server: Child,
    input: Option<ChildStdin>,
    received: Receiver<Value>,
    /// Notifications and requests of the server that nobody has asked for yet.
    set_aside: VecDeque<Value>,
    requests: i64,
}

/// The next frame of a stream.
fn frame(input: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        input.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end().strip_prefix("Content-Length: ") {
            Some(number) => length = number.parse().unwrap(),
            None if line == "\r\n" => break,
            None => panic!("this is no header: {line:?}"),
        }
    }
    let mut content = vec![0; length];
    input.read_exact(&mut content).unwrap();
    Some(serde_json::from_slice(&content).unwrap())
}

impl Editor {
    /// Start the server in a folder with these files; it was not spoken to yet.
    fn start(files: &[(&str, &str)]) -> Editor {
        let mut juben = files.iter().fold(Juben::new(&["lsp"]), |juben, (name, content)| juben.file(name, content));
        let state = juben.folder().join("state");
        let command = juben.command().env("JUBEN_STATE", state).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.stderr(Stdio::null()).spawn().unwrap();
        let (sender, received) = channel();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        thread::spawn(move || while frame(&mut output).is_some_and(|it| sender.send(it).is_ok()) {});
        let input = server.stdin.take();
        Editor { juben, server, input, received, set_aside: VecDeque::new(), requests: 0 }
    }

    /// Start and initialize it, with the folder as the workspace.
    fn open(files: &[(&str, &str)], capabilities: Value) -> Editor {
        let mut editor = Editor::start(files);
        let root = Url::from_directory_path(editor.juben.folder()).unwrap().to_string();
        editor.ask("initialize", json!({ "processId": null, "rootUri": root, "capabilities": capabilities })).unwrap();
        editor.tell("initialized", json!({}));
        editor
    }

    fn uri(&self, name: &str) -> String {
        Url::from_file_path(self.juben.folder().join(name)).unwrap().to_string()
    }

    fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The next message that fits; the others are set aside.
    #[track_caller]
    fn await_one(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(index) = self.set_aside.iter().position(&fits) {
            return self.set_aside.remove(index).unwrap();
        }
        loop {
            let message = self.received.recv_timeout(LONG).expect("the server answers");
            if fits(&message) {
                return message;
            }
            self.set_aside.push_back(message);
        }
    }

    /// The result of a request, or the code of the error.
    #[track_caller]
    fn ask(&mut self, method: &str, params: Value) -> Result<Value, i64> {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let mut answer = self.await_one(|it| it["id"] == id && it.get("method").is_none());
        match answer["error"]["code"].as_i64() {
            Some(code) => Err(code),
            None => Ok(answer["result"].take()),
        }
    }

    fn show(&mut self, name: &str, text: &str) {
        let document = json!({ "uri": self.uri(name), "languageId": "rhai", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, name: &str, version: i64, changes: Value) {
        let document = json!({ "uri": self.uri(name), "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// What is wrong with that version of a document.
    #[track_caller]
    fn diagnostics(&mut self, name: &str, version: Option<i64>) -> Vec<Value> {
        let uri = self.uri(name);
        let published = self.await_one(|it| {
            let params = &it["params"];
            it["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == *uri
                && params["version"].as_i64() == version
        });
        published["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// Ask about the place that `│` marks in the text, which is shown to the server without it.
    #[track_caller]
    fn ask_at(&mut self, method: &str, name: &str, marked: &str) -> Value {
        let (before, after) = marked.split_once('│').unwrap();
        self.show(name, &format!("{before}{after}"));
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
        let document = json!({ "uri": self.uri(name) });
        self.ask(method, json!({ "textDocument": document, "position": { "line": line, "character": column } }))
            .unwrap()
    }

    /// The words of a document with their places, as the server has it.
    #[track_caller]
    fn words(&mut self, name: &str) -> Value {
        let uri = self.uri(name);
        self.ask("textDocument/semanticTokens/full", json!({ "textDocument": { "uri": uri } })).unwrap()["data"].take()
    }

    /// The names of the functions of a document.
    #[track_caller]
    fn functions(&mut self, name: &str) -> Vec<String> {
        let uri = self.uri(name);
        let found = self.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } })).unwrap();
        found.as_array().unwrap().iter().map(|symbol| symbol["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Nothing more is said; the exit code.
    fn hang_up(mut self) -> i32 {
        drop(self.input.take());
        self.server.wait().unwrap().code().unwrap()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

fn range(start: (u32, u32), end: (u32, u32)) -> Value {
    let place = |(line, character)| json!({ "line": line, "character": character });
    json!({ "start": place(start), "end": place(end) })
}

#[test]
fn it_ends_well_only_when_that_was_agreed_on() {
    let mut editor = Editor::open(&[], json!({}));
    assert_eq!(editor.ask("shutdown", Value::Null), Ok(Value::Null));
    assert_eq!(editor.ask("shutdown", Value::Null), Err(ErrorCode::InvalidRequest as i64));
    editor.tell("exit", Value::Null);
    assert_eq!(editor.server.wait().unwrap().code(), Some(0));

    let mut editor = Editor::open(&[], json!({}));
    editor.tell("exit", Value::Null);
    assert_eq!(editor.server.wait().unwrap().code(), Some(1));

    assert_eq!(Editor::open(&[], json!({})).hang_up(), 1);
    assert_eq!(Editor::start(&[]).hang_up(), 1);
}

#[test]
fn what_comes_before_initialize_is_refused() {
    let mut editor = Editor::start(&[]);
    editor.show("a.rhai", "fn early() {}");
    assert_eq!(editor.ask("textDocument/hover", json!({})), Err(ErrorCode::ServerNotInitialized as i64));
    let offered = editor.ask("initialize", json!({ "capabilities": {} })).unwrap();
    assert_eq!(offered["serverInfo"]["name"], "juben");
    assert_eq!(offered["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(editor.ask("initialize", json!({ "capabilities": {} })), Err(ErrorCode::InvalidRequest as i64));
    let document = json!({ "uri": editor.uri("a.rhai") });
    let early = editor.ask("textDocument/documentSymbol", json!({ "textDocument": document }));
    assert_eq!(early, Err(ErrorCode::InvalidParams as i64));
}

#[test]
fn what_cannot_be_read_is_answered_and_the_next_is_read() {
    let mut editor = Editor::open(&[], json!({}));
    editor.show("a.rhai", "fn here() {}");
    let broken: [(&[u8], ErrorCode); 6] = [
        (b"Content-Length: 9\r\n\r\n{\"id\": 1,", ErrorCode::ParseError),
        (b"Content-Length: 4\r\n\r\n\"\xff\xfe\"", ErrorCode::ParseError),
        (b"Content-Length: 21\r\n\r\n{\"id\":{},\"method\":\"a\"", ErrorCode::ParseError),
        (b"Content-Length: 13\r\n\r\n{\"method\": 1}", ErrorCode::InvalidRequest),
        (b"Content-Length: 2\r\n\r\n[]", ErrorCode::InvalidRequest),
        (b"what is this\r\n\r\n", ErrorCode::ParseError),
    ];
    for (bytes, code) in broken {
        editor.write(bytes);
        let answer = editor.await_one(|it| it.get("error").is_some());
        assert_eq!((answer["error"]["code"].as_i64(), &answer["id"]), (Some(code as i64), &Value::Null), "{answer}");
        assert_eq!(editor.functions("a.rhai"), ["here"]);
    }
    // The rest of a message whose length was wrong stands before the next header.
    editor.write(b"Content-Length: 2\r\n\r\n{}, \"method\": \"x\"}");
    editor.await_one(|it| it.get("error").is_some());
    assert_eq!(editor.functions("a.rhai"), ["here"]);
}

#[test]
fn what_is_not_known_is_refused_and_what_is_wrong_is_passed_over() {
    let mut editor = Editor::open(&[], json!({}));
    editor.show("a.rhai", "fn here() {}");
    assert_eq!(editor.ask("textDocument/rename", json!({})), Err(ErrorCode::MethodNotFound as i64));
    assert_eq!(editor.ask("textDocument/hover", json!({ "position": 1 })), Err(ErrorCode::InvalidParams as i64));
    editor.tell("no/such", json!({}));
    editor.tell("textDocument/didChange", json!([]));
    editor.change("b.rhai", 2, json!([{ "text": "" }]));
    assert_eq!(editor.functions("a.rhai"), ["here"]);
}

#[test]
fn an_edited_document_is_as_if_it_were_written_at_once() {
    for (seed, encoding) in [(1, "utf-16"), (2, "utf-8")] {
        let mut editor = Editor::open(&[], json!({ "general": { "positionEncodings": [encoding] } }));
        let mut random = fastrand::Rng::with_seed(seed);
        let mut text = "let 剧 = \"🎬短剧\";\r\nfn 续期(天) { 天 + 1 }\n// 🎭 结束".to_owned();
        editor.show("a.rhai", &text);
        for version in 2..60 {
            let changes: Vec<_> = (0..random.usize(1..4)).map(|_| edit(&mut random, &mut text, encoding)).collect();
            editor.change("a.rhai", version, json!(changes));
            editor.show("whole.rhai", &text);
            assert_eq!(editor.words("a.rhai"), editor.words("whole.rhai"), "{text:?}");
        }
    }
}

/// A random edit, as the editor tells it; the text afterwards.
fn edit(random: &mut fastrand::Rng, text: &mut String, encoding: &str) -> Value {
    const PIECES: [&str; 8] = ["", "a", "剧", "🎬", "\n", "\r\n", "fn 新() {\n}\n", "\"🎭\" + "];
    let places: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    // Nobody edits between the two characters that end a line.
    let places: Vec<_> = places.into_iter().filter(|at| !text[..*at].ends_with('\r')).collect();
    let (one, other) = (*random.choice(&places).unwrap(), *random.choice(&places).unwrap());
    let (start, end) = (one.min(other), one.max(other).min(one.min(other) + 12));
    let end = *places.iter().rfind(|at| **at <= end).unwrap();
    let place = |at: usize| {
        let line = text[..at].rsplit('\n').next().unwrap();
        let column = if encoding == "utf-8" { line.len() } else { line.encode_utf16().count() };
        (text[..at].matches('\n').count() as u32, column as u32)
    };
    let range = range(place(start), place(end));
    let piece = random.choice(PIECES).unwrap();
    text.replace_range(start..end, piece);
    json!({ "range": range, "text": piece })
}

#[test]
fn the_outline_has_the_functions_even_of_a_text_that_is_not_whole() {
    let mut editor = Editor::open(&[], json!({}));
    editor.show("a.rhai", "private fn 𠮷片(天, 剧) {\n    [1, 2].map(|x| #{ x: x });\n}\nfn open(");
    let uri = editor.uri("a.rhai");
    let found = editor.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } })).unwrap();
    assert_eq!(found[0]["name"], "𠮷片");
    assert_eq!(found[0]["detail"], "(天, 剧)");
    assert_eq!(found[0]["range"], range((0, 0), (2, 1)));
    assert_eq!(found[0]["selectionRange"], range((0, 11), (0, 14)));
    assert_eq!(found[1]["name"], "open");
    assert_eq!(found[1]["range"], range((3, 0), (3, 8)));
}

#[test]
fn colours_are_given_line_by_line() {
    let mut editor = Editor::open(&[], json!({}));
    editor.show("a.rhai", "let 𠮷 = time::now(); /* 一\n二 */ a.b");
    let data = editor.words("a.rhai");
    // line, column, length, type: keyword 0, comment 3, namespace 4, function 5, property 6, variable 7
    let expected = [
        [0, 0, 3, 0, 0],
        [0, 4, 2, 7, 0],
        [0, 5, 4, 4, 0],
        [0, 6, 3, 5, 0],
        [0, 7, 4, 3, 0],
        [1, 0, 4, 3, 0],
        [0, 5, 1, 7, 0],
        [0, 2, 1, 6, 0],
    ];
    assert_eq!(data, json!(expected.concat()));
}
