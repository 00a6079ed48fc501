//! Books: their two versions, lists, changes and volumes; previews.

use super::*;

#[test]
fn a_new_book_is_in_the_edit_version_only() {
    let (mut desk, book_id) = Desk::with_book();
    assert_eq!(desk.refused("get_book", json!({ "book_id": book_id })), 10141001);
    let book = desk.ok("get_book", json!({ "book_id": book_id, "need_edited_data": true }));
    assert_eq!(book["book"]["total_word_cnt"], 5);
    assert!(book["book"].get("audit_info").is_none());
    assert_eq!(desk.ok("list_books", json!({}))["total_cnt"], 0);
}

#[test]
fn an_original_id_names_one_book_of_an_account() {
    let mut desk = Desk::new();
    let book = json!({
        "title": "归来记", "intro": "故事", "cover_media_id": "M", "author": "林一", "original_id": "bk-1",
        "first_category_id": 1, "second_category_id": 2, "third_category_id": 3, "complete_status": 1,
    });
    let id = desk.ok("create_book", book.clone())["book_id"].clone();
    assert_eq!(desk.refused("create_book", book.clone()), 10141009);
    let found = desk.ok("get_book", json!({ "original_id": "bk-1", "need_edited_data": true }));
    assert_eq!(found["book"]["book_id"], id);
    desk.caller = GUEST;
    desk.ok("create_book", book);
}

#[test]
fn a_category_id_below_one_is_refused() {
    let (mut desk, book_id) = Desk::with_book();
    let category = json!({
        "book_id": book_id, "first_category_id": 0, "second_category_id": 2, "third_category_id": 3
    });
    assert_eq!(desk.refused("update_book", category), 10140007);
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
    let grant = json!({ "book_id": book_id, "grantee_appid": GUEST, "expire_time": NOW + DAY });
    desk.ok("add_book_auth", json!({ "books": [grant] }));
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
    assert!(end.get("last_id").is_none());
}

#[test]
fn an_offset_above_a_hundred_thousand_is_refused_unless_a_last_id_overrides_it() {
    let mut desk = Desk::new();
    assert_eq!(desk.refused("list_books", json!({ "offset": 100_001 })), 10140017);
    desk.ok("list_books", json!({ "offset": 100_001, "last_id": 0 }));
}

#[test]
fn a_chapter_id_list_is_a_permutation_of_all_chapters() {
    let (mut desk, book_id) = Desk::with_book();
    let second = desk.chapter(&book_id, "第2章");
    let third = desk.chapter(&book_id, "第3章");
    let list = desk.ok("list_chapters", json!({ "book_id": book_id, "need_edited_data": true }));
    let first = list["chapter_list"][0]["chapter_id"].clone();
    for bad in [json!([first, second]), json!([first, second, second]), json!([first, second, "Chother"])] {
        let edit = json!({ "book_id": book_id, "title": "不变", "chapter_id_list": bad });
        assert_eq!(desk.refused("update_book", edit), 10140011);
    }
    desk.ok("update_book", json!({ "book_id": book_id, "chapter_id_list": [third, first, second] }));
    assert_eq!(desk.titles(&book_id), ["第3章", "第1章 归来", "第2章"]);
    let book = desk.ok("get_book", json!({ "book_id": book_id, "need_edited_data": true }));
    assert_eq!(book["book"]["title"], "归来记");
}

#[test]
fn volumes_cover_every_chapter_without_gap_or_overlap() {
    let (mut desk, book_id) = Desk::with_book();
    desk.chapter(&book_id, "第2章");
    let volume = |start, end| json!({ "volume_title": "卷", "start_index": start, "end_index": end });
    let write = |list| json!({ "book_id": book_id, "need_volume": true, "volume_list": list });
    for bad in [json!([]), json!([volume(0, 0)]), json!([volume(0, 1), volume(1, 1)]), json!([volume(1, 1)])] {
        assert_eq!(desk.refused("update_book", write(bad)), 10140012);
    }
    desk.ok("update_book", write(json!([volume(0, 0), volume(1, 1)])));
    let second = desk.ok("list_chapters", json!({ "book_id": book_id, "need_edited_data": true, "volume_index": 1 }));
    assert_eq!((&second["total_cnt"], &second["chapter_list"][0]["volume_index"]), (&json!(1), &json!(1)));
    desk.ok("update_book", json!({ "book_id": book_id, "need_volume": false }));
    assert_eq!(desk.ok("get_book", json!({ "book_id": book_id, "need_edited_data": true }))["book"]["volume_cnt"], 0);
}

#[test]
fn a_deleted_book_takes_its_grants_along() {
    let (mut desk, book_id) = Desk::with_book();
    let grant = json!({ "book_id": book_id, "grantee_appid": GUEST, "expire_time": NOW + DAY });
    desk.ok("add_book_auth", json!({ "books": [grant] }));
    desk.ok("delete_book", json!({ "book_id": book_id }));
    assert_eq!(desk.refused("delete_book", json!({ "book_id": book_id })), 10141001);
    assert_eq!(desk.ok("query_book_auth", json!({ "offset": 0, "count": 30 }))["results"], json!([]));
}

#[test]
fn a_preview_is_a_hundred_and_fifty_words_until_it_is_set() {
    let (mut desk, book_id) = Desk::with_book();
    assert_eq!(desk.ok("get_preview", json!({ "book_id": book_id }))["setting"]["default_words"], 150);
    let row = |index| json!({ "chapter_index": index, "words": 120 });
    let set = |rows| json!({ "setting": { "book_id": book_id, "default_words": 240, "chapter_setting": rows } });
    assert_eq!(desk.refused("set_preview", set(json!([row(1)]))), 10140010);
    assert_eq!(desk.refused("set_preview", set(json!([row(0), row(0)]))), 10140010);
    desk.ok("set_preview", set(json!([row(0)])));
    let setting = &desk.ok("get_preview", json!({ "book_id": book_id }))["setting"];
    assert_eq!((&setting["default_words"], &setting["chapter_setting"]), (&json!(240), &json!([row(0)])));
}

#[test]
fn only_books_that_the_caller_may_use_are_recommended() {
    let (mut desk, book_id) = Desk::with_book();
    let list = json!({ "recmd_type": 1, "book_id_list": [book_id] });
    desk.ok("set_recommend", list.clone());
    desk.caller = GUEST;
    assert_eq!(desk.refused("set_recommend", list), 10141001);
}

#[test]
fn a_misfit_gets_the_code_of_its_field() {
    assert_eq!(Novels::misfit("novel.create_book", "title"), 10140003);
    assert_eq!(Novels::misfit("novel.batch_create_chapters", "chapter_list"), 10140014);
    assert_eq!(Novels::misfit("novel.batch_create_chapters", "chapter_list[3]"), 10140013);
    assert_eq!(Novels::misfit("novel.batch_create_chapters", "chapter_list[3].content"), 10140019);
    assert_eq!(Novels::misfit("novel.add_book_auth", "books[0].expire_time"), 10145007);
    assert_eq!(Novels::misfit("novel.query_book_auth", "count"), 10145009);
    assert_eq!(Novels::misfit("novel.list_books", "last_id"), 10140001);
}
