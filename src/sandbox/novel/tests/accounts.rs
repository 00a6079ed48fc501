//! Grants per account.

use super::*;

fn info(grantee: &str, expire_time: i64) -> Value {
    json!({ "infos": [{ "grantee_appid": grantee, "expire_time": expire_time }] })
}

fn received(field: &str, value: Value) -> Value {
    with(json!({ "type": 1, "count": 10 }), field, value)
}

#[test]
fn rows_are_judged_one_by_one() {
    let mut desk = Desk::new();
    let rows = [
        (json!({ "grantee_appid": GUEST, "expire_time": NOW + DAY }), 0),
        (json!({ "grantee_appid": GUEST }), 10145003),
        (json!({ "grantee_appid": "wx000000000000dead", "expire_time": NOW + DAY }), 10145006),
        (json!({ "grantee_appid": GUEST, "expire_time": NOW }), 10145007),
        (json!({ "grantee_appid": "nobody", "expire_time": NOW + DAY }), 10145011),
        (json!({ "grantee_appid": ME, "expire_time": NOW + DAY }), 10145012),
    ];
    let (rows, expected): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let refusal = desk.call("add_app_auth", json!({ "infos": rows })).unwrap_err();
    let results = refusal.fields["results"].as_array().unwrap();
    let codes: Vec<_> = results.iter().map(|result| result["errcode"].as_i64().unwrap()).collect();
    assert_eq!((refusal.code, codes), (10145010, expected));
    let list = desk.ok("query_app_auth", json!({ "count": 10 }));
    assert_eq!(list["appid_results"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_grant_of_the_account_opens_every_released_book_until_it_ends() {
    let (mut desk, book_id) = Desk::with_book();
    desk.release(&book_id);
    desk.ok("add_app_auth", info(GUEST, NOW + DAY));
    desk.caller = GUEST;
    desk.ok("get_book", json!({ "book_id": book_id }));
    desk.now += DAY;
    assert_eq!(desk.refused("get_book", json!({ "book_id": book_id })), 10141001);
    let list = desk.ok("query_app_auth", json!({ "type": 1, "count": 10 }));
    assert_eq!(list["appid_results"], json!([]));
}

#[test]
fn received_books_come_by_their_ids_or_of_one_grantor() {
    let (mut desk, first) = Desk::with_book();
    let second = desk.book("山河旧梦");
    desk.grant(&second, GUEST, NOW + 2 * DAY);
    desk.caller = GUEST;
    let book =
        |id: &str, end: i64| json!({ "book_id": id, "grantor_appid": ME, "grantee_appid": GUEST, "expire_time": end });
    let books =
        |desk: &mut Desk, field, value| desk.ok("query_app_auth", received(field, value))["book_results"].clone();
    let of_grantor = |desk: &mut Desk| books(desk, "grantor_appid", json!(ME));
    assert_eq!(of_grantor(&mut desk), json!([book(&second, NOW + 2 * DAY)]));
    assert_eq!(books(&mut desk, "book_ids", json!([first, "Bkother"])), json!([]));
    desk.caller = ME;
    desk.ok("add_app_auth", info(GUEST, NOW + DAY));
    desk.caller = GUEST;
    assert_eq!(of_grantor(&mut desk), json!([book(&first, NOW + DAY), book(&second, NOW + 2 * DAY)]));
    assert_eq!(books(&mut desk, "book_ids", json!([first, "Bkother"])), json!([book(&first, NOW + DAY)]));
    let both = with(received("book_ids", json!([second])), "grantor_appid", "wx00000000000000c1");
    assert_eq!(desk.ok("query_app_auth", both)["book_results"][0]["book_id"], second);
    let uncounted = without(received("book_ids", json!([second])), "count");
    assert_eq!(desk.ok("query_app_auth", uncounted)["book_results"][0]["book_id"], second);
}

#[test]
fn books_of_a_grantor_page_by_cursor() {
    let mut desk = Desk::new();
    let books: Vec<_> = (0..5).map(|index| desk.book(&format!("书{index}"))).collect();
    desk.ok("add_app_auth", info(GUEST, NOW + DAY));
    desk.caller = GUEST;
    let mut cursor = json!("");
    let mut seen = Vec::new();
    while seen.is_empty() || cursor != "" {
        let query = json!({ "type": 1, "count": 2, "cursor": cursor, "grantor_appid": ME });
        let page = desk.ok("query_app_auth", query);
        seen.extend(
            page["book_results"].as_array().unwrap().iter().map(|row| row["book_id"].as_str().unwrap().to_string()),
        );
        cursor = page["next_cursor"].clone();
    }
    assert_eq!(seen, books);
}

#[test]
fn account_grants_come_by_expiry_and_page_by_cursor() {
    let mut desk = Desk::new();
    let appids = ["wx00000000000000c1", "wx00000000000000c2", "wx00000000000000c3"];
    for (appid, days) in appids.iter().zip([30, 10, 20]) {
        desk.ok("add_app_auth", info(appid, NOW + days * DAY));
    }
    let page = desk.ok("query_app_auth", json!({ "count": 2, "cursor": "" }));
    assert_eq!(page["appid_results"][0]["grantee_appid"], appids[1]);
    assert!(page["appid_results"][0].get("book_id").is_none());
    let rest = desk.ok("query_app_auth", json!({ "count": 2, "cursor": page["next_cursor"] }));
    assert_eq!(rest["appid_results"][0]["grantee_appid"], appids[0]);
    assert_eq!(rest["next_cursor"], "");
    let beyond = desk.ok("query_app_auth", json!({ "count": 2, "cursor": usize::MAX.to_string() }));
    assert_eq!((&beyond["appid_results"], &beyond["next_cursor"]), (&json!([]), &json!("")));
}

#[test]
fn a_grant_of_the_account_is_deleted_once() {
    let mut desk = Desk::new();
    desk.ok("add_app_auth", info(GUEST, NOW + DAY));
    desk.ok("del_app_auth", json!({ "grantee_appid": GUEST }));
    assert_eq!(desk.ok("query_app_auth", json!({ "count": 10 }))["appid_results"], json!([]));
    assert_eq!(desk.refused("del_app_auth", json!({ "grantee_appid": GUEST })), 10145001);
}
