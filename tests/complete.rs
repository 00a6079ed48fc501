//! What is proposed at a place, which `|` marks: script text in, the proposed words out.

use juben::{
    analysis::{
        Completions, Function, Import, ItemKind, Library, Names, Variable, complete, definition, hover, signature,
        tokens,
    },
    catalog::Catalog,
    engine,
};
use proptest::prelude::*;
use std::{fs, path::Path, sync::LazyLock};

static LIBRARY: LazyLock<Library> = LazyLock::new(|| engine::library(Catalog::builtin()));

/// The text without its mark, and where that was.
fn marked(text: &str) -> (String, usize) {
    let at = text.find('¦').expect("a ¦ marks the place");
    (text.replacen('¦', "", 1), at)
}

fn session() -> Names {
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
    complete(&text, at, &LIBRARY, &session(), &engine::finder("scripts".into()))
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
fn dump() {
    for text in [
        "dr¦",
        "drama::list_m¦",
        "drama::list_media(#{ ¦",
        "drama::list_media(#{ limit: 1, li¦",
        "novel::add_book_auth(#{ books: [#{ ¦",
        "drama::listme¦",
        "drama::get_media(1, #{ ¦",
        "pages::of(\"drama.list_media\", #{ ¦",
        "calls::many(\"novel.add_book_auth\", [#{ ¦",
        "wait::until(\"¦",
        "upload::file(\"¦",
        "upload::file(\"season/¦",
        "account::switch(\"¦",
        "drama::x(#{}, #{ account: ¦",
        "upload::file(\"a\", #{ ¦",
        "upload::dir(\"a\", #{ ¦",
        "grants::list(#{ direction: \"¦",
        "let m = drama::get_media(1); m.¦",
        "let m = drama::get_media(1); m.media_info.¦",
        "for m in pages::of(\"drama.list_media\", #{}) { m.¦",
        "pages::of(\"drama.list_media\", #{}).filter(|m| m.au¦",
        "import \"¦",
        "import ¦",
        "rv::¦",
        "import \"listing\" as l; for b in l::books() { b.¦",
        "dramas[0].¦",
        "for d in dramas { d.¦",
        "let p = #{ a: 1 }; p.¦",
        "drama::list_packages(#{ status: ¦",
        "drama::single_file_upload(#{ media_type: ¦",
        "drama::single_file_upload(#{ media_type: \"m¦",
        "drama::single_file_upload(#{ media_data: \"¦",
    ] {
        let found = proposed(text);
        println!("== {text}  from {}  {} items", found.from, found.items.len());
        for item in found.items.iter().take(9) {
            println!("     {}{}  {:?}  {}", item.text, item.after, item.kind, item.detail);
        }
    }
    for text in [
        "drama::list_me¦dia(#{})",
        "drama::list_media(#{ lim¦it: 1 })",
        "time::par¦se(1)",
        "dra¦mas",
        "drama::list_packages(#{ status: 1¦ })",
        "pages::of(\"drama.list¦_media\")",
        "let x = drama::get_media(1); x.media_info.na¦me",
        "drama::x(#{}, #{ acc¦ount: 1 })",
    ] {
        let (text, at) = marked(text);
        println!(
            "== {text}\n{}",
            hover(&text, at, &LIBRARY, &session(), &engine::finder("scripts".into()))
                .map_or("NONE".into(), |it| it.text)
        );
    }
    for text in [
        "drama::list_media(#{ lim¦",
        "drama::get_media(¦",
        "drama::get_media(1, #{ tim¦",
        "time::parse(1, ¦",
        "greet(¦",
        "rv::of_book(¦",
        "dramas.filter(¦",
        "drama::list_media(¦",
    ] {
        let (text, at) = marked(text);
        println!("== {text}\n{:?}", signature(&text, at, &LIBRARY, &session(), &engine::finder("scripts".into())));
    }
}
