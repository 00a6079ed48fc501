//! What the reader plug-in shows and recommends.

use super::*;

fn row(index: i64) -> Value {
    json!({ "chapter_index": index, "words": 120 })
}

fn words(book_id: &str, rows: Value) -> Value {
    json!({ "book_id": book_id, "default_words": 240, "chapter_setting": rows })
}

#[test]
fn a_preview_is_a_hundred_and_fifty_words_until_it_is_set() {
    let (mut desk, book_id) = Desk::with_book();
    let get = json!({ "book_id": book_id });
    let fresh = json!({ "book_id": book_id, "default_words": 150, "chapter_setting": [] });
    assert_eq!(desk.ok("get_preview", get.clone())["setting"], fresh);
    desk.ok("set_preview", json!({ "setting": words(&book_id, json!([row(0)])) }));
    assert_eq!(desk.ok("get_preview", get.clone())["setting"], words(&book_id, json!([row(0)])));
    desk.ok("set_preview", json!({ "setting": words(&book_id, json!([])) }));
    assert_eq!(desk.ok("get_preview", get)["setting"], words(&book_id, json!([])));
}

#[test]
fn a_flat_setting_counts_as_well() {
    let (mut desk, book_id) = Desk::with_book();
    let whole = words(&book_id, json!([row(0)]));
    let single = json!({ "book_id": book_id, "default_words": 240, "chapter_index": 0, "words": 120 });
    for flat in [whole.clone(), single] {
        desk.ok("set_preview", json!({ "setting": words(&book_id, json!([])) }));
        desk.ok("set_preview", flat);
        assert_eq!(desk.ok("get_preview", json!({ "book_id": book_id }))["setting"], whole);
    }
}

#[test]
fn each_reader_has_a_preview_of_its_own() {
    let (mut desk, book_id) = Desk::with_book();
    desk.grant(&book_id, GUEST, NOW + DAY);
    desk.caller = GUEST;
    desk.ok("set_preview", json!({ "setting": words(&book_id, json!([])) }));
    desk.caller = ME;
    assert_eq!(desk.ok("get_preview", json!({ "book_id": book_id }))["setting"]["default_words"], 150);
}

#[test]
fn a_list_of_recommendations_replaces_the_one_of_its_kind() {
    let (mut desk, book_id) = Desk::with_book();
    let list = |kind, books| json!({ "recmd_type": kind, "book_id_list": books });
    desk.ok("set_recommend", list(1, json!([book_id])));
    desk.ok("set_recommend", list(2, json!([book_id])));
    desk.ok("set_recommend", list(1, json!([])));
    assert_eq!(desk.dump()["recommended"][ME], json!({ "android": [], "ios": [book_id] }));
    desk.grant(&book_id, GUEST, NOW + DAY);
    desk.caller = GUEST;
    desk.ok("set_recommend", list(1, json!([book_id])));
    desk.now += DAY;
    assert_eq!(desk.refused("set_recommend", list(1, json!([book_id]))), 10141001);
}
