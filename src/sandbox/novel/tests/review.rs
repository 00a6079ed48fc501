//! What a review needs, forbids and brings about.

use super::*;

#[test]
fn a_review_passes_at_the_first_reading_and_releases_the_book() {
    let (mut desk, book_id) = Desk::with_book();
    desk.ok("audit_book", json!({ "book_id": book_id }));
    assert_eq!(desk.refused("audit_book", json!({ "book_id": book_id })), 10141003);
    assert_eq!(desk.status(&book_id), 3);
    let book = desk.ok("get_book", json!({ "book_id": book_id }));
    assert_eq!(book["book"]["audit_info"]["reason"], "");
    assert_eq!(desk.ok("list_books", json!({}))["total_cnt"], 1);
}

#[test]
fn a_book_under_review_is_not_to_be_changed() {
    let (mut desk, book_id) = Desk::with_book();
    let id = desk.chapter(&book_id, "第2章");
    desk.novels.review_seconds = 60;
    desk.ok("audit_book", json!({ "book_id": book_id }));
    let chapter = json!({ "chapter_title": "第3章", "content": "字" });
    let replace = json!({ "book_id": book_id, "chapter_id": id, "new_chapter_title": "新", "new_content": "新" });
    assert_eq!(desk.refused("update_book", json!({ "book_id": book_id })), 10141003);
    assert_eq!(desk.refused("create_chapter", json!({ "book_id": book_id, "chapter": chapter })), 10141003);
    let batch = json!({ "book_id": book_id, "chapter_list": [chapter] });
    assert_eq!(desk.refused("batch_create_chapters", batch), 10141003);
    assert_eq!(desk.refused("replace_chapter", replace), 10141003);
    assert_eq!(desk.refused("delete_chapter", json!({ "book_id": book_id, "chapter_id": id })), 10141003);
    assert_eq!(desk.refused("delete_book", json!({ "book_id": book_id })), 10141003);
    assert_eq!(desk.status(&book_id), 1);
    desk.now += 60;
    assert_eq!(desk.status(&book_id), 3);
    desk.ok("create_chapter", json!({ "book_id": book_id, "chapter": chapter }));
}

#[test]
fn an_edit_needs_a_new_submission_and_leaves_the_release_alone() {
    let (mut desk, book_id) = Desk::with_book();
    desk.release(&book_id);
    desk.ok("update_book", json!({ "book_id": book_id, "title": "归来记 新版" }));
    assert_eq!(desk.status(&book_id), 0);
    let release = desk.ok("get_book", json!({ "book_id": book_id }));
    assert_eq!(release["book"]["title"], "归来记");
    assert_eq!(release["book"]["audit_info"]["audit_status"], 3);
    desk.release(&book_id);
    assert_eq!(desk.ok("get_book", json!({ "book_id": book_id }))["book"]["title"], "归来记 新版");
}

#[test]
fn a_title_that_says_so_is_rejected_with_a_reason_and_a_suggestion() {
    let (mut desk, book_id) = Desk::with_book();
    desk.ok("update_book", json!({ "book_id": book_id, "title": "归来记（驳回）" }));
    desk.ok("audit_book", json!({ "book_id": book_id }));
    let book = desk.ok("get_book", json!({ "book_id": book_id, "need_edited_data": true }));
    let audit = &book["book"]["audit_info"];
    assert_eq!(audit["audit_status"], 2);
    assert_ne!(audit["reason"], "");
    assert_ne!(audit["suggestion"], "");
    assert_eq!(desk.refused("get_book", json!({ "book_id": book_id })), 10141001);
}

#[test]
fn a_rejected_chapter_carries_its_own_reason() {
    let (mut desk, book_id) = Desk::with_book();
    desk.chapter(&book_id, "第2章 驳回");
    desk.ok("audit_book", json!({ "book_id": book_id }));
    let list = desk.ok("list_chapters", json!({ "book_id": book_id, "need_edited_data": true }));
    let status = |place: usize| &list["chapter_list"][place]["audit_info"]["audit_status"];
    assert_eq!((status(0), status(1)), (&json!(3), &json!(2)));
    assert_eq!(desk.status(&book_id), 2);
}

#[test]
fn a_book_without_chapters_is_not_reviewed() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    assert_eq!(desk.refused("audit_book", json!({ "book_id": book_id })), 10141007);
}

#[test]
fn volumes_are_written_again_after_chapters_came_or_went() {
    let (mut desk, book_id) = Desk::with_book();
    let write = |end| {
        json!({ "book_id": book_id, "need_volume": true, "volume_list": [
        { "volume_title": "第一卷", "start_index": 0, "end_index": end },
    ] })
    };
    desk.ok("update_book", write(0));
    let id = desk.chapter(&book_id, "第2章");
    assert_eq!(desk.refused("audit_book", json!({ "book_id": book_id })), 10141008);
    desk.ok("update_book", write(1));
    desk.release(&book_id);
    desk.ok("delete_chapter", json!({ "book_id": book_id, "chapter_id": id }));
    assert_eq!(desk.refused("audit_book", json!({ "book_id": book_id })), 10141008);
    desk.ok("update_book", write(0));
    desk.release(&book_id);
}
