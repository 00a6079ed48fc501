//! Plain and stable tokens, and what a call says to a token that is not good.

use super::*;

#[test]
fn a_plain_token_lives_five_minutes_beside_its_successor() {
    let mut desk = Desk::new();
    let plain = |desk: &mut Desk| {
        let fields = but(credentials(false), "force_refresh", Value::Null);
        text(&desk.ok("get_access_token", "", fields)["access_token"])
    };
    let (first, second) = (plain(&mut desk), plain(&mut desk));
    assert_ne!(first, second);
    desk.now += 299;
    assert_eq!((desk.code(&first), desk.code(&second)), (0, 0));
    desk.now += 1;
    assert_eq!((desk.code(&first), desk.code(&second)), (40001, 0));
    desk.now = NOW + 7199;
    assert_eq!(desk.code(&second), 0);
    desk.now += 1;
    assert_eq!(desk.code(&second), 42001);
}

#[test]
fn a_stable_token_stays_until_its_last_five_minutes() {
    let mut desk = Desk::new();
    let first = desk.stable(false);
    desk.now += 6899;
    let reply = desk.ok("get_stable_access_token", "", credentials(false));
    assert_eq!((&reply["access_token"], &reply["expires_in"]), (&json!(first), &json!(301)));
    desk.now += 1;
    let second = desk.stable(false);
    assert_ne!(second, first);
    assert_eq!((desk.code(&first), desk.code(&second)), (0, 0));
    assert_eq!(desk.stable(false), second);
    desk.now += 300;
    assert_eq!((desk.code(&first), desk.code(&second)), (42001, 0));
}

#[test]
fn force_kills_the_token_before_but_not_more_often_than_every_thirty_seconds() {
    let mut desk = Desk::new();
    let first = desk.stable(false);
    let second = desk.stable(true);
    assert_ne!(second, first);
    assert_eq!((desk.code(&first), desk.code(&second)), (40001, 0));
    desk.now += 29;
    assert_eq!(desk.stable(true), second);
    desk.now += 1;
    assert_ne!(desk.stable(true), second);
    assert_eq!(desk.code(&second), 40001);
}

#[test]
fn force_is_obeyed_twenty_times_a_day() {
    let mut desk = Desk::new();
    for _ in 0..20 {
        desk.stable(true);
        desk.now += 30;
    }
    let last = desk.stable(false);
    assert_eq!(desk.refused("get_stable_access_token", "", credentials(true)), 45009);
    assert_eq!(desk.stable(false), last);
    desk.now += DAY;
    assert_ne!(desk.stable(true), last);
}

#[test]
fn plain_and_stable_tokens_do_not_touch_each_other() {
    let mut desk = Desk::new();
    let stable = desk.stable(false);
    let fields = but(credentials(false), "force_refresh", Value::Null);
    let plain = text(&desk.ok("get_access_token", "", fields.clone())["access_token"]);
    desk.stable(true);
    assert_eq!((desk.code(&plain), desk.code(&stable)), (0, 40001));
    let stable = desk.stable(false);
    desk.ok("get_access_token", "", fields);
    desk.now += 300;
    assert_eq!((desk.code(&plain), desk.code(&stable)), (40001, 0));
}

#[test]
fn wrong_credentials_get_their_codes() {
    let mut desk = Desk::new();
    for operation in ["get_access_token", "get_stable_access_token"] {
        let wrong = |field: &str, value: Value| but(credentials(false), field, value);
        for (fields, code) in [
            (wrong("grant_type", json!("password")), 40002),
            (wrong("grant_type", Value::Null), 40002),
            (wrong("appid", Value::Null), 41002),
            (wrong("appid", json!(AGENCY)), 40013),
            (wrong("secret", Value::Null), 40001),
            (wrong("secret", json!("guess")), 40001),
        ] {
            assert_eq!(desk.refused(operation, "", fields.clone()), code, "{operation} {fields}");
        }
        assert_eq!(desk.refused("get_stable_access_token", "", wrong("force_refresh", json!("yes"))), 47003);
    }
}

#[test]
fn only_listed_addresses_get_tokens_when_there_is_a_list() {
    let mut desk = Desk::new();
    desk.platform.whitelists.insert(ME.into(), BTreeSet::from(["203.0.113.9".into()]));
    desk.stable(false);
    desk.ip = "198.51.100.1";
    let refusal = desk.send("get_stable_access_token", "", credentials(false), &[]).unwrap_err();
    assert_eq!(refusal.code, 40164);
    assert!(refusal.message.contains("198.51.100.1"), "{}", refusal.message);
    let fields = but(credentials(false), "force_refresh", Value::Null);
    assert_eq!(desk.refused("get_access_token", "", fields), 40164);
}

#[test]
fn a_token_that_is_none_gets_its_code() {
    let mut desk = Desk::new();
    assert_eq!(desk.code(""), 41001);
    assert_eq!(desk.code("short"), 40014);
    assert_eq!(desk.code(&"x".repeat(136)), 40001);
    let component = desk.component_token();
    assert_eq!(desk.code(&component), 40014);
}
