//! What is known of the word, the call and the name at a place, which `¦` marks.

use crate::complete::{LIBRARY, marked, session};
use juben::{
    analysis::{Source, complete, definition, hover, is_open, matching_bracket, signature, tokens},
    engine,
};
use proptest::prelude::*;
use std::fs;

fn manual(text: &str) -> Option<String> {
    let (text, at) = marked(text);
    hover(&text, at, &LIBRARY, &session(), &engine::finder("scripts".into(), Default::default())).map(|it| it.text)
}

/// The manual at the place, up to its first blank line.
#[track_caller]
fn says(text: &str, expected: &str) {
    let manual = manual(text).expect("a manual");
    assert_eq!(manual.split("\n\n").next(), Some(expected), "{text}");
}

/// The label, with the active parameter in brackets.
fn call(text: &str) -> Option<String> {
    let (text, at) = marked(text);
    let found = signature(&text, at, &LIBRARY, &session(), &engine::finder("scripts".into(), Default::default()))?;
    for parameter in &found.parameters {
        assert!(found.label.contains(&parameter.name), "{} is not in {}", parameter.name, found.label);
    }
    let active = found.active.map(|index| found.parameters[index].name.clone());
    Some(active.map_or(found.label.clone(), |name| format!("{} [{name}]", found.label)))
}

#[track_caller]
fn calls(text: &str, expected: &str) {
    assert_eq!(call(text).as_deref(), Some(expected), "{text}");
}

/// Where the name is defined, as `file:line:column`.
#[track_caller]
fn defined(text: &str, expected: Option<&str>) {
    let (text, at) = marked(text);
    let place = definition("a.rhai", &text, at, &engine::finder("scripts".into(), Default::default()));
    let place = place.map(|place| format!("{}:{}:{}", place.file, place.line, place.column));
    assert_eq!(place.as_deref(), expected, "{text}");
}

#[test]
fn an_operation_tells_all() {
    let found = manual("drama::list_me¦dia(#{})").unwrap();
    assert!(found.starts_with("```rhai\ndrama::list_media(#{ drama_id,"), "{found}");
    assert!(found.contains("List media files (获取媒资列表)\n\nEffect: read\n\n"), "{found}");
    assert!(found.contains("- `limit`: int, 1 to 100, default 100: items in a page\n"), "{found}");
    assert!(manual("pages::of(\"drama.list_me¦dia\", #{})").unwrap().contains("Effect: read"));
}

#[test]
fn a_function_tells_its_manual_in_every_form() {
    let manual = manual("time::par¦se(1)").unwrap();
    assert!(manual.starts_with("```rhai\ntime::parse(text)\n```\nRead a date"), "{manual}");
    assert!(manual.contains("---\n\n```rhai\ntime::parse(text, zone)\n```"), "{manual}");
    says("gre¦et(1)", "```rhai\ngreet(name)\n```\nSay hello.");
    says("/// Twice.\nfn twice(x) { x }\ntwi¦ce(1)", "```rhai\ntwice(x)\n```\nTwice.");
    says(
        "rv::of_bo¦ok(1)",
        "```rhai\nrv::of_book(status)\n```\nThe state of a novel's review in words.\n- `status`: int, `audit_status` of a book or chapter.\n- returns: string.\n```rhai\nimport \"review\" as review;\nassert_eq(review::of_book(3), \"passed\");\n```",
    );
}

#[test]
fn a_field_tells_its_type_and_its_values_their_meaning() {
    says("drama::list_media(#{ lim¦it: 1 })", "`limit`: int, 1 to 100, default 100");
    says("drama::list_media(#{ \"lim¦it\": 1 })", "`limit`: int, 1 to 100, default 100");
    says("novel::add_book_auth(#{ books: [#{ book_i¦d: 1 }] })", "`book_id`: string, required, at most 64 bytes");
    says("drama::get_media(1, #{ tim¦eout: 1 })", "`timeout`: seconds, above 0");
    says("upload::file(\"a\", #{ cov¦er: 1 })", "`cover`: string, path of an image of at most 10 MB");
    says("drama::list_packages(#{ status: 1¦ })", "`1`: valid");
    says("let x = drama::get_media(1); x.media_info.na¦me", "`name`: string");
}

#[test]
fn a_variable_tells_its_type_and_fields() {
    says("dra¦mas", "`dramas`: array");
    assert_eq!(manual("dra¦mas").unwrap(), "`dramas`: array\n\nFields: `drama_id`, `name`");
    assert_eq!(manual("let x = #{ a: 1 };\nx¦").unwrap(), "`x`: map\n\nFields: `a`");
}

#[test]
fn of_most_words_nothing_is_known() {
    for text in ["le¦t x = 1", "un¦known", "// drama::list_me¦dia", "\"drama::list_me¦dia\"", "¦", "1¦", " ¦ "] {
        assert_eq!(manual(text), None, "{text}");
    }
}

#[test]
fn the_field_that_is_written_is_the_active_one() {
    calls("drama::list_packages(#{ ¦", "drama::list_packages(#{ status, limit, offset, query_type })");
    calls("drama::list_packages(#{ limit: ¦", "drama::list_packages(#{ status, limit, offset, query_type }) [limit]");
    calls(
        "drama::list_packages(#{ limit: 1, sta¦tus: 2 })",
        "drama::list_packages(#{ status, limit, offset, query_type }) [status]",
    );
    calls("novel::add_book_auth(#{ books: [#{ book_id: ¦", "novel::add_book_auth(#{ books }) [books]");
    calls("drama::get_media(1, #{ timeout: ¦", "drama::get_media(…, #{ account, timeout, retries, extra }) [timeout]");
}

#[test]
fn arguments_count() {
    calls("drama::get_media(¦", "drama::get_media(media_id) [media_id]");
    calls("time::parse(¦", "time::parse(text) [text]");
    calls("time::parse(\"a, b\", ¦", "time::parse(text, zone) [zone]");
    calls("time::parse(f(1, 2), ¦)", "time::parse(text, zone) [zone]");
    calls("greet(¦", "greet(name) [name]");
    calls("fn own(a, b) {}\nown(1, ¦", "own(a, b) [b]");
    calls("dramas.filter(¦", "filter(array, filter) [filter]");
    calls("pages::of(\"drama.list_media\", #{ limit: ¦", "pages::of(operation, fields) [fields]");
}

#[test]
fn outside_of_calls_there_is_no_signature() {
    for text in ["¦", "(¦", "[¦", "#{ a: ¦", "f(1)¦", "greet(1);¦", "xs.map(|x| { ¦", "if (¦"] {
        assert_eq!(call(text), None, "{text}");
    }
}

#[test]
fn a_variable_is_defined_where_it_is_written_first() {
    defined("let 剧 = 1;\nprint(剧¦);", Some("a.rhai:1:5"));
    defined("let x = 1;\nlet x = 2;\nx¦", Some("a.rhai:2:5"));
    defined("let x = 1;\nif true { let x = 2; }\nx¦", Some("a.rhai:1:5"));
    defined("for (media, count) in [] { coun¦t }", Some("a.rhai:1:13"));
    defined("fn f(drama) { dra¦ma }", Some("a.rhai:1:6"));
    defined("xs.map(|it| it¦)", Some("a.rhai:1:9"));
    defined("let x = 1; fn f() { x¦ }", None);
    defined("row.x¦", None);
}

#[test]
fn a_function_is_defined_after_its_fn() {
    defined("own¦(1);\nfn own(a) {}", Some("a.rhai:2:4"));
    defined("drama::list_me¦dia(#{})", None);
    defined("import \"review\" as r;\nr::of_dra¦ma(1)", Some("stdlib/review.rhai:21:4"));
    defined("import \"review\" as r;\nr::nam¦ed(1)", None);
    defined("import \"review\" as r;\nr¦::of_drama(1)", Some("stdlib/review.rhai:1:1"));
    defined("import \"rev¦iew\" as r;", Some("stdlib/review.rhai:1:1"));
    defined("import \"nowhere¦\" as r;", None);
}

/// Whatever stands at a place, it is answered.
fn ask_all(text: &str, at: usize) {
    let (names, find) = (session(), engine::finder("scripts".into(), Default::default()));
    let found = complete(text, at, &LIBRARY, &names, &find);
    assert!(found.from <= at && text.is_char_boundary(found.from), "{} of {at} in {text:?}", found.from);
    if let Some(hover) = hover(text, at, &LIBRARY, &names, &find) {
        assert!(text.get(hover.span).is_some());
    }
    signature(text, at, &LIBRARY, &names, &find);
    definition("a.rhai", text, at, &find);
    matching_bracket(text, at);
}

/// The tokens lie one after the other, and only spaces are left out.
fn is_covered(text: &str) {
    let mut end = 0;
    for token in tokens(text) {
        assert!(token.span.start >= end && token.span.end >= token.span.start, "{token:?} in {text:?}");
        assert!(text[end..token.span.start].trim().is_empty(), "{token:?} in {text:?}");
        end = token.span.end;
    }
    assert!(text[end..].trim().is_empty(), "{text:?}");
}

fn scripts() -> Vec<Source> {
    let paths = ["scripts", "stdlib"].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = paths.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "rhai"));
    paths.map(|path| Source::new(path.display().to_string(), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn every_beginning_of_a_script_is_read() {
    for Source { text, name } in scripts() {
        assert!(!is_open(&text), "{name}");
        let places: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        for at in &places {
            is_covered(&text[..*at]);
            is_open(&text[..*at]);
        }
        for at in places.iter().step_by(37) {
            ask_all(&text[..*at], *at);
            ask_all(&text, *at);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn pieces_of_scripts_are_read(script in 0..64_usize, cuts in proptest::array::uniform4(0.0..1.0_f64), noise in "[(){}\\[\\]#$`\"'|:.,;/*\\\\a1剧 \n]{0,12}") {
        let scripts = scripts();
        let text = &scripts[script % scripts.len()].text;
        let cut = |share: f64| text.floor_char_boundary((text.len() as f64 * share) as usize);
        let (from, to) = (cut(cuts[0]), text.floor_char_boundary(cut(cuts[0]) + (400.0 * cuts[1]) as usize));
        let (more, end) = (cut(cuts[2]), text.floor_char_boundary(cut(cuts[2]) + 100));
        let mixed = format!("{}{noise}{}", &text[from..to], &text[more..end]);
        is_covered(&mixed);
        is_open(&mixed);
        ask_all(&mixed, mixed.floor_char_boundary((mixed.len() as f64 * cuts[3]) as usize));
        ask_all(&mixed, to - from + noise.len());
    }
}
