//! What is proposed at a place, which `¦` marks: script text in, the proposed words out.

use juben::{
    analysis::{Completions, Function, Import, Library, Names, Variable, complete},
    catalog::Catalog,
    engine,
};
use std::sync::LazyLock;

pub static LIBRARY: LazyLock<Library> = LazyLock::new(|| engine::library(Catalog::builtin()));

/// The text without its mark, and where that was.
pub fn marked(text: &str) -> (String, usize) {
    let at = text.find('¦').expect("a ¦ marks the place");
    (text.replacen('¦', "", 1), at)
}

/// What a session has left, in the folder `scripts`.
pub fn session() -> Names {
    let function = Function {
        module: String::new(),
        name: "greet".into(),
        parameters: vec!["name".into()],
        text: "Say hello.".into(),
        imported: false,
    };
    Names {
        variables: vec![
            Variable { name: "dramas".into(), kind: "array".into(), fields: vec!["drama_id".into(), "name".into()] },
            Variable { name: "media".into(), kind: "map".into(), fields: vec!["media_id".into()] },
        ],
        functions: vec![function],
        imports: vec![Import { alias: "rv".into(), name: "review".into() }],
        accounts: vec!["main".into(), "测试".into()],
        folder: "scripts".into(),
    }
}

fn proposed(text: &str) -> Completions {
    let (text, at) = marked(text);
    complete(&text, at, &LIBRARY, &session(), &engine::finder("scripts".into(), Default::default()))
}

fn texts(text: &str) -> Vec<String> {
    proposed(text).items.into_iter().map(|item| item.text).collect()
}

/// Exactly these, in this order.
#[track_caller]
fn proposes(text: &str, expected: &[&str]) {
    assert_eq!(texts(text), expected, "{text}");
}

/// These first.
#[track_caller]
fn begins(text: &str, expected: &[&str]) {
    let mut texts = texts(text);
    texts.truncate(expected.len());
    assert_eq!(texts, expected, "{text}");
}

#[track_caller]
fn lacks(text: &str, word: &str) {
    assert!(!texts(text).iter().any(|it| it == word), "{text}");
}

/// The line about the first, and what follows it.
#[track_caller]
fn tells(text: &str, after: &str, detail: &str) {
    let first = proposed(text).items.into_iter().next().expect("a proposal");
    assert_eq!((first.after, first.detail.as_str()), (after, detail), "{text}");
}

#[test]
fn a_word_is_completed_by_its_beginning_whatever_its_case() {
    proposes("drama::LIST_M¦", &["list_media"]);
    begins("DRA¦", &["dramas", "drama", "drama_player", "drain"]);
    proposes("let x = dramas¦;", &["dramas"]);
}

#[test]
fn only_what_nothing_begins_with_is_looked_for_by_its_letters() {
    begins("drama::media¦", &["list_media"]);
    proposes("drama::lsmd¦", &["list_media"]);
    proposes("qqq¦", &[]);
}

#[test]
fn what_is_near_comes_first() {
    begins("fn drum(drat) { let drab = 1; dr¦", &["drab", "drat", "drum", "drama"]);
    begins("let drat = 1; if true { let drab = 2; } dr¦", &["drat", "dramas"]);
    begins("import \"review\" as drive; dr¦", &["dramas", "drive", "drama"]);
}

#[test]
fn variables_are_seen_where_they_are_defined() {
    begins("for (episode, epi) in [1] { ep¦", &["epi", "episode"]);
    begins("xs.map(|episode, epi| ep¦", &["epi", "episode"]);
    begins("try {} catch (epilogue) { ep¦", &["epilogue"]);
    lacks("for episode in [1] {} ep¦", "episode");
    lacks("let outside = 1; fn f(inside) { ¦", "outside");
    lacks("fn f(inside) { ¦", "dramas");
    lacks("fn f(inside) { }\n ¦", "inside");
}

#[test]
fn where_a_name_is_made_up_nothing_is_proposed() {
    for text in ["let dr¦", "fn dr¦", "for dr¦", "import \"review\" as re¦", "// dr¦", "/* dr¦", "12¦", "\"dr¦"]
    {
        proposes(text, &[]);
    }
}

#[test]
fn statements_begin_with_keywords_and_values_do_not() {
    begins("thr¦", &["throw"]);
    lacks("f(¦", "throw");
    begins("f(tru¦", &["true", "truncate"]);
}

#[test]
fn modules_know_what_they_have() {
    tells("drama::list_m¦", "(", "read: List media files (获取媒资列表)");
    tells("wait::u¦", "(", "(operation, fields): Look at a task until it is done.");
    proposes("account::sw¦(1)", &["switch"]);
    tells("account::sw¦(1)", "", "(name): Use this account from here on.");
    tells("dram¦", "", "array");
}

#[test]
fn the_vendors_spelling_is_only_for_those_who_type_it() {
    proposes("drama::listme¦", &["listmedia"]);
    lacks("drama::¦", "listmedia");
    lacks("drama::lsmd¦", "listmedia");
}

#[test]
fn imports_have_what_their_text_has() {
    proposes("import \"review\" as r; r::¦", &["of_book", "of_drama"]);
    proposes("rv::of_b¦", &["of_book"]);
    tells("rv::of_b¦", "(", "(status): The state of a novel's review in words.");
    proposes("import \"nowhere\" as n; n::¦", &[]);
    lacks("¦", "review");
    begins("import \"re¦", &["review", "reconcile_events"]);
    begins("import re¦", &["\"review\"", "\"reconcile_events\""]);
}

#[test]
fn the_map_of_an_operation_has_its_parameters() {
    proposes("drama::list_media(#{ li¦", &["limit"]);
    proposes("drama::list_media(#{ li¦: 3 })", &["limit"]);
    tells("drama::list_media(#{ li¦", ": ", "int, 1 to 100, default 100: items in a page");
    tells("drama::list_media(#{ li¦: 3 })", "", "int, 1 to 100, default 100: items in a page");
    begins("drama::list_media(#{ ¦", &["drama_id", "media_name", "media_name_fuzzy", "start_time"]);
    proposes("drama::listmedia(#{ li¦", &["limit"]);
}

#[test]
fn required_parameters_come_first_and_given_ones_not_again() {
    begins("drama::list_packages(#{ ¦", &["status", "limit", "offset"]);
    begins("drama::list_packages(#{ limit: 10, ¦", &["status", "offset"]);
    begins("drama::list_packages(#{ ¦, limit: f(#{ status: 1 }) })", &["status", "offset"]);
    tells("drama::list_packages(#{ st¦", ": ", "int, required, 0 | 1 | 2 | 3: 0 all, 1 valid, 2 invalid, 3 expired");
}

#[test]
fn maps_in_lists_in_maps_have_fields_too() {
    begins("novel::add_book_auth(#{ books: [#{ ¦", &["book_id", "grantee_appid", "expire_time"]);
    proposes("novel::add_book_auth(#{ books: [#{ book_id: \"a\" }, #{ bo¦", &["book_id"]);
    proposes("novel::add_book_auth(#{ books: [#{ book_id: \"a\", gr¦", &["grantee_appid"]);
    proposes("novel::add_book_auth(#{ books: [] });\nlet x = #{ bo¦", &[]);
}

#[test]
fn a_key_may_stand_in_quotes() {
    proposes("drama::list_media(#{ \"li¦", &["limit"]);
    tells("drama::list_media(#{ \"li¦", "\": ", "int, 1 to 100, default 100: items in a page");
    tells("drama::list_media(#{ \"li¦\": 1 })", "", "int, 1 to 100, default 100: items in a page");
}

#[test]
fn the_second_map_has_the_options_of_any_call() {
    proposes("drama::list_media(#{}, #{ ¦", &["account", "timeout", "retries", "extra"]);
    proposes("drama::get_media(1, #{ account: \"main\", ¦ })", &["timeout", "retries", "extra"]);
    tells("drama::get_media(1, #{ ti¦", ": ", "seconds, above 0: for the call with all its tries");
}

#[test]
fn helpers_hand_maps_on() {
    proposes("pages::of(\"drama.list_media\", #{ li¦", &["limit"]);
    proposes("wait::until(\"drama.get_task\", #{ ta¦", &["task_id"]);
    proposes("calls::many(\"drama.get_media\", [#{ media_id: 1 }, #{ me¦", &["media_id"]);
    proposes("import \"listing\" as l; l::media(#{ li¦", &["limit"]);
    proposes("pages::of(\"no.such\", #{ li¦", &[]);
}

#[test]
fn helpers_have_options_of_their_own() {
    begins("pages::of(\"drama.list_media\", #{}, #{ ¦", &["ahead"]);
    begins("upload::file(\"a.mp4\", #{ ¦", &["media_name", "cover", "source_context", "parts_at_once"]);
    begins("upload::dir(\"season\", #{ drama: \"x\", ¦", &["pattern", "first", "gaps", "media_name"]);
    proposes("upload::dir(\"season\", #{ acc¦", &["account"]);
    tells("upload::file(\"a.mp4\", #{ co¦", ": ", "string, path of an image of at most 10 MB");
}

#[test]
fn values_that_are_few_are_proposed() {
    begins("drama::list_packages(#{ status: ¦", &["0", "1", "2", "3"]);
    tells("drama::list_packages(#{ status: ¦", "", "all");
    begins("drama::single_file_upload(#{ media_type: m¦", &["\"MP4\"", "\"MOV\"", "\"MXF\"", "\"MPG\"", "\"M4V\""]);
    proposes("drama::single_file_upload(#{ media_type: \"mp¦\" })", &["MP4", "MPG", "MPEG"]);
    begins("novel::list_books(#{ need_edited_data: ¦", &["true", "false"]);
    begins("drama::list_packages(#{ status: dra¦", &["dramas", "drama"]);
    proposes("grants::list(#{ direction: \"¦", &["given", "received"]);
}

#[test]
fn names_of_operations_and_accounts_are_proposed_between_quotes() {
    proposes("pages::of(\"drama.list_me¦\")", &["drama.list_media"]);
    begins("wait::until(\"get_ta¦", &["drama.get_task"]);
    proposes("account::switch(\"¦", &["main", "测试"]);
    proposes("account::switch(\"测¦\")", &["测试"]);
    proposes("drama::get_media(1, #{ account: \"m¦", &["main"]);
    begins("drama::get_media(1, #{ account: ¦", &["\"main\"", "\"测试\""]);
    proposes("upload::file(\"a\", #{ account: \"m¦", &["main"]);
}

#[test]
fn files_are_proposed_where_a_path_is_wanted() {
    proposes("csv::read(\"grants¦", &["grants.csv"]);
    proposes("upload::dir(\"sea¦", &["season"]);
    tells("upload::dir(\"sea¦", "/", "");
    proposes("upload::file(\"season/第¦\")", &["第1集.mp4", "第2集.mp4", "第3集.mp4"]);
    proposes(
        "files::read(\"season/¦\")",
        &["cost.png", "cover.png", "drama.json", "rights.png", "第1集.mp4", "第2集.mp4", "第3集.mp4"],
    );
    proposes("upload::file(\"season/第2¦\")", &["第2集.mp4"]);
    proposes("drama::single_file_upload(#{ media_data: \"season/第3¦", &["第3集.mp4"]);
    proposes("upload::file(\"a.mp4\", #{ cover: \"grants¦", &["grants.csv"]);
    proposes("log::info(\"grants¦", &[]);
}

#[test]
fn only_the_last_step_of_a_path_is_replaced() {
    let text = "upload::file(\"season/第2";
    let found = complete(text, text.len(), &LIBRARY, &session(), &|_, _| None);
    assert_eq!(found.from, text.len() - "第2".len());
}

#[test]
fn a_reply_has_the_fields_of_its_operation() {
    begins("let x = drama::get_media(1); x.¦", &["media_info"]);
    lacks("let x = drama::get_media(1); x.¦", "errcode");
    begins("let x = drama::get_media(1); x.media_info.¦", &["media_id", "create_time"]);
    proposes("drama::get_media(1).media_info.audit_d¦", &["audit_detail"]);
    tells("let x = drama::get_media(1); x.media_info.nam¦", "", "string: file name");
    begins("let x = drama::list_media(#{}); for m in x.media_info_list { m.¦", &["media_id"]);
    begins("let x = drama::list_media(#{}).media_info_list; x[0].¦", &["media_id"]);
}

#[test]
fn items_of_a_listing_have_fields() {
    begins("for m in pages::of(\"drama.list_media\", #{}) { m.¦", &["media_id"]);
    begins("let all = pages::of(\"drama.list_media\", #{}).collect(); all[3].¦", &["media_id"]);
    begins("pages::of(\"drama.list_media\", #{}).filter(|m| m.¦", &["media_id"]);
    begins("import \"listing\" as l; for book in l::books() { book.¦", &["book_id", "title"]);
    begins("wait::until(\"drama.get_task\", #{ task_id: 1 }).¦", &["task_info"]);
    begins("calls::many(\"drama.get_media\", [])[0].¦", &["media_info"]);
}

#[test]
fn a_session_knows_the_fields_of_its_variables() {
    begins("media.¦", &["media_id", "clear"]);
    begins("dramas[0].¦", &["drama_id", "name"]);
    begins("dramas.filter(|it| it.¦", &["drama_id", "name"]);
    begins("let row = #{ title: \"a\", parts: [#{ b: 1 }] }; row.¦", &["title", "parts"]);
}

#[test]
fn after_a_value_stands_what_fits_it() {
    proposes("dramas.fil¦", &["filter"]);
    proposes("\"a\".to_up¦", &["to_upper"]);
    lacks("\"a\".¦", "filter");
    lacks("dramas.¦", "to_upper");
    begins("pages::of(\"drama.list_media\", #{}).ta¦", &["take"]);
    proposes("dramas.le¦", &["len"]);
    begins("unknown.fil¦", &["fill_with", "filter"]);
}

#[test]
fn a_text_with_values_is_code_inside_them() {
    proposes("`${drama::list_m¦", &["list_media"]);
    proposes("`${drama::list_m¦} and`", &["list_media"]);
    proposes("`drama::list_m¦`", &[]);
}

#[test]
fn what_was_left_open_before_does_not_matter() {
    proposes("let x = drama::list_media(#{ limit: \nlet y = drama::list_m¦", &["list_media"]);
    begins("drama::list_media(#{ limit: 1;\nthr¦", &["throw"]);
}
