//! `update_book`: what changes, what stays, and what the order and the volumes may be.

use super::*;

fn volume(start: usize, end: usize) -> Value {
    json!({ "volume_title": "卷", "start_index": start, "end_index": end })
}

fn volumes(book_id: &str, list: &[Value]) -> Value {
    json!({ "book_id": book_id, "need_volume": true, "volume_list": list })
}

#[test]
fn only_the_fields_that_were_sent_change() {
    let (mut desk, book_id) = Desk::with_book();
    let before = desk.edited(&book_id);
    let changes = json!({
        "title": "归来记 新版", "intro": "新的故事。", "author": "林二", "complete_status": 2, "custom_info": "备注",
        "first_category_id": 10011, "second_category_id": 10012, "third_category_id": 10012,
    });
    for field in ["title", "intro", "author", "complete_status", "custom_info"] {
        let value = changes[field].clone();
        desk.ok("update_book", with(json!({ "book_id": book_id }), field, value.clone()));
        assert_eq!(desk.edited(&book_id)[field], value);
    }
    desk.ok("update_book", with(changes.clone(), "book_id", book_id.as_str()));
    let mut expected = before;
    expected.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    for (field, name) in [("first", "女频"), ("second", "古代言情"), ("third", "古代言情")] {
        expected[format!("{field}_category_name")] = name.into();
    }
    assert_eq!(desk.edited(&book_id), expected);
}

#[test]
fn keywords_change_only_when_that_is_said() {
    let (mut desk, book_id) = Desk::with_book();
    let write = json!({ "book_id": book_id, "keyword_list": ["重生", "商战"] });
    desk.ok("update_book", write.clone());
    assert_eq!(desk.dump()["books"][0]["edit"]["keywords"], json!([]));
    desk.ok("update_book", with(write, "update_keyword", true));
    assert_eq!(desk.dump()["books"][0]["edit"]["keywords"], json!(["重生", "商战"]));
}

#[test]
fn a_striking_paragraph_stands_in_the_book() {
    let (mut desk, book_id) = Desk::with_book();
    let paragraph = "夜色正浓。".repeat(80);
    let update = json!({ "book_id": book_id, "awesome_paragraph": paragraph });
    assert_eq!(desk.refused("update_book", update.clone()), 10140001);
    let chapter = json!({ "chapter_title": "第2章", "content": format!("开头。{paragraph}结尾。") });
    desk.ok("create_chapter", json!({ "book_id": book_id, "chapter": chapter }));
    desk.ok("update_book", update);
    assert_eq!(desk.dump()["books"][0]["edit"]["awesome_paragraph"], paragraph);
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
    assert_eq!(desk.edited(&book_id)["title"], "归来记");
    desk.ok("update_book", json!({ "book_id": book_id, "chapter_id_list": [third, first, second] }));
    assert_eq!(desk.titles(&book_id), ["第3章", "第1章 归来", "第2章"]);
}

#[test]
fn a_switch_to_seq_sorts_and_the_switch_back_keeps_order_and_seq() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    let rows = [chapter_row("乙", "b", 200), chapter_row("甲", "a", 100)];
    desk.ok("batch_create_chapters", json!({ "book_id": book_id, "chapter_list": rows }));
    let mut order = |method| {
        desk.ok("update_book", json!({ "book_id": book_id, "chapter_order_method": method }));
        assert_eq!(desk.edited(&book_id)["chapter_order_method"], method);
        desk.titles(&book_id).concat()
    };
    assert_eq!(order(0), "乙甲");
    assert_eq!(order(1), "甲乙");
    assert_eq!(order(0), "甲乙");
    let list = desk.ok("list_chapters", json!({ "book_id": book_id, "need_edited_data": true }));
    assert_eq!(list["chapter_list"][1]["seq"], 200);
}

#[test]
fn volumes_cover_every_chapter_without_gap_or_overlap() {
    let (mut desk, book_id) = Desk::with_book();
    desk.chapter(&book_id, "第2章");
    let all_bad: [&[Value]; 7] = [
        &[],
        &[volume(0, 0)],
        &[volume(1, 1)],
        &[volume(0, 2)],
        &[volume(0, 1), volume(1, 1)],
        &[volume(1, 1), volume(0, 0)],
        &[volume(0, 1), volume(2, 1)],
    ];
    for bad in all_bad {
        assert_eq!(desk.refused("update_book", volumes(&book_id, bad)), 10140012, "{bad:?}");
    }
    desk.ok("update_book", volumes(&book_id, &[volume(0, 0), volume(1, 1)]));
    assert_eq!(desk.edited(&book_id)["volume_list"], json!([volume(0, 0), volume(1, 1)]));
    desk.ok("update_book", json!({ "book_id": book_id, "title": "新名" }));
    assert_eq!(desk.edited(&book_id)["volume_cnt"], 2);
    desk.ok("update_book", json!({ "book_id": book_id, "need_volume": false }));
    assert_eq!(desk.edited(&book_id)["volume_cnt"], 0);
}

#[test]
fn volumes_are_written_again_after_chapters_came_or_went() {
    let (mut desk, book_id) = Desk::with_book();
    desk.ok("update_book", volumes(&book_id, &[volume(0, 0)]));
    let id = desk.chapter(&book_id, "第2章");
    assert_eq!(desk.refused("audit_book", json!({ "book_id": book_id })), 10141008);
    desk.ok("update_book", volumes(&book_id, &[volume(0, 1)]));
    desk.release(&book_id);
    desk.ok("delete_chapter", json!({ "book_id": book_id, "chapter_id": id }));
    assert_eq!(desk.refused("audit_book", json!({ "book_id": book_id })), 10141008);
    desk.ok("update_book", json!({ "book_id": book_id, "need_volume": false }));
    desk.release(&book_id);
}
