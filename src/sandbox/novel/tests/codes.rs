//! Calls that are refused, with the documented code of each.

use super::*;

/// The codes that no call to these operations brings about: the platform's own mishaps, and what only the outer layers,
/// the web console or unpublished fields lead to.
const OUT_OF_REACH: [i64; 9] = [-1, 10140002, 10140009, 10140025, 10141004, 10141005, 10141006, 10145002, 10145010];

type Call = (i64, &'static str, Value);

/// Books in the states that calls meet.
struct Stage {
    desk: Desk,
    /// With two chapters.
    book: String,
    chapters: [String; 2],
    /// The same, sorted by seq.
    sorted: String,
    sorted_chapter: String,
    empty: String,
    /// With a volume that a newer chapter is not in.
    stale: String,
    in_review: String,
    /// Granted by another account.
    granted: String,
}

impl Stage {
    fn new() -> Self {
        let mut desk = Desk { caller: GUEST, ..Desk::new() };
        let granted = desk.book("别人的书");
        desk.grant(&granted, ME, NOW + DAY);
        desk.caller = ME;
        let book = desk.created(with(new_book("归来记"), "original_id", "bk-1"));
        let keyed = json!({ "book_id": book, "chapter": chapter_row("第1章", "ch-1", 0) });
        let first = desk.ok("create_chapter", keyed)["chapter_id"].as_str().unwrap().to_string();
        let chapters = [first, desk.chapter(&book, "第2章")];
        let sorted = desk.created(with(new_book("有序的书"), "chapter_order_method", 1));
        let sorted_chapter = desk.chapter(&sorted, "第1章");
        let empty = desk.book("空书");
        let stale = desk.book("分卷的书");
        desk.chapter(&stale, "第1章");
        let volume = json!({ "volume_title": "卷", "start_index": 0, "end_index": 0 });
        desk.ok("update_book", json!({ "book_id": stale, "need_volume": true, "volume_list": [volume] }));
        desk.chapter(&stale, "第2章");
        let in_review = desk.book("审核中的书");
        desk.chapter(&in_review, "第1章");
        desk.life.review_seconds = 60;
        desk.ok("audit_book", json!({ "book_id": in_review }));
        Self { desk, book, chapters, sorted, sorted_chapter, empty, stale, in_review, granted }
    }

    fn calls(&self) -> Vec<Call> {
        [self.books(), self.changes(), self.volumes(), self.chapters(), self.orders(), self.reviews(), self.readers()]
            .into_iter()
            .chain([self.grants(), self.account_grants()])
            .flatten()
            .collect()
    }

    fn books(&self) -> Vec<Call> {
        let book = |field, value: Value| with(new_book("新书"), field, value);
        vec![
            (10140003, "create_book", without(new_book("新书"), "title")),
            (10140003, "create_book", new_book("")),
            (10140003, "create_book", new_book(&"长".repeat(31))),
            (10140004, "create_book", book("intro", "长".repeat(501).into())),
            (10140005, "create_book", book("cover_media_id", "".into())),
            (10140006, "create_book", book("author", "长".repeat(101).into())),
            (10140007, "create_book", without(new_book("新书"), "second_category_id")),
            (10140007, "create_book", book("third_category_id", 0.into())),
            (10140008, "create_book", book("complete_status", 3.into())),
            (10140021, "create_book", book("chapter_order_method", 2.into())),
            (10140024, "create_book", book("original_id", "长".repeat(86).into())),
            (10140026, "create_book", book("custom_info", "长".repeat(43).into())),
            (10140001, "create_book", book("keyword_list", json!(["甲", "乙", "丙", "丁"]))),
            (10141009, "create_book", book("original_id", "bk-1".into())),
            (10140015, "delete_book", json!({})),
            (10140015, "delete_book", json!({ "book_id": "" })),
            (10141001, "delete_book", json!({ "book_id": "Bkother" })),
            (10141002, "delete_book", json!({ "book_id": self.granted })),
            (10141003, "delete_book", json!({ "book_id": self.in_review })),
            (10140017, "list_books", json!({ "limit": 0 })),
            (10140017, "list_books", json!({ "limit": 101 })),
            (10140017, "list_books", json!({ "offset": 100_001 })),
            (10140001, "list_books", json!({ "last_id": -1 })),
            (10140015, "get_book", json!({ "need_edited_data": true })),
            (10140015, "get_book", json!({ "book_id": "", "original_id": "" })),
            (10141001, "get_book", json!({ "book_id": "Bkother" })),
            (10141001, "get_book", json!({ "original_id": "bk-2", "need_edited_data": true })),
            (10141001, "get_book", json!({ "book_id": self.book })),
        ]
    }

    fn changes(&self) -> Vec<Call> {
        let change = |field, value: Value| with(json!({ "book_id": self.book }), field, value);
        let [first, second] = &self.chapters;
        vec![
            (10140003, "update_book", change("title", "".into())),
            (10140005, "update_book", change("cover_media_id", "".into())),
            (10140007, "update_book", change("first_category_id", 10001.into())),
            (10140011, "update_book", change("chapter_id_list", json!([first]))),
            (10140011, "update_book", change("chapter_id_list", json!([first, first]))),
            (10140011, "update_book", change("chapter_id_list", json!([first, second, self.sorted_chapter]))),
            (10140021, "update_book", change("chapter_order_method", 2.into())),
            (10140001, "update_book", change("awesome_paragraph", "长".repeat(400).into())),
            (10140015, "update_book", json!({ "title": "新名" })),
            (10141001, "update_book", json!({ "book_id": "Bkother" })),
            (10141002, "update_book", json!({ "book_id": self.granted })),
            (10141003, "update_book", json!({ "book_id": self.in_review })),
            (10141010, "update_book", json!({ "book_id": self.sorted, "chapter_id_list": [self.sorted_chapter] })),
        ]
    }

    fn volumes(&self) -> Vec<Call> {
        let write = |list: Value| json!({ "book_id": self.book, "need_volume": true, "volume_list": list });
        let volume = |title: &str, start, end| json!({ "volume_title": title, "start_index": start, "end_index": end });
        vec![
            (10140012, "update_book", without(write(json!([])), "volume_list")),
            (10140012, "update_book", write(json!([]))),
            (10140012, "update_book", write(json!([volume("", 0, 1)]))),
            (10140012, "update_book", write(json!([volume(&"长".repeat(101), 0, 1)]))),
            (10140012, "update_book", write(json!([volume("卷", 0, 0)]))),
            (10140012, "update_book", write(json!([volume("卷", 0, 1), volume("卷", 1, 1)]))),
        ]
    }

    fn chapters(&self) -> Vec<Call> {
        let create = |chapter: Value| json!({ "book_id": self.book, "chapter": chapter });
        let batch = |rows: Vec<Value>| json!({ "book_id": self.book, "chapter_list": rows });
        let row = |field, value: Value| with(chapter_row("第3章", "ch-3", 0), field, value);
        let of_chapter = |book: &str, chapter: &str| json!({ "book_id": book, "chapter_id": chapter });
        let replace = with(of_chapter(&self.book, &self.chapters[0]), "new_chapter_title", "新章");
        let replace = with(replace, "new_content", "新的天亮了。");
        let unsorted = without(chapter_row("第2章", "", 0), "seq");
        vec![
            (10140013, "create_chapter", json!({ "book_id": self.book })),
            (10140015, "create_chapter", json!({ "chapter": chapter_row("第3章", "", 0) })),
            (10140018, "create_chapter", create(row("chapter_title", "  ".into()))),
            (10140018, "create_chapter", create(row("chapter_title", "长".repeat(81).into()))),
            (10140018, "create_chapter", create(without(chapter_row("第3章", "", 0), "chapter_title"))),
            (10140019, "create_chapter", create(row("content", "".into()))),
            (10140019, "create_chapter", create(row("content", "长".repeat(20_001).into()))),
            (10140022, "create_chapter", json!({ "book_id": self.sorted, "chapter": unsorted })),
            (10140024, "create_chapter", create(row("original_id", "长".repeat(86).into()))),
            (10140026, "create_chapter", create(row("custom_info", "长".repeat(43).into()))),
            (10141001, "create_chapter", json!({ "book_id": "Bkother", "chapter": chapter_row("第3章", "", 0) })),
            (10141002, "create_chapter", json!({ "book_id": self.granted, "chapter": chapter_row("第3章", "", 0) })),
            (10141003, "create_chapter", json!({ "book_id": self.in_review, "chapter": chapter_row("第3章", "", 0) })),
            (10141009, "create_chapter", create(row("original_id", "ch-1".into()))),
            (10140013, "batch_create_chapters", json!({ "book_id": self.book })),
            (10140013, "batch_create_chapters", batch(vec![])),
            (10140014, "batch_create_chapters", batch(vec![chapter_row("章", "", 0); 11])),
            (10140018, "batch_create_chapters", batch(vec![row("chapter_title", " ".into())])),
            (10140019, "batch_create_chapters", batch(vec![row("content", "".into())])),
            (10140022, "batch_create_chapters", json!({ "book_id": self.sorted, "chapter_list": [unsorted] })),
            (10140023, "batch_create_chapters", batch(vec![chapter_row("章", "ch-3", 0); 2])),
            (10141003, "batch_create_chapters", with(batch(vec![row("seq", 0.into())]), "book_id", &*self.in_review)),
            (10141009, "batch_create_chapters", batch(vec![row("original_id", "ch-1".into())])),
            (10141001, "delete_chapter", of_chapter(&self.book, &self.sorted_chapter)),
            (10141003, "delete_chapter", of_chapter(&self.in_review, "Chother")),
            (10140018, "replace_chapter", with(replace.clone(), "new_chapter_title", "")),
            (10140019, "replace_chapter", with(replace.clone(), "new_content", "")),
            (10141001, "replace_chapter", with(replace.clone(), "chapter_id", "Chother")),
            (10141003, "replace_chapter", with(replace, "book_id", &*self.in_review)),
            (10140017, "list_chapters", json!({ "book_id": self.book, "limit": 101 })),
            (10141001, "list_chapters", json!({ "book_id": self.book })),
            (10141001, "get_chapter", of_chapter(&self.book, &self.chapters[0])),
            (10141001, "get_chapter", with(of_chapter(&self.book, "Chother"), "need_edited_data", true)),
        ]
    }

    fn orders(&self) -> Vec<Call> {
        let [first, second] = &self.chapters;
        let reorder = |book: &str, operation: i64| json!({ "book_id": book, "chapter_id": first, "target_chapter_id": second, "operation": operation });
        let seq = |book: &str, row: Value| json!({ "book_id": book, "chapter_seq_list": [row] });
        let row = json!({ "chapter_id": self.sorted_chapter, "seq": 5 });
        vec![
            (10140020, "reorder_chapter", reorder(&self.book, 4)),
            (10141001, "reorder_chapter", with(reorder(&self.book, 1), "target_chapter_id", "Chother")),
            (10141003, "reorder_chapter", reorder(&self.in_review, 1)),
            (10141010, "reorder_chapter", reorder(&self.sorted, 1)),
            (10140022, "update_chapter_seq", seq(&self.sorted, without(row.clone(), "seq"))),
            (10141001, "update_chapter_seq", seq(&self.sorted, with(row.clone(), "chapter_id", "Chother"))),
            (10141003, "update_chapter_seq", seq(&self.in_review, row.clone())),
            (10141010, "update_chapter_seq", seq(&self.book, row)),
        ]
    }

    fn reviews(&self) -> Vec<Call> {
        vec![
            (10141001, "audit_book", json!({ "book_id": "Bkother" })),
            (10141002, "audit_book", json!({ "book_id": self.granted })),
            (10141003, "audit_book", json!({ "book_id": self.in_review })),
            (10141007, "audit_book", json!({ "book_id": self.empty })),
            (10141008, "audit_book", json!({ "book_id": self.stale })),
        ]
    }

    fn readers(&self) -> Vec<Call> {
        let set =
            |rows: Value| json!({ "setting": { "book_id": self.book, "default_words": 200, "chapter_setting": rows } });
        let row = |index: i64, words: i64| json!({ "chapter_index": index, "words": words });
        let list = |books: Value| json!({ "recmd_type": 1, "book_id_list": books });
        vec![
            (10140001, "set_preview", json!({ "setting": { "book_id": self.book } })),
            (10140001, "set_preview", set(json!([row(0, -1)]))),
            (10140010, "set_preview", set(json!([row(2, 100)]))),
            (10140010, "set_preview", set(json!([row(0, 100), row(0, 100)]))),
            (10140015, "set_preview", json!({ "setting": { "default_words": 200 } })),
            (10141001, "set_preview", json!({ "setting": { "book_id": "Bkother", "default_words": 200 } })),
            (10140015, "get_preview", json!({})),
            (10141001, "get_preview", json!({ "book_id": "Bkother" })),
            (10140001, "set_recommend", with(list(json!([])), "recmd_type", 3)),
            (10140015, "set_recommend", json!({ "recmd_type": 1 })),
            (10140015, "set_recommend", list(json!([""]))),
            (10140016, "set_recommend", list(json!(vec![&self.book; 301]))),
            (10141001, "set_recommend", list(json!([self.book, "Bkother"]))),
        ]
    }

    /// What rows of grants are refused for is tested with the grants.
    fn grants(&self) -> Vec<Call> {
        let query = |offset: i64, count: i64| json!({ "offset": offset, "count": count });
        let delete = json!({ "book_id": self.book, "grantee_appid": GUEST });
        let row = grant_row(&self.book, GUEST, NOW + DAY);
        vec![
            (10145003, "add_book_auth", json!({})),
            (10145008, "add_book_auth", json!({ "books": [] })),
            (10145008, "add_book_auth", json!({ "books": vec![row; 21] })),
            (10145003, "query_book_auth", json!({ "offset": 0 })),
            (10145003, "query_book_auth", json!({ "count": 30 })),
            (10145009, "query_book_auth", query(0, 101)),
            (10140001, "query_book_auth", query(0, 0)),
            (10140001, "query_book_auth", query(-1, 30)),
            (10140001, "query_book_auth", with(query(0, 30), "type", 2)),
            (10145001, "del_book_auth", delete.clone()),
            (10145003, "del_book_auth", without(delete.clone(), "book_id")),
            (10145004, "del_book_auth", with(delete.clone(), "book_id", &*self.granted)),
            (10145011, "del_book_auth", with(delete, "grantee_appid", "nobody")),
        ]
    }

    fn account_grants(&self) -> Vec<Call> {
        let row = json!({ "grantee_appid": GUEST, "expire_time": NOW + DAY });
        let query = json!({ "type": 1, "count": 10 });
        vec![
            (10145003, "add_app_auth", json!({})),
            (10145008, "add_app_auth", json!({ "infos": [] })),
            (10145008, "add_app_auth", json!({ "infos": vec![row; 21] })),
            (10145003, "query_app_auth", json!({ "type": 1, "grantor_appid": GUEST })),
            (10145009, "query_app_auth", with(query.clone(), "count", 101)),
            (10140001, "query_app_auth", with(query.clone(), "cursor", "x")),
            (10140016, "query_app_auth", with(query, "book_ids", vec!["Bkother"; 31])),
            (10145001, "del_app_auth", json!({ "grantee_appid": GUEST })),
            (10145003, "del_app_auth", json!({})),
            (10145011, "del_app_auth", json!({ "grantee_appid": "nobody" })),
        ]
    }
}

/// The codes of the rows of a grant call, which are tested with the grants.
const OF_ROWS: [i64; 7] = [10145004, 10145005, 10145006, 10145007, 10145010, 10145011, 10145012];

#[test]
fn each_refusal_has_its_code_and_changes_nothing() {
    let mut stage = Stage::new();
    let before = stage.desk.dump();
    for (code, operation, fields) in stage.calls() {
        assert_eq!(stage.desk.refused(operation, fields.clone()), code, "{operation} {fields}");
        assert_eq!(stage.desk.dump(), before, "{operation} {fields}");
    }
}

#[test]
fn each_documented_code_is_answered_or_known_to_be_out_of_reach() {
    let tested: BTreeSet<i64> = Stage::new().calls().into_iter().map(|(code, ..)| code).chain(OF_ROWS).collect();
    let catalog = Catalog::builtin();
    for (_, group, code, _) in catalog.error_codes() {
        let code = code.parse().expect("codes are numbers");
        assert!(group != "novel" || tested.contains(&code) || OUT_OF_REACH.contains(&code), "{code}");
    }
}

#[test]
fn each_operation_answers_the_codes_that_are_typical_of_it() {
    let calls = Stage::new().calls();
    let tested = |name: &str, code| calls.iter().any(|(it, operation, _)| *it == code && *operation == name);
    let mut missing = Vec::new();
    for operation in Catalog::builtin().operations().filter(|operation| operation.module == "novel") {
        let of_rows = |code: &i64| operation.batch.is_some() && OF_ROWS.contains(code);
        let known = |code: &i64| OUT_OF_REACH.contains(code) || of_rows(code) || tested(&operation.name, *code);
        let codes = operation.errors.typical.iter().filter(|code| !known(code));
        missing.extend(codes.map(|code| (operation.name.clone(), *code)));
    }
    // Stale volumes may be changed as often as one likes; only a review refuses them.
    assert_eq!(missing, [("update_book".to_string(), 10141008)]);
}
