//! Chapters in both order methods.

use super::*;

fn batch(book_id: &str, rows: &[Value]) -> Value {
    json!({ "book_id": book_id, "chapter_list": rows })
}

/// A desk with an empty book sorted by seq.
fn by_seq() -> (Desk, String) {
    let mut desk = Desk::new();
    let book_id = desk.created(with(new_book("归来记"), "chapter_order_method", 1));
    (desk, book_id)
}

#[test]
fn a_title_loses_the_blanks_around_it_and_the_runs_inside_and_is_measured_then() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    desk.chapter(&book_id, "  第1章   归来 ");
    desk.chapter(&book_id, &format!("{}{:>20}", "长".repeat(78), "尾"));
    assert_eq!(desk.titles(&book_id), ["第1章 归来".to_string(), format!("{} 尾", "长".repeat(78))]);
}

#[test]
fn chapters_are_appended_whatever_their_seq() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    let third = without(chapter_row("丙", "c", 0), "seq");
    desk.ok(
        "batch_create_chapters",
        batch(&book_id, &[chapter_row("乙", "b", 200), chapter_row("甲", "a", 100), third]),
    );
    assert_eq!(desk.titles(&book_id), ["乙", "甲", "丙"]);
}

#[test]
fn chapters_by_seq_are_sorted_stably() {
    let (mut desk, book_id) = by_seq();
    let rows = [("丙", "c", 200), ("甲", "a", 100), ("丁", "d", 200), ("乙", "b", 100)];
    desk.ok("batch_create_chapters", batch(&book_id, &rows.map(|(title, key, seq)| chapter_row(title, key, seq))));
    assert_eq!(desk.titles(&book_id), ["甲", "乙", "丙", "丁"]);
}

#[test]
fn a_batch_stores_what_does_not_clash_and_names_what_does() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    let (first, second) = (chapter_row("甲", "a", 0), chapter_row("乙", "b", 0));
    desk.ok("batch_create_chapters", batch(&book_id, std::slice::from_ref(&first)));
    let reply = desk.ok("batch_create_chapters", batch(&book_id, &[first.clone(), second]));
    assert_eq!(reply["conflict_original_id_list"], json!(["a"]));
    assert_eq!(reply["chapter_id_list"].as_array().map(Vec::len), Some(1));
    assert_eq!(desk.titles(&book_id), ["甲", "乙"]);
    let refusal = desk.call("batch_create_chapters", batch(&book_id, &[first])).unwrap_err();
    assert_eq!((refusal.code, &refusal.fields["conflict_original_id_list"]), (10141009, &json!(["a"])));
}

#[test]
fn chapters_without_a_key_never_clash() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    let nameless = [chapter_row("甲", "", 0), chapter_row("乙", "", 0)];
    for _ in 0..2 {
        let reply = desk.ok("batch_create_chapters", batch(&book_id, &nameless));
        assert!(reply.get("conflict_original_id_list").is_none());
    }
    assert_eq!(desk.titles(&book_id).len(), 4);
}

#[test]
fn a_replaced_chapter_hands_on_its_place_and_key_and_dies() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    let rows = [chapter_row("甲", "a", 1), chapter_row("乙", "b", 2)];
    let ids = desk.ok("batch_create_chapters", batch(&book_id, &rows));
    let old = ids["chapter_id_list"][0].clone();
    let replace = json!({
        "book_id": book_id, "chapter_id": old, "new_chapter_title": "新甲", "new_content": "新的天亮了。"
    });
    let new = desk.ok("replace_chapter", replace.clone())["new_chapter_id"].clone();
    assert_eq!(desk.titles(&book_id), ["新甲", "乙"]);
    let get = |id: &Value| json!({ "book_id": book_id, "chapter_id": id, "need_edited_data": true });
    assert_eq!(desk.refused("get_chapter", get(&old)), 10141001);
    let chapter = desk.ok("get_chapter", get(&new))["chapter"].clone();
    assert_eq!((&chapter["original_id"], &chapter["word_cnt"]), (&json!("a"), &json!(6)));
    assert_eq!((&chapter["content"], &chapter["seq"]), (&json!("新的天亮了。"), &json!(1)));
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
    let rows = ["甲", "乙", "丙"].map(|title| chapter_row(title, title, 0));
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
    let list = json!({ "book_id": book_id, "chapter_id_list": [id] });
    assert_eq!(desk.refused("reorder_chapter", reorder.clone()), 10141010);
    assert_eq!(desk.refused("update_book", list.clone()), 10141010);
    desk.ok("update_chapter_seq", seq.clone());
    desk.ok("update_book", with(list, "chapter_order_method", 0));
    desk.ok("reorder_chapter", reorder);
    assert_eq!(desk.refused("update_chapter_seq", seq), 10141010);
}

#[test]
fn new_seqs_sort_the_chapters_and_unknown_ones_change_nothing() {
    let (mut desk, book_id) = by_seq();
    let rows = [chapter_row("甲", "a", 100), chapter_row("乙", "b", 200)];
    let ids = desk.ok("batch_create_chapters", batch(&book_id, &rows))["chapter_id_list"].clone();
    let row = |id: &Value, seq| json!({ "chapter_id": id, "seq": seq });
    let update = |rows: [Value; 2]| json!({ "book_id": book_id, "chapter_seq_list": rows });
    assert_eq!(desk.refused("update_chapter_seq", update([row(&ids[0], 300), row(&json!("Chother"), 150)])), 10141001);
    assert_eq!(desk.titles(&book_id), ["甲", "乙"]);
    desk.ok("update_chapter_seq", update([row(&ids[0], 300), row(&ids[1], 150)]));
    assert_eq!(desk.titles(&book_id), ["乙", "甲"]);
}

#[test]
fn a_page_of_chapters_is_ten_unless_asked_otherwise() {
    let mut desk = Desk::new();
    let book_id = desk.book("归来记");
    (0..12).for_each(|index| drop(desk.chapter(&book_id, &format!("第{index}章"))));
    assert_eq!(desk.titles(&book_id).len(), 10);
    let mut page = |offset| {
        let page = json!({ "book_id": book_id, "need_edited_data": true, "offset": offset, "limit": 100 });
        let page = desk.ok("list_chapters", page);
        (page["chapter_list"].as_array().map(Vec::len), page["total_cnt"].clone())
    };
    assert_eq!(page(10), (Some(2), json!(12)));
    assert_eq!(page(12), (Some(0), json!(12)));
}

#[test]
fn a_volume_lists_its_own_chapters_and_new_ones_are_in_none() {
    let (mut desk, book_id) = Desk::with_book();
    desk.chapter(&book_id, "第2章");
    let volume = |place: usize| json!({ "volume_title": "卷", "start_index": place, "end_index": place });
    let volumes = json!({ "book_id": book_id, "need_volume": true, "volume_list": [volume(0), volume(1)] });
    desk.ok("update_book", volumes);
    desk.chapter(&book_id, "第3章");
    let mut listed = |volume: Option<i64>| {
        let list = json!({ "book_id": book_id, "need_edited_data": true });
        let list = volume.map_or(list.clone(), |volume| with(list, "volume_index", volume));
        let reply = desk.ok("list_chapters", list);
        let rows = reply["chapter_list"].as_array().unwrap();
        assert_eq!(reply["total_cnt"], rows.len());
        rows.iter().map(|row| row["volume_index"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed(None), [0, 1, -1]);
    assert_eq!(listed(Some(1)), [1]);
    assert!(listed(Some(2)).is_empty());
}
