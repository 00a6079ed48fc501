//! Grants per book and per account.

use super::*;

fn row(book_id: &str, grantee: &str, expire_time: i64) -> Value {
    json!({ "book_id": book_id, "grantee_appid": grantee, "expire_time": expire_time })
}

fn granted() -> Value {
    json!({ "type": 0, "offset": 0, "count": 30, "is_sum": true })
}

#[test]
fn rows_are_judged_one_by_one_and_in_their_order() {
    let (mut desk, book_id) = Desk::with_book();
    let rows = json!([
        row(&book_id, GUEST, NOW + DAY),
        row("Bkother", GUEST, NOW + DAY),
        row(&book_id, "wx000000000000dead", NOW + DAY),
        row(&book_id, GUEST, NOW),
        row(&book_id, GUEST, 2_147_483_647),
        row(&book_id, "nobody", NOW + DAY),
        row(&book_id, ME, NOW + DAY),
    ]);
    let refusal = desk.call("add_book_auth", json!({ "books": rows })).unwrap_err();
    assert_eq!(refusal.code, 10145010);
    let results = refusal.fields["results"].as_array().unwrap();
    let codes: Vec<_> = results.iter().map(|result| result["errcode"].as_i64().unwrap()).collect();
    assert_eq!(codes, [0, 10145004, 10145006, 10145007, 10145007, 10145011, 10145012]);
    assert_eq!(desk.ok("query_book_auth", granted())["sum"], 1);
}

#[test]
fn a_call_has_one_to_twenty_relations() {
    let (mut desk, book_id) = Desk::with_book();
    let rows: Vec<_> = (0..21).map(|_| row(&book_id, GUEST, NOW + DAY)).collect();
    assert_eq!(desk.refused("add_book_auth", json!({ "books": rows })), 10145008);
    assert_eq!(desk.refused("add_book_auth", json!({ "books": [] })), 10145008);
    assert_eq!(desk.refused("add_app_auth", json!({ "infos": [] })), 10145008);
}

#[test]
fn a_second_grant_of_a_book_to_the_same_account_replaces_the_first() {
    let (mut desk, book_id) = Desk::with_book();
    desk.ok("add_book_auth", json!({ "books": [row(&book_id, GUEST, NOW + DAY)] }));
    desk.ok("add_book_auth", json!({ "books": [row(&book_id, GUEST, NOW + 2 * DAY)] }));
    let list = desk.ok("query_book_auth", granted());
    assert_eq!((&list["sum"], &list["results"][0]["expire_time"]), (&json!(1), &json!(NOW + 2 * DAY)));
}

#[test]
fn the_grantee_sees_what_it_received_and_no_sum() {
    let (mut desk, book_id) = Desk::with_book();
    desk.ok("add_book_auth", json!({ "books": [row(&book_id, GUEST, NOW + DAY)] }));
    desk.caller = GUEST;
    let list = desk.ok("query_book_auth", json!({ "type": 1, "offset": 0, "count": 30, "is_sum": true }));
    assert_eq!(list["results"][0]["grantor_appid"], ME);
    assert!(list.get("sum").is_none());
    assert_eq!(desk.ok("query_book_auth", granted())["sum"], 0);
}

#[test]
fn expired_grants_are_gone() {
    let (mut desk, book_id) = Desk::with_book();
    desk.ok("add_book_auth", json!({ "books": [row(&book_id, GUEST, NOW + DAY)] }));
    desk.now += DAY;
    assert_eq!(desk.ok("query_book_auth", granted())["sum"], 0);
    let delete = json!({ "book_id": book_id, "grantee_appid": GUEST });
    assert_eq!(desk.refused("del_book_auth", delete), 10145001);
}

#[test]
fn a_query_asks_for_a_hundred_rows_at_most() {
    let mut desk = Desk::new();
    assert_eq!(desk.refused("query_book_auth", json!({ "offset": 0, "count": 101 })), 10145009);
}

#[test]
fn a_grant_is_deleted_once_and_by_its_grantor() {
    let (mut desk, book_id) = Desk::with_book();
    desk.ok("add_book_auth", json!({ "books": [row(&book_id, GUEST, NOW + DAY)] }));
    let delete = json!({ "book_id": book_id, "grantee_appid": GUEST });
    desk.caller = GUEST;
    assert_eq!(desk.refused("del_book_auth", delete.clone()), 10145004);
    desk.caller = ME;
    desk.ok("del_book_auth", delete.clone());
    assert_eq!(desk.refused("del_book_auth", delete), 10145001);
}

#[test]
fn a_grant_of_the_account_opens_every_released_book() {
    let (mut desk, book_id) = Desk::with_book();
    desk.release(&book_id);
    let info = |grantee, end| json!({ "infos": [{ "grantee_appid": grantee, "expire_time": end }] });
    assert_eq!(desk.refused("add_app_auth", info("wx000000000000dead", NOW + DAY)), 10145010);
    desk.ok("add_app_auth", info(GUEST, NOW + DAY));
    desk.caller = GUEST;
    desk.ok("get_book", json!({ "book_id": book_id }));
    let books = desk.ok("query_app_auth", json!({ "type": 1, "count": 10, "grantor_appid": ME }));
    assert_eq!(books["book_results"][0]["book_id"], book_id);
    let books = desk.ok("query_app_auth", json!({ "type": 1, "count": 10, "book_ids": ["Bkother"] }));
    assert_eq!(books["book_results"], json!([]));
    desk.caller = ME;
    desk.ok("del_app_auth", json!({ "grantee_appid": GUEST }));
    assert_eq!(desk.refused("del_app_auth", json!({ "grantee_appid": GUEST })), 10145001);
}

#[test]
fn account_grants_come_by_expiry_and_page_by_cursor() {
    let mut desk = Desk::new();
    let appids = ["wx00000000000000c1", "wx00000000000000c2", "wx00000000000000c3"];
    let infos: Vec<_> = appids
        .iter()
        .zip([30, 10, 20])
        .map(|(appid, days)| json!({ "grantee_appid": appid, "expire_time": NOW + days * DAY }))
        .collect();
    desk.ok("add_app_auth", json!({ "infos": infos }));
    let page = desk.ok("query_app_auth", json!({ "count": 2, "cursor": "" }));
    assert_eq!(page["appid_results"][0]["grantee_appid"], appids[1]);
    let rest = desk.ok("query_app_auth", json!({ "count": 2, "cursor": page["next_cursor"] }));
    assert_eq!(rest["appid_results"][0]["grantee_appid"], appids[0]);
    assert_eq!(rest["next_cursor"], "");
    assert_eq!(desk.refused("query_app_auth", json!({ "count": 2, "cursor": "x" })), 10140001);
}
