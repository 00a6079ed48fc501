//! Third-party platforms: tickets, their token, codes, and the tokens of merchants.

use super::*;

fn mine(fields: Value) -> Value {
    but(fields, "component_appid", json!(AGENCY))
}

fn refresh() -> Value {
    mine(json!({ "authorizer_appid": MERCHANT, "authorizer_refresh_token": "refreshtoken@@@sandbox" }))
}

#[test]
fn a_ticket_is_good_for_twelve_hours_and_for_ever_once_its_push_was_started() {
    let mut desk = Desk::new();
    desk.now += 12 * 3600 - 1;
    desk.component_token();
    desk.now += 1;
    assert_eq!(desk.refused("get_component_access_token", "", ticket()), 40001);
    desk.ok("start_push_ticket", "", mine(json!({ "component_secret": "sandbox-secret" })));
    desk.component_token();
    desk.now += 30 * DAY;
    desk.component_token();
}

#[test]
fn wrong_credentials_of_a_component_get_their_codes() {
    let mut desk = Desk::new();
    for (fields, code) in [
        (but(ticket(), "component_appsecret", json!("guess")), 40001),
        (but(ticket(), "component_verify_ticket", json!("old")), 40001),
        (but(ticket(), "component_appid", json!(ME)), 40013),
        (but(ticket(), "component_appid", Value::Null), 41018),
    ] {
        assert_eq!(desk.refused("get_component_access_token", "", fields.clone()), code, "{fields}");
    }
    let start = mine(json!({ "component_secret": "guess" }));
    assert_eq!(desk.refused("start_push_ticket", "", start.clone()), 40001);
    assert_eq!(desk.refused("start_push_ticket", "", but(start, "component_appid", json!("wxnobody"))), 40013);
    desk.platform.whitelists.insert(AGENCY.into(), BTreeSet::new());
    assert_eq!(desk.refused("get_component_access_token", "", ticket()), 61004);
    let start = mine(json!({ "component_secret": "sandbox-secret" }));
    assert_eq!(desk.refused("start_push_ticket", "", start), 61004);
}

#[test]
fn component_calls_need_the_token_of_that_component() {
    let mut desk = Desk::new();
    let (own, component) = (desk.stable(false), desk.component_token());
    assert_eq!(desk.refused("create_preauth_code", &own, mine(json!({}))), 61014);
    assert_eq!(desk.refused("create_preauth_code", "", mine(json!({}))), 41001);
    for (operation, fields) in [
        ("create_preauth_code", json!({})),
        ("query_auth", json!({ "authorization_code": "CODE" })),
        ("refresh_authorizer_token", refresh()),
        ("list_authorizers", json!({ "offset": 0, "count": 10 })),
    ] {
        let other = but(fields, "component_appid", json!("wxc000000000000002"));
        assert_eq!(desk.refused(operation, &component, other), 40013, "{operation}");
    }
    desk.now += 7200;
    assert_eq!(desk.refused("create_preauth_code", &component, mine(json!({}))), 42001);
}

#[test]
fn a_code_is_exchanged_for_the_tokens_of_a_merchant() {
    let mut desk = Desk::new();
    let component = desk.component_token();
    let info =
        desk.ok("query_auth", &component, mine(json!({ "authorization_code": "CODE" })))["authorization_info"].clone();
    assert_eq!(info["authorizer_appid"], MERCHANT);
    let token = text(&info["authorizer_access_token"]);
    assert_eq!(desk.code(&token), 0);
    desk.now += 7200;
    assert_eq!(desk.code(&token), 42001);
}

#[test]
fn a_code_may_name_its_merchant() {
    let mut desk = Desk::new();
    let other = Authorizer { appid: "wx00000000000000c2".into(), refresh_token: "refreshtoken@@@two".into() };
    let Account::Component { authorizers, .. } = &mut desk.accounts[1] else { panic!("a component") };
    authorizers.push(other);
    let component = desk.component_token();
    let code = json!({ "authorization_code": "queryauthcode@@@wx00000000000000c2" });
    let reply = desk.ok("query_auth", &component, mine(code));
    assert_eq!(reply["authorization_info"]["authorizer_refresh_token"], "refreshtoken@@@two");
}

#[test]
fn a_preauth_code_ends_after_half_an_hour() {
    let mut desk = Desk::new();
    let component = desk.component_token();
    let reply = desk.ok("create_preauth_code", &component, mine(json!({})));
    assert_eq!(reply["expires_in"], 1800);
    let query = mine(json!({ "authorization_code": reply["pre_auth_code"] }));
    desk.now += 1799;
    desk.ok("query_auth", &component, query.clone());
    desk.now += 1;
    assert_eq!(desk.refused("query_auth", &component, query), 40001);
}

#[test]
fn a_refresh_token_gets_a_new_token_of_its_merchant() {
    let mut desk = Desk::new();
    let component = desk.component_token();
    let reply = desk.ok("refresh_authorizer_token", &component, refresh());
    assert_eq!(desk.code(&text(&reply["authorizer_access_token"])), 0);
    let wrong = but(refresh(), "authorizer_refresh_token", json!("old"));
    assert_eq!(desk.refused("refresh_authorizer_token", &component, wrong), 61023);
    let stranger = but(refresh(), "authorizer_appid", json!(ME));
    assert_eq!(desk.refused("refresh_authorizer_token", &component, stranger), 61007);
    desk.now += 7200;
    assert_eq!(desk.code(&text(&reply["authorizer_access_token"])), 42001);
}

#[test]
fn nobody_is_found_for_a_component_that_nobody_authorised() {
    let mut desk = Desk::new();
    let Account::Component { authorizers, .. } = &mut desk.accounts[1] else { panic!("a component") };
    authorizers.clear();
    let component = desk.component_token();
    let query = mine(json!({ "authorization_code": "CODE" }));
    assert_eq!(desk.refused("query_auth", &component, query), 61007);
}

#[test]
fn those_who_authorised_are_listed_page_by_page() {
    let mut desk = Desk::new();
    let component = desk.component_token();
    let list = |offset: i64, count: i64| mine(json!({ "offset": offset, "count": count }));
    let first = desk.ok("list_authorizers", &component, list(0, 500));
    assert_eq!((&first["total_count"], &first["list"][0]["authorizer_appid"]), (&json!(1), &json!(MERCHANT)));
    desk.now += 60;
    assert_eq!(desk.ok("list_authorizers", &component, list(0, 500)), first);
    let empty = desk.ok("list_authorizers", &component, list(1, 500));
    assert_eq!((&empty["total_count"], &empty["list"]), (&json!(1), &json!([])));
    assert_eq!(desk.refused("list_authorizers", &component, list(0, 501)), 40170);
    assert_eq!(desk.refused("list_authorizers", &component, list(-1, 10)), 47003);
}
