//! Books: created, listed, read and deleted.

use super::*;

#[test]
fn a_new_book_is_in_the_edit_version_only() {
    let (mut desk, book_id) = Desk::with_book();
    assert_eq!(desk.refused("get_book", json!({ "book_id": book_id })), 10141001);
    let book = desk.edited(&book_id);
    assert_eq!((&book["total_word_cnt"], &book["create_time"]), (&json!(5), &json!(NOW)));
    assert!(book.get("audit_info").is_none());
    assert_eq!(desk.ok("list_books", json!({}))["total_cnt"], 0);
    assert_eq!(desk.ok("list_books", json!({ "need_edited_data": true }))["total_cnt"], 1);
}

#[test]
fn an_original_id_names_one_book_of_an_account() {
    let mut desk = Desk::new();
    let book = with(new_book("归来记"), "original_id", "bk-1");
    let id = desk.created(book.clone());
    assert_eq!(desk.refused("create_book", book.clone()), 10141009);
    let by_key = json!({ "book_id": "", "original_id": "bk-1", "need_edited_data": true });
    assert_eq!(desk.ok("get_book", by_key.clone())["book"]["book_id"], id);
    let other = desk.book("山河旧梦");
    assert_eq!(desk.ok("get_book", with(by_key, "book_id", other.clone()))["book"]["book_id"], other);
    desk.ok("delete_book", json!({ "book_id": id }));
    desk.created(book.clone());
    desk.caller = GUEST;
    desk.created(book);
}

#[test]
fn a_book_of_another_account_is_not_found_and_a_granted_one_is_not_to_be_changed() {
    let (mut desk, book_id) = Desk::with_book();
    desk.release(&book_id);
    desk.caller = GUEST;
    let edit = json!({ "book_id": book_id, "title": "新名" });
    assert_eq!(desk.refused("update_book", edit.clone()), 10141001);
    assert_eq!(desk.refused("get_book", json!({ "book_id": book_id })), 10141001);
    desk.caller = ME;
    desk.grant(&book_id, GUEST, NOW + DAY);
    desk.caller = GUEST;
    assert_eq!(desk.refused("update_book", edit), 10141002);
    desk.ok("get_book", json!({ "book_id": book_id }));
    assert_eq!(desk.refused("get_book", json!({ "book_id": book_id, "need_edited_data": true })), 10141001);
}

#[test]
fn a_list_gives_its_last_id_only_when_asked_and_not_empty() {
    let mut desk = Desk::new();
    (0..5).for_each(|index| drop(desk.book(&format!("书{index}"))));
    let page = desk.ok("list_books", json!({ "limit": 3, "need_edited_data": true }));
    assert!(page.get("last_id").is_none());
    let page = desk.ok("list_books", json!({ "limit": 3, "last_id": 0, "offset": 4, "need_edited_data": true }));
    assert_eq!(page["book_list"].as_array().map(Vec::len), Some(3));
    let page = desk.ok("list_books", json!({ "limit": 3, "last_id": page["last_id"], "need_edited_data": true }));
    assert_eq!(page["book_list"][0]["title"], "书3");
    assert_eq!(page["total_cnt"], 5);
    let end = desk.ok("list_books", json!({ "last_id": page["last_id"], "need_edited_data": true }));
    assert_eq!(end["book_list"], json!([]));
    assert!(end.get("last_id").is_none());
}

#[test]
fn pages_by_offset_go_on_until_an_empty_one() {
    let mut desk = Desk::new();
    (0..5).for_each(|index| drop(desk.book(&format!("书{index}"))));
    let mut page = |offset| {
        let list = desk.ok("list_books", json!({ "limit": 2, "offset": offset, "need_edited_data": true }));
        let titles = list["book_list"].as_array().unwrap().iter().map(|book| book["title"].as_str().unwrap());
        titles.collect::<String>()
    };
    assert_eq!([page(0), page(2), page(4), page(6)], ["书0书1", "书2书3", "书4", ""]);
}

#[test]
fn a_last_id_overrides_an_offset_that_is_too_far() {
    let mut desk = Desk::new();
    desk.ok("list_books", json!({ "offset": 100_000 }));
    assert_eq!(desk.refused("list_books", json!({ "offset": 100_001 })), 10140017);
    desk.ok("list_books", json!({ "offset": 100_001, "last_id": 0 }));
}

#[test]
fn a_deleted_book_leaves_the_lists_and_takes_its_grants_along() {
    let (mut desk, book_id) = Desk::with_book();
    desk.release(&book_id);
    let other = desk.book("山河旧梦");
    desk.grant(&book_id, GUEST, NOW + DAY);
    desk.grant(&other, GUEST, NOW + DAY);
    desk.ok("set_recommend", json!({ "recmd_type": 1, "book_id_list": [book_id] }));
    desk.ok("delete_book", json!({ "book_id": book_id }));
    assert_eq!(desk.refused("delete_book", json!({ "book_id": book_id })), 10141001);
    assert_eq!(desk.ok("list_books", json!({}))["total_cnt"], 0);
    assert_eq!(desk.ok("list_books", json!({ "need_edited_data": true }))["book_list"][0]["book_id"], other);
    let grants = desk.ok("query_book_auth", json!({ "offset": 0, "count": 30 }));
    assert_eq!(grants["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(desk.dump()["recommended"][ME]["android"], json!([]));
}
