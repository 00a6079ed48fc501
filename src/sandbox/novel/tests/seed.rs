//! What a fresh account finds.

use super::*;

fn seeded() -> Desk {
    let mut desk = Desk::new();
    desk.novels.seed(ME, NOW);
    desk
}

#[test]
fn the_seed_has_twelve_books_of_which_nine_are_released() {
    let mut desk = seeded();
    assert_eq!(desk.ok("list_books", json!({ "need_edited_data": true }))["total_cnt"], 12);
    assert_eq!(desk.ok("list_books", json!({}))["total_cnt"], 9);
}

#[test]
fn nine_of_the_twenty_six_seeded_grants_end_within_thirty_days() {
    let mut desk = seeded();
    let list = desk.ok("query_book_auth", json!({ "offset": 0, "count": 30, "is_sum": true }));
    assert_eq!(list["sum"], 26);
    let rows = list["results"].as_array().unwrap();
    let soon = |row: &&Value| row["expire_time"].as_i64().unwrap() < NOW + 30 * DAY;
    assert_eq!(rows.iter().filter(soon).count(), 9);
    let pairs: BTreeSet<_> =
        rows.iter().map(|row| (row["book_id"].to_string(), row["grantee_appid"].to_string())).collect();
    assert_eq!(pairs.len(), 26);
}

#[test]
fn the_seed_has_grants_of_the_account_and_received_ones() {
    let mut desk = seeded();
    let given = desk.ok("query_app_auth", json!({ "count": 100 }));
    assert_eq!(given["appid_results"].as_array().map(Vec::len), Some(3));
    let books = desk.ok("query_book_auth", json!({ "type": 1, "offset": 0, "count": 30 }));
    assert_eq!(books["results"].as_array().map(Vec::len), Some(2));
    desk.ok("get_book", json!({ "book_id": books["results"][0]["book_id"] }));
}

#[test]
fn one_book_of_the_seed_was_rejected_with_a_reason() {
    let list = seeded().ok("list_books", json!({ "need_edited_data": true }));
    let audits = list["book_list"].as_array().unwrap().iter().map(|book| &book["audit_info"]);
    let rejected: Vec<_> = audits.filter(|audit| audit["audit_status"] == 2).collect();
    assert_eq!(rejected.len(), 1);
    assert_ne!(rejected[0]["reason"], "");
}

#[test]
fn two_seeds_are_alike() {
    assert_eq!(seeded().dump(), seeded().dump());
}
