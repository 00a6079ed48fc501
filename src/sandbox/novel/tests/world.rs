//! The novels written down, read again, and very many.

use super::*;
use crate::sandbox::novel::book::{Book, Chapter};

/// A desk with all that the state can hold.
fn lived_in() -> Desk {
    let mut desk = Desk::new();
    desk.novels.seed(ME, NOW);
    let first = desk.ok("list_books", json!({ "limit": 1 }))["book_list"][0]["book_id"].as_str().unwrap().to_string();
    let row = json!({ "chapter_index": 1, "words": 120 });
    let preview = json!({ "book_id": first, "default_words": 240, "chapter_setting": [row] });
    desk.ok("set_preview", json!({ "setting": preview }));
    desk.ok("set_recommend", json!({ "recmd_type": 2, "book_id_list": [first] }));
    let words = json!({ "book_id": first, "keyword_list": ["重生"], "update_keyword": true, "custom_info": "备注" });
    desk.ok("update_book", words);
    desk.life.review_seconds = DAY;
    desk.ok("audit_book", json!({ "book_id": first }));
    desk
}

fn reloaded(novels: &Novels) -> Novels {
    let text = serde_json::to_string(novels).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_world_that_was_written_down_and_read_again_goes_on_as_before() {
    let mut desk = lived_in();
    let mut other = Desk { novels: reloaded(&desk.novels), life: desk.life.clone(), ..Desk::new() };
    assert_eq!(other.dump(), desk.dump());
    let book = with(new_book("新书"), "original_id", "bk-new");
    let calls = [
        ("create_book", book),
        ("list_books", json!({ "last_id": 0, "need_edited_data": true })),
        ("list_books", json!({ "offset": 3, "limit": 4 })),
        ("get_book", json!({ "original_id": "book-0001", "need_edited_data": true })),
        ("get_book", json!({ "original_id": "bk-new", "need_edited_data": true })),
        ("query_book_auth", json!({ "offset": 0, "count": 30, "is_sum": true })),
        ("query_app_auth", json!({ "type": 1, "count": 100 })),
    ];
    for _ in 0..2 {
        for (name, fields) in &calls {
            let [mine, others] = [&mut desk, &mut other].map(|desk| desk.call(name, fields.clone()));
            assert_eq!(mine, others, "{name}");
        }
        desk.now += 40 * DAY;
        other.now += 40 * DAY;
    }
    assert_eq!(desk.events.len(), 1);
    assert_eq!((other.dump(), other.events), (desk.dump(), desk.events));
}

#[test]
fn a_world_can_be_written_by_hand() {
    let world = json!({
        "books": [
            { "id": "Bk7aQ2x9", "owner": ME, "edit": { "title": "归来记", "chapters": [{ "id": "Ch1", "title": "第1章" }] } },
            { "id": "Bk2", "owner": ME, "edit": { "title": "山河旧梦" }, "release": { "older": { "title": "旧名" } } },
            { "id": "Bk3", "owner": ME, "edit": { "title": "春风" }, "release": "same" },
        ],
        "book_grants": [
            { "book_id": "Bk2", "grantor_appid": ME, "grantee_appid": GUEST, "expire_time": NOW + DAY },
        ],
    });
    let mut desk = Desk { novels: serde_json::from_value(world).unwrap(), ..Desk::new() };
    let released = desk.ok("list_books", json!({ "last_id": 1 }));
    let titles: Vec<_> = released["book_list"].as_array().unwrap().iter().map(|book| &book["title"]).collect();
    assert_eq!(titles, ["旧名", "春风"]);
    desk.release("Bk7aQ2x9");
    let fresh = desk.book("新书");
    assert_ne!(fresh, "Bk7aQ2x9");
    let rest = desk.ok("list_books", json!({ "last_id": 3, "need_edited_data": true }));
    assert_eq!(rest["book_list"][0]["book_id"], fresh);
    desk.caller = GUEST;
    desk.ok("get_book", json!({ "book_id": "Bk2" }));
}

#[test]
fn a_world_with_a_mistake_in_it_is_not_read() {
    let book = |fields: Value| json!({ "books": [{ "id": "Bk1", "owner": ME }, fields] });
    let mistakes = [
        (book(json!({ "id": "Bk1", "owner": ME })), "two books have the id \"Bk1\""),
        (book(json!({ "id": "Bk2" })), "needs an id and an owner"),
        (book(json!({ "id": "Bk2", "owner": ME, "tilte": "x" })), "unknown field `tilte`"),
        (json!({ "book_grants": [{ "grantee_appid": GUEST }] }), "missing field `grantor_appid`"),
    ];
    for (world, message) in mistakes {
        let error = serde_json::from_value::<Novels>(world).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

/// A hundred and fifty thousand of them, with a chapter each, are to need less than eighty megabytes of structure.
#[test]
fn a_book_and_a_chapter_are_small() {
    let each = size_of::<Book>() + size_of::<Chapter>();
    assert!(each <= 512, "{each} bytes");
}

#[test]
fn the_versions_of_a_book_share_their_texts() {
    let (mut desk, book_id) = Desk::with_book();
    desk.release(&book_id);
    assert_eq!(desk.dump()["books"][0]["release"], "same");
    desk.ok("update_book", json!({ "book_id": book_id, "title": "新名" }));
    let book = desk.novels.books.by_id(&book_id).unwrap();
    let released = &book.released().unwrap().chapters[0];
    assert!(std::ptr::eq(released.content.text(), book.edit.chapters[0].content.text()));
}

#[test]
fn both_ways_to_page_through_many_books_agree() {
    const MANY: usize = 20_000;
    let mut desk = Desk::new();
    for _ in 0..MANY {
        let id = desk.novels.ids.fresh("Bk", |_| false).into();
        desk.novels.books.add(Book { owner: ME.into(), id, ..Book::default() });
    }
    for start in (0..MANY).step_by(999) {
        let page = |field: &str| json!({ field: start, "limit": 2, "need_edited_data": true });
        let [by_offset, by_id] = ["offset", "last_id"].map(|field| desk.ok("list_books", page(field)));
        assert_eq!(by_offset["book_list"], by_id["book_list"]);
        assert_eq!(by_offset["total_cnt"], MANY);
    }
}
