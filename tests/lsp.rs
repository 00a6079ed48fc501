//! The language server as an editor meets it: the real program, spoken to in frames.

use crate::command::Juben;
use lsp_server::ErrorCode;
use reqwest::Url;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    fs,
    io::{BufRead, BufReader, Write},
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
        Editor::with(files.iter().fold(Juben::new(&["lsp"]), |juben, (name, content)| juben.file(name, content)))
    }

    fn with(mut juben: Juben) -> Editor {
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
        Editor::start(files).initialized(capabilities)
    }

    fn initialized(mut self, capabilities: Value) -> Editor {
        let root = Url::from_directory_path(self.juben.folder()).unwrap().to_string();
        self.ask("initialize", json!({ "processId": null, "rootUri": root, "capabilities": capabilities })).unwrap();
        self.tell("initialized", json!({}));
        self
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

#[test]
fn many_fast_edits_are_checked_once_they_are_all_there() {
    let mut editor = Editor::open(&[], json!({}));
    editor.show("a.rhai", "let 剧 = 1;\n");
    let uri = editor.uri("a.rhai");
    let typed = "drama::no_such_operation(#{}); // 🎬".chars();
    let mut all = Vec::new();
    let (mut column, mut version) = (0, 1);
    for character in typed {
        version += 1;
        let change = json!({ "range": range((1, column), (1, column)), "text": character.to_string() });
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        let text = json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": params }).to_string();
        all.extend(format!("Content-Length: {}\r\n\r\n{text}", text.len()).bytes());
        column += character.len_utf16() as u32;
    }
    editor.write(&all);
    let found = editor.diagnostics("a.rhai", Some(version));
    assert_eq!(found[0]["code"], "unknown_operation", "{found:?}");
    let checked = editor.set_aside.iter().map(|it| it["params"]["version"].as_i64().unwrap()).collect::<Vec<_>>();
    assert!(checked.is_sorted() && checked.iter().all(|it| *it < version), "{checked:?}");
}

#[test]
fn what_check_finds_is_shown_where_it_is() {
    const TEXT: &str = "let 剧 = \"🎬𠮷\"; drama::list_medai(#{});\n";
    for (encoding, column) in [("utf-16", 16), ("utf-8", 22)] {
        let mut editor = Editor::open(&[], json!({ "general": { "positionEncodings": [encoding] } }));
        editor.show("a.rhai", TEXT);
        let found = editor.diagnostics("a.rhai", Some(1));
        let [found] = &found[..] else { panic!("{found:?}") };
        assert_eq!((&found["code"], &found["source"]), (&json!("unknown_operation"), &json!("juben")));
        assert_eq!(found["severity"], 1);
        assert_eq!(found["range"], range((0, column), (0, column + 17)));
        assert!(found["message"].as_str().unwrap().contains("did you mean `drama::list_media`?"), "{found}");

        let change = json!({ "range": range((0, column + 15), (0, column + 17)), "text": "ia" });
        editor.change("a.rhai", 2, json!([change]));
        assert_eq!(editor.diagnostics("a.rhai", Some(2)).len(), 0);
        editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": editor.uri("a.rhai") } }));
        assert_eq!(editor.diagnostics("a.rhai", None).len(), 0);
    }
}

#[test]
fn an_error_of_a_module_is_shown_where_it_is_imported_until_the_editor_has_it_without() {
    let files =
        [("lib/剧.rhai", "// 🎬\nfn list() { drama::list_medai(#{}) }\n"), ("mid.rhai", "import \"lib/剧\" as it;\n")];
    let mut editor = Editor::open(&files, json!({}));
    editor.show("a.rhai", "\nimport \"mid\" as mid;\n");
    let found = editor.diagnostics("a.rhai", Some(1));
    let [found] = &found[..] else { panic!("{found:?}") };
    assert_eq!(found["range"], range((1, 7), (1, 12)));
    let related = &found["relatedInformation"][0];
    assert_eq!(related["location"]["uri"], editor.uri("lib/剧.rhai"));
    assert_eq!(related["location"]["range"], range((1, 12), (1, 29)));

    editor.show("lib/剧.rhai", "fn list() { drama::list_media(#{}) }\n");
    assert_eq!(editor.diagnostics("lib/剧.rhai", Some(1)).len(), 0);
    assert_eq!(editor.diagnostics("a.rhai", Some(1)).len(), 0);
}

#[test]
fn the_parameters_of_an_operation_are_offered_in_its_map() {
    let mut editor = Editor::open(&[], json!({}));
    let found = editor.ask_at("textDocument/completion", "a.rhai", "let 剧 = \"🎬\"; drama::list_media(#{ lim│ });");
    let item = &found["items"][0];
    assert_eq!((&item["label"], &item["kind"]), (&json!("limit"), &json!(5)), "{found}");
    assert_eq!(item["textEdit"], json!({ "range": range((0, 35), (0, 38)), "newText": "limit: " }));
    let resolved = editor.ask("completionItem/resolve", item.clone()).unwrap();
    assert!(resolved["documentation"]["value"].as_str().is_some_and(|it| !it.is_empty()), "{resolved}");
    // What stands there is not written again.
    let found = editor.ask_at("textDocument/completion", "b.rhai", "drama::list_media(#{ lim│: 3 });");
    assert_eq!(found["items"][0]["textEdit"]["newText"], "limit");
}

#[test]
fn a_word_is_explained() {
    let mut editor = Editor::open(&[], json!({}));
    let found = editor.ask_at("textDocument/hover", "a.rhai", "/* 🎬 */ drama::list_m│edia(#{});");
    assert_eq!(found["contents"]["kind"], "markdown");
    assert!(found["contents"]["value"].as_str().unwrap().contains("媒资"), "{found}");
    assert_eq!(found["range"]["end"], json!({ "line": 0, "character": 26 }));
    assert_eq!(editor.ask_at("textDocument/hover", "b.rhai", "let │ x = 1;"), Value::Null);
}

#[test]
fn the_call_around_a_place_shows_its_parameters() {
    let mut editor = Editor::open(&[], json!({}));
    let found = editor.ask_at("textDocument/signatureHelp", "a.rhai", "time::parse(\"2026-01-01\", │)");
    let signature = &found["signatures"][0];
    assert_eq!(
        (&signature["label"], &found["activeParameter"]),
        (&json!("time::parse(text, zone)"), &json!(1)),
        "{found}"
    );
    assert_eq!(signature["parameters"][1]["label"], json!([18, 22]));
}

#[test]
fn a_name_leads_to_its_definition() {
    let module = ("lib/剧.rhai", "// 🎬\n/* 𠮷 */ fn 列出(天) { 天 }\n");
    let mut editor = Editor::open(&[module], json!({}));
    let found = editor.ask_at("textDocument/definition", "a.rhai", "import \"lib/剧\" as it;\nit::列│出(3);");
    assert_eq!(found["uri"], editor.uri("lib/剧.rhai"));
    let line = &found["range"]["start"]["line"];
    assert_eq!(line, 1, "{found}");
    let found = editor.ask_at("textDocument/definition", "b.rhai", "fn 𠮷(x) { x }\n𠮷│(1);");
    assert_eq!((&found["uri"], &found["range"]["start"]["line"]), (&json!(editor.uri("b.rhai")), &json!(0)));
}

#[test]
fn a_module_of_the_standard_library_opens_as_a_copy_that_cannot_be_changed() {
    const TEXT: &str = "import \"outcome\" as it;\nit::ro│ws([], []);";
    let mut editor = Editor::open(&[], json!({}));
    let found = editor.ask_at("textDocument/definition", "a.rhai", TEXT);
    let copy = editor.juben.folder().join("state/stdlib/outcome.rhai");
    assert_eq!(found["uri"], editor.uri("state/stdlib/outcome.rhai"), "{found}");
    assert_eq!(fs::read_to_string(&copy).unwrap(), fs::read_to_string("stdlib/outcome.rhai").unwrap());
    assert!(fs::metadata(copy).unwrap().permissions().readonly());

    // One who works on the library sees the file itself.
    let own = fs::canonicalize("stdlib").unwrap();
    let juben = Juben::new(&["lsp"]).env("JUBEN_STDLIB", own.to_str().unwrap());
    let mut editor = Editor::with(juben).initialized(json!({}));
    let found = editor.ask_at("textDocument/definition", "a.rhai", TEXT);
    assert_eq!(found["uri"], Url::from_file_path(own.join("outcome.rhai")).unwrap().as_str());
}

const CRM: &str = "openapi: 3.1.0
info: { title: CRM, version: '1' }
servers: [{ url: 'https://crm.example.com' }]
paths:
  /customers:
    get: { operationId: listCustomers, summary: List customers 客户., responses: { '200': { description: Done } } }
";

#[test]
fn the_configuration_of_the_folder_holds_and_a_change_of_it_is_seen() {
    const TOML: &str = "[[api]]\nname = \"crm\"\ndocument = \"crm.yaml\"\n";
    let watching = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let mut editor = Editor::open(&[("juben.toml", TOML), ("crm.yaml", CRM), ("deep/a.rhai", "")], watching);
    let asked = editor.await_one(|it| it["method"] == "client/registerCapability");
    assert_eq!(asked["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    editor.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": null }));

    const TEXT: &str = "crm::list_cus│tomers();";
    let known = |found: &Value| found["contents"]["value"].as_str().is_some_and(|it| it.contains("客户"));
    assert!(known(&editor.ask_at("textDocument/hover", "deep/a.rhai", TEXT)));

    let path = editor.juben.folder().join("juben.toml");
    let changed = json!({ "changes": [{ "uri": editor.uri("juben.toml"), "type": 2 }] });
    fs::write(&path, "[[api]]\nnome = 1").unwrap();
    editor.tell("workspace/didChangeWatchedFiles", changed.clone());
    let told = editor.await_one(|it| it["method"] == "window/showMessage");
    assert!(told["params"]["message"].as_str().unwrap().contains("nome"), "{told}");
    assert!(!known(&editor.ask_at("textDocument/hover", "deep/a.rhai", TEXT)));
    assert!(editor.ask_at("textDocument/hover", "deep/a.rhai", "drama::list_media│()").is_object());

    fs::write(&path, TOML).unwrap();
    editor.tell("workspace/didChangeWatchedFiles", changed);
    assert!(known(&editor.ask_at("textDocument/hover", "deep/a.rhai", TEXT)));
}
