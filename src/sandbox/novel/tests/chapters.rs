//! Chapters in both order methods.

use super::*;

fn row(title: &str, key: &str, seq: i64) -> Value {
    json!({ "chapter_title": title, "content": "天亮了。", "original_id": key, "seq": seq })
}

fn batch(book_id: &str, rows: &[Value]) -> Value {
    json!({ "book_id": book_id, "chapter_list": rows })
}

/// A desk with an empty book sorted by seq.
fn by_seq() -> (Desk, String) {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    desk.ok("update_book", json!({ "book_id": book_id, "chapter_order_method": 1 }));
    (desk, book_id)
}

#[test]
fn a_title_loses_the_blanks_around_it_and_the_runs_inside() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    desk.chapter(&book_id, "  第1章   归来 ");
    assert_eq!(desk.titles(&book_id), ["第1章 归来"]);
}

#[test]
fn a_title_or_text_of_blanks_is_refused() {
    let (mut desk, book_id) = Desk::with_book();
    let create =
        |title, content| json!({ "book_id": book_id, "chapter": { "chapter_title": title, "content": content } });
    assert_eq!(desk.refused("create_chapter", create("  ", "字")), 10140018);
    assert_eq!(desk.refused("create_chapter", create("第2章", "　")), 10140019);
    assert_eq!(desk.refused("create_chapter", json!({ "book_id": book_id })), 10140013);
}

#[test]
fn chapters_are_appended_whatever_their_seq() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    desk.ok("batch_create_chapters", batch(&book_id, &[row("乙", "b", 200), row("甲", "a", 100)]));
    assert_eq!(desk.titles(&book_id), ["乙", "甲"]);
}

#[test]
fn chapters_by_seq_are_sorted_stably() {
    let (mut desk, book_id) = by_seq();
    let rows = [row("丙", "c", 200), row("甲", "a", 100), row("丁", "d", 200), row("乙", "b", 100)];
    desk.ok("batch_create_chapters", batch(&book_id, &rows));
    assert_eq!(desk.titles(&book_id), ["甲", "乙", "丙", "丁"]);
}

#[test]
fn a_batch_stores_what_does_not_clash_and_names_what_does() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    desk.ok("batch_create_chapters", batch(&book_id, &[row("甲", "a", 0)]));
    let reply = desk.ok("batch_create_chapters", batch(&book_id, &[row("甲", "a", 0), row("乙", "b", 0)]));
    assert_eq!(reply["conflict_original_id_list"], json!(["a"]));
    assert_eq!(reply["chapter_id_list"].as_array().map(Vec::len), Some(1));
    assert_eq!(desk.titles(&book_id), ["甲", "乙"]);
    let refusal = desk.call("batch_create_chapters", batch(&book_id, &[row("甲", "a", 0)])).unwrap_err();
    assert_eq!((refusal.code, &refusal.fields["conflict_original_id_list"]), (10141009, &json!(["a"])));
}

#[test]
fn a_batch_has_one_to_ten_chapters_with_keys_of_their_own() {
    let (mut desk, book_id) = Desk::with_book();
    assert_eq!(desk.refused("batch_create_chapters", batch(&book_id, &[])), 10140013);
    let eleven: Vec<_> = (0..11).map(|index| row("章", &index.to_string(), 0)).collect();
    assert_eq!(desk.refused("batch_create_chapters", batch(&book_id, &eleven)), 10140014);
    let twins = [row("甲", "a", 0), row("乙", "a", 0)];
    assert_eq!(desk.refused("batch_create_chapters", batch(&book_id, &twins)), 10140023);
    let nameless = [row("甲", "", 0), row("乙", "", 0)];
    desk.ok("batch_create_chapters", batch(&book_id, &nameless));
}

#[test]
fn an_original_id_names_one_chapter_of_a_book() {
    let (mut desk, book_id) = Desk::with_book();
    let create = json!({ "book_id": book_id, "chapter": row("甲", "a", 0) });
    desk.ok("create_chapter", create.clone());
    assert_eq!(desk.refused("create_chapter", create), 10141009);
}

#[test]
fn a_replaced_chapter_hands_on_its_place_and_key_and_dies() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    let ids = desk.ok("batch_create_chapters", batch(&book_id, &[row("甲", "a", 1), row("乙", "b", 2)]));
    let old = ids["chapter_id_list"][0].clone();
    let replace = json!({
        "book_id": book_id, "chapter_id": old, "new_chapter_title": "新甲", "new_content": "新的天亮了。"
    });
    let new = desk.ok("replace_chapter", replace.clone())["new_chapter_id"].clone();
    assert_eq!(desk.titles(&book_id), ["新甲", "乙"]);
    let get = |id: &Value| json!({ "book_id": book_id, "chapter_id": id, "need_edited_data": true });
    assert_eq!(desk.refused("get_chapter", get(&old)), 10141001);
    let chapter = desk.ok("get_chapter", get(&new));
    assert_eq!((&chapter["chapter"]["original_id"], &chapter["chapter"]["word_cnt"]), (&json!("a"), &json!(6)));
    assert_eq!(desk.refused("replace_chapter", replace), 10141001);
}

#[test]
fn a_release_keeps_a_deleted_chapter_until_the_next_review() {
    let (mut desk, book_id) = Desk::with_book();
    let second = desk.chapter(&book_id, "第2章");
    desk.release(&book_id);
    let chapter = json!({ "book_id": book_id, "chapter_id": second });
    desk.ok("delete_chapter", chapter.clone());
    assert_eq!(desk.refused("delete_chapter", chapter.clone()), 10141001);
    desk.ok("get_chapter", chapter.clone());
    desk.release(&book_id);
    assert_eq!(desk.refused("get_chapter", chapter), 10141001);
}

#[test]
fn chapters_are_swapped_or_put_before_or_behind_another() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    let rows: Vec<_> = ["甲", "乙", "丙"].map(|title| row(title, title, 0)).into();
    let ids = desk.ok("batch_create_chapters", batch(&book_id, &rows))["chapter_id_list"].clone();
    let mut after = |operation, chapter: usize, target: usize| {
        let (chapter, target) = (&ids[chapter], &ids[target]);
        let fields =
            json!({ "book_id": book_id, "chapter_id": chapter, "target_chapter_id": target, "operation": operation });
        desk.ok("reorder_chapter", fields);
        desk.titles(&book_id).concat()
    };
    assert_eq!(after(1, 0, 2), "丙乙甲");
    assert_eq!(after(2, 0, 2), "甲丙乙");
    assert_eq!(after(3, 0, 1), "丙乙甲");
    assert_eq!(after(3, 0, 0), "丙乙甲");
}

#[test]
fn each_order_method_has_its_own_operation() {
    let (mut desk, book_id) = by_seq();
    let id = desk.chapter(&book_id, "甲");
    let reorder = json!({ "book_id": book_id, "chapter_id": id, "target_chapter_id": id, "operation": 1 });
    let seq = json!({ "book_id": book_id, "chapter_seq_list": [{ "chapter_id": id, "seq": 5 }] });
    assert_eq!(desk.refused("reorder_chapter", reorder), 10141010);
    assert_eq!(desk.refused("update_book", json!({ "book_id": book_id, "chapter_id_list": [id] })), 10141010);
    desk.ok("update_chapter_seq", seq.clone());
    desk.ok("update_book", json!({ "book_id": book_id, "chapter_order_method": 0 }));
    assert_eq!(desk.refused("update_chapter_seq", seq), 10141010);
}

#[test]
fn new_seqs_sort_the_chapters_and_unknown_ones_change_nothing() {
    let (mut desk, book_id) = by_seq();
    let ids = desk.ok("batch_create_chapters", batch(&book_id, &[row("甲", "a", 100), row("乙", "b", 200)]));
    let update = |id: &Value| {
        json!({ "book_id": book_id, "chapter_seq_list": [
        { "chapter_id": ids["chapter_id_list"][0], "seq": 300 }, { "chapter_id": id, "seq": 150 },
    ] })
    };
    assert_eq!(desk.refused("update_chapter_seq", update(&json!("Chother"))), 10141001);
    assert_eq!(desk.titles(&book_id), ["甲", "乙"]);
    desk.ok("update_chapter_seq", update(&ids["chapter_id_list"][1]));
    assert_eq!(desk.titles(&book_id), ["乙", "甲"]);
    let unknown = json!({ "book_id": book_id, "chapter_seq_list": [{ "chapter_id": ids["chapter_id_list"][0] }] });
    assert_eq!(desk.refused("update_chapter_seq", unknown), 10140022);
}

#[test]
fn a_page_of_chapters_is_ten_unless_asked_otherwise() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    (0..12).for_each(|index| drop(desk.chapter(&book_id, &format!("第{index}章"))));
    assert_eq!(desk.titles(&book_id).len(), 10);
    let rest = json!({ "book_id": book_id, "need_edited_data": true, "offset": 10, "limit": 100 });
    let rest = desk.ok("list_chapters", rest);
    assert_eq!((rest["chapter_list"].as_array().map(Vec::len), &rest["total_cnt"]), (Some(2), &json!(12)));
}
