//! Grants per book.

use super::*;

fn granted() -> Value {
    json!({ "type": 0, "offset": 0, "count": 30, "is_sum": true })
}

fn received() -> Value {
    json!({ "type": 1, "offset": 0, "count": 30, "is_sum": true })
}

#[test]
fn rows_are_judged_one_by_one_and_in_their_order() {
    let (mut desk, book_id) = Desk::with_book();
    let good = grant_row(&book_id, GUEST, NOW + DAY);
    let rows = [
        (good.clone(), 0),
        (without(good.clone(), "book_id"), 10145003),
        (without(good.clone(), "grantee_appid"), 10145003),
        (without(good.clone(), "expire_time"), 10145003),
        (with(good.clone(), "book_id", "Bkother"), 10145004),
        (with(good.clone(), "grantee_appid", "wx000000000000dead"), 10145006),
        (with(good.clone(), "expire_time", NOW), 10145007),
        (with(good.clone(), "expire_time", 2_147_483_647), 10145007),
        (with(good.clone(), "expire_time", "soon"), 10145007),
        (with(good.clone(), "grantee_appid", "nobody"), 10145011),
        (with(good.clone(), "grantee_appid", ME), 10145012),
        (with(good, "expire_time", 2_147_483_646), 0),
    ];
    let (rows, expected): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let refusal = desk.call("add_book_auth", json!({ "books": rows })).unwrap_err();
    assert_eq!(refusal.code, 10145010);
    let results = refusal.fields["results"].as_array().unwrap();
    let codes: Vec<_> = results.iter().map(|result| result["errcode"].as_i64().unwrap()).collect();
    assert_eq!(codes, expected);
    let list = desk.ok("query_book_auth", granted());
    assert_eq!((&list["sum"], &list["results"][0]["expire_time"]), (&json!(1), &json!(2_147_483_646)));
}

#[test]
fn an_account_without_the_category_grants_nothing() {
    let (mut desk, book_id) = Desk::with_book();
    desk.without_category.insert(ME.into());
    let books = json!({ "books": [grant_row(&book_id, GUEST, NOW + DAY)] });
    assert_eq!(desk.refused("add_book_auth", books), 10145005);
    let infos = json!({ "infos": [{ "grantee_appid": GUEST, "expire_time": NOW + DAY }] });
    assert_eq!(desk.refused("add_app_auth", infos), 10145005);
}

#[test]
fn a_second_grant_of_a_book_to_the_same_account_replaces_the_first() {
    let (mut desk, book_id) = Desk::with_book();
    desk.grant(&book_id, GUEST, NOW + DAY);
    desk.grant(&book_id, "wx00000000000000c1", NOW + DAY);
    desk.grant(&book_id, GUEST, NOW + 3 * DAY);
    let list = desk.ok("query_book_auth", granted());
    assert_eq!((&list["sum"], &list["results"][0]["expire_time"]), (&json!(2), &json!(NOW + 3 * DAY)));
    desk.now += 2 * DAY;
    assert_eq!(desk.ok("query_book_auth", granted())["results"][0]["grantee_appid"], GUEST);
}

#[test]
fn the_grantee_sees_what_it_received_and_no_sum() {
    let (mut desk, book_id) = Desk::with_book();
    desk.grant(&book_id, GUEST, NOW + DAY);
    desk.caller = GUEST;
    let list = desk.ok("query_book_auth", received());
    let row = json!({
        "book_id": book_id, "grantor_appid": ME, "grantee_appid": GUEST, "expire_time": NOW + DAY
    });
    assert_eq!(list["results"], json!([row]));
    assert!(list.get("sum").is_none());
    assert_eq!(desk.ok("query_book_auth", granted())["sum"], 0);
}

#[test]
fn a_sum_comes_when_it_is_asked_for_and_counts_all_pages() {
    let mut desk = Desk::new();
    let books: Vec<_> = (0..3).map(|index| desk.book(&format!("书{index}"))).collect();
    books.iter().for_each(|id| desk.grant(id, GUEST, NOW + DAY));
    let mut page = |offset, count| {
        let list = desk.ok("query_book_auth", json!({ "offset": offset, "count": count, "is_sum": true }));
        (list["results"].as_array().map(Vec::len), list["sum"].clone())
    };
    assert_eq!([page(0, 2), page(2, 2), page(4, 2)], [2, 1, 0].map(|rows| (Some(rows), json!(3))));
    assert_eq!(page(0, 100).0, Some(3));
    let list = desk.ok("query_book_auth", json!({ "offset": 0, "count": 30, "is_sum": false }));
    assert!(list.get("sum").is_none());
    let of_book = desk.ok("query_book_auth", with(granted(), "book_id", books[1].as_str()));
    assert_eq!((&of_book["sum"], &of_book["results"][0]["book_id"]), (&json!(1), &json!(books[1])));
}

#[test]
fn a_grant_ends_at_its_moment() {
    let (mut desk, book_id) = Desk::with_book();
    desk.release(&book_id);
    desk.grant(&book_id, GUEST, NOW + DAY);
    desk.now += DAY - 1;
    desk.caller = GUEST;
    desk.ok("get_book", json!({ "book_id": book_id }));
    desk.now += 1;
    assert_eq!(desk.refused("get_book", json!({ "book_id": book_id })), 10141001);
    desk.caller = ME;
    assert_eq!(desk.ok("query_book_auth", granted())["sum"], 0);
    let delete = json!({ "book_id": book_id, "grantee_appid": GUEST });
    assert_eq!(desk.refused("del_book_auth", delete), 10145001);
    assert_eq!(desk.dump()["book_grants"], json!([]));
}

#[test]
fn a_grant_is_deleted_once_and_by_its_grantor() {
    let (mut desk, book_id) = Desk::with_book();
    desk.grant(&book_id, GUEST, NOW + DAY);
    let delete = json!({ "book_id": book_id, "grantee_appid": GUEST });
    desk.caller = GUEST;
    assert_eq!(desk.refused("del_book_auth", delete.clone()), 10145004);
    desk.caller = ME;
    desk.ok("del_book_auth", delete.clone());
    assert_eq!(desk.ok("query_book_auth", granted())["sum"], 0);
    assert_eq!(desk.refused("del_book_auth", delete), 10145001);
}
