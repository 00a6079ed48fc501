//! Where secrets hide, and how differences are told.

use super::difference;
use crate::{
    client::{account::Account, secrets::Secrets},
    config::{self, SecretSource, Vendor},
    secret::Secret,
};
use serde_json::{Value, json};

fn secrets(of: &[&str]) -> Secrets {
    let mut secrets = Secrets::default();
    for secret in of {
        secrets.learn(secret);
    }
    secrets
}

fn lines(recorded: Value, now: Value) -> Vec<String> {
    difference::lines(recorded.as_object().unwrap(), now.as_object().unwrap())
}

#[test]
fn a_secret_is_found_wherever_it_stands() {
    let mut reply = json!({
        "token": "first-token", "again": ["x first-token y", { "first-token": 1 }], "url": "?t=a%2Fsecret%2B&u=1",
        "inner": [{ "code": 123456789 }, { "code": null }, {}]
    });
    let paths = [vec!["token".to_owned()], ["inner", "[]", "code"].map(str::to_owned).to_vec()];
    secrets(&["a/secret+"]).hide_reply(&mut reply, &paths);
    let hidden = json!({
        "token": "••••1", "again": ["x ••••1 y", { "••••1": 1 }], "url": "?t=••••&u=1",
        "inner": [{ "code": "••••2" }, { "code": null }, {}]
    });
    assert_eq!(reply, hidden);
}

#[test]
fn a_secret_is_found_in_every_spelling() {
    let secrets = secrets(&["a /b+\"~*é"]);
    let text =
        r#"a /b+"~*é a%20%2Fb%2B%22~%2A%C3%A9 a+%2Fb%2B%22%7E*%C3%A9 a+%2fb%2b%22%7e*%c3%a9 a /b+\"~*é a \/b+\"~*é"#;
    let hidden = "•••• •••• •••• •••• •••• ••••";
    assert_eq!(secrets.hide_text(text), hidden);
    assert_eq!(secrets.hide_bytes(text.as_bytes()), hidden.as_bytes());
}

#[test]
fn user_and_password_are_a_secret_as_they_are_sent() {
    let secret = |text: &str| Some(SecretSource::Known(Secret::new(text)));
    let settings = config::Account {
        userid: Some("robot".into()),
        secretkey: secret("pass-word"),
        ..config::Account::new(Vendor::Api)
    };
    let mut secrets = Secrets::default();
    secrets.learn_account(&Account { name: "tickets".into(), settings, component: None });
    assert_eq!(secrets.hide_text("Basic cm9ib3Q6cGFzcy13b3Jk, pass-word"), "Basic ••••, ••••");
}

#[test]
fn of_two_secrets_the_longer_one_goes_first_and_a_word_is_no_secret() {
    let secrets = secrets(&["abcdef", "abcdefgh", "list"]);
    assert_eq!(secrets.hide_text("abcdefgh abcdef list"), "•••• •••• list");
    assert_eq!(secrets.hide_bytes(b"\xffabcdefabcdefgh\xff"), [b"\xff", "••••••••".as_bytes(), b"\xff"].concat());
}

#[test]
fn a_difference_names_the_way_to_each_field() {
    let recorded = json!({ "limit": 20, "books": [{ "id": "a", "end": 1 }, { "id": "b", "end": 1 }], "old": true });
    let now = json!({ "limit": "20", "books": [{ "id": "a", "end": 2 }], "new": [] });
    let expected = [
        r#"limit: recorded 20, now "20""#,
        "books[0].end: recorded 1, now 2",
        r#"books[1]: recorded {"id":"b","end":1}, now not given"#,
        "old: recorded true, now not given",
        "new: not given when recorded, now []",
    ];
    assert_eq!(lines(recorded.clone(), now), expected);
    assert_eq!(lines(recorded.clone(), recorded), [""; 0]);
}

#[test]
fn of_long_texts_the_part_that_differs_is_shown() {
    let text = |end: &str| json!({ "content": format!("{}{end}", "夜色正浓。".repeat(100)) });
    let [line] = &lines(text("一"), text("二"))[..] else { panic!() };
    assert!(line.contains("夜色正浓。一\", now …") && line.ends_with("夜色正浓。二\""), "{line}");
    assert!(line.chars().count() < 160, "{line}");
}

#[test]
fn dots_are_whatever_is_there_now_and_it_is_not_told() {
    let recorded = json!({ "name": "a •••• b", "list": ["••••", "c"] });
    let same = json!({ "name": "a secret b", "list": ["secret", "c"] });
    assert_eq!(lines(recorded.clone(), same.clone()), [""; 0]);
    assert!(difference::same_fields(recorded.as_object().unwrap(), same.as_object().unwrap()));
    let other = json!({ "name": "b secret", "list": ["c", "secret"] });
    assert!(!difference::same_fields(recorded.as_object().unwrap(), other.as_object().unwrap()));
    let told = lines(recorded, other);
    assert!(told.len() == 2 && !told.concat().contains("secret"), "{told:?}");
}
