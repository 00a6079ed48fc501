//! An `[[api]]` of `juben.toml`: the user's own OpenAPI documents, in scripts and in the sandbox.

use crate::{
    command::{Ended, Juben},
    script::{RUNTIME, Script, Server},
};
use juben::{
    Error,
    catalog::{Catalog, Own},
    client::{Client, encode},
    config::Config,
    error::Kind,
    sandbox::{Fault, FaultKind, Options},
};
use rhai::Dynamic;
use std::{path::Path, sync::Arc};

const TOML: &str = r#"
[[api]]
name = "crm"
document = "crm.yaml"
token = "env:CRM_TOKEN"

[[api]]
name = "tickets"
document = "tickets.json"
user = "robot"
password = "cmd:echo secret"
"#;

/// A sandbox that stands in for both documents.
struct Stand {
    server: Arc<Server>,
    catalog: Arc<Catalog>,
    config: Config,
}

impl Stand {
    fn new() -> Self {
        let own = |name: &str, file: &str| Own::read(name, &Path::new("tests/apis").join(file)).unwrap();
        let catalog = Catalog::with([own("crm", "crm.yaml"), own("tickets", "tickets.json")]);
        let server = Arc::new(Server::with(Options { catalog: catalog.clone(), ..Options::default() }));
        let url = server.sandbox.url();
        let mut config = Config::parse(&TOML.replace("env:CRM_TOKEN", "cmd:echo abc")).unwrap();
        for api in &mut config.api {
            api.base_url = Some(format!("{url}/{}", api.name));
        }
        config.http.backoff_ms = 1;
        Stand { server, catalog, config }
    }

    fn run(&self, text: &str) -> Result<Dynamic, Error> {
        let client = Client::new(self.catalog.clone(), &self.config).direct();
        Script::on(&self.server, text).run_with(client, &self.config).result
    }

    #[track_caller]
    fn returns(&self, text: &str, expected: &str) {
        match self.run(text) {
            Ok(value) => assert_eq!(encode(&value).unwrap(), expected),
            Err(error) => panic!("{error}\n{error:?}"),
        }
    }

    /// It is refused by the stub with this HTTP status and these words.
    #[track_caller]
    fn refuses(&self, text: &str, kind: Kind, status: i64, message: &str) {
        let error = self.run(text).unwrap_err();
        assert_eq!((error.kind, error.code, error.message.as_str()), (kind, Some(status), message));
    }

    /// It is refused before anything is sent.
    #[track_caller]
    fn throws(&self, text: &str, message: &str) {
        self.server.sandbox.forget_requests();
        let error = self.run(text).unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (Kind::Argument, message));
        assert_eq!(self.server.sandbox.requests(), []);
    }
}

#[test]
fn the_examples_of_the_document_come_first() {
    let stand = Stand::new();
    stand.returns(
        "crm::list_customers(#{ limit: 2, tag: [\"vip\", \"新\"], ids: [7, 8] })",
        r#"{"customers":[{"id":7,"name":"李雷","phone":"13800138000","stage":"lead"},{"id":8,"name":"韩梅梅","stage":"won"}],"total":2}"#,
    );
    stand.returns("tickets::tickets_get(\"T-0001\")", r#"{"assignee":null,"number":"T-0001","weight":2.5}"#);
}

#[test]
fn what_has_no_example_is_made_of_the_schema() {
    Stand::new().returns(
        "crm::get_customers_by_id(7)",
        r#"{"born":"2026-01-01","company":{"people":[],"title":"title 1"},"email":"name1@example.com","id":1,"name":"name 1","notes":{"key1":"key1 1"},"phone":"13000000000","stage":"lead"}"#,
    );
}

#[test]
fn an_operation_is_found_by_the_spelling_of_the_document_too() {
    let stand = Stand::new();
    stand.returns("crm::listCustomers().total", "2");
    stand.returns("tickets::Tickets_Get(\"T-0002\").number", "\"T-0001\"");
    // Another operation has its id already: it is called by its method and path.
    let names: Vec<_> =
        stand.catalog.names().iter().filter(|name| name.module == "crm").map(|it| &*it.function).collect();
    assert_eq!(
        names,
        [
            "list_customers",
            "create_customer",
            "get_customers_by_id",
            "replace_customer",
            "delete_customer",
            "list_stages",
            "count_stages",
            "set_tags",
            "export_",
            "upload_avatar",
            "search",
            "get_me",
        ]
    );
}

#[test]
fn a_reply_that_is_no_object_is_the_field_body() {
    let stand = Stand::new();
    stand.returns("crm::list_stages()", r#"{"body":["lead","talking","won"]}"#);
    stand.returns("crm::count_stages().body", "4");
    stand.returns("crm::export_()", r#"{"body":"id,name\n7,李雷\n","content_type":"text/csv"}"#);
    stand.returns("crm::delete_customer(7)", "{}");
}

#[test]
fn a_body_that_cannot_join_the_parameters_is_the_field_body() {
    let stand = Stand::new();
    stand.returns(r#"crm::set_tags(#{ body: ["vip"] })"#, "{}");
    stand.throws("crm::set_tags(#{ body: [] })", "`body` has 0 items; it must have at least 1");
    // `id` is in the path and in the body.
    stand.returns(r#"crm::replace_customer(#{ id: 7, body: #{ name: "李雷", stage: "won" } }).stage"#, "\"lead\"");
    stand.throws(r#"crm::replace_customer(#{ id: 7, body: #{ name: "李雷" } })"#, "`body.stage` is missing");
}

#[test]
fn forms_and_files_are_sent() {
    let stand = Stand::new();
    stand.returns(r#"crm::search("李").id"#.replace("李", "李雷").as_str(), "1");
    stand.returns(r#"crm::upload_avatar(#{ customer: 7, picture: blob(9, 0x31) }).url"#, "\"https://example.com/1\"");
}

#[test]
fn arguments_are_checked_before_anything_is_sent() {
    let stand = Stand::new();
    for (call, message) in [
        ("crm::list_customers(#{ limit: 1000 })", "`limit` is 1000; it must be 1 to 100"),
        ("crm::list_customers(#{ limmit: 3 })", "there is no parameter `limmit`"),
        (
            r#"crm::list_customers(#{ stage: "winning" })"#,
            r#"`stage` is "winning"; it must be one of "lead", "talking", "won", "lost""#,
        ),
        (r#"crm::create_customer(#{ stage: "won" })"#, "`name` is missing"),
        (
            r#"crm::create_customer(#{ name: "李雷", stage: "won", phone: "1" })"#,
            r#"`phone` is "1", which is not of the right form"#,
        ),
        (
            r#"tickets::tickets_update(#{ number: "T-0001", assignee: 3 })"#,
            "`assignee` is 3; it must be a string or ()",
        ),
    ] {
        stand.throws(call, message);
    }
    stand.returns(r#"tickets::tickets_update(#{ number: "T-0001", assignee: (), state: () }).number"#, "\"T-0001\"");
}

#[test]
fn a_header_that_http_does_not_allow_is_an_argument() {
    let stand = Stand::new();
    stand.throws(
        r#"crm::list_customers(#{ "X-Trace": "a\nb" })"#,
        "`X-Trace` has a sign that HTTP does not allow in a header",
    );
    stand.returns(r#"crm::list_customers(#{ "X-Trace": "追踪" }).total"#, "2");
}

#[test]
fn a_request_that_cannot_be_made_is_not_tried_again() {
    let mut stand = Stand::new();
    stand.config.api[0].base_url = Some("ftp://127.0.0.1".into());
    let error = stand.run("crm::list_customers()").unwrap_err();
    assert_eq!((error.kind, error.hint.as_deref()), (Kind::Argument, None));
}

#[test]
fn the_stub_checks_what_the_client_does_not_know() {
    let stand = Stand::new();
    stand.refuses(
        r#"crm::create_customer(#{ name: "李雷", stage: "won", email: "nowhere" })"#,
        Kind::Refused,
        422,
        r#"HTTP status 422: body email: "nowhere" is not a "email""#,
    );
    stand.refuses(
        r#"tickets::tickets_update(#{ number: "T-0001", weight: 0 })"#,
        Kind::Refused,
        400,
        "HTTP status 400: body weight: 0 is less than or equal to the minimum of 0",
    );
    stand.refuses(
        r#"crm::list_customers(#{ "created[after]": "soon" })"#,
        Kind::Refused,
        400,
        r#"HTTP status 400: query created[after]: "soon" is not a "date""#,
    );
}

#[test]
fn calls_are_authorised_as_the_document_says() {
    let mut stand = Stand::new();
    let wanted = |error: Error| (error.kind, error.message.clone(), error.hint.clone().unwrap_or_default());
    for api in &mut stand.config.api {
        (api.token, api.user) = (None, None);
    }
    let call = |text: &str| wanted(stand.run(text).unwrap_err());
    let add = |what: &str| format!("add `{what}` to its [[api]] in juben.toml");
    assert_eq!(call("crm::list_customers()"), (Kind::Config, "[[api]] `crm` has no `token`".into(), add("token")));
    assert_eq!(call("crm::export_()"), (Kind::Config, "[[api]] `crm` has no `token`".into(), add("token")));
    assert_eq!(
        call("tickets::tickets_get(\"T-0001\")"),
        (Kind::Config, "[[api]] `tickets` has no `user`".into(), add("user"))
    );
    let (kind, _, hint) = call("crm::get_me()");
    assert_eq!(kind, Kind::Config);
    assert!(hint.starts_with("juben does not sign in by OAuth 2"), "{hint}");
    stand.returns("crm::count_stages().body", "4");
}

#[test]
fn every_scheme_reaches_the_wire() {
    let sent = |call: &str| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut stand = Stand::new();
        for api in &mut stand.config.api {
            api.base_url = Some(format!("http://{}/base", listener.local_addr().unwrap()));
        }
        let heard = std::thread::spawn(move || {
            use std::io::{BufRead, BufReader, Write};
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").unwrap();
            head
        });
        drop(stand.run(call).unwrap());
        heard.join().unwrap()
    };
    let has = |head: &[String], line: &str| assert!(head.iter().any(|it| it.eq_ignore_ascii_case(line)), "{head:?}");
    let head = sent(r#"crm::list_customers(#{ tag: ["a", "b c"], ids: [1, 2], "X-Trace": "t1" })"#);
    has(&head, "GET /base/customers?ids=1%2C2&tag=a&tag=b+c HTTP/1.1");
    has(&head, "authorization: Bearer abc");
    has(&head, "accept: application/json");
    has(&head, "x-trace: t1");
    has(&sent("crm::export_()"), "GET /base/export?api_key=abc HTTP/1.1");
    has(&sent("crm::get_me()"), "authorization: Bearer abc");
    has(&sent(r#"tickets::tickets_get("T-0001")"#), "authorization: Basic cm9ib3Q6c2VjcmV0");
    assert!(!sent("crm::list_stages()").iter().any(|line| line.to_lowercase().starts_with("authorization")));
}

#[test]
fn a_credential_is_shown_nowhere() {
    let stand = Stand::new();
    let error = stand.run("crm::list_customers(#{ Authorization: 3 })").unwrap_err();
    assert_eq!(error.message, "`Authorization` is ••••; it must be a string");
}

#[test]
fn all_pages_of_a_listing_are_one() {
    let stand = Stand::new();
    stand.returns(r#"pages::of("crm.list_customers", #{}).map(|it| it.id).collect()"#, "[7,8]");
    stand.returns(r#"pages::of("crm.list_customers", #{ limit: 2 }, #{ ahead: 3 }).collect().len"#, "2");
}

#[test]
fn calls_of_many_rows_know_the_operations() {
    let stand = Stand::new();
    stand.returns(r#"calls::many("crm.get_customers_by_id", [#{ id: 7 }, #{ id: 8 }]).len"#, "2");
}

#[test]
fn faults_meet_calls_of_the_stub() {
    let stand = Stand::new();
    stand.server.sandbox.fail([Fault::next(FaultKind::Http), Fault::next(FaultKind::ResetBefore)]);
    stand.returns("crm::list_customers().total", "2");
    stand.server.sandbox.fail([Fault::next(FaultKind::ResetAfter)]);
    let error = stand.run(r#"crm::create_customer(#{ name: "李雷", stage: "won" })"#).unwrap_err();
    assert_eq!(error.kind, Kind::UnknownOutcome);
    // HTTP says that this method may be repeated.
    stand.server.sandbox.fail([Fault::next(FaultKind::ResetAfter)]);
    stand.returns("crm::delete_customer(7)", "{}");
}

/// The binary beside both documents.
fn juben(arguments: &[&str]) -> Juben {
    let read = |name: &str| std::fs::read_to_string(format!("tests/apis/{name}")).unwrap();
    Juben::new(arguments)
        .file("juben.toml", TOML)
        .file("crm.yaml", &read("crm.yaml"))
        .file("tickets.json", &read("tickets.json"))
}

#[test]
fn ops_lists_the_operations_of_a_document() {
    let ended = juben(&["ops", "crm.", "--output", "jsonl"]).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let lines: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 12);
    assert_eq!(
        lines[0],
        r#"{"effect":"read","operation":"crm.list_customers","summary":"List customers, the newest first."}"#
    );
    assert_eq!(lines[4], r#"{"effect":"destructive","operation":"crm.delete_customer","summary":""}"#);
}

#[test]
fn doc_tells_all_about_an_operation_of_a_document() {
    juben(&["doc", "crm.list_customers"]).prints(
        "crm.list_customers — List customers, the newest first.
read, GET https://cn.crm.example.com/v1/customers

Call
  crm::list_customers(#{ … })
  crm::list_customers()
  crm::listCustomers(#{ … })

Parameters
  X-Trace         string
  limit           int, 1 to 100, default 20 — How many.
  offset          int, 0 or more
  stage           string, \"lead\" | \"talking\" | \"won\" | \"lost\"
  tag             array of string
  ids             array of int
  created[after]  string
  Accept          string, always \"application/json\"
  Authorization   string, filled in from api.bearer

Reply
  customers  array of map
    name     string, 1 to 40 characters — Full name.
    phone    string
    email    string or ()
    id       int, 1 or more
    stage    string, \"lead\" | \"talking\" | \"won\" | \"lost\"
    company  map
      title   string
      people  array
      parent  map
    born     string or ()
    notes    map
  total      int

Rules
  pages by offset, at most 100 a page; items in customers

Example
  crm::list_customers()
  juben call crm.list_customers --sandbox
",
    );
    let ended = juben(&["doc", "crm.createCustomer"]).run();
    let errors =
        "Errors\n  409       There is a customer with this phone number.\n  422       The customer is not complete.\n";
    assert!(ended.stdout.contains(errors), "{}", ended.stdout);
    // It has required fields, and the document gives no values for them.
    assert!(!ended.stdout.contains("Example"), "{}", ended.stdout);
}

#[test]
fn the_sandbox_of_a_run_stands_in_without_a_token() {
    juben(&["call", "crm.list_customers", "limit=2", "--sandbox", "--output", "csv"])
        .prints("id,name,phone,stage\n7,李雷,13800138000,lead\n8,韩梅梅,,won\n");
}

#[test]
fn a_dry_run_lists_the_writes() {
    let text = r#"let all = crm::list_customers(); crm::delete_customer(all.customers[0].id); all.total"#;
    let ended = juben(&["run", "test.rhai", "--sandbox", "--dry-run"]).file("test.rhai", text).run();
    let told = "would call crm.delete_customer (destructive, account crm) {\"id\":7}\n";
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "2\n", told));
}

#[test]
fn without_an_address_the_call_says_what_is_missing() {
    juben(&["call", "tickets.tickets_get", "number=T-0001"]).fails(
        2,
        "config

  × `tickets.tickets_get`: the document of [[api]] `tickets` does not say where it is served
  │ (account tickets)
  help: add `base_url = \"https://…\"` to its [[api]] in juben.toml",
    );
}

/// The lines of an error, with those that are too long for a line put together again.
fn lines(stderr: &str) -> Vec<String> {
    stderr.replace("\n  │ ", " ").lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// A document that is wrong, and what is said of it.
#[track_caller]
fn says(document: &str, message: &str, hint: &str) {
    let toml = "[[api]]\nname = \"crm\"\ndocument = \"crm.yaml\"\n";
    let juben = Juben::new(&["ops", "--config", "juben.toml"]).file("juben.toml", toml);
    let Ended { code, stdout, stderr } = juben.file("crm.yaml", document).run();
    let expected = ["config".to_owned(), format!("× crm.yaml: {message}"), format!("help: {hint}")];
    assert_eq!((lines(&stderr), stdout.as_str(), code), (expected.to_vec(), "", 2));
}

#[test]
fn what_is_no_openapi_document_is_answered_with_its_file() {
    says(
        "openapi: 3.1.0\npaths: [\n",
        "did not find expected node content at line 3 column 1, while parsing a flow node",
        "mend it there; an OpenAPI document is YAML or JSON",
    );
    says(
        "{ \"openapi\": \"3.0.0\", }",
        "trailing comma at line 1 column 23",
        "mend it there; an OpenAPI document is YAML or JSON",
    );
    says(
        "swagger: '2.0'\npaths: {}\n",
        "it is Swagger 2.0; juben reads OpenAPI 3.0 and 3.1",
        "convert it, for example by `npx swagger2openapi`, or at https://converter.swagger.io",
    );
    let hint = "give the path of an OpenAPI document of version 3.0 or 3.1";
    says("hello: world\n", "it is no OpenAPI document: it does not begin with `openapi: 3.1.0` or the like", hint);
    says("openapi: 4.0.0\n", "it is OpenAPI 4.0.0; juben reads 3.0 and 3.1", hint);
    says("openapi: 3.2.0\n", "it is OpenAPI 3.2.0; juben reads 3.0 and 3.1", hint);
}

#[test]
fn a_key_that_is_there_twice_is_answered_with_its_line() {
    let hint = "mend it there; an OpenAPI document is YAML or JSON";
    says(
        "openapi: 3.1.0\npaths:\n  /a: { get: {} }\n  /b: { get: {} }\n  /a: { put: {} }\n",
        "paths: the key `/a` is there twice at line 5 column 3",
        hint,
    );
    says(
        "{ \"openapi\": \"3.1.0\",\n\"paths\": { \"/a\": { \"get\": {} }, \"/a\": {} } }",
        "the key `/a` is there twice at line 2 column 36",
        hint,
    );
}

#[test]
fn parameters_that_cannot_be_written_are_left_out() {
    let fields = |parameters: &str| {
        let text = format!("openapi: 3.1.0\npaths:\n  /a:\n    get:\n      parameters: [{parameters}]\n");
        let catalog = Catalog::with([Own::parse("mine", "mine.yaml", &text).unwrap()]);
        let operation = catalog.of_module("mine").next().unwrap();
        operation.input.properties.keys().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(fields("{ name: a, in: query, style: deepObject, schema: { type: object } }"), "");
    assert_eq!(fields("{ name: a, in: query, style: pipeDelimited, schema: { type: array } }"), "");
    assert_eq!(fields("{ name: a, in: query, schema: { type: [object, 'null'] } }"), "");
    assert_eq!(fields("{ name: a, in: query, schema: { allOf: [{ properties: { b: { type: string } } }] } }"), "");
    assert_eq!(fields("{ name: a, in: query, style: form, schema: { type: array } }"), "a");
    // Its content type says how an object is written.
    assert_eq!(fields("{ name: a, in: query, content: { application/json: { schema: { type: object } } } }"), "a");
}

#[test]
fn what_is_wrong_within_a_document_is_answered_with_its_place() {
    let mend = "mend it there; a validator of OpenAPI documents tells more";
    let cases = [
        ("", "paths: there is no operation", "an API needs at least one"),
        (
            "/a: { get: { parameters: [{ name: b, in: query, required: sometimes }] } }",
            "paths./a.get.parameters[0].required: invalid type: string \"sometimes\", expected a boolean",
            mend,
        ),
        ("/a: { get: { parameters: { name: b } } }", "paths./a.get.parameters: it must be a list", mend),
        (
            "/a: { get: { parameters: [{ $ref: '#/components/parameters/B' }] } }",
            "paths./a.get.parameters[0]: `$ref: #/components/parameters/B` leads nowhere",
            "the document must have what it refers to",
        ),
        (
            "/a: { put: { requestBody: { content: { application/json: { schema: { $ref: 'b.yaml#/B' } } } } } }",
            "paths./a.put.requestBody.content.application/json.schema: `$ref: b.yaml#/B` is in another file",
            "put all of it into one file, for example by `npx @redocly/cli bundle`",
        ),
        (
            "/a: { get: { parameters: [{ name: b, in: query, schema: { type: file } }] } }",
            "paths./a.get.parameters[0].schema.type: \"file\" is no type; it must be one of null, boolean, integer, number, \
             string, array, object",
            "a file is a string with `format: binary`; anything is a schema without a type",
        ),
        (
            "/a: { get: { parameters: [{ name: b, in: query, required: true, style: deepObject, schema: {} }] } }",
            "paths./a.get.parameters[0]: `b` is required, and juben cannot send it: its style is deepObject",
            "leave its operation out of the document, or the parameter where the API does without",
        ),
        (
            "/a: { get: { parameters: [{ name: b, in: query, required: true, schema: { type: object } }] } }",
            "paths./a.get.parameters[0]: `b` is required, and juben cannot send it: it is an object",
            "leave its operation out of the document, or the parameter where the API does without",
        ),
        (
            "/a-b: { get: {} }\n  /a_b: { get: {} }",
            "paths./a_b.get: its name would be `get_a_b`, as that of paths./a-b.get",
            "give one of them another `operationId`",
        ),
        (
            "/a: { get: { security: [{ key: [] }] } }",
            "paths./a.get.security: there is no security scheme `key`",
            "the schemes stand under components.securitySchemes",
        ),
    ];
    for (paths, message, hint) in cases {
        says(&format!("openapi: 3.1.0\ninfo: {{ title: x, version: '1' }}\npaths:\n  {paths}\n"), message, hint);
    }
}

#[test]
fn what_is_wrong_with_the_entry_itself_is_answered() {
    let fails = |name: &str, more: &str, message: &str, hint: &str| {
        let toml = format!("[[api]]\nname = \"{name}\"\ndocument = \"crm.yaml\"\n{more}");
        let ended = Juben::new(&["ops", "--config", "juben.toml"]).file("juben.toml", &toml).run();
        let expected = ["config".to_owned(), format!("× {message}"), format!("help: {hint}")];
        assert_eq!((lines(&ended.stderr), ended.stdout.as_str(), ended.code), (expected.to_vec(), "", 2));
    };
    let another = "give it another `name` in juben.toml: it is the module of its functions";
    fails("drama", "", "[[api]] has the name `drama`, which is a module of juben itself", another);
    fails("wxa", "", "[[api]] has the name `wxa`, but /wxa/ is a path of the sandbox itself", another);
    fails("v3", "", "[[api]] has the name `v3`, but /v3/ is a path of the sandbox itself", another);
    fails("_sandbox", "", "[[api]] has the name `_sandbox`, but /_sandbox/ is a path of the sandbox itself", another);
    fails("pages", "", "[[api]] has the name `pages`, which is a module of juben itself", another);
    fails(
        "my-crm",
        "",
        "juben.toml: [[api]] has the name \"my-crm\", which cannot be the name of a module",
        "a name is made of letters, digits and _, and no word of the language, such as crm",
    );
    fails(
        "crm",
        "base_url = \"crm.example.com\"",
        "juben.toml: [[api]] `crm` has the base_url \"crm.example.com\", which is not an address",
        "base_url looks like https://crm.example.com/v1",
    );
    fails(
        "crm",
        "token = \"abc\"",
        "juben.toml: line 4: a secret is not written into juben.toml; write where it is: \"env:NAME\", \"file:PATH\" or \
         \"cmd:COMMAND\"",
        "`juben init` writes a juben.toml with comments; every setting is in docs/configuration.md",
    );
    fails(
        "crm",
        "",
        "[[api]] `crm`: cannot read crm.yaml: No such file or directory (os error 2)",
        "`document` is the path of an OpenAPI document, relative to juben.toml",
    );
    let twice = format!("{TOML}{TOML}");
    let ended = juben(&["ops"]).file("juben.toml", &twice).run();
    assert_eq!(lines(&ended.stderr)[1], "× [[api]] has the name `crm`, as another one has");
}

/// What any other client is answered: the status, whether it is marked, and the body.
fn plain(stand: &Stand, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, bool, String) {
    let url = format!("{}{path}", stand.server.sandbox.url());
    rustls::crypto::ring::default_provider().install_default().ok();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.request(method.parse().unwrap(), url).body(body.to_owned());
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    RUNTIME.block_on(async {
        let response = request.send().await.unwrap();
        let marked = response.headers().get("x-juben-sandbox").is_some_and(|value| value == "stub");
        (response.status().as_u16(), marked, response.text().await.unwrap())
    })
}

#[test]
fn any_client_is_answered_with_the_documented_status() {
    let stand = Stand::new();
    let bearer = ("authorization", "Bearer x");
    let (json, text) = (("content-type", "application/json"), ("content-type", "text/plain"));
    let error = |reason: &str| format!("{{\"error\":{reason:?}}}");
    let problem =
        |reason: &str, status: u16| format!("{{\"title\":\"title 1\",\"status\":{status},\"detail\":\"{reason}\"}}");
    for (method, path, headers, body, expected) in [
        ("GET", "/crm/customers", vec![], "", (401, error("header Authorization: it is missing"))),
        ("GET", "/crm/export", vec![], "", (401, error("query api_key: it is missing"))),
        ("GET", "/crm/export?api_key=x", vec![], "", (200, "id,name\n7,李雷\n".to_owned())),
        ("DELETE", "/crm/customers/7", vec![bearer], "", (204, String::new())),
        ("DELETE", "/crm/customers/x", vec![bearer], "", (400, error("path id: \"x\" is not of type \"integer\""))),
        ("PATCH", "/crm/customers", vec![bearer], "", (405, error("the document has this path with other methods only"))),
        ("POST", "/crm/customers", vec![bearer], "", (422, problem("body: it is missing", 422))),
        (
            "POST",
            "/crm/customers",
            vec![bearer, json],
            "{]",
            (422, problem("body: it is not JSON: key must be a string at line 1 column 2", 422)),
        ),
        (
            "POST",
            "/crm/customers",
            vec![bearer, text],
            "{}",
            (422, problem("body: its content type is text/plain; it must be application/json", 422)),
        ),
        (
            "PUT",
            "/crm/tags",
            vec![bearer, text],
            "[]",
            (415, error("body: its content type is text/plain; it must be application/json")),
        ),
        (
            "GET",
            "/tickets/tickets/7",
            vec![("authorization", "Basic x")],
            "",
            (400, "{\"error\":{\"code\":\"code 1\",\"message\":\"path number: \\\"7\\\" does not match \\\"^T-[0-9]{4}$\\\"\"}}".to_owned()),
        ),
    ] {
        let (status, marked, found) = plain(&stand, method, path, &headers, body);
        assert_eq!((status, found), expected, "{method} {path}");
        assert!(marked, "{method} {path}");
    }
    let (status, marked, _) = plain(&stand, "GET", "/tickets/nothing", &[bearer], "");
    assert_eq!((status, marked), (404, false));
}

#[test]
fn the_built_in_documents_could_be_the_users() {
    for name in ["drama", "novel", "platform", "polyv"] {
        let own = Own::read("mine", &Path::new("src/catalog/platforms").join(format!("{name}.yaml"))).unwrap();
        let catalog = Catalog::with([own]);
        let built_in: Vec<_> = Catalog::builtin().operations().filter(|it| it.module.starts_with(name)).collect();
        let mine: Vec<_> = catalog.of_module("mine").collect();
        assert_eq!(mine.len(), built_in.len());
        for (mine, known) in mine.iter().zip(&built_in) {
            assert_eq!((&mine.name, &mine.path, mine.sign), (&known.name, &known.path, known.sign));
            let fields =
                |operation: &juben::catalog::Operation| operation.input.properties.keys().cloned().collect::<Vec<_>>();
            // An object without properties may have any field: it is given whole.
            let expected = if fields(mine) == ["body"] { vec!["body".to_owned()] } else { fields(known) };
            assert_eq!(fields(mine), expected, "{}", mine.name);
        }
    }
}

#[test]
fn the_page_about_own_apis_runs_as_written() {
    let page = std::fs::read_to_string("docs/own-apis.md").unwrap();
    let block = |language: &str| page.split(&format!("```{language}\n")).nth(1).unwrap().split("```").next().unwrap();
    let juben = Juben::new(&["run", "page.rhai", "--sandbox"]).file("page.rhai", block("js"));
    juben.file("crm.yaml", block("yaml")).file("juben.toml", block("toml")).prints(block("text"));
}

#[test]
fn a_sandbox_of_its_own_serves_the_documents_of_the_configuration() {
    use std::io::{BufRead, BufReader};
    let mut juben = juben(&["sandbox", "--port", "0"]);
    let mut process = juben.command().stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let url = lines.next().unwrap().unwrap().split_once("http").map(|(_, rest)| format!("http{rest}")).unwrap();
    let told = lines.next().unwrap().unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(told, format!("  [[api]]  crm at {url}/crm, answered by its document alone"));
}
