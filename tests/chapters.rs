//! `chapters::`: any number, in their order, each once.

use crate::script::{Script, Server};
use juben::{
    error::Kind,
    sandbox::{Fault, FaultKind},
};
use std::sync::Arc;

const BOOK: &str = r#"
    fn book() {
        novel::create_book(#{
            title: "归来记", intro: "一个关于归来的故事。", cover_media_id: "MAT", author: "林一", original_id: "bk-1",
            first_category_id: 1, second_category_id: 2, third_category_id: 3, complete_status: 1
        }).book_id
    }
    fn chapters(count) {
        let chapters = [];
        for n in 0..count {
            chapters.push(#{ original_id: `ch-${n}`, chapter_title: `第${n + 1}章`, content: "夜色正浓。" });
        }
        chapters
    }
    fn there(book) {
        pages::of("novel.list_chapters", #{ book_id: book, need_edited_data: true }).map(|it| it.original_id).collect()
    }
"#;

fn script(server: &Arc<Server>, text: &str) -> Script {
    Script::on(server, &format!("{BOOK}\n{text}"))
}

#[test]
fn chapters_are_cut_to_ten_a_call_and_stand_in_their_order() {
    let server = Arc::new(Server::start());
    let text = r#"
        let book = book();
        let report = chapters::upload(book, chapters(34));
        let expected = []; for n in 0..34 { expected.push(`ch-${n}`); }
        [report.created.len, there(book) == expected]
    "#;
    script(&server, text).returns("[34,true]");
    let batches = server.operations().iter().filter(|name| *name == "novel.batch_create_chapters").count();
    assert_eq!(batches, 4);
}

#[test]
fn an_upload_that_was_stopped_goes_on_where_it_stopped() {
    let text = r#"
        let book = book();
        chapters::upload(book, chapters(12));
        let report = chapters::upload(book, chapters(30));
        [report.already.len, report.created.len, there(book).len]
    "#;
    Script::new(&format!("{BOOK}\n{text}")).returns("[12,18,30]");
}

#[test]
fn a_lost_answer_and_a_busy_platform_are_settled_by_reading_and_no_chapter_stands_twice() {
    for kind in [FaultKind::ResetAfter, FaultKind::ResetBefore, FaultKind::Truncate, FaultKind::Errcode] {
        let server = Arc::new(Server::start());
        let operation = Some("novel.batch_create_chapters".to_owned());
        server.sandbox.fail([Fault { operation, ..Fault::next(kind) }]);
        let text = r#"
            let book = book();
            let report = chapters::upload(book, chapters(25));
            [report.created.len, report.failed.len, there(book).len]
        "#;
        script(&server, text).returns("[25,0,25]");
    }
}

#[test]
fn a_chapter_without_a_key_or_with_a_key_of_another_is_refused_before_anything_is_sent() {
    let server = Arc::new(Server::start());
    script(&server, r#"let all = chapters(3); all[1].remove("original_id"); chapters::upload("Bk7aQ2x9", all)"#)
        .throws(Kind::Argument);
    let error =
        script(&server, r#"let all = chapters(3); all[2].original_id = "ch-0"; chapters::upload("Bk7aQ2x9", all)"#)
            .throws(Kind::Argument);
    assert_eq!(error.message, "chapters[2] has the `original_id` of chapters[0]: ch-0");
    let error = script(&server, r#"let all = chapters(30); all[25].content = ""; chapters::upload("Bk7aQ2x9", all)"#)
        .throws(Kind::Argument);
    assert_eq!(error.message, "`chapters[25].content` has 0 characters; it must have at least 1");
    assert_eq!(server.operations(), Vec::<String>::new());
}
