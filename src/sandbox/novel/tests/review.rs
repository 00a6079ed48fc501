//! What a review needs, forbids and brings about.

use super::*;

#[test]
fn a_review_passes_at_once_unless_it_takes_time() {
    let (mut desk, book_id) = Desk::with_book();
    desk.release(&book_id);
    let book = desk.released(&book_id);
    let passed = json!({ "audit_status": 3, "create_time": NOW, "audit_time": NOW, "reason": "" });
    assert_eq!(book["audit_info"], passed);
    assert_eq!(desk.ok("list_books", json!({}))["total_cnt"], 1);
}

#[test]
fn a_book_under_review_is_not_to_be_changed() {
    let (mut desk, book_id) = Desk::with_book();
    let id = desk.chapter(&book_id, "第2章");
    desk.life.review_seconds = 60;
    desk.ok("audit_book", json!({ "book_id": book_id }));
    let chapter = chapter_row("第3章", "", 0);
    let calls = [
        ("update_book", json!({ "book_id": book_id })),
        ("delete_book", json!({ "book_id": book_id })),
        ("create_chapter", json!({ "book_id": book_id, "chapter": chapter })),
        ("batch_create_chapters", json!({ "book_id": book_id, "chapter_list": [chapter] })),
        ("delete_chapter", json!({ "book_id": book_id, "chapter_id": id })),
        (
            "replace_chapter",
            json!({ "book_id": book_id, "chapter_id": id, "new_chapter_title": "新", "new_content": "新" }),
        ),
        ("reorder_chapter", json!({ "book_id": book_id, "chapter_id": id, "target_chapter_id": id, "operation": 1 })),
        ("update_chapter_seq", json!({ "book_id": book_id, "chapter_seq_list": [] })),
        ("audit_book", json!({ "book_id": book_id })),
    ];
    for (name, fields) in calls {
        assert_eq!(desk.refused(name, fields), 10141003, "{name}");
    }
    desk.now += 59;
    assert_eq!(desk.status(&book_id), 1);
    desk.now += 1;
    assert_eq!(desk.status(&book_id), 3);
    desk.ok("create_chapter", json!({ "book_id": book_id, "chapter": chapter }));
}

#[test]
fn an_edit_needs_a_new_submission_and_leaves_the_release_alone() {
    let (mut desk, book_id) = Desk::with_book();
    desk.release(&book_id);
    desk.ok("update_book", json!({ "book_id": book_id, "title": "归来记 新版" }));
    assert_eq!(desk.status(&book_id), 0);
    let release = desk.released(&book_id);
    assert_eq!((&release["title"], &release["audit_info"]["audit_status"]), (&json!("归来记"), &json!(3)));
    desk.life.review_seconds = 60;
    desk.ok("audit_book", json!({ "book_id": book_id }));
    assert_eq!(desk.released(&book_id), release);
    desk.now += 60;
    let release = desk.released(&book_id);
    assert_eq!((&release["title"], &release["audit_info"]["audit_time"]), (&json!("归来记 新版"), &json!(NOW + 60)));
}

#[test]
fn reviews_end_when_they_are_due_in_their_order_and_are_told() {
    let mut desk = Desk::new();
    let books: Vec<_> = (0..3).map(|index| desk.book(&format!("书{index}"))).collect();
    books.iter().for_each(|id| drop(desk.chapter(id, "第1章")));
    desk.life.review_seconds = 100;
    desk.reject("书1", "标题违规");
    for (id, wait) in [(&books[2], 10), (&books[0], 10), (&books[1], 0)] {
        desk.ok("audit_book", json!({ "book_id": id }));
        desk.now += wait;
    }
    desk.now += DAY;
    desk.settle();
    let told = |id: &str, status: i64, submitted: i64| {
        json!({ "audit_event": { "book_id": id, "audit_detail": {
            "status": status, "create_time": submitted, "audit_time": submitted + 100,
        } } })
    };
    let expected = [told(&books[2], 3, NOW), told(&books[0], 3, NOW + 10), told(&books[1], 2, NOW + 20)];
    assert_eq!(desk.events.iter().map(|event| json!(event.fields)).collect::<Vec<_>>(), expected);
    for (event, submitted) in desk.events.iter().zip([NOW, NOW + 10, NOW + 20]) {
        assert_eq!((&*event.to, &*event.name, event.time), (ME, "secbook_audit_event", submitted + 100));
    }
}

#[test]
fn a_rejected_book_carries_the_reason_and_a_suggestion_and_is_not_released() {
    let (mut desk, book_id) = Desk::with_book();
    desk.reject(&book_id, "简介不符合规范");
    desk.ok("audit_book", json!({ "book_id": book_id }));
    let audit = desk.edited(&book_id)["audit_info"].clone();
    assert_eq!((&audit["audit_status"], &audit["reason"]), (&json!(2), &json!("简介不符合规范")));
    assert!(audit["suggestion"].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(desk.refused("get_book", json!({ "book_id": book_id })), 10141001);
    desk.ok("update_book", json!({ "book_id": book_id, "title": "新名" }));
    let audit = desk.edited(&book_id)["audit_info"].clone();
    assert_eq!((&audit["audit_status"], audit.get("suggestion")), (&json!(0), None));
}

#[test]
fn a_rejected_chapter_carries_its_own_reason_and_holds_the_book_back() {
    let (mut desk, book_id) = Desk::with_book();
    let second = desk.chapter(&book_id, "第2章 旧城");
    desk.reject("旧城", "");
    desk.ok("audit_book", json!({ "book_id": book_id }));
    let list = desk.ok("list_chapters", json!({ "book_id": book_id, "need_edited_data": true }));
    let audit = |place: usize| &list["chapter_list"][place]["audit_info"];
    assert_eq!((&audit(0)["audit_status"], &audit(1)["audit_status"]), (&json!(3), &json!(2)));
    assert_ne!(audit(1)["reason"], "");
    assert_eq!(desk.status(&book_id), 2);
    desk.ok("delete_chapter", json!({ "book_id": book_id, "chapter_id": second }));
    desk.release(&book_id);
}

#[test]
fn a_refill_rejects_and_a_verdict_that_is_used_up_lets_pass() {
    let (mut desk, book_id) = Desk::with_book();
    let refill =
        Verdict { about: "归来".into(), result: Ruling::Refill, reason: "补充材料".into(), times: Some(2) };
    desk.life.verdicts.push(refill);
    desk.ok("audit_book", json!({ "book_id": book_id }));
    assert_eq!(desk.status(&book_id), 2);
    desk.release(&book_id);
}

#[test]
fn the_first_verdict_that_fits_counts() {
    let (mut desk, book_id) = Desk::with_book();
    let pass = Verdict { about: "归来".into(), result: Ruling::Pass, reason: String::new(), times: None };
    desk.life.verdicts.push(pass);
    desk.reject("", "一概不过");
    desk.release(&book_id);
}
