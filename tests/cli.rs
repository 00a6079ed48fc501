//! The command line: exit codes, standard output and standard error, exactly.

use crate::command::{Ended, Juben};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

const SUBCOMMANDS: [&str; 6] = ["run", "call", "ops", "doc", "sandbox", "init"];

/// Run this script with these arguments.
fn script(text: &str, arguments: &[&str]) -> Juben {
    Juben::new(&[&["run", "test.rhai"], arguments].concat()).file("test.rhai", text)
}

/// Run a script that makes a call, with this `juben.toml`.
fn configured(toml: &str) -> Juben {
    script("novel::list_books(); 1", &["--config", "juben.toml"]).file("juben.toml", toml)
}

fn account(line: &str) -> String {
    format!("[account.main]\nplatform = \"wechat\"\nappid = \"wx1\"\n{line}\n")
}

/// All words of a text, whatever its lines.
fn words(text: &str) -> String {
    text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// It ends with this code, prints nothing, and says this, whatever its line breaks.
#[track_caller]
fn says(juben: Juben, code: i32, expected: &str) {
    let Ended { code: ended, stdout, stderr } = juben.run();
    assert_eq!((words(&stderr), stdout.as_str(), ended), (words(expected), "", code));
}

#[test]
fn without_arguments_the_prompt_is_opened() {
    // Nothing is entered, so nothing is done.
    Juben::new(&[]).prints("");
}

#[test]
fn every_help_has_an_example() {
    for subcommand in SUBCOMMANDS {
        for help in ["--help", "-h"] {
            let ended = Juben::new(&[subcommand, help]).run();
            assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
            let (_, examples) = ended.stdout.split_once("\nExample").unwrap();
            assert!(examples.contains(&format!("\n  juben {subcommand}")), "{}", ended.stdout);
            assert!(ended.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ended.stdout);
        }
    }
}

#[test]
fn the_version_is_printed() {
    Juben::new(&["--version"]).prints(concat!("juben ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn what_is_not_known_is_wrong_use() {
    Juben::new(&["--nope"]).fails(
        2,
        "error: unexpected argument '--nope' found\n\nUsage: juben [OPTIONS] [COMMAND]\n\n\
         For more information, try '--help'.",
    );
    Juben::new(&["rum"]).fails(
        2,
        "error: unrecognized subcommand 'rum'\n\n  tip: a similar subcommand exists: 'run'\n\n\
         Usage: juben [OPTIONS] [COMMAND]\n\nFor more information, try '--help'.",
    );
}

#[test]
fn an_option_with_a_wrong_value_is_wrong_use() {
    for (arguments, expected) in [
        (["--arg", "foo"], "invalid value 'foo' for '--arg <NAME=VALUE>': write it as name=value"),
        (["--timeout", "soon"], "invalid value 'soon' for '--timeout <SECONDS>': give a number of seconds, above 0"),
        (["--timeout", "-1"], "invalid value '-1' for '--timeout <SECONDS>': give a number of seconds, above 0"),
        (["--timeout", "0"], "invalid value '0' for '--timeout <SECONDS>': give a number of seconds, above 0"),
        (["--timeout", "nan"], "invalid value 'nan' for '--timeout <SECONDS>': give a number of seconds, above 0"),
        (
            ["--output", "xml"],
            "invalid value 'xml' for '--output <OUTPUT>'\n  [possible values: table, json, jsonl, csv]",
        ),
    ] {
        script("1", &arguments).fails(2, &format!("error: {expected}\n\nFor more information, try '--help'."));
    }
}

#[test]
fn a_script_that_cannot_be_read_is_wrong_use() {
    let hint = "help: give the path of a .rhai file; scripts/ has some that are ready to run";
    says(
        Juben::new(&["run", "missing.rhai"]),
        2,
        &format!("usage × cannot read the script missing.rhai: No such file or directory (os error 2) {hint}"),
    );
    says(
        Juben::new(&["run", "."]),
        2,
        &format!("usage × cannot read the script .: Is a directory (os error 21) {hint}"),
    );
}

#[test]
fn a_script_that_does_not_parse_is_wrong_use() {
    script("let 名字 = 1;\nlet x = ;", &[]).fails(
        2,
        "usage

  × the script does not parse: Unexpected ';'
   ╭─[test.rhai:2:9]
 1 │ let 名字 = 1;
 2 │ let x = ;
   ·         ┬
   ·         ╰── raised here
   ╰────",
    );
}

#[test]
fn a_script_without_calls_needs_no_account() {
    script("6 * 7", &[]).prints("42\n");
    script("print(\"你好\"); print(1); ()", &[]).prints("你好\n1\n");
}

#[test]
fn a_call_without_an_account_says_how_to_get_one() {
    script("novel::list_books()", &[]).fails(
        2,
        "config

  × `novel.list_books`: there is no wechat account
   ╭─[test.rhai:1:8]
 1 │ novel::list_books()
   ·        ┬
   ·        ╰── raised here
   ╰────
  help: try it without an account by --sandbox, or write a juben.toml by `juben init`",
    );
}

#[test]
fn an_account_that_is_not_there_is_wrong_use() {
    says(
        script("1", &["--account", "nope", "--sandbox"]),
        2,
        "config × there is no account `nope` help: there are: sandbox, sandbox-polyv",
    );
    says(
        script("1", &["--account", "sandbos", "--sandbox"]),
        2,
        "config × there is no account `sandbos` help: did you mean `sandbox`?",
    );
}

#[test]
fn a_secret_in_the_configuration_is_refused_and_not_repeated() {
    says(
        configured(&account("secret = \"abc123\"")),
        2,
        "config × juben.toml: line 4: a secret is not written into juben.toml; write where it is: \"env:NAME\", \
         \"file:PATH\" or \"cmd:COMMAND\" help: `juben init` writes a juben.toml with comments; every setting is in \
         docs/configuration.md",
    );
}

#[test]
fn a_secret_whose_variable_is_not_set_is_named() {
    let ended = configured(&account("secret = \"env:JUBEN_MAIN_SECRET\"")).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    let told = words(&ended.stderr);
    let expected = "the secret of account `main` cannot be read: the environment variable JUBEN_MAIN_SECRET is not set";
    assert!(told.contains(expected) && told.ends_with("help: export JUBEN_MAIN_SECRET=…"), "{told}");
}

#[test]
fn a_broken_configuration_is_told_with_its_line() {
    let hint = "help: `juben init` writes a juben.toml with comments; every setting is in docs/configuration.md";
    for (toml, expected) in [
        ("[account.main".to_owned(), "line 1: unclosed table, expected `]`"),
        (account("appid = \"wx2\""), "line 4: duplicate key"),
        ("\n[http]\ntimeout = \"x\"".to_owned(), "line 3: invalid type: string \"x\", expected u64"),
        (
            "[account.main]\nplatform = \"weixin\"".to_owned(),
            "line 2: unknown variant `weixin`, expected `wechat` or `polyv`",
        ),
    ] {
        says(configured(&toml), 2, &format!("config × juben.toml: {expected} {hint}"));
    }
}

#[test]
fn a_configuration_that_makes_no_sense_is_told_before_the_script_starts() {
    for (toml, expected) in [
        (
            account("base_url = \"api.weixin.qq.com\""),
            "account `main` has the base_url \"api.weixin.qq.com\", which is not an address help: base_url looks like \
             https://api.weixin.qq.com",
        ),
        (
            account("base_url = \"ftp://api.weixin.qq.com\""),
            "account `main` has the base_url \"ftp://api.weixin.qq.com\", which is not an address help: base_url looks \
             like https://api.weixin.qq.com",
        ),
        (
            account("component = \"agency\""),
            "account `main` names the component `agency`, which is not there help: add a [component.NAME] table",
        ),
        (
            "default_account = \"main\"".to_owned(),
            "default_account is `main`, which is not there help: add an [account.NAME] table",
        ),
        (
            "[account.main]\nplatform = \"wechat\"".to_owned(),
            "account `main` has no `appid` help: a WeChat appid looks like wx1234567890abcdef",
        ),
        (
            "[http]\ntimeout = 0".to_owned(),
            "http.timeout and http.deadline are seconds, 1 or more help: leave them out",
        ),
    ] {
        says(configured(&toml), 2, &format!("config × juben.toml: {expected}"));
    }
}

#[test]
fn a_configuration_that_is_not_there_is_named() {
    says(
        script("1", &["--config", "nope.toml"]),
        2,
        "config × cannot read nope.toml: No such file or directory (os error 2) help: `juben init` writes a \
         juben.toml with comments",
    );
}

const ROWS: &str =
    r#"[#{ 名: "重生之我在九零", n: 1 }, #{ 名: "a,b", n: 22, x: [1, "中"] }, #{ n: -1, 名: "说\"好\"" }]"#;

#[test]
fn rows_are_written_in_every_form() {
    for (output, expected) in [
        (
            "table",
            "\
┌────┬──────────┬────────────────┐
│ n  ┆ x        ┆ 名             │
╞════╪══════════╪════════════════╡
│ 1  ┆          ┆ 重生之我在九零 │
│ 22 ┆ [1,\"中\"] ┆ a,b            │
│ -1 ┆          ┆ 说\"好\"         │
└────┴──────────┴────────────────┘
",
        ),
        (
            "json",
            r#"[
  {
    "n": 1,
    "名": "重生之我在九零"
  },
  {
    "n": 22,
    "x": [
      1,
      "中"
    ],
    "名": "a,b"
  },
  {
    "n": -1,
    "名": "说\"好\""
  }
]
"#,
        ),
        (
            "jsonl",
            "{\"n\":1,\"名\":\"重生之我在九零\"}\n{\"n\":22,\"x\":[1,\"中\"],\"名\":\"a,b\"}\n\
             {\"n\":-1,\"名\":\"说\\\"好\\\"\"}\n",
        ),
        ("csv", "n,x,名\n1,,重生之我在九零\n22,\"[1,\"\"中\"\"]\",\"a,b\"\n-1,,\"说\"\"好\"\"\"\n"),
    ] {
        script(ROWS, &["--output", output]).prints(expected);
    }
}

#[test]
fn rows_are_json_lines_when_piped() {
    script(r#"[#{ a: 1 }, #{ a: "二" }]"#, &[]).prints("{\"a\":1}\n{\"a\":\"二\"}\n");
}

#[test]
fn what_is_not_rows_is_written_as_it_is() {
    script("#{ a: [1, 2] }", &[]).prints("{\"a\":[1,2]}\n");
    script("\"中文\"", &[]).prints("中文\n");
    script("[1, 2]", &[]).prints("[1,2]\n");
    script("[]", &[]).prints("");
    script("[]", &["--output", "json"]).prints("[]\n");
    script("()", &["--output", "json"]).prints("");
    script("#{ a: 1, b: \"x,y\" }", &["--output", "csv"]).prints("a,b\n1,\"x,y\"\n");
}

#[test]
fn the_operations_are_listed_with_their_number() {
    let ended = Juben::new(&["ops"]).run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let last = ended.stdout.lines().last().unwrap();
    assert_eq!(last, "116 operations; `juben doc NAME` tells all about one");
    let ended = Juben::new(&["ops", "授权", "novel", "--output", "jsonl"]).run();
    assert!(ended.stdout.lines().all(|line| line.contains("授权") && line.contains("\"operation\":\"novel.")));
    assert!(ended.stdout.lines().count() > 3);
}

#[test]
fn words_that_no_operation_has_are_wrong_use() {
    says(
        Juben::new(&["ops", "nonsense"]),
        2,
        "usage × no operation has the words nonsense help: `juben ops` lists all of them",
    );
}

#[test]
fn all_about_an_operation_is_a_page() {
    // After a change of the catalog: juben doc novel.list_books > tests/pages/novel.list_books.txt
    Juben::new(&["doc", "novel.list_books"]).prints(include_str!("pages/novel.list_books.txt"));
    Juben::new(&["doc", "novel::listbook"]).prints(include_str!("pages/novel.list_books.txt"));
}

#[test]
fn the_nearest_operation_is_offered() {
    for (subcommand, sought) in [("doc", "operation, module or function"), ("call", "operation")] {
        says(
            Juben::new(&[subcommand, "novel.list_boks"]),
            2,
            &format!("usage × there is no {sought} `novel.list_boks` help: did you mean `novel.list_books`?"),
        );
    }
    let ended = Juben::new(&["doc", "zzz"]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.contains("`zzz`") && ended.stderr.contains("help: "), "{}", ended.stderr);
}

/// One call to the sandbox.
fn call(arguments: &[&str]) -> Juben {
    Juben::new(&[&["call"], arguments, &["--sandbox"]].concat())
}

/// The titles in a reply.
#[track_caller]
fn titles(juben: Juben) -> usize {
    let ended = juben.run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    ended.stdout.matches("\"title\": ").count()
}

#[test]
fn a_call_takes_fields_a_file_or_standard_input() {
    assert_eq!(titles(call(&["novel.list_books", "limit=2"])), 2);
    assert_eq!(titles(call(&["novel.list_books", "@fields.json"]).file("fields.json", r#"{"limit": 3}"#)), 3);
    let later = call(&["novel.list_books", "@fields.json", "limit=1"]);
    assert_eq!(titles(later.file("fields.json", r#"{"limit": 3}"#)), 1);
    let mut piped = call(&["novel.list_books", "@-"]).file("fields.json", r#"{"limit": 4}"#);
    let input = File::open(piped.folder().join("fields.json")).unwrap();
    piped.command().stdin(input);
    assert_eq!(titles(piped), 4);
}

#[test]
fn a_field_that_is_a_map_is_given_as_json() {
    says(
        call(&["novel.set_preview", r#"setting={"book_id":"nope","default_words":200}"#]),
        1,
        "not_found × `novel.set_preview`: not found (code 10141001: not found) (account sandbox) help: check the id, \
         and need_edited_data: drafts are only in the edit version",
    );
    says(
        call(&["novel.set_preview", r#"setting={"book_id":"nope","default_words":"a"}"#]),
        2,
        "usage × `novel.set_preview`: `setting.default_words` is \"a\"; it must be an int",
    );
}

#[test]
fn digits_are_a_text_where_a_text_is_taken() {
    says(
        call(&["novel.get_book", "book_id=123"]),
        1,
        "not_found × `novel.get_book`: not found (code 10141001: not found) (account sandbox) help: check the id, and \
         need_edited_data: drafts are only in the edit version",
    );
}

#[test]
fn fields_that_cannot_be_read_are_wrong_use() {
    says(
        call(&["novel.get_book", "book_id"]),
        2,
        "usage × \"book_id\" is not a field help: write name=value, or @FILE",
    );
    says(
        call(&["novel.set_preview", "setting={\"book_id\":"]),
        2,
        "usage × `setting` is not JSON: EOF while parsing a value at line 1 column 11 help: put it between single \
         quotes, or the whole of the fields into a file: @FILE",
    );
    says(call(&["novel.get_book", "@list.json"]).file("list.json", "[1]"), 2, "usage × list.json is not a JSON object");
    says(
        call(&["novel.get_book", "@bad.json"]).file("bad.json", "{\"limit\": 1"),
        2,
        "usage × bad.json is not JSON: EOF while parsing an object at line 1 column 11",
    );
    says(
        call(&["novel.get_book", "@nope.json"]),
        1,
        "file × cannot read nope.json: No such file or directory (os error 2)",
    );
}

#[test]
fn a_field_that_is_not_there_is_refused_before_anything_is_sent() {
    says(
        call(&["novel.list_books", "limt=1"]),
        2,
        "usage × `novel.list_books`: there is no parameter `limt` help: did you mean `limit`?",
    );
}

#[test]
fn a_listing_is_written_in_rows_when_rows_are_wanted() {
    let ended = call(&["novel.list_books", "limit=3", "--output", "csv"]).run();
    assert_eq!((ended.code, ended.stdout.lines().count()), (0, 4));
    assert!(ended.stdout.starts_with("title,book_id,"), "{}", ended.stdout);
    let ended = call(&["polyv.list_video", "--output", "table"]).run();
    assert!(ended.stdout.starts_with('┌') && ended.stdout.contains("第1集 归来"), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn a_dry_run_lists_the_writes() {
    let ended = call(&["novel.audit_book", "book_id=Bk7aQ2x9", "--dry-run"]).run();
    let line = "would call novel.audit_book (write, account sandbox) {\"book_id\":\"Bk7aQ2x9\"}\n";
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "{}\n", line));
}

#[test]
fn what_decides_on_the_effect_is_not_sent_unchecked() {
    let script = "drama_player::process_promotion(#{ action_type: 2, list: [] }, #{ extra: #{ action_type: 3 } });";
    let ended = Juben::new(&["run", "a.rhai", "--sandbox", "--dry-run"]).file("a.rhai", script).run();
    assert!(ended.stderr.contains("`extra` has `action_type`, which decides what this call does"), "{}", ended.stderr);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
}

#[test]
fn a_configuration_is_written_once() {
    let mut juben = Juben::new(&["init"]);
    let path = juben.folder().join("juben.toml");
    assert!(juben.command().output().unwrap().status.success());
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(juben::config::Config::parse(&written).is_ok());
    let again = juben.command().output().unwrap();
    let told = words(&String::from_utf8_lossy(&again.stderr));
    assert_eq!(told, "usage × juben.toml is there already help: nothing was changed; name another file");
    assert_eq!((again.status.code(), std::fs::read_to_string(&path).unwrap()), (Some(2), written));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [&["ops"][..], &["run", "test.rhai"]] {
        let mut juben = Juben::new(arguments).file("test.rhai", "for i in 0..20000 { print(i); }");
        let mut child = juben.command().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let status = child.wait().unwrap();
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((status.code(), told.as_str()), (Some(0), ""));
    }
}

#[test]
fn a_script_that_is_done_in_part_prints_its_rows_and_ends_with_three() {
    let text = r#"throw #{ kind: "partial", message: "1 of 2 failed", result: [#{ id: 1, 结果: "好" }, #{ id: 2 }] };"#;
    let ended = script(text, &[]).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (3, "{\"id\":1,\"结果\":\"好\"}\n{\"id\":2}\n"));
    assert!(ended.stderr.starts_with("partial\n\n  × 1 of 2 failed\n"), "{}", ended.stderr);
}

#[test]
fn what_a_script_throws_is_its_exit_code() {
    for (thrown, code) in [("\"no\"", 1), ("#{ kind: \"denied\", message: \"no\" }", 4), ("#{ a: 1 }", 1)] {
        let ended = script(&format!("throw {thrown};"), &[]).run();
        assert_eq!((ended.code, ended.stdout.as_str()), (code, ""), "{thrown}");
    }
}

/// What a terminal would show of a script that fails.
fn on_terminal(variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("test.rhai"), "log::warn(\"seen\"); throw \"no\";").unwrap();
    let command = format!("{} run test.rhai", env!("CARGO_BIN_EXE_juben"));
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &command, "/dev/null"]).current_dir(folder.path()).stdin(Stdio::null());
    terminal.env_remove("NO_COLOR").env("TERM", "xterm").envs(variables.iter().copied());
    String::from_utf8(terminal.output().unwrap().stdout).unwrap()
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let escape = '\u{1b}';
    assert!(on_terminal(&[]).contains(escape));
    let plain = on_terminal(&[("NO_COLOR", "1")]);
    assert!(plain.contains("warning: seen") && !plain.contains(escape), "{plain:?}");
    let piped = script("log::warn(\"seen\"); throw \"no\";", &[]).run();
    assert!(piped.stderr.contains("warning: seen") && !piped.stderr.contains(escape));
}

#[test]
fn a_quiet_run_tells_errors_only_and_a_verbose_one_every_request() {
    let text = "log::info(\"seen\"); novel::list_books(#{ limit: 1 }); 1";
    script(text, &["--sandbox", "--quiet"]).prints("1\n");
    let ended = script(text, &["--sandbox", "--verbose"]).run();
    assert!(ended.stderr.contains("seen") && ended.stderr.contains("novel.list_books"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("sandbox-secret") && !ended.stderr.contains("access_token="), "{}", ended.stderr);
}

#[test]
fn the_configuration_and_its_secrets_come_from_the_environment() {
    let server = crate::script::Server::start();
    let toml = account("secret = \"env:JUBEN_MAIN_SECRET\"").replace("wx1", "wx1234567890abcdef");
    let toml = format!("{toml}base_url = \"{}\"\n", server.sandbox.url());
    let text = "novel::list_books(#{ limit: 1 }).book_list.len";
    let juben = script(text, &["--verbose"]).file("team/other.toml", &toml);
    let ended = juben.env("JUBEN_CONFIG", "team/other.toml").env("JUBEN_MAIN_SECRET", "sandbox-secret").run();
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "1\n"), "{}", ended.stderr);
    assert!(ended.stderr.contains("novel.list_books") && !ended.stderr.contains("sandbox-secret"), "{}", ended.stderr);
}

#[test]
fn the_first_example_of_the_help_works() {
    let ended = Juben::new(&["run", "scripts/renew_grants.rhai", "--sandbox"]).in_repository().run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.lines().count() >= 15 && ended.stdout.lines().all(|line| line.starts_with('{')));
}

#[test]
fn an_argument_that_the_script_does_not_ask_for_is_refused_before_anything_is_sent() {
    let asks = "print(args::get(\"days\", 30) + args::get(\"extend\", 1));";
    script(asks, &["--arg", "days=2"]).prints("3\n");
    says(
        script(asks, &["--arg", "dayz=2"]),
        2,
        "usage × the script does not ask for an argument `dayz` help: did you mean `days`?",
    );
    says(
        script(asks, &["--arg", "colour=2"]),
        2,
        "usage × the script does not ask for an argument `colour` help: it asks for: days, extend",
    );
    script("print(args::get(\"da\" + \"ys\", 30));", &["--arg", "days=2"]).prints("2\n");
}
