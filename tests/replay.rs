//! Runs that are recorded from the sandbox, and played again when there is none.

use crate::{
    command::{Ended, Juben},
    script::{RUNTIME, Server, call},
};
use juben::{
    client::Player,
    sandbox::{self, Fault, FaultKind},
};
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::PathBuf,
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;

/// A folder with a script, its recording, and a home of its own.
struct Desk(TempDir);

impl Desk {
    fn new(script: &str) -> Desk {
        Desk(tempfile::tempdir().unwrap()).file("run.rhai", script)
    }

    fn file(self, name: &str, content: &str) -> Desk {
        fs::write(self.path(name), content).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn juben(&self, arguments: &[&str]) -> Juben {
        let mut juben = Juben::new(arguments);
        juben.command().current_dir(self.0.path()).env("HOME", self.path("home"));
        juben
    }

    /// Run the script against this sandbox, and keep it.
    fn record(&self, server: &Server) -> Ended {
        self.record_with(&server.toml())
    }

    fn record_with(&self, toml: &str) -> Ended {
        fs::write(self.path("own.toml"), toml).unwrap();
        self.juben(&["run", "run.rhai", "--record", "run.json", "--config", "own.toml", "--state", "state"]).run()
    }

    /// Play it again: there is no sandbox in reach, no configuration, and no state.
    fn replay(&self) -> Ended {
        let ended = self.juben(&["run", "run.rhai", "--replay", "run.json"]).run();
        assert!(!self.path("home").exists(), "a replay leaves something behind");
        ended
    }

    /// The script ends as it did when it was recorded.
    #[track_caller]
    fn repeats(&self, recorded: &Ended) {
        let Ended { code, stdout, stderr } = self.replay();
        assert_eq!((code, stdout, report(&stderr)), (recorded.code, recorded.stdout.clone(), report(&recorded.stderr)));
    }

    /// The same with another script.
    fn replay_of(&self, script: &str) -> Ended {
        fs::write(self.path("run.rhai"), script).unwrap();
        self.replay()
    }

    /// The line of the recording that has this word.
    fn line(&self, word: &str) -> String {
        self.cassette().lines().find(|line| line.contains(word)).unwrap().to_owned()
    }

    fn cassette(&self) -> String {
        fs::read_to_string(self.path("run.json")).unwrap()
    }

    /// Change the recording by hand.
    fn mend(&self, from: &str, to: &str) {
        let text = self.cassette();
        assert!(text.contains(from), "{text}");
        fs::write(self.path("run.json"), text.replacen(from, to, 1)).unwrap();
    }
}

/// What is said of an error, without lines that tell how it goes meanwhile.
fn report(stderr: &str) -> String {
    let kinds = ["server\n", "network\n", "refused\n", "throttled\n", "unknown_outcome\n", "too_large\n", "replay\n"];
    kinds.iter().find_map(|kind| stderr.find(kind)).map_or_else(String::new, |start| stderr[start..].to_owned())
}

fn fault(operation: &str, kind: FaultKind, times: u32) -> Fault {
    Fault { operation: Some(operation.into()), times, ..Fault::next(kind) }
}

/// Record a script that works.
#[track_caller]
fn recorded(script: &str) -> Desk {
    let desk = Desk::new(script);
    let ended = desk.record(&Server::start());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    desk
}

/// It ends with exit code 1, prints nothing, and says this.
#[track_caller]
fn says(ended: Ended, expected: &str) {
    assert_eq!((ended.stderr.trim(), ended.stdout.as_str(), ended.code), (expected.trim(), "", 1));
}

const QUOTA: &str = r#"platform::get_api_quota("/wxa/book/listbook").quota.daily_limit"#;
const BOOK: &str = r#"novel::get_book(#{ book_id: "Bk7aQ2x9" }).book.title"#;

#[test]
fn every_script_says_the_same_when_it_is_played_again() {
    let scripts = fs::read_dir("scripts").unwrap().map(|entry| entry.unwrap().path());
    let scripts: Vec<_> = scripts.filter(|path| path.extension().is_some_and(|it| it == "rhai")).collect();
    assert!(scripts.len() >= 6);
    for script in scripts {
        let (desk, script) = (Desk::new(""), script.to_str().unwrap());
        let cassette = desk.path("run.json");
        let run = |how: &[&str]| {
            let ended =
                Juben::new(&[&["run", script], how, &[cassette.to_str().unwrap()]].concat()).in_repository().run();
            (ended.code, ended.stdout, ended.stderr)
        };
        let recorded = run(&["--sandbox", "--record"]);
        assert_eq!(run(&["--replay"]), recorded, "{script}");
        assert_eq!(recorded.0, 0, "{script}");
    }
}

#[test]
fn a_replay_needs_neither_sandbox_nor_account_nor_state() {
    let desk = Desk::new(r#"upload::file("clip.mp4", #{ media_name: "归来记 - 第70集" })"#).file("clip.mp4", "a film");
    let ended = desk.record(&Server::start());
    assert!(desk.path("state").exists());
    desk.repeats(&ended);
    assert!(ended.stdout.trim().parse::<u64>().is_ok(), "{}", ended.stdout);
}

#[test]
fn a_single_call_is_recorded_and_played_too() {
    let desk = Desk::new("");
    let call = |how: &[&str]| desk.juben(&[&["call", "novel.list_books", "limit=1"], how].concat()).run();
    let ended = call(&["--sandbox", "--record", "call.json"]);
    assert!(ended.stdout.contains("Bk7aQ2x9"), "{}", ended.stderr);
    assert_eq!(call(&["--replay", "call.json"]).stdout, ended.stdout);
}

#[test]
fn a_recording_is_read_by_people() {
    let desk = recorded(QUOTA);
    desk.mend(&desk.line("started"), "  \"started\": \"…\",");
    assert_eq!(desk.cassette(), include_str!("replay/quota.json"));
}

#[test]
fn another_value_is_shown_beside_the_recorded_one() {
    let desk = recorded("novel::list_books(#{ limit: 2 }); 1");
    says(
        desk.replay_of("novel::list_books(#{ limit: 3, offset: 1 }); 1"),
        "replay

  × `novel.list_books`: the recording has no such call (account sandbox)
   ╭─[run.rhai:1:8]
 1 │ novel::list_books(#{ limit: 3, offset: 1 }); 1
   ·        ┬
   ·        ╰── raised here
   ╰────
  help: the nearest is exchange 2, novel.list_books (run.json:36):
          limit: recorded 2, now 3
          offset: not given when recorded, now 1
        if the script is right, make the recording anew by --record",
    );
}

#[test]
fn a_call_that_was_never_made_is_told_with_what_comes_next() {
    let desk = recorded(&format!("{QUOTA}; {BOOK}"));
    says(
        desk.replay_of(&format!("{QUOTA};\ndrama::list_dramas()")),
        "replay

  × `drama.list_dramas`: the recording has no such call (account sandbox)
   ╭─[run.rhai:2:8]
 1 │ platform::get_api_quota(\"/wxa/book/listbook\").quota.daily_limit;
 2 │ drama::list_dramas()
   ·        ┬
   ·        ╰── raised here
   ╰────
  help: next comes exchange 3, novel.get_book (run.json:57)
        if the script is right, make the recording anew by --record",
    );
    let again = desk.replay_of(&format!("{QUOTA}; {BOOK}; {BOOK}"));
    let used_up = "help: all 3 exchanges of run.json are used up";
    assert!(again.code == 1 && again.stderr.contains(used_up), "{}", again.stderr);
}

#[test]
fn calls_in_another_order_are_told() {
    let desk = recorded(&format!("{QUOTA}; {BOOK}"));
    says(
        desk.replay_of(&format!("{BOOK}; {QUOTA}")),
        "replay

  × `novel.get_book`: the recording has another call before this one (account sandbox)
   ╭─[run.rhai:1:8]
 1 │ novel::get_book(#{ book_id: \"Bk7aQ2x9\" }).book.title; platform::get_api_quota(\"/wxa/book/listbook\").quota.daily_limit
   ·        ┬
   ·        ╰── raised here
   ╰────
  help: first comes exchange 2, platform.get_api_quota (run.json:36)
        this is exchange 3, novel.get_book (run.json:57)
        if the script is right, make the recording anew by --record",
    );
}

#[test]
fn what_is_left_over_is_told_at_the_end() {
    let desk = recorded(&format!("{QUOTA}; {}; {BOOK}", QUOTA.replace("listbook", "getbook")));
    says(
        desk.replay_of(QUOTA),
        "replay

  × 2 of 4 recorded exchanges were not asked for
  help: left over:
          exchange 3, platform.get_api_quota (run.json:57)
          exchange 4, novel.get_book (run.json:78)
        if the script is right, make the recording anew by --record",
    );
}

#[test]
fn a_script_cannot_catch_a_difference_nor_a_helper_hide_it() {
    let desk = recorded(QUOTA);
    let caught = desk.replay_of(&format!("try {{ novel::list_books(); }} catch {{}} {QUOTA}"));
    assert!(caught.code == 1 && caught.stderr.contains("the recording has no such call"), "{}", caught.stderr);
    let many = r#"calls::many("drama.get_drama", [#{ drama_id: 1 }, #{ drama_id: 2 }]); 1"#;
    let hidden = desk.replay_of(many);
    assert!(hidden.code == 1 && hidden.stderr.contains("the recording has no such call"), "{}", hidden.stderr);
}

/// An account for which a third-party platform acts.
const AGENCY: &str = r#"
    [account.shop]
    platform = "wechat"
    appid = "wx00000000000000c1"
    component = "agency"
    refresh_token = "cmd:echo refreshtoken@@@sandbox"
    base_url = "URL"
    [component.agency]
    appid = "wxc000000000000001"
    secret = "cmd:echo sandbox-secret"
    ticket = "cmd:echo ticket@@@sandbox"
"#;

#[test]
fn no_secret_and_no_token_is_in_a_recording() {
    const CANARIES: [&str; 4] = ["canary/appsecret+1", "canary-v3-secret", "canary-v2-key", "canary-writetoken"];
    let mut options = sandbox::Options::default();
    for account in &mut options.accounts {
        match account {
            sandbox::Account::Wechat { secret, .. } => *secret = CANARIES[0].into(),
            sandbox::Account::Polyv { secret, secretkey, writetoken, .. } => {
                *secret = CANARIES[1].into();
                *secretkey = CANARIES[2].into();
                *writetoken = CANARIES[3].into();
            }
            sandbox::Account::Component { .. } => {}
        }
    }
    let server = Server::with(options);
    let known = ["sandbox-secret", "9f8e7d6c5b4a39281706f5e4d3c2b1a0", "JbSecret01", "sandbox-writetoken"];
    let agency = AGENCY.replace("URL", &server.sandbox.url());
    let replaced = |toml: String, (from, to): (&&str, &str)| toml.replace(*from, to);
    let toml = known.iter().zip(CANARIES).fold(server.toml(), replaced) + agency.as_str();
    // Where a secret has come into another field, it is taken out as well.
    let script = format!(
        r#"
        platform::get_stable_access_token();
        drama::list_media(#{{ media_name: "{0}" }});
        novel::list_books(#{{ limit: 1 }}, #{{ account: "shop" }});
        platform::list_authorizers(#{{ offset: 0, count: 10 }}, #{{ account: "shop" }});
        polyv::list_video(); polyv::v2_list_new();
        polyv::legacy_upload_file(`{{"title":"a {1} b","tag":"","desc":""}}`, "clip.mp4");
        platform::upload_temp_media(#{{ type: "image", media: "{2}.png" }});
        {3}
        "#,
        CANARIES[0], CANARIES[1], CANARIES[2], BOOK
    );
    let desk = Desk::new(&script).file("clip.mp4", "a film").file(&format!("{}.png", CANARIES[2]), "a picture");
    let ended = desk.record_with(&toml);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let cassette = desk.cassette();
    let config = juben::config::Config::parse(&toml).unwrap();
    let client = juben::client::Client::new(juben::catalog::Catalog::builtin(), &config).direct();
    let reply = RUNTIME.block_on(call(&client, "platform.get_stable_access_token", "{}")).unwrap();
    let token = reply["access_token"].read_lock::<juben::secret::Secret>().unwrap().reveal().to_owned();
    for secret in
        CANARIES.iter().copied().chain([token.as_str(), "canary%2Fappsecret%2B1", "@@@sandbox", "sandbox-secret"])
    {
        assert!(!cassette.contains(secret), "{secret} is in {cassette}");
    }
    assert!(cassette.contains("a •••• b") && cassette.contains("\"authorizer_access_token\": \"••••"), "{cassette}");
}

/// Answers every request with this body; back comes its address.
fn always(body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    url
}

#[test]
fn a_token_in_a_reply_that_cannot_be_read_is_not_in_a_recording() {
    for body in [
        r#"{"access_token":"live-token","expires_in":7200"#,
        r#"{"access_token":"live-token","expires_in":7200}}"#,
        r#"<a href="?access_token=live-token">"#,
    ] {
        let account = "[account.main]\nplatform = \"wechat\"\nappid = \"wx01\"\nsecret = \"cmd:echo app-secret\"";
        let script =
            r#"try { platform::get_stable_access_token(); } catch (error) { print(error.message.split(": ")[0]); }"#;
        let desk = Desk::new(script);
        let ended = desk.record_with(&format!("{account}\nbase_url = \"{}\"\n[http]\nretries = 0", always(body)));
        assert!(desk.line("\"text\"").contains(&"*".repeat(body.len() - 1)), "{}", desk.cassette());
        assert!(!desk.cassette().contains("live-token"), "{}", desk.cassette());
        assert!(ended.stdout.contains("answer"), "{} {}", ended.stdout, ended.stderr);
        desk.repeats(&ended);
    }
}

#[test]
fn a_replay_of_an_own_api_needs_no_secret() {
    let desk = Desk::new(r#"tickets::tickets_get("T-0001").number"#);
    let document = fs::canonicalize("tests/apis/tickets.json").unwrap();
    let api = format!("[[api]]\nname = \"tickets\"\ndocument = {document:?}\nuser = \"robot\"\n");
    let url = always(r#"{"number":"T-0001"}"#);
    let ended = desk.record_with(&format!("{api}base_url = \"{url}\"\npassword = \"cmd:echo pass-word\""));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    fs::write(desk.path("juben.toml"), format!("{api}base_url = \"{url}\"\npassword = \"env:NOT_SET_HERE\"")).unwrap();
    desk.repeats(&ended);
}

#[test]
fn a_new_token_is_another_than_the_old_one() {
    let server = Server::start();
    let desk = Desk::new(&format!("{QUOTA}; {QUOTA}"));
    let expired = Fault { code: 42001, ..fault("platform.get_api_quota", FaultKind::Errcode, 1) };
    server.sandbox.fail([expired]);
    let ended = desk.record(&server);
    let tokens = desk.cassette().matches("\"access_token\": \"••••").count();
    assert_eq!((ended.code, tokens), (0, 3), "{}", ended.stderr);
    desk.repeats(&ended);
}

#[test]
fn what_went_wrong_goes_wrong_again() {
    use FaultKind::{Errcode, Html, Http, Huge, ResetAfter, ResetBefore, Truncate};
    for kind in [Errcode, Html, Http, Huge, ResetAfter, ResetBefore, Truncate] {
        // A read that works in the end, and one that never does.
        for times in [2, 99] {
            let server = Server::start();
            server.sandbox.fail([fault("platform.get_api_quota", kind, times)]);
            let desk = Desk::new(QUOTA);
            let ended = desk.record(&server);
            drop(server);
            desk.repeats(&ended);
        }
        // A write whose outcome nobody knows.
        let server = Server::start();
        server.sandbox.fail([fault("novel.audit_book", kind, 99)]);
        let desk = Desk::new("novel::audit_book(\"Bk7aQ2x9\"); 1");
        let ended = desk.record(&server);
        assert_eq!(ended.code, 1);
        desk.repeats(&ended);
    }
}

#[test]
fn a_call_has_no_more_time_than_it_had() {
    let server = Server::start();
    server.sandbox.fail([fault("platform.get_api_quota", FaultKind::Hang, 99)]);
    let desk = Desk::new(r#"platform::get_api_quota("/wxa/book/listbook", #{ timeout: 1 })"#);
    let ended = desk.record(&server);
    assert!(ended.code == 1 && ended.stderr.contains("no answer in time"), "{}", ended.stderr);
    desk.repeats(&ended);
}

#[test]
fn a_call_that_was_given_up_has_no_answer() {
    let server = Server::start();
    server.sandbox.fail([fault("platform.get_api_quota", FaultKind::Hang, 99)]);
    let desk = Desk::new(QUOTA).file("own.toml", &server.toml());
    let cut = desk
        .juben(&[
            "run",
            "run.rhai",
            "--record",
            "run.json",
            "--config",
            "own.toml",
            "--state",
            "state",
            "--timeout",
            "0.5",
        ])
        .run();
    assert!(cut.code == 1 && desk.cassette().contains("\"given_up\": true"), "{}", cut.stderr);
    let again = desk.replay();
    assert!(again.code == 1 && again.stderr.contains("the recording has no answer to this call"), "{}", again.stderr);
}

#[test]
fn parts_that_were_given_up_are_given_up_again() {
    let server = Server::start();
    let slow = Fault { seconds: 0.5, ..fault("drama.upload_part", FaultKind::Slow, 2) };
    let refused = Fault { code: 40066, ..fault("drama.upload_part", FaultKind::Errcode, 1) };
    server.sandbox.fail([slow, refused]);
    let desk = Desk::new(r#"upload::file("clip.mp4", #{ media_name: "夜行船 - 第2集" })"#)
        .file("clip.mp4", &"the film of the second night".repeat(750_000));
    let ended = desk.record(&server);
    assert!(ended.code == 1 && desk.cassette().contains("given_up"), "{}", ended.stderr);
    desk.repeats(&ended);
}

#[test]
fn a_replay_does_not_wait() {
    let desk = recorded(&format!("time::sleep(0.01); {QUOTA}"));
    let cassette = desk.cassette();
    let exchange = &cassette[cassette.rfind("\n{\n").unwrap() + 1..];
    let throttled = exchange.replace("\"errcode\": 0", "\"errcode\": 45011");
    assert_ne!(throttled, exchange);
    // The call that is made too often is made again a minute later.
    desk.mend(exchange, &format!("{throttled}{exchange}"));
    let begin = std::time::Instant::now();
    let ended = desk.replay_of(&format!("time::sleep(3600); {QUOTA}"));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[test]
fn time_is_what_it_was() {
    let script = format!(
        r#"print(time::now()); time::sleep(0.4); time::sleep(0.8); print(time::now()); {QUOTA};
        print(grants::expiring(30).len); time::now()"#
    );
    let desk = Desk::new(&script);
    let ended = desk.record(&Server::start());
    desk.repeats(&ended);
    let times: Vec<i64> = ended.stdout.lines().map(|line| line.parse().unwrap()).collect();
    assert!(times[1] == times[0] + 1 && times[3] >= times[1], "{times:?}");
    desk.mend(&desk.line("started"), "  \"started\": \"2001-09-09T01:46:40Z\",");
    assert!(desk.replay().stdout.starts_with("1000000000\n1000000001\n"));
}

/// Forty reads, so many at once, some of them slow.
fn many(at_once: usize) -> String {
    format!(
        r#"
        let rows = [];
        for id in 0..40 {{ rows.push(#{{ media_id: 910000 + id }}); }}
        calls::many("drama.get_media", rows, #{{ at_once: {at_once} }}).map(|row| row.get("error") ?? row)
        "#
    )
}

fn slow_server() -> Server {
    let server = Server::start();
    let slow = Fault { seconds: 0.01, ..Fault::often(FaultKind::Slow, 0.3) };
    server.sandbox.fail([Fault { operation: Some("drama.get_media".into()), ..slow }]);
    server
}

#[test]
fn calls_at_once_go_as_they_went() {
    let server = slow_server();
    // Several calls find the token expired, and one replaces it for all; of others the answers are lost.
    let expired = Fault { code: 42001, ..fault("drama.get_media", FaultKind::Errcode, 3) };
    server.sandbox.fail([expired, fault("drama.get_media", FaultKind::ResetAfter, 5)]);
    let desk = Desk::new(&many(8));
    let ended = desk.record(&server);
    assert!(desk.cassette().contains("\"overlaps\""), "{}", desk.cassette());
    for _ in 0..5 {
        desk.repeats(&ended);
    }
}

#[test]
fn other_numbers_of_calls_at_once_are_no_other_calls() {
    let desk = Desk::new(&many(8));
    let ended = desk.record(&slow_server());
    for at_once in [1, 3, 16] {
        let other = desk.replay_of(&many(at_once));
        assert_eq!((other.code, &other.stdout), (0, &ended.stdout), "{}", other.stderr);
    }
}

#[test]
fn a_listing_that_is_left_early_asks_for_no_more_pages() {
    let script = r#"
        let take = |ahead| pages::of("drama.list_media", #{ limit: 2 }, #{ ahead: ahead }).map(|it| it.name).take(3).collect();
        [take.call(1), take.call(4)]
    "#;
    let desk = Desk::new(script);
    let ended = desk.record(&Server::start());
    assert_eq!((ended.code, desk.cassette().matches("drama.list_media").count()), (0, 4), "{}", ended.stderr);
    for _ in 0..5 {
        desk.repeats(&ended);
    }
}

#[test]
fn an_upload_in_parts_is_played_from_the_file_and_its_hashes() {
    let film = |mark: &str| format!("{mark}{}", "the film of the second night".repeat(750_000));
    let script = r#"upload::file("clip.mp4", #{ media_name: "夜行船 - 第2集" })"#;
    let desk = Desk::new(script).file("clip.mp4", &film("a"));
    let ended = desk.record(&Server::start());
    assert_eq!((ended.code, desk.cassette().matches("drama.upload_part").count()), (0, 5), "{}", ended.stderr);
    assert!(desk.cassette().len() < 20_000);
    desk.repeats(&ended);
    fs::write(desk.path("clip.mp4"), film("b")).unwrap();
    let other = desk.replay();
    assert!(other.code == 1 && other.stderr.contains("data.sha256: recorded \""), "{}", other.stderr);
}

#[test]
fn a_reply_that_is_large_or_no_text_lies_beside_the_recording() {
    // Four bytes a character.
    let large = "🎬".repeat(20_000);
    let script = format!(
        r#"
        let id = novel::create_chapter(#{{ book_id: "Bk7aQ2x9", chapter: #{{ chapter_title: "终", content: "{large}" }} }}).chapter_id;
        print(novel::get_chapter(#{{ book_id: "Bk7aQ2x9", chapter_id: id, need_edited_data: true }}).to_string().len);
        let media = platform::upload_temp_media(#{{ type: "image", media: "cover.png" }}).media_id;
        platform::get_temp_media(media).body.len
        "#
    );
    let desk = Desk::new(&script).file("cover.png", "\u{0}\u{1}binary");
    let ended = desk.record(&Server::start());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(desk.cassette().len() < 10_000 && desk.cassette().contains("\"bytes\": 80"), "{}", desk.cassette());
    desk.repeats(&ended);
    let mut beside: Vec<_> = fs::read_dir(desk.path("run.json.d")).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(beside.len(), 2);
    fs::write(&beside[0], "other").unwrap();
    let changed = desk.replay();
    assert!(changed.code == 1 && changed.stderr.contains("has been changed"), "{}", changed.stderr);
    fs::remove_file(beside.remove(0)).unwrap();
    let gone = desk.replay();
    assert!(gone.code == 1 && gone.stderr.contains("cannot be read"), "{}", gone.stderr);
    // A recording that replaces it brings its own.
    desk.record(&Server::start());
    assert_eq!(fs::read_dir(desk.path("run.json.d")).unwrap().count(), 2);
}

#[test]
fn a_recording_that_was_killed_is_good_up_to_there() {
    let server = Server::start();
    server.sandbox.fail([Fault { seconds: 0.002, ..Fault::often(FaultKind::Slow, 1.0) }]);
    let desk = Desk::new("for n in 0..100000 { novel::list_books(#{ limit: 1 + n % 20 }); print(n); }")
        .file("own.toml", &server.toml());
    let mut juben = desk.juben(&["run", "run.rhai", "--record", "run.json", "--config", "own.toml"]);
    for calls in [2, 5, 20] {
        server.sandbox.forget_requests();
        let mut child = juben.command().stdout(Stdio::null()).spawn().unwrap();
        while server.operations().len() < calls {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        Player::open(&desk.path("run.json")).unwrap();
        let ended = desk.juben(&["run", "run.rhai", "--replay", "run.json"]).run();
        let printed = ended.stdout.lines().count();
        assert!(printed >= calls - 1 && ended.stderr.contains("are used up"), "{printed} {}", ended.stderr);
    }
    // A text that was cut off is left out.
    let cassette = desk.cassette();
    fs::write(desk.path("run.json"), &cassette[..cassette.len() - 20]).unwrap();
    let ended = desk.juben(&["run", "run.rhai", "--replay", "run.json"]).run();
    assert!(ended.stderr.contains("the recording was cut off here"), "{}", ended.stderr);
}

#[test]
fn a_recording_replaces_a_recording_and_nothing_else() {
    let desk = Desk::new("1").file("precious.json", "{}").file("empty.json", "");
    let record = |name: &str| desk.juben(&["run", "run.rhai", "--sandbox", "--record", name]).run();
    for name in ["new.json", "new.json", "empty.json"] {
        assert_eq!(record(name).code, 0);
    }
    let ended = record("precious.json");
    let expected = "usage

  × precious.json is there already, and is not a recording
  help: give another name to --record";
    assert_eq!((ended.code, ended.stderr.trim()), (2, expected));
    assert_eq!(fs::read_to_string(desk.path("precious.json")).unwrap(), "{}");
}

#[test]
fn what_is_no_recording_is_wrong_use() {
    let desk = recorded(QUOTA);
    let cassette = desk.cassette();
    let replaced = |from: &str, to: &str| {
        assert!(cassette.contains(from));
        cassette.replace(from, to)
    };
    for (text, expected) in [
        ("".to_owned(), "× run.json is not a recording"),
        ("{}".to_owned(), "× run.json is not a recording"),
        (replaced("cassette\": 1", "cassette\": 2"), "× run.json is a recording of format 2, not 1"),
        (replaced("\"started\": \"2", "\"started\": \"x"), "as `started`, which is not a time"),
        (replaced("\"status\": 200", "\"status\": \"x\""), "× run.json:"),
        (replaced("\"reply\"", "\"answer\""), "this is not an exchange: "),
    ] {
        fs::write(desk.path("run.json"), text).unwrap();
        let ended = desk.replay();
        assert!(ended.code == 2 && ended.stderr.contains(expected), "{expected}: {}", ended.stderr);
    }
    fs::remove_file(desk.path("run.json")).unwrap();
    let ended = desk.replay();
    assert!(
        ended.code == 2 && ended.stderr.contains("cannot read the recording run.json: No such file"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_recording_that_cannot_be_written_is_told() {
    let desk = Desk::new(QUOTA);
    let ended = desk.juben(&["run", "run.rhai", "--sandbox", "--record", "/dev/full"]).run();
    assert!(ended.code == 1 && ended.stderr.contains("cannot write the recording /dev/full"), "{}", ended.stderr);
}
