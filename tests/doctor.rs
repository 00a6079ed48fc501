//! `juben doctor`: what it says of this machine, of broken configurations and of platforms that do not answer.

use crate::{command::Juben, script::Server};
use juben::sandbox::{Fault, FaultKind};
use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

/// Its exit code, and what it says of the accounts and the configuration, without times.
fn of_accounts(juben: Juben) -> (i32, Vec<String>) {
    let ended = juben.run();
    let unfolded = regex::Regex::new(r"\n {25}([^→ ])").unwrap().replace_all(&ended.stdout, " $1").into_owned();
    let shown = unfolded.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let is_meant = |line: &String| ["account", "configuration", "→"].iter().any(|word| line.contains(word));
    (ended.code, shown.filter(is_meant).map(|line| without_time(&line)).collect())
}

/// `… answers in 3 ms` without the number, and without the port.
fn without_time(line: &str) -> String {
    let port = regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap();
    let time = regex::Regex::new(r"in \d+ ms|\d{6,} s").unwrap();
    time.replace_all(&port.replace_all(line, "HERE"), "TIME").into_owned()
}

fn doctor(toml: &str) -> Juben {
    Juben::new(&["doctor", "--secrets"]).file("juben.toml", toml)
}

#[test]
fn commands_of_a_configuration_are_run_only_if_somebody_says_so() {
    let server = Server::start();
    let toml = server.toml().replace("cmd:echo sandbox-secret", "cmd:touch ran; echo sandbox-secret");
    let mut juben = Juben::new(&["doctor"]).file("juben.toml", &toml);
    let output = juben.command().output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(output.status.success(), "{said}");
    assert!(said.contains("`secret` is what a command prints; `juben doctor --secrets` runs it"), "{said}");
    assert!(said.contains("the credential was not tried: a command prints it"), "{said}");
    assert!(!juben.folder().join("ran").exists());
    let mut called = server.sandbox.requests().into_iter().filter_map(|request| request.operation);
    assert!(called.all(|name| !name.contains("token")));
    let mut asked = doctor(&toml);
    assert!(asked.command().output().unwrap().status.success());
    assert!(asked.folder().join("ran").exists());
}

#[test]
fn without_a_configuration_nothing_fails() {
    let juben = Juben::new(&["doctor", "--offline"]);
    let home = juben.folder().display().to_string();
    let ended = juben.run();
    assert_eq!(
        ended.stdout,
        format!(
            "ok       juben           version {}\n\
             warning  configuration   there is no juben.toml; --sandbox works without one\n{:25}→ write one by `juben \
             init` to use accounts\n\
             ok       state           {home}/.local/share/juben is made when it is needed\n\
             ok       terminal        none: results are written for programs\n\
             ok       proxy           none\n",
            env!("CARGO_PKG_VERSION"),
            ""
        )
    );
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}

#[test]
fn every_account_that_works_is_said_to_work() {
    let server = Server::start();
    let (code, said) = of_accounts(doctor(&server.toml()));
    assert_eq!(
        said[1..],
        [
            "ok account sandbox `secret` can be read",
            "ok account sandbox-polyv `secret` can be read",
            "ok account sandbox-polyv `secretkey` can be read",
            "ok account sandbox-polyv `writetoken` can be read",
            "ok account sandbox http://HERE answers TIME",
            "ok account sandbox the platform takes the credential: it gave a token",
            "ok account sandbox-polyv http://HERE answers TIME",
            "ok account sandbox-polyv the platform takes the credential: it gave polyv.list_video and polyv.v2_search_videos",
        ]
    );
    assert!(said[0].ends_with("juben.toml: 2 accounts, 0 APIs"), "{}", said[0]);
    assert_eq!(code, 0);
}

#[test]
fn a_secret_that_is_wrong_missing_or_open_is_told_and_never_shown() {
    let server = Server::start();
    let toml = server.toml().replace("cmd:echo sandbox-secret", "env:JUBEN_WRONG");
    let toml = toml.replace("cmd:echo JbSecret01", "file:key").replace("cmd:echo sandbox-writetoken", "cmd:exit 3");
    let juben = doctor(&toml).file("key", "JbSecret01").env("JUBEN_WRONG", "not-the-secret");
    let ended = juben.run();
    assert!(!ended.stdout.contains("not-the-secret") && !ended.stdout.contains("JbSecret01"), "{}", ended.stdout);
    let words = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        "warning account sandbox-polyv others can read the file of `secretkey` → chmod 600",
        "failed account sandbox-polyv `writetoken` cannot be read: `exit 3` ended with exit status: 3 → run the command",
        "failed account sandbox `platform.get_stable_access_token`: the secret is wrong",
    ] {
        assert!(words.contains(expected), "{expected}\n{}", ended.stdout);
    }
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("checks failed"), "{}", ended.stderr);
    let unset = doctor(&toml).run();
    assert!(unset.stdout.contains("the environment variable JUBEN_WRONG is not set"), "{}", unset.stdout);
}

#[test]
fn an_address_that_is_not_allowed_is_told_with_the_cure() {
    let server = Server::start();
    let operation = Some("platform.get_stable_access_token".into());
    server.sandbox.fail([Fault { operation, code: 40164, times: 9, ..Fault::next(FaultKind::Errcode) }]);
    let (code, said) = of_accounts(doctor(&server.toml()));
    let said = said.join("\n");
    assert!(said.contains("(code 40164: ") && said.contains("→ add the address that errmsg names"), "{said}");
    assert_eq!(code, 1);
}

#[test]
fn a_platform_that_does_not_answer_fails() {
    let server = Server::start();
    let toml = server.toml();
    // Nobody listens at a port that was just given back.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let toml = toml.replace(&server.sandbox.address().to_string(), &free.to_string());
    let (code, said) = of_accounts(doctor(&toml));
    let said = said.join("\n");
    assert!(said.contains("failed account sandbox http://HERE: no connection: "), "{said}");
    assert!(said.contains("→ check the network, the proxy (http.proxy) and base_url"), "{said}");
    assert_eq!(code, 1);
}

#[test]
fn a_clock_that_is_wrong_is_warned_of() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            assert!(stream.read(&mut [0; 4096]).is_ok_and(|length| length > 0));
            let head =
                "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 08:00:00 GMT\r\nContent-Length: 2\r\nConnection: close";
            stream.write_all(format!("{head}\r\n\r\n{{}}").as_bytes()).ok();
        }
    });
    let toml = format!(
        "[account.main]\nplatform = \"wechat\"\nappid = \"wx1\"\ntoken = \"plain\"\nsecret = \"cmd:echo 1\"\nbase_url = \"{url}\""
    );
    let (code, said) = of_accounts(doctor(&toml));
    assert_eq!(
        said[2..],
        [
            "warning account main http://HERE answers TIME; this clock is TIME ahead of its clock",
            "→ set the clock of this machine: signatures carry the time and would be refused",
            "ok account main the credential was not tried: a plain token would end the one in use",
        ]
    );
    assert_eq!(code, 0);
}

#[test]
fn a_configuration_that_cannot_be_read_does_not_end_the_visit() {
    let toml = "[http]\ntimout = 3";
    let ended = Juben::new(&["doctor", "--offline", "--json"]).file("juben.toml", toml).run();
    let found: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((found[1]["check"].as_str(), found[1]["state"].as_str()), (Some("configuration"), Some("failed")));
    assert!(found[1]["found"].as_str().unwrap().contains("line 2: unknown field `timout`"), "{}", ended.stdout);
    assert_eq!(found[2]["check"], "state");
    assert_eq!(ended.code, 1);
}

#[test]
fn certificates_and_proxies_are_told_without_passwords() {
    let toml = "[http]\nca_file = \"nope.pem\"\nproxy = \"http://me:pass-word@127.0.0.1:9\"";
    let ended = Juben::new(&["doctor", "--offline"]).file("juben.toml", toml).env("JUBEN_STDLIB", "nowhere").run();
    let words = ended.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("/nope.pem: No such file"), "{words}");
    assert!(words.contains("ok proxy http://127.0.0.1:9 with a password, by http.proxy"), "{words}");
    assert!(words.contains("warning JUBEN_STDLIB nowhere is no folder"), "{words}");
    assert!(!ended.stdout.contains("pass-word") && ended.code == 1, "{}", ended.stdout);
}
