//! Planned and then applied, writes leave behind what they leave behind when a script makes them itself.

use crate::{
    plan::{apply, writes},
    script::Server,
    serve::Office,
};
use juben::sandbox::Options;
use serde_json::Value;

/// So many walks, each of so many writes.
const WALKS: u64 = 8;
const STEPS: usize = 12;

/// A book that a walk makes.
const MAKE: &str = "let NAME = novel::create_book(#{ title: \"书 NAME\", intro: \"一个关于归来的故事。\", cover_media_id: \"MAT\", \
                    author: \"林一\", first_category_id: 1, second_category_id: 2, third_category_id: 3, complete_status: 1 }).book_id;";

/// A script of random writes: to things that are there, to things that it makes, and to some of both more than once.
fn walk(random: &mut fastrand::Rng) -> String {
    let mut books = vec!["\"Bk7aQ2x9\"".to_owned()];
    let mut lines = Vec::new();
    for step in 0..STEPS {
        let book = books[random.usize(..books.len())].clone();
        let until = 1_900_000_000 + random.i64(0..100) * 86_400;
        let grantee = format!("wx00000000000000b{}", random.u8(1..4));
        lines.push(match random.u8(..6) {
            0 => {
                books.push(format!("book{step}"));
                MAKE.replace("NAME", &format!("book{step}"))
            }
            1 => format!("novel::update_book(#{{ book_id: {book}, title: \"名 {step}\" }});"),
            2 => format!(
                "novel::create_chapter(#{{ book_id: {book}, chapter: #{{ chapter_title: \"第{step}章\", content: \"雨还在下。\", \
                 original_id: \"walk-{step}\" }} }});"
            ),
            3 => format!(
                "novel::add_book_auth(#{{ books: [#{{ book_id: \"Bk7aQ2x9\", grantee_appid: \"{grantee}\", expire_time: {until} }}] }});"
            ),
            4 => format!("chapters::upload({book}, [#{{ original_id: \"many-{step}\", chapter_title: \"章 {step}\", content: \"风。\" }}]);"),
            _ => format!(
                "drama::authorize_drama(#{{ authorized_appid: \"{grantee}\", drama_id: [310045], authz_expire_time: {until} }});"
            ),
        });
    }
    lines.join("\n")
}

/// A sandbox whose time stands still, so that the same calls leave the same behind.
fn server() -> Server {
    Server::with(Options { now: Some(1_780_000_000), clock_speed: 0.0, ..Options::default() })
}

/// All that it holds, but for what counts the calls and hands out tokens: planning looks at more.
fn held(server: &Server) -> Value {
    let mut text = Vec::new();
    server.sandbox.dump(&mut text).unwrap();
    let mut world: Value = serde_json::from_slice(&text).unwrap();
    let fields = world.as_object_mut().unwrap();
    fields.retain(|name, _| ["novels", "dramas", "polyv"].contains(&name.as_str()));
    assert_eq!(fields.len(), 3);
    world
}

#[test]
fn a_plan_that_is_applied_leaves_behind_what_a_run_does() {
    for seed in 0..WALKS {
        let script = walk(&mut fastrand::Rng::with_seed(seed));
        let (ran, planned) = (server(), server());
        Office::new(&ran.toml()).with("script.rhai", &script).does(&["run", "script.rhai"]);
        let office = Office::new(&planned.toml()).with("script.rhai", &script);
        office.does(&["plan", "script.rhai", "-o", "plan.json"]);
        assert!(writes(&planned).is_empty() && held(&planned) != held(&ran), "walk {seed}:\n{script}");
        let (code, results, said) = apply(&office);
        assert_eq!(code, 0, "walk {seed}:\n{script}\n{said}");
        assert_eq!(results.len(), writes(&ran).len(), "walk {seed}:\n{script}");
        assert_eq!(writes(&planned), writes(&ran), "walk {seed}:\n{script}");
        assert!(held(&planned) == held(&ran), "walk {seed} leaves something else behind:\n{script}");
    }
}
